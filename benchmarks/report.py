"""Common to all benchmarks: alternating rounds, medians, goals, tables, and what the machine is."""

import gc
import os
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from statistics import median
from typing import ClassVar

PACKAGES = ("django", "djangorestframework", "orjson", "gunicorn", "openfisca-core", "zen-engine", "numpy")


@dataclass(frozen=True)
class Goal:
    """One figure that ought to reach ``wanted``, or to stay at or below it where ``at_most``.

    ``shops``: on how many it was measured, 0 where that is no matter. On fewer than MEANT_FOR, what a call costs
    whatever it is about weighs most.
    """

    what: str
    measured: float
    wanted: float
    at_most: bool = False
    shops: int = 0

    MEANT_FOR: ClassVar[int] = 1_000_000

    @property
    def is_held(self):
        return self.measured <= self.wanted if self.at_most else self.measured >= self.wanted

    @property
    def is_of_few(self):
        return 0 < self.shops < self.MEANT_FOR

    def __str__(self):
        verdict, sign = "held  " if self.is_held else "MISSED", "≤" if self.at_most else "≥"
        return f"  {verdict}  {self.what}: {self.measured:.3g} (goal {sign} {self.wanted:g})"


def alternate(cases: Mapping[str, Callable], *, repeat, per=1) -> dict[str, list[float]]:
    """Seconds per unit of every round, by case. A round runs each case once; every second round runs backwards.

    ``per``: how many units (profiles, requests) one call works through. A first round warms up and is not counted.
    """
    rounds = {name: [] for name in cases}
    order = list(cases)
    for number in range(repeat + 1):
        for name in order if number % 2 else reversed(order):
            gc.collect()
            start = time.perf_counter()
            cases[name]()
            seconds = time.perf_counter() - start
            if number:
                rounds[name].append(seconds / per)
    return rounds


def ratio(rounds, dividend, divisor) -> float:
    """Median over rounds of one case's figure by another's, so that a slow stretch of the machine hits both."""
    return median(a / b for a, b in zip(rounds[dividend], rounds[divisor], strict=True))


def print_times(rounds, *, baseline, unit="µs"):
    """Min, median and ratio to ``baseline`` of every case. ``unit``: µs, ms or s."""
    factor = {"µs": 1e6, "ms": 1e3, "s": 1}[unit]
    rows = [
        (
            name,
            f"{min(times) * factor:,.1f}",
            f"{median(times) * factor:,.1f}",
            f"{ratio(rounds, name, baseline):.2f}",
        )
        for name, times in rounds.items()
    ]
    print_table(("", f"min {unit}", f"median {unit}", "× ours"), rows)


def print_table(head, rows):
    """Columns in equal width; the first to the left, the others to the right."""
    rows = [tuple(map(str, row)) for row in (head, *rows)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  " + "   ".join(cells).rstrip())


def print_goals(goals):
    for goal in goals:
        print(goal)


def print_machine(**settings):
    """Versions, cores, load and settings: what a figure cannot be read without."""
    versions = [f"{name} {version}" for name in PACKAGES if (version := version_of(name))]
    load = os.getloadavg()[0]
    print(
        f"  Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}, {platform.platform()}"
    )
    print(f"  {', '.join(versions)}")
    if settings:
        print("  " + ", ".join(f"{name} {value}" for name, value in settings.items()))


def version_of(package):
    """The installed version, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def print_title(text):
    print(f"\n{text}\n{'=' * len(text)}")
