"""What may have to be filled in with a verb: one place says what it is called and how it is read.

An input that is a column of the case or of its detail row is saved there; ``words`` become a message of the thread, and
``note`` a line of the audit which owners do not see.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from accounts.models import Department
from core.errors import Fault, Invalid
from core.facts import Misread, read_date
from core.wording import day_text

from .models import Case
from .models.message import LONGEST
from .wording import kept_words


@dataclass(frozen=True)
class Input:
    """``kind``: text, a day ahead, or a department. ``longest``: characters of a text; ``nearest``, ``furthest``: days
    ahead, 0 for today."""

    label: str
    kind: str = "text"
    longest: int = 1_000
    nearest: int = 1
    furthest: int = 90
    hint: str = ""


INPUTS: dict[str, Input] = {
    "words": Input("内容", longest=LONGEST),
    "note": Input("内部说明", longest=500, hint="只有工作人员看得到。"),
    "department": Input("转给哪个单位", kind="department"),
    "until": Input("请在哪天前补充", kind="day"),
}


def input_of(name: str) -> Input:
    """What is asked for under ``name``: one of INPUTS, or else a text that is a column of the case."""
    if name in INPUTS:
        return INPUTS[name]
    column = Case._meta.get_field(name)
    return Input(str(column.verbose_name), longest=column.max_length or 0)


def read(needs: tuple[str, ...], typed: Mapping) -> dict:
    """``{name: value}`` of all that is needed, as ``typed``. Raises Invalid naming each that is missing or wrong."""
    values, faults = {}, []
    for name in needs:
        try:
            wanted = input_of(name)
            values[name] = _READERS[wanted.kind](wanted, typed.get(name))
        except ValueError as problem:
            code = "invalid" if str(typed.get(name) or "").strip() else "required"
            faults.append(Fault(name, code, str(problem)))
    if faults:
        raise Invalid(faults)
    return values


def _read_text(wanted, raw) -> str:
    text = kept_words(raw) if isinstance(raw, str) else ""
    if not text:
        raise ValueError(f"请填写“{wanted.label}”")
    if len(text) > wanted.longest:
        raise ValueError(f"“{wanted.label}”最多 {wanted.longest} 个字，您写了 {len(text)} 个")
    return text


def _read_day(wanted, raw) -> date:
    today = timezone.localdate()
    if not raw:
        raise ValueError(f"请填写“{wanted.label}”")
    try:
        day = read_date(raw)
    except Misread as problem:
        raise ValueError(f"“{wanted.label}”：{problem.detail}") from None
    if not wanted.nearest <= (day - today).days <= wanted.furthest:
        since = "以后" if wanted.nearest else "起"
        raise ValueError(f"“{wanted.label}”要在 {day_text(today)}{since}、{wanted.furthest} 天以内")
    return day


def _read_department(wanted, raw) -> Department:
    row = Department.objects.filter(code=str(raw or "")).first()
    if row is None:
        raise ValueError(f"请选择“{wanted.label}”")
    return row


_READERS = {"text": _read_text, "day": _read_day, "department": _read_department}
