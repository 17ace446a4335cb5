"""The check in a browser: without scripts, by keyboard alone, with mistakes, shared with somebody else."""

import re

from .conftest import NARROW, PHONE, follow
from .owners import answers_cookie, typical_owners

TEA_SHOP = next(iter(typical_owners().values()))


def press_until(page, key, wanted):
    """Press a key until an element that fits the selector has focus."""
    for _ in range(120):
        page.keyboard.press(key)
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"{key} never leads to {wanted}")


def test_without_scripts_and_by_keyboard_alone_the_check_ends_in_results(open_browser):
    page = open_browser(javascript=False)
    page.goto("/")
    press_until(page, "Tab", "a.btn[href='/check/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/check/")
    press_until(page, "Tab", "form[action='/check/'] button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/check/q/**")

    visited = []
    while "/check/q/" in page.url:
        assert page.url not in visited
        visited.append(page.url)
        # Every question is answered by its first choice, or by 不清楚 where it wants a figure.
        for name in page.eval_on_selector_all(
            "fieldset", "all => all.map(field => field.querySelector('input').name)"
        ):
            typed = page.locator(f"#{name}").get_attribute("type") not in ("radio", "checkbox")
            press_until(page, "Tab", f"[name='{name}-other']" if typed else f"[name='{name}']")
            page.keyboard.press("Space")
        press_until(page, "Tab", "form[data-question] button")
        with page.expect_navigation():
            page.keyboard.press("Enter")

    assert page.url.endswith("/check/results/")
    assert len(visited) > 1
    assert page.locator("article[data-item]").count() == 9


def test_what_has_focus_is_seen_and_never_covered(open_browser):
    for address, width in (
        ("/", 390),
        ("/check/q/identity/", 390),
        ("/policies/M05c/", 390),
        ("/policies/", NARROW),
    ):
        page = open_browser(width=width, cookies={"answers": answers_cookie(TEA_SHOP)}, height=640)
        page.goto(address)
        for _ in range(40):
            page.keyboard.press("Tab")
            seen = page.evaluate(
                """() => {
                    const element = document.activeElement, box = element.getBoundingClientRect();
                    if (element === document.body) return "";
                    const there = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                    const marked = element.matches("input") ? element.parentElement.querySelector("label") || element
                        : element;
                    const visible = getComputedStyle(marked).outlineStyle === "solid";
                    const label = element.id && document.querySelector(`label[for="${element.id}"]`);
                    const own = there && (element.contains(there) || there.contains(element) || label === there);
                    return own && visible ? "" : element.outerHTML.slice(0, 120);
                }"""
            )
            assert seen == "", address


def test_a_blank_page_is_refused_with_a_summary_that_has_focus_and_leads_to_the_question(open_browser):
    page = open_browser()
    page.goto("/check/q/identity/")

    response = follow(page.locator("text=继续"))

    assert response.status == 400
    assert page.title().startswith("有错误：")
    assert page.evaluate("document.activeElement.className") == "errors"
    assert page.locator(".errors a").inner_text() == "请选一项。不确定就选“不清楚”"
    follow(page.locator(".errors a"))
    assert page.evaluate("document.activeElement.id") == "operator_groups"
    described = page.locator("fieldset").get_attribute("aria-describedby").split()
    assert page.locator(f"#{described[-1]}").inner_text() == "请选一项。不确定就选“不清楚”"


def test_what_was_typed_stays_where_it_is_refused(open_browser):
    page = open_browser(cookies={"answers": answers_cookie({**TEA_SHOP, "monthly_rent": None})})
    page.goto("/check/q/premises/")

    page.fill("#monthly_rent", "八百")
    follow(page.locator("text=继续"))

    assert page.input_value("#monthly_rent") == "八百"
    assert page.locator("#monthly_rent").get_attribute("aria-invalid") == "true"
    assert page.locator(".errors a").inner_text().startswith("实际月租金：")


def test_results_can_be_seen_after_the_first_question_and_answers_forgotten(open_browser):
    page = open_browser()
    page.goto("/check/")
    follow(page.locator("form[action='/check/'] button"))
    page.check("#operator_groups-veteran", force=True)
    follow(page.locator("text=继续"))
    follow(page.locator("text=先看结果"))

    assert page.locator("article[data-item]").count() == 9
    assert "退役军人" in page.locator("main").inner_text()

    follow(page.locator("text=清除我的答案"))

    assert page.url.endswith("/check/?cleared")
    assert page.locator("text=看上次的结果").count() == 0
    assert [cookie["name"] for cookie in page.context.cookies() if cookie["name"] == "answers"] == []


def test_results_can_be_asked_for_on_question_one(open_browser):
    page = open_browser()
    page.goto("/check/")
    follow(page.locator("form[action='/check/'] button"))
    follow(page.locator("text=先看结果"))

    assert page.url.endswith("/check/results/")
    assert page.locator("article[data-item]").count() == 9


def test_a_shared_link_shows_the_same_results_in_a_browser_that_knows_nothing(open_browser):
    mine = open_browser(cookies={"answers": answers_cookie(TEA_SHOP)})
    mine.goto("/check/results/")
    link = mine.get_by_role("link", name="发给家人看").get_attribute("href")

    theirs = open_browser()
    theirs.goto(link)

    states = "all => all.map(card => [card.dataset.item, card.dataset.state, card.dataset.amount])"
    assert theirs.eval_on_selector_all("article[data-item]", states) == mine.eval_on_selector_all(
        "article[data-item]", states
    )
    assert theirs.context.cookies() == [
        cookie for cookie in theirs.context.cookies() if cookie["name"] == "csrftoken"
    ]


def test_a_shared_link_that_was_altered_says_that_it_no_longer_works(open_browser):
    mine = open_browser(cookies={"answers": answers_cookie(TEA_SHOP)})
    mine.goto("/check/results/")
    link = mine.get_by_role("link", name="发给家人看").get_attribute("href")

    response = mine.goto(link[:-1] + ("A" if link[-1] != "A" else "B"))

    assert response.status == 404
    assert mine.locator("h1").inner_text() == "分享的结果已经过期"


def test_the_size_button_in_the_header_changes_every_page_from_then_on(open_browser):
    page = open_browser()
    page.goto("/policies/M05c/")
    follow(page.locator("header button"))

    assert page.url.endswith("/policies/M05c/")
    page.goto("/help/")
    assert page.locator("html").get_attribute("data-size") == "large"
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "21px"


def test_display_settings_are_kept_and_said_so(open_browser):
    page = open_browser()
    page.goto("/a11y/prefs/")
    page.check("#theme-dark", force=True)
    page.check("#contrast-high", force=True)
    follow(page.locator("text=保存设置"))

    assert page.locator("main [role=status]").inner_text() == "显示设置已保存。"
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"


def test_nothing_that_is_tapped_is_small(open_browser):
    smallest = {"standard": 44, "largest": 60}
    for size, pixels in smallest.items():
        page = open_browser(cookies={"answers": answers_cookie(TEA_SHOP), "display-size": size})
        for address in (
            "/",
            "/policies/",
            "/policies/M05c/",
            "/check/q/premises/",
            "/check/results/",
            "/calc/rent/",
        ):
            page.goto(address)
            small = page.eval_on_selector_all(
                "a, button, summary, input:not([type=hidden])",
                """(all, pixels) => all.filter(element => {
                    const box = element.getBoundingClientRect(), inline = element.closest("p:not(.links, .acts)");
                    const shown = box.width && getComputedStyle(element).visibility === "visible";
                    return shown && !inline && !element.matches(".skip") && box.height < pixels - .5;
                }).map(element => element.outerHTML.slice(0, 100))""",
                pixels,
            )
            assert small == [], (size, re.sub(r"\?.*", "", address))


def test_what_only_follows_from_a_yes_waits_for_it(open_browser):
    page = open_browser(PHONE, javascript=False)
    page.goto("/check/q/premises/")
    rent = page.get_by_text("每个月租金多少钱？").first

    assert not rent.is_visible()
    page.get_by_label("不是", exact=True).first.check()
    assert not rent.is_visible()
    page.get_by_label("是", exact=True).first.check()
    assert rent.is_visible()


def test_the_first_choice_is_seen_without_scrolling(open_browser):
    page = open_browser(PHONE)
    page.set_viewport_size({"width": 360, "height": 740})
    for key in ("identity", "registered", "premises", "startup"):
        page.goto(f"/check/q/{key}/")
        assert page.locator("fieldset input").first.bounding_box()["y"] <= 350, key
