"""Messages as the API shows them, with the dates and amounts of today's decisions."""

from typing import Annotated, Any, ClassVar, Literal

from django.utils import timezone
from pydantic import Field

from businesses.models import Business
from core.api import Answer
from core.api.spelling import Code, Date, Id, Instant, Money
from core.money import yuan_of_json
from policies.catalogue import catalogue
from policies.models import BenefitVersion

from .inbox.cards import KINDS, taken_back
from .truth import decisions_on
from .wording import of_many


class AmountToday(Answer):
    """今天的金额。税费要当场算，这里是 null；不再符合时也是 null。"""

    value: Money | None
    maximum: Money | None
    unit: Literal["once", "month", "year", "percent", "limit"] | None


class MessageOut(Answer):
    """一条消息。"""

    id: int
    business: Annotated[Id, Field(description="说的是哪家店")]
    benefit: Code
    version: Annotated[int, Field(description="按第几版写的")]
    kind: Literal[tuple(dict.fromkeys(KINDS.values()))]
    title: str
    sentence: str
    day: Annotated[Date, Field(description="变化发生在哪一天")]
    eligible_from: Date | None
    apply_before: Date | None
    amount: AmountToday
    created_at: Instant
    read: Annotated[bool, Field(description="店主本人打开过")]

    example: ClassVar[Any] = {
        "id": 12,
        "business": "7f0c6c1e-5f0e-4f3a-9a53-3f1f1f0a2b11",
        "benefit": "M05c",
        "version": 1,
        "kind": next(iter(KINDS.values())),
        "title": "您的店可以申请场地租金补贴",
        "sentence": "现在可以申请，每月 500 元。",
        "day": "2026-11-24",
        "eligible_from": None,
        "apply_before": "2029-01-14",
        "amount": {"value": "500.00", "maximum": "18000.00", "unit": "month"},
        "created_at": "2026-11-24T09:30:00+08:00",
        "read": False,
    }

    @classmethod
    def of(cls, rows) -> "list[MessageOut]":
        """Of one or a hundred with the same number of queries."""
        known, today = catalogue(), timezone.localdate()
        benefits = {benefit.pk: benefit for benefit in known.benefits.values()}
        matches = decisions_on(rows)
        words = of_many(rows, matches=matches)
        shops = Business.objects.filter(pk__in={row.business_id for row in rows})
        public_ids = dict(shops.values_list("pk", "public_id"))
        numbers = BenefitVersion.objects.filter(pk__in={row.version_id for row in rows})
        numbers = dict(numbers.values_list("pk", "number"))

        def one(row):
            benefit = benefits[row.benefit_id]
            gone = taken_back(known, benefit, today)
            match = None if gone else matches.get((row.benefit_id, row.business_id))
            return cls.of_values(
                id=row.pk,
                business=str(public_ids[row.business_id]),
                benefit=benefit.code,
                version=numbers[row.version_id],
                kind=KINDS[row.kind],
                title=words[row.pk].title,
                sentence=words[row.pk].sentence,
                day=row.day,
                eligible_from=match and match.eligible_from,
                apply_before=match and match.apply_before,
                amount=_amount(match, benefit, today),
                created_at=timezone.localtime(row.created_at),
                read=row.opened_at is not None,
            )

        return [one(row) for row in rows]


def _amount(match, benefit, day):
    version = benefit.in_force_on(day)
    return AmountToday.of_values(
        value=yuan_of_json(match and match.value_fen),
        maximum=yuan_of_json(match and match.maximum_fen),
        unit=version.rule.amount.unit if version else None,
    )
