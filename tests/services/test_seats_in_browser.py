"""Bookings and classes in a browser on a phone: a mentor and who did not come, a full class whose offer lapses, a
class of too few."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from tests.pages.conftest import NARROW, PHONE
from tests.pages.shops import browser_of

WAYS = [True, pytest.param(False, marks=pytest.mark.long)]


@pytest.fixture(scope="module")
def city(site, django_db_blocker):
    """A mentor's hours and a class, and whoever answers for them."""
    with django_db_blocker.unblock():
        from accounts.actions import agree
        from accounts.models import User
        from policies.models import Benefit
        from tests.services import world

        people = world.bureau("hrss", "市人力资源社会保障局")
        mentor = User.objects.begin_with_phone("13800007777")
        agree(mentor, "service")
        given = {"handler": people.department, "benefit": Benefit.objects.get(code="M09a")}
        wish = {"key": "wish", "type": "text", "label": "想聊什么"}
        people.hours = world.offering(
            "booking",
            "talk",
            title="请教老店主",
            mentor=mentor,
            mentor_name="张老师",
            questions=[wish],
            **given,
        )
        people.lesson = world.offering("enrolment", "lesson", title="短视频班", **given)
        people.mentor = mentor
        return people


def cookies_of(user):
    return {settings.SESSION_COOKIE_NAME: browser_of(user).cookies[settings.SESSION_COOKIE_NAME].value}


@pytest.fixture
def shopkeeper(city):
    """``(number) → (shop, cookies)`` of a shop with an owner."""
    from tests.notifications.register import open_shop
    from tests.subsidies.world import owner_of

    def made(place):
        shop = open_shop(place)
        return shop, cookies_of(owner_of(shop))

    return made


def look(page, faults, javascript):
    """What is wrong with the page, wide as a phone and narrower. Axe waits for timers, which do not run without
    scripts."""
    if not javascript:
        return []
    wrong = faults(page, [PHONE, NARROW])
    page.set_viewport_size({"width": PHONE, "height": 800})
    return wrong


@pytest.mark.parametrize("javascript", WAYS)
def test_a_mentor_is_booked_and_nobody_comes(open_browser, faults, shopkeeper, city, javascript):
    from cases.models import Case
    from services.models import Slot
    from tests.services import world

    shop, cookies = shopkeeper(500 + javascript)
    Slot.objects.filter(offering=city.hours).update(status=Slot.Status.DONE)
    slot = world.slot(city.hours, days=2)
    page = open_browser(PHONE, cookies, javascript)
    page.goto("/services/talk/")
    page.get_by_label("想聊什么").fill("怎么拍店里的菜")
    wrong = look(page, faults, javascript)
    page.get_by_role("button", name="预约").click()
    page.wait_for_url("**/cases/**")
    booked = page.locator("main").inner_text()
    mine = open_browser(PHONE, cookies_of(city.mentor), javascript)
    mine.goto("/inbox/")
    news = mine.locator("main").inner_text()
    mine.goto("/me/")
    ahead = mine.locator("main").inner_text()
    wrong += look(mine, faults, javascript)
    mine.get_by_role("link", name="这个时间我来不了").click()
    mine.get_by_role("button", name="取消这个时间").click()
    said = mine.locator(".errors").inner_text()
    wrong += look(mine, faults, javascript)
    begins = timezone.now() - timedelta(minutes=20)
    Slot.objects.filter(pk=slot.pk).update(starts_at=begins, ends_at=begins + timedelta(hours=1))
    mine.goto("/me/asked/")
    wrong += look(mine, faults, javascript)
    mine.get_by_role("button", name="没有到").click()
    mine.get_by_text("没有到。").wait_for()
    page.reload()
    ended = page.locator("main").inner_text()

    assert wrong == []
    assert "张老师" in booked or "已约" in booked
    assert shop.name in news
    assert "怎么拍店里的菜" in ahead
    assert "请写取消的原因" in said
    assert "这次记的是没有到" in ended
    assert [(row.state, row.outcome) for row in Case.objects.filter(business=shop)] == [
        ("no_show", "unreachable")
    ]


@pytest.mark.parametrize("javascript", WAYS)
def test_a_full_class_is_waited_for_and_an_offer_lapses(open_browser, faults, shopkeeper, city, javascript):
    from cases.actions import general
    from cases.models import Case
    from services.models import Request, Slot
    from services.slots import timetable
    from tests.services import world

    place = 510 + 4 * javascript
    shop, cookies = shopkeeper(place)
    Slot.objects.filter(offering=city.lesson).update(status=Slot.Status.CANCELLED)
    slot = world.slot(city.lesson, days=4, capacity=1)
    first, other = world.asked(city.lesson, place + 1, slot=slot, words="")
    page = open_browser(PHONE, cookies, javascript)
    page.goto("/services/lesson/")
    page.get_by_role("button", name="报名").click()
    page.wait_for_url("**/cases/**")
    waits = page.locator("main").inner_text()
    third, _ = world.asked(city.lesson, place + 2, slot=slot, words="")
    general.do(Case.objects.get(pk=first.pk), "excuse", {}, by=other)
    page.reload()
    offered = page.locator("main").inner_text()
    wrong = look(page, faults, javascript)
    case = Case.objects.get(business=shop)
    Request.objects.filter(pk=case.pk).update(offered_until=timezone.now())
    page.get_by_role("button", name="确认要").click()
    late = page.locator("body").inner_text()
    timetable.lapse_offers(timezone.localdate())
    page.goto(f"/cases/{case.public_id}/")
    lapsed = page.locator("main").inner_text()
    wrong += look(page, faults, javascript)

    assert wrong == []
    assert "您排在第 1 位" in waits
    assert "有空位，请在" in offered
    assert "名额只留到刚才" in late
    assert "没有排上" in lapsed
    assert (Case.objects.get(pk=case.pk).outcome, Case.objects.get(pk=third.pk).state) == (
        "expired",
        "offered",
    )


@pytest.mark.parametrize("javascript", WAYS)
def test_a_class_of_too_few_is_cancelled_and_changed_for_another(
    open_browser, faults, shopkeeper, city, javascript
):
    from cases.models import Case
    from services.models import Slot
    from services.slots import timetable
    from tests.services import world

    shop, cookies = shopkeeper(530 + javascript)
    Slot.objects.filter(offering=city.lesson).update(status=Slot.Status.CANCELLED)
    soon = timezone.now() + timedelta(days=1)
    slot = world.slot(city.lesson, days=3, capacity=8, minimum=3, decide_at=soon)
    page = open_browser(PHONE, cookies, javascript)
    page.goto("/services/lesson/")
    page.get_by_role("button", name="报名").click()
    page.wait_for_url("**/cases/**")
    world.slot(city.lesson, days=9, capacity=8)
    Slot.objects.filter(pk=slot.pk).update(decide_at=timezone.now())
    timetable.decide(timezone.localdate())
    page.reload()
    cancelled = page.locator("main").inner_text()
    wrong = look(page, faults, javascript)
    page.goto("/inbox/")
    page.get_by_role("link", name="取消了").first.click()
    letter = page.locator("main").inner_text()
    wrong += look(page, faults, javascript)
    page.get_by_role("button", name="约别的时间").click()
    page.get_by_role("button", name="报名").click()
    page.wait_for_url("**/cases/**")

    rows = Case.objects.filter(business=shop).order_by("pk")
    assert wrong == []
    assert "没有开班：报名的人不够开班（1 人，要 3 人）" in cancelled
    assert "最近还能约" in letter
    assert list(rows.values_list("state", "outcome")) == [("cancelled", "no_help"), ("booked", "")]
