"""POST /api/v1/evaluations/: one profile, every benefit with state, reasons, amount and dates."""

from datetime import date

import pytest
import time_machine

from .conftest import by_code, faults

MONEY = ["M01a", "M01b", "M01c", "M04a", "M04b", "M04c", "M05a", "M05b", "M05c"]
# The owner of the example in design.md §7.
TEA_SHOP = {
    "operating_status": "operating",
    "operator_groups": ["self_employed_veteran"],
    "registered_on": "2026-01-15",
    "first_time_business": True,
    "startup_subsidy_received": False,
    "rents_premises": True,
    "rent_reduction_received": False,
    "rent_subsidy_months_received": 0,
    "monthly_rent": "800",
    "agri_industry": "none",
    "agri_activity": "none",
    "agri_startup_subsidy_received": False,
    "deduction_months_used": 0,
    "unit_insured": False,
}


def states(answer):
    return {code: result["state"] for code, result in by_code(answer).items() if code in MONEY}


def test_the_example_of_the_contract(evaluate):
    answer = evaluate(TEA_SHOP)

    assert list(answer) == ["as_of", "what_if", "results", "totals", "package", "next_question"]
    assert (answer["as_of"], answer["what_if"], answer["next_question"]) == ("2026-11-24", False, None)
    assert answer["totals"] == {
        "cash": {"once": "0.00", "month": "500.00", "maximum": "18000.00", "unknown": []},
        "tax": {"year": "0.00", "maximum": "24000.00", "unknown": ["M04a", "M04b"]},
        "loan": {"limit": "300000.00", "unknown": []},
    }
    assert answer["package"] == {"benefits": ["M01c", "M04a", "M04b", "M04c", "M05c"], "given_up": []}
    subsidy = by_code(answer)["M05a"]
    criteria = {row["id"]: row for row in subsidy.pop("criteria")}
    assert subsidy == {
        "benefit": "M05a",
        "measure": "M05",
        "title": "一次性创业补贴",
        "version": 1,
        "document_status": "consultation",
        "delivery": "apply",
        "state": "soon",
        "eligible_from": "2027-01-15",
        "apply_before": None,
        "amount": {
            "value": "5000.00",
            "maximum": "5000.00",
            "unit": "once",
            "category": "cash",
            "lines": [{"label": "一次性创业补贴", "working": "一次性 5,000 元", "value": "5000.00"}],
            "missing_facts": [],
        },
        "missing_facts": [],
        "excludes": ["M05b"],
    }
    assert criteria["5"] == {
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


def test_every_money_benefit_has_the_state_that_its_rule_gives(evaluate):
    assert states(evaluate(TEA_SHOP)) == {
        "M01a": "closed",
        "M01b": "closed",
        "M01c": "now",
        "M04a": "auto",
        "M04b": "auto",
        "M04c": "auto",
        "M05a": "soon",
        "M05b": "no",
        "M05c": "now",
    }


def test_all_benefits_are_answered_in_order_of_code(evaluate):
    codes = list(by_code(evaluate({})))

    assert codes == sorted(codes)
    assert (len(codes), codes[0], codes[-1]) == (53, "M01a", "M21a")


def test_benefits_limits_what_is_shown_and_nothing_else(evaluate):
    whole, part = evaluate(TEA_SHOP), evaluate(TEA_SHOP, benefits=["M05c", "M04a"])

    assert list(by_code(part)) == ["M04a", "M05c"]
    assert by_code(part)["M05c"] == by_code(whole)["M05c"]
    assert {**part, "results": None} == {**whole, "results": None}


def test_a_parameter_makes_a_what_if_and_leaves_the_next_answer_alone(evaluate):
    facts = {
        **TEA_SHOP,
        "operator_groups": [],
        "annual_taxable_income": "2400000",
        "other_income_tax_relief": "6000",
    }
    taxes = dict.fromkeys(("annual_vat", *(f"annual_{name}" for name in (
        "urban_maintenance_tax", "education_surcharge", "local_education_surcharge"))), "0")  # fmt: skip

    supposed = evaluate({**facts, **taxes}, parameters={"M04b": {"income_cap": "1000000"}})
    after = evaluate({**facts, **taxes})

    assert (supposed["what_if"], after["what_if"]) == (True, False)
    # (2,000,000 at 35% − 65,500 − 6,000 × 2,000,000 / 2,400,000) ÷ 2; with a cap of 1,000,000 likewise.
    assert by_code(after)["M04b"]["amount"]["value"] == "314750.00"
    assert by_code(supposed)["M04b"]["amount"]["value"] == "141000.00"


def test_as_of_is_today_in_shanghai_unless_said(post):
    with time_machine.travel("2026-11-24T16:30:00Z"):  # 25 November, half past midnight
        assert post("evaluations/", {"profile": {}}).json()["as_of"] == "2026-11-25"
        assert post("evaluations/", {"profile": {}, "as_of": "2025-06-30"}).json()["as_of"] == "2025-06-30"


def test_the_day_decides(evaluate):
    facts = {**TEA_SHOP, "unit_insured": True}

    before, after = evaluate(facts, as_of="2025-12-31"), evaluate(facts, as_of="2026-01-01")

    assert (states(before)["M01a"], states(after)["M01a"]) == ("auto", "closed")
    # Registered in January 2026: in 2025 the wait for the whole first year lies ahead.
    assert by_code(before)["M05a"]["eligible_from"] == "2027-01-15"


def test_null_is_asked_in_vain_and_never_asked_again(evaluate):
    absent, null = evaluate({}), evaluate({"operator_groups": None})

    assert absent["next_question"]["fact"] == "operator_groups"
    assert null["next_question"]["fact"] != "operator_groups"
    assert "operator_groups" in by_code(null)["M05a"]["missing_facts"]


def test_the_next_question_comes_with_its_choices(evaluate):
    question = evaluate({})["next_question"]

    assert (question["fact"], question["type"], question["question"]) == (
        "operator_groups",
        "set",
        "您属于下面哪些人？",
    )
    assert {"value": "veteran", "label": "退役军人"} in question["choices"]


def test_benefits_that_exclude_each_other_are_not_added_up(evaluate):
    both = {
        **TEA_SHOP,
        "registered_on": "2025-01-15",
        "agri_industry": "tea",
        "agri_activity": "circulation",
        "operator_groups": ["graduate", "veteran"],
    }

    answer = evaluate(both)

    assert (states(answer)["M05a"], states(answer)["M05b"]) == ("now", "now")
    assert answer["totals"]["cash"]["once"] == "10000.00"
    assert answer["package"]["given_up"] == ["M05a"]


def test_rows_agree_with_the_state(evaluate):
    allowed = {
        "now": {"pass", "staff"},
        "auto": {"pass", "staff"},
        "soon": {"pass", "staff", "wait"},
        "unknown": {"pass", "staff", "wait", "unknown"},
    }
    needed = {"soon": "wait", "unknown": "unknown", "if": "fail", "no": "fail"}

    for profile in (
        {},
        TEA_SHOP,
        {**TEA_SHOP, "operator_groups": []},
        {"operating_status": "not_registered"},
    ):
        for code, result in by_code(evaluate(profile)).items():
            rows = {row["result"] for row in result["criteria"]}
            if code in MONEY:
                assert rows <= allowed.get(result["state"], rows), code
                assert needed.get(result["state"]) in {None, *rows}, code


# Bad input


def profile(text):
    return f'{{"profile": {{{text}}}}}'.encode()


BAD = {
    "nothing at all": (b"", 400, "profile", "required"),
    "no profile": (b"{}", 400, "profile", "required"),
    "not JSON": (b"{", 400, "", "malformed"),
    "not UTF-8": (b"\xff", 400, "", "not_utf8"),
    "a list": (b"[]", 400, "", "not_an_object"),
    "a word": (b'"x"', 400, "", "not_an_object"),
    "null": (b"null", 400, "", "not_an_object"),
    "profile is a list": (b'{"profile": []}', 400, "profile", "invalid_object"),
    "profile is null": (b'{"profile": null}', 400, "profile", "invalid_object"),
    "an unknown member": (b'{"profile": {}, "name": 1}', 400, "name", "unknown_field"),
    "an unknown fact": (profile('"rent": 1'), 400, "profile.rent", "unknown_field"),
    "a fact twice": (profile('"employees": 1, "employees": 1'), 400, "profile.employees", "duplicate_key"),
    "a member twice": (b'{"profile": {}, "profile": {}}', 400, "profile", "duplicate_key"),
    "NaN": (profile('"monthly_rent": NaN'), 400, "profile.monthly_rent", "not_a_number"),
    "Infinity": (profile('"monthly_rent": -Infinity'), 400, "profile.monthly_rent", "not_a_number"),
    "1e3": (profile('"employees": 1e3'), 400, "profile.employees", "exponent"),
    "1.0 where whole": (profile('"employees": 1.0'), 400, "profile.employees", "invalid_integer"),
    "true where whole": (profile('"employees": true'), 400, "profile.employees", "invalid_integer"),
    "text where whole": (profile('"employees": "3"'), 400, "profile.employees", "invalid_integer"),
    "a negative count": (profile('"employees": -1'), 400, "profile.employees", "negative"),
    "a huge count": (profile('"employees": 1000000001'), 400, "profile.employees", "out_of_range"),
    "a longer number yet": (profile(f'"employees": {"9" * 30}'), 400, "profile.employees", "number_too_long"),
    "text where yes or no": (profile('"rents_premises": "true"'), 400, "profile.rents_premises", "invalid_bool"),
    "1 where yes or no": (profile('"rents_premises": 1'), 400, "profile.rents_premises", "invalid_bool"),
    "30 February": (profile('"registered_on": "2026-02-30"'), 400, "profile.registered_on", "invalid_date"),
    "a short date": (profile('"registered_on": "2026-2-3"'), 400, "profile.registered_on", "invalid_date"),
    "a time": (profile('"registered_on": "2026-02-03T00:00"'), 400, "profile.registered_on", "invalid_date"),
    "spaces around a date": (profile('"registered_on": " 2026-02-03"'), 400, "profile.registered_on", "invalid_date"),
    "full-width date": (profile('"registered_on": "２０２６-02-03"'), 400, "profile.registered_on", "invalid_date"),
    "1899": (profile('"registered_on": "1899-12-31"'), 400, "profile.registered_on", "out_of_range"),
    "negative money": (profile('"monthly_rent": "-1"'), 400, "profile.monthly_rent", "negative"),
    "three decimals": (profile('"monthly_rent": "800.123"'), 400, "profile.monthly_rent", "invalid_money"),
    "a thousands comma": (profile('"monthly_rent": "1,800"'), 400, "profile.monthly_rent", "invalid_money"),
    "full-width money": (profile('"monthly_rent": "８００"'), 400, "profile.monthly_rent", "invalid_money"),
    "spaces around money": (profile('"monthly_rent": "800 "'), 400, "profile.monthly_rent", "invalid_money"),
    "true as money": (profile('"monthly_rent": true'), 400, "profile.monthly_rent", "invalid_money"),
    "a stranger's choice": (profile('"district": "520999"'), 400, "profile.district", "invalid_choice"),
    "a stranger in a set": (profile('"operator_groups": ["elf"]'), 400, "profile.operator_groups", "invalid_choice"),
    "a word for a set": (profile('"operator_groups": "veteran"'), 400, "profile.operator_groups", "invalid_set"),
    "a small letter": (profile('"industry": "f52"'), 400, "profile.industry", "invalid_code"),
    "benefits is empty": (b'{"profile": {}, "benefits": []}', 400, "benefits", "invalid_list"),
    "benefits is a word": (b'{"profile": {}, "benefits": "M05a"}', 400, "benefits", "invalid_list"),
    "benefits is null": (b'{"profile": {}, "benefits": null}', 400, "benefits", "invalid_list"),
    "an unknown benefit": (b'{"profile": {}, "benefits": ["M05a", "M99"]}', 400, "benefits.1", "unknown_benefit"),
    "as_of is a number": (b'{"profile": {}, "as_of": 20261124}', 400, "as_of", "invalid_date"),
    "as_of is null": (b'{"profile": {}, "as_of": null}', 400, "as_of", "invalid_date"),
    "as_of is no day": (b'{"profile": {}, "as_of": "2026-02-29"}', 400, "as_of", "invalid_date"),
    "as_of is too late": (b'{"profile": {}, "as_of": "2200-01-01"}', 400, "as_of", "out_of_range"),
    "parameters is a list": (b'{"profile": {}, "parameters": []}', 400, "parameters", "invalid_object"),
    "parameters of nothing": (b'{"profile": {}, "parameters": {"M99": {"a": 1}}}', 400, "parameters.M99",
                              "unknown_benefit"),
    "an unknown parameter": (b'{"profile": {}, "parameters": {"M04b": {"cap": 1}}}', 400, "parameters.M04b.cap",
                             "unknown_parameter"),
    "a parameter of no value": (b'{"profile": {}, "parameters": {"M04b": {"income_cap": "x"}}}', 400,
                                "parameters.M04b.income_cap", "invalid_parameter"),
    "10,000 levels": (b'{"profile": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", 400, "", "too_deep"),
    "21 levels": (b'{"profile": ' + b"[" * 21 + b"]" * 21 + b"}", 400, "", "too_deep"),
    "half a surrogate pair": (profile('"industry": "\\ud800"'), 400, "profile.industry", "bad_character"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "status", "field", "code"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_by_name(post, body, status, field, code):
    assert faults(post("evaluations/", body), status) == [(field, code)]


def test_ten_megabytes_are_refused_unread(post):
    response = post("evaluations/", profile(f'"industry": "{"x" * 10_000_000}"'))

    assert (response.status_code, response.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_only_json_is_read(post, content_type):
    assert post("evaluations/", b'{"profile": {}}', content_type=content_type).status_code == 415


@pytest.mark.parametrize("name", ["left_school_on", "born_on", "published_penalty_on"])
def test_what_has_happened_cannot_lie_ahead_of_as_of(post, name):
    body = {"as_of": "2026-11-24", "profile": {name: "2026-11-24"}}
    ahead = {"as_of": "2026-11-23", "profile": {name: "2026-11-24"}}

    assert post("evaluations/", body).status_code == 200
    assert faults(post("evaluations/", ahead)) == [(f"profile.{name}", "future")]


def test_a_registration_may_lie_ahead(evaluate):
    later = evaluate({**TEA_SHOP, "registered_on": "2026-12-01"})

    assert by_code(later)["M05a"]["eligible_from"] == "2027-12-01"


def test_every_fault_is_named_at_once(post):
    body = {"as_of": "x", "profile": {"employees": "1", "rent": 2}, "benefits": [], "more": 1}

    assert sorted(field for field, _ in faults(post("evaluations/", body))) == [
        "as_of",
        "benefits",
        "more",
        "profile.employees",
        "profile.rent",
    ]


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_an_evaluation_is_posted(api, method):
    response = getattr(api, method)("/api/v1/evaluations/")

    assert (response.status_code, response.headers["Allow"]) == (405, "POST, OPTIONS")


def test_money_and_numbers_have_two_equal_spellings(evaluate):
    rent = [
        by_code(evaluate({**TEA_SHOP, "monthly_rent": value}))["M05c"] for value in ("380", 380, "380.00")
    ]

    assert rent[0] == rent[1] == rent[2]
    assert rent[0]["amount"]["value"] == "380.00"


def test_dates_are_those_of_the_calendar(evaluate):
    leap = evaluate({**TEA_SHOP, "registered_on": "2024-02-29"}, as_of="2025-02-27")

    assert by_code(leap)["M05a"]["eligible_from"] == date(2025, 2, 28).isoformat()
