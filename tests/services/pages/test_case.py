"""The case that comes of it, as its owner sees it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import Case
from tests.pages.shops import text_of
from tests.services import world
from tests.subsidies.world import owner_of

from .filling import browser_of, page_of, queries, step

pytestmark = pytest.mark.django_db


def test_a_case_of_somebody_else_is_as_if_there_were_none(shop):
    case, _owner = world.asked(world.offering(), 2)
    stranger = browser_of(owner_of(shop))

    answers = [stranger.get(f"{page_of(case)}{rest}") for rest in ("", "receipt/", "do/withdraw/")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_what_leads_on_is_the_button_and_taking_it_back_a_link(browser, shop, owner):
    people, case = world.bureau(), world.ask(world.offering(), shop, world.Ask(words=world.NEED), by=owner)
    _do(case, "answer", people.reviewer, words="已经疏通")

    page = browser.get(page_of(case)).content.decode()

    looks = dict(re.findall(r'class="btn ([a-z]*) wide"[^>]*>(解决了|没解决)<', page))
    assert {words: look for look, words in looks.items()} == {"解决了": "", "没解决": "alt"}
    assert "已经疏通" in page


def _do(case, verb, by, **typed):
    from cases.actions import general

    return general.do(Case.objects.get(pk=case.pk), verb, typed, by=by)


def test_the_receipt_says_what_comes_next(browser, shop, owner):
    case = world.ask(world.offering(), shop, world.Ask(words=world.NEED), by=owner)

    page = text_of(browser.get(f"{page_of(case)}receipt/"))

    assert case.number in page
    assert "试验局来办" in page
    assert "拨付" not in page


def test_the_list_says_what_is_to_be_done_with_as_many_queries_for_many(browser, shop, owner):
    people = world.bureau()

    def a_round(place):
        need = world.ask(world.offering(code=f"ask{place}"), shop, world.Ask(words=world.NEED), by=owner)
        _do(need, "take", people.reviewer)
        until = (timezone.localdate() + timedelta(days=5)).isoformat()
        _do(need, "ask", people.reviewer, words="哪条街？", until=until)
        lesson = world.offering("enrolment", f"class{place}")
        slot = world.slot(lesson)
        world.asked(lesson, 5, slot=slot)
        world.ask(lesson, shop, world.Ask(slot=slot), by=owner)
        steps = world.offering("checklist", f"list{place}", steps=[step()])
        world.ask(steps, shop, world.Ask(), by=owner)

    a_round(1)
    one = queries(browser, "/cases/")
    for place in (2, 3):
        a_round(place)

    page = browser.get("/cases/").content.decode()
    assert queries(browser, "/cases/") == one
    assert len(re.findall(r'href="/cases/[\w-]+/do/supply/"', page)) == 3
    assert "您排在第 1 位" in page


def test_an_offer_of_one_bank_waits_for_the_owner(browser, shop, owner):
    bank = world.institution("bank_a", "演示银行甲")
    other = world.institution("bank_b", "演示银行乙")
    receivers = (bank.department, other.department)
    case = world.ask(world.offering("tender", "loan"), shop, world.Ask(receivers=receivers), by=owner)
    before = browser.get("/").content.decode()
    _do(case, "take", bank.officer)
    _do(case, "offer", bank.officer, words="10 万元，一年")

    page = text_of(browser.get(page_of(case)))

    assert "要您处理 ·" not in before
    assert "要您处理 · 1 件" in text_of(browser.get("/"))
    assert re.search(r"演示银行甲 已办成 10 万元，一年", page)
    assert re.search(r"演示银行乙 待接单", page)


def test_requests_lead_to_cases(browser, shop, owner):
    case = world.ask(world.offering(), shop, world.Ask(words=world.NEED), by=owner)

    assert browser.get("/requests/").headers["Location"] == "/cases/"
    assert browser.get(f"/requests/{case.public_id}/").headers["Location"] == page_of(case)
