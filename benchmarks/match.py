"""Bulk matching, read only: every shop against the nine money benefits, on a day on which all nine are open.

``python -m benchmarks.match [--n 10000 100000 1000000] [--repeat 5] [--database URL]``. Ours is the statement of
eligibility/matches/matching.py, counted and added up: one a benefit over all shops, as the audience of a draft asks it,
and one a benefit and chunk of operators, as pushes do; the limit is SQL written by hand with the same answer in the
same shape. Peers take all shops at once and say who fits now and for how much, no states, later days and dates, and
what is not known fails. That is what the forecast asks (authoring/forecast.py), so it is compared with them: all
benefits in one reading. First all have to agree: how many fit now and the sum of their amounts, benefit by benefit;
with the hand-written SQL every row of a chunk as well. A wrong answer gets no time.
"""

import sys
from functools import cache
from importlib.util import find_spec
from statistics import median

from benchmarks.bulk import GROWTH, goal, parsed, per_row, print_bulk, run_sizes
from benchmarks.processes import Memory, apart
from benchmarks.profiles import DAY
from benchmarks.report import alternate, print_machine, print_table, ratio

OURS, CHUNKED = "ours: states, later days, dates, amounts", "ours, in the chunks of a push"
TOGETHER, HAND_TOGETHER = "ours, who fits now: one reading", "hand-written SQL, the same: one reading"
HAND, HAND_CHUNKED = "hand-written SQL, same answer", "hand-written SQL, same answer, same chunks"
ALL = ("TRUE",)
ROWS, COPY = "OpenFisca fed by rows", "OpenFisca fed by COPY BINARY"
CLOSURES, OBJECTS = ".values() and closures", "a calculator class per object"
# What is too slow for all is measured on so many, and told per row.
SOME = {CLOSURES: 100_000, OBJECTS: 10_000}
DIFFERS = """  Different from the measured design: nine benefits, not twelve, and facts are unknown; ours and the
  hand-written SQL tell states, later days, dates and upper bounds, the forecast and peers only who fits now and for how
  much, the forecast by district. Taxes have no amount here: it is worked out when it is shown."""
COUNTED = """COUNT(*) FILTER (WHERE state < 3), COALESCE(SUM(value_fen) FILTER (WHERE state < 3), 0),
    COUNT(*), SUM(maximum_fen), COUNT(eligible_from), COUNT(apply_before)"""


@cache
def rules():
    """The nine money benefits as the measures file has them, read once."""
    from businesses.facts import BUILT_IN_REGISTRY
    from policies.measures_file import DEFAULT_PATH, read_file

    return [rule for rule in read_file(DEFAULT_PATH, BUILT_IN_REGISTRY).rules if rule.is_money]


def counted(statements):
    """The figures of COUNTED, added up over (sql, parameters)."""
    from django.db import connection

    sums = [0] * 6
    with connection.cursor() as cursor:
        for sql, parameters in statements:
            cursor.execute(f"SELECT {COUNTED} FROM ({sql}) found", parameters or None)
            sums = [sum_ + int(value or 0) for sum_, value in zip(sums, cursor.fetchone(), strict=True)]
    return sums


def shops_in(condition):
    from businesses.models import Business

    return Business.objects.extra(where=[condition])


def ours(day, among=ALL):
    """{code: figures} by our statement, one for each condition in ``among``."""
    from eligibility.matches.matching import select

    return {rule.code: counted(_ours(select, rule, day, among)) for rule in rules()}


def _ours(select, rule, day, among):
    """A statement for each condition, its shops named as a push names them (notifications/pushes/pushing.py)."""
    for condition in among:
        if statement := select(rule, day, shops_in(condition)):
            yield statement.sql, statement.parameters


def by_hand(day, among=ALL):
    """{code: figures} by hand-written SQL."""
    from benchmarks.peers import hand_sql
    from benchmarks.peers.shape import SHAPES

    return {
        code: counted((hand_sql.select(code, day, condition), ()) for condition in among) for code in SHAPES
    }


def together(day):
    """{code: [how many fit now, sum]} as the forecast counts them."""
    from authoring.forecast import Share, shares_of

    found = {code: sum(places.values(), Share()) for code, places in shares_of(rules(), day).items()}
    return {code: [share.shops, share.value_fen or 0] for code, share in found.items()}


def by_hand_together(day):
    """The same by hand, added up over districts."""
    from django.db import connection

    from benchmarks.peers import hand_sql
    from benchmarks.peers.shape import SHAPES

    with connection.cursor() as cursor:
        cursor.execute(hand_sql.count_together(SHAPES, day))
        _, *sums = (sum(int(number or 0) for number in column) for column in _columns(cursor.fetchall()))
    return {code: [sums[4 * place], sums[4 * place + 2]] for place, code in enumerate(SHAPES)}


def _columns(rows):
    """The columns of rows, the first of them empty."""
    return [(), *list(zip(*rows, strict=True))[1:]]


def by_openfisca(day, feed):
    """{code: [how many fit, sum]}, from the database to the answer. ``feed``: by_rows or by_copy."""
    from django.db import connection

    from benchmarks.peers import openfisca_bulk

    register = openfisca_bulk.Register(day)

    def answer():
        with connection.cursor() as cursor:
            return register.count(getattr(openfisca_bulk, feed)(cursor))

    return answer


def by_closures(day, most):
    from benchmarks.peers.objects import COLUMNS, Closures
    from businesses.models import Business

    closures = Closures(day)
    return closures.count(Business.objects.order_by("pk").values(*COLUMNS)[:most].iterator(5_000))


def by_calculators(day, most):
    from benchmarks.peers.objects import by_calculators as count
    from businesses.models import Business

    return count(Business.objects.order_by("pk")[:most].iterator(2_000), day)


def cases(n):
    """({case: function}, {case: shops it works through})."""
    from django.db import connection

    from benchmarks.city import ranges

    chunks = list(ranges())
    found = {
        OURS: lambda: ours(DAY),
        HAND: lambda: by_hand(DAY),
        CHUNKED: lambda: ours(DAY, among=chunks),
        HAND_CHUNKED: lambda: by_hand(DAY, among=chunks),
        TOGETHER: lambda: together(DAY),
        HAND_TOGETHER: lambda: by_hand_together(DAY),
        CLOSURES: lambda: by_closures(DAY, SOME[CLOSURES]),
        OBJECTS: lambda: by_calculators(DAY, SOME[OBJECTS]),
    }
    if connection.vendor == "postgresql" and find_spec("openfisca_core"):
        found |= {ROWS: by_openfisca(DAY, "by_rows"), COPY: by_openfisca(DAY, "by_copy")}
    else:
        print("  OpenFisca is not compared: it needs requirements-bench.txt and PostgreSQL.")
    return found, {name: min(n, SOME.get(name, n)) for name in found}


# First the answers


def agree(found, rows, n):
    """Take out every case whose answer is not ours, and say so."""
    expected = {n: ours(DAY)}
    for name, answer in list(found.items()):
        if rows[name] not in expected:
            expected[rows[name]] = ours(DAY, among=[_first(rows[name])])
        wanted, answers = expected[rows[name]], answer()
        faults = [
            f"{code}: {list(got)} and {wanted[code][: len(got)]}"
            for code, got in answers.items()
            if list(got) != wanted[code][: len(got)]
        ]
        if faults:
            del found[name]
            print(f"  {name} answers differently, so it gets no time: {faults}")
    for code, count in _rows_apart():
        if count:
            found.pop(HAND, None)
            found.pop(HAND_CHUNKED, None)
            print(f"  Hand-written SQL of {code} differs in {count} rows of a chunk, so it gets no time.")
    figures = [
        (code, f"{row[0]:,}", f"{row[2] - row[0]:,}", f"{row[1] / 100:,.0f}")
        for code, row in expected[n].items()
    ]
    print(f"  All agree: {', '.join(found)}.")
    print_table(("benefit", "fit now", "later", "sum, yuan"), figures)


def _first(count):
    """A condition for the first shops by id."""
    return f"id IN (SELECT id FROM businesses_business ORDER BY id LIMIT {count})"


def _rows_apart():
    """(code, rows of the first chunk that our statement and the hand-written one do not share)."""
    from django.db import connection

    from benchmarks.city import ranges
    from benchmarks.peers import hand_sql
    from eligibility.matches.matching import select

    condition = list(ranges())[1]
    for rule in rules():
        statement, hand = select(rule, DAY, shops_in(condition)), hand_sql.select(rule.code, DAY, condition)
        with connection.cursor() as cursor:
            cursor.execute(
                f"""WITH a AS ({statement.sql}), b AS ({hand})
                SELECT (SELECT COUNT(*) FROM (SELECT * FROM a EXCEPT SELECT * FROM b) x)
                    + (SELECT COUNT(*) FROM (SELECT * FROM b EXCEPT SELECT * FROM a) y)""",
                statement.parameters,
            )
            yield rule.code, cursor.fetchone()[0]


# Then the times


def measure(*, n, repeat, base, seed, folder):
    """One size, in a process of its own."""
    from benchmarks.city import enter, settings_shown

    enter(folder, n=n, base=base, seed=seed)
    print_machine(rounds=repeat, as_of=DAY, benefits=len(rules()), **settings_shown())
    found, rows = cases(n)
    agree(found, rows, n)
    rounds = alternate(found, repeat=repeat)
    print_bulk(rounds, rows, baseline=OURS, unit="shops")
    print(DIFFERS)
    memory = {
        case: apart("benchmarks.match:memory", case=case, folder=folder, n=n)
        for case in (OURS, CHUNKED, ROWS, COPY)
        if case in found
    }
    print_memory(memory)
    return {"goals": goals_of(rounds, rows, n), "figures": figures_of(rounds, rows, memory)}


def memory(*, case, folder, n):
    """Peak memory of one case alone."""
    from benchmarks.city import enter

    enter(folder)
    run = cases(n)[0][case]
    with Memory() as used:
        run()
    return {"process": used.process, "server": used.server}


def print_memory(found):
    """Peak memory by case."""
    shown = [
        (case, f"{used['process']:,.0f}", "" if used["server"] is None else f"{used['server']:,.0f}")
        for case, used in found.items()
        if used
    ]
    print_table(("peak memory, MB", "this process", "its server process"), shown)


def goals_of(rounds, rows, n):
    each = per_row(rounds, rows)
    goals = []
    for case, limit in ((OURS, HAND), (CHUNKED, HAND_CHUNKED), (TOGETHER, HAND_TOGETHER)):
        if case in rounds and limit in rounds:
            goals.append(
                goal(f"time of matching by that of {limit}", n, ratio(each, case, limit), 1.2, at_most=True)
            )
    for case, wanted in ((ROWS, 6), (COPY, 1.2), (OBJECTS, 30), (CLOSURES, 6)):
        if case in rounds:
            goals.append(goal(f"matching faster than {case}", n, ratio(each, case, TOGETHER), wanted))
    return goals


def figures_of(rounds, rows, memory):
    used = memory.get(CHUNKED) or {}
    return {
        "match": median(per_row(rounds, rows)[CHUNKED]),
        "memory": (used.get("process") or 0) + (used.get("server") or 0),
    }


def run(**options):
    """Measure, print, and return the goals."""
    growth = (("match", "matching per row", GROWTH), ("memory", "peak memory of matching", GROWTH))
    return run_sizes("Bulk matching, nine money benefits, read only", "match", growth=growth, **options)


if __name__ == "__main__":
    run(**parsed(sys.argv[1:], "match", __doc__))
