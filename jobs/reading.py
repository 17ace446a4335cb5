"""What people type about work and about themselves, read strictly: every fault at once, each by its field."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from businesses.rules import refuse_numbers
from cases.wording import kept_words
from core.errors import Fault, Invalid
from core.facts import Misread, read_date, read_money
from core.money import in_fen

from .facts import WORKER
from .models import Post
from .models.posts import EVERY_DAY
from .pairs.requirements import MOST_YEARS, NOTHING, OLDEST, asked, read
from .settings import figure, said
from .trades import counties, trades

FARTHEST = timedelta(days=366)


class Typed:
    """Reads fields of a form or a JSON body and gathers what is wrong. ``done`` raises Invalid."""

    def __init__(self, raw: Mapping) -> None:
        self.raw = raw
        self.faults: list[Fault] = []

    def fault(self, field: str, detail: str, code="invalid") -> None:
        self.faults.append(Fault(field, code, detail))

    def take(self, field: str, reader: Callable[[Any], Any], *, default=None) -> Any:
        """What ``reader`` makes of a field, ``default`` where nothing is there."""
        raw = self.raw.get(field)
        if raw in (None, ""):
            if default is None:
                self.fault(field, "请填这一项", "required")
            return default
        try:
            return reader(raw)
        except (Misread, ValueError) as problem:
            self.fault(field, getattr(problem, "detail", "") or str(problem) or "请重新填")
            return default

    def done(self) -> None:
        if self.faults:
            raise Invalid(self.faults)

    # Kinds of fields

    def text(self, field, longest, *, required=False) -> str:
        words = kept_words(str(self.raw.get(field) or ""))
        if required and not words:
            self.fault(field, "请填这一项", "required")
        if len(words) > longest:
            self.fault(field, f"最多写 {longest} 个字，您写了 {len(words)} 个", "too_long")
        try:
            refuse_numbers(field, words)
        except Invalid as problem:
            self.faults += problem.faults
        return words

    def whole(self, field, least, most, unit, *, default=None) -> int | None:
        def inside(raw) -> int:
            text = str(raw).strip()
            number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
            if not least <= number <= most:
                raise ValueError(f"请填 {least} 到 {most} {unit}")
            return number

        return self.take(field, inside, default=default)

    def day(self, field) -> date | None:
        return self.take(field, read_date)

    def flag(self, field) -> bool:
        return self.raw.get(field) in (True, "true", "on", "1")

    def one_of(self, field, known, words) -> str:
        def inside(raw) -> str:
            if raw not in known:
                raise ValueError(words)
            return raw

        return self.take(field, inside) or ""

    def some_of(self, field, known, most, words) -> list[str]:
        raw = self.raw.getlist(field) if hasattr(self.raw, "getlist") else self.raw.get(field)
        chosen = list(dict.fromkeys(raw)) if isinstance(raw, list | tuple) else []
        if not chosen or any(key not in known for key in chosen):
            self.fault(field, words, "required" if not chosen else "invalid_choice")
        elif len(chosen) > most:
            self.fault(field, f"最多选 {most} 个", "too_many")
        return [key for key in chosen if key in known][:most]

    def weekdays(self, field="days") -> int:
        raw = self.raw.getlist(field) if hasattr(self.raw, "getlist") else self.raw.get(field)
        if raw in (None, "", []):
            return EVERY_DAY
        chosen = raw if isinstance(raw, list | tuple) else [raw]
        numbers = {int(str(one)) for one in chosen if str(one) in tuple("1234567")}
        if len(numbers) < len(set(map(str, chosen))):
            self.fault(field, "一周的日子写 1 到 7，1 是周一")
        return sum(1 << number - 1 for number in numbers) or EVERY_DAY


def read_post(raw: Mapping) -> dict:
    """The columns of a post. Raises Invalid."""
    typed, today = Typed(raw), timezone.localdate()
    values = {
        "trade": typed.one_of("trade", trades(), "请选一个工种"),
        "county": typed.one_of("county", counties(), "请选在哪个县区"),
        "title": typed.text("title", 30, required=True),
        "words": typed.text("words", 500),
        "place": typed.text("place", 60),
        "from_on": typed.day("from_on"),
        "until_on": typed.day("until_on"),
        "days": typed.weekdays(),
        "hours": typed.whole("hours", 1, figure("most_hours"), "小时", default=8),
        "people": typed.whole("people", 1, 200, "人", default=1),
        **{flag: typed.flag(flag) for flag in ("night", "lodging", "meals", "season")},
    }
    _check_days(typed, values, today)
    values |= _read_pay(typed, values["hours"] or 8)
    values["requirements"] = _read_requirements(typed)
    typed.done()
    trade = trades()[values["trade"]]
    return values | {"is_hard": trade.hard or values["night"]}


def _check_days(typed, values, today) -> None:
    first, last = values["from_on"], values["until_on"]
    if last is not None and last < today:
        typed.fault("until_on", "这一天已经过去了，请改成今天或以后", "past")
    elif first is not None and last is not None and last < first:
        typed.fault("until_on", "结束的日子不能早于开始的日子", "too_early")
    elif last is not None and last > today + FARTHEST:
        typed.fault("until_on", "最远写到一年以后", "too_far")


def _read_pay(typed, hours) -> dict:
    """What is paid, and what a day comes to."""
    unit = typed.one_of("unit", Post.Unit.values, "请选工钱怎么算")
    pay = typed.take("pay", read_money)
    if not unit or pay is None:
        return {}
    limits = said()["pay"][unit]
    least, most = (read_money(limits[end]) for end in ("least", "most"))
    if not least <= pay <= most:
        typed.fault(
            "pay",
            f"{limits['label']}的工钱在 {limits['least']} 到 {limits['most']} 元之间，请核对",
            "out_of_range",
        )
        return {}
    pieces = typed.whole("pieces", 1, 100_000, "件") if unit == Post.Unit.PIECE else None
    fen = in_fen(pay)
    by_day = {
        Post.Unit.HOUR: fen * hours,
        Post.Unit.DAY: fen,
        Post.Unit.PIECE: fen * (pieces or 1),
        Post.Unit.MONTH: fen // figure("days_a_month"),
    }
    return {"unit": unit, "pay_fen": fen, "pieces": pieces, "day_fen": by_day[unit]}


def _read_requirements(typed) -> dict:
    """A tree as programs send it, or what the form offers."""
    tree = typed.raw.get("requirements")
    if tree is not None:
        try:
            return read(tree)
        except Invalid as problem:
            typed.faults += problem.faults
            return NOTHING
    age = typed.whole("least_age", figure("youngest"), OLDEST, "岁", default=0)
    years = typed.whole("experience", 0, MOST_YEARS, "年", default=0)
    known = {choice.value for choice in WORKER["certificates"].choices}
    raw = (
        typed.raw.getlist("certificates")
        if hasattr(typed.raw, "getlist")
        else typed.raw.get("certificates") or []
    )
    certificates = [one for one in dict.fromkeys(raw) if one in known]
    return asked(age=age, experience=years, certificates=certificates, tools=typed.flag("needs_tools"))


def read_worker(raw: Mapping) -> dict:
    """The columns of a worker. Raises Invalid."""
    typed, today = Typed(raw), timezone.localdate()
    born = typed.take("born_on", read_date)
    values = {
        "shown_name": typed.text("shown_name", 12, required=True),
        "trades": typed.some_of("trades", trades(), 8, "请选会做的活"),
        "counties": typed.some_of("counties", counties(), 8, "请选愿意去的地方"),
        "from_on": typed.day("from_on"),
        "until_on": typed.day("until_on"),
        "days": typed.weekdays(),
        "hours": typed.whole("hours", 1, figure("most_hours"), "小时", default=8),
        "experience": typed.whole("experience", 0, 60, "年", default=0),
        "has_tools": typed.flag("has_tools"),
        "needs_lodging": typed.flag("needs_lodging"),
        "only_season": typed.flag("only_season"),
    }
    _check_days(typed, values, today)
    wants = typed.take("wants", read_money)
    limits = said()["pay"]["day"]
    if wants is not None and not limits["least"] <= wants <= limits["most"]:
        typed.fault(
            "wants", f"一天想要的钱在 {limits['least']} 到 {limits['most']} 元之间，请核对", "out_of_range"
        )
    if born is not None:
        values |= _of_age(typed, born, today)
    values |= _read_certificates(typed)
    typed.done()
    return values | {"wants_fen": in_fen(wants)}


def _of_age(typed, born, today) -> dict:
    if born > today or born.year < today.year - 100:
        typed.fault("born_on", "出生日期不对，请核对", "out_of_range")
        return {}
    if birthday(born, figure("youngest")) > today:
        typed.fault("born_on", f"不满 {figure('youngest')} 周岁不能找活（劳动法第十五条）", "too_young")
    return {"born_on": born, "adult_on": birthday(born, figure("adult"))}


def birthday(born: date, age: int) -> date:
    """The day on which somebody is ``age``; who was born on 29 February, on 1 March."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def _read_certificates(typed) -> dict:
    fact = WORKER["certificates"]
    raw = (
        typed.raw.getlist("certificates")
        if hasattr(typed.raw, "getlist")
        else typed.raw.get("certificates") or []
    )
    known = {choice.value for choice in fact.choices}
    held = fact.whole_answer(one for one in dict.fromkeys(raw) if one in known)
    return {"certificates_yes": held.yes, "certificates_known": held.known}
