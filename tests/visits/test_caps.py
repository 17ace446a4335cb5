"""How often is too often: a shop has one visit a day, two a week, three a month, whichever bureaus pay them."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from core.errors import Refused
from visits.caps import caps, days_of

from . import world

pytestmark = pytest.mark.django_db
TUESDAY = date(2027, 3, 9)  # of a month with whole weeks on both sides


@pytest.fixture(autouse=True)
def on_a_tuesday():
    noon = timezone.make_aware(datetime(TUESDAY.year, TUESDAY.month, TUESDAY.day, 12))
    with time_machine.travel(noon, tick=False):
        yield


@pytest.fixture
def shop():
    return world.shop()[0]


def on(shop, one, day, **more):
    return world.visit_set(shop, one, (day - TUESDAY).days, **more)


def refusal(shop, one, day, **more):
    with pytest.raises(Refused) as found:
        on(shop, one, day, **more)
    return str(found.value)


def march(day):
    return date(2027, 3, day)


def test_the_figures_are_those_of_the_file():
    assert [(cap.span, cap.most) for cap in caps()] == [("day", 1), ("week", 2), ("month", 3)]


@pytest.mark.parametrize(
    ("span", "day", "first", "last"),
    [
        ("day", march(10), march(10), march(10)),
        ("week", march(8), march(8), march(14)),  # a Monday
        ("week", march(14), march(8), march(14)),  # a Sunday
        ("week", march(15), march(15), march(21)),
        ("month", march(1), march(1), march(31)),
        ("month", date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_spans_are_those_of_the_calendar(span, day, first, last):
    assert days_of(span, day) == (first, last)


@pytest.mark.parametrize(("second", "is_fine"), [(10, True), (11, False), (12, True)])
def test_one_a_day(shop, second, is_fine):
    one, other, *_ = world.bureaus()
    on(shop, one, march(11))

    if is_fine:
        assert on(shop, other, march(second)).state == "set"
    else:
        assert refusal(shop, other, march(second)) == (
            "3 月 11 日不行：这一天已有 1 次检查，最多 1 次。"
            "请换一天。因投诉、事故或交办非去不可的，请另列一个计划，写明原因。"
        )


@pytest.mark.parametrize(
    ("third", "is_fine"), [(14, True), (15, False), (17, False), (21, False), (22, True)]
)
def test_two_a_week_from_monday_to_sunday(shop, third, is_fine):
    one, other, *_ = world.bureaus()
    on(shop, one, march(16))
    on(shop, other, march(18))

    if is_fine:
        assert on(shop, one, march(third)).state == "set"
    else:
        assert "这一周已有 2 次检查，最多 2 次" in refusal(shop, one, march(third))


@pytest.mark.parametrize(("fourth", "is_fine"), [(30, False), (31, False), (32, True)])
def test_three_a_month(shop, fourth, is_fine):
    for one, day in zip(world.bureaus(), (9, 16, 23), strict=False):
        on(shop, one, march(day))
    day = march(1) + timedelta(days=fourth - 1)

    if is_fine:
        assert on(shop, world.bureau(), day).state == "set"
    else:
        assert "这个月已有 3 次检查，最多 3 次" in refusal(shop, world.bureau(), day)


@pytest.mark.parametrize("because", ["complaint", "accident", "ordered"])
def test_what_is_out_of_turn_is_paid_all_the_same_and_counts(shop, because):
    one, other, *_ = world.bureaus()
    on(shop, one, march(11))
    on(shop, other, march(11), because=because, note="群众反映油烟大")

    assert "这一周已有 2 次检查" in refusal(shop, one, march(12))
    assert world.faults() == []


def test_another_shop_is_another_count(shop):
    one = world.bureau()
    on(shop, one, march(11))

    assert on(world.shop(2)[0], one, march(11)).state == "set"


def test_what_is_cancelled_counts_no_more_and_what_is_paid_does(shop):
    one, other, *_ = world.bureaus()
    first = on(shop, one, march(9))
    assert "这一天已有 1 次" in refusal(shop, other, march(9))
    world.do(first, "drop", one.officer, reason="不去了")
    second = on(shop, other, march(9))
    world.do(second, "done", other.officer, words="没有问题")

    assert "这一天已有 1 次" in refusal(shop, one, march(9))


def test_a_visit_may_be_moved_within_its_own_week(shop):
    one, other, *_ = world.bureaus()
    on(shop, one, march(16))
    case = world.planned(shop, other, 8, 12)
    world.do(case, "set", other.officer, on="2027-03-17")

    assert world.do(case, "move", other.officer, on="2027-03-18").state == "set"
    with pytest.raises(Refused, match="之间的一天"):
        world.do(case, "move", other.officer, on="2027-03-16")
    assert world.fresh(case).visit.on == march(18)
    assert world.faults() == []
