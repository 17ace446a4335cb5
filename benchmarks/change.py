"""What a change costs: the facts of one shop, of 10,000 at once, and a calendar day, each up to the last inbox row.

``python -m benchmarks.change [--n 10000 100000 1000000] [--repeat 5] [--database URL]``. Everything that can be had is
pushed first, so decisions stand. One shop: its business is suspended (businesses/register/), and what was touched is
followed (notifications/pushes/fact_changes.py); time must not grow with the register. A day: follow_the_day and the
runs that it begins, against matching all shops, read only. Days are consecutive, so that none is followed twice; the
first of a month, when whole months of shops cross a threshold, is told apart. After each, decisions must be what a
statement over the whole register says, or no time is printed.
"""

import sys
import time
from contextlib import contextmanager
from datetime import date, timedelta
from statistics import median

from benchmarks.bulk import goal, parsed, run_sizes
from benchmarks.match import ours
from benchmarks.report import print_machine, print_table

ONE_TAKEN, ONE_FOLLOWED = "one shop: facts taken in", "one shop: followed, to the inbox row"
MANY_TAKEN, MANY_FOLLOWED = "at once: facts taken in", "at once: followed"
DAY, FIRST_OF_MONTH = "a calendar day", "the first of a month"
ALL = "matching all, read only"
SINGLES = 10  # shops a round, one after the other
MANY, ONCE = 10_000, 2_000  # shops changed at once, and in one chunk as an import takes them in
DIFFERS = """  Different from the measured design: a shop's change is taken in by the register with its history, and
  told; a day also begins a run for each benefit and looks for reminders. Matching all is by our own statement, in
  the chunks of a push (benchmarks/match.py)."""
BEFORE = date(2025, 7, 1)  # decisions stand as of this day; all nine money benefits are open


def push_all(day):
    """Every money benefit that is open on ``day``, pushed; nobody was told before."""
    from benchmarks.city import checkpoint, empty, settle
    from core.models import forget_editions
    from notifications.pushes import pushing, runs
    from policies.catalogue import catalogue
    from policies.models import BenefitVersion

    empty()
    forget_editions()
    for version in catalogue().in_force_on(day).values():
        if version.rule.is_pushed:
            run, _ = runs.begin(BenefitVersion.objects.get(pk=version.pk), "policy", day)
            pushing.work(run.pk, seconds=3600)
    settle()
    checkpoint()


def wrong():
    """How many stored decisions are not what the statement over the whole register says."""
    from eligibility.verifying import subjects, wrong_by_statement

    return sum(len(wrong_by_statement(subject)) for subject in subjects())


def timed(function, *arguments):
    """(seconds, what it returned)."""
    start = time.perf_counter()
    found = function(*arguments)
    return time.perf_counter() - start, found


# Facts


def matched_shops(count):
    """Ids of shops that can apply for something now, spread over the register, no two of one operator."""
    from eligibility.models import Match

    rows = Match.objects.open().filter(state=Match.State.NOW, operator__isnull=False).order_by("operator")
    shops = list(dict(rows.values_list("operator", "business")).values())
    return shops[:: max(1, len(shops) // count)][:count]


@contextmanager
def register_kept(shops):
    """What is said of these shops inside is taken back, so that the register serves the next benchmark as it was."""
    from businesses.models import Business, BusinessRecord, Change

    businesses = list(Business.objects.filter(pk__in=shops).only("operating_status", "version", "updated_at"))
    records = list(BusinessRecord.objects.filter(pk__in=shops))
    yield
    Business.objects.bulk_update(businesses, ["operating_status", "version", "updated_at"], batch_size=500)
    BusinessRecord.objects.bulk_update(records, ["said"], batch_size=500)
    Change.objects.filter(business__in=shops).delete()


def suspend(shops, day):
    """The registry says that these shops are suspended now."""
    from businesses.register import Arrival, take_in

    for start in range(0, len(shops), ONCE):
        part = shops[start : start + ONCE]
        said = {"registry": {"operating_status": "suspended"}}
        take_in([Arrival(said, business_id=pk, row=row) for row, pk in enumerate(part)], on=day)


def follow():
    from notifications.pushes.fact_changes import follow_facts

    return follow_facts(seconds=3600)


def measure_facts(n, repeat):
    """({case: seconds of each time}, shops changed at once): ten shops a round one after the other, then many."""
    from django.utils import timezone

    today = timezone.localdate()
    push_all(today)
    singles = SINGLES * (repeat + 1)
    shops = matched_shops(min(MANY, n // 10) + singles)
    with register_kept(shops):
        found = one_by_one(shops[:singles], today)
        found[MANY_TAKEN] = [timed(suspend, shops[singles:], today)[0]]
        found[MANY_FOLLOWED] = [timed(follow)[0]]
        if mistaken := wrong():
            print(f"  {mistaken} decisions are not what they should be, so no time is printed")
            return {}, 0
    return found, len(shops) - singles


def one_by_one(shops, today):
    """Seconds for each shop but the first ten, which warm up."""
    taken, followed = [], []
    for pk in shops:
        taken.append(timed(suspend, [pk], today)[0])
        followed.append(timed(follow)[0])
        if messages_about([pk]) != 1:
            raise RuntimeError(f"No inbox row says that something has ended for shop {pk}.")
    return {ONE_TAKEN: taken[SINGLES:], ONE_FOLLOWED: followed[SINGLES:]}


def messages_about(shops):
    """How many of them an inbox row names as no longer fitting."""
    from notifications.models import Change, Notification

    rows = Notification.objects.filter(business__in=shops, kind=Change.ENDED)
    return rows.values("business").distinct().count()


# The calendar


def follow_day(day):
    """A day passes: the runs it asks for, done."""
    from notifications.pushes import pushing
    from notifications.pushes.calendar_run import follow_the_day

    begun = follow_the_day(day)
    for run in begun:
        if run.finished_at is None and not pushing.work(run.pk, seconds=3600):
            raise RuntimeError("A run of the day did not end.")
    return begun


def measure_days(n, repeat):
    """({case: seconds}, decisions changed on an ordinary day and on the first of a month)."""
    from benchmarks.city import ranges
    from eligibility.models import Match

    push_all(BEFORE)
    found, changed, chunks = {DAY: [], ALL: [], FIRST_OF_MONTH: []}, {}, list(ranges())
    follow_day(BEFORE + timedelta(days=1))  # reminders of the fortnight before, once
    follow_day(BEFORE + timedelta(days=2))  # not counted, as everywhere: indexes are read from the disk
    for number in range(3, repeat + 3):
        day = BEFORE + timedelta(days=number)
        seconds, begun = timed(follow_day, day)
        found[DAY].append(seconds)
        found[ALL].append(timed(ours, day, chunks)[0])
        changed[DAY] = _changed(begun)
    follow_day(date(2025, 7, 31))
    seconds, begun = timed(follow_day, date(2025, 8, 1))
    found[FIRST_OF_MONTH], changed[FIRST_OF_MONTH] = [seconds], _changed(begun)
    if mistaken := wrong():
        print(f"  {mistaken} decisions are not what they should be, so no time is printed")
        return {}, changed
    print(f"  {Match.objects.open().count():,} decisions stand, as a statement over the register says")
    return found, changed


def _changed(begun):
    from notifications.models import PushRun

    runs = PushRun.objects.filter(pk__in=[run.pk for run in begun])
    return sum(run.changed for run in runs)


def measure(*, n, repeat, base, seed, folder):
    """One size, in a process of its own."""
    from benchmarks.city import empty, enter, settings_shown

    enter(folder, n=n, base=base, seed=seed)
    ours(BEFORE)  # the rules are read once
    print_machine(rounds=repeat, **settings_shown())
    facts, many = measure_facts(n, repeat)
    days, changed = measure_days(n, repeat)
    empty()
    words = {MANY_TAKEN: f"{many:,} {MANY_TAKEN}", MANY_FOLLOWED: f"{many:,} {MANY_FOLLOWED}"}
    rows = [
        (words.get(name, name), len(times), f"{min(times) * 1e3:,.1f}", f"{median(times) * 1e3:,.1f}")
        for name, times in (facts | days).items()
    ]
    print_table(("", "times", "min ms", "median ms"), rows)
    print(DIFFERS)
    if facts:
        print(f"  {many / facts[MANY_FOLLOWED][0]:,.0f} changed shops followed a second")
    print(f"  Decisions changed: {', '.join(f'{name} {count:,}' for name, count in changed.items())}")
    one = median(map(sum, zip(facts[ONE_TAKEN], facts[ONE_FOLLOWED], strict=True))) if facts else None
    return {"goals": goals_of(n, days), "figures": {"one": one}}


def goals_of(n, days):
    if not days:
        return []
    measured = median(all_ / day for day, all_ in zip(days[DAY], days[ALL], strict=True))
    return [goal(f"{DAY} faster than {ALL}", n, measured, 50)]


def run(**options):
    """Measure, print, and return the goals."""
    growth = (("one", "one shop's change, taken in and followed", 1.3),)
    return run_sizes("Changes: one shop, many, a day", "change", growth=growth, **options)


if __name__ == "__main__":
    run(**parsed(sys.argv[1:], "change", __doc__))
