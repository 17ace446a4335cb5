"""What cases have come to, as figures for staff: days against the promise, refusals by reason, money, 应享未享.

A fixed number of queries over rows that somebody may see. At most MOST_MEASURED cases are looked at, the last decided,
so that a page has an end however many there are. ``cells`` of a row are its line in a file, in the order of HEADINGS.
"""

from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache

from django.core.cache import cache
from django.db.models import F, Max
from django.utils import timezone
from django.utils.timezone import localdate

from businesses.facts import DISTRICTS
from cases.models import Appeal, Correction
from cases.procedure import GRANTED, REFUSED
from cases.terms import terms_of
from core.money import FEN_IN_YUAN
from core.workdays import workdays_between
from notifications.uptake import Uptake, uptake
from policies.criteria.sentence import sentence
from policies.models import Benefit, BenefitVersion

from .judging import rule_of
from .models import Envelope

PERIODS = (30, 90, 365)
USUAL_PERIOD = 90
MOST_MEASURED = 20_000
# Where the bureau has decided; what was withdrawn has a day too, which is not a decision.
DECIDED = (GRANTED, REFUSED)
PLACES = {choice.value: choice.label for choice in DISTRICTS}
CITY = "全市"


def share(part: int, whole: int) -> Decimal | None:
    """Per cent to one place; None of nothing."""
    return None if not whole else (Decimal(100 * part) / whole).quantize(Decimal("0.1"))


def yuan(fen: int | None) -> Decimal | None:
    """For files, whose sums are reckoned with: no idle zeros."""
    return None if fen is None else Decimal(fen) / FEN_IN_YUAN


def percentile(days: Counter, per_cent: int) -> int:
    """The least number of days in which at least ``per_cent`` of the cases were decided (nearest rank), of
    ``{days: cases}`` with at least one case."""
    wanted, passed = sum(days.values()) * per_cent, 0
    for day in sorted(days):
        passed += 100 * days[day]
        if passed >= wanted:
            return day
    raise ValueError("no cases")


# What was decided


@dataclass
class Pace:
    """Working days that the cases of a benefit took against those promised. ``days``: {working days: cases};
    ``in_time`` of those ``promised_cases`` for which something was promised, ``promises``: how many days that was."""

    code: str
    title: str
    days: Counter = field(default_factory=Counter)
    promises: set = field(default_factory=set)
    promised_cases: int = 0
    in_time: int = 0

    HEADINGS = (
        *("事项编号", "事项", "办结（件）", "一半在几个工作日内办结（P50）"),
        *("九成在几个工作日内办结（P90）", "承诺（工作日）", "有承诺的（件）", "按时（件）", "按时（%）"),
    )

    def add(self, used: int, promised: int | None, cases: int = 1):
        self.days[used] += cases
        if promised is not None:
            self.promises.add(promised)
            self.promised_cases += cases
            self.in_time += cases if used <= promised else 0

    @property
    def count(self) -> int:
        return self.days.total()

    @property
    def median(self) -> int:
        return percentile(self.days, 50)

    @property
    def ninetieth(self) -> int:
        return percentile(self.days, 90)

    @property
    def promised(self) -> str:
        """15, or 10、15 where versions differ; empty where nothing is promised."""
        return "、".join(str(days) for days in sorted(self.promises))

    @property
    def share(self) -> Decimal | None:
        return share(self.in_time, self.promised_cases)

    @property
    def cells(self) -> tuple:
        told = self.promised_cases, self.in_time, self.share
        return (self.code, self.title, self.count, self.median, self.ninetieth, self.promised, *told)


@dataclass
class Reason:
    """A criterion that was not met, and how many of the ``refused`` cases were refused for it, among others."""

    code: str
    title: str
    sentence: str
    count: int
    refused: int

    HEADINGS = ("事项编号", "事项", "不符合的条件", "件数", "占不予批准的（%）")

    @property
    def share(self) -> Decimal | None:
        return share(self.count, self.refused)

    @property
    def cells(self) -> tuple:
        return (self.code, self.title, self.sentence, self.count, self.share)


class Decided:
    """The decisions of ``days`` days up to and with ``today`` among ``rows``, a queryset of applications.

    Not among them: what was withdrawn, and 免申即享 granted in the moment in which it was confirmed.
    """

    def __init__(self, rows, days: int, today: date):
        self.first, self.today = today - timedelta(days=days - 1), today
        begun = timezone.make_aware(datetime.combine(self.first, time.min))
        rows = rows.filter(outcome__in=DECIDED, decided_at__gte=begun).exclude(decided_at=F("submitted_at"))
        self._rows = rows.order_by("-decided_at", "-pk")[:MOST_MEASURED]

    @cached_property
    def paces(self) -> list[Pace]:
        """Days of every benefit of which something was decided."""
        found = {}
        for pk, days in self._read.days.items():
            version = self._versions[pk]
            pace = found.setdefault(version.benefit_id, Pace(version.benefit.code, version.benefit.title))
            promised = terms_of(version).promised_working_days
            for used, cases in days.items():
                pace.add(used, promised, cases)
        return sorted(found.values(), key=lambda pace: pace.code)

    @cached_property
    def reasons(self) -> list[Reason]:
        """Criteria for which cases were refused, the most frequent first. Versions that say the same are one."""
        counts = Counter()
        for (pk, name), cases in self._read.failed.items():
            version = self._versions[pk]
            sentences = self._sentences(version)
            counts[version.benefit.code, version.benefit.title, sentences.get(name, name)] += cases
        found = [Reason(*which, count, self.refused) for which, count in counts.items()]
        return sorted(found, key=lambda reason: (-reason.count, reason.code, reason.sentence))

    @property
    def count(self) -> int:
        return sum(days.total() for days in self._read.days.values())

    @property
    def refused(self) -> int:
        return self._read.refused

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than were looked at."""
        return self.count >= MOST_MEASURED

    @cached_property
    def _read(self):
        """One pass over the cases, which keeps figures and forgets cases."""
        found, between = _Read(), lru_cache(None)(workdays_between)
        begun, stops = self._begun(), self._stops()
        names = ("pk", "benefit_version", "outcome", "submitted_at", "decided_at", "failed")
        for pk, version, outcome, submitted_at, decided_at, failed in self._rows.values_list(
            *names
        ).iterator():
            start = begun.get(pk, submitted_at)
            used = between(localdate(start), localdate(decided_at))
            for asked_at, answered_at in stops.get(pk, ()):
                if asked_at >= start:
                    used -= between(localdate(asked_at), localdate(answered_at))
            found.days[version][used] += 1
            if outcome == REFUSED:
                found.refused += 1
                found.failed.update((version, name) for name in set(failed))
        return found

    def _stops(self):
        """``{application id: [(asked, answered)]}``: when the clock stood still."""
        found = defaultdict(list)
        rows = Correction.objects.filter(case__in=self._rows.values("pk"), answered_at__isnull=False)
        for pk, *stop in rows.order_by().values_list("case", "asked_at", "answered_at").iterator():
            found[pk].append(stop)
        return found

    def _begun(self):
        """``{application id: instant}`` of those that began anew, because an appeal undid what was decided first."""
        rows = Appeal.objects.filter(case__in=self._rows.values("pk"), outcome="overturned")
        return dict(rows.order_by().values_list("case").annotate(Max("decided_at")))

    @cached_property
    def _versions(self):
        return BenefitVersion.objects.select_related("benefit").in_bulk(list(self._read.days))

    def _sentences(self, version):
        """``{criterion id: sentence}`` as the rule of a version says today."""
        return {node.id: sentence(node, self.today) for node in rule_of(version).criteria.children}


@dataclass
class _Read:
    """What a pass over cases leaves: ``{version id: {working days: cases}}``, ``{(version id, criterion id): cases}``
    and how many were refused."""

    days: defaultdict = field(default_factory=lambda: defaultdict(Counter))
    failed: Counter = field(default_factory=Counter)
    refused: int = 0


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

UPTAKE_KEY, UPTAKE_SECONDS = "subsidies.figures.uptake", 600


def not_taken_up(user) -> list[Uptake]:
    """What shops could have and have not applied for, of the benefits that the department of ``user`` leads, the most
    shops first. Auditor and administrator: of all."""
    rows, own = _recent_uptake(), led_by(user)
    return sorted((row for row in rows if own is None or row.benefit in own), key=lambda row: -row.shops)


def led_by(user) -> set[str] | None:
    """Codes of the benefits that the department of ``user`` leads; None for auditor and administrator, who see all."""
    if user.is_superuser or user.has_perm("accounts.audit_accessevent"):
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
