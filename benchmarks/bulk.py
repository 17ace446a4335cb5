"""Common to the benchmarks over whole registers: one size after the other, seconds per row, growth between sizes."""

import argparse
import gc
import tempfile
import time
from statistics import median

from benchmarks.city import BASE, SEED, database_of, server
from benchmarks.processes import apart
from benchmarks.report import Goal, print_goals, print_table, print_title

GROWTH = 1.15


def run_sizes(title, name, *, n, repeat, database=None, base=BASE, seed=SEED, growth=(), **options):
    """Run ``benchmarks.<name>:measure`` for each size in a process of its own, print, and return the goals.

    ``measure`` returns {"goals": [...], "figures": {figure: per row or at all}}. ``growth``: (figure, in words, goal):
    how much it may grow from the smallest size to the largest.
    """
    print_title(title)
    goals, figures, sizes = [], [], sorted(n)
    with server(database) as url, tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        for size in sizes:
            print(f"\n{size:,} shops", flush=True)
            found = apart(
                f"benchmarks.{name}:measure",
                on=database_of(url, size),
                n=size,
                repeat=repeat,
                base=base,
                seed=seed,
                folder=folder,
                **options,
            )
            if found is None:
                raise SystemExit(f"{name} with {size:,} shops did not finish, see above.")
            print_goals(fresh := [Goal(**goal) for goal in found["goals"]])
            goals += fresh
            figures.append(found["figures"])
    goals += grown(figures, sizes, growth)
    return goals


def grown(figures, sizes, growth):
    """The goals on growth, printed; none for a single size."""
    found = []
    for figure, words, wanted in growth:
        values = [one.get(figure) for one in figures]
        if len(sizes) > 1 and values[0] and values[-1]:
            what = f"{words}, {sizes[-1]:,} shops against {sizes[0]:,}"
            found.append(Goal(what, values[-1] / values[0], wanted, at_most=True, shops=sizes[-1]))
    if found:
        print("\nGrowth")
        print_goals(found)
    return found


def goal(what, n, measured, wanted, *, at_most=False):
    """A goal of one size."""
    return Goal(f"{what}, {n:,} shops", measured, wanted, at_most, shops=n)


def alternate_prepared(cases, *, repeat, check=None):
    """Seconds of every round, by case, as report.alternate. ``cases``: {name: (prepare, run)}; ``run`` is timed.

    ``check(name, what prepare gave)`` looks after each whether the work was done, and raises where it was not.
    """
    rounds, order = {name: [] for name in cases}, list(cases)
    for number in range(repeat + 1):
        for name in order if number % 2 else reversed(order):
            prepare, run = cases[name]
            ready = prepare()
            gc.collect()
            start = time.perf_counter()
            run(ready)
            seconds = time.perf_counter() - start
            if check:
                check(name, ready)
            if number:
                rounds[name].append(seconds)
    return rounds


def per_row(rounds, rows):
    """Seconds per row of every round. ``rows``: by case, how many it works through."""
    return {name: [seconds / rows[name] for seconds in times] for name, times in rounds.items()}


def print_bulk(rounds, rows, *, baseline, unit="rows"):
    """Of each case: rows it works through, min and median seconds, rows a second, and per row against ``baseline``."""
    each = per_row(rounds, rows)
    table = [
        (
            name,
            f"{rows[name]:,}",
            f"{min(times):.4f}",
            f"{median(times):.4f}",
            f"{rows[name] / median(times):,.0f}",
            f"{median(a / b for a, b in zip(each[name], each[baseline], strict=True)):.2f}",
        )
        for name, times in rounds.items()
    ]
    print_table(("", unit, "min s", "median s", f"{unit}/s", "× ours per row"), table)


def parsed(arguments, name, description, *, n=(10_000, 100_000, 1_000_000), repeat=5):
    """The options that all of them take, as a dict."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=description)
    parser.add_argument("--n", type=int, nargs="+", default=list(n), help="numbers of shops")
    parser.add_argument("--repeat", type=int, default=repeat)
    parser.add_argument("--database", help="postgres://… or sqlite:///…; a throw-away PostgreSQL by default")
    parser.add_argument(
        "--base", type=int, default=BASE, help="shops from generate_businesses; the rest copied"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    return vars(parser.parse_args(arguments))
