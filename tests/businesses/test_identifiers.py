"""Codes, numbers and names as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from businesses.identifiers import (
    fold_name,
    identity_check_digit,
    mask_identity,
    needs_review,
    organisation_check_digit,
    read_account_number,
    read_credit_code,
    read_identity_number,
    read_name,
)
from core.facts import Misread

CODES = ["92520201MA6E00019C", "92520203MA6E000199", "92520204MA6E00019P", "92520281MA6E000198"]
NUMBER = "52020119800101001"
NUMBER += identity_check_digit(NUMBER)


def refusal(read, raw):
    with pytest.raises(Misread) as problem:
        read(raw)
    return problem.value.code, problem.value.detail


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(
    "written",
    [
        lambda code: code,
        lambda code: code.lower(),
        lambda code: f"  {code[:8]} {code[8:17]}-{code[17]} ",
        lambda code: "".join(chr(ord(letter) + 0xFEE0) for letter in code),
        lambda code: f"{code[:2]}　{code[2:]}\n",
    ],
    ids=["plain", "small", "spaced", "full-width", "broken"],
)
def test_a_credit_code_is_read_however_it_is_written(code, written):
    assert read_credit_code(written(code)) == code


@pytest.mark.parametrize("division", ["520221", "520222", "520100"])
def test_a_code_outlives_the_county_it_was_given_in(division):
    from stdnum.cn import uscc

    body = f"92{division}MA6E0001"
    body += organisation_check_digit(body[8:])
    code = body + uscc.calc_check_digit(body)

    assert read_credit_code(code) == code


@pytest.mark.parametrize(
    ("raw", "code", "sentence"),
    [
        ("", "required", "请填写统一社会信用代码"),
        ("92520201MA6E00019", "invalid_length", "应为 18 位，您填了 17 位"),
        ("520201600012345", "old_number", "15 位的旧注册号"),
        ("92520201MA6E0OO19C", "invalid_character", "请看第 14 位"),
        ("92520201MA6E00019九", "invalid_character", "请看第 18 位"),
        ("92520201MA6E00019D", "invalid_check_digit", "请对照营业执照再核对一遍"),
        ("92520201MA6E00018C", "invalid_check_digit", "请对照营业执照再核对一遍"),
        ("9252020XMA6E00019C", "invalid_code", "第 3 到 8 位应是数字"),
        ("91520201MA6E00019C", "company_code", "这是企业的代码。这里办的是个体工商户的政策"),
        ("93520201MA6E00019C", "not_individual", "以 92 开头"),
    ],
)
def test_a_wrong_credit_code_is_told_what_is_wrong_with_it(raw, code, sentence):
    assert refusal(read_credit_code, raw)[0] == code
    assert sentence in refusal(read_credit_code, raw)[1]


@given(st.sampled_from(CODES), st.integers(2, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_no_single_slip_of_the_pen_passes(code, place, letter):
    slipped = code[:place] + letter + code[place + 1 :]
    if slipped != code:
        with pytest.raises(Misread):
            read_credit_code(slipped)


@pytest.mark.parametrize("written", [NUMBER, NUMBER.lower(), f" {NUMBER[:6]} {NUMBER[6:]}"])
def test_an_identity_number_is_read_in_one_spelling(written):
    assert read_identity_number(written) == NUMBER


def test_small_and_full_width_x_are_one_person():
    body = next(
        f"5202011980010100{digit}"
        for digit in range(10)
        if identity_check_digit(f"5202011980010100{digit}") == "X"
    )

    assert {read_identity_number(body + letter) for letter in "xXｘＸ"} == {body + "X"}


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "520201800101001",
        NUMBER[:-1],
        "52020119801301001X",
        f"{NUMBER[:-1]}{'X' if NUMBER[-1] != 'X' else '0'}",
        "五" * 18,
    ],
)
def test_a_wrong_identity_number_is_refused_without_being_repeated(raw):
    code, sentence = refusal(read_identity_number, raw)

    assert code in ("required", "old_number", "invalid_identity")
    assert raw not in sentence or raw == ""


def test_a_regional_code_that_no_list_holds_is_still_a_person():
    body = "99999919800101001"
    assert read_identity_number(body + identity_check_digit(body)) == body + identity_check_digit(body)


def test_accounts_are_digits_and_masked_numbers_show_their_ends():
    assert read_account_number("6222 0212-0000 1234567") == "6222021200001234567"
    assert refusal(read_account_number, "6222O21200001234")[0] == "invalid_account"
    assert refusal(read_account_number, "1234567")[0] == "invalid_account"
    assert mask_identity(NUMBER) == f"520201********{NUMBER[-4:]}"


@pytest.mark.parametrize("name", ["䶮某", "𬭎记米粉", "阿·依", "欧阳 小店", "A1 奶茶"])
def test_rare_characters_and_dots_stay_as_they_were_written(name):
    assert read_name(name) == name


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (" ", "required"),
        ("甲" * 81, "too_long"),
        ("甲\u200b乙", "invisible_character"),
        ("甲\u202e乙", "invisible_character"),
    ],
)
def test_a_name_that_could_deceive_is_refused(raw, code):
    assert refusal(read_name, raw)[0] == code


def test_a_home_made_character_is_flagged_for_review():
    assert needs_review("王\ue863")
    assert not needs_review("䶮")


@pytest.mark.parametrize(
    ("one", "other"),
    [("阿•依", "阿·依"), ("ＡＢ 店", "ab店"), ("欧阳　小店", "欧阳小店"), ("阿．依", "阿·依")],
)
def test_names_are_compared_without_forms_spaces_and_dots(one, other):
    assert fold_name(one) == fold_name(other)


def test_names_of_different_people_stay_different():
    assert fold_name("张三") != fold_name("张叁")
