"""The board: counted from what became of what was sent, for those of whom there is enough to say something."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import Department
from needs import board
from services.models import Leg, Request
from tests.standing import BOTH, stands

from ..services import world

pytestmark = [
    pytest.mark.django_db(databases=["default", "postgres"]),
    pytest.mark.every_engine("aggregates"),
]
TODAY = timezone.localdate


def _ask():
    bank = world.institution("bank_a", "演示银行甲")
    world.asked(world.offering("tender", "loan"), receivers=(bank.department,))
    Leg.objects.all().delete()


_asked = stands(_ask, BOTH)


@pytest.fixture
def request_(_asked, engine):
    cache.clear()
    return Request.objects.get(), Department.objects.get(code="bank_a")


def leg(request_, state="done", days=2, taken=1, ago=10, due=None, **more):
    """An ended leg: sent ``ago`` + ``days`` days ago, taken after ``taken`` and ended after ``days``."""
    request, department = request_
    sent = timezone.now() - timedelta(days=ago + days)
    position = Leg.objects.count() + 1
    is_open = state in ("sent", "taken")
    return Leg.objects.create(
        request=request,
        receiver=department,
        step=str(position),
        position=position,
        state=state,
        reason="没有抵押" if state in ("no_help", "not_for_me") else "",
        sent_at=sent,
        taken_at=None if taken is None else sent + timedelta(days=taken),
        closed_at=None if is_open else sent + timedelta(days=days),
        due_on=due and timezone.localdate(sent) + timedelta(days=due),
        **more,
    )


def figures():
    cache.clear()
    return {one.name: one for one in board.board(TODAY())}.get("演示银行甲")


@pytest.mark.parametrize(("count", "shown"), [(4, False), (5, True), (6, True)])
def test_fewer_than_five_ended_ones_say_nothing_of_anybody(request_, count, shown):
    for _ in range(count):
        leg(request_)
    leg(request_, "sent", taken=None)

    assert (figures() is not None) == shown


def test_what_was_sent_how_it_ended_and_how_long_it_took(request_):
    for days in (1, 2, 3, 10):
        leg(request_, days=days)
    for state in ("no_help", "no_help", "unreachable", "not_for_me", "no_answer"):
        leg(request_, state, days=4)
    leg(request_, "dropped")
    leg(request_, "sent", taken=None)

    found = figures()

    assert (found.sent, found.waiting, found.ended, found.median_days) == (10, 1, 9, 4)
    assert [(row["label"], row["count"]) for row in found.outcomes] == [
        ("办成或答复", 4), ("没办成", 2), ("转给别家", 1), ("联系不上", 1), ("没有回音", 1),
    ]  # fmt: skip
    assert sum(row["width"] for row in found.outcomes) == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize(("taken", "in_time"), [(8, 5), (9, 5), (10, 0)])
def test_where_nothing_is_promised_nine_days_are_in_time(request_, taken, in_time):
    for _ in range(5):
        leg(request_, days=20, taken=taken)

    assert figures().in_time == in_time


@pytest.mark.parametrize(("taken", "in_time"), [(2, 5), (3, 5), (4, 0)])
def test_what_is_promised_is_in_time_until_its_day(request_, taken, in_time):
    for _ in range(5):
        leg(request_, days=20, taken=taken, due=3)

    assert figures().in_time == in_time


def test_answered_at_once_is_in_time_and_never_answered_is_not(request_):
    for _ in range(4):
        leg(request_, days=1, taken=None)
    leg(request_, "no_answer", days=1, taken=None)

    assert (figures().in_time, figures().in_time_percent) == (4, 80)


def test_what_ended_more_than_a_year_ago_is_not_counted(request_):
    for ago in (10, 20, 30, 364, 366, 400):
        leg(request_, ago=ago, days=0, taken=0)

    assert figures() is None
    leg(request_, ago=363, days=0, taken=0)
    assert figures().ended == 5


def test_who_did_not_come_is_counted_for_whoever_gave_the_time(request_):
    for _ in range(5):
        leg(request_)
    row = world.offering("booking", "studio", handler=request_[1])
    for place, state in enumerate(("attended", "no_show", "no_show", "booked"), 1):
        hour = world.slot(row)
        case, _ = world.asked(row, place, slot=hour)
        type(case).objects.filter(pk=case.pk, procedure="booking").update(
            state=state, **case.life.states[state].columns
        )

    found = figures()

    assert (found.came, found.no_shows) == (1, 2)
    assert Request.objects.filter(case__state="booked").count() == 1


@pytest.mark.parametrize(("by_days", "found"), [
    ({}, None), ({3: 1}, 3), ({1: 1, 4: 1}, 2.5), ({1: 5, 9: 1}, 1), ({1: 2, 3: 2}, 2),
])  # fmt: skip
def test_the_median_of_a_count_by_day(by_days, found):
    assert board.median(by_days) == found


def test_three_queries_however_many_there_are(request_, django_assert_num_queries):
    for _ in range(6):
        leg(request_)
    cache.clear()

    with django_assert_num_queries(3):
        board.board(TODAY())
    with django_assert_num_queries(0):
        board.board(TODAY())


def test_the_page_says_the_figures_as_bars_and_as_a_table_and_what_each_means(client, request_):
    assert "还没有办结满 5 单" in client.get("/services/board/").content.decode()
    for _ in range(5):
        leg(request_)
    cache.clear()

    page = " ".join(client.get("/services/board/").content.decode().split())

    assert page.count("演示银行甲") == 2
    for words in ("2 天", "办成或答复 5", "100% 按时接办", "这些数字怎么算", "<table>", "本站设定，待核实"):
        assert words in page
    assert client.post("/services/board/").status_code == 405
