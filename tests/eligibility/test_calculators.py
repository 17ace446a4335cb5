"""The loan calculator: who pays the interest, by the figures of the rule in force."""

from decimal import Decimal

import pytest

from eligibility.calculators import loan_interest

pytestmark = pytest.mark.django_db


def test_half_of_the_interest_is_subsidised():
    found = loan_interest(Decimal("300000.00"), Decimal("4.5"), 3, Decimal("0.50"))

    assert (found.interest, found.subsidy, found.own, found.monthly) == (
        Decimal("40500.00"),
        Decimal("20250.00"),
        Decimal("20250.00"),
        Decimal("1125.00"),
    )


def test_what_cannot_be_halved_to_the_fen_still_adds_up():
    found = loan_interest(Decimal("0.10"), Decimal("10"), 1, Decimal("0.50"))

    assert (found.interest, found.subsidy, found.own) == (Decimal("0.01"), Decimal("0.01"), Decimal("0.00"))


def test_the_page_takes_limit_and_share_from_the_rule(client, catalogue_loaded):
    page = client.get("/calc/loan/", {"amount": "400000", "years": "3", "rate": "4.5"}).content.decode()

    assert "实际利息的 50%" in page
    assert "20,250 元" in page


def test_a_loan_longer_than_the_rule_allows_is_refused(client, catalogue_loaded):
    answer = client.get("/calc/loan/", {"amount": "100000", "years": "4", "rate": "4.5"})

    assert answer.status_code == 400
    assert "贷款年数：应是 1 到 3 年" in answer.content.decode()
