"""The figures of /effect/, reckoned over whole tables by the clock and read by pages as one row."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Case as When
from django.db.models import Count, F, QuerySet, Sum
from django.db.models import When as If
from django.db.models.functions import Coalesce, ExtractMonth, ExtractYear
from django.utils import timezone

from cases.figures import DECIDED, Decided, percentile
from cases.models import Case, Rating
from core.models import Reckoning
from eligibility.models import Match
from notifications.models import Change, Notification
from policies.catalogue import catalogue
from subsidies.models import Application, Payment

from .hiding import BENEFIT, FEW, LEAST, MONTH, SHOWN, Kept, keep

NAME = "effect"
MONTHS = 12
# From one day to the next a figure grows by a handful of people; from one week to the next that says nothing of them.
STANDS_FOR = timedelta(days=7)
BETWEEN_PEOPLE = ("visit", "contact")  # the state comes to the shop; two people about work


def reckon(today: date | None = None, *, anew=False) -> bool:
    """Write all figures as of ``today``, unless those that stand are younger than a week; whether it did."""
    today = today or timezone.localdate()
    standing = Reckoning.objects.filter(name=NAME).first()
    if standing and not anew and today < standing.day + STANDS_FOR:
        return False
    content = {"months": [month.isoformat() for month in months_to(today)]}
    content |= {name: figure(today) for name, figure in FIGURES.items()}
    Reckoning.objects.update_or_create(name=NAME, defaults={"day": today, "content": content})
    return True


def months_to(today: date) -> list[date]:
    """The first days of the last twelve months, this one with it."""
    months = [today.replace(day=1)]
    while len(months) < MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months[::-1]


@dataclass(frozen=True)
class Source:
    """Rows of one kind of event. ``person``: who stands behind one, ``benefit`` and ``at``: what it is about, and when;
    ``value``: what is added up besides people."""

    rows: Callable[[], QuerySet]
    person: object
    benefit: str
    at: str
    value: object = None

    def within(self, today) -> QuerySet:
        first = timezone.make_aware(datetime.combine(months_to(today)[0], time.min))
        last = timezone.make_aware(datetime.combine(today + timedelta(days=1), time.min))
        rows = self.rows().filter(**{f"{self.at}__gte": first, f"{self.at}__lt": last})
        named = {MONTH: ExtractYear(self.at) * 12 + ExtractMonth(self.at), "person": self.person}
        if self.benefit != BENEFIT:
            named[BENEFIT] = F(self.benefit)
        return rows.order_by().annotate(**named)

    def __call__(self, today) -> dict:
        kept = keep(self.within(today))
        values = {"people": Count("person", distinct=True)}
        if self.value is not None:
            values["value"] = self.value

        numbers = {
            (column, row.pop(column)): row
            for column in (MONTH, BENEFIT)
            for row in kept.rows.values(column).annotate(**values)
        }
        return _told(kept, today, kept.rows.aggregate(**values), numbers)


def _told(kept: Kept, today, total, numbers) -> dict:
    """As it is stored: ``{total, hidden, months: [cell], benefits: {code: cell}}``; a cell is its state and its
    numbers. ``hidden``: whether anything is."""
    codes = {pk: benefit.code for pk, benefit in catalogue().by_id.items()}

    def told(cell) -> dict:
        return {"state": kept.state_of(cell), **numbers.get(cell, {})}

    return {
        "total": total,
        "hidden": bool(kept.few or kept.left_out),
        "months": [told((MONTH, month.year * 12 + month.month)) for month in months_to(today)],
        "benefits": {
            codes[value]: told((column, value))
            for column, value in kept.cells
            if column == BENEFIT and value in codes
        },
    }


# People who asked for something are operators, or users without a shop: two kinds of numbers.
def _asker(path="") -> Coalesce:
    return Coalesce(F(f"{path}operator_id"), -F(f"{path}asker_id"))


def _cases() -> QuerySet:
    return Case.objects.filed().exclude(procedure__in=BETWEEN_PEOPLE)


def _marks(**which) -> Source:
    rows = Rating.objects.exclude(case__procedure__in=BETWEEN_PEOPLE[1:])
    return Source(
        lambda: rows.filter(level__isnull=False, **which),
        _asker("case__"),
        "case__benefit_id",
        "rated_at",
        Count("pk"),
    )


TOLD = Source(
    lambda: Notification.objects.exclude(kind=Change.ENDED), F("operator_id"), "benefit_id", "created_at"
)
OPENED = Source(
    lambda: TOLD.rows().filter(opened_at__isnull=False), F("operator_id"), "benefit_id", "created_at"
)
APPLIED = Source(_cases, _asker(), "benefit_id", "submitted_at")
_APPLICATION = "instalment__grant__application__"
PAID = Source(
    lambda: Payment.objects.filter(status=Payment.Status.PAID),
    F(f"{_APPLICATION}operator_id"),
    f"{_APPLICATION}benefit_id",
    "settled_at",
    Sum("amount_fen"),
)


# Days until a decision

DECISIONS = Source(
    lambda: Application.objects.filter(outcome__in=DECIDED).exclude(decided_at=F("submitted_at")),
    F("operator_id"),
    "benefit_id",
    "decided_at",
)


def days(today: date) -> dict:
    """Working days from filing to the decision, as staff read them (cases/figures.py), of shown cells alone."""
    kept = keep(DECISIONS.within(today))
    total, used = Counter(), defaultdict(Counter)
    pks = {benefit.code: pk for pk, benefit in catalogue().by_id.items()}
    for column, month in kept.people:
        if column != MONTH:
            continue
        inside = Application.objects.filter(pk__in=kept.rows.filter(month=month).values("pk"))
        for pace in Decided(inside, 366 * 2, today).paces:
            for cell in ((MONTH, month), (BENEFIT, pks[pace.code])):
                used[cell] += pace.days
            total += pace.days
    return _told(kept, today, _pace(total), {cell: _pace(days) for cell, days in used.items()})


def _pace(used: Counter) -> dict:
    return {"median": percentile(used, 50), "ninetieth": percentile(used, 90)} if used else {}


# What nobody has come for


def unclaimed(today: date) -> dict:
    """Of each benefit with cash, of today; what shops of fewer than LEAST people could have is in no sum."""
    cells, total = {}, 0
    for benefit, people, fen in _open_sums(today):
        if people < LEAST:
            cells[benefit] = {"state": FEW}
            continue
        cells[benefit] = {"state": SHOWN, "people": people, "value": fen}
        total += fen
    hidden = any(cell["state"] == FEW for cell in cells.values())
    return {"total": {"value": total}, "hidden": hidden, "months": [], "benefits": cells}


def _open_sums(today) -> Iterator:
    """(code, people, fen). What is so much a month counts with all its months."""
    cash = {"once": [], "month": []}
    for pk, benefit in catalogue().by_id.items():
        version = benefit.in_force_on(today)
        unit = getattr(version.rule.amount, "unit", None) if version else None
        if unit in cash:
            cash[unit].append(pk)
    fen = When(
        If(benefit_id__in=cash["month"], then=F("maximum_fen")), default=Coalesce("value_fen", "maximum_fen")
    )
    rows = Match.objects.filter(
        closed_on=None, state=Match.State.NOW, benefit_id__in=[*cash["once"], *cash["month"]]
    )
    sums = rows.order_by().values_list("benefit_id")
    for pk, people, total in sums.annotate(people=Count("operator_id", distinct=True), total=Sum(fen)):
        yield catalogue().by_id[pk].code, people, int(total or 0)


FIGURES: dict[str, Callable[[date], dict]] = {
    "told": TOLD,
    "opened": OPENED,
    "applied": APPLIED,
    "paid": PAID,
    "days": days,
    "unclaimed": unclaimed,
    "good": _marks(level__gt=Rating.BAD),
    "bad": _marks(level__lte=Rating.BAD),
}
