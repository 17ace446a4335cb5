"""The check with a stored shop: only what nobody knows is asked, and the answer is that of the API."""

import json
import re
from random import Random

import pytest
from django.test import Client

from businesses import actions
from businesses.facts import DERIVED, SELF, SOURCES
from businesses.models import Binding
from businesses.register import profile_of
from businesses.registry import business_registry
from businesses.synthetic import generate_profile
from tests.markup import markup

from ..owners import asked_on, filled_in
from ..shops import CODE, NAME, SECOND_CODE, browser_of, day, person, store, tea_shop, text_of
from ..test_same_answer import MONEY, Cards, as_the_page_says

pytestmark = pytest.mark.usefixtures("catalogue_loaded")
RESULTS = "/check/results/"
# What the tea shop's owner says when asked for the rest.
THE_REST = {"operator_groups": [], "agri_industry": "tea", "agri_activity": "circulation"}


def first_question(browser):
    """The page that the first answer offers to go on with; that of the results where it offers none."""
    assert browser.post("/me/check/").headers["Location"] == RESULTS
    offered = re.search(r'href="(/check/q/\w+/)">继续回答', markup(browser.get(RESULTS)))
    return offered[1] if offered else RESULTS


def check(browser, answers):
    """Check with the shop, answering as the owner would; the pages that were asked."""
    address, seen = first_question(browser), []
    while address != RESULTS:
        assert len(seen) < 12
        seen.append(address)
        page = browser.get(address).content.decode()
        address = browser.post(address, filled_in(page, answers)).headers["Location"]
    return seen


def test_the_tea_shop_is_asked_two_pages_at_most_and_never_what_is_known(browser, shop):
    known = {name for source, facts in tea_shop().items() for name in facts if source != SELF}
    asked, address = [], first_question(browser)
    while address != RESULTS:
        page = browser.get(address).content.decode()
        asked += asked_on(page)
        address = browser.post(address, filled_in(page, THE_REST)).headers["Location"]

    assert len(asked) == len(set(asked))
    assert set(asked) & known <= {"operator_groups"}  # of which departments know some members
    assert len(check(browser, THE_REST)) == 0
    assert actions.own_words(shop).items() >= {name: THE_REST[name] for name in asked}.items()
    browser.post("/me/correct/operator_groups/", {"withdraw": "1"})
    assert len(check(browser, THE_REST)) <= 2


def test_members_that_departments_know_are_shown_and_not_offered(browser):
    page = browser.get("/check/q/identity/").content.decode() if browser.post("/me/check/") else ""

    assert 'value="disabled"' in page
    assert 'value="veteran"' not in page
    assert "退役军人、自主就业退役士兵" in text_of(browser.get("/check/q/identity/"))


def test_what_a_department_knows_cannot_be_answered_away(browser, shop):
    browser.post("/me/check/")

    page = browser.get("/check/q/registered/")
    browser.post("/check/q/registered/", {"registered_on": "2001-01-01", "shop": shop.public_id})

    assert asked_on(page.content.decode()) == []
    assert "市场监管登记" in text_of(page)
    assert "registered_on" not in actions.own_words(shop)


def test_answers_stay_with_the_shop_and_a_change_drops_none(browser, shop):
    check(browser, THE_REST)
    before = actions.own_words(shop)

    address = browser.post("/me/check/", {"page": "premises"}).headers["Location"]
    page = browser.get(address).content.decode()
    browser.post(address, filled_in(page, {**before, "rents_premises": False}))

    assert actions.own_words(shop) == {**before, "rents_premises": False}
    assert {"operator_groups", "monthly_rent"} <= set(before)
    assert "answers" not in browser.cookies


def test_the_results_say_for_which_shop_and_on_which_days(browser, shop):
    check(browser, THE_REST)

    response = browser.get("/check/results/")
    text = text_of(response)

    assert f"为“{shop.name}”查的" in text
    assert all(SOURCES[source] in text for source in tea_shop())
    assert "发给家人看" not in text
    assert "shared=" not in response.content.decode()
    assert response.headers["Cache-Control"] == "no-store"


def guides(browser):
    return "".join(markup(browser.get(f"/policies/{code}/")) for code in ("M05a", "M05b", "M05c"))


def verdicts(browser) -> set:
    return set(re.findall(r'data-criterion="[^"]+" data-result="([a-z]*)"', guides(browser)))


def test_a_guide_shows_whoever_is_signed_in_the_verdict_of_their_shop(browser):
    assert verdicts(Client()) == {""}
    assert {"pass", "staff", "wait"} <= verdicts(browser)


def test_whoever_would_rather_answer_as_nobody_sees_no_verdict_until_they_choose_their_shop(browser):
    browser.post("/check/", {"nobody": "1"})
    assert verdicts(browser) == {""}

    browser.post("/me/check/")
    assert {"pass", "staff", "wait"} <= verdicts(browser)


def test_what_was_answered_before_signing_in_is_not_left_for_the_shop(owner, shop):
    browser = Client()
    browser.post("/check/q/identity/", {"operator_groups": "disabled"})
    browser.force_login(owner)

    assert shop.name not in text_of(browser.get(RESULTS))
    browser.post("/me/check/")
    assert shop.name in text_of(browser.get(RESULTS))


def test_who_would_rather_answer_as_nobody_in_particular_may(browser, shop):
    browser.post("/me/check/")

    address = browser.post("/check/", {"nobody": "1"}).headers["Location"]
    browser.post(address, {"operator_groups": "disabled"})

    assert "用我的店查" in text_of(browser.get("/check/"))
    assert shop.name not in text_of(browser.get("/check/results/"))
    assert "operator_groups" not in actions.own_words(shop)
    assert "answers" in browser.cookies


@pytest.mark.parametrize("seed", range(4))
def test_a_stored_shop_gets_the_answer_that_the_api_gives_for_its_facts(seed):
    random, registry = Random(seed), business_registry()
    for number in range(4):
        facts = generate_profile(random, day(), unknown_share=0.3)
        facts = {name: value for name, value in facts.items() if name not in DERIVED}
        said = {}
        for name, value in facts.items():
            said.setdefault(random.choice(registry[name].sources), {})[name] = value
        said.setdefault("registry", {})
        Binding.objects.all().delete()
        identity = f"{PERSONS[number]}"
        shop = store(said, code=SHOPS[number], identity=identity)
        user = person(number + 1)
        actions.bind(user, shop.credit_code, NAME, identity[-6:])
        browser = browser_of(user)

        browser.post("/me/check/")
        page = browser.get("/check/results/").content.decode()
        answer = browser.post(
            "/api/v1/evaluations/", json.dumps({"profile": facts}), "application/json"
        ).json()

        shown = Cards(page).cards
        wanted = {
            row["benefit"]: as_the_page_says(row) for row in answer["results"] if row["benefit"] in MONEY
        }
        assert {code: without_reasons(shown[code]) for code in shown} == {
            code: without_reasons(wanted[code]) for code in wanted
        }, facts
        assert ("继续回答" in page) == (answer["next_question"] is not None), facts
        stored = profile_of(shop).values
        said_to_the_api = registry.read_profile(facts, as_of=day()).values
        assert {name: stored[name] for name in stored if name not in DERIVED} == said_to_the_api


SHOPS = [CODE, SECOND_CODE, "92520204MA6E00019P", "92520281MA6E000198"]
PERSONS = ["520201198001010012", "520201198001010020", "520201198001010039", "520201198001010047"]


def without_reasons(card):
    """Reasons name their source, and staff need not look again at what a department says."""
    return {name: value for name, value in card.items() if name not in ("criteria", "alternatives")}
