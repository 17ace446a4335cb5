"""Four eyes: nobody does two steps of one file, not by a verb and not past it; and nobody touches one of their own."""

from itertools import combinations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from cases import queue
from cases.actions import correcting, filling, interests
from cases.rights import permissions
from cases.transitions import watch
from core.errors import Refused
from subsidies.actions import approving, reviewing
from subsidies.actions.passing import pass_on
from subsidies.models import Application
from subsidies.permissions import may_pay
from tests.notifications.register import identity, tell_of

from ..subsidies import world

both_engines = pytest.mark.django_db(databases=["default", "postgres"])
PARTS = ("submitter", "reviewer", "approver", "countersigner")
OPERATING = {"fact": "operating_status", "op": "eq", "value": "operating"}
NEEDS_OPERATING = {"all": [{**OPERATING, "clause": "第一条", "origin": "source"}]}
DEFECT = [{"kind": "material", "name": "租赁合同", "reason": "照片不清楚，看不见文字"}]


@pytest.fixture
def people(db):
    return world.bureau()


def opened(amount="5000", place=1, **content):
    benefit = world.grant_of_money(amount=amount, criteria=NEEDS_OPERATING, **content)
    world.envelope(benefit)
    shop = world.shop_with_rent(place)
    return world.filed(benefit, shop, world.owner_of(shop))


# Past the verbs


@both_engines
@pytest.mark.parametrize("pair", list(combinations(PARTS, 2)), ids="-".join)
def test_the_database_refuses_one_person_in_two_parts(engine, pair):
    people = world.bureau()
    application = opened("20000")
    world.approved(application, people)
    first, second = pair
    same = getattr(Application.objects.get(pk=application.pk), first)

    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(**{second: same})


# By the verbs


def test_who_recommended_does_not_approve(people):
    both = world.all_rounder(people)
    application = opened()
    reviewing.recommend(reviewing.accept(application, by=both), by=both)

    for act in (approving.approve, pass_on):
        with pytest.raises(PermissionDenied):
            act(application, by=both)


def test_who_approved_does_not_countersign(people):
    application = opened("10000")
    world.recommended(application, people)
    approving.approve(application, by=people.approver)

    with pytest.raises(PermissionDenied):
        approving.approve(application, by=people.approver)


def test_who_filed_neither_reviews_nor_approves(people):
    both = world.all_rounder(people)
    application = opened()
    Application.objects.filter(pk=application.pk).update(submitter=both)

    with pytest.raises(PermissionDenied):
        reviewing.accept(application, by=both)
    world.recommended(application, people)
    with pytest.raises(PermissionDenied):
        approving.approve(application, by=both)


@pytest.mark.parametrize("part", PARTS)
def test_who_had_a_part_does_not_pay(people, part):
    application = opened("10000")
    world.approved(application, people)
    both = world.all_rounder(people)
    Application.objects.filter(pk=application.pk).update(**{part: both})

    assert not may_pay(both, Application.objects.get(pk=application.pk))
    assert may_pay(people.finance, Application.objects.get(pk=application.pk))


def test_a_superuser_is_no_exception(people):
    application = opened()
    pass_on(application, by=people.admin)

    with pytest.raises(PermissionDenied):
        approving.approve(application, by=people.admin)


@pytest.mark.parametrize(
    "act",
    [
        lambda one, who: reviewing.accept(one, by=who),
        lambda one, who: reviewing.set_verdicts(one, {}, by=who),
        lambda one, who: correcting.request_correction(one, DEFECT, by=who),
        lambda one, who: reviewing.recommend(one, by=who),
        lambda one, who: reviewing.refuse(one, by=who, failed=world.failed_of(one), reason=world.REASON),
        lambda one, who: queue.claim(one, by=who),
        lambda one, who: pass_on(one, by=who),
    ],
    ids=["accept", "set_verdicts", "request_correction", "recommend", "refuse", "claim", "pass_on"],
)
@pytest.mark.parametrize("who", ["reviewer", "admin"])
def test_an_interest_closes_every_verb_of_review(people, act, who):
    application, user = opened(), getattr(people, who)
    interests.declare(identity(1), "self", by=user)

    with pytest.raises(PermissionDenied):
        act(application, user)


@pytest.mark.parametrize(
    "act",
    [
        lambda one, who: approving.approve(one, by=who),
        lambda one, who: reviewing.send_back(one, by=who, note="再核对一次"),
        lambda one, who: reviewing.refuse(one, by=who, failed=world.failed_of(one), reason=world.REASON),
        lambda one, who: queue.claim(one, by=who),
        lambda one, who: pass_on(one, by=who),
    ],
    ids=["approve", "send_back", "refuse", "claim", "pass_on"],
)
@pytest.mark.parametrize("who", ["approver", "admin"])
def test_an_interest_closes_every_verb_of_approval(people, act, who):
    application, user = opened(), getattr(people, who)
    world.recommended(application, people)
    interests.declare(identity(1), "spouse", by=user)

    with pytest.raises(PermissionDenied):
        act(application, user)


def test_an_interest_closes_paying_and_appeals(people):
    application = opened()
    world.approved(application, people)
    interests.declare(identity(1), "kin", by=people.finance)
    interests.declare(identity(1), "kin", by=people.approver_3)

    found = Application.objects.get(pk=application.pk)
    assert not may_pay(people.finance, found)
    assert not permissions.may_handle_appeal(people.approver_3, found)


# Two approvers


@pytest.mark.parametrize(
    ("amount", "state"), [("9999.99", "approved"), ("10000", "countersigning"), ("20000", "countersigning")]
)
def test_from_ten_thousand_yuan_on_two_people_approve(people, amount, state):
    application = opened(amount)
    world.recommended(application, people)

    assert approving.approve(application, by=people.approver).state == state


def test_going_against_the_machine_takes_a_second_approver(people):
    application = opened()
    tell_of(application.business, operating_status="suspended")
    verdict = {world.failed_of(application)[0]: {"verdict": "pass"}}
    pass_on(application, by=people.reviewer, verdicts=verdict, override_note="看过合同原件")

    first = approving.approve(application, by=people.approver).state
    second = approving.approve(application, by=people.approver_2).state

    assert (first, second) == ("countersigning", "approved")


# What approval binds


def _new_account(application):
    owner, number = application.submitter, "6222020200019998888"
    world.another_account(application.business, owner, number)


def _other_file(application):
    filling.put_file(watch(application), "租赁合同", world.evidence(application.operator))


def _other_answer(application):
    Application.objects.filter(pk=application.pk).update(answers={"monthly_rent": "1.00"})


@pytest.mark.parametrize("change", [_other_file, _other_answer])
def test_what_changes_after_the_first_approval_voids_it(people, change):
    application = opened("10000")
    world.recommended(application, people)
    approving.approve(application, by=people.approver)
    change(Application.objects.get(pk=application.pk))

    back = approving.approve(application, by=people.approver_2)

    assert (back.state, back.approver, back.reviewer, back.approved_digest) == ("reviewing", None, None, "")


@pytest.mark.parametrize("change", [_other_file, _other_answer])
def test_what_changes_after_approval_is_no_longer_as_approved(people, change):
    application = opened()
    world.approved(application, people)
    before = approving.still_as_approved(Application.objects.get(pk=application.pk))

    change(Application.objects.get(pk=application.pk))

    assert before
    assert not approving.still_as_approved(Application.objects.get(pk=application.pk))


def test_another_account_between_recommending_and_approving_is_looked_at_first(people):
    application = opened()
    world.recommended(application, people)
    _new_account(application)

    with pytest.raises(Refused, match="店主换了收款账户"):
        approving.approve(application, by=people.approver)
    reviewing.send_back(application, by=people.approver, note="账户换了，再核对")
    again = reviewing.recommend(application, by=people.reviewer)

    assert again.account.last_four == "8888"
    assert approving.approve(application, by=people.approver_2).state == "approved"
