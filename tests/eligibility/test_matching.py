"""What one statement says of all shops is what an assessment says of each: state, dates and amount, on both engines."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from authoring.forecast import Share, shares_of
from businesses.facts import BUILT_IN_REGISTRY
from businesses.models import Business
from businesses.register import profile_of
from businesses.registry import business_registry
from core.facts import Profile
from eligibility.evaluation import evaluate
from eligibility.matches import affected, match_store
from eligibility.matches.matching import STATES, select
from policies.catalogue import catalogue
from policies.criteria.rules import read_rule
from policies.criteria.states import assess_all
from policies.criteria.when import TooManyCases
from policies.measures_file import DEFAULT_PATH, read_file
from tests.criteria.random_trees import days, shops, trees
from tests.criteria.stored import store
from tests.measures import load_catalogue
from tests.properties import examples

both_engines = pytest.mark.django_db(databases=["default", "postgres"])
pytestmark = pytest.mark.every_engine("SQL")
NOBODYS = -1  # the id of no benefit
NAMES = {digit: state for state, digit in STATES.items()}
AMOUNTS = [
    {"fixed": "5000"},
    {
        "monthly_capped": {
            "cap": {"param": "cap"},
            "months": 36,
            "fact": "monthly_rent",
            "used": "rent_subsidy_months_received",
        }
    },
    {"share_of": {"fact": "monthly_rent", "ratio": {"param": "ratio"}}},
    {"fixed": {"param": "grant"}},
    {"ceiling": {"limit": "300000", "wanted": "loan_amount_wanted"}},
    {"rate_cut": {"rate": "0.5"}},
    {"none": None},
]
PARAMETERS = {
    "cap": [
        {"to": "2026-06-30", "value": "400"},
        {"from": "2026-07-01", "to": "2027-06-30", "value": "500"},
    ],
    "ratio": [{"value": "0.6"}],
    "grant": [{"to": "2027-03-31", "value": "5000"}],
}
MONEY_FACTS = ("monthly_rent", "rent_subsidy_months_received", "loan_amount_wanted")
windows = st.none() | st.fixed_dictionaries({"to": st.dates(date(2024, 1, 1), date(2031, 12, 31)).map(str)})


def decided(rule, day):
    """{name of the shop: (state, eligible_from, apply_before, value, maximum)} as the statement says."""
    statement = select(rule, day)
    if statement is None:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.parameters)
        return by_name(cursor.fetchall())


def decided_one_by_one(rule, day):
    """The same from the columns of each shop, as few shops are judged."""
    shops = list(Business.objects.values_list("pk", flat=True))
    match_store.decide(match_store.Subject(NOBODYS, NOBODYS, rule, day), shops)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM decided")
        return by_name(cursor.fetchall())


def counted_together(rule, day):
    """(shops, of them without an amount, sum, sum of maxima) in yuan, as the forecast counts those who fit now."""
    share = sum(shares_of([rule], day)[rule.code].values(), Share())
    return share.shops, share.untold, _yuan(share.value_fen), _yuan(share.maximum_fen)


def added_up(decisions):
    """The same from decisions by name."""
    now = [row for row in decisions.values() if row[0] in ("now", "auto")]
    values, maxima = ([row[place] for row in now if row[place] is not None] for place in (3, 4))
    return len(now), len(now) - len(values), sum(values), sum(maxima)


def by_name(rows):
    names = dict(Business.objects.values_list("pk", "name"))
    return {
        names[row[0]]: (NAMES[row[3]], _as_date(row[4]), _as_date(row[5]), _yuan(row[6]), _yuan(row[7]))
        for row in rows
    }


def _as_date(value):
    return date.fromisoformat(value) if isinstance(value, str) else value


def _yuan(fen):
    return None if fen is None else Decimal(fen) / 100


def assessed(rule, rows, day):
    """The same from assess_all, shop by shop."""
    found = {}
    for place, row in enumerate(rows):
        (one,) = assess_all([rule], Profile(row), day)
        if one.state in STATES:
            found[f"{place:03}"] = (
                one.state, one.eligible_from, one.apply_before, one.amount.value, one.amount.maximum
            )  # fmt: skip
    return found


@pytest.fixture
def registry(engine):
    return business_registry()


@both_engines
@examples(60)
@given(st.data())
def test_the_statement_says_of_all_what_an_assessment_says_of_each(registry, data):
    tree = data.draw(trees(registry, deepest=2), "tree")
    day = data.draw(days, "day")
    amount = data.draw(st.sampled_from(AMOUNTS), "amount")
    content = {
        "title": "试",
        "kind": "startup_subsidy",
        "delivery": data.draw(st.sampled_from(["apply", "automatic"]), "delivery"),
        "criteria": tree.raw,
        "conditions": tree.conditions,
        "parameters": {**tree.parameters, **PARAMETERS},
        "window": data.draw(windows, "window"),
        "amount": amount,
    }
    try:
        rule = read_rule(content, registry=registry, code="T01a")
    except ValueError:
        return  # a tree that can never or must always hold is refused when a rule is saved
    facts = list(dict.fromkeys([*tree.facts, *MONEY_FACTS]))
    rows = data.draw(st.lists(shops(registry, facts, day), min_size=12, max_size=12), "shops")
    store(registry, rows)

    expected = assessed(rule, rows, day)
    assert decided_one_by_one(rule, day) == expected
    if rule.is_money and rule.is_open_on(day):
        assert counted_together(rule, day) == added_up(expected)
    try:
        found = decided(rule, day)
    except TooManyCases:
        return  # such shops are looked at one by one
    assert found == expected


def changed(rows, more):
    """(before, after) of criteria: more asked, one more way, another condition in the place of the last."""
    for kind in ("all", "any"):
        yield {"all": rows}, {kind: [{"all": rows}, more]}
        yield {"all": [{kind: rows}]}, {"all": [{kind: [*rows, more]}]}
        yield {"all": [{kind: rows}]}, {"all": [{kind: [*rows[:-1], more]}]}


@both_engines
@examples(80)
@given(st.data())
def test_shops_of_which_a_new_version_may_say_something_else_are_all_among_those_it_looks_at(registry, data):
    tree = data.draw(trees(registry, deepest=2), "tree")
    more = data.draw(trees(registry, deepest=1), "more")
    day = data.draw(days, "day")
    before, after = data.draw(st.sampled_from(list(changed(tree.raw["all"], more.raw))), "criteria")
    content = {
        "title": "试",
        "kind": "startup_subsidy",
        "delivery": "apply",
        "conditions": {**more.conditions, **tree.conditions},
        "parameters": {**more.parameters, **tree.parameters},
        "amount": {"fixed": "5000"},
    }
    try:
        old, new = (
            read_rule({**content, "criteria": criteria}, registry=registry, code="T01a")
            for criteria in (before, after)
        )
    except ValueError:
        return  # a tree that can never or must always hold, or that names something twice
    facts = list(dict.fromkeys([*tree.facts, *more.facts]))
    store(registry, data.draw(st.lists(shops(registry, facts, day), min_size=12, max_size=12), "shops"))

    try:
        said, says = decided(old, day), decided(new, day)
        apart = affected.could_differ(old, new, day)
    except TooManyCases:
        return
    differing = {name for name in said.keys() | says.keys() if said.get(name) != says.get(name)}
    looked_at = Business.objects.all() if apart is None else Business.objects.filter(apart)
    assert differing <= set(looked_at.values_list("name", flat=True))


@both_engines
def test_a_condition_that_all_cases_share_tells_apart_whom_a_day_still_keeps_waiting(registry):
    old_enough = {"fact": "registered_on", "op": "at_least_ago", "value": {"years": 1}}
    here = {"fact": "district", "op": "in", "value": ["520201"]}
    content = {"title": "试", "kind": "startup_subsidy", "delivery": "apply", "amount": {"fixed": "5000"}}
    old, new = (
        read_rule({**content, "criteria": {"all": rows}}, registry=registry, code="T01a")
        for rows in (
            [{**row, "clause": "第一条", "origin": "source"} for row in some]
            for some in ([old_enough], [old_enough, here])
        )
    )
    rows = [{"registered_on": date(2026, 3, 1), "district": code} for code in ("520201", "520203")]
    store(registry, rows)
    day = date(2026, 11, 1)

    looked_at = Business.objects.filter(affected.could_differ(old, new, day))

    assert (set(decided(old, day)), set(decided(new, day))) == ({"000", "001"}, {"000"})
    assert list(looked_at.values_list("name", flat=True)) == ["001"]


@both_engines
def test_every_published_rule_says_of_a_made_up_city_what_it_says_of_each_shop(registry):
    load_catalogue()
    call_command("generate_businesses", 120, seed=3, verbosity=0)
    Business.objects.update(name=F("credit_code"))  # made-up names come twice
    day = timezone.localdate()
    expected = {}
    for shop in Business.objects.all():
        for found in evaluate(profile_of(shop), day).assessments:
            if found.state in STATES:
                decision = (found.state, found.eligible_from, found.apply_before)
                amount = (None, None) if found.rule.is_tax else found.amount[:2]
                expected.setdefault(found.rule.code, {})[shop.name] = (*decision, *amount)

    rules = catalogue().rules_on(day)

    assert {rule.code: rows for rule in rules if (rows := decided(rule, day))} == expected
    assert len(expected) > 30


@pytest.mark.django_db
def test_the_columns_that_rules_of_money_read_stand_before_those_that_none_reads():
    """PostgreSQL walks each row up to the last column that a statement names: matching the register takes a third more
    time where a name and an address lie in between."""
    table = Business._meta.db_table
    with connection.cursor() as cursor:
        columns = [row.name for row in connection.introspection.get_table_description(cursor, table)]
    statements = [
        select(rule, date(2025, 6, 30)).sql
        for rule in read_file(DEFAULT_PATH, BUILT_IN_REGISTRY).rules
        if rule.is_money
    ]
    read = {column for text in statements for column in re.findall(rf'"{table}"\."(\w+)"', text)}

    assert len(statements) == 9
    assert sorted(read - {*columns[: columns.index("public_id")]}) == []
