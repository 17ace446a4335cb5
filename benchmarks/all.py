"""All benchmarks, small, one after the other, and one summary. ``make bench`` runs it.

Exits with 0 even where a goal is missed: a figure on a busy machine is no verdict. Each runs in a process of its own.
"""

from benchmarks.city import server
from benchmarks.processes import apart
from benchmarks.report import Goal, print_goals, print_title

SMALL = {
    "single": {"profiles": 100, "repeat": 5},
    "web": {"seconds": 1.0, "repeat": 5},
    "catalogue": {"measures": [1, 21, 2100], "repeat": 3},
}
# Over a register, on one throw-away PostgreSQL. So small, what is the same for every size weighs most: goals are
# for --n 1000000.
OVER_A_REGISTER = {
    "match": {"n": [10_000, 20_000], "repeat": 2},
    "publish": {"n": [10_000], "repeat": 1},
    "change": {"n": [10_000], "repeat": 2},
    "delivery": {"n": [2_000], "repeat": 1},
}
BASE = 10_000


def goals_of(name, options):
    """Run one benchmark, let it print, and return its goals; None where it failed."""
    found = apart(f"benchmarks.{name}:run", **options)
    return None if found is None else [Goal(**goal) for goal in found]


def run_all():
    """Goals by benchmark."""
    found = {name: goals_of(name, options) for name, options in SMALL.items()}
    with server(None) as database:
        for name, options in OVER_A_REGISTER.items():
            found[name] = goals_of(name, {**options, "base": BASE, "database": database})
    return found


def main():
    found = run_all()
    print_title("Summary")
    for name, goals in found.items():
        print(name if goals is not None else f"{name}: did not finish, see above")
        print_goals(goals or [])
    goals = [goal for several in found.values() for goal in several or []]
    unfinished = [name for name, several in found.items() if several is None]
    print(f"\n{sum(goal.is_held for goal in goals)} of {len(goals)} goals held.")
    if unfinished:
        print(f"Not finished: {', '.join(unfinished)}.")


if __name__ == "__main__":
    main()
