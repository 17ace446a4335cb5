"""An appeal is a case of its own, answered by people who had no part in the decision, with its own clock."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cases import audit, queue
from cases.actions import appealing
from cases.models import Appeal
from core.errors import Invalid, Refused
from core.workdays import add_workdays
from notifications.models import Letter
from subsidies.actions import applying, approving, reviewing
from subsidies.models import Application
from tests.markup import markup
from tests.notifications.register import open_shop

from ..subsidies import world

WORDS = "合同上个月已经续签，请再看一次。"
ANSWER = "续签的合同当时没有交，原决定没有错。"
GRANTED = "续签的合同有效，原决定撤销。"


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def refused(people):
    benefit, shop = world.grant_of_money(criteria=world.IN_DISTRICT), open_shop(1)
    world.envelope(benefit)
    return world.refused(world.filed(benefit, shop, world.owner_of(shop)), people)


@pytest.fixture
def appeal(refused):
    return appealing.appeal(refused, WORDS, by=refused.submitter)


def _noon_of(day):
    return time_machine.travel(f"{day.isoformat()}T12:00:00+08:00", tick=False)


def test_an_appeal_starts_a_clock_of_its_own(refused, appeal):
    refused.refresh_from_db()

    assert refused.state == "appealed"
    assert appeal.due_on == add_workdays(timezone.localdate(), 30)
    assert (appeal.reviewer, appeal.approver) == (refused.reviewer, None)
    assert "没有参与原来决定的人" in Letter.objects.order_by("-id").first().sentence


def test_the_last_day_counts_and_the_day_after_names_the_court(refused):
    last = refused.remedy_until

    with _noon_of(last + timedelta(days=1)), pytest.raises(Refused, match="行政诉讼"):
        appealing.appeal(refused, WORDS, by=refused.submitter)
    with _noon_of(last):
        row = appealing.appeal(refused, WORDS, by=refused.submitter)

    assert row.outcome == ""


def test_only_the_owner_appeals_and_says_why(refused):
    other = world.owner_of(open_shop(2))

    with pytest.raises(PermissionDenied):
        appealing.appeal(refused, WORDS, by=other)
    with pytest.raises(Invalid, match="为什么不服"):
        appealing.appeal(refused, "不服", by=refused.submitter)

    assert Appeal.objects.count() == 0


def test_whoever_refused_it_cannot_answer(appeal, people):
    with pytest.raises(PermissionDenied):
        appealing.take(appeal, by=people.reviewer)

    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(handler=people.reviewer)


def test_two_handlers_do_not_answer_the_same_appeal(appeal, people):
    appealing.take(appeal, by=people.approver)

    with pytest.raises(Refused, match="已经有人在办"):
        appealing.take(appeal, by=people.approver_2)
    with pytest.raises(Refused, match="已经有人在办"):
        appealing.uphold(appeal, ANSWER, by=people.approver_2)


def test_who_had_approved_before_the_second_refused_does_not_answer_the_appeal(people):
    benefit = world.grant_of_money(amount="10000", criteria=world.IN_DISTRICT)
    world.envelope(benefit)
    shop = open_shop(7)
    application = approving.approve(
        world.recommended(world.filed(benefit, shop, world.owner_of(shop)), people), by=people.approver
    )
    failed = [application.judged["criteria"][0]["id"]]
    refused = reviewing.refuse(application, by=people.approver_2, failed=failed, reason=world.REASON)
    row = appealing.appeal(refused, "合同还在有效期，请再看一次。", by=refused.submitter)

    assert (row.reviewer, row.approver, row.countersigner) == (
        *(people.reviewer, people.approver),
        people.approver_2,
    )
    for part in (people.approver, people.approver_2):
        with pytest.raises(PermissionDenied):
            appealing.take(row, by=part)
    appealing.take(row, by=people.approver_3)
    appealing.overturn(row, GRANTED, by=people.approver_3)
    undone = set(refused.parts.filter(undone_at__isnull=False).values_list("user", flat=True))
    assert undone == {people.reviewer.pk, people.approver.pk, people.approver_2.pk}


def test_an_appeal_is_taken_before_it_is_answered(appeal, people):
    with pytest.raises(Refused, match="请先领取"):
        appealing.uphold(appeal, ANSWER, by=people.approver)


def test_a_refusal_that_is_upheld_stands_and_is_not_appealed_twice(appeal, people):
    appealing.take(appeal, by=people.approver)

    appealing.uphold(appeal, ANSWER, by=people.approver)

    application = Application.objects.get(pk=appeal.case_id)
    assert (application.state, application.reason) == ("refused", world.REASON)
    assert "维持原决定" in Letter.objects.order_by("-id").first().title
    with pytest.raises(Refused, match="已经申诉过一次"):
        appealing.appeal(application, WORDS, by=application.submitter)


def test_an_appeal_that_is_granted_begins_the_review_anew(appeal, people):
    appealing.take(appeal, by=people.approver)

    appealing.overturn(appeal, GRANTED, by=people.approver)

    application = Application.objects.get(pk=appeal.case_id)
    assert application.state == "reviewing"
    assert (application.reviewer, application.approver, application.countersigner) == (None, None, None)
    assert (application.failed, application.reason, application.approved_digest) == ([], "", "")
    assert (application.decided_at, application.remedy_until) == (None, None)
    assert application.due_on == add_workdays(timezone.localdate(), 15)
    assert "换人重新审核" in Letter.objects.order_by("-id").first().sentence
    assert list(audit.verify()) == []


def test_whoever_had_refused_it_does_not_review_it_again(appeal, people):
    appealing.take(appeal, by=people.approver)
    appealing.overturn(appeal, GRANTED, by=people.approver)
    application = Application.objects.get(pk=appeal.case_id)

    with pytest.raises(PermissionDenied):
        reviewing.recommend(application, by=people.reviewer)

    undone = set(application.parts.filter(undone_at__isnull=False).values_list("user", flat=True))
    assert undone == {people.reviewer.pk}
    assert list(queue.queue_for(people.reviewer)) == []
    assert list(queue.queue_for(people.reviewer_2)) == [application]


def test_others_may_grant_what_had_been_refused(appeal, people):
    appealing.take(appeal, by=people.approver)
    appealing.overturn(appeal, GRANTED, by=people.approver)
    application = Application.objects.get(pk=appeal.case_id)

    application = reviewing.recommend(application, by=people.reviewer_2)
    application = approving.approve(application, by=people.approver_2)

    assert application.state == "approved"


def test_the_owner_may_take_an_appeal_back_and_file_it_again_in_time(appeal, people):
    owner = appeal.case.submitter

    appealing.withdraw(appeal, by=owner)
    again = appealing.appeal(appeal.case, WORDS, by=owner)

    assert list(Appeal.objects.order_by("pk").values_list("outcome", flat=True)) == ["withdrawn", ""]
    assert again.case_id == appeal.case_id


def test_who_has_applied_again_takes_that_back_before_appealing(refused):
    applying.begin(refused.business, refused.benefit, by=refused.submitter)

    with pytest.raises(Refused, match="重新申请了这一项"):
        appealing.appeal(refused, WORDS, by=refused.submitter)

    assert Appeal.objects.count() == 0


def test_handlers_answer_in_the_admin(client, appeal, people):
    client.force_login(people.approver)
    change = reverse("admin:cases_appeal_change", args=[appeal.pk])

    before = markup(client.get(change))
    client.post(reverse("admin:appeal-take", args=[appeal.pk]))
    after = markup(client.get(change))
    answer = {"answer": GRANTED}
    response = client.post(reverse("admin:appeal-overturn", args=[appeal.pk]), answer, follow=True)

    appeal.refresh_from_db()
    assert ("由我办理" in before, "维持原决定</a>" in before) == (True, False)
    assert ("由我办理" in after, "维持原决定</a>" in after) == (False, True)
    assert response.status_code == 200
    assert (appeal.outcome, appeal.handler) == ("overturned", people.approver)


def test_whoever_refused_it_finds_no_button_and_no_door(client, appeal, people):
    client.force_login(people.reviewer)

    page = client.get(reverse("admin:cases_appeal_change", args=[appeal.pk])).content.decode()
    response = client.post(reverse("admin:appeal-take", args=[appeal.pk]))

    assert "由我办理" not in page
    assert response.status_code == 403


@pytest.mark.django_db(databases=["default", "postgres"])
def test_both_engines_keep_and_undo_a_refusal(engine):
    people = world.bureau()
    benefit, shop = world.grant_of_money(criteria=world.IN_DISTRICT), open_shop(1)
    refused = world.refused(world.filed(benefit, shop, world.owner_of(shop)), people)
    again = applying.begin(shop, benefit, by=refused.submitter)

    with pytest.raises(Refused, match="重新申请了这一项"):
        appealing.appeal(refused, WORDS, by=refused.submitter)
    applying.discard(again, by=refused.submitter)
    row = appealing.appeal(refused, WORDS, by=refused.submitter)
    appealing.take(row, by=people.approver)
    appealing.overturn(row, GRANTED, by=people.approver)

    assert Application.objects.get(pk=refused.pk).state == "reviewing"
    assert [found.pk for found in queue.queue_for(people.reviewer_2)] == [refused.pk]
    assert list(queue.queue_for(people.reviewer)) == []
