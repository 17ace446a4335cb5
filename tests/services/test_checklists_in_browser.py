"""In a browser, the staff too: a shop onto the list of 名特优新, one that becomes a company, a relative who books."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from tests.pages.conftest import DESKTOP, PHONE, follow, sideways, violations_on_the_way
from tests.pages.shops import browser_of

WAYS = [False, pytest.param(True, marks=pytest.mark.long)]
WORDS = "看过了，材料属实"


@pytest.fixture(scope="module")
def city(site, django_db_blocker):
    """The services that are shipped, and two in each bureau who do their steps."""
    with django_db_blocker.unblock():
        from django.contrib.auth.models import Group

        from accounts.models import Department, User
        from portal.demo_services import load_mentor
        from services.catalogue.loading import load_offerings

        load_mentor()
        load_offerings(demo=True)
        roles, found = Group.objects.filter(name__in=["服务专员", "审批员", "市场监管员"]), {}
        for department in Department.objects.filter(code__in=["market", "tax", "hrss"]):
            for place in (0, 1):
                user = User.objects.create(
                    username=f"step_{department.code}_{place}", is_staff=True, department=department
                )
                user.groups.set(roles)
                found[department.code, place] = user
        return found


def cookies_of(user):
    return {settings.SESSION_COOKIE_NAME: browser_of(user).cookies[settings.SESSION_COOKIE_NAME].value}


def shopkeeper(place, *groups):
    """A shop whose owner is of ``groups``, and the owner."""
    from businesses.actions import state_facts
    from tests.notifications.register import open_shop, tell_of
    from tests.subsidies.world import owner_of

    shop = open_shop(place, entity_type="individual_business", registered_on="2022-03-05")
    tell_of(shop, "employment", operator_groups={"yes": list(groups), "no": []})
    owner = owner_of(shop)
    state_facts(shop, {"owns_brand": True}, by=owner)
    return shop, owner


def wrong_with(page, javascript):
    wide = [f"{page.url} scrolls sideways"] if sideways(page) else []
    return wide + ([f"{page.url}: {fault}" for fault in violations_on_the_way(page)] if javascript else [])


def sent(page, javascript):
    """What is wrong with the form, which is sent, and with the case it becomes."""
    wrong = wrong_with(page, javascript)
    follow(page.locator("main form button.wide").first)
    return wrong + wrong_with(page, javascript)


def step(page, case, verb, javascript):
    """Somebody of a bureau opens the case and does a verb; what is wrong with the pages."""
    page.goto(f"/admin/services/servicecase/{case.pk}/change/")
    wrong = wrong_with(page, javascript)
    follow(page.locator(".case-buttons").get_by_role("link", name=verb, exact=True))
    page.locator("#box-note").fill(WORDS)
    wrong += wrong_with(page, javascript)
    follow(page.get_by_role("button", name=verb, exact=True))
    refused = page.locator(".review-problems")
    return [*wrong, *refused.all_inner_texts()]


@pytest.mark.benefit("M15b")
@pytest.mark.parametrize("javascript", WAYS)
def test_a_shop_is_put_on_the_list_by_two(open_browser, city, javascript):
    from businesses.models import DistinctiveListing
    from cases.models import Case

    shop, owner = shopkeeper(660 + javascript, "veteran")
    page = open_browser(PHONE, cookies_of(owner), javascript)
    first, second = (open_browser(DESKTOP, cookies_of(city["market", place]), javascript) for place in (0, 1))

    page.goto("/services/distinctive/")
    page.get_by_label("特色", exact=True).check(force=True)
    page.get_by_label("好在哪里").fill("祖传的羊肉粉，汤熬一夜")
    wrong = sent(page, javascript)
    case = Case.objects.get(business=shop)
    wrong += step(first, case, "办完这一步", javascript)
    first.goto(f"/admin/services/servicecase/{case.pk}/change/")
    own = first.locator("#content").inner_text()
    wrong += step(second, case, "认定", javascript)
    page.reload()

    assert wrong == []
    assert "祖传的羊肉粉" in own
    assert not first.locator(".case-buttons").get_by_role("link", name="认定", exact=True).count()
    assert "已经认定" in page.locator("main").inner_text()
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("listed", "granted")
    assert DistinctiveListing.objects.get(business=shop).listed_as == "characteristic"


@pytest.mark.benefit("M18a")
@pytest.mark.parametrize("javascript", WAYS)
def test_a_shop_becomes_a_company_step_by_step(open_browser, city, javascript):
    from cases.models import Case

    shop, owner = shopkeeper(670 + javascript)
    page = open_browser(PHONE, cookies_of(owner), javascript)

    page.goto("/services/conversion/compare/")
    page.get_by_label("店里一年赚多少").fill("120000")
    follow(page.get_by_role("button", name="比一比"))
    compared, wrong = page.locator("#taxes").inner_text(), wrong_with(page, javascript)
    page.goto("/services/conversion/")
    page.get_by_label("直接变更登记").check(force=True)
    page.get_by_label("企业想叫什么名字").fill("六盘水某某餐饮有限公司")
    page.get_by_label("没有债").check(force=True)
    wrong += sent(page, javascript)
    case = Case.objects.get(business=shop)
    for place, bureau in enumerate(("tax", "market", "market", "market", "hrss")):
        desk = open_browser(DESKTOP, cookies_of(city[bureau, 0]), javascript)
        wrong += step(desk, case, "办完这一步", javascript)
        page.reload()
        if place == 0:
            on_the_way = page.locator("main").inner_text()

    assert wrong == []
    assert "120,000" in compared
    assert "清税" in on_the_way
    assert "每一步都办完了" in page.locator("main").inner_text()
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("done", "helped")


@pytest.mark.parametrize("javascript", WAYS)
def test_a_relative_books_a_mentor_for_the_shop_and_gives_the_time_back(open_browser, city, javascript):
    from businesses.actions import give_mandate
    from cases.models import Case
    from services.models import Offering
    from tests.jobs.world import person
    from tests.services import world

    shop, owner = shopkeeper(680 + javascript)
    relative = person(150 + javascript)
    until = timezone.localdate() + timedelta(days=30)
    give_mandate(shop, scopes=["view", "apply"], until=until, by=owner, phone=relative.phone)
    hours = Offering.objects.filter(kind="booking", mentor__isnull=False).first()
    world.slot(hours, days=3)
    page = open_browser(PHONE, cookies_of(relative), javascript)

    page.goto(f"/services/{hours.code}/")
    for box in page.locator("main textarea, main input[type=text]").all():
        box.fill("怎么让客人再来")
    page.locator("main [name=slot]").last.check(force=True)
    wrong = sent(page, javascript)
    case = Case.objects.get(business=shop)
    booked = case.state
    page.goto(f"/cases/{case.public_id}/")
    follow(page.locator("main :is(a, button):has-text('请假')").first)
    follow(page.locator("main form button.wide").first)

    assert wrong == []
    assert booked == "booked"
    case.refresh_from_db()
    assert (case.outcome, case.begun_by) == ("withdrawn", relative)
