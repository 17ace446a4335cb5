"""A result is one sentence, one amount, one button; why, and what else is to know, is folded (owner-surface.md)."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from policies.criteria.tax import LINES, due_fact
from tests.markup import markup

from .owners import answers_cookie, typical_owners

MOST_WORDS = 60
HAN = re.compile(r"[一-鿿]")
SUM = re.compile(r'<span class="amount">(.*?)</span>', re.S)
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


def test_what_comes_every_month_is_said_with_the_owners_own_figures(client, catalogue_loaded):
    shown = cards(results(client, next(iter(OWNERS))))

    assert "实际每月 800 元，每月最高 500 元，一共最多 18,000 元。" in shown["M05c"]


@pytest.mark.parametrize("code", ["M04a", "M04b", "M04c"])
def test_where_no_tax_is_due_there_is_no_sum_of_nought(client, catalogue_loaded, code):
    nothing = dict.fromkeys(("annual_taxable_income", *map(due_fact, LINES[:-1])), "0")
    client.cookies["answers"] = answers_cookie(OWNERS[next(iter(OWNERS))] | nothing)

    sums = SUM.findall(markup(client.get(f"/policies/{code}/")))

    assert {re.sub("<[^>]+>", "", found).strip() for found in sums} == {"没有可减的税"}


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


LACKS_A_YES = {
    "operator_groups": ["migrant_worker"],
    "registered_on": typical_owners()["退役士兵，茶叶店，租店面"]["registered_on"],
    "rents_premises": True,
    "rent_subsidy_months_received": 0,
    "monthly_rent": "800",
}


def sent_from(card):
    """What the form of a card sends when nothing is chosen on it."""
    return dict(
        re.findall(r'<input type="hidden" name="(only|card)" value="([^"]+)">', re.sub(r"\s+", " ", card))
    )


def card_of(client, code):
    return re.search(
        rf'<article[^>]*data-item="{code}".*?</article>', markup(client.get("/check/results/")), re.S
    )[0]


@pytest.mark.parametrize(("answer", "state"), [("true", "no"), ("false", "now"), ("unknown", "unknown")])
def test_the_one_answer_that_is_missing_is_given_on_the_card(client, catalogue_loaded, answer, state):
    client.cookies["answers"] = answers_cookie(LACKS_A_YES)
    card = card_of(client, "M05c")
    sent = sent_from(card)
    address = re.search(r'action="([^"]+)"', card)[1]

    assert "还差 1 个答案：您享受过场地租金减免吗？" in card
    assert sent == {"only": "rent_reduction_received", "card": "M05c"}
    there = client.post(address, {**sent, "rent_reduction_received": answer})
    assert there.headers["Location"] == "/check/results/#M05c"
    assert f'data-state="{state}"' in card_of(client, "M05c")


def test_nothing_chosen_on_a_card_is_said_and_asked_again(client, catalogue_loaded):
    client.cookies["answers"] = answers_cookie(LACKS_A_YES)
    sent = sent_from(card_of(client, "M05c"))

    answer = client.post("/check/q/premises/", sent)

    assert answer.status_code == 400
    assert "请选一项。不确定就选“不清楚”" in markup(answer)


def test_a_card_that_does_not_exist_leads_to_the_next_question(client, catalogue_loaded):
    client.cookies["answers"] = answers_cookie(LACKS_A_YES)
    sent = {
        "only": "rent_reduction_received",
        "card": "https://example.com",
        "rent_reduction_received": "false",
    }

    assert client.post("/check/q/premises/", sent).headers["Location"].startswith("/check/")


def test_an_answer_on_a_card_leaves_the_others_of_its_page_as_they_are(client, catalogue_loaded):
    client.cookies["answers"] = answers_cookie(LACKS_A_YES)
    client.post(
        "/check/q/premises/",
        {"only": "rent_reduction_received", "card": "M05c", "rent_reduction_received": "false"},
    )

    assert "实际月租金" in markup(client.get("/check/results/"))
    assert 'data-amount="500.00"' in card_of(client, "M05c")


def test_a_long_list_of_people_is_short_on_the_card_and_whole_under_why(client, catalogue_loaded):
    client.cookies["answers"] = answers_cookie({**LACKS_A_YES, "rent_reduction_received": False})
    card = card_of(client, "M01c")
    seen, _, folded = card.partition("</summary>")

    assert "等 11 类人，您是农民工" in seen
    assert "农村自主创业农民" not in seen
    assert "农村自主创业农民" in folded


@pytest.mark.parametrize(("registered_on", "offered"), [("2022-11-30", ["2027-11-30"]), ("2022-12-01", [])])
def test_a_last_day_within_a_year_can_be_put_into_a_calendar(
    client, catalogue_loaded, time_machine, registered_on, offered
):
    """Rent is paid for five years from registration."""
    time_machine.move_to("2026-11-30T04:00:00Z", tick=False)
    answers = OWNERS[next(iter(OWNERS))] | {"registered_on": registered_on}
    client.cookies["answers"] = answers_cookie(answers)
    for address in ("/check/results/", "/policies/M05c/"):
        page = markup(client.get(address))

        assert "最晚 2027 年 1" in page
        assert re.findall(r'"/policies/M05c/remind.ics\?on=([\d-]+)&amp;last"', page) == offered


def test_the_last_day_is_called_so_and_is_another_entry_than_the_first(client, catalogue_loaded):
    first, last = (
        client.get(f"/policies/M05c/remind.ics?on=2027-03-08{more}").content.decode().replace("\r\n ", "")
        for more in ("", "&last")
    )

    assert "SUMMARY:房租补贴：今天是最后一天，还没办就快去办" in last
    assert re.search("UID:(.*)\r", last)[1] == "M05c-last-2027-03-08@policy-express"
    assert re.search("UID:(.*)\r", first)[1] == "M05c-first-2027-03-08@policy-express"


def test_the_guide_of_what_has_to_wait_offers_to_remind_as_well(client, catalogue_loaded):
    client.cookies["answers"] = answers_cookie(OWNERS[next(iter(OWNERS))])
    page = markup(client.get("/policies/M05a/"))
    dock = page.partition('<div class="dock">')[2].partition("</div>")[0]

    assert re.search(r'href="/policies/M05a/remind.ics\?on=[\d-]+">到时提醒我', dock) is not None


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
