"""Visits over the API: what is answered. Nobody of the staff is named, and no note but to its bureau."""

from typing import Annotated, Any, ClassVar, Literal

from django.utils import timezone
from pydantic import Field

from cases.procedure import CLOSED, OPEN, OUTCOMES
from core.api import Answer
from core.api.spelling import Date, Id, Instant, Version
from policies.api_answers import NamedCode

from ..models import VisitCase
from ..procedure import VISIT
from .bodies import CAUSES, EXAMPLE

STATES = list(VISIT.states)
NOON = "2026-11-24T09:30:00+08:00"


class VisitOut(Answer):
    """一次检查。"""

    id: Annotated[Id, Field(description="这一件的编号，不会变。")]
    number: Annotated[str, Field(description="办件编号")]
    business: Annotated[Id, Field(description="哪家店")]
    shop: Annotated[str, Field(description="店名")]
    department: Annotated[NamedCode, Field(description="哪个单位来")]
    items: Annotated[list[str], Field(description="查什么")]
    from_on: Date
    until_on: Date
    on: Annotated[Date | None, Field(description="定了或建议的日子；还没有的是 null")]
    because: Literal[tuple(CAUSES)]
    note: Annotated[str | None, Field(description="为什么要去，只给本单位看；别人看是 null")]
    state: Literal[tuple(STATES)]
    label: Annotated[str, Field(description="状态的说法")]
    phase: Literal[OPEN, CLOSED]
    outcome: Annotated[Literal[tuple(OUTCOMES)] | None, Field(description="结果；没有查完的是 null")]
    result: Annotated[str | None, Field(description="检查结果；没有写的是 null")]
    reason: Annotated[str, Field(description="为什么取消")]
    version: Version
    arrived_at: Annotated[Instant | None, Field(description="扫码到店的时刻")]
    planned_at: Instant

    example: ClassVar[Any] = {
        "id": "5b0c1c34-6a4e-4f0a-8a53-1d2f1f0a2c21",
        "number": "LPS-2026-00000012",
        "business": "7f0c6c1e-5f0e-4f3a-9a53-3f1f1f0a2b11",
        "shop": "钟山区老街茶铺",
        "department": {"code": "ecology", "name": "市生态环境局"},
        **{name: EXAMPLE[name] for name in ("items", "from_on", "until_on")},
        "on": "2026-12-09",
        "because": "normal",
        "note": None,
        "state": "set",
        "label": "已定日期",
        "phase": OPEN,
        "outcome": None,
        "result": None,
        "reason": "",
        "version": 2,
        "arrived_at": None,
        "planned_at": NOON,
    }


def visit_as_json(case: VisitCase, principal) -> VisitOut:
    """``case.messages``: what its bureau has written, the newest first."""
    visit, results = case.visit, case.messages.all()
    own = getattr(principal, "department_id", None) == case.department_id
    return VisitOut.of_values(
        id=str(case.public_id),
        business=str(case.business.public_id),
        shop=case.business.name,
        department=NamedCode.of(case.department),
        label=case.label_for(principal),
        outcome=case.outcome or None,
        note=visit.note if own else None,
        result=results[0].words if results else None,
        planned_at=timezone.localtime(case.submitted_at),
        arrived_at=visit.arrived_at and timezone.localtime(visit.arrived_at),
        **{name: getattr(visit, name) for name in ("items", "from_on", "until_on", "on", "because")},
        **{name: getattr(case, name) for name in ("number", "state", "phase", "reason", "version")},
    )
