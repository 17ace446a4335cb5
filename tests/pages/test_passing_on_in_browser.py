"""复制链接, sharing where the browser has it, 读给我听, and what an address shows where it is passed on."""

import re

import pytest

from .owners import answers_cookie, typical_owners

OWNER = next(iter(typical_owners().values()))
GUIDE, RESULTS = "/policies/M05c/", "/check/results/"
LONGEST_LINK = 60
# Headless browsers have no voices: these stand in, and write down what they are given.
VOICES = """(langs => {
  const speech = new EventTarget();
  Object.assign(speech, {
    said: [], voices: langs.map(lang => ({lang})), queue: [],
    getVoices: () => speech.voices,
    speak: one => { speech.said.push([one.text, one.lang, one.voice.lang]); speech.queue.push(one); },
    cancel: () => { speech.queue.splice(0).forEach(one => one.onerror?.({error: "canceled"})); },
    finish: () => { speech.queue.splice(0).forEach(one => one.onend?.({})); },
  });
  Object.defineProperty(window, "speechSynthesis", {value: speech});
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
})"""
SHARING = "window.shared = []; navigator.share = async given => { window.shared.push(given); };"


def speaking(open_browser, address, langs, cookies=()):
    page = open_browser(cookies=cookies)
    page.add_init_script(f"{VOICES}({langs})")
    page.goto(address)
    return page


def said(page):
    return [text for text, _, _ in page.evaluate("speechSynthesis.said")]


def copying(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="复制链接").click()
    page.get_by_text("链接复制好了，去微信里粘贴。").wait_for()
    return page.evaluate("navigator.clipboard.readText()")


def test_the_link_of_a_guide_is_copied_and_short(open_browser):
    page = open_browser()
    page.goto(GUIDE)

    link = copying(page)

    assert link == page.url
    assert len(link) <= LONGEST_LINK
    assert page.locator(".share a").get_attribute("href") == link
    assert page.evaluate("document.activeElement.textContent") == "复制链接"


def test_the_link_of_results_opens_the_same_ones_for_somebody_else(open_browser):
    page = open_browser(cookies={"answers": answers_cookie(OWNER)})
    page.goto(RESULTS)
    link, headline = copying(page), page.locator("h1").inner_text()
    other = open_browser()
    other.goto(link)

    assert link.startswith(f"{page.url}?shared=")
    assert other.locator("h1").inner_text() == headline


def test_where_copying_is_refused_an_older_way_is_taken(open_browser):
    page = open_browser()
    page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
        "document.execCommand = () => { window.taken = document.activeElement.value; return true; };"
    )
    page.goto(GUIDE)
    page.get_by_role("button", name="复制链接").click()
    page.get_by_text("链接复制好了").wait_for()

    assert page.evaluate("window.taken") == page.url
    assert page.locator("textarea").count() == 0


def test_where_no_way_works_it_says_so(open_browser):
    page = open_browser()
    page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined}); document.execCommand = () => false;"
    )
    page.goto(GUIDE)
    page.get_by_role("button", name="复制链接").click()

    page.get_by_text("没复制上。请长按上面的链接复制。").wait_for()


@pytest.mark.parametrize(
    ("address", "mark", "title"),
    [(GUIDE, ".share a", "房租补贴"), (RESULTS, "text=发给家人看", "看看您的店能享受哪些扶持政策")],
)
def test_a_browser_that_can_share_is_asked_to_without_figures_of_the_reader(
    open_browser, address, mark, title
):
    page = open_browser(cookies={"answers": answers_cookie(OWNER)})
    page.add_init_script(SHARING)
    page.goto(address)
    link = page.locator(mark)
    href = link.evaluate("one => one.href")
    link.click()

    assert page.evaluate("window.shared") == [{"title": title, "url": href}]
    assert page.url.endswith(address)


def test_a_guide_is_read_in_order_and_stops(open_browser):
    page = speaking(open_browser, GUIDE, ["en-US", "zh-HK", "zh-CN"], {"answers": answers_cookie(OWNER)})
    page.get_by_role("button", name="读给我听").click()
    spoken = page.evaluate("speechSynthesis.said")
    page.get_by_role("button", name="停下").click()

    assert [text for text, _, _ in spoken[:4]] == [
        "房租补贴",
        "初步符合，2 项审核时核对",
        "500 元每月",
        page.locator(".verdict [data-say]").nth(2).inner_text(),
    ]
    assert spoken[3][0].startswith("最晚 ")
    assert spoken[4][0] == "怎么办"
    assert [text.partition("：")[0] for text, _, _ in spoken[5:]] == [
        step.inner_text() for step in page.locator(".steps b").all()
    ]
    assert {(lang, voice) for _, lang, voice in spoken} == {("zh-CN", "zh-CN")}
    assert page.evaluate("speechSynthesis.queue.length") == 0
    assert page.get_by_role("button", name="读给我听").count() == 1


def test_results_are_read_with_their_sums_and_every_card(open_browser):
    page = speaking(open_browser, RESULTS, ["zh_CN"], {"answers": answers_cookie(OWNER)})
    page.get_by_role("button", name="读给我听").click()
    texts = said(page)

    assert texts[0] == page.locator("h1").inner_text()
    assert texts[1] == "每月能领，500 元每月"
    assert texts[5] == "房租补贴，场所租赁补贴，500 元每月"
    titles = page.locator("[data-item]").evaluate_all(
        "all => all.map(one => one.querySelector('h3, b').textContent)"
    )
    places = [next(place for place, text in enumerate(texts) if text.startswith(title)) for title in titles]
    assert places == sorted(places)
    assert len(titles) == 9


def test_having_read_all_it_offers_to_read_again(open_browser):
    page = speaking(open_browser, GUIDE, ["zh-CN"])
    page.get_by_role("button", name="读给我听").click()
    first = said(page)
    page.evaluate("speechSynthesis.finish()")
    page.get_by_role("button", name="读给我听").click()

    assert said(page) == first * 2
    assert page.get_by_role("button", name="停下").count() == 1


@pytest.mark.parametrize("langs", [[], ["en-US"], ["zh-HK"]])
def test_without_a_voice_for_it_nothing_is_offered(open_browser, langs):
    page = speaking(open_browser, GUIDE, langs)

    assert page.locator("[data-read]").is_hidden()


def test_a_voice_that_comes_later_is_noticed(open_browser):
    page = speaking(open_browser, GUIDE, [])
    page.evaluate(
        "speechSynthesis.voices = [{lang: 'zh-CN'}]; speechSynthesis.dispatchEvent(new Event('voiceschanged'))"
    )

    assert page.locator("[data-read]").is_visible()


@pytest.mark.parametrize("address", [GUIDE, RESULTS])
def test_with_all_of_it_drawn_a_page_is_accessible_and_fits(open_browser, faults, address):
    page = speaking(
        open_browser, address, ["zh-CN"], {"answers": answers_cookie(OWNER), "display-size": "largest"}
    )
    page.get_by_role("button", name="复制链接").wait_for()
    assert faults(page, [360, 320, 1280]) == []


def test_what_is_shown_where_an_address_is_passed_on_says_nothing_of_a_reader(open_browser):
    page = open_browser(cookies={"answers": answers_cookie(OWNER)})
    shown = {}
    for address in ("/", GUIDE, RESULTS):
        page.goto(address)
        shown[address] = page.locator("meta[property='og:title']").get_attribute("content")
        assert page.locator("meta[property='og:url']").count() == 0
    page.goto(RESULTS)
    description = page.locator("meta[property='og:description']").get_attribute("content")

    assert shown == {
        "/": "看看您的店能领哪些补贴",
        GUIDE: "房租补贴",
        RESULTS: "看看您的店能享受哪些扶持政策",
    }
    assert re.search(r"\d", description) is None
