"""One's own data over the API: the copy, taking an agreement back, leaving."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AccessEvent, User
from businesses.models import PaymentAccount
from tests.notifications.register import identity, open_shop
from tests.subsidies import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db):
    world.bureau()
    return world.owner_of(open_shop(1), "13900000001")


@pytest.fixture
def browser(owner):
    client = Client()
    client.force_login(owner)
    return client


DIGITS = identity(1)[-6:]


def copy_of(browser, last_six=DIGITS):
    return browser.post("/api/v1/me/data/", {"last_six": last_six}, content_type="application/json")


def test_who_has_the_phone_alone_gets_no_copy_over_the_api_or_on_the_page(browser):
    refused = [copy_of(browser, digits) for digits in ("", "000000")]
    pages = [browser.get("/me/data/file/"), browser.post("/me/data/file/", {"last_six": "000000"})]
    right = browser.post("/me/data/file/", {"last_six": DIGITS})

    assert [answer.status_code for answer in refused] == [400, 409]
    assert [page.status_code for page in pages] == [200, 400]
    assert identity(1) not in "".join(page.content.decode() for page in pages)
    assert right.json()["shops"]["people"][0]["identity_number"] == identity(1)


def test_the_copy_is_that_of_the_page_and_is_written_down(browser, owner):
    held = copy_of(browser).json()

    assert held["shops"]["payment_accounts"][0]["holder"] == "演示人"
    assert held["account"]["phone"] == "13900000001"
    assert [row["until"] for row in held["kept"]] == [None, None]
    assert AccessEvent.objects.first().action == "own_data_downloaded"


def test_taking_back_says_what_stays(browser, owner):
    found = world.filed(world.grant_of_money(), owner.bindings.get().business, owner)

    answer = browser.delete("/api/v1/me/consents/sensitive/")

    kept = [row for row in answer.json()["kept"] if found.number in row["what"]]
    assert (answer.status_code, PaymentAccount.objects.count()) == (200, 0)
    assert [(row["until"], row["ends"]) for row in kept] == [(None, "办结以后保存 10 年，年限待核实")]
    assert browser.delete("/api/v1/me/consents/sensitive/").status_code == 409


def test_there_is_no_other_agreement(browser):
    assert browser.delete("/api/v1/me/consents/marketing/").status_code == 404


def test_leaving_erases_and_says_what_stays(browser, owner):
    world.filed(world.grant_of_money(), owner.bindings.get().business, owner)

    answer = browser.delete("/api/v1/me/data/")

    owner.refresh_from_db()
    assert (answer.status_code, owner.phone, owner.is_active) == (200, None, False)
    assert [row["law"] for row in answer.json()["kept"]][-1].startswith("《档案法》")
    assert copy_of(browser).status_code == 401


def test_both_ask_for_a_proof_of_now(browser, time_machine):
    time_machine.move_to(timezone.now() + timedelta(minutes=11))

    answers = [copy_of(browser), browser.delete("/api/v1/me/data/")]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert "请在“登录与安全”里再收一次验证码" in answers[0].json()["detail"]
    assert User.objects.get(is_staff=False).is_active
