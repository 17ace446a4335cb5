"""What stands for a fact that several sources speak of: rank, then date; members of a set one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from businesses import merge
from businesses.facts import BUILT_IN_REGISTRY as REGISTRY
from core.facts import Members

JANUARY, FEBRUARY, MARCH = "2026-01-01", "2026-02-01", "2026-03-01"


def said(*statements):
    """Statements folded in the order they arrive."""
    result = []
    for source, on, facts in statements:
        result = merge.add(result, source, on, facts, REGISTRY)
    return result


def standing(statements, fact="registered_on"):
    best = merge.merge(statements, REGISTRY).get(fact)
    return best and best[:3]


def test_the_registry_beats_the_owner_whoever_speaks_last():
    for order in (1, -1):
        statements = [
            ("registry", JANUARY, {"registered_on": "2025-05-05"}),
            ("self", MARCH, {"registered_on": "2024-01-01"}),
        ]
        assert standing(said(*statements[::order])) == ("2025-05-05", "registry", JANUARY)


def test_inside_a_source_the_newer_word_stands_and_an_older_file_that_comes_late_changes_nothing():
    newer_last = said(
        ("tax", JANUARY, {"taxpayer_type": "general"}), ("tax", MARCH, {"taxpayer_type": "small_scale"})
    )
    older_last = said(
        ("tax", MARCH, {"taxpayer_type": "small_scale"}), ("tax", JANUARY, {"taxpayer_type": "general"})
    )

    assert standing(newer_last, "taxpayer_type") == standing(older_last, "taxpayer_type")
    assert standing(newer_last, "taxpayer_type") == ("small_scale", "tax", MARCH)


def test_a_fact_a_newer_file_does_not_mention_keeps_its_older_word_and_day():
    statements = said(
        ("registry", JANUARY, {"registered_on": "2025-05-05", "district": "520201"}),
        ("registry", MARCH, {"district": "520281"}),
    )

    assert standing(statements) == ("2025-05-05", "registry", JANUARY)
    assert standing(statements, "district") == ("520281", "registry", MARCH)


def test_the_order_of_sources_is_the_facts_own():
    statements = said(
        ("registry", MARCH, {"first_time_business": True}),
        ("employment", JANUARY, {"first_time_business": False}),
    )

    assert standing(statements, "first_time_business") == (False, "employment", JANUARY)


def test_a_correction_stands_until_the_department_says_something_else():
    first = said(("registry", JANUARY, {"district": "520201"}))
    corrected = merge.correct(first, FEBRUARY, {"district": "520281"}, REGISTRY)
    repeated = merge.add(corrected, "registry", MARCH, {"district": "520201"}, REGISTRY)
    changed = merge.add(repeated, "registry", "2026-04-01", {"district": "520203"}, REGISTRY)
    back_again = merge.add(changed, "registry", "2026-05-01", {"district": "520201"}, REGISTRY)

    assert standing(corrected, "district") == ("520281", "staff", FEBRUARY)
    assert standing(repeated, "district") == ("520281", "staff", FEBRUARY)
    assert standing(changed, "district") == ("520203", "registry", "2026-04-01")
    assert standing(back_again, "district") == ("520201", "registry", "2026-05-01")


def test_an_owner_never_overtakes_a_correction():
    corrected = merge.correct([], JANUARY, {"rents_premises": False}, REGISTRY)

    later = merge.add(corrected, "self", MARCH, {"rents_premises": True}, REGISTRY)

    assert standing(later, "rents_premises") == (False, "staff", JANUARY)


def test_an_imported_veteran_is_not_thereby_no_graduate():
    statements = said(
        ("veterans", JANUARY, {"operator_groups": {"yes": ["self_employed_veteran"], "no": []}})
    )
    fact = REGISTRY["operator_groups"]

    found = merge.merge(statements, REGISTRY)["operator_groups"]

    assert merge.inside(fact, found.value) == Members(
        fact.mask(["veteran", "self_employed_veteran"]), fact.mask(["veteran", "self_employed_veteran"])
    )


def test_members_of_a_set_are_weighed_one_by_one_and_each_keeps_its_source():
    statements = said(
        ("self", MARCH, {"operator_groups": ["graduate", "veteran"]}),
        ("veterans", JANUARY, {"operator_groups": {"yes": [], "no": ["veteran"]}}),
        ("employment", FEBRUARY, {"operator_groups": {"yes": ["hard_to_employ"], "no": []}}),
    )

    found = merge.merge(statements, REGISTRY)["operator_groups"]

    assert found.value["yes"] == ["graduate", "hard_to_employ"]
    assert found.members["veteran"] == (False, "veterans", JANUARY)
    assert found.members["graduate"] == (True, "self", MARCH)
    assert found.members["hard_to_employ"] == (True, "employment", FEBRUARY)
    assert len(found.value["yes"]) + len(found.value["no"]) == len(REGISTRY["operator_groups"].choices)


def test_a_second_open_word_of_a_source_leaves_its_first_on_other_members():
    statements = said(
        ("employment", JANUARY, {"operator_groups": {"yes": ["hard_to_employ"], "no": []}}),
        ("employment", MARCH, {"operator_groups": {"yes": [], "no": ["disabled"]}}),
    )

    assert merge.merge(statements, REGISTRY)["operator_groups"].value == {
        "yes": ["hard_to_employ"],
        "no": ["disabled"],
    }


def test_not_known_is_remembered_as_asked_and_stands_for_nothing():
    statements = said(("self", JANUARY, {"monthly_rent": None, "employees": 3}))
    profile = merge.profile(merge.merge(statements, REGISTRY), REGISTRY, merge.asked(statements))

    assert (profile.values.get("monthly_rent"), profile.values["employees"]) == (None, 3)
    assert profile.asked == {"monthly_rent"}
    assert (profile.values["entity_type"], profile.sources["entity_type"]) == (
        "individual_business",
        "default",
    )


def test_a_source_that_says_the_whole_anew_takes_back_what_it_no_longer_says():
    statements = said(
        ("self", JANUARY, {"employees": 3, "monthly_rent": "800.00"}),
        ("tax", JANUARY, {"annual_vat": "1.00"}),
    )

    replaced = merge.replace(statements, "self", MARCH, {"employees": 3, "exports": False})

    assert standing(replaced, "employees") == (3, "self", JANUARY)  # said before in the same words
    assert standing(replaced, "exports") == (False, "self", MARCH)
    assert standing(replaced, "monthly_rent") is None
    assert standing(replaced, "annual_vat") == ("1.00", "tax", JANUARY)


def test_what_the_regulators_own_rules_write_is_not_taken_from_a_source():
    from businesses.facts import DERIVED

    assert {"business_type", "distinctive_classes"} == set(DERIVED)


SOURCES = st.sampled_from(["registry", "employment", "self"])
DAYS = st.sampled_from([JANUARY, FEBRUARY, MARCH])
STATEMENTS = st.lists(
    st.tuples(SOURCES, DAYS, st.fixed_dictionaries({"first_time_business": st.booleans()})), max_size=6
)


@given(STATEMENTS)
def test_one_statement_of_a_source_holds_a_fact_and_it_is_the_newest(statements):
    folded = said(*statements)

    for source in ("registry", "employment", "self"):
        told = [(on, facts["first_time_business"]) for who, on, facts in statements if who == source]
        held = [row for row in folded if row["source"] == source]
        assert len(held) == bool(told)
        if told:
            assert held[0]["on"] == max(on for on, _ in told)


@given(STATEMENTS)
def test_saying_the_same_again_changes_nothing(statements):
    folded = said(*statements)

    for row in folded:
        assert merge.add(folded, row["source"], row["on"], row["facts"], REGISTRY) == folded


@given(STATEMENTS, st.booleans(), DAYS)
def test_a_correction_always_stands_when_it_is_made(statements, value, on):
    corrected = merge.correct(said(*statements), on, {"first_time_business": value}, REGISTRY)

    assert standing(corrected, "first_time_business") == (value, "staff", on)


@given(STATEMENTS, STATEMENTS)
def test_putting_a_sources_words_back_undoes_what_it_said_since(before, after):
    first = said(*before)
    then = first
    for source, on, facts in after:
        if source == "registry":
            then = merge.add(then, source, on, facts, REGISTRY)

    restored = merge.put_back(then, "registry", merge.of_source(first, "registry"))

    assert merge.merge(restored, REGISTRY) == merge.merge(first, REGISTRY)


def groups(said):
    """Who said what of each 经营者身份."""
    found = merge.merge(said, REGISTRY).get("operator_groups")
    return found.members if found else {}


def test_a_members_correction_falls_with_a_department_s_word_on_that_member_alone():
    first = said(("employment", JANUARY, {"operator_groups": {"yes": ["graduate"], "no": []}}))
    corrected = merge.correct(
        first, FEBRUARY, {"operator_groups": {"yes": ["veteran"], "no": ["graduate"]}}, REGISTRY
    )

    unrelated = merge.add(
        corrected, "employment", MARCH, {"operator_groups": {"yes": ["disabled"]}}, REGISTRY
    )
    changed = merge.add(unrelated, "veterans", MARCH, {"operator_groups": {"no": ["veteran"]}}, REGISTRY)

    assert groups(unrelated)["graduate"] == (False, "staff", FEBRUARY)
    assert groups(unrelated)["veteran"] == (True, "staff", FEBRUARY)
    assert groups(changed)["graduate"] == (False, "staff", FEBRUARY)
    assert groups(changed)["veteran"] == (False, "veterans", MARCH)


def test_a_late_older_file_is_heard_on_members_that_the_newer_does_not_name():
    statements = said(
        ("employment", MARCH, {"operator_groups": {"yes": ["graduate"], "no": []}}),
        ("employment", JANUARY, {"operator_groups": {"yes": ["disabled"], "no": ["graduate"]}}),
    )

    assert groups(statements) == {
        "graduate": (True, "employment", MARCH),
        "disabled": (True, "employment", JANUARY),
    }


def test_a_correction_keeps_its_day_when_staff_correct_something_else_later():
    corrected = merge.correct([], JANUARY, {"district": "520281", "rents_premises": True}, REGISTRY)
    again = merge.correct(corrected, MARCH, {"rents_premises": False}, REGISTRY)

    assert standing(again, "district") == ("520281", "staff", JANUARY)
    assert standing(again, "rents_premises") == (False, "staff", MARCH)
    assert [(row["on"], row["facts"]) for row in again] == [
        (JANUARY, {"district": "520281"}),
        (MARCH, {"rents_premises": False}),
    ]


MEMBERS = ("graduate", "disabled", "migrant_worker", "hard_to_employ")
WORDS = st.one_of(
    st.dictionaries(st.sampled_from(MEMBERS), st.booleans()).map(
        lambda told: {"yes": [m for m in told if told[m]], "no": [m for m in told if not told[m]]}
    ),
    st.lists(st.sampled_from(MEMBERS), unique=True),
)


@given(st.dictionaries(DAYS, WORDS), st.randoms(use_true_random=False))
def test_the_order_in_which_files_of_several_days_come_does_not_matter(files, random):
    arriving = [("employment", on, {"operator_groups": word}) for on, word in files.items()]
    in_order = said(*sorted(arriving, key=lambda row: row[1]))
    random.shuffle(arriving)

    assert groups(said(*arriving)) == groups(in_order)


@pytest.mark.parametrize("fact", REGISTRY.values(), ids=lambda fact: fact.name)
def test_every_fact_names_the_owner_or_a_department_among_its_sources(fact):
    from businesses.facts import SOURCES as KNOWN

    assert set(fact.sources) <= set(KNOWN) - {"default"}
