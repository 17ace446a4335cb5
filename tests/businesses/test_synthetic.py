"""Made-up shops are accepted by the API's own door, repeat with their seed, and meet every rule on both sides."""

from datetime import date
from random import Random

from businesses.facts import BUILT_IN_REGISTRY
from businesses.synthetic import generate_profile
from policies.criteria.states import assess_all
from tests.criteria.given import measures

TODAY = date(2025, 6, 30)


def shops(seed, count, **more):
    random = Random(seed)
    return [generate_profile(random, TODAY, **more) for _ in range(count)]


def test_the_same_seed_makes_the_same_shops():
    assert shops(1, 20) == shops(1, 20)
    assert shops(1, 20) != shops(2, 20)


def test_every_shop_is_read_as_the_api_reads_it():
    for facts in shops(3, 500):
        profile = BUILT_IN_REGISTRY.read_profile(facts, as_of=TODAY)

        computed = {"retires_on"} if {"born_on", "sex"} <= facts.keys() else set()
        assert set(profile.values) == {*facts, "entity_type", *computed}


def test_a_shop_may_know_everything_or_nothing():
    assert [set(facts) for facts in shops(4, 3, unknown_share=0)] == [set(BUILT_IN_REGISTRY)] * 3
    assert shops(4, 3, unknown_share=1) == [{}, {}, {}]


def test_a_larger_unknown_share_leaves_the_other_facts_as_they_are():
    for whole, part in zip(shops(5, 20, unknown_share=0), shops(5, 20, unknown_share=0.5), strict=True):
        assert part == {name: whole[name] for name in part}


def test_about_the_asked_share_is_unknown():
    left_out = sum(len(BUILT_IN_REGISTRY) - len(facts) for facts in shops(6, 300, unknown_share=0.2))

    assert 0.17 < left_out / (300 * len(BUILT_IN_REGISTRY)) < 0.23


def test_every_state_of_every_benefit_with_money_turns_up():
    rules = [rule for rule in measures().rules if rule.is_money]
    seen = {rule.code: set() for rule in rules}
    for facts in shops(7, 1500, unknown_share=0.05):
        for found in assess_all(rules, BUILT_IN_REGISTRY.read_profile(facts, as_of=TODAY), TODAY):
            seen[found.rule.code].add(found.state)

    assert {code: states & {"now", "auto"} != set() for code, states in seen.items()} == dict.fromkeys(
        seen, True
    )
    assert {code: states & {"no", "if"} != set() for code, states in seen.items()} == dict.fromkeys(
        seen, True
    )
    assert "soon" in seen["M05a"]
    assert {"have", "unknown"} <= seen["M05c"]
