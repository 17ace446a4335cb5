"""How long cases took and what they were refused for, as figures for staff. Nobody is named."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache

from django.db.models import F, Max
from django.utils import timezone
from django.utils.timezone import localdate

from core.workdays import workdays_between
from policies.criteria.sentence import sentence
from policies.models import BenefitVersion

from .assessment import rule_of
from .models import Appeal, Correction
from .procedure import GRANTED, REFUSED
from .terms import terms_of

MOST_MEASURED = 20_000
# Where the bureau has decided; what was withdrawn has a day too, which is not a decision.
DECIDED = (GRANTED, REFUSED)


def share(part: int, whole: int) -> Decimal | None:
    """Per cent to one place; None of nothing."""
    return None if not whole else (Decimal(100 * part) / whole).quantize(Decimal("0.1"))


def percentile(days: Counter, per_cent: int) -> int:
    """The least number of days in which at least ``per_cent`` of the cases were decided (nearest rank), of
    ``{days: cases}`` with at least one case."""
    wanted, passed = sum(days.values()) * per_cent, 0
    for day in sorted(days):
        passed += 100 * days[day]
        if passed >= wanted:
            return day
    raise ValueError("no cases")


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

    def add(self, used: int, promised: int | None, cases: int = 1) -> None:
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
    """The decisions of ``days`` days up to and with ``today`` among ``rows``, a queryset of cases.

    Not among them: what was withdrawn, and 免申即享 granted in the moment in which it was confirmed.
    """

    def __init__(self, rows, days: int, today: date) -> None:
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
        counts: Counter[tuple[str, str, str]] = Counter()
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
    def _read(self) -> "_Read":
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

    def _stops(self) -> dict:
        """``{case id: [(asked, answered)]}``: when the clock stood still."""
        found = defaultdict(list)
        rows = Correction.objects.filter(case__in=self._rows.values("pk"), answered_at__isnull=False)
        for pk, *stop in rows.order_by().values_list("case", "asked_at", "answered_at").iterator():
            found[pk].append(stop)
        return found

    def _begun(self) -> dict:
        """``{case id: instant}`` of those that began anew, because an appeal undid what was decided first."""
        rows = Appeal.objects.filter(case__in=self._rows.values("pk"), outcome="overturned")
        return dict(rows.order_by().values_list("case").annotate(Max("decided_at")))

    @cached_property
    def _versions(self) -> dict:
        return BenefitVersion.objects.select_related("benefit").in_bulk(list(self._read.days))

    def _sentences(self, version) -> dict:
        """``{criterion id: sentence}`` as the rule of a version says today."""
        return {node.id: sentence(node, self.today) for node in rule_of(version).criteria.children}


@dataclass
class _Read:
    """What a pass over cases leaves: ``{version id: {working days: cases}}``, ``{(version id, criterion id): cases}``
    and how many were refused."""

    days: defaultdict = field(default_factory=lambda: defaultdict(Counter))
    failed: Counter = field(default_factory=Counter)
    refused: int = 0
