"""Faults planted one by one among visits: each breaks the invariant that is about it, and no other of this room."""

import pytest
from django.db import IntegrityError, transaction

from core import invariants
from visits.models import Visit, VisitCase

from . import world

pytestmark = [
    pytest.mark.django_db(databases=["default", "postgres"]),
    pytest.mark.every_engine("sets of rows"),
]
CAPS = "检查次数不超过上限，超过的写了原因"
MERGED = "合并的检查跟着同一家店、同一天、没有取消的检查"
DAYS = "定了日子、建议了日子和查完的检查有日期，还没定的没有"


def of_this_room():
    return {
        name: check
        for name, check in invariants._invariants.items()
        if check.__module__ == "visits.invariants"
    }


def not_so():
    return {name for name, check in of_this_room().items() if list(check())}


@pytest.fixture
def city(engine):
    """A visit in every situation: set, merged, proposed, planned, out of turn, cancelled."""
    offices, (shop, _), (other, _) = world.bureaus(), world.shop(1), world.shop(2)
    found = {"set": world.planned(shop, offices[0], 1, 90)}
    found["merged"] = world.planned(shop, offices[1], 40, 60)
    for name, one in (("set", offices[0]), ("merged", offices[1])):
        found[name] = world.do(found[name], "accept", one.officer)
    found["alone"] = world.planned(shop, offices[2], 1, 90)
    found["alone"] = world.do(found["alone"], "set", offices[2].officer, on=world.day(75).isoformat())
    found["excused"] = world.planned(shop, offices[3], 1, 90, because="accident", note="着过火")
    found["excused"] = world.do(found["excused"], "set", offices[3].officer, on=world.day(75).isoformat())
    found["proposed"], found["also"] = (world.planned(other, one, 1, 9) for one in offices[:2])
    found["planned"] = world.planned(other, offices[0], 20, 21)
    found["dropped"] = world.planned(other, offices[1], 30, 31)
    found["dropped"] = world.do(found["dropped"], "drop", offices[1].officer, reason="不去了")
    return found


def written(case, **columns):
    Visit.objects.filter(pk=case.pk).update(**columns)


def routine_beside_routine(cases):
    written(cases["excused"], because="normal")


def two_a_week(cases):
    """The third of a week, on a day of its own."""
    day = world.day(75)
    for place, name in enumerate(("set", "alone", "excused")):
        written(cases[name], because="normal", on=day - world.timedelta(days=day.weekday() - 2 * place))
    written(
        cases["merged"],
        from_on=world.day(1),
        until_on=world.day(90),
        on=Visit.objects.get(pk=cases["set"].pk).on,
    )


def merged_into_nothing(cases):
    written(cases["merged"], merged_into=None)


def merged_into_what_is_cancelled(cases):
    VisitCase.objects.filter(pk=cases["set"].pk).update(state="dropped")


def merged_on_another_day(cases):
    written(cases["merged"], on=world.day(41))


def merged_into_the_visit_of_another_shop(cases):
    VisitCase.objects.filter(pk=cases["merged"].pk).update(business=cases["planned"].business)


def planned_and_merged_all_the_same(cases):
    written(cases["proposed"], merged_into=cases["set"].pk)


def set_on_no_day(cases):
    written(cases["alone"], on=None)


def proposed_for_no_day(cases):
    written(cases["proposed"], on=None)


def planned_on_a_day(cases):
    written(cases["planned"], on=world.day(20))


FAULTS = {
    routine_beside_routine: CAPS,
    two_a_week: CAPS,
    merged_into_nothing: MERGED,
    merged_into_what_is_cancelled: MERGED,
    merged_on_another_day: MERGED,
    merged_into_the_visit_of_another_shop: MERGED,
    planned_and_merged_all_the_same: MERGED,
    set_on_no_day: DAYS,
    proposed_for_no_day: DAYS,
    planned_on_a_day: DAYS,
}


def test_every_fault_breaks_its_invariant(city):
    assert world.faults() == []
    for plant, name in FAULTS.items():
        with transaction.atomic():
            plant(city)
            assert not_so() == {name}, plant.__name__
            transaction.set_rollback(True)


def test_every_invariant_of_the_room_has_a_fault():
    assert set(FAULTS.values()) == set(of_this_room())


@pytest.mark.crawl
@pytest.mark.parametrize(
    "columns",
    [
        {"until_on": 0},
        {"on": 91},
        {"on": 0},
        {"because": "complaint", "note": ""},
        {"because": "fun", "note": "为什么"},
        {"merged_into": "itself"},
    ],
)
def test_the_database_refuses_what_can_never_be(city, columns):
    said = {name: world.day(value) if isinstance(value, int) else value for name, value in columns.items()}
    if "merged_into" in said:
        said["merged_into"] = city["set"].pk

    with pytest.raises(IntegrityError), transaction.atomic():
        written(city["set"], **said)
