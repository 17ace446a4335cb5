"""The times of a service in the admin."""

import pytest
from django.utils import timezone

from cases.models import Case
from services.models import Slot
from tests.services import world

from .writing import LIST, SERIES, browser_of, errors, slot_form

pytestmark = pytest.mark.django_db


def test_a_series_is_made_on_its_page(people):
    row = world.offering("booking", "window")
    address = f"{LIST}{row.pk}/series/"

    answer = browser_of(people.clerk).post(address, SERIES)
    wrong = browser_of(people.clerk).post(address, SERIES | {"weeks": "52", "from": "9"})

    assert (answer.status_code, Slot.objects.count()) == (302, 32)
    assert (wrong.status_code, list(errors(wrong))) == (400, ["from"])


def test_more_than_two_hundred_are_refused_with_the_line_named(people):
    row = world.offering("booking", "window")

    answer = browser_of(people.clerk).post(f"{LIST}{row.pk}/series/", SERIES | {"weeks": "26"})

    assert errors(answer) == {"weeks": ["weeks：一共 208 场，一次最多 200 场。"]}
    assert not Slot.objects.exists()


def test_one_time_is_made(people):
    row = world.offering("booking", "window")

    answer = browser_of(people.clerk).post("/admin/services/slot/add/", slot_form(row))

    slot = Slot.objects.get()
    assert answer.status_code == 302
    assert timezone.localtime(slot.starts_at).isoformat() == "2026-12-03T19:00:00+08:00"


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"capacity": "0"}, "capacity", "名额至少 1 个。"),
        ({"starts_at": "2026-11-25 10:00"}, "starts_at", "开始时间要在现在以后。"),
        ({"ends_at": "2026-12-03 19:00"}, "__all__", "结束时间要晚于开始时间。"),
        ({"minimum": "13", "decide_at": "2026-12-02 19:00"}, "__all__", "最少开班人数不能多于名额。"),
        ({"minimum": "3"}, "__all__", "写了最少几人开班，就要写何时定。"),
        ({"minimum": "3", "decide_at": "2026-12-03 19:00"}, "decide_at", "要在开始以前定。"),
    ],
)
def test_a_time_that_cannot_be_is_refused_beside_its_box(people, wrong, field, words):
    row = world.offering("booking", "window")

    answer = browser_of(people.clerk).post("/admin/services/slot/add/", slot_form(row, **wrong))

    assert errors(answer) == {field: [words]}
    assert not Slot.objects.exists()


def test_fewer_seats_than_are_taken_are_refused_and_more_are_offered(people):
    slot = world.slot(world.offering("booking", "window"), capacity=2)
    cases = [world.asked(slot.offering, place, slot=slot)[0] for place in (1, 2, 3)]
    address = f"/admin/services/slot/{slot.pk}/edit/"
    browser = browser_of(people.clerk)

    fewer = browser.post(address, {"place": "", "capacity": "1", "minimum": "0", "decide_at": ""})
    more = browser.post(address, {"place": "", "capacity": "3", "minimum": "0", "decide_at": ""}, follow=True)

    assert errors(fewer) == {"capacity": ["已经约了 2 人，名额不能少于 2 个。"]}
    assert "有 1 位排队的得到名额" in more.content.decode()
    assert Case.objects.get(pk=cases[2].pk).state == "offered"


def test_a_time_is_cancelled_with_a_reason(people):
    slot = world.slot(world.offering("booking", "window"))
    world.asked(slot.offering, slot=slot)
    address = f"/admin/services/slot/{slot.pk}/cancel/"

    empty = browser_of(people.clerk).post(address, {"reason": ""})
    answer = browser_of(people.clerk).post(address, {"reason": "停电"}, follow=True)

    assert empty.status_code == 400
    assert "取消了，已告诉 1 位" in answer.content.decode()
    assert (Slot.objects.get().status, Case.objects.get().outcome) == ("cancelled", "no_help")
