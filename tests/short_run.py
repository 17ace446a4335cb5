"""Which tests are only in the long run (``pytest.mark.long``), that the short run leaves none out, and what begins.

A test on both engines is in the short run on both where that is the point of it: ``pytest.mark.every_engine``, or real
transactions, in which locks meet. Of everything else the second engine's copy goes into the long run. Of what asks the
same of very many (``pytest.mark.crawl``) some are drawn, always the same, and the others go there. A property is tried
with some of its examples in the short run, and with all of them in the long one (properties.py).
"""

import zlib
from collections import Counter
from itertools import groupby

import pytest

from tests import properties

# Files that take the longest, most of all first: the other files then fill up both workers to the end.
LONGEST = (
    "tests/deploy/test_starting.py",
    "tests/pages/test_apply_in_browser.py",
    "tests/jobs/test_posts_in_browser.py",
    "tests/faults/test_celery.py",
    "tests/businesses/importing/test_killed.py",
    "tests/criteria/test_time.py",
    "tests/authz/test_markup.py",
    "tests/services/test_seats_races.py",
    "tests/faults/test_poison.py",
    "tests/authz/test_staff_matrix.py",
    "tests/subsidies/test_paying.py",
    "tests/api/test_openapi.py",
    "tests/subsidies/test_budgets.py",
    "tests/admin/test_editor.py",
    "tests/surface/test_limits.py",
    "tests/authz/test_cost.py",
    "tests/accounts/test_limits.py",
    "tests/services/test_finance_in_browser.py",
    "tests/pages/test_whole_life_in_browser.py",
    "tests/pages/test_every_page.py",
    "tests/state/test_moves.py",
    "tests/services/test_every_door_in_browser.py",
    "tests/pages/test_offline_in_browser.py",
    "tests/services/test_ladder.py",
)
ONE_IN = 20
FIRST_ENGINE = {"postgres": "default", "postgresql": "sqlite"}
collected = pytest.StashKey[dict[str, bool]]()


def on_first_engine(name):
    """The id of the same test on the first engine."""
    test, bracket, values = name.partition("[")
    return (
        test
        + bracket
        + "-".join(FIRST_ENGINE.get(value, value) for value in values[:-1].split("-"))
        + values[-1:]
    )


def function_of(name):
    return name.partition("[")[0]


def begin(config):
    """Before tests are read: how many examples a property is tried with."""
    properties.sampled = config.option.markexpr == "not long"


def share_out(config, items):
    """Mark what goes into the long run, and remember all ids: {id: whether it is only there}."""
    names = {item.nodeid for item in items}
    crawls = [item for item in items if item.get_closest_marker("crawl")]
    drawn = _drawn({on_first_engine(item.nodeid) for item in crawls if not item.get_closest_marker("long")})
    for item in items:
        twin = on_first_engine(item.nodeid)
        is_second = twin != item.nodeid and twin in names and not _wants_every_engine(item)
        if is_second or (item.get_closest_marker("crawl") and twin not in drawn):
            item.add_marker(pytest.mark.long)
    config.stash[collected] = {item.nodeid: item.get_closest_marker("long") is not None for item in items}
    if config.option.markexpr == "long":
        for item in items:
            if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
                item.add_marker(pytest.mark.long)


def _drawn(names):
    """One in so many of each test, and at least one."""
    drawn = set()
    for _, of_one in groupby(sorted(names), function_of):
        by_chance = sorted(of_one, key=lambda name: zlib.crc32(name.encode()))
        drawn.update(by_chance[: -(-len(by_chance) // ONE_IN)])
    return drawn


def _wants_every_engine(item):
    database = item.get_closest_marker("django_db")
    return item.get_closest_marker("every_engine") or (database and database.kwargs.get("transaction"))


def left_out(config):
    """Tests of which nothing is in the short run: neither the copy on the first engine, nor a sample."""
    names = config.stash[collected]
    short = {name for name, is_long in names.items() if not is_long}
    sampled = {function_of(name) for name in short}
    return sorted(name for name in names if function_of(name) not in sampled)


def summary(reports):
    """How many of each test were run, whatever came of them: a line for each."""
    names = {
        report.nodeid for kind in reports.values() for report in kind if isinstance(report, pytest.TestReport)
    }
    return [f"{count:5} {test}" for test, count in sorted(Counter(map(function_of, names)).items())]


def longest_first(items):
    """Workers are given whole files in this order (xdist's ``--no-loadscope-reorder``)."""
    places = {file: place for place, file in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(LONGEST)))
