"""Only questions whose answer can still change something are asked, and all of them: tried on random shops.

A completion fills in what a benefit still waits for; answers are useful where two of them part under one completion.
"""

import re
from datetime import date, timedelta
from functools import cache
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from businesses.facts import BUILT_IN_REGISTRY
from businesses.synthetic import generate_profile
from core.facts import Profile
from eligibility.questions import next_question, useful_facts
from policies.criteria.states import OPEN_STATES, assess_all
from policies.criteria.tree import RuleError, leaves
from tests.criteria.given import measures, rule
from tests.criteria.random_trees import shops as near_shops
from tests.criteria.random_trees import trees
from tests.properties import examples

DAY = date(2025, 6, 30)  # every benefit is open
SHOPS = 300
COMPLETIONS = 400
MANY_COMPLETIONS = 4000  # until two answers part: of a rule of many facts few completions let one matter


@cache
def shops():
    """Random shops with facts removed at random, some of them asked in vain."""
    random = Random(20250630)
    profiles = []
    for _ in range(SHOPS):
        facts = generate_profile(random, DAY, unknown_share=random.choice([0.1, 0.3, 0.5, 0.8, 0.95]))
        in_vain = {name: None for name in BUILT_IN_REGISTRY if name not in facts and random.random() < 0.1}
        profiles.append(BUILT_IN_REGISTRY.read_profile({**facts, **in_vain}, as_of=DAY))
    return profiles


@cache
def pool():
    """Inside values of every fact as random shops have them."""
    random = Random(7)
    whole = [generate_profile(random, DAY, unknown_share=0) for _ in range(250)]
    read = [BUILT_IN_REGISTRY.read_profile(facts, as_of=DAY).values for facts in whole]
    found = {name: list(dict.fromkeys(values[name] for values in read)) for name in BUILT_IN_REGISTRY}
    found["layoff_claimants_last_year"] += [10, 30]  # more than the shops of generate_profile lay off
    return found


def assessed(profile):
    return assess_all(measures().rules, profile, DAY)


def parts(found, name, random, values=None, completions=COMPLETIONS):
    """Whether two random answers to ``name`` lead to different results under one of many random completions."""
    facts = {fact.name for leaf in leaves(found.rule.criteria) for fact in leaf.facts if fact.ask != "never"}
    others = [
        other for other in {*facts, *found.rule.amount.facts} - {name} if other not in found.profile.values
    ]
    values = values or pool()
    for _ in range(completions):
        completed = found.profile.with_values(
            {other: random.choice(values[other]) for other in sorted(others)}
        )
        answers = random.sample(values[name], min(4, len(values[name])))
        if len({outcome(found.rule, completed.with_values({name: answer})) for answer in answers}) > 1:
            return True
    return False


def outcome(one_rule, profile):
    (found,) = assess_all([one_rule], profile, DAY)
    return found.state, found.eligible_from, found.apply_before, found.amount.value, found.amount.maximum


def waiting_for(found):
    """Facts that an undecided benefit, or the amount of an open one, waits for."""
    return found.missing_facts if found.state == "unknown" else found.amount.missing


def test_every_question_asked_can_change_a_result():
    useless = []
    for number, profile in enumerate(shops()):
        everything, random = assessed(profile), Random(number)
        for fact in useful_facts(everything, BUILT_IN_REGISTRY):
            waiting = [found for found in everything if fact.name in waiting_for(found)]
            if not any(parts(found, fact.name, random, completions=MANY_COMPLETIONS) for found in waiting):
                useless.append((number, fact.name))

    assert useless == []


def test_what_is_not_asked_could_not_change_a_result():
    forgotten = []
    for number, profile in enumerate(shops()):
        everything, random = assessed(profile), Random(number)
        asked = {fact.name for fact in useful_facts(everything, BUILT_IN_REGISTRY)}
        for found in everything:
            if found.state not in ("unknown", *OPEN_STATES):
                continue
            for name in waiting_for(found):
                askable = BUILT_IN_REGISTRY[name].ask != "never" and name not in profile.asked
                if askable and name not in asked and parts(found, name, random):
                    forgotten.append((number, found.rule.code, name))

    assert forgotten == []


def test_the_random_shops_try_both():
    asked = [next_question(assessed(profile), BUILT_IN_REGISTRY) for profile in shops()]

    assert 50 < sum(fact is None for fact in asked) < 250
    assert len({fact.name for fact in asked if fact}) > 10


def test_what_was_asked_in_vain_is_not_asked_again():
    asked_again = [
        fact.name
        for profile in shops()
        for fact in useful_facts(assessed(profile), BUILT_IN_REGISTRY)
        if fact.name in profile.asked
    ]

    assert asked_again == []


def test_what_only_a_registry_or_a_clerk_knows_is_not_asked():
    asked = {fact.ask for profile in shops() for fact in useful_facts(assessed(profile), BUILT_IN_REGISTRY)}

    assert asked == {"question", "amount"}


@pytest.mark.parametrize("number", range(25))
def test_an_owner_who_answers_everything_is_asked_once_each_and_nothing_stays_open(number):
    owner = generate_profile(Random(number), DAY, unknown_share=0)
    known, asked = {}, []

    while fact := next_question(
        assessed(BUILT_IN_REGISTRY.read_profile(known, as_of=DAY)), BUILT_IN_REGISTRY
    ):
        asked.append(fact.name)
        known[fact.name] = owner[fact.name]

    assert len(asked) == len(set(asked)) <= 25
    final = assessed(BUILT_IN_REGISTRY.read_profile(known, as_of=DAY))
    assert [found.rule.code for found in final if found.state == "unknown"] == []


def test_an_owner_who_knows_nothing_is_asked_once_each():
    known = {}

    while fact := next_question(
        assessed(BUILT_IN_REGISTRY.read_profile(known, as_of=DAY)), BUILT_IN_REGISTRY
    ):
        assert fact.name not in known
        known[fact.name] = None

    assert "operator_groups" in known


ASKED = (
    "registered_on",
    "left_school_on",
    "unit_insured",
    "employees",
    "district",
    "agri_industry",
    "exports",
)


@st.composite
def small_cases(draw):
    """A random rule over facts that are asked, and a shop of which little is known."""
    drawn = draw(trees(BUILT_IN_REGISTRY, facts=ASKED, dated=False, staff=False, deepest=2))
    try:
        read = rule(*drawn.raw["all"], conditions=drawn.conditions)
    except RuleError:
        assume(False)
    kept = draw(st.sets(st.sampled_from(drawn.facts), max_size=2))
    return drawn, read, Profile(draw(near_shops(BUILT_IN_REGISTRY, sorted(kept), DAY)))


@examples(100)
@given(small_cases(), st.randoms(use_true_random=False))
def test_random_rules_ask_whatever_can_change_their_answer(case, random):
    drawn, read, profile = case
    found = assess_all([read], profile, DAY)[0]
    asked = {fact.name for fact in useful_facts([found], BUILT_IN_REGISTRY)}

    changing = {name for name in found.missing_facts if parts(found, name, random, near_pool(drawn), 60)}

    assert changing <= asked


def near_pool(drawn):
    """Inside values that lie on both sides of every threshold a random tree can have."""
    dates = {DAY - timedelta(days=back + shift) for back in NEAR_DAYS for shift in range(-2, 3)}
    for edge in set(re.findall(r"\d{4}-\d{2}-\d{2}", str(drawn.raw) + str(drawn.conditions))):
        dates |= {date.fromisoformat(edge) + timedelta(days=shift) for shift in (-1, 0, 1)}
    past = [one for one in sorted(dates) if one <= DAY]
    by_type = {"bool": [True, False], "integer": list(range(9)), "date": sorted(dates)}
    values = {
        name: by_type.get(BUILT_IN_REGISTRY[name].type)
        or [choice.value for choice in BUILT_IN_REGISTRY[name].choices]
        for name in ASKED
    }
    return {**values, "left_school_on": past}


NEAR_DAYS = (0, 28, 30, 31, 59, 365, 395, 1095, -30, -366)


def leaf(fact, op, value, **more):
    return {"fact": fact, "op": op, "value": value, **more}


def asked_of(*rules, **facts):
    profile = BUILT_IN_REGISTRY.read_profile(facts, as_of=DAY)
    return [fact.name for fact in useful_facts(assess_all(rules, profile, DAY), BUILT_IN_REGISTRY)]


def test_the_most_money_is_asked_for_first():
    small = rule(leaf("exports", "eq", True), amount={"fixed": "100"}, code="A")
    large = rule(leaf("sells_online", "eq", True), amount={"fixed": "900"}, code="B")

    assert asked_of(small, large) == ["sells_online", "exports"]


def test_money_comes_before_a_larger_loan():
    loan = {"ceiling": {"limit": "300000", "wanted": "loan_amount_wanted"}}
    small = rule(leaf("exports", "eq", True), amount={"fixed": "100"}, code="A")
    large = rule(leaf("sells_online", "eq", True), amount=loan, code="B")

    assert asked_of(large, small) == ["exports", "sells_online"]


def test_a_fact_that_many_benefits_wait_for_is_worth_their_sum():
    common = [rule(leaf("exports", "eq", True), amount={"fixed": "100"}, code=code) for code in "ABC"]
    alone = rule(leaf("sells_online", "eq", True), amount={"fixed": "250"}, code="D")

    assert asked_of(*common, alone) == ["exports", "sells_online"]


RENT = {
    "monthly_capped": {
        "cap": "500", "months": 36, "fact": "monthly_rent", "used": "rent_subsidy_months_received"
    }
}  # fmt: skip


def test_amounts_are_asked_after_what_decides():
    decided = rule(leaf("exports", "eq", True), amount=RENT, code="A")
    undecided = rule(leaf("sells_online", "eq", True), amount={"fixed": "1"}, code="B")

    assert asked_of(decided, undecided, exports=True) == ["sells_online", "monthly_rent"]


def test_a_benefit_that_cannot_be_had_asks_for_no_amount():
    assert asked_of(rule(leaf("exports", "eq", True), amount=RENT), exports=False) == []


def test_what_only_changeable_conditions_stand_against_asks_nothing():
    refused = rule(leaf("exports", "eq", True, changeable=True), leaf("sells_online", "eq", True))

    assert asked_of(refused, exports=False) == []


def test_a_question_whose_answers_all_lead_to_the_same_is_not_asked():
    either = {"any": [leaf("exports", "eq", True), leaf("employees", "gte", 1), leaf("employees", "lt", 1)]}

    assert (
        asked_of(rule({"any": [leaf("exports", "eq", True), leaf("sells_online", "eq", True)]}), exports=True)
        == []
    )
    with pytest.raises(ValueError, match="永远成立"):
        rule(either)


def test_a_service_asks_nothing():
    assert asked_of(rule(leaf("exports", "eq", True), kind="service", amount={"none": {}})) == []


def test_a_date_whose_answers_differ_only_in_the_day_is_asked():
    aged = rule(leaf("registered_on", "at_least_ago", {"years": 1}))

    assert asked_of(aged) == ["registered_on"]
