"""A mentor's own page: who comes, who came, and what becomes of it when the mentor cannot come."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from cases.actions import general
from cases.models import Case
from notifications import own_data
from notifications.inbox.cards import unread_count
from notifications.models import Delivery, Letter
from services.models import Offering, Request, Slot
from services.slots import mentors, timetable
from tests.notifications.register import open_shop
from tests.pages.shops import text_of
from tests.subsidies.world import owner_of

from . import world

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-11-25T10:00:00+08:00")
PAGE = "/me/asked/"
WISH = {"key": "wish", "type": "text", "label": "想聊什么"}


@pytest.fixture(autouse=True)
def at_ten(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def mentor():
    return User.objects.begin_with_phone("13800000004")


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


def hour(mentor, code="talk", **more):
    row = world.offering("booking", code, mentor=mentor, mentor_name="张老师", questions=[WISH])
    return world.slot(row, **more)


def booked(slot, place=1, **fields):
    return world.asked(slot.offering, place, slot=slot, **fields)[0]


def address(case, verb):
    return f"{PAGE}{case.public_id}/{verb}/"


def version(case):
    return {"version": Case.objects.get(pk=case.pk).version}


def test_who_comes_is_shown_by_the_shop_and_what_they_wish(mentor):
    slot = hour(mentor)
    case = booked(slot, said={"wish": "怎么开直播"})

    page = text_of(browser_of(mentor).get(PAGE))

    assert case.business.name in page
    assert "想聊什么" in page
    assert "怎么开直播" in page
    assert "已约" in page
    for hidden in (case.operator.name, owner_of(case.business).masked_phone, "到场"):
        assert hidden not in page


def test_owners_see_the_name_that_was_entered_and_no_part_of_a_phone(mentor):
    named = hour(mentor).offering
    nameless = world.offering("booking", "other", mentor=mentor)

    assert (named.given_by, nameless.given_by) == ("张老师", "导师")
    assert "138" not in text_of(Client().get(f"/services/{nameless.code}/"))


def test_who_came_and_who_did_not_is_written_down_once_it_has_begun(mentor, time_machine):
    slot = hour(mentor, capacity=2)
    came, missed = booked(slot), booked(slot, 2)
    time_machine.move_to(slot.starts_at, tick=False)
    browser = browser_of(mentor)

    before = mentors.count_asked(mentor)
    browser.post(address(came, "attend"), version(came))
    browser.post(address(missed, "no_show"), version(missed))

    assert [(row.state, row.outcome) for row in Case.objects.order_by("pk")] == [
        ("attended", "helped"),
        ("no_show", "unreachable"),
    ]
    assert (before, mentors.count_asked(mentor)) == (2, 0)
    assert world.faults() == []


@pytest.mark.parametrize(("late", "state"), [(-1, "booked"), (0, "attended"), (1, "attended")])
def test_not_before_it_begins(mentor, time_machine, late, state):
    slot = hour(mentor)
    case = booked(slot)
    time_machine.move_to(slot.starts_at + timedelta(seconds=late), tick=False)

    answer = browser_of(mentor).post(address(case, "attend"), version(case), follow=True)

    assert Case.objects.get().state == state
    assert ("还没有开始" in text_of(answer)) == (state == "booked")


def test_one_booking_is_cancelled_with_a_reason(mentor):
    case = booked(hour(mentor))
    browser = browser_of(mentor)

    asks = browser.get(address(case, "revoke"))
    empty = browser.post(address(case, "revoke"), version(case) | {"reason": " "})
    browser.post(address(case, "revoke"), version(case) | {"reason": "我临时出差"})

    row = Case.objects.get()
    assert (asks.status_code, empty.status_code) == (200, 400)
    assert (row.state, row.outcome, row.reason) == ("revoked", "no_help", "我临时出差")


def test_a_time_to_which_the_mentor_cannot_come_is_cancelled_for_all(mentor):
    slot = hour(mentor)
    for place in (1, 2):
        booked(slot, place)
    browser, page = browser_of(mentor), f"{PAGE}slots/{slot.pk}/cancel/"

    asks, empty = browser.get(page), browser.post(page, {"reason": ""})
    answer = browser.post(page, {"reason": "我病了"}, follow=True)

    assert (asks.status_code, empty.status_code) == (200, 400)
    assert "取消了，已告诉 2 位" in text_of(answer)
    assert set(Case.objects.values_list("state", flat=True)) == {"revoked"}
    assert Slot.objects.get().status == "cancelled"
    assert world.faults() == []


def test_what_is_another_mentors_is_not_there(mentor):
    slot = hour(mentor)
    case = booked(slot)
    other = User.objects.begin_with_phone("13800000005")
    hour(other, "other")
    browser = browser_of(other)

    page = text_of(browser.get(PAGE))

    assert case.business.name not in page
    for verb in ("attend", "no_show", "revoke"):
        assert browser.post(address(case, verb), version(case) | {"reason": "x"}).status_code == 404
    assert browser.post(f"{PAGE}slots/{slot.pk}/cancel/", {"reason": "x"}).status_code == 404
    assert Case.objects.get().state == "booked"


def test_only_the_verbs_of_a_mentor_are_here(mentor):
    case = booked(hour(mentor))

    for verb in ("excuse", "confirm", "lapse", "nothing"):
        assert browser_of(mentor).post(address(case, verb), version(case)).status_code == 404


def test_whoever_is_no_mentor_has_no_such_page():
    shop = open_shop(1)

    assert browser_of(owner_of(shop)).get(PAGE).status_code == 404
    assert Client().get(PAGE).status_code == 302
    assert browser_of(world.bureau().reviewer).get(PAGE).status_code == 403


def test_a_mentor_without_a_shop_is_led_there(mentor):
    hour(mentor)

    answer = browser_of(mentor).get("/me/")

    assert (answer.status_code, answer.url) == (302, PAGE)


def test_a_mentor_does_not_call_the_roll_of_their_own_booking(time_machine):
    mentor = owner_of(open_shop(1))
    slot = hour(mentor)
    case = booked(slot)
    time_machine.move_to(slot.starts_at, tick=False)

    answer = browser_of(mentor).post(address(case, "attend"), version(case))

    assert (answer.status_code, Case.objects.get().state) == (403, "booked")


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_and_for_many(mentor, count, django_assert_max_num_queries):
    slot = hour(mentor, capacity=2)
    for place in range(1, count + 1):
        booked(slot, place)
    browser = browser_of(mentor)
    browser.get(PAGE)

    with django_assert_max_num_queries(
        10
    ):  # one of them: what waits for them as a person, whom no shop stands for
        browser.get(PAGE)


def test_the_mentor_met_last_comes_first(mentor, time_machine):
    known = hour(mentor, "known", days=1)
    later = hour(User.objects.begin_with_phone("13800000005"), "later", days=2)
    never = hour(User.objects.begin_with_phone("13800000006"), "never", days=3)
    for slot in (known, later, never):
        case = booked(slot)
        if slot is not never:
            Request.objects.filter(pk=case.pk).update(slot=slot)
            time_machine.move_to(slot.starts_at, tick=False)
            person = slot.offering.mentor
            browser_of(person).post(address(case, "attend"), version(case))

    rows = list(Offering.objects.order_by("-code"))  # never, later, known

    assert [row.code for row in mentors.met_first(rows, open_shop(1))] == ["later", "known", "never"]
    assert [row.code for row in mentors.met_first(rows, open_shop(2))] == ["never", "later", "known"]
    assert timezone.now() == later.starts_at


# What a mentor is told


def letters_to(user):
    return [row.sentence for row in Letter.objects.to(user).order_by("pk")]


def test_a_mentor_is_told_who_has_booked_and_who_does_not_come(mentor):
    slot = hour(mentor)
    case, owner = world.asked(slot.offering, slot=slot)
    waits, other = world.asked(slot.offering, 2, slot=slot)
    general.do(Case.objects.get(pk=case.pk), "excuse", {}, by=owner)
    general.do(Case.objects.get(pk=waits.pk), "confirm", {}, by=other)

    first, second = case.business.name, waits.business.name
    assert letters_to(mentor) == [
        f"11 月 28 日 10:00，“试验服务”：{first}约了您。",
        f"11 月 28 日 10:00，“试验服务”：{first}请了假。",
        f"11 月 28 日 10:00，“试验服务”：{second}约了您。",
    ]
    page = browser_of(mentor).get("/inbox/")
    assert text_of(page).count("约了您") >= 2
    assert unread_count(mentor) == 3


@pytest.mark.parametrize(("late", "told"), [(-1, 0), (0, 1), (1, 1)])
def test_a_mentor_is_reminded_once_a_day_before(mentor, time_machine, late, told):
    slot = hour(mentor, days=5)
    booked(slot)
    time_machine.move_to(slot.starts_at - timedelta(days=1) + timedelta(seconds=late), tick=False)

    counts = [timetable.remind_mentors(timezone.localdate()) for _ in range(2)]

    assert counts == [told, 0]
    assert [words for words in letters_to(mentor) if "有 1 家来" in words] == [
        "11 月 30 日 10:00，“试验服务”：有 1 家来。"
    ] * told


def test_a_time_that_nobody_has_booked_is_no_news(mentor, time_machine):
    slot = hour(mentor, days=5)
    time_machine.move_to(slot.starts_at - timedelta(hours=20), tick=False)

    assert timetable.remind_mentors(timezone.localdate()) == 0


def test_a_mentor_hears_of_a_time_that_somebody_else_cancelled_and_not_of_their_own(mentor):
    first, second = hour(mentor), hour(mentor, "other")

    timetable.cancel(first, "场地停电", by=world.bureau().reviewer)
    timetable.cancel(second, "我病了", by=mentor)

    assert letters_to(mentor) == ["11 月 28 日 10:00，“试验服务”：取消的原因：场地停电。"]


def test_the_letter_of_a_mentor_is_nobody_elses(mentor):
    slot = hour(mentor)
    case, owner = world.asked(slot.offering, slot=slot)
    letter = Letter.objects.to(mentor).get()
    address = f"/inbox/letters/{letter.pk}/"

    assert browser_of(mentor).get(address).status_code == 200
    assert browser_of(owner).get(address).status_code == 404
    answer = browser_of(mentor).post(f"{address}act/")
    assert (answer.status_code, answer.url) == (302, PAGE)
    letter.refresh_from_db()
    assert letter.opened_at is not None
    assert world.faults() == []
    assert case.operator_id is not None


def test_what_was_told_to_a_mentor_is_theirs_to_take_and_goes_with_the_account(mentor):
    booked(hour(mentor))

    found = own_data.export(mentor)["letters"]
    own_data.erase(mentor)

    assert [row["title"] for row in found] == ["有人约了您"]
    assert not Letter.objects.to(mentor).exists()


def test_a_mentor_is_told_outside_as_well(mentor, gateway):
    User.objects.filter(pk=mentor.pk).update(phone_verified_at=NOW)

    booked(hour(mentor))

    delivery = Delivery.objects.get(user=mentor)
    assert (delivery.channel, delivery.letter.title) == ("sms", "有人约了您")
