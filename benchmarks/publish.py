"""Publishing, from the verb's commit to the last inbox row: a benefit that fits every shop, and a real one (M05c).

``python -m benchmarks.publish [--n 10000 100000 1000000] [--repeat 5] [--database postgres://…|sqlite:///…]``. Ours is
notifications/pushes/pushing.py by one worker, and by two processes. The limit is one plain INSERT pair into the same
tables, hand-written rule, no chunks, no ledger. Then a finished publish again, new versions that change about 0.3 % of
shops (new_versions.py), and all of it once more with twelve older benefits stored.
A CHECKPOINT comes before each case; every case leaves the same decisions, sums and messages, or gets no time.
"""

import sys
from functools import partial
from importlib.util import find_spec
from statistics import median

from benchmarks import benefits
from benchmarks.bulk import GROWTH, alternate_prepared, goal, parsed, per_row, print_bulk, run_sizes
from benchmarks.match import print_memory
from benchmarks.new_versions import measure_new_versions
from benchmarks.processes import Memory, Workers, apart
from benchmarks.publish_ways import MOST, REAL, Publish, insert_pair, stored
from benchmarks.report import print_machine, ratio

OURS, TWO = "ours, one worker", "ours, two processes"
PAIR = "one plain INSERT pair"
CREATE = "bulk_create"
COPY = "OpenFisca and COPY"
AGAIN = "ours, finished publish again"
OLDER, OLDER_ROUNDS = 12, 3
DIFFERS = """  Different from the measured design: decisions go through a temporary table before they are stored; they
  hold days, state and upper bounds; taxes' amounts are not stored. What OpenFisca stores has no days and no upper
  bounds. The limit and peers keep no ledger. A second process reads the catalogue first, as a worker does after
  something is published."""
FIRST_OLDER = -100  # benefit and version ids of the older ones: nothing refers to them


# What stands in the tables before a case


def nothing():
    from benchmarks.city import empty

    empty()


def older(day):
    """Decisions and messages of twelve older benefits: the nine real ones where they can be had, and ones for all."""
    from benchmarks.city import empty, settle
    from benchmarks.peers.hand_sql import EVERYONE
    from benchmarks.peers.shape import SHAPES

    empty()
    codes = [*SHAPES, *[EVERYONE] * (OLDER - len(SHAPES))]
    for number, code in enumerate(codes, FIRST_OLDER):
        insert_pair(code, day, number, number, number)
    settle()


def only_the_older():
    """The rest is gone, and indexes are as dense as if it had never been: page splits are part of the case."""
    from django.db import connection

    from benchmarks.city import settle
    from eligibility.models import Match, MatchCoverage
    from notifications.models import Notification

    MatchCoverage.objects.all().delete()  # else a new version is compared with the one before and finds nothing to do
    with connection.cursor() as cursor:
        for model in (Match, Notification):
            cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE benefit_id > 0")
    settle(Match, Notification)
    with connection.cursor() as cursor:
        for model in (Match, Notification):
            table = "TABLE " if connection.vendor == "postgresql" else ""
            cursor.execute(f"REINDEX {table}{model._meta.db_table}")


# Measuring


def cases(way, workers, n, *, all_ways=True):
    """({case: (prepare, run)}, {case: shops})."""
    found = {OURS: (way.prepared, way.one_worker), PAIR: (way.prepared, way.pair)}
    if workers:
        found[TWO] = (way.prepared, lambda published: workers.work(published[1].pk))
    if all_ways:
        found[AGAIN] = (way.done, way.again)
        found[CREATE] = (way.prepared, way.bulk_create)
        if _openfisca():
            from benchmarks.peers.openfisca_bulk import Register

            found[COPY] = (way.prepared, partial(way.openfisca, Register(way.day)))
    return found, {name: min(n, MOST) if name == CREATE else n for name in found}


def _openfisca():
    from django.db import connection

    return connection.vendor == "postgresql" and find_spec("openfisca_core")


def agree(found, way, n):
    """Take out every case that leaves other rows than ours, and say so. Gives a check for after each round."""
    expected = {}
    for name in [OURS, *(name for name in found if name != OURS)]:
        prepare, run = found[name]
        published = prepare()
        run(published)
        if name == OURS:
            benefit = published[0].benefit_id
            expected = {None: stored(benefit), MOST: stored(benefit, MOST) if n >= MOST else stored(benefit)}
        left = stored(benefit)
        if left != expected[MOST if name == CREATE else None]:
            del found[name]
            print(f"  {name} leaves {left}, ours {expected}: it gets no time")
    decisions, value, messages = expected[None]
    print(
        f"  {', '.join(found)}: the same {decisions:,} decisions, {value / 100:,.0f} yuan, {messages:,} messages."
    )

    def check(name, published):
        left = stored(published[0].benefit_id)
        if left != expected[MOST if name == CREATE else None]:
            raise RuntimeError(f"{name} has left {left} in one of the rounds.")

    return check


def measure_way(words, way, workers, n, repeat, *, all_ways=True):
    """Rounds of all ways to publish one benefit, with shops of each."""
    print(f"\n  {words}")
    found, rows = cases(way, workers, n, all_ways=all_ways)
    check = agree(found, way, n)
    rounds = alternate_prepared(found, repeat=repeat, check=check)
    print_bulk(rounds, rows, baseline=OURS, unit="shops")
    return rounds, rows


def measure(*, n, repeat, base, seed, folder):
    """One size, in a process of its own."""

    from benchmarks.city import enter, settings_shown
    from benchmarks.peers import hand_sql

    enter(folder, n=n, base=base, seed=seed)
    print_machine(rounds=repeat, **settings_shown())
    if not _openfisca():
        print("  OpenFisca is not compared: it needs requirements-bench.txt and PostgreSQL.")
    workers = Workers(2, folder)
    try:
        fits_all = Publish(benefits.EVERYONE, hand_sql.EVERYONE, nothing, folder)
        real = Publish(REAL, REAL, nothing, folder)
        all_, rows = measure_way("A benefit that fits every shop", fits_all, workers, n, repeat)
        one, _ = measure_way(f"A real benefit, {REAL}", real, workers, n, repeat)
        new = measure_new_versions(n, repeat)
        older(fits_all.day)
        fits_all.prepare = only_the_older
        words = f"A benefit that fits every shop, with {OLDER} older ones stored"
        late, _ = measure_way(words, fits_all, workers, n, min(repeat, OLDER_ROUNDS), all_ways=False)
    finally:
        workers.close()
    nothing()
    memory_used = apart("benchmarks.publish:memory", folder=folder)
    if memory_used:
        print_memory({OURS: memory_used})
    print(DIFFERS)
    used = memory_used or {"process": 0, "server": 0}
    figures = {
        "publish": median(all_[OURS]) / n,
        "memory": used["process"] + (used["server"] or 0),
    }
    return {"goals": goals_of(n, rows, all_, one, new, late), "figures": figures}


def memory(*, folder):
    """Peak memory of one worker that publishes a benefit for all, in a process of its own."""
    from benchmarks.city import enter

    enter(folder)
    way = Publish(benefits.EVERYONE, "", nothing, folder)
    published = way.prepared()
    with Memory() as used:
        way.one_worker(published)
    return {"process": used.process, "server": used.server}


def goals_of(n, rows, all_, one, new, late):
    found = []
    for words, rounds in (("for all", all_), (REAL, one), (f"for all with {OLDER} older stored", late)):
        each = per_row(rounds, rows)
        if PAIR in rounds:
            measured = ratio(each, OURS, PAIR)
            found.append(goal(f"publishing {words} by the time of {PAIR}", n, measured, 1.2, at_most=True))
        for case, wanted in ((CREATE, 8), (COPY, 1.2)):
            if case in rounds:
                found.append(
                    goal(f"publishing {words} faster than {case}", n, ratio(each, case, OURS), wanted)
                )
        if AGAIN in rounds:
            again = ratio(rounds, AGAIN, OURS)
            found.append(
                goal(f"publishing {words} again, share of the first run", n, again, 0.02, at_most=True)
            )
    return found + new


def run(**options):
    """Measure, print, and return the goals."""
    growth = (("publish", "publishing per row", GROWTH), ("memory", "peak memory of publishing", GROWTH))
    return run_sizes("Publishing, from the commit to the last inbox row", "publish", growth=growth, **options)


if __name__ == "__main__":
    run(**parsed(sys.argv[1:], "publish", __doc__))
