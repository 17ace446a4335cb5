"""The one answer behind page, API and command, on the example of design.md §7 and its neighbours."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from businesses.registry import business_registry
from core.errors import Invalid
from eligibility.evaluation import evaluate
from eligibility.loading import load_measures
from policies.catalogue import catalogue
from policies.measures_file import DEFAULT_PATH
from policies.models import PolicyDocument

pytestmark = pytest.mark.django_db
VETERAN = {
    "entity_type": "individual_business", "operating_status": "operating", "registered_on": "2026-01-15",
    "first_time_business": True, "operator_groups": ["veteran", "self_employed_veteran"], "good_credit": True,
    "born_on": "1985-03-01", "sex": "male", "unit_insured": False, "rents_premises": True, "monthly_rent": "800.00",
    "rent_reduction_received": False, "rent_subsidy_months_received": 0, "startup_subsidy_received": False,
    "deduction_months_used": 0, "guaranteed_loans_received": 0,
}  # fmt: skip
TODAY = "2026-11-24"


@pytest.fixture
def city(catalogue_loaded):
    """The 21 measures as shipped."""


def answer(facts, as_of=TODAY, **more):
    day = date.fromisoformat(as_of)
    return evaluate(business_registry().read_profile(facts, as_of=day), day, **more)


def results(found):
    return {result["benefit"]: result for result in found.as_json()["results"]}


def in_short(result):
    amount = result["amount"]
    return (
        result["state"],
        result["eligible_from"],
        result["apply_before"],
        amount["value"],
        amount["maximum"],
    )


def test_the_example_of_the_contract(city):
    found = answer(VETERAN)

    assert {code: in_short(result) for code, result in results(found).items() if code in MONEY} == {
        "M01a": ("closed", None, None, None, None),
        "M01b": ("closed", None, None, None, None),
        "M01c": ("now", None, "2028-09-30", "300000.00", "300000.00"),
        "M04a": ("auto", None, "2027-12-31", None, None),
        "M04b": ("auto", None, "2027-12-31", None, None),
        "M04c": ("auto", None, "2028-12-31", None, "24000.00"),
        "M05a": ("soon", "2027-01-15", None, "5000.00", "5000.00"),
        "M05b": ("no", None, None, None, None),
        "M05c": ("now", None, "2031-01-15", "500.00", "18000.00"),
    }
    whole = found.as_json()
    del whole["results"]
    assert whole == {
        "as_of": TODAY,
        "what_if": False,
        "totals": {
            "cash": {"once": "0.00", "month": "500.00", "maximum": "18000.00", "unknown": []},
            "tax": {"year": "0.00", "maximum": "24000.00", "unknown": ["M04a", "M04b"]},
            "loan": {"limit": "300000.00", "unknown": []},
        },
        "package": {"benefits": ["M01c", "M04a", "M04b", "M04c", "M05c"], "given_up": []},
        "next_question": None,
    }


MONEY = ("M01a", "M01b", "M01c", "M04a", "M04b", "M04c", "M05a", "M05b", "M05c")


def test_a_result_has_the_shape_of_the_contract(city):
    result = results(answer(VETERAN))["M05a"]

    row = result["criteria"][4]
    head = {key: value for key, value in result.items() if key not in ("criteria", "amount")}
    assert head == {
        "benefit": "M05a",
        "measure": "M05",
        "title": "一次性创业补贴",
        "version": 1,
        "document_status": "consultation",
        "delivery": "apply",
        "state": "soon",
        "eligible_from": "2027-01-15",
        "apply_before": None,
        "missing_facts": [],
        "excludes": ["M05b"],
    }
    assert list(result["amount"]) == ["value", "maximum", "unit", "category", "lines", "missing_facts"]
    assert (result["amount"]["unit"], result["amount"]["category"]) == ("once", "cash")
    assert [line["value"] for line in result["amount"]["lines"]] == ["5000.00"]
    assert row == {
        "id": "5",
        "changeable": False,
        "result": "wait",
        "sentence": "登记满 1 年",
        "required": {"years": 1},
        "actual": "2026-01-15",
        "met_from": "2027-01-15",
        "met_until": None,
        "source": "self",
        "clause": "措施一（五）",
        "facts": ["registered_on"],
    }


def test_what_only_a_person_can_check_is_marked_staff(city):
    rent = results(answer(VETERAN))["M05c"]["criteria"]

    assert [row["result"] for row in rent] == [*4 * ["pass"], "staff", *3 * ["pass"]]
    assert (rent[4]["facts"], rent[4]["source"]) == (["premises_compliant"], None)


def test_a_missing_entity_type_is_an_individual_business_by_default_and_null_is_not(city):
    facts = {name: value for name, value in VETERAN.items() if name != "entity_type"}

    by_default = results(answer(facts))["M04a"]
    unknown = results(answer({**facts, "entity_type": None}))["M04a"]

    assert (by_default["state"], by_default["criteria"][0]["source"]) == ("auto", "default")
    assert (unknown["state"], unknown["missing_facts"]) == ("unknown", ["entity_type"])


def test_on_the_first_birthday_of_the_shop_the_startup_subsidy_is_there(city):
    found = answer(VETERAN, "2027-01-15")

    assert in_short(results(found)["M05a"]) == ("now", None, None, "5000.00", "5000.00")
    assert found.as_json()["totals"]["cash"] == {
        "once": "5000.00",
        "month": "500.00",
        "maximum": "23000.00",
        "unknown": [],
    }


def test_of_the_two_startup_subsidies_the_higher_is_packed(city):
    graduate = {
        **VETERAN,
        "operator_groups": ["veteran", "graduate"],
        "agri_industry": "tea",
        "agri_activity": "circulation",
        "agri_startup_subsidy_received": False,
    }

    package = answer(graduate, "2027-01-15").as_json()["package"]

    assert (package["given_up"], "M05b" in package["benefits"]) == (["M05a"], True)


def test_every_benefit_is_answered_once_in_order_of_code(city):
    codes = [result["benefit"] for result in answer({}).as_json()["results"]]

    assert codes == sorted(catalogue().benefits)
    assert len(codes) == 53


def test_services_are_now_unless_something_stands_against_them(city):
    services = {code for code in catalogue().benefits if code not in MONEY}

    nothing_known = {
        code: result["state"] for code, result in results(answer({})).items() if code in services
    }
    gone = {code: one["state"] for code, one in results(answer({"operating_status": "revoked"})).items()}

    assert nothing_known == dict.fromkeys(services, "now")
    assert {code for code in services if gone[code] == "now"} == {"M10b", "M11a", "M13a", "M21a"}


def test_benefits_limit_what_is_shown_and_nothing_else(city):
    found = answer(VETERAN)

    limited, whole = found.as_json({"M05a"}), found.as_json()

    assert [result["benefit"] for result in limited.pop("results")] == ["M05a"]
    del whole["results"]
    assert limited == whole


def test_a_holding_is_had(city):
    found = answer(VETERAN, held={"M05c"})

    assert in_short(results(found)["M05c"]) == ("have", None, None, None, None)
    assert "M05c" not in found.as_json()["package"]["benefits"]


@pytest.mark.parametrize("status", ["suspended", "repealed"])
def test_a_document_that_is_out_of_force_closes_what_rests_on_it_and_nothing_else(city, status):
    before = results(answer(VETERAN))
    document = PolicyDocument.objects.get(code="liupanshui-2025-draft")
    document.status = status
    document.save()

    after = results(answer(VETERAN))

    national = {"M01a", "M01b", "M01c", "M02d", "M04a", "M04b", "M04c", "M16b"}
    assert {code for code in after if after[code]["document_status"] == "in_force"} == national
    assert {after[code]["state"] for code in after.keys() - national} == {"closed"}
    assert {code: after[code] for code in national} == {code: before[code] for code in national}


@pytest.mark.parametrize("status", ["suspended", "repealed"])
def test_national_law_that_is_out_of_force_closes_its_own_benefits(city, status):
    document = PolicyDocument.objects.get(code="mof-sta-2023-12")
    document.status = status
    document.save()

    found = results(answer(VETERAN))

    assert {code for code in ("M04a", "M04b", "M04c", "M05c") if found[code]["state"] == "closed"} == {
        "M04a",
        "M04b",
    }
    assert (found["M04a"]["document_status"], found["M05c"]["document_status"]) == (status, "consultation")


def test_a_warm_answer_needs_no_query(city, django_assert_num_queries):
    answer(VETERAN).as_json()

    with django_assert_num_queries(0):
        answer(VETERAN).as_json()


def test_the_command_prints_the_same_answer(city, tmp_path, capsys):
    file = tmp_path / "profile.json"
    file.write_text(json.dumps(VETERAN), "utf-8")

    call_command("evaluate", file, as_of=TODAY)

    assert json.loads(capsys.readouterr().out) == answer(VETERAN).as_json()


def test_the_command_says_what_it_cannot_read(tmp_path):
    file = tmp_path / "profile.json"

    def complaint(text, as_of=TODAY):
        file.write_text(text, "utf-8")
        with pytest.raises(CommandError) as refusal:
            call_command("evaluate", file, as_of=as_of)
        return str(refusal.value)

    assert complaint('{"shoe_size": 42}').startswith("profile.shoe_size：没有这一项")
    assert "exports" in complaint('{"exports": true, "exports": false}')
    assert "JSON" in complaint("{")
    assert complaint("{}", "2026-02-30").startswith("--as-of：没有这一天")


def test_a_what_if_changes_its_figures_and_nothing_that_is_stored(city):
    facts = {**VETERAN, "operator_groups": [], "annual_taxable_income": "2000000"}

    lower = answer(facts, overrides={"M04b": {"income_cap": "1000000"}})

    assert lower.as_json()["what_if"] is True
    assert results(lower)["M04b"]["amount"]["value"] == "142250.00"
    assert results(answer(facts))["M04b"]["amount"]["value"] == "317250.00"


def test_a_what_if_reaches_conditions_and_sentences(city):
    sooner = answer(VETERAN, overrides={"M05a": {"operating_for": {"months": 6}, "grant": "6000"}})

    result = results(sooner)["M05a"]
    assert in_short(result) == ("now", None, None, "6000.00", "6000.00")
    assert result["criteria"][4]["sentence"] == "登记满 6 个月"


def test_a_what_if_leaves_switched_on_figures_switched_on(city, settings):
    settings.UNVERIFIED_PARAMETERS = frozenset({"M01b.ratio"})
    load_measures(DEFAULT_PATH)  # the catalogue is read anew
    facts = {"operating_status": "operating", "unit_insured": True, "unemployment_insurance_months": 12}
    facts |= {"insured_headcount_last_year": 1, "layoff_claimants_last_year": 0}
    facts["unemployment_insurance_paid_last_year"] = "1000"

    plain = answer(facts, "2025-09-01")
    what_if = answer(facts, "2025-09-01", overrides={"M01b": {"months": 6}})

    assert [results(found)["M01b"]["amount"]["value"] for found in (plain, what_if)] == ["900.00", "900.00"]


NO_WHAT_IF = {
    "parameters.M99z unknown_benefit": {"M99z": {"cap": "1"}},
    "parameters.M05c.ceiling unknown_parameter": {"M05c": {"ceiling": "1"}},
    "parameters.M05c.cap invalid_parameter": {"M05c": {"cap": "1.005"}},
    "parameters.M05c.months invalid_parameter": {"M05c": {"months": "36"}},
    "parameters.M05b.grant invalid_parameter": {"M05b": {"grant": None}},
    "parameters.M05a.grant invalid_parameter": {"M05a": {"grant": [{"value": "1"}]}},
    "parameters.M05a.operating_for invalid_parameter": {"M05a": {"operating_for": {"years": 0}}},
    "parameters.M05b invalid_object": {"M05b": "500"},
}


def test_a_what_if_that_does_not_fit_is_refused(city):
    def fault_of(overrides):
        with pytest.raises(Invalid) as refusal:
            answer(VETERAN, overrides=overrides)
        (fault,) = refusal.value.faults
        return f"{fault.field} {fault.code}"

    assert [fault_of(overrides) for overrides in NO_WHAT_IF.values()] == list(NO_WHAT_IF)


def test_a_what_if_that_changes_nothing_is_none(city):
    assert [answer(VETERAN, overrides=overrides).what_if for overrides in ({}, {"M05c": {}})] == [
        False,
        False,
    ]


def test_amounts_are_decimals_inside_and_text_outside(city):
    found = next(one for one in answer(VETERAN).assessments if one.rule.code == "M05c")

    assert isinstance(found.amount.value, Decimal)
    assert json.loads(json.dumps(answer(VETERAN).as_json())) == answer(VETERAN).as_json()
