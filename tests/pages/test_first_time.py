"""What somebody answers before signing in goes with them to their shop, and is not asked a second time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.actions import own_words, state_facts
from eligibility.answers import COOKIE
from subsidies.models import Application
from tests.markup import markup

from .owners import answers_cookie
from .shops import CODE, LAST_SIX, NAME, agent_of, browser_of, owner_of, person, store, tea_shop, text_of

START = "/apply/M05c/"
ANSWERS = {
    "operator_groups": ["self_employed_veteran"],
    "registered_on": "2026-03-01",
    "rents_premises": True,
    "monthly_rent": "650",
    "rent_reduction_received": False,
    "left_school_on": None,
}


@pytest.fixture
def shop(catalogue_loaded):
    """A shop of whose rooms nobody has said anything yet."""
    said = tea_shop()
    del said["self"]
    return store(said)


def answered(user):
    browser = browser_of(user)
    browser.cookies[COOKIE] = answers_cookie(ANSWERS)
    return browser


def test_the_page_before_says_what_is_taken_along_and_works_with_it(shop):
    page = text_of(answered(owner_of(shop)).get(START))

    assert "您查政策时答过的 3 项会带进来，不用再填" in page
    assert "实际月租金 650 元" in page
    assert "500" in page
    assert own_words(shop) == {}


def test_beginning_keeps_them_as_the_own_word_and_leads_past_the_questions(shop):
    browser = answered(owner_of(shop))

    response = browser.post(START, {"shop": shop.public_id})

    shop.refresh_from_db()
    assert own_words(shop) == {
        "operator_groups": [],  # none besides what the veterans' bureau knows
        "rents_premises": True,
        "monthly_rent": "650.00",
        "rent_reduction_received": False,
    }
    draft = Application.objects.get()
    assert response.url == f"/apply/{draft.public_id}/materials/"
    assert browser.cookies[COOKIE].value == ""
    facts = markup(browser.get(f"/apply/{draft.public_id}/facts/"))
    assert 'name="monthly_rent" value="650"' in facts


def test_neither_a_department_nor_an_earlier_word_is_overruled(shop):
    user = owner_of(shop)
    state_facts(shop, {"monthly_rent": "800"}, by=user)

    answered(user).post(START, {"shop": shop.public_id})

    shop.refresh_from_db()
    assert own_words(shop)["monthly_rent"] == "800.00"
    assert own_words(shop).keys() == {*ANSWERS} - {"registered_on", "left_school_on"}
    assert shop.registered_on == timezone.localdate() - timedelta(days=300)


def test_of_who_they_are_only_that_is_taken_along_which_no_department_knows(shop):
    browser = browser_of(owner_of(shop))
    browser.cookies[COOKIE] = answers_cookie({"operator_groups": ["self_employed_veteran", "hard_to_employ"]})

    browser.post(START, {"shop": shop.public_id})

    shop.refresh_from_db()
    assert own_words(shop)["operator_groups"] == ["hard_to_employ"]


def test_an_agent_who_may_not_answer_begins_with_what_is_known(shop):
    agent = agent_of(shop, owner_of(shop), ["apply"])

    response = answered(agent).post(START, {"shop": shop.public_id})

    shop.refresh_from_db()
    assert (response.status_code, own_words(shop)) == (302, {})


def test_binding_a_shop_leads_back_to_what_was_begun(shop):
    browser = browser_of(person(7))
    sent = {"credit_code": CODE, "operator_name": NAME, "last_six": LAST_SIX, "agree": "1"}

    asked = browser.get(browser.get(START).url)
    bound = browser.post("/me/bind/", {**sent, "next": START})

    assert f'name="next" value="{START}"' in markup(asked)
    assert bound.url == START


def test_binding_leads_to_no_other_site(shop):
    sent = {"credit_code": CODE, "operator_name": NAME, "last_six": LAST_SIX, "agree": "1"}

    response = browser_of(person(7)).post("/me/bind/", {**sent, "next": "https://example.com/"})

    assert response.url == "/me/"
