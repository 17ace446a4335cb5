"""The book of a stored shop: it says beforehand what the register says afterwards, and asks only what is open."""

from datetime import date
from random import Random

import pytest
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import assume, given
from hypothesis import strategies as some

from accounts.actions import agree
from accounts.models import User
from businesses.actions import bind
from businesses.facts import BUILT_IN_REGISTRY, DERIVED, SELF
from businesses.models import Business
from businesses.register import Arrival, profile_of, take_in
from businesses.rules import may_state
from businesses.synthetic import generate_profile
from core.errors import Invalid
from core.facts import Members, Profile
from eligibility.answers import AnonymousBook, ShopBook, chosen_shop
from eligibility.questions import useful_facts
from policies.criteria.states import assess_all
from tests.criteria.given import measures
from tests.properties import examples

TODAY = timezone.localdate()
CODE, PERSON = "92520201MA6E00019C", "520201198001010012"
GROUPS = BUILT_IN_REGISTRY["operator_groups"]
slow = examples(25)


def facts_of(seed, unknown_share=0.5):
    facts = generate_profile(Random(seed), TODAY, unknown_share=unknown_share)
    return {name: value for name, value in facts.items() if name not in DERIVED}


def stored(seed):
    """A shop of which departments know some facts, some members of a set only, and its owner's user."""
    Business.objects.all().delete()
    random, said = Random(seed), {"registry": {}}
    for name, value in facts_of(seed).items():
        said.setdefault(random.choice(BUILT_IN_REGISTRY[name].sources), {})[name] = value
    for source in ("veterans", "employment"):
        members = [choice.value for choice in GROUPS.choices if random.random() < 0.2]
        said.setdefault(source, {})["operator_groups"] = {"yes": members[::2], "no": members[1::2]}
    take_in(
        [Arrival(said, credit_code=CODE, identity=PERSON, name="演示店", operator_name="演示店主")], on=TODAY
    )
    user = User.objects.begin_with_phone("13800000001")
    agree(user, "sensitive")
    bind(user, CODE, "演示店主", PERSON[-6:])
    return Business.objects.get(), user


def may_be_kept(answers):
    """Who only asks may plan further ahead than the register believes."""
    try:
        BUILT_IN_REGISTRY.read_profile(answers, as_of=TODAY, kept=True)
    except Invalid:
        return False
    return True


def told(profile: Profile):
    """A profile without what rules derive from it: that is worked out anew when facts change."""
    values = {name: value for name, value in profile.values.items() if name not in DERIVED}
    return values, {name: profile.sources[name] for name in values}, profile.asked - {*DERIVED}


@pytest.mark.django_db
@slow
@given(seed=some.integers(0, 10_000))
def test_the_book_reads_a_shop_as_the_register_does(seed):
    shop, user = stored(seed)
    book = ShopBook(shop, user)

    found, wanted = book.profile_of(book.answers, BUILT_IN_REGISTRY, TODAY), profile_of(shop)
    assert (found.values, found.sources, found.asked) == (wanted.values, wanted.sources, wanted.asked)


@pytest.mark.django_db
@slow
@given(seed=some.integers(0, 10_000), other=some.integers(0, 10_000))
def test_what_the_book_makes_of_answers_is_what_the_register_makes_of_them_once_kept(seed, other):
    shop, user = stored(seed)
    book = ShopBook(shop, user)
    answers = {
        name: value if Random(name).random() < 0.8 else None
        for name, value in facts_of(other, 0.7).items()
        if may_state(BUILT_IN_REGISTRY[name])
    }
    assume(may_be_kept(answers))
    expected = book.profile_of(answers, BUILT_IN_REGISTRY, TODAY)

    assert book.keep("response", answers) == "response"

    shop.refresh_from_db()
    assert told(profile_of(shop)) == told(expected)
    assert ShopBook(shop, user).answers == answers
    after = ShopBook(shop, user)
    assert [after.known(name) for name in BUILT_IN_REGISTRY if name not in DERIVED] == [
        book.known(name) for name in BUILT_IN_REGISTRY if name not in DERIVED
    ]


@pytest.mark.django_db
def test_nothing_that_departments_know_whole_is_left_to_ask():
    shop, user = stored(7)
    book = ShopBook(shop, user)

    for name, fact in BUILT_IN_REGISTRY.items():
        known = book.known(name)
        assert known is None or SELF not in (
            known.source,
            *(row[1] for row in (known.members or {}).values()),
        )
        assert book.is_settled(fact) == (known is not None and fact.is_settled(inside(fact, known)))


def inside(fact, best):
    from businesses.merge import inside

    return inside(fact, best.value)


def test_an_anonymous_book_settles_nothing():
    book = AnonymousBook({"registered_on": "2026-01-15"})

    assert (book.shop, book.known("registered_on"), book.may_answer) == (None, None, True)
    assert not any(book.is_settled(fact) for fact in BUILT_IN_REGISTRY.values())


def test_a_stranger_has_no_shop():
    request = RequestFactory().get("/")
    request.user = type("Nobody", (), {"is_authenticated": False})()

    assert chosen_shop(request) is None


# Sets of which some members are known


def assessed(profile):
    day = date(2025, 6, 30)
    return assess_all([rule for rule in measures().rules if rule.is_money], profile, day)


VETERAN = GROUPS.mask(["veteran", "self_employed_veteran"])


def test_a_set_of_which_some_members_are_known_is_still_missing_where_others_decide():
    none_of_them = Profile({"operator_groups": Members(0, VETERAN)})
    veteran = Profile({"operator_groups": Members(VETERAN, VETERAN)})

    missing = {found.rule.code: found.missing_facts for found in assessed(none_of_them)}
    assert "operator_groups" in missing["M05c"]
    missing = {found.rule.code: found.missing_facts for found in assessed(veteran)}
    assert "operator_groups" not in missing["M05c"]


@given(
    known=some.integers(0, GROUPS.everything),
    yes=some.integers(0, GROUPS.everything),
    seed=some.integers(0, 10_000),
)
@examples(60)
def test_whatever_members_are_known_a_question_can_be_found_or_nothing_is_missing(known, yes, seed):
    facts = {name: value for name, value in facts_of(seed, 0.7).items() if name != "operator_groups"}
    profile = BUILT_IN_REGISTRY.read_profile(facts, as_of=TODAY)
    profile = profile.with_values({"operator_groups": Members(yes & known, known)})

    found = assessed(profile)

    for one in found:
        assert (one.state == "unknown") >= bool(one.missing_facts)
    asked = [fact.name for fact in useful_facts(found, BUILT_IN_REGISTRY)]
    assert len(asked) == len(set(asked))
    if known == GROUPS.everything:
        assert "operator_groups" not in asked
