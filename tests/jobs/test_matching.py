"""Who fits whom: as a set, and pair by pair the same."""

from collections import defaultdict
from random import Random

import pytest

from jobs import posting, working
from jobs.invariants import only_what_is_open_is_matched
from jobs.models import JobMatch, Post, Worker
from jobs.pairs import matching
from jobs.pairs.conditions import CONDITIONS, fit, lacking, reasons

from . import population
from .world import DAY, post, shop, today, wishes, work, worker

pytestmark = [
    pytest.mark.django_db(databases=["default", "postgres"]),
    pytest.mark.every_engine("SQL of its own on each engine"),
    pytest.mark.usefixtures("engine"),
]


def pairs(**where):
    return set(JobMatch.objects.filter(**where).values_list("post", "worker"))


@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long)]
)
def test_what_is_matched_as_a_set_is_what_fits_pair_by_pair(seed):
    random, day = Random(seed), today()
    posts = population.posts(150, day, random, trade_share=0.7)
    workers = population.workers(250, day, random, trade_share=0.7)
    fitting = {(p, w) for p in posts for w in workers if w.looking_until >= day and fit(p, w, day)}

    matching.match_all(day)

    best_of_post, best_of_worker = defaultdict(list), defaultdict(list)
    for offered, someone in fitting:
        best_of_post[offered.pk].append((someone.wants_fen, someone.pk))
        best_of_worker[someone.pk].append((-offered.day_fen, offered.pk))
    assert len(fitting) > 300
    assert pairs(for_post=True) == {
        (pk, other) for pk, found in best_of_post.items() for _, other in sorted(found)[:20]
    }
    assert pairs(for_worker=True) == {
        (other, pk) for pk, found in best_of_worker.items() for _, other in sorted(found)[:10]
    }


def _changed(offered: Post, someone: Worker, key: str) -> None:
    """The pair, which fits, made to miss by one condition alone."""
    changes = {
        "trade": lambda: setattr(someone, "trades", ["guard"]),
        "county": lambda: setattr(someone, "counties", ["520201"]),
        "pay": lambda: setattr(someone, "wants_fen", offered.day_fen + 2_000),
        "dates": lambda: setattr(someone, "until_on", offered.from_on - DAY),
        "days": lambda: setattr(someone, "days", 0b0111111),
        "hours": lambda: setattr(someone, "hours", offered.hours - 1),
        "lodging": lambda: setattr(someone, "needs_lodging", True),
        "season": lambda: setattr(someone, "only_season", True),
        "adult": lambda: (
            setattr(offered, "is_hard", True),
            setattr(someone, "adult_on", offered.from_on + DAY),
        ),
    }
    changes[key]()
    someone.from_on = min(someone.from_on, someone.until_on)
    offered.save()
    someone.save()
    someone.availability.all().delete()
    for trade in someone.trades:
        for county in someone.counties:
            someone.availability.create(trade=trade, county=county, day_fen=someone.wants_fen)


SENTENCES = {
    "trade": "差一条：没有写会做采茶",
    "county": "差一条：没有写愿意去水城区",
    "pay": "差一条：日薪少 20 元",
    "days": "差一条：周日来不了",
    "hours": "差一条：一天多 1 小时",
    "lodging": "差一条：不包住",
    "season": "差一条：不是季节活",
    "adult": "差一条：开工时不满 18 周岁，重活和夜班不能做",
}


@pytest.mark.parametrize("key", [condition.key for condition in CONDITIONS])
def test_a_pair_that_misses_by_one_condition_is_not_matched_and_is_told_which(key):
    offered, someone = post(), worker()
    assert fit(offered, someone, today())
    matching.match_all(today())
    assert pairs() == {(offered.pk, someone.pk)}

    _changed(offered, someone, key)
    matching.match_all(today())

    assert pairs() == set()
    assert [reason.key for reason in reasons(offered, someone, today()) if not reason.holds] == [key]
    told = lacking(reasons(offered, someone, today()))
    assert told.startswith("差一条：") if key == "dates" else told == SENTENCES[key]


@pytest.mark.parametrize(
    ("asked", "told", "fitting", "missing"),
    [
        ({"least_age": "30"}, "年满 30 周岁", {"born_on": "1990-05-01"}, {"born_on": "2005-05-01"}),
        ({"experience": "2"}, "干过这一行不少于 2 年", {"experience": "2"}, {"experience": "1"}),
        (
            {"certificates": ["health"]},
            "证书同时属于健康证",
            {"certificates": ["health"]},
            {"certificates": []},
        ),
        ({"needs_tools": "on"}, "自带工具", {"has_tools": "on"}, {"has_tools": ""}),
    ],
)
def test_what_a_post_asks_besides_is_its_own_rule(asked, told, fitting, missing):
    offered = post(**asked)
    good, bad = worker(1, **fitting), worker(2, **missing)

    matching.match_all(today())

    assert pairs() == {(offered.pk, good.pk)}
    (reason,) = (reason for reason in reasons(offered, bad, today()) if not reason.holds)
    assert (reason.key, told in reason.sentence) == ("rule", True)


@pytest.mark.parametrize(("days", "is_matched"), [(-1, False), (0, True), (1, True)])
def test_whoever_looks_no_longer_is_not_matched(days, is_matched):
    offered, someone = post(), worker()
    Worker.objects.filter(pk=someone.pk).update(looking_until=today() + days * DAY)

    matching.match_all(today())

    assert pairs() == ({(offered.pk, someone.pk)} if is_matched else set())


@pytest.mark.parametrize("state", [state for state in Post.State.values if state != "open"])
def test_a_post_that_takes_nobody_on_is_not_matched(state):
    offered, _ = post(), worker()
    Post.objects.filter(pk=offered.pk).update(state=state, because="停着")

    matching.match_all(today())

    assert pairs() == set()


def test_matching_again_changes_nothing():
    random, day = Random(5), today()
    population.posts(60, day, random, trade_share=0.8)
    population.workers(80, day, random, trade_share=0.8)
    matching.match_all(day)
    before = sorted(JobMatch.objects.values_list("post", "worker", "for_post", "for_worker"))

    matching.match_all(day)

    assert sorted(JobMatch.objects.values_list("post", "worker", "for_post", "for_worker")) == before
    assert before != []


def test_what_changes_while_all_is_matched_is_matched_as_it_is_then(monkeypatch):
    closing, staying, leaving, looking = post(), post(2), worker(1), worker(2)
    keep, made = matching._keep_the_best, []

    def keep_after_changes(**options):
        """What commits do while the pairs that were found are not yet written."""
        if not made:
            made.extend([post(3), worker(3)])
            posting.save(Post.objects.get(pk=closing.pk), state="closed")
            working.stop(leaving)
            ids = {"post": made[0], "worker": looking}
            JobMatch.objects.create(**ids, wants_fen=1, day_fen=1, for_post=True, for_worker=True)
        return keep(**options)

    monkeypatch.setattr(matching, "_keep_the_best", keep_after_changes)
    matching.match_all(today())

    opened, begun = made
    assert pairs() == {(one.pk, other.pk) for one in (staying, opened) for other in (looking, begun)}
    assert list(only_what_is_open_is_matched()) == []


def test_a_pair_whose_post_is_gone_is_found_and_matched_away():
    gone = {"post_id": 1_000_000, "worker": worker()}
    JobMatch.objects.create(**gone, wants_fen=1, day_fen=1, for_post=True, for_worker=True)
    assert len(list(only_what_is_open_is_matched())) == 1

    matching.match_all(today())

    assert list(only_what_is_open_is_matched()) == []
    assert not JobMatch.objects.exists()


def test_a_new_post_and_a_new_worker_are_matched_at_once(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        offered, someone = post(), worker()
    assert pairs(for_post=True, for_worker=True) == {(offered.pk, someone.pk)}

    found, owner = shop(2)
    with django_capture_on_commit_callbacks(execute=True):
        second = posting.publish(found, work(pay="200"), by=owner)
        third = working.look_for_work(worker(3).user, wishes(wants="200"))
    assert pairs(for_post=True, for_worker=True) == {
        (offered.pk, someone.pk),
        (second.pk, someone.pk),
        (second.pk, third.pk),
    }


def test_what_is_matched_one_by_one_is_what_is_matched_as_a_set(django_capture_on_commit_callbacks):
    random, day = Random(7), today()
    posts = population.posts(40, day, random, trade_share=1)
    workers = population.workers(60, day, random, trade_share=1)
    for row in workers:
        matching.match_worker(row, day)
    for row in posts:
        matching.match_post(row, day)
    one_by_one = {side: pairs(**{side: True}) for side in ("for_post", "for_worker")}

    matching.match_all(day)

    assert pairs(for_post=True) == one_by_one["for_post"]
    assert pairs(for_worker=True) <= one_by_one["for_worker"]


def test_a_post_with_more_rules_than_fit_one_pass_is_matched_too(monkeypatch):
    monkeypatch.setattr(matching, "MOST_RULES", 2)
    random, day = Random(11), today()
    posts = population.posts(60, day, random, trade_share=1)
    workers = population.workers(60, day, random, trade_share=1)
    expected = {(p.pk, w.pk) for p in posts for w in workers if w.looking_until >= day and fit(p, w, day)}

    matching.match_all(day)

    assert pairs(for_post=True) <= expected
    assert {pk for pk, _ in pairs(for_post=True)} == {pk for pk, _ in expected}
