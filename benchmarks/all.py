"""All benchmarks, one after the other, and one summary: small, or over registers of the sizes given.

``make bench`` takes minutes; ``make bench N="100000 1000000"`` half an hour. Exits with 0 even where a goal is missed:
a figure on a busy machine is no verdict. Each runs in a process of its own.
"""

import argparse
import sys

from benchmarks.city import BASE, server
from benchmarks.processes import apart
from benchmarks.report import Goal, print_goals, print_title

SMALL = {
    "single": {"profiles": 100, "repeat": 5},
    "web": {"seconds": 1.0, "repeat": 5},
    "catalogue": {"measures": [1, 21, 2100], "repeat": 3},
    "search": {"measures": [21, 420], "repeat": 1},
    "services_booking": {},
}
SMALL_REGISTERS = {
    "match": {"n": [10_000, 20_000], "repeat": 2},
    "publish": {"n": [10_000], "repeat": 1},
    "change": {"n": [10_000], "repeat": 2},
    "delivery": {"n": [2_000], "repeat": 1},
    "pages": {"n": [10_000], "repeat": 5},
    "services": {"n": [10_000], "repeat": 5},
    "services_similar": {"n": [1_000], "repeat": 5},
    "services_ladder": {"n": [1_000], "repeat": 1},
    "jobs": {"n": [1_000], "repeat": 1},
}
SMALL_BASE, ROUNDS, MOST_DELIVERED = 10_000, 3, 20_000


def registers(n):
    """({benchmark: options}, shops generated rather than copied) over registers of sizes ``n``, small where none is
    given."""
    if not n:
        return SMALL_REGISTERS, SMALL_BASE
    found = {name: {"n": n, "repeat": ROUNDS} for name in SMALL_REGISTERS}
    found["delivery"]["n"] = [min(MOST_DELIVERED, *n)]
    return found, BASE


def goals_of(name, options):
    """Run one benchmark, let it print, and return its goals; None where it failed."""
    found = apart(f"benchmarks.{name}:run", **options)
    return None if found is None else [Goal(**goal) for goal in found]


def run_all(n):
    """Goals by benchmark; those over registers on one throw-away PostgreSQL."""
    found = {name: goals_of(name, options) for name, options in SMALL.items()}
    sizes, base = registers(n)
    with server(None) as database:
        for name, options in sizes.items():
            found[name] = goals_of(name, {**options, "base": base, "database": database})
    return found


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.all", description=__doc__)
    parser.add_argument("--n", type=int, nargs="+", default=[], help="numbers of shops; small by default")
    found = run_all(parser.parse_args(arguments).n)
    print_title("Summary")
    for name, goals in found.items():
        print(name if goals is not None else f"{name}: did not finish, see above")
        print_goals(goals or [])
    goals = [goal for several in found.values() for goal in several or []]
    unfinished = [name for name, several in found.items() if several is None]
    print(f"\n{sum(goal.is_held for goal in goals)} of {len(goals)} goals held.")
    if few := sum(goal.is_of_few and not goal.is_held for goal in goals):
        print(f"{few} of those missed are meant for {Goal.MEANT_FOR:,} shops and were measured on fewer.")
    if unfinished:
        print(f"Not finished: {', '.join(unfinished)}.")


if __name__ == "__main__":
    main(sys.argv[1:])
