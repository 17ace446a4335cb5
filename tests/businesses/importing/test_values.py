"""Cells as bureaus write them: many spellings, one meaning; and what is no value is told apart."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from businesses.facts import BUILT_IN_REGISTRY as FACTS
from businesses.importing import values
from core.facts import Misread

TODAY = date(2026, 11, 24)


def read(name, text):
    return values.reader_of(FACTS[name], TODAY)(text)


def code_of(name, text):
    with pytest.raises(Misread) as misread:
        read(name, text)
    return misread.value.code


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-15",
        "2026/1/15",
        "2026.1.15",
        "20260115",
        "2026年1月15日",
        "2026-1-15 00:00:00",
    ],
)
def test_a_date_is_read_however_it_is_written(text):
    assert read("registered_on", text) == "2026-01-15"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("46037", "invalid_date"),
        ("２０２６－０１－１５", "invalid_date"),
        ("2026-02-30", "invalid_date"),
        ("15/1/2026", "invalid_date"),
        ("2026-1", "invalid_date"),
        ("2026-01/15", "invalid_date"),
        ("1850-01-01", "out_of_range"),
        ("2026-12-25", "future"),
    ],
)
def test_what_is_no_date_is_refused(text, code):
    assert code_of("registered_on", text) == code


def test_a_shop_may_open_within_thirty_days_but_nobody_is_born_tomorrow():
    assert read("registered_on", "2026-12-24") == "2026-12-24"
    assert code_of("born_on", "2026-11-25") == "future"
    assert code_of("left_school_on", "2026-11-25") == "future"


@pytest.mark.parametrize(
    ("text", "value"),
    [*((word, True) for word in ("是", "有", "1", "true", "TRUE", "Y", "ｙ")),
     *((word, False) for word in ("否", "无", "0", "False", "n", "没有"))],
)  # fmt: skip
def test_yes_and_no_are_read_however_they_are_written(text, value):
    assert read("annual_report_filed", text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [("1234.5", "1234.50"), ("1,234.50", "1234.50"), ("￥1,234,567", "1234567.00"), ("800元", "800.00"),
     ("1.5000", "1.50"), ("0", "0.00")],
)  # fmt: skip
def test_money_is_read_however_it_is_written(text, value):
    assert read("annual_vat", text) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [("1.5万元", "invalid_money"), ("12,34", "invalid_money"), ("1.234", "invalid_money"), ("abc", "invalid_money"),
     ("-5", "negative"), ("1e5", "invalid_money"), ("８００", "invalid_money")],
)  # fmt: skip
def test_what_is_no_money_is_refused(text, code):
    assert code_of("annual_vat", text) == code


def test_a_loss_is_an_income_below_nought():
    assert read("annual_taxable_income", "-1,234.50") == "-1234.50"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("operating_status", "存续（在营、开业、在册）", "operating"),
        ("operating_status", "在业", "operating"),
        ("operating_status", "开业", "operating"),
        ("operating_status", "歇业", "suspended"),
        ("operating_status", "注销", "deregistered"),
        ("operating_status", "吊销，未注销", "revoked"),
        ("operating_status", "operating", "operating"),
        ("district", "水城县", "520204"),
        ("district", "盘县", "520281"),
        ("district", "520221", "520204"),
        ("district", "520222", "520281"),
        ("district", "520201001000", "520201"),
        ("district", "六盘水市 钟山区", "520201"),
        ("taxpayer_type", "小规模纳税人", "small_scale"),
        ("sex", "女", "female"),
        ("industry", "f5212", "F5212"),
        ("industry", "F 5212", "F5212"),
        ("industry", "H6210 正餐服务", "H6210"),
        ("industry", "O", "O"),
        ("employees", "12 人", 12),
        ("employees", "1,200", 1200),
        ("employees", "3.0", 3),
    ],
)
def test_words_and_codes_mean_the_same(name, text, value):
    assert read(name, text) == value


def test_members_of_a_set_are_read_by_label_and_leave_the_others_open():
    assert read("operator_groups", "退役军人、农民工") == {"yes": ["migrant_worker", "veteran"], "no": []}


@pytest.mark.parametrize(
    ("name", "text"), [("district", "贵阳市"), ("industry", "批发"), ("industry", "Z01"), ("sex", "不详")]
)
def test_other_words_are_refused_with_what_could_be_written(name, text):
    assert code_of(name, text) in ("invalid_choice", "invalid_code")


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-cmd", "@x", "＝A1", "-", "+86-138"])
def test_a_cell_that_a_spreadsheet_would_run_looks_like_a_formula(text):
    assert values.looks_like_formula(text)


@pytest.mark.parametrize("text", ["-500.00", "+12", "-1,234.50", "演示店", "5=5"])
def test_a_number_with_a_sign_is_no_formula(text):
    assert not values.looks_like_formula(text)


@given(name=st.sampled_from(sorted(FACTS)), text=st.text(min_size=1, max_size=30))
def test_any_text_is_read_or_refused_in_words_that_do_not_repeat_it(name, text):
    try:
        read(name, text.strip() or "x")
    except Misread as misread:
        assert misread.code
        assert len(misread.detail) < 200


@given(value=st.decimals("-99999999", "-0.01", places=2) | st.decimals("0", "99999999", places=2))
def test_money_written_with_separators_is_the_money_written_without(value):
    name = "annual_taxable_income"

    assert read(name, f"{value:,.2f}") == read(name, f"{value:.2f}") == f"{value:.2f}"
