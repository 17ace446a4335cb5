"""The made-up city: repeatable, valid, consistent, recognisable, and it never meets a real shop or another city."""

import hashlib
import json
from collections import Counter
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from businesses import merge
from businesses.facts import BUILT_IN_REGISTRY, DERIVED
from businesses.identifiers import read_credit_code, read_identity_number
from businesses.models import Business, BusinessRecord, CreditRating, Operator, OperatorRecord, TypeVerdict
from businesses.synthetic import FIGURES
from portal.city import BLOCKS, LARGEST, MARK, City, block_of, credit_code

TODAY = date(2026, 11, 24)
EDGES = ("registered_on", "tax_paid_last_year", "insured_headcount", "monthly_rent", "annual_taxable_income")


def shops(count, seed=1, today=TODAY):
    return list(City(seed, today).arrivals(count))


def flat(arrival):
    return {name: value for facts in arrival.said.values() for name, value in facts.items()}


@pytest.fixture(scope="module")
def city():
    return shops(12_000, seed=3)


@pytest.fixture(scope="module")
def known(city):
    return [flat(arrival) for arrival in city]


def test_the_same_seed_makes_the_same_city_and_a_larger_one_begins_with_it():
    assert shops(60) == shops(100)[:60]
    assert shops(60) != shops(60, seed=2)


def test_every_number_is_valid_and_comes_once(city):
    codes = [arrival.credit_code for arrival in city]

    assert [read_credit_code(code) for code in codes] == codes
    assert len({code[8:17] for code in codes}) == len(codes)
    assert all(read_identity_number(arrival.identity) == arrival.identity for arrival in city)


def test_no_number_can_be_a_real_one_and_every_name_says_so(city):
    assert {arrival.identity[:2] for arrival in city} == {"99"}
    assert {arrival.credit_code[8:10] for arrival in city} == {"MA"}
    assert {arrival.credit_code[10] for arrival in city} <= set("PQRTUWXY")
    assert all(arrival.name.startswith(MARK) for arrival in city)
    assert all(arrival.operator_name.startswith(MARK) for arrival in city)


@given(st.integers(0, BLOCKS * LARGEST - 1))
def test_every_place_of_every_block_has_a_valid_code(place):
    code = credit_code("520201", place)

    assert read_credit_code(code) == code
    assert code[10] in "PQRTUWXY"


def test_seeds_of_different_blocks_share_no_number():
    one, other = shops(500, seed=5), shops(500, seed=6)

    assert {row.credit_code[8:17] for row in one} & {row.credit_code[8:17] for row in other} == set()
    assert {row.identity for row in one} & {row.identity for row in other} == set()
    assert block_of(5) == block_of(5 + BLOCKS)


def test_four_of_a_hundred_operators_have_two_shops_and_ten_rows_show_it(city):
    counted = Counter(Counter(arrival.identity for arrival in city).values())

    assert round(100 * counted[2] / counted.total(), 1) == 4.0
    assert max(Counter(arrival.identity for arrival in shops(10)).values()) == 2


def test_birth_and_sex_agree_with_the_identity_number(city):
    for arrival in city:
        registry = arrival.said.get("registry", {})
        if "born_on" in registry:
            assert registry["born_on"].replace("-", "") == arrival.identity[6:14]
        if "sex" in registry:
            assert registry["sex"] == ("male" if int(arrival.identity[16]) % 2 else "female")


def test_every_fact_is_read_by_its_own_reader_and_comes_from_its_own_source(city):
    for arrival in city[:3_000]:
        for source, facts in arrival.said.items():
            assert arrival.days[source] <= TODAY.isoformat()
            for name, value in facts.items():
                fact = BUILT_IN_REGISTRY[name]
                assert source in fact.sources
                if isinstance(value, dict):
                    assert sorted(value["yes"] + value["no"], key=str) == sorted(
                        {*value["yes"], *value["no"]}, key=str
                    )
                    fact.mask(value["yes"] + value["no"])
                else:
                    read = fact.read(value)
                    assert fact.write(read) == value
                    assert not (fact.past_only and read > TODAY)


def test_the_facts_of_a_shop_do_not_contradict_each_other(known):
    for facts in known:
        rents = facts.get("rents_premises")
        assert ("monthly_rent" in facts) <= (rents is True)
        assert not (facts.get("rent_reduction_received") and rents is False)
        assert not (facts.get("insured_headcount", 0) > 0 and facts.get("unit_insured") is False)
        assert facts.get("insured_headcount", 0) <= facts.get("employees", 10**6)
        assert facts.get("layoff_claimants_last_year", 0) <= facts.get("insured_headcount_last_year", 10**6)
        agri = facts.get("agri_activity", "none") != "none"
        assert not (agri and facts.get("agri_industry") == "none")
        assert not (facts.get("judgment_debtor") and facts.get("good_credit"))
        assert facts.get("operating_status") != "not_registered"
        assert "2199" > facts.get("registered_on", "2026-01-01") <= TODAY.isoformat()


def test_groups_bring_along_what_they_imply(city):
    fact = BUILT_IN_REGISTRY["operator_groups"]
    for arrival in city[:3_000]:
        for source in ("veterans", "employment"):
            said = arrival.said.get(source, {}).get("operator_groups")
            if said:
                implied = {other for member in said["yes"] for other in fact.implies.get(member, ())}
                assert implied & set(said["no"]) == set()
        if "left_school_on" in arrival.said.get("employment", {}):
            groups = arrival.said["employment"].get("operator_groups", {"yes": ["graduate"]})
            assert "graduate" in groups["yes"]


def test_about_a_fifth_is_unknown_and_nine_tenths_are_in_operation(known):
    conditional = {"monthly_rent", "loan_amount_wanted", "left_school_on", "published_penalty_on", *DERIVED}
    asked = [name for name in BUILT_IN_REGISTRY if name not in conditional]
    own = [name for name in asked if BUILT_IN_REGISTRY[name].scope == "business"]
    left_out = sum(name not in facts for facts in known for name in own) / (len(known) * len(own))
    status = Counter(facts.get("operating_status") for facts in known)

    assert 0.17 < left_out < 0.23
    assert 0.88 < status["operating"] / (status.total() - status[None]) < 0.92


def test_the_published_shares_are_kept(known):
    sectors = Counter(
        "first" if code[0] == "A" else "second" if code[0] in "BCDE" else "third"
        for facts in known
        if (code := facts.get("industry"))
    )
    shares = {sector: 100 * count / sectors.total() for sector, count in sectors.items()}

    assert {sector: round(share) for sector, share in shares.items()} == {
        "first": 5,
        "second": 6,
        "third": 89,
    }


def test_the_edges_of_the_rules_are_met_on_both_sides(known):
    rents = {facts["monthly_rent"] for facts in known if "monthly_rent" in facts}
    registered = {facts["registered_on"] for facts in known if "registered_on" in facts}
    taxes = {facts["tax_paid_last_year"] for facts in known if "tax_paid_last_year" in facts}

    assert {"499.99", "500.00", "500.01"} <= rents
    assert {"2025-11-23", "2025-11-24", "2025-11-25"} <= registered
    assert {"0.00", "0.01", "29999.99"} <= taxes
    assert {facts.get("unemployment_insurance_months") for facts in known} >= {11, 12, 13}


def test_every_table_of_shares_adds_up():
    city = FIGURES["city"]

    assert {
        name: sum(city[name].values()) for name in ("district", "operating_status", "sex", "credit_class")
    } == {
        "district": 100,
        "operating_status": 100,
        "sex": 100,
        "credit_class": 100,
    }
    assert sum(city["industry"].values()) == 1_000
    assert sum(city["bent"].values()) == 10_000
    assert set(city["trades"]) == set(city["industry"])


# In the register


def generate(count, seed=1, **more):
    said = StringIO()
    call_command("generate_businesses", count, seed=seed, today=TODAY, stdout=said, **more)
    return said.getvalue()


def digest():
    """Everything a city puts into the register, in an order of its own."""
    sha = hashlib.sha256()
    columns = [
        field.attname
        for field in Business._meta.concrete_fields
        if field.name not in ("id", "public_id", "operator", "updated_at", "created_in")
    ]
    for row in Business.objects.order_by("credit_code"):
        sha.update(repr([str(getattr(row, name)) for name in columns]).encode())
        sha.update(f"{row.operator.name} {row.operator.identity.reveal()}".encode())
        said = [row.record.said, row.operator.record.said]
        sha.update(json.dumps(said, sort_keys=True).encode())
    for code, rated, on in CreditRating.objects.order_by("business__credit_code").values_list(
        "business__credit_code", "rated", "on"
    ):
        sha.update(f"{code} {rated} {on}".encode())
    return sha.hexdigest()


_digests = {}


@pytest.mark.django_db(databases="__all__")
def test_both_engines_hold_the_same_city(engine):
    generate(400, seed=11)

    _digests[engine] = digest()
    assert set(_digests.values()) == {_digests[engine]}
    assert Business.objects.count() == BusinessRecord.objects.count() == TypeVerdict.objects.count() == 400
    assert Operator.objects.count() == OperatorRecord.objects.count()


@pytest.mark.django_db(databases="__all__")
def test_columns_are_what_the_records_say(engine):
    generate(60)

    for shop in Business.objects.select_related("record", "operator__record"):
        found = merge.merge(shop.record.said, BUILT_IN_REGISTRY)
        found |= merge.merge(shop.operator.record.said, BUILT_IN_REGISTRY)
        for name, best in found.items():
            stored = BUILT_IN_REGISTRY[name].stored(merge.inside(BUILT_IN_REGISTRY[name], best.value))
            assert {column: getattr(shop, column) for column in stored} == stored


@pytest.mark.django_db(databases="__all__")
def test_again_changes_nothing_and_more_adds_the_rest(engine):
    generate(30)
    before = digest()

    again = generate(30)
    unchanged = digest()
    generate(50)

    assert "新增 0 户，更新 0 户，没有变化 30 户" in again
    assert unchanged == before
    assert Business.objects.count() == 50


@pytest.mark.django_db
def test_two_cities_stand_side_by_side_but_not_on_the_same_numbers():
    generate(20, seed=1)
    generate(20, seed=2)
    with pytest.raises(CommandError) as refused:
        generate(20, seed=1 + BLOCKS)

    assert Business.objects.count() == 40
    assert str(refused.value) == (
        f"种子 {1 + BLOCKS} 的代码已被另一座演示城市用了。请换一个种子（0 到 228 互不相撞）。"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("count", "seed", "sentence"),
    [
        (0, 1, "户数请填 1 到 1000000。"),
        (1_000_001, 1, "户数请填 1 到 1000000。"),
        (5, -1, "种子请填 0 或更大的整数。"),
    ],
)
def test_figures_out_of_range_are_refused(count, seed, sentence):
    with pytest.raises(CommandError) as refused:
        generate(count, seed=seed)

    assert str(refused.value) == sentence


@pytest.mark.django_db
def test_types_come_out_near_the_published_distribution():
    generate(4_000, seed=12)

    types = Counter(Business.objects.exclude(business_type=None).values_list("business_type", flat=True))
    share = {kind: 100 * count / types.total() for kind, count in types.items()}
    assert 90 < share["survival"] < 95
    assert 5 < share["growth"] < 9.5
    assert share.get("development", 0) < 1


@pytest.mark.django_db
def test_pages_of_questions_are_not_counted_where_there_are_no_measures_to_ask_for():
    with pytest.raises(CommandError, match="先运行 manage"):
        call_command("measure_questionnaire", 20)
