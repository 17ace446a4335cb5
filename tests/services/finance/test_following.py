"""What an approved loan brings about."""

import pytest
from django.utils import timezone

from cases.models import Case
from notifications.models import Letter
from services.finance import following, tenders
from services.models import ServiceCase
from tests.services import world
from tests.subsidies import world as money

from .tendering import bank_of_loans, legs_of

pytestmark = pytest.mark.django_db


def test_an_approved_loan_is_taken_to_the_banks_with_words_alone(
    loan, shop, owner, django_capture_on_commit_callbacks
):
    application, people = loan
    one = bank_of_loans()
    with django_capture_on_commit_callbacks(execute=True):
        application = money.approved(application, people)

    case = ServiceCase.objects.get()
    assert (case.channel, case.state, case.request.follows_id) == ("auto", "open", application.pk)
    assert legs_of(case) == [("演示银行甲", "sent", False)]
    assert application.number in case.request.words
    assert "额度 5,000 元" in case.request.words
    letter = Letter.objects.get(title="“试验贷款”替您问了机构")
    assert (letter.needs_action, letter.action_path) == (True, f"/cases/{case.public_id}/")
    tenders.share(case, world.leg_of(case, one), world.digest(shop, one), by=owner, is_fresh=True)
    assert legs_of(case) == [("演示银行甲", "sent", True)]


def test_it_is_taken_there_once_and_one_of_which_nobody_heard_is_found(loan):
    application, people = loan
    bank_of_loans()
    application = money.approved(application, people)  # nobody hears of it: nothing is committed here

    first, second = (following.follow_the_unheard(timezone.localdate()) for _ in range(2))
    following.hear(None, application, "approve")

    assert (first, second) == (1, 0)
    assert ServiceCase.objects.count() == 1


def test_nothing_follows_where_nobody_can_be_asked_or_another_benefit_is_approved(loan):
    application, people = loan
    money.approved(application, people)

    assert following.follow_the_unheard(timezone.localdate()) == 0
    assert (
        following.rule_for(Case(procedure="subsidy", outcome="refused", benefit=application.benefit)) is None
    )
    assert not ServiceCase.objects.exists()
