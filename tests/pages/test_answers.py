"""Answers: how a page takes them, how long they live, and what becomes of them when one changes."""

import re
from datetime import date, timedelta
from random import Random
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.utils import timezone

from businesses.facts import BUILT_IN_REGISTRY, GROUPS
from businesses.synthetic import generate_profile
from eligibility.answers import answers_of
from eligibility.pages.questions import page_by_key
from tests.markup import markup

from .owners import answers_cookie, asked_on, filled_in, typical_owners

TEA_SHOP, NOODLE_SHOP, NOTHING_YET, ONLY_IDENTITY = typical_owners().values()
KEPT = "answers"


@pytest.fixture
def browser(client, catalogue_loaded):
    """The test client as somebody's browser: ``browser.cookies`` are theirs."""
    return client


def kept(browser, rf):
    request = rf.get("/")
    request.COOKIES.update({name: morsel.value for name, morsel in browser.cookies.items()})
    return answers_of(request)


def started_with(browser, answers):
    browser.cookies[KEPT] = answers_cookie(answers)
    return browser


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


def walk(browser, owner):
    """From the start to the results, answering as the owner would; the pages seen."""
    address, seen = browser.post("/check/").headers["Location"], []
    while address != "/check/results/":
        assert len(seen) < 12
        seen.append(address)
        page = browser.get(address).content.decode()
        response = browser.post(address, filled_in(page, owner))
        assert response.status_code == 302, text_of(response)
        address = response.headers["Location"]
    return seen


@pytest.mark.parametrize("owner", typical_owners())
def test_every_owner_reaches_results_and_none_is_asked_twice(browser, owner):
    seen = walk(browser, typical_owners()[owner])

    assert len(seen) == len(set(seen)) <= 9
    assert browser.get("/check/results/").status_code == 200
    assert "继续回答" not in text_of(browser.get("/check/results/"))


@pytest.mark.parametrize("seed", range(4))
def test_whoever_answers_whatever_reaches_results(browser, seed):
    random, today = Random(seed), timezone.localdate()

    for _ in range(10):
        owner = generate_profile(random, today, unknown_share=0.3)
        browser.cookies.clear()
        seen = walk(browser, owner)
        assert len(seen) == len(set(seen)), owner


def test_answers_given_one_by_one_are_those_kept(browser, rf):
    walk(browser, TEA_SHOP)

    answers = kept(browser, rf)
    assert {name: answers[name] for name in answers if answers[name] != TEA_SHOP.get(name)} == {}
    assert {"operator_groups", "registered_on", "rents_premises"} <= set(answers)


# The cookie


def test_the_cookie_is_for_the_server_only(browser):
    cookie = browser.post("/check/q/identity/", {"operator_groups": "veteran"}).cookies[KEPT]

    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"], cookie["path"]) == (
        True,
        "Lax",
        86400,
        "/",
    )


def test_nothing_is_kept_on_the_server(browser, django_assert_num_queries):
    browser.get("/check/results/")
    started_with(browser, TEA_SHOP).get("/check/results/")

    with django_assert_num_queries(0):
        assert browser.get("/check/results/").status_code == 200
    assert Session.objects.count() == 0
    assert set(browser.cookies) <= {KEPT, "csrftoken"}


@pytest.mark.parametrize(
    "change", [lambda value: value[:-1], lambda value: "x" + value, lambda value: "", str.upper]
)
def test_a_cookie_that_was_tampered_with_is_as_none(browser, change):
    browser.cookies[KEPT] = change(answers_cookie(TEA_SHOP))

    assert "看上次的结果" not in text_of(browser.get("/check/"))
    assert browser.get("/policies/M05/").status_code == 200


def test_answers_are_forgotten_after_a_day(browser):
    with time_machine.travel("2026-11-24T08:00:00Z") as clock:
        started_with(browser, TEA_SHOP)
        clock.shift(24 * 3600 - 1)
        before = text_of(browser.get("/check/"))
        clock.shift(2)
        after = text_of(browser.get("/check/"))

    assert ("看上次的结果" in before, "看上次的结果" in after) == (True, False)


def test_a_shared_link_works_for_a_week(browser):
    with time_machine.travel("2026-11-24T08:00:00Z") as clock:
        page = started_with(browser, TEA_SHOP).get("/check/results/").content.decode()
        link = re.search(r'href="(/check/results/\?shared=[^"]+)"', page)[1]
        del browser.cookies[KEPT]
        clock.shift(7 * 86400 - 1)
        before = browser.get(link).status_code
        clock.shift(2)
        after = browser.get(link)

    assert (before, after.status_code) == (200, 404)
    assert "分享的结果已经过期" in text_of(after)


def test_a_shared_link_names_nobody_and_cannot_be_used_as_a_cookie(browser):
    page = started_with(browser, TEA_SHOP).get("/check/results/").content.decode()
    token = parse_qs(urlsplit(re.search(r'href="(/check/results/\?shared=[^"]+)"', page)[1]).query)["shared"][
        0
    ]

    browser.cookies[KEPT] = token

    assert "看上次的结果" not in text_of(browser.get("/check/"))


def test_clearing_forgets(browser):
    started_with(browser, TEA_SHOP)

    response = browser.post("/check/clear/")

    assert (response.status_code, response.headers["Location"]) == (302, "/check/?cleared")
    assert (response.cookies[KEPT].value, response.cookies[KEPT]["max-age"]) == ("", 0)
    assert browser.get("/check/clear/").status_code == 405


def test_answers_that_rules_no_longer_know_do_not_break_a_page(browser):
    started_with(browser, {**TEA_SHOP, "gone": True, "district": "999999", "monthly_rent": "viel"})

    assert browser.get("/check/results/").status_code == 200
    assert browser.get("/check/q/premises/").status_code == 200


# Answering


@pytest.mark.parametrize(
    ("page", "sent", "message"),
    [
        ("identity", {}, "请选一项。不确定就选“不清楚”"),
        (
            "identity",
            {"operator_groups": ["veteran", "none-of-them"]},
            "经营者身份：选了身份就不要再选“都不是”",
        ),
        ("registered", {}, "请选一项。不确定就选“不清楚”"),
        ("registered", {"registered_on": "2026-02-30"}, "登记日期：没有这一天，请对照日历再填"),
        ("premises", {"rents_premises": "true"}, "请选一项。不确定就选“不清楚”"),
        (
            "deduction",
            {"deduction_months_used": "12.5"},
            "已享受定额扣减月数：请填整数，只用半角数字 0 到 9，例如 12，不知道就选“不清楚”",
        ),
    ],
)
def test_an_answer_that_is_missing_or_wrong_is_400_and_said_at_the_field(browser, page, sent, message):
    started_with(
        browser, ONLY_IDENTITY if page != "deduction" else {"operator_groups": ["self_employed_veteran"]}
    )

    response = browser.post(f"/check/q/{page}/", sent)
    html = response.content.decode()

    assert response.status_code == 400
    assert "<title>有错误：" in html
    anchor = re.search(r'<a href="#([a-z_]+)">', html)[1]
    assert f'id="{anchor}-error"' in html
    assert html.count(message) >= 2  # above the heading and at the field


def test_leaving_school_in_the_future_is_refused(browser):
    tomorrow = timezone.localdate() + timedelta(days=1)

    response = started_with(browser, ONLY_IDENTITY).post(
        "/check/q/school/", {"left_school_on": tomorrow.isoformat()}
    )

    assert response.status_code == 400
    assert "离校日期：不能晚于" in text_of(response)


def test_not_known_is_an_answer_and_is_not_asked_again(browser, rf):
    started_with(browser, ONLY_IDENTITY)

    response = browser.post("/check/q/registered/", {"registered_on-other": "unknown"})

    assert response.headers["Location"] != "/check/q/registered/"
    assert kept(browser, rf)["registered_on"] is None


def test_not_registered_yet_is_an_answer(browser, rf):
    started_with(browser, {"operator_groups": ["veteran"]})

    browser.post("/check/q/registered/", {"registered_on-other": "not_registered"})
    results = text_of(browser.get("/check/results/"))

    assert kept(browser, rf)["operating_status"] == "not_registered"
    assert "还没登记" in results
    assert "先办好营业执照" in results or "先办营业执照" in results


def test_registering_after_all_takes_it_back(browser, rf):
    started_with(browser, NOTHING_YET)

    browser.post("/check/q/registered/", {"registered_on": "2026-01-15"})

    answers = kept(browser, rf)
    assert (answers["registered_on"], "operating_status" in answers) == ("2026-01-15", False)


@pytest.mark.parametrize(("typed", "money"), [("800", "800"), (" 1,800.5 元 ", "1800.5"), ("800元", "800")])
def test_people_may_write_money_as_they_do(browser, rf, typed, money):
    started_with(browser, {**TEA_SHOP, "monthly_rent": None})
    page = browser.get("/check/q/premises/").content.decode()

    response = browser.post("/check/q/premises/", {**filled_in(page, TEA_SHOP), "monthly_rent": typed})

    assert response.status_code == 302, text_of(response)
    assert kept(browser, rf)["monthly_rent"] == money


def test_earlier_answers_are_filled_in(browser):
    page = markup(started_with(browser, TEA_SHOP).get("/check/q/premises/"))

    assert re.search(r'id="rents_premises" name="rents_premises" value="true" checked', page)
    assert re.search(r'name="monthly_rent" value="800"', page)


def test_other_answers_survive_a_change(browser, rf):
    started_with(browser, TEA_SHOP)

    browser.post("/check/q/registered/", {"registered_on": "2025-03-01"})

    answers = kept(browser, rf)
    assert answers["registered_on"] == "2025-03-01"
    assert {name: value for name, value in answers.items() if value != TEA_SHOP.get(name)} == {
        "registered_on": "2025-03-01"
    }


GRADUATE = {**TEA_SHOP, "operator_groups": ["graduate"], "left_school_on": date(2024, 6, 30).isoformat()}


def test_another_identity_keeps_every_other_answer_and_says_what_has_changed(browser, rf):
    started_with(browser, GRADUATE)

    response = browser.post("/check/q/identity/", {"operator_groups": "none-of-them"}, follow=True)

    assert kept(browser, rf) == {**GRADUATE, "operator_groups": []}
    page = text_of(response)
    assert "经营者身份：原来是“高校毕业生”，现在是“都不是”" in page
    assert ("别的回答都还在。" in page, "恢复原来的回答" in page) == (True, True)


def test_a_change_is_taken_back_with_one_button(browser, rf):
    started_with(browser, GRADUATE)
    browser.post("/check/q/identity/", {"operator_groups": "none-of-them"})

    response = browser.post("/check/undo/")

    assert (response.status_code, response.headers["Location"]) == (302, "/check/results/")
    assert kept(browser, rf) == GRADUATE
    assert "没有可以恢复的回答了" in text_of(browser.post("/check/undo/", follow=True))
    assert kept(browser, rf) == GRADUATE


def test_answers_that_were_cleared_can_be_had_back_once(browser, rf):
    started_with(browser, GRADUATE)
    page = browser.post("/check/clear/", follow=True)

    assert ("您的回答清除了。" in text_of(page), kept(browser, rf)) == (True, {})
    browser.post("/check/undo/")
    assert kept(browser, rf) == GRADUATE


@pytest.mark.parametrize("hours", [23, 25])
def test_a_change_can_be_taken_back_for_a_day(browser, rf, time_machine, hours):
    time_machine.move_to("2026-11-24T08:00:00Z", tick=False)
    started_with(browser, GRADUATE)
    browser.post("/check/q/identity/", {"operator_groups": "none-of-them"})
    time_machine.shift(timedelta(hours=hours))
    browser.cookies[KEPT] = answers_cookie({**GRADUATE, "operator_groups": []})

    browser.post("/check/undo/")

    assert (kept(browser, rf)["operator_groups"] == ["graduate"]) == (hours < 24)


@pytest.mark.parametrize(("ahead", "status"), [(-1, 302), (0, 302), (1, 400)])
def test_a_registration_still_to_come_is_refused_with_what_to_choose(browser, ahead, status):
    day = (timezone.localdate() + timedelta(days=ahead)).isoformat()
    started_with(browser, {"operator_groups": ["veteran"]})

    response = browser.post("/check/q/registered/", {"registered_on": day})

    assert response.status_code == status
    if status == 400:
        assert "登记日期：不能晚于今天。还没登记就选“还没登记”" in text_of(response)


def test_every_identity_is_explained_in_a_few_words(browser):
    page = text_of(browser.get("/check/q/identity/"))
    identity = page_by_key("identity", BUILT_IN_REGISTRY)

    assert set(identity.glosses) == {choice.value for choice in GROUPS}
    assert [gloss for gloss in identity.glosses.values() if len(gloss) > 20 or gloss not in page] == []


def test_a_page_asks_together_what_belongs_together_with_the_amounts_that_hang_on_it(browser):
    page = started_with(browser, {"operator_groups": ["veteran"]}).get("/check/q/premises/").content.decode()

    assert asked_on(page) == [
        "rents_premises",
        "rent_reduction_received",
        "rent_subsidy_months_received",
        "monthly_rent",
    ]


def test_a_page_whose_first_answer_settles_it_needs_no_more(browser, rf):
    started_with(browser, {"operator_groups": ["veteran"], "registered_on": TEA_SHOP["registered_on"]})

    response = browser.post("/check/q/premises/", {"rents_premises": "false"})

    assert response.status_code == 302
    assert kept(browser, rf)["rents_premises"] is False


# Results


def test_the_headline_counts_what_can_be_had_now(browser):
    page = markup(started_with(browser, TEA_SHOP).get("/check/results/"))

    ready = len(re.findall(r'data-state="(?:now|auto)"', page))
    soon = len(re.findall(r'data-state="soon"', page))
    assert f"<h1 data-say>您现在可以享受 {ready} 项政策，还有 {soon} 项再等等</h1>" in page
    assert ready > 0
    assert soon > 0


def test_who_can_have_nothing_yet_is_told_so_with_what_would_change_it(browser):
    text = text_of(started_with(browser, NOTHING_YET).get("/check/results/"))

    assert "按现在的情况，还没有能领钱的政策" in text
    assert "现在就能享受" not in text
    assert "满足条件后可以" in text


def test_the_three_sums_are_never_one(browser, time_machine):
    time_machine.move_to("2026-11-25T10:00:00+08:00", tick=False)  # what is left of a year depends on the day
    owner = {**TEA_SHOP, "registered_on": "2026-01-15"}
    text = text_of(started_with(browser, owner).get("/check/results/"))

    # Both labels stand there; one is shown, by the width of the screen.
    assert "能领的钱每月能领 500 元/月 房租补贴。一共最多 18,000 元" in text
    assert "能少交的税费每年最多少交 每年最多 24,000 元" in text
    assert "能借的额度最高能借 最高 30 万元" in text
    assert "能领的一共最多 18,000 元。能少交的以您实际应交的税费为限。贷款要还，不算补贴。" in text


def guides(browser):
    return "".join(markup(browser.get(f"/policies/{code}/")) for code in ("M05a", "M05b", "M05c"))


def test_a_guide_shows_the_verdict_of_whoever_has_answered(browser):
    stranger = guides(browser)
    known = guides(started_with(browser, TEA_SHOP))

    assert set(re.findall(r'data-criterion="[^"]+" data-result="([a-z]*)"', stranger)) == {""}
    assert {"pass", "wait", "staff"} <= set(
        re.findall(r'data-criterion="[^"]+" data-result="([a-z]*)"', known)
    )
