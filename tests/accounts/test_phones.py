import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.phones import masked, normal_phone
from core.errors import Refused

numbers = st.builds(
    lambda second, rest: f"1{second}{rest:09}", st.sampled_from("3456789"), st.integers(0, 10**9 - 1)
)


@given(
    numbers,
    st.sampled_from(["", "+86", "86", "+86 ", "0086-", "＋86"]),
    st.sampled_from(["", " ", "-", "\u3000"]),
    st.booleans(),
)
def test_however_a_number_is_written_it_is_the_same_number(number, prefix, between, full_width):
    written = prefix + between.join([number[:3], number[3:7], number[7:]])
    if full_width:
        written = written.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})

    assert normal_phone(written) == number


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("", "请填写手机号"),
        (" - ", "请填写手机号"),
        ("1380000000", "手机号应为 11 位，您填了 10 位"),
        ("138000000012", "手机号应为 11 位，您填了 12 位"),
        ("12800000001", "这不是手机号，请核对前 2 位"),
        ("02012345678", "这不是手机号，请核对前 2 位"),
        ("1380000000a", "手机号只填数字，例如 13912345678"),
        ("١٣٨٠٠٠٠٠٠٠١", "手机号只填数字，例如 13912345678"),
    ],
)
def test_what_is_not_a_number_is_refused_with_what_to_do(written, sentence):
    with pytest.raises(Refused) as refusal:
        normal_phone(written)

    assert str(refusal.value) == sentence


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_refused(text):
    try:
        found = normal_phone(text)
    except Refused:
        return
    assert (len(found), found.isascii(), found.isdigit(), found[0]) == (11, True, True, "1")


def test_a_masked_number_shows_its_ends():
    assert masked("13812345678") == "138****5678"
