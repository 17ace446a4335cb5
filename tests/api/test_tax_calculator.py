"""POST /api/v1/calculators/tax/: a year's taxes, every relief in legal order."""

import pytest

from .conftest import faults

ORDER = [
    "vat",
    "urban_maintenance_tax",
    "education_surcharge",
    "local_education_surcharge",
    "resource_tax",
    "property_tax",
    "urban_land_use_tax",
    "stamp_duty",
    "farmland_occupation_tax",
    "income_tax",
]
VETERAN = {
    "year": 2026,
    "registered_on": "2026-01-15",
    "operator_groups": ["self_employed_veteran"],
    "annual_vat": "5000",
    "annual_urban_maintenance_tax": "350",
    "annual_education_surcharge": "150",
    "annual_local_education_surcharge": "100",
    "annual_property_tax": "400",
    "annual_taxable_income": "120000",
}


@pytest.fixture
def tax(post):
    def ask(**body):
        response = post("calculators/tax/", body)
        assert response.status_code == 200, response.content.decode()
        return response.json()

    return ask


def figures(answer, *names):
    return {
        line["tax"]: tuple(line[name] for name in names) for line in answer["lines"] if line["due"] != "0.00"
    }


@pytest.mark.parametrize(
    ("income", "other_relief", "halved"), [("80000", "2000", "2250.00"), ("2400000", "6000", "314750.00")]
)
def test_the_published_examples(tax, income, other_relief, halved):
    answer = tax(year=2026, annual_taxable_income=income, other_income_tax_relief=other_relief)

    assert answer["relief"] == {"M04a": "0.00", "M04b": halved, "M04c": "0.00", "total": halved}
    assert answer["lines"][-1]["halved"] == halved


def test_every_line_stands_in_legal_order_even_where_it_is_nothing(tax):
    answer = tax(year=2026)

    assert [line["tax"] for line in answer["lines"]] == ORDER
    assert {value for line in answer["lines"] for name, value in line.items() if name != "tax"} == {"0.00"}
    assert (answer["year"], answer["deduction_limit"], answer["payable"]) == (2026, "0.00", "0.00")


def test_a_year_with_every_relief(tax):
    answer = tax(**VETERAN)

    assert answer["deduction_limit"] == "24000.00"
    assert figures(answer, "due", "halved", "deducted", "payable", "limit_left") == {
        "vat": ("5000.00", "0.00", "5000.00", "0.00", "19000.00"),
        "urban_maintenance_tax": ("350.00", "175.00", "175.00", "0.00", "18825.00"),
        "education_surcharge": ("150.00", "75.00", "75.00", "0.00", "18750.00"),
        "local_education_surcharge": ("100.00", "50.00", "50.00", "0.00", "18700.00"),
        "property_tax": ("400.00", "200.00", "0.00", "200.00", "18700.00"),
        "income_tax": ("13500.00", "0.00", "13500.00", "0.00", "5200.00"),
    }
    assert answer["relief"] == {"M04a": "500.00", "M04b": "0.00", "M04c": "18800.00", "total": "19300.00"}
    assert answer["payable"] == "200.00"


def test_reliefs_and_payables_add_up_on_every_line(tax):
    answer = tax(**{**VETERAN, "annual_taxable_income": "900000", "other_income_tax_relief": "1000.01"})

    for line in answer["lines"]:
        off = sum(fen(line[name]) for name in ("other_relief", "halved", "deducted"))
        assert fen(line["payable"]) == fen(line["due"]) - off >= 0
    assert fen(answer["payable"]) == sum(fen(line["payable"]) for line in answer["lines"])
    parts = {code: fen(value) for code, value in answer["relief"].items()}
    assert parts.pop("total") == sum(parts.values())


def fen(text):
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part)


def test_surcharges_can_be_deducted_before_they_are_halved(tax):
    answer = tax(**VETERAN, parameters={"halve_surcharges_first": False})

    assert figures(answer, "halved", "deducted")["urban_maintenance_tax"] == ("0.00", "350.00")


def test_a_parameter_replaces_the_figure_in_force(tax):
    assert tax(**VETERAN, parameters={"annual_deduction_limit": "20000"})["deduction_limit"] == "20000.00"
    capped = tax(
        year=2026,
        annual_taxable_income="2400000",
        other_income_tax_relief="6000",
        parameters={"income_cap": "1000000"},
    )
    assert capped["relief"]["M04b"] == "141000.00"


def test_reliefs_only_narrows_what_fits(tax):
    narrowed = {
        "M04a": tax(**VETERAN, reliefs=["M04a"])["relief"],
        "M04c": tax(**VETERAN, reliefs=["M04c"])["relief"],
        "none": tax(**VETERAN, reliefs=[])["relief"],
    }

    assert narrowed == {
        "M04a": {"M04a": "500.00", "M04b": "0.00", "M04c": "0.00", "total": "500.00"},
        "M04c": {"M04a": "0.00", "M04b": "0.00", "M04c": "19100.00", "total": "19100.00"},
        "none": {"M04a": "0.00", "M04b": "0.00", "M04c": "0.00", "total": "0.00"},
    }


def test_without_a_registration_there_is_no_fixed_deduction(tax):
    answer = tax(**{name: value for name, value in VETERAN.items() if name != "registered_on"})

    assert (answer["deduction_limit"], answer["relief"]["M04c"]) == ("0.00", "0.00")
    assert {line["limit_left"] for line in answer["lines"]} == {"0.00"}


def test_months_used_shorten_the_limit(tax):
    assert tax(**VETERAN, deduction_months_used=30)["deduction_limit"] == "12000.00"
    assert tax(**{**VETERAN, "registered_on": "2026-07-01"})["deduction_limit"] == "12000.00"


def test_a_loss_pays_no_income_tax(tax):
    assert tax(year=2026, annual_taxable_income="-5000")["lines"][-1]["due"] == "0.00"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, ("year", "required")),
        ({"year": "2026"}, ("year", "invalid_integer")),
        ({"year": True}, ("year", "invalid_integer")),
        ({"year": 2018}, ("year", "out_of_range")),
        ({"year": 2200}, ("year", "out_of_range")),
        ({"year": 2026, "annual_vat": "-1"}, ("annual_vat", "negative")),
        ({"year": 2026, "annual_vat": "1e3"}, ("annual_vat", "invalid_money")),
        ({"year": 2026, "monthly_rent": "800"}, ("monthly_rent", "unknown_field")),
        ({"year": 2026, "operator_groups": ["elf"]}, ("operator_groups", "invalid_choice")),
        ({"year": 2026, "reliefs": "M04a"}, ("reliefs", "invalid_list")),
        ({"year": 2026, "reliefs": ["M05a"]}, ("reliefs.0", "unknown_relief")),
        ({"year": 2026, "parameters": []}, ("parameters", "invalid_object")),
        ({"year": 2026, "parameters": {"cap": 1}}, ("parameters.cap", "unknown_parameter")),
        ({"year": 2026, "parameters": {"income_cap": "-1"}}, ("parameters.income_cap", "invalid_parameter")),
        (
            {"year": 2026, "parameters": {"halve_surcharges_first": "false"}},
            ("parameters.halve_surcharges_first", "invalid_parameter"),
        ),
    ],
)
def test_bad_input_is_refused_by_name(post, body, fault):
    assert faults(post("calculators/tax/", body)) == [fault]
