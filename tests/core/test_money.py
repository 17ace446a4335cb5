"""Fen and yuan: every way there and back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import half_up, in_fen, in_yuan, yuan_of_json, yuan_text

sums = st.integers(-(10**15), 10**15)


@given(sums)
def test_there_and_back_is_the_same(fen):
    assert in_fen(in_yuan(fen)) == fen
    assert Decimal(yuan_of_json(fen)) == Decimal(fen) / 100
    assert Decimal(yuan_text(fen).replace(",", "")) == Decimal(fen) / 100


@pytest.mark.parametrize(
    ("fen", "people", "json"),
    [
        (0, "0", "0.00"),
        (1, "0.01", "0.01"),
        (10, "0.10", "0.10"),
        (38_050, "380.50", "380.50"),
        (114_000, "1,140", "1140.00"),
        (-500_001, "-5,000.01", "-5000.01"),
    ],
)
def test_a_sum_as_people_and_as_json_say_it(fen, people, json):
    assert (yuan_text(fen), yuan_of_json(fen)) == (people, json)


def test_what_is_not_known_stays_so():
    assert yuan_of_json(None) is None


@pytest.mark.parametrize(
    ("worked_out", "rounded"), [("1.004", "1.00"), ("1.005", "1.01"), ("-1.005", "-1.01")]
)
def test_half_a_fen_is_rounded_up(worked_out, rounded):
    assert str(half_up(Decimal(worked_out))) == rounded
