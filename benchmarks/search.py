"""How long a search and an answer take: every everyday word and question of the corpus, with the 21 measures and with
many more. 19 of 20 within 30 ms.

``python -m benchmarks.search [--measures 21 420] [--repeat 3]``. Beside it the filter of the API, which looks for the
words in the text of every measure in the database. The first search after something was published makes the index and
stands alone. Beyond 21 the measures are copies.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from benchmarks.catalogue import fill, publish
from benchmarks.database import install
from benchmarks.report import Goal, print_goals, print_machine, print_table, print_title

LIMIT, REAL = 30.0, 21
SEARCH, ASK, FILTER = "search", "问一问", "filter of the API"


def milliseconds(work, *arguments) -> float:
    start = perf_counter()
    work(*arguments)
    return (perf_counter() - start) * 1e3


def ways():
    """{what is measured: a function of what was typed}."""
    from django.utils import timezone

    from eligibility.answers import AnonymousBook
    from eligibility.asking.answering import answer
    from policies.catalogue import catalogue
    from policies.models import Measure
    from policies.search.finding import find
    from policies.search.measures import matching

    today, nobody = timezone.localdate(), AnonymousBook({})
    return {
        SEARCH: lambda typed: find(catalogue(), typed, today),
        ASK: lambda typed: answer(typed, catalogue(), today, nobody),
        FILTER: lambda typed: list(matching(Measure.objects.all(), typed)),
    }


def run(*, measures=(21, 420), repeat=3):
    """Measure, print, and return the goals."""
    from tests.search.corpus import questions, words

    print_title("Search and 问一问")
    typed = [*(one.word for one in words()), *(one.ask for one in questions())]
    rows, goals = [], []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        install(Path(name), load=False)
        for count in sorted(measures):
            fill(count, Path(name))
            found = ways()
            publish()
            first = milliseconds(found[SEARCH], "房租")
            rows.append(("first search after publishing", f"{count:,}", 1, f"{first:.1f}", ""))
            if count > REAL:
                del found[ASK]  # copies of tax reliefs do not add up to a year's tax
            for kind, work in found.items():
                taken = [milliseconds(work, one) for _ in range(repeat) for one in typed]
                slowest = quantiles(taken, n=20)[-1]
                rows.append((kind, f"{count:,}", len(taken), f"{median(taken):.2f}", f"{slowest:.2f}"))
                if kind != FILTER:
                    goals.append(Goal(f"ms of {kind}, 19 of 20, at {count:,} measures", slowest, LIMIT, True))
    print_machine(rounds=repeat)
    print_table(("what", "measures", "asked", "median ms", "19 of 20 ms"), rows)
    print_goals(goals)
    return goals


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--measures", type=int, nargs="+", default=[21, 420])
    parser.add_argument("--repeat", type=int, default=3)
    run(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    main(sys.argv[1:])
