"""What a contract is about: the work, the pay and the two who agree, as plain values; and what follows from them."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.money import in_yuan
from core.wording import day_text, number_text

BLANK = "＿＿＿＿＿＿"  # to be written by hand
EVERY_DAY = 0b1111111
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
STANDARD_HOURS, LONGEST_WEEK = 8, 44  # 劳动法36条
PART_TIME_DAY, PART_TIME_WEEK = 4, 24  # 劳动合同法68条
# 劳动合同法19条: a term of at least so many months allows a probation of so many.
PROBATION = ((36, 6), (12, 2), (3, 1))


@dataclass(frozen=True)
class Terms:
    """What is known; None, or empty words, where nothing is. ``days``: bit mask of the week, 1 is Monday; ``hours`` a
    day; ``pay``: yuan per ``unit`` (hour, day, piece, month); ``adult_on``: the worker's 18th birthday."""

    shop: str = ""
    operator: str = ""
    address: str = ""
    worker: str = ""
    trade: str = ""
    title: str = ""
    place: str = ""
    days: int | None = None
    hours: int | None = None
    pay: Decimal | None = None
    unit: str = ""
    from_on: date | None = None
    until_on: date | None = None
    night: bool = False
    lodging: bool = False
    meals: bool = False
    is_hard: bool = False
    adult_on: date | None = None

    @property
    def is_blank(self) -> bool:
        """Whether it is of no work at all: the form to fill in by hand."""
        return self.from_on is None

    @property
    def is_minor(self) -> bool:
        """Whether the worker is under 18 when the work begins."""
        return bool(self.adult_on and self.from_on and self.from_on < self.adult_on)

    @property
    def days_a_week(self) -> int:
        return (self.days or 0).bit_count()

    @property
    def is_part_time(self) -> bool:
        """非全日制用工: paid by the hour, at most four a day and 24 a week."""
        hours = self.hours or 0
        return self.unit == "hour" and hours <= PART_TIME_DAY and hours * self.days_a_week <= PART_TIME_WEEK

    @property
    def has_long_hours(self) -> bool:
        """Whether what the post says is more than the law lets stand without overtime."""
        hours = self.hours or 0
        return hours > STANDARD_HOURS or hours * self.days_a_week > LONGEST_WEEK

    @property
    def longest_probation(self) -> int:
        """In months; 0 where none may be agreed."""
        if self.is_blank or self.until_on is None or self.is_part_time:
            return 0
        months = whole_months(self.from_on, self.until_on)
        return next((longest for least, longest in PROBATION if months >= least), 0)

    def flags(self) -> set[str]:
        """The words that clauses and questions go by (``when``, ``unless`` in data/contracts)."""
        if self.is_blank:
            return {"blank_form"}
        holds = {
            self.unit: True,
            "every_day": self.days == EVERY_DAY,
            "rests": self.days != EVERY_DAY,
            "part_time": self.is_part_time,
            "long_hours": self.has_long_hours,
            "probation": self.longest_probation > 0,
            "short": self.longest_probation == 0,
            "night": self.night,
            "minor": self.is_minor,
            "lodging": self.lodging,
            "meals": self.meals,
        }
        return {word for word, is_so in holds.items() if is_so}

    def words(self) -> dict[str, str]:
        """What stands in the clauses; a blank where nothing is known."""
        hours = self.hours
        said = {
            "shop": self.shop,
            "operator": self.operator,
            "address": self.address,
            "worker": self.worker,
            "trade": self.trade,
            "title": self.title,
            "place": self.place,
            "when": hours and _when(self.days, hours),
            "hours": hours and str(hours),
            "days": days_text(self.days),
            "standard_hours": hours and str(min(hours, STANDARD_HOURS)),
            "pay": self.pay is not None and number_text(self.pay),
            "from_on": self.from_on and day_text(self.from_on),
            "until_on": self.until_on and day_text(self.until_on),
        }
        return {key: value or BLANK for key, value in said.items()} | {"blank": BLANK}


def whole_months(first: date, last: date) -> int:
    """How many months a term fills that goes from ``first`` to ``last``, both included."""
    after = last + timedelta(days=1)
    months = (after.year - first.year) * 12 + after.month - first.month
    return months if after.day >= first.day else months - 1


def _when(days, hours) -> str:
    every = f"每天 {hours} 小时"
    return every if days == EVERY_DAY else f"{days_text(days)}，{every}"


def days_text(days: int | None) -> str:
    if not days:
        return ""
    if days == EVERY_DAY:
        return "每天"
    return "、".join(label for place, label in enumerate(WEEKDAYS) if days >> place & 1)


def terms_of(contact) -> Terms:
    """What a contact of two (jobs.models.Contact, with its post, shop, operator and worker) is about."""
    post, worker, shop = contact.post, contact.worker, contact.post.business
    return Terms(
        shop=shop.name,
        operator=shop.operator.name if shop.operator else "",
        address=shop.address,
        worker=worker.user.get_full_name(),
        trade=post.trade_label,
        title=post.title,
        place=post.place_label,
        days=post.days,
        hours=post.hours,
        pay=in_yuan(post.pay_fen),
        unit=post.unit,
        from_on=post.from_on,
        until_on=post.until_on,
        night=post.night,
        lodging=post.lodging,
        meals=post.meals,
        is_hard=post.is_hard,
        adult_on=worker.adult_on,
    )
