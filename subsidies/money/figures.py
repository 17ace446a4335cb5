"""What cases have come to, as figures for staff: days against the promise, refusals by reason, money, 应享未享.

A fixed number of queries over rows that somebody may see. At most MOST_MEASURED cases are looked at, the last decided,
so that a page has an end however many there are. ``cells`` of a row are its line in a file, in the order of HEADINGS.
"""

from contextlib import suppress
from dataclasses import asdict
from decimal import Decimal

from django.core.cache import cache

from accounts.principals import sees_all
from businesses.facts import DISTRICTS
from core.money import FEN_IN_YUAN
from notifications.pushes.uptake import Uptake, uptake
from policies.models import Benefit

from ..models import Envelope

PERIODS = (30, 90, 365)
USUAL_PERIOD = 90
PLACES = {choice.value: choice.label for choice in DISTRICTS}
CITY = "全市"


def yuan(fen: int | None) -> Decimal | None:
    """For files, whose sums are reckoned with: no idle zeros."""
    return None if fen is None else Decimal(fen) / FEN_IN_YUAN


# What was decided


# Money

MONEY_HEADINGS = (
    *("事项编号", "事项", "县区", "年度", "总额（元）", "已预留（元）", "已批准（元）"),
    *("已拨付（元）", "已追回（元）", "还剩（元）"),
)


def envelopes(user, year: int):
    """What there is to spend in a year, as far as ``user`` may see it."""
    return Envelope.objects.visible_to(user).filter(year=year).select_related("benefit")


def money_cells(envelope: Envelope) -> tuple:
    sums = (
        *(envelope.cap_fen, envelope.reserved_fen, envelope.granted_fen, envelope.paid_fen),
        *(envelope.recovered_fen, envelope.left_fen),
    )
    place = PLACES.get(envelope.district, CITY)
    named = envelope.benefit.code, envelope.benefit.title, place, envelope.year
    return (*named, *map(yuan, sums))


# 应享未享

UPTAKE_KEY, UPTAKE_SECONDS = "subsidies.money.figures.uptake", 600


def not_taken_up(user) -> list[Uptake]:
    """What shops could have and have not applied for, of the benefits that the department of ``user`` leads, the most
    shops first. Auditor and administrator: of all."""
    rows, own = _recent_uptake(), led_by(user)
    return sorted((row for row in rows if own is None or row.benefit in own), key=lambda row: -row.shops)


def led_by(user) -> set[str] | None:
    """Codes of the benefits that the department of ``user`` leads; None for auditor and administrator, who see all."""
    if sees_all(user):
        return None
    return set(Benefit.objects.filter(measure__lead=user.department_id or 0).values_list("code", flat=True))


def _recent_uptake():
    """As of at most UPTAKE_SECONDS ago: over the register of a whole city it takes a second or two."""
    found = None
    with suppress(Exception):  # without a cache it is reckoned every time
        found = [Uptake(**row) for row in cache.get(UPTAKE_KEY)]
    if found is None:
        found = uptake()
        with suppress(Exception):
            cache.set(UPTAKE_KEY, [asdict(row) for row in found], UPTAKE_SECONDS)
    return found
