"""A result is one sentence, one amount, one button; why, and what else is to know, is folded (owner-surface.md)."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.markup import markup

from .conftest import PHONE
from .owners import answers_cookie, typical_owners

MOST_WORDS = 60
TALLEST = 3_800  # of 9 事项 on a phone; the agreed 3,200 of 12 is not reached yet
HAN = re.compile(r"[一-鿿]")
OWNERS = typical_owners()


def cards(page):
    """What is seen of each card before 为什么, by benefit."""
    return {
        code: re.sub(r'<span class="vh">.*?</span>|<[^>]+>', " ", whole.partition("<details")[0])
        for code, whole in re.findall(r'<article[^>]*data-item="(\w+)"[^>]*>(.*?)</article>', page, re.S)
    }


def results(client, owner):
    client.cookies["answers"] = answers_cookie(OWNERS[owner])
    return markup(client.get("/check/results/"))


@pytest.mark.parametrize("owner", OWNERS)
def test_a_card_is_short_before_it_is_unfolded(client, catalogue_loaded, owner):
    shown = cards(results(client, owner))
    long = {code: len(HAN.findall(text)) for code, text in shown.items()}

    assert len(shown) == 9
    assert {code: count for code, count in long.items() if count > MOST_WORDS} == {}


@pytest.mark.parametrize("owner", OWNERS)
def test_a_card_has_one_button_and_what_is_only_told_none(client, catalogue_loaded, owner):
    page = results(client, owner)
    buttons = {
        code: (whole.count('class="btn'), state)
        for code, state, whole in re.findall(
            r'<article[^>]*data-item="(\w+)"[^>]*data-state="(\w+)"[^>]*>(.*?)</article>', page, re.S
        )
    }

    assert {count for count, state in buttons.values() if state in ("auto", "have", "closed", "no")} <= {0}
    assert {count for count, state in buttons.values() if state in ("now", "soon", "unknown", "if")} <= {1}


def test_what_cannot_be_had_yet_offers_to_remind_of_the_day(client, catalogue_loaded):
    page = results(client, next(iter(OWNERS)))
    link = re.search(r'href="(/policies/M05a/remind.ics\?on=[\d-]+)"', page)[1]
    day = re.search(r'data-item="M05a"[^>]*data-from="([\d-]+)"', page)[1]

    answer = client.get(link)

    assert link.endswith(day)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    text = answer.content.decode().replace("\r\n ", "")
    assert f"DTSTART;VALUE=DATE:{day.replace('-', '')}" in text
    assert "SUMMARY:开店补贴：今天起可以申请，请去看看" in text
    assert re.findall(r"TRIGGER:(.*)\r\n", text) == [
        "-P6DT15H",
        "PT9H",
    ]  # nine in the morning, a week before too
    assert "URL:http://testserver/policies/M05a/" in text


def test_a_reminder_of_nothing_is_not_found(client, catalogue_loaded):
    assert client.get("/policies/M99a/remind.ics?on=2027-01-01").status_code == 404


@pytest.mark.parametrize("asked", ["", "?on=", "?on=soon", "?on=2027-02-30"])
def test_a_reminder_of_no_day_leads_to_the_guide(client, catalogue_loaded, asked):
    answer = client.get(f"/policies/M05a/remind.ics{asked}")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/policies/M05a/")


def test_the_same_reminder_twice_is_one_entry(client, catalogue_loaded):
    day = timezone.localdate() + timedelta(days=30)
    one, other = (
        client.get(f"/policies/M05a/remind.ics?on={day.isoformat()}").content.decode() for _ in range(2)
    )

    assert re.search("UID:.*", one)[0] == re.search("UID:.*", other)[0]


@pytest.mark.parametrize("owner", OWNERS)
def test_results_are_no_longer_than_they_were_made(open_browser, owner):
    page = open_browser(PHONE, {"answers": answers_cookie(OWNERS[owner])})
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/check/results/")

    assert page.evaluate("document.documentElement.scrollHeight") <= TALLEST


def test_a_line_unfolds_to_its_reasons_and_leads_to_its_guide(open_browser):
    page = open_browser(PHONE, {"answers": answers_cookie(OWNERS[next(iter(OWNERS))])}, javascript=False)
    page.goto("/check/results/")
    line = page.locator("article[data-state=auto]").first
    line.locator("summary").click()

    assert line.locator("[data-criterion]").first.is_visible()
    assert line.get_by_role("link", name="看办事指南和原文").is_visible()
