"""Several bureaus at one shop at once: never one visit too many, never two of one day."""

import pytest

from cases.actions import general
from cases.models import Case
from core.errors import Refused
from visits import merging
from visits.planning import Plan, plan

from . import world

pytestmark = [
    pytest.mark.django_db(databases=["default", "postgres"], transaction=True),
    pytest.mark.every_engine("locks"),
]


def doing(case, verb, one, **typed):
    return lambda: general.do(Case.objects.get(pk=case.pk), verb, typed, by=one.officer)


def setting(case, one, ahead):
    return doing(case, "set", one, on=world.day(ahead).isoformat())


def kinds(answers):
    """The class of each answer; what is neither a case nor a refusal is shown whole."""
    return sorted(type(row).__name__ if isinstance(row, Case | Refused) else repr(row) for row in answers)


def apart(shop, offices, windows):
    """Visits that go alone, each in its window."""
    cases = [world.planned(shop, one, *window) for one, window in zip(offices, windows, strict=True)]
    for case, one in zip(cases, offices, strict=True):
        if world.fresh(case).state == "proposed":  # the last is left without anybody to merge with
            doing(case, "decline", one, note="单独去")()
    return cases


def days_of_a_month():
    """Five days ahead in one month, in different weeks but for the last two."""
    first = next(ahead for ahead in range(1, 62) if world.day(ahead).day == 1)
    return [first, first + 7, first + 14, first + 21, first + 24]


def test_the_fourth_of_a_month_by_two_bureaus_at_once_is_refused(at_once):
    """Two have been; two more want the third place."""
    offices, (shop, _), days = world.bureaus(), world.shop(), days_of_a_month()
    cases = apart(shop, offices, [(days[0], days[4])] * 4)
    for case, one, ahead in zip(cases[:2], offices, days, strict=False):
        setting(case, one, ahead)()

    answers = at_once([setting(cases[2], offices[2], days[2]), setting(cases[3], offices[3], days[3])])

    assert kinds(answers) == ["Refused", "VisitCase"]
    (refusal,) = [str(answer) for answer in answers if isinstance(answer, Refused)]
    assert "这个月已有 3 次检查，最多 3 次" in refusal
    assert sorted(world.states()) == ["planned", "set", "set", "set"]
    assert world.faults() == []


def test_two_bureaus_on_one_day_at_once(at_once):
    offices, (shop, _) = world.bureaus()[:2], world.shop()
    cases = apart(shop, offices, [(1, 9)] * 2)

    answers = at_once([setting(case, one, 5) for case, one in zip(cases, offices, strict=True)])

    assert kinds(answers) == ["Refused", "VisitCase"]
    assert sorted(world.states()) == ["planned", "set"]
    assert world.faults() == []


def test_all_accept_at_once_and_one_visit_is_paid(at_once):
    offices, (shop, _) = world.bureaus(), world.shop()
    cases = [world.planned(shop, one, 1, 9) for one in offices]

    answers = at_once([doing(case, "accept", one) for case, one in zip(cases, offices, strict=True)])

    assert kinds(answers) == 4 * ["VisitCase"]
    assert sorted(world.states()) == ["merged", "merged", "merged", "set"]
    assert world.faults() == []


def test_accepted_while_the_visit_is_cancelled_and_moved(at_once):
    offices, (shop, _) = world.bureaus()[:2], world.shop()
    first, second = (world.planned(shop, one, 1, 9) for one in offices)
    doing(first, "accept", offices[0])()

    at_once(
        [
            doing(second, "accept", offices[1]),
            doing(first, "drop", offices[0], reason="不去了"),
            doing(first, "move", offices[0], on=world.day(7).isoformat()),
        ]
    )

    assert world.fresh(first).state == "dropped"
    assert world.fresh(second).state in ("planned", "proposed", "set")
    assert world.faults() == []


def test_planned_by_all_at_once_is_one_proposal(at_once):
    offices, (shop, _) = world.bureaus(), world.shop()
    window = Plan(["油烟"], world.day(1), world.day(9))

    answers = at_once([lambda one=one: plan(shop, window, by=one.officer) for one in offices])

    assert kinds(answers) == 4 * ["VisitCase"]
    merging.propose(shop.pk, world.day())
    assert (world.states(), world.days()) == (4 * ["proposed"], 4 * [1])
    assert world.faults() == []
