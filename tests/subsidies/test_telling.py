"""What the owner is told at every step: one message each, short enough for a phone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases import letters
from cases.actions import correcting
from cases.models import Rating
from core.wording import day_text
from notifications.models import Letter
from notifications.outside.digests import SIGNATURE
from subsidies import telling
from subsidies.actions import applying
from subsidies.models import Instalment
from subsidies.procedure import Verb
from tests.notifications.register import open_shop
from tests.state import money

from . import world


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def filed(people):
    benefit, shop = world.grant_of_money(amount="500", criteria=world.IN_DISTRICT), open_shop(1)
    world.envelope(benefit)
    return world.filed(benefit, shop, world.owner_of(shop))


def _newest():
    return Letter.objects.order_by("-id").first()


def test_handing_in_gives_a_receipt_with_number_and_day(filed):
    letter = _newest()

    assert letter.action_path == f"/cases/{filed.public_id}/letter/receipt/"
    assert filed.number in letter.sentence
    assert f"最迟 {day_text(filed.due_on)}有结果" in letter.sentence


def test_where_nothing_is_promised_the_receipt_says_so(people):
    benefit, shop = world.grant_of_money(promised_working_days=None), open_shop(1)

    world.filed(benefit, shop, world.owner_of(shop))

    assert "时限待公布。" in _newest().sentence


def test_a_correction_wants_something_until_it_is_answered(filed, people):
    defects = [{"kind": "material", "name": "租赁合同", "reason": "照片模糊看不清"}]
    application = correcting.request_correction(filed, defects, by=people.reviewer)
    asked = _newest()

    piece = world.evidence(application.operator)
    owner = application.submitter
    application = correcting.mend_material(application, "租赁合同", [piece], by=owner)
    correcting.correct(application, by=owner)

    assert "还要补 1 项" in asked.title
    assert asked.needs_action is True
    assert Letter.objects.get(pk=asked.pk).needs_action is False
    assert "补正已收到" in _newest().title


def test_taking_an_application_back_settles_what_was_wanted(filed, people):
    defects = [{"kind": "material", "name": "租赁合同", "reason": "照片模糊看不清"}]
    application = correcting.request_correction(filed, defects, by=people.reviewer)

    applying.withdraw(application, by=application.submitter)

    assert Letter.objects.filter(needs_action=True).count() == 0


def test_a_refusal_names_the_last_day_of_appeal(filed, people):
    application = world.refused(filed, people)

    letter = _newest()
    assert day_text(application.remedy_until) in letter.sentence
    assert letter.action_path == f"/cases/{application.public_id}/letter/decision/"


def test_money_on_the_account_asks_for_a_rating(filed, people):
    application = world.approved(filed, people)
    money.paid(people)

    letter = _newest()
    rating = Rating.objects.get(case=application, stage__startswith="pay")
    end = application.account.last_four
    assert letter.sentence == f"500 元已转入尾号 {end} 账户。请给这次服务打分。"
    assert letter.action_path == f"/rate/{rating.token}/"
    assert (rating.stage, rating.department) == ("pay 1", application.department)


def test_the_same_event_is_told_once(filed, people):
    application = world.approved(filed, people)
    money.paid(people)
    instalment = Instalment.objects.get(grant__application=application)
    application.refresh_from_db()
    application.version -= 1  # as it was when its first payment was told

    letters.tell(application, Verb.PAY, instalment=instalment)

    assert Letter.objects.filter(action_path__startswith="/rate/").count() == 1
    assert Rating.objects.filter(stage__startswith="pay").count() == 1


def test_colleagues_sending_a_file_back_is_no_news_for_the_owner(filed, people):
    application = world.recommended(filed, people)

    told = letters.tell(application, Verb.SEND_BACK, before="recommended")

    assert told is None


@pytest.mark.parametrize("kind", ["stopped", "recover", "overdue"])
def test_events_of_money_and_clock_are_told(filed, kind):
    application = filed
    application.due_on = timezone.localdate() - timedelta(days=2)

    letter = letters.tell(application, kind, because="店铺已经注销", amount_fen=38_000)

    assert letter.operator_id == application.operator_id
    assert letter.needs_action is (kind == "recover")


def test_wrong_proof_is_told_for_each_claim_and_settled_by_the_next(filed, people):
    application = world.approved(filed, people)
    instalment = Instalment.objects.get(grant__application=application)
    instalment.problem = "收据看不清"

    for hour in (9, 10):
        telling.settle_claim(instalment)
        instalment.claimed_at = timezone.now().replace(hour=hour)
        letters.tell(application, "claim_wrong", instalment=instalment)

    told = Letter.objects.filter(title__contains="凭证要重交").order_by("pk")
    assert list(told.values_list("needs_action", flat=True)) == [False, True]


def test_what_came_back_is_wanted_no_more(filed):
    letter = letters.tell(filed, "recover", amount_fen=38_000, because="店铺已经注销")

    telling.settle_recovery(filed)

    letter.refresh_from_db()
    assert letter.needs_action is False


def test_every_short_message_is_one_segment(filed, people):
    application = world.approved(filed, people)
    money.paid(people)
    application.due_on = timezone.localdate() - timedelta(days=2)
    letters.tell(application, "overdue")

    texts = list(Letter.objects.values_list("sms", flat=True))

    assert all(texts)
    assert [text for text in texts if len(SIGNATURE + text) > 70] == []
