"""What owners say of their shop and of themselves."""

import json
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as some

from accounts.models import AccessEvent, User
from businesses import actions, rules
from businesses.actions import state_facts
from businesses.facts import BUILT_IN_REGISTRY, DAYS_AHEAD
from businesses.models import Business, Change
from businesses.register import profile_of
from businesses.synthetic import generate_profile
from core.errors import Invalid, Refused

from .world import TODAY, agent_of, clerk, opened, owner_of, person, slow

pytestmark = pytest.mark.django_db(databases="__all__")


def own_answers(seed):
    facts = generate_profile(Random(seed), TODAY, unknown_share=0.6)
    if facts.get("registered_on", "") > (TODAY + timedelta(days=DAYS_AHEAD)).isoformat():
        del facts["registered_on"]  # what is planned so far ahead is in no register yet
    return {name: value for name, value in facts.items() if rules.may_state(BUILT_IN_REGISTRY[name])}


@slow
@given(seed=some.integers(0, 10_000), split=some.integers(0, 40))
def test_answers_given_in_two_goes_make_the_shop_that_one_go_makes(seed, split):
    if not Business.objects.exists():
        owner_of(opened())
    shop, by = Business.objects.get(), User.objects.get(bindings__ended_at=None)
    answers = own_answers(seed)
    state_facts(shop, {}, by=by, withdraw=[*actions.own_words(shop)])
    before = profile_of(shop)
    known = {name: value for name, value in before.values.items() if before.sources[name] != "default"}

    pairs = list(answers.items())
    state_facts(shop, dict(pairs[:split]), by=by)
    state_facts(shop, dict(pairs[split:]), by=by)
    in_two = profile_of(shop)
    state_facts(shop, {}, by=by, withdraw=[*answers])
    emptied = profile_of(shop).values
    state_facts(shop, answers, by=by)
    in_one = profile_of(shop)

    assert (in_two.values, in_two.sources) == (in_one.values, in_one.sources)
    assert emptied == before.values
    # What departments know stands, and whatever they do not know is as the owner says.
    said = BUILT_IN_REGISTRY.read_profile(answers, as_of=TODAY).values
    assert in_one.values == {**said, **known}


def test_what_only_departments_say_cannot_be_stated(engine):
    shop = opened()
    facts = {"annual_report_filed": True, "business_type": "growth", "monthly_rent": "800", "no_such": 1}

    with pytest.raises(Invalid) as told:
        state_facts(shop, facts, by=owner_of(shop))

    assert {(fault.field, fault.code) for fault in told.value.faults} == {
        ("facts.no_such", "unknown_field"),
        ("facts.annual_report_filed", "not_yours_to_state"),
        ("facts.business_type", "not_yours_to_state"),
    }
    assert actions.own_words(shop) == {}


@pytest.mark.parametrize("spelled", ["800", "800.0", 800, Decimal("800"), Decimal("800.00")])
def test_an_owners_words_are_kept_in_their_one_spelling_however_they_came(engine, spelled):
    shop = opened()
    owner = owner_of(shop)
    facts = {"monthly_rent": spelled, "sells_online": None, "operator_groups": ["veteran"]}

    state_facts(shop, facts, by=owner)

    assert json.loads(json.dumps(actions.own_words(shop))) == {
        "monthly_rent": "800.00",
        "sells_online": None,
        "operator_groups": ["veteran"],
    }
    assert profile_of(shop).values["monthly_rent"] == Decimal("800.00")


def test_answers_to_an_older_version_are_refused_and_nothing_is_lost(engine):
    shop = opened()
    by = owner_of(shop)
    seen = shop.version
    newer = state_facts(shop, {"monthly_rent": "800.00"}, by=by, expected_version=seen)

    with pytest.raises(Refused, match="刚刚有更新"):
        state_facts(shop, {"monthly_rent": "500.00"}, by=by, expected_version=seen)

    assert newer.version > seen
    assert actions.own_words(shop) == {"monthly_rent": "800.00"}


def test_whose_words_may_be_stated(engine):
    shop = opened()
    owner = owner_of(shop)
    reader = agent_of(shop, owner, ["view"])
    writer = agent_of(shop, owner, ["answer"], number=3)

    for stranger in (reader, person(4), clerk("market", "view_business")):
        with pytest.raises(PermissionDenied):
            state_facts(shop, {"monthly_rent": "1.00"}, by=stranger)
    state_facts(shop, {"monthly_rent": "300.00"}, by=writer)

    assert Change.objects.get().by == writer
    event = AccessEvent.objects.get(action="state_facts")
    assert (event.user, event.detail) == (writer, {"facts": ["monthly_rent"]})
    assert actions.own_words(shop) == {"monthly_rent": "300.00"}


def test_what_a_person_says_of_themself_reaches_all_their_shops(engine):
    shop, second = opened(), opened(1)
    state_facts(shop, {"operator_groups": ["veteran"], "monthly_rent": "800.00"}, by=owner_of(shop))

    assert profile_of(second).values["operator_groups"] == profile_of(shop).values["operator_groups"]
    assert "monthly_rent" not in profile_of(second).values
