"""Nobody decides on their own case: what ties a member of staff to an applicant is found out, not only asked for, at
every verb and in every queue."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import agree
from accounts.models import User
from businesses.actions import set_payment_account
from businesses.models import Binding, Mandate
from cases import queue
from cases.actions import appealing, interests
from cases.rights import permissions, recusal
from core.errors import Refused
from notifications import sweep
from subsidies.actions import approving, automatic_grants, paying, reviewing
from subsidies.actions.passing import pass_on, turn_down
from subsidies.models import Application, PaymentBatch
from tests.notifications.register import TODAY, identity, open_shop, publish, tell_of

from ..subsidies import world

RELATIVE_PHONE = "13800138005"


@pytest.fixture(scope="module")
def _file(django_db_setup, django_db_blocker):
    """A file of a shop of the first person: once for the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        world.bureau()
        shop = world.shop_with_rent(1)
        criterion = {"fact": "operating_status", "op": "eq", "value": "operating"}
        criteria = {"all": [{**criterion, "clause": "第一条", "origin": "source"}]}
        benefit = world.grant_of_money(criteria=criteria)
        world.envelope(benefit)
        yield world.filed(benefit, shop, world.owner_of(shop)).pk
        transaction.set_rollback(True)


@pytest.fixture
def people(_file, db):
    return world.bureau()


@pytest.fixture
def who(people):
    return world.all_rounder(people)


@pytest.fixture
def application(_file, db):
    return Application.objects.get(pk=_file)


def _mandate(shop, given_by, agent, **when):
    until = timezone.localdate() + timedelta(days=30)
    values = {"scopes": ["view", "answer", "apply"], "until": until, **when}
    return Mandate.objects.create(business=shop, given_by=given_by, agent=agent, **values)


def _own_shop(who, place=5):
    shop = open_shop(place)
    Binding.objects.create(business=shop, user=who)
    return shop


# What ties somebody to the case: each is a function of the application and the member of staff


def declared(application, who):
    interests.declare(identity(1), "kin", by=who)


def bound_the_shop(application, who):
    application.business.bindings.update(user=who)


def had_bound_the_shop(application, who):
    Binding.objects.create(
        business=application.business, user=who, ended_at=timezone.now(), ended_because="不再经营"
    )


def bound_another_shop_of_the_person(application, who):
    other = open_shop(6, person=1)
    Binding.objects.create(business=other, user=who)


def holds_a_mandate_for_the_shop(application, who):
    _mandate(application.business, application.submitter, who)


def held_a_mandate_for_another_shop_of_the_person(application, who):
    other = open_shop(6, person=1)
    _mandate(other, application.submitter, who, revoked_at=timezone.now())


def gave_the_applicant_a_mandate(application, who):
    _mandate(_own_shop(who), who, application.submitter)


def a_relative_with_their_mandate_filed(application, who):
    """The relative, who holds a mandate of the member of staff, is the one who handed in."""
    relative = User.objects.begin_with_phone(RELATIVE_PHONE)
    _mandate(_own_shop(who), who, relative)
    Application.objects.filter(pk=application.pk).update(submitter=relative)


def somebody_filed_whom_they_act_for(application, who):
    """The member of staff holds a mandate for the shop of whoever handed in, which is not the shop of the case."""
    neighbour = User.objects.begin_with_phone(RELATIVE_PHONE)
    other = open_shop(6)
    Binding.objects.create(business=other, user=neighbour)
    _mandate(other, neighbour, who)
    Application.objects.filter(pk=application.pk).update(submitter=neighbour)


def handed_it_in(application, who):
    Application.objects.filter(pk=application.pk).update(submitter=who)


def began_the_draft(application, who):
    Application.objects.filter(pk=application.pk).update(begun_by=who)


def is_paid_to_the_same_account(application, who):
    own = _own_shop(who)
    agree(who, "sensitive")
    number = application.account.number.reveal()
    set_payment_account(own, holder=own.operator.name, bank="演示银行", number=number, by=who)


def typed_in_their_account(application, who):
    application.operator.payment_accounts.update(added_by=who)


TIES = [
    declared,
    bound_the_shop,
    had_bound_the_shop,
    bound_another_shop_of_the_person,
    holds_a_mandate_for_the_shop,
    held_a_mandate_for_another_shop_of_the_person,
    gave_the_applicant_a_mandate,
    a_relative_with_their_mandate_filed,
    somebody_filed_whom_they_act_for,
    handed_it_in,
    began_the_draft,
    is_paid_to_the_same_account,
    typed_in_their_account,
]
each_tie = pytest.mark.parametrize("tie", TIES, ids=lambda tie: tie.__name__)


# What they might do


def _appealed(application, people):
    refused = world.refused(application, people)
    appealing.appeal(refused, "我有租赁合同，请再看", by=User.objects.get(pk=refused.submitter_id))


def _approve_batch(application, who):
    try:
        paying.approve(PaymentBatch.objects.get(), by=who)
    except Refused as refusal:
        assert "您经办过或要回避的" in str(refusal)
        raise PermissionDenied from None


def _prepare(application, who):
    if paying.prepare(who.department, by=who).batch is None:
        raise PermissionDenied


def _filed(application, people):
    pass


def _prepared(application, people):
    world.approved(application, people)
    paying.prepare(people.department, by=people.finance)


# {how far others have brought it: the verbs from there}
VERBS = {
    _filed: [
        lambda one, who: queue.claim(one, by=who),
        lambda one, who: reviewing.accept(one, by=who),
        lambda one, who: reviewing.set_verdicts(one, {}, by=who),
        lambda one, who: turn_down(one, by=who, failed=world.failed_of(one), reason=world.REASON),
    ],
    world.accepted: [lambda one, who: reviewing.recommend(one, by=who)],
    world.recommended: [
        lambda one, who: approving.approve(one, by=who),
        lambda one, who: pass_on(one, by=who),
        lambda one, who: reviewing.send_back(one, by=who, note="再核对一次"),
    ],
    world.approved: [_prepare, world.checked_again],
    _prepared: [_approve_batch],
    _appealed: [lambda one, who: appealing.take(one.appeals.get(), by=who)],
}


@pytest.mark.crawl
@pytest.mark.parametrize("bring", VERBS, ids=lambda bring: bring.__name__.strip("_"))
@each_tie
def test_whoever_is_tied_to_the_applicant_does_nothing_with_the_case(application, people, who, tie, bring):
    bring(application, people)
    tie(application, who)

    for act in VERBS[bring]:
        with pytest.raises(PermissionDenied):
            act(Application.objects.get(pk=application.pk), who)


@each_tie
def test_whoever_is_tied_to_the_applicant_finds_the_case_in_no_queue(application, people, who, tie):
    assert application in queue.queue_for(who)

    tie(application, who)

    assert application not in queue.queue_for(who)
    assert queue.take_next(who) is None
    assert application in queue.queue_for(people.reviewer)


@each_tie
def test_one_is_tied_to_ones_own_people_alone(application, people, who, tie):
    other_shop = world.shop_with_rent(2)
    other = world.filed(application.benefit, other_shop, world.owner_of(other_shop))

    tie(application, who)

    assert recusal.has_interest(who, application)
    assert not recusal.has_interest(who, other)
    assert not recusal.has_interest(people.reviewer, application)
    assert queue.take_next(who) == other


def test_it_is_asked_once_a_verb_whether_a_clerk_keeps_away(application, people):
    asked = []

    for act in (reviewing.accept, reviewing.recommend):
        with CaptureQueriesContext(connection) as captured:
            act(Application.objects.get(pk=application.pk), by=people.reviewer)
        asked.append(sum('"cases_interest"' in query["sql"] for query in captured))

    assert asked == [1, 1]


def test_a_case_that_a_program_filed_is_in_the_queue(application, people, who):
    """Nobody submitted or began it: that ties it to nobody."""
    Application.objects.filter(pk=application.pk).update(submitter=None, begun_by=None)

    assert application in queue.queue_for(who)
    assert permissions.may_review(who, Application.objects.get(pk=application.pk))


@pytest.mark.parametrize(
    "tie",
    [bound_the_shop, holds_a_mandate_for_the_shop, is_paid_to_the_same_account],
    ids=lambda tie: tie.__name__,
)
def test_a_list_of_offers_leaves_out_whom_its_maker_is_tied_to(application, people, who, tie):
    rule = {"all": [{"fact": "unit_insured", "op": "eq", "value": True}]}
    benefit = publish("T01b", criteria=rule, amount={"fixed": "1200"}, delivery="no_application").benefit
    world.envelope(benefit)
    for shop in (application.business, open_shop(12)):
        tell_of(shop, "social_security", unit_insured=True)
    sweep.relay()
    tie(application, who)

    made = automatic_grants.prepare_list(benefit, TODAY().year, by=who)

    assert list(made.offers.values_list("business__name", flat=True)) == ["演示店012"]
    automatic_grants.cancel_list(made, by=people.reviewer)
    whole = automatic_grants.prepare_list(benefit, TODAY().year, by=people.reviewer)
    with pytest.raises(Refused, match="要回避的人"):
        automatic_grants.confirm_list(whole, by=who)
