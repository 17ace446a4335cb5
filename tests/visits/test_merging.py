"""综合查一次: windows that overlap become one proposal, each bureau accepts for itself, and one visit is paid."""

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cases.models import AuditEntry, Rating
from core.errors import Refused
from notifications.models import Letter
from visits import sweeping
from visits.merging import Window, days_shared, follow
from visits.models import VisitCase

from . import world

pytestmark = pytest.mark.django_db


# The rule


def shared(*windows, first=1, fixed=(), before=None):
    """The days found for windows ``(from, until)``, as days ahead, by the place of the window."""
    rows = [
        Window(place, world.day(start), world.day(end), _ahead(before, place), place in fixed)
        for place, (start, end) in enumerate(windows)
    ]
    return {key: (day - world.day()).days for key, day in days_shared(rows, world.day(first)).items()}


def _ahead(before, place):
    return world.day(before[place]) if before and place in before else None


@pytest.mark.parametrize(("start", "found"), [(4, {0: 4, 1: 4}), (5, {0: 5, 1: 5}), (6, {})])
def test_windows_overlap_up_to_the_last_day_of_the_first(start, found):
    assert shared((1, 5), (start, 9)) == found


def test_the_day_is_the_one_that_most_share_and_of_several_the_earliest():
    assert shared((1, 9), (3, 9), (5, 9)) == {0: 5, 1: 5, 2: 5}
    assert shared((1, 3), (2, 6), (5, 9)) == {0: 2, 1: 2}
    assert shared((5, 9), (2, 6), (1, 3)) == {1: 2, 2: 2}


def test_what_is_left_may_share_another_day():
    assert shared((1, 3), (2, 4), (8, 9), (9, 12), (30, 31)) == {0: 2, 1: 2, 2: 9, 3: 9}


def test_one_window_alone_is_nothing_to_merge():
    assert shared((1, 9)) == {}
    assert shared() == {}


@pytest.mark.parametrize(("until", "found"), [(0, {}), (1, {0: 1, 1: 1}), (2, {0: 1, 1: 1})])
def test_no_day_is_proposed_that_is_over(until, found):
    assert shared((-5, until), (-2, 9)) == found


def test_a_day_that_is_set_draws_others_to_it_and_does_not_move():
    assert shared((4, 4), (1, 9), fixed=[0]) == {1: 4}
    assert shared((4, 4), (4, 4), (7, 9), fixed=[0, 1]) == {}


def test_a_day_that_was_proposed_stays_while_it_is_as_good():
    assert shared((1, 9), (1, 9), before={0: 3, 1: 3}) == {0: 3, 1: 3}
    assert shared((1, 9), (1, 9), before={0: 0, 1: 0}) == {0: 1, 1: 1}
    assert shared((1, 9), (1, 9), (5, 9), before={0: 3, 1: 3}) == {0: 5, 1: 5, 2: 5}


# Proposals


@pytest.fixture
def two():
    return world.bureaus()[:2]


@pytest.fixture
def shop():
    return world.shop()[0]


def both(shop, two):
    """Two visits that have been proposed for the same day, the third from today."""
    return [world.planned(shop, one, first, 9) for one, first in zip(two, (1, 3), strict=True)]


def test_planning_the_second_proposes_both_for_a_day(shop, two):
    cases = both(shop, two)

    assert (world.states(), world.days()) == (["proposed", "proposed"], [3, 3])
    assert cases[1].state == "proposed"  # as the bureau that planned it is answered
    assert world.proposed(shop) == 0  # again it changes nothing
    assert Letter.objects.count() == 0
    assert world.faults() == []


def test_visits_of_another_shop_or_another_time_are_not_merged(shop, two):
    world.planned(shop, two[0], 1, 3)
    world.planned(shop, two[1], 4, 6)
    world.planned(world.shop(2)[0], two[1], 1, 3)

    assert world.states() == 3 * ["planned"]


def test_both_accept_and_one_visit_is_paid_and_rated(shop, two):
    first, second = both(shop, two)
    with pytest.raises(PermissionDenied):
        world.do(first, "accept", two[1].officer)
    world.do(first, "accept", two[0].officer)
    second = world.do(second, "accept", two[1].officer)

    assert (world.states(), world.days()) == (["set", "merged"], [3, 3])
    assert (second.visit.merged_into_id, second.outcome) == (first.pk, "answered")
    assert list(Letter.objects.order_by("pk").values_list("title", "sentence"))[1] == (
        "市市场监管局的检查合成一次",
        f"和市生态环境局同一天来，{_text(3)}，只上门一次。",
    )
    with time_machine.travel(timezone.now() + world.timedelta(days=3), tick=False):
        world.do(first, "done", two[0].officer, words="没有问题")
    assert Rating.objects.count() == 1
    assert world.faults() == []


def _text(ahead):
    day = world.day(ahead)
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def test_merged_visits_are_one_for_the_caps(shop):
    one, other, third, fourth = world.bureaus()
    cases = [world.planned(shop, office, 1, 1) for office in (one, other, third)]
    for case, office in zip(cases, (one, other, third), strict=True):
        world.do(case, "accept", office.officer)

    assert world.states() == ["set", "merged", "merged"]
    assert world.visit_set(shop, fourth, 15).state == "set"
    assert world.faults() == []


def test_who_declines_goes_alone_and_is_not_asked_again(shop, two):
    first, second = both(shop, two)
    first = world.do(first, "decline", two[0].officer, note="要夜间去")
    world.proposed(shop)
    sweeping.propose(world.day())

    assert (world.states(), world.days()) == (["planned", "planned"], [None, None])
    assert first.visit.alone
    third = world.planned(shop, world.bureaus()[2], 5, 6)
    assert (world.states(), third.state) == (["planned", "proposed", "proposed"], "proposed")
    second = world.do(second, "accept", two[1].officer)
    assert second.state == "set"
    # What goes alone draws nobody to its day, and nobody is merged into it.
    assert world.do(first, "set", two[0].officer, on=world.day(9).isoformat()).state == "set"
    assert world.faults() == []


def test_who_sets_a_day_draws_those_who_could_come_with_them(shop, two):
    first, second = both(shop, two)
    first = world.do(first, "set", two[0].officer, on=world.day(7).isoformat())
    follow(None, first, "set")

    assert (world.states(), world.days()) == (["set", "proposed"], [7, 7])
    assert world.do(second, "accept", two[1].officer).visit.merged_into_id == first.pk


def test_the_one_that_is_left_is_planned_again(shop, two):
    first, _ = both(shop, two)
    first = world.do(first, "drop", two[0].officer, reason="不去了")
    follow(None, first, "drop")

    assert (world.states(), world.days()) == (["dropped", "planned"], [3, None])
    assert world.faults() == []


@pytest.mark.parametrize("verb", ["propose", "part", "arrive", "done"])
def test_what_leaves_all_windows_as_they_were_proposes_nothing(shop, two, verb):
    both(shop, two)
    VisitCase.objects.update(state="planned")

    follow(None, VisitCase.objects.first(), verb)

    assert world.states() == ["planned", "planned"]


def test_what_was_merged_moves_along_and_not_out_of_its_window(shop, two):
    first, second = both(shop, two)
    world.do(first, "accept", two[0].officer)
    world.do(second, "accept", two[1].officer)
    world.do(first, "move", two[0].officer, on=world.day(9).isoformat())

    assert world.days() == [9, 9]
    with pytest.raises(Refused, match="有单位的检查合在这一次里"):
        world.do(first, "move", two[0].officer, on=world.day(2).isoformat())
    assert world.days() == [9, 9]
    assert world.faults() == []


def test_when_the_visit_is_cancelled_what_was_merged_is_planned_again(shop, two):
    first, second = both(shop, two)
    world.do(first, "accept", two[0].officer)
    world.do(second, "accept", two[1].officer)
    world.do(first, "drop", two[0].officer, reason="不去了")
    second = world.fresh(second)

    assert (second.state, second.phase, second.outcome, second.visit.merged_into_id) == (
        "planned",
        "open",
        "",
        None,
    )
    assert second.decided_at is None
    assert AuditEntry.objects.filter(case=second.pk).latest("sequence").verb == "part"
    assert world.faults() == []


def test_the_sweep_proposes_what_a_doorbell_lost(shop, two):
    both(shop, two)
    for row in VisitCase.objects.all():
        row.visit.on = None
        row.visit.save()
    VisitCase.objects.update(state="planned")

    assert sweeping.propose(world.day()) == 2
    assert sweeping.propose(world.day()) == 0
    assert (world.states(), world.days()) == (["proposed", "proposed"], [3, 3])


def test_the_sweep_takes_back_what_nobody_shares_any_more(shop, two):
    first, _ = both(shop, two)
    VisitCase.objects.filter(pk=first.pk).update(state="dropped")

    assert sweeping.propose(world.day()) == 1
    assert world.states() == ["dropped", "planned"]


def test_a_bureau_that_accepts_where_the_day_is_full_is_told(shop, two):
    first, _ = both(shop, two)
    world.visit_set(shop, world.bureaus()[2], 3, because="ordered", note="上级抽查")
    third = VisitCase.objects.latest("pk")
    third.visit.alone = True
    third.visit.save()

    with pytest.raises(Refused, match="这一天已有 1 次检查"):
        world.do(first, "accept", two[0].officer)
    assert world.fresh(first).state == "proposed"
