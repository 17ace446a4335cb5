"""A day without a network: what was kept is there and says of which day; of a person nothing is, unless they chose."""

import pytest
from django.conf import settings
from django.utils import timezone

from .conftest import follow
from .keeping import backdate, cut_off, kept, pages_kept, until_kept
from .owners import answers_cookie, typical_owners
from .shops import browser_of, person, store, tea_shop

HOME, GUIDE, RESULTS = "/", "/policies/M05c/", "/check/results/"
SHELL = [HOME, "/look", "/offline/", "/static/app.css", "/static/icon.svg", "/static/keep.js"]
NOTE = "main > [role=status]"
OWNER = next(iter(typical_owners().values()))


@pytest.fixture
def reader(open_browser):
    """Somebody who has answered and looks at the results."""
    page = open_browser(cookies={"answers": answers_cookie(OWNER)})
    page.goto(RESULTS)
    until_kept(page, *SHELL)
    return page


@pytest.fixture(scope="module")
def session(site, django_db_blocker):
    from businesses.models import Binding

    with django_db_blocker.unblock():
        shop = store(tea_shop(), code="92520281MA6E000198", identity="520201198001010039")
        owner = person(90)
        Binding.objects.get_or_create(business=shop, user=owner)
        return {settings.SESSION_COOKIE_NAME: browser_of(owner).cookies[settings.SESSION_COOKIE_NAME].value}


def today():
    day = timezone.localdate()
    return f"{day.month} 月 {day.day} 日"


def remember(page):
    page.get_by_role("button", name="记住这台手机").click()
    page.get_by_role("button", name="不再记住").wait_for()


def state_of_rent(page):
    return page.locator("[data-item=M05c]").get_attribute("data-state")


def test_home_and_an_opened_guide_are_there_and_say_of_which_day(open_browser):
    page = open_browser()
    page.goto(GUIDE)
    until_kept(page, HOME, GUIDE)
    backdate(page, GUIDE, "Sun, 29 Nov 2026 02:00:00 GMT")
    cut_off(page)

    page.goto(GUIDE)
    guide = page.locator(NOTE).inner_text(), page.locator("h1").inner_text()
    page.goto(HOME)
    home = page.locator(NOTE).inner_text(), page.locator("h1").inner_text()

    assert guide == ("没有网络，这是 11 月 29 日的内容。 还能看什么", "房租补贴")
    assert home == (f"没有网络，这是 {today()}的内容。 还能看什么", "看看您的店能领哪些补贴")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("Sun, 29 Nov 2026 15:59:59 GMT", "11 月 29 日"),
        ("Sun, 29 Nov 2026 16:00:00 GMT", "11 月 30 日"),
        ("Thu, 31 Dec 2020 15:00:00 GMT", "2020 年 12 月 31 日"),
    ],
)
def test_the_day_is_that_of_guizhou_with_its_year_where_it_is_another(open_browser, moment, day):
    page = open_browser()
    page.goto(HOME)
    until_kept(page, HOME, "/look")
    backdate(page, HOME, moment)
    cut_off(page)

    page.goto(HOME)

    assert page.locator(NOTE).inner_text() == f"没有网络，这是 {day}的内容。 还能看什么"


def test_a_page_that_was_not_kept_says_what_is_here_and_whom_to_call(reader):
    reader.goto(GUIDE)
    until_kept(reader, GUIDE)
    reader.goto(RESULTS)
    remember(reader)
    cut_off(reader)

    answer = reader.goto("/policies/M05a/")

    assert answer.status == 503
    assert reader.locator(NOTE).inner_text() == "没有网络，这一页没有留下来。"
    links = reader.locator("[data-kept] a").evaluate_all(
        "all => all.map(one => [one.getAttribute('href'), one.querySelector('b').textContent])"
    )
    assert links == [[HOME, "首页"], [RESULTS, "记住的结果"], [GUIDE, "房租补贴"]]
    assert reader.locator("main a[href='tel:12345']").count() == 1


def test_without_the_choice_no_result_is_kept(reader):
    cut_off(reader)

    assert "result" not in kept(reader)
    assert reader.goto(RESULTS).status == 503


def test_a_remembered_result_is_there_and_is_taken_back(reader):
    count = reader.locator("[data-item]").count()
    remember(reader)
    cut_off(reader)
    reader.goto(RESULTS)
    shown = reader.locator(NOTE).first.inner_text(), reader.locator("[data-item]").count()
    reader.get_by_role("button", name="不再记住").click()
    reader.get_by_text("不记了").wait_for()

    assert shown == (f"没有网络，这是 {today()}的内容。 还能看什么", count)
    assert "result" not in kept(reader)
    assert reader.goto(RESULTS).status == 503


def test_what_is_remembered_is_the_last_result(reader):
    remember(reader)
    states, origin = [state_of_rent(reader)], reader.evaluate("location.origin")
    reader.context.add_cookies(
        [{"name": "answers", "value": answers_cookie({"operator_groups": []}), "url": origin}]
    )

    reader.goto(RESULTS)
    reader.get_by_role("button", name="不再记住").wait_for()
    states.append(state_of_rent(reader))
    cut_off(reader)
    reader.goto(RESULTS)
    states.append(state_of_rent(reader))

    assert states == ["now", "no", "no"]


def test_a_result_without_answers_does_not_take_the_place_of_one_with(reader):
    remember(reader)
    before = reader.locator("h1").inner_text()
    reader.context.clear_cookies()

    reader.goto(RESULTS, wait_until="networkidle")
    drawn = reader.locator("[data-remember]").count()
    cut_off(reader)
    reader.goto(RESULTS)

    assert drawn == 0
    assert reader.locator("h1").inner_text() == before


def test_a_result_that_was_sent_on_is_not_offered_to_be_kept(reader):
    reader.goto(reader.get_by_role("link", name="发给家人看").get_attribute("href"))

    assert reader.locator("[data-remember]").count() == 0
    assert "result" not in kept(reader)


def test_clearing_the_answers_clears_what_was_kept_of_them(reader):
    remember(reader)

    follow(reader.get_by_role("button", name="清除我的答案"))

    assert "result" not in kept(reader)
    cut_off(reader)
    assert reader.goto(RESULTS).status == 503


def test_clearing_without_a_network_clears_it_as_well(reader):
    remember(reader)
    cut_off(reader)
    reader.goto(RESULTS)

    follow(reader.get_by_role("button", name="清除我的答案"))

    assert reader.locator(NOTE).inner_text() == "没有网络，刚才的没有发出去。"
    assert "result" not in kept(reader)


def test_nothing_of_somebody_signed_in_is_ever_kept(open_browser, session):
    page = open_browser(cookies=session)
    for address in (
        "/me/",
        "/inbox/",
        "/cases/",
        "/apply/M05c/",
        "/me/data/",
        "/policies/",
        "/services/",
        GUIDE,
        HOME,
    ):
        page.goto(address)
    follow(page.get_by_role("button", name="看每一笔怎么来的"))
    page.goto(RESULTS)
    page.goto(GUIDE)
    until_kept(page, GUIDE, *SHELL)

    assert kept(page) == {"guides": [GUIDE], "shell": SHELL}
    texts = pages_kept(page)
    assert [word for word in ("/logout/", "茶", "data-state", "您的店现在可以享受") if word in texts] == []
    assert page.get_by_role("button", name="退出").count() == 1


def test_who_signs_out_leaves_no_result_behind(open_browser, session):
    page = open_browser(cookies=session)
    page.goto(HOME)
    follow(page.get_by_role("button", name="看每一笔怎么来的"))
    page.goto(RESULTS)
    until_kept(page, *SHELL)
    remember(page)
    remembered = kept(page)["result"]

    follow(page.get_by_role("button", name="退出"))

    assert remembered == [RESULTS]
    assert "result" not in kept(page)
    assert "/logout/" not in pages_kept(page)


def test_who_signs_in_starts_without_what_another_has_kept(reader):
    remember(reader)
    reader.goto("/login/")
    reader.fill("[name=phone]", "13900000017")

    follow(reader.locator("main form .btn").first)

    assert "result" not in kept(reader)


def test_a_kept_page_looks_as_its_reader_has_set_the_site(open_browser):
    page = open_browser(cookies={"display-size": "largest", "display-theme": "dark"})
    page.goto(GUIDE)
    until_kept(page, GUIDE, *SHELL)
    cut_off(page)
    looks = []
    for address in (GUIDE, HOME, "/offline/"):
        page.goto(address)
        looks.append(
            page.evaluate("[document.documentElement.dataset.size, getComputedStyle(document.body).fontSize]")
        )
        looks.append(page.evaluate("document.documentElement.dataset.theme"))

    assert looks == [["largest", "25px"], "dark"] * 3


def test_a_page_of_an_older_style_sheet_gets_the_one_that_is_here(reader):
    cut_off(reader)
    sheet = reader.evaluate("fetch('/static/app.0123456789ab.css').then(answer => answer.text())")

    assert ".btn" in sheet


def test_the_page_of_what_is_kept_lists_it_with_a_network_too(open_browser, faults):
    page = open_browser()
    page.goto(GUIDE)
    until_kept(page, GUIDE, *SHELL)
    page.goto("/offline/")

    assert page.locator("[data-kept] a").evaluate_all("all => all.map(one => one.getAttribute('href'))") == [
        HOME,
        GUIDE,
    ]
    assert page.locator(NOTE).count() == 0
    assert faults(page, [360, 320, 1280]) == []


def test_without_scripts_nothing_is_drawn_that_needs_one(open_browser):
    page = open_browser(javascript=False, cookies={"answers": answers_cookie(OWNER)})
    page.goto(RESULTS)
    names = ("记住这台手机", "复制链接", "读给我听")
    drawn = [page.get_by_text(name, exact=True).is_visible() for name in names]
    page.goto(GUIDE)
    drawn += [page.get_by_text(name, exact=True).is_visible() for name in names[1:]]

    assert drawn == [False] * 5
