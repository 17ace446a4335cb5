"""The page of one service: who gives it, on which terms, for whom."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import Case
from tests.notifications.register import tell_of
from tests.pages.shops import text_of
from tests.services import world

from .filling import VETERAN, browser_of, send

pytestmark = pytest.mark.django_db


def test_the_page_says_who_gives_it_and_on_which_terms(client):
    bank = world.institution("bank_a", "演示银行甲")
    terms = {"rate": None, "limit_fen": 30_000_000, "months": None, "fee": None}
    world.offering("tender", "loan", title="创业贷", handler=bank.department, terms=terms)

    page = text_of(client.get("/services/loan/"))

    assert "演示银行甲" in page
    assert "额度 最高 300,000 元" in page
    assert "年利率、期限 以银行审批为准" in page
    assert "收费 待公布" in page
    assert 'action="/services/loan/institutions/"' in client.get("/services/loan/").content.decode()


def test_information_is_a_page_without_a_form(client):
    world.offering("information", "guide", terms={"link": "https://example.cn/guide", "phone": None})

    page = client.get("/services/guide/").content.decode()

    assert 'href="https://example.cn/guide"' in page
    assert "待公布" in page
    assert "<form" not in page[page.index("<main") :]


def test_whoever_is_not_signed_in_is_led_through_signing_in_with_the_time_they_chose(client):
    row = world.offering("booking", "mentor")
    slot = world.slot(row)

    page = client.get("/services/mentor/").content.decode()
    answer = client.get(f"/services/mentor/ask/?slot={slot.pk}")

    assert 'action="/services/mentor/ask/"' in page
    assert answer.headers["Location"] == f"/login/?next=/services/mentor/ask/%3Fslot%3D{slot.pk}"
    assert client.post("/services/mentor/ask/", {"slot": slot.pk}).headers["Location"].startswith("/login/")


def test_whoever_has_no_shop_is_led_to_binding_one():
    world.offering()
    person = world.User.objects.begin_with_phone("13900009999")

    assert browser_of(person).get("/services/ask/ask/").headers["Location"] == "/me/bind/"


def test_staff_ask_for_nothing_here():
    people = world.bureau()
    world.offering()

    assert browser_of(people.reviewer).get("/services/ask/ask/").status_code == 403
    assert browser_of(people.reviewer).get("/services/ask/").status_code == 200


def test_a_service_that_is_paused_says_until_when_and_has_no_form(browser):
    until = timezone.localdate() + timedelta(days=3)
    world.offering(paused_until=until, paused_because="等着答复的太多")

    page = browser.get("/services/ask/").content.decode()

    assert "等着答复的太多" in page
    assert f"{until.month} 月 {until.day} 日再开" in page
    assert 'name="words"' not in page


def test_who_does_not_fit_reads_why_and_is_not_led_into_a_form(browser, shop):
    tell_of(shop, "veterans", operator_groups={"yes": [], "no": ["veteran"]})
    row = world.offering("booking", "army", criteria=VETERAN)
    slot = world.slot(row)

    page = browser.get("/services/army/")
    answer = send(browser, row, shop, slot=slot.pk)

    assert "您的店现在不符合" in text_of(page)
    assert 'data-result="fail"' in page.content.decode()
    assert 'name="slot"' not in page.content.decode()
    assert answer.status_code == 409
    assert "您的店现在不符合" in text_of(answer)
    assert not Case.objects.exists()
