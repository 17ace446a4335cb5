"""Every part somebody can have in a file × everything they might do with it afterwards: whoever has had one neither
approves, countersigns nor pays it. The table is made from both lists, so that a new part is tried with all."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases import queue
from cases.actions import appealing, correcting
from cases.models import Appeal, AuditEntry, Part
from core.errors import Refused
from subsidies.actions import applying, approving, claiming, paying, reviewing
from subsidies.actions.passing import pass_on
from subsidies.checks import risks
from subsidies.models import Application, PaymentBatch, RiskFlag
from subsidies.permissions import may_pay
from subsidies.procedure import SUBSIDY
from tests.notifications.register import tell_of

from ..subsidies import world

OPERATING = {"fact": "operating_status", "op": "eq", "value": "operating"}
RENTS = {"fact": "rents_premises", "op": "eq", "value": True, "check": "staff"}
CRITERIA = {"all": [{**row, "clause": "第一条", "origin": "source"} for row in (OPERATING, RENTS)]}
DEFECT = [{"kind": "material", "name": "租赁合同", "reason": "照片不清楚，看不见文字"}]
PASSED = {"verdict": "pass", "note": ""}


@pytest.fixture(scope="module")
def _world(django_db_setup, django_db_blocker):
    """(the bureau, a file that two have to approve, and whose money is there): once for the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        people = world.bureau()
        benefit = world.grant_of_money(amount="10000", criteria=CRITERIA)
        world.envelope(benefit)
        shop = world.shop_with_rent()
        tell_of(shop, "market", operating_status="operating")
        yield people, world.filed(benefit, shop, world.owner_of(shop))
        transaction.set_rollback(True)


@pytest.fixture
def people(_world, db):
    return world.bureau()


@pytest.fixture
def who(people):
    return world.all_rounder(people)


@pytest.fixture
def application(_world, db):
    return fresh(_world[1])


def fresh(application):
    return Application.objects.get(pk=application.pk)


def _staff_row(application):
    return next(row["id"] for row in application.judged["criteria"] if row["result"] == "staff")


# The parts, each on the way from filed to recommended


def accepts(application, who, people):
    reviewing.accept(application, by=who)


def saves_verdicts(application, who, people):
    reviewing.accept(application, by=people.reviewer)
    reviewing.set_verdicts(fresh(application), {_staff_row(application): PASSED}, by=who)


def asks_for_a_correction(application, who, people):
    reviewing.accept(application, by=people.reviewer)
    correcting.request_correction(fresh(application), DEFECT, by=who)
    owner, piece = application.submitter, world.evidence(application.operator)
    correcting.mend_material(fresh(application), "租赁合同", [piece], by=owner)
    correcting.correct(fresh(application), by=owner)


def clears_a_risk(application, who, people):
    reviewing.accept(application, by=people.reviewer)
    flag = RiskFlag.objects.create(application=application, kind="person", other="application 0")
    risks.clear(fresh(application), flag.pk, "looked", "看过，是另一件", by=who)


def recommends(application, who, people):
    reviewing.accept(application, by=people.reviewer)
    _recommend(application, people, who)


def sends_back(application, who, people):
    reviewing.accept(application, by=people.reviewer)
    _recommend(application, people, people.reviewer)
    reviewing.send_back(fresh(application), by=who, note="再核对一次")


REVIEWS = [accepts, saves_verdicts, asks_for_a_correction, clears_a_risk, recommends, sends_back]


def _recommend(application, people, by):
    found = fresh(application)
    if found.state == "reviewing":
        verdicts = {_staff_row(application): PASSED}
        reviewing.set_verdicts(found, verdicts, by=people.reviewer)
        reviewing.recommend(fresh(application), by=by)


def recommended(application, people):
    _recommend(application, people, people.reviewer)


def countersigning(application, people):
    recommended(application, people)
    approving.approve(fresh(application), by=people.approver)


def approved(application, people):
    countersigning(application, people)
    approving.approve(fresh(application), by=people.approver_2)


def appealed(application, people):
    recommended(application, people)
    failed = [application.judged["criteria"][0]["id"]]
    reviewing.refuse(fresh(application), by=people.approver, failed=failed, reason=world.REASON)
    appealing.appeal(fresh(application), "我有租赁合同，请再看", by=application.submitter)


def prepared(application, people):
    approved(application, people)
    paying.prepare(people.department, by=people.finance)


# What they might do afterwards, from where: {name: (to where others bring it, the verb)}


def approves(application, who):
    approving.approve(fresh(application), by=who)


def passes(application, who):
    pass_on(fresh(application), by=who)


def claims(application, who):
    queue.claim(fresh(application), by=who)


def approves_the_batch(application, who):
    try:
        batch = PaymentBatch.objects.get()
        paying.approve(batch, by=who, ticked=[payment.pk for payment in batch.payments.all()])
    except Refused as refusal:
        assert "您经办过或要回避的" in str(refusal)
        raise PermissionDenied from None


def prepares_a_batch(application, who):
    if paying.prepare(who.department, by=who).batch is None:
        raise PermissionDenied


def answers_the_appeal(application, who):
    appealing.take(Appeal.objects.get(), by=who)


VERBS = {
    "approve": (recommended, approves),
    "pass_on": (recommended, passes),
    "claim": (recommended, claims),
    "countersign": (countersigning, approves),
    "prepare": (approved, prepares_a_batch),
    "approve_batch": (prepared, approves_the_batch),
    "appeal": (appealed, answers_the_appeal),
    "recheck": (approved, world.checked_again),
}


@pytest.mark.crawl
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("part", REVIEWS, ids=lambda part: part.__name__)
def test_whoever_had_a_part_in_the_review_neither_decides_nor_pays(application, people, who, part, verb):
    part(application, who, people)
    bring, act = VERBS[verb]
    bring(application, people)

    with pytest.raises(PermissionDenied):
        act(application, who)


@pytest.mark.parametrize("verb", VERBS)
def test_whoever_had_no_part_may(application, people, who, verb):
    bring, act = VERBS[verb]
    reviewing.accept(application, by=people.reviewer)
    bring(application, people)

    act(application, who)


@pytest.mark.parametrize("part", ["submitter", "begun_by"])
@pytest.mark.parametrize("verb", VERBS)
def test_whoever_filed_or_began_it_neither_decides_nor_pays(application, people, who, part, verb):
    reviewing.accept(application, by=people.reviewer)
    bring, act = VERBS[verb]
    bring(application, people)
    Application.objects.filter(pk=application.pk).update(**{part: who})

    with pytest.raises(PermissionDenied):
        act(application, who)


@pytest.mark.parametrize("verb", ["prepare", "approve_batch"])
@pytest.mark.parametrize("at", [recommended, countersigning], ids=["first", "second"])
def test_whoever_decided_does_not_pay_even_when_it_was_sent_back_since(application, people, who, at, verb):
    reviewing.accept(application, by=people.reviewer)
    at(application, people)
    approving.approve(fresh(application), by=who)
    bring, act = VERBS[verb]
    reviewing.send_back(fresh(application), by=people.approver_3, note="再核对一次")
    bring(application, people)

    with pytest.raises(PermissionDenied):
        act(application, who)


@pytest.mark.parametrize("act", [reviewing.accept, reviewing.recommend], ids=["accept", "recommend"])
def test_whoever_decided_does_not_review_it_when_it_comes_back(application, people, who, act):
    reviewing.accept(application, by=people.reviewer)
    recommended(application, people)
    approving.approve(fresh(application), by=who)
    reviewing.send_back(fresh(application), by=people.approver_2, note="再核对一次")

    with pytest.raises(PermissionDenied):
        act(fresh(application), by=who)


@pytest.mark.parametrize("refuses_in", ["reviewing", "recommended"])
def test_whoever_refused_neither_reviews_nor_approves_after_the_appeal(application, people, who, refuses_in):
    reviewing.accept(application, by=people.reviewer)
    if refuses_in == "recommended":
        recommended(application, people)
    failed = [application.judged["criteria"][0]["id"]]
    reviewing.refuse(fresh(application), by=who, failed=failed, reason=world.REASON)
    appeal = appealing.appeal(fresh(application), "我有租赁合同，请再看", by=application.submitter)
    appealing.take(appeal, by=people.approver_2)
    appealing.overturn(appeal, "合同有效，重新审核", by=people.approver_2)

    for act in (reviewing.recommend, queue.claim):
        with pytest.raises(PermissionDenied):
            act(fresh(application), by=who)
    verdicts = {_staff_row(application): PASSED}
    reviewing.set_verdicts(fresh(application), verdicts, by=people.reviewer_2)
    reviewing.recommend(fresh(application), by=people.reviewer_2)
    with pytest.raises(PermissionDenied):
        approving.approve(fresh(application), by=who)
    assert fresh(application) not in queue.queue_for(who)


def test_who_checked_proof_of_rent_pays_nothing_of_the_grant(people, who):
    assert SUBSIDY.parts["check_instalment"] == SUBSIDY.parts["refuse_instalment"] == Part.Kind.REVIEW
    benefit = world.grant_of_rent()
    world.envelope(benefit)
    world.envelope(benefit, year=world.first_of_this_month().year + 1)
    shop = world.shop_with_rent(2)
    application = world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)
    _, instalment = application.grants.get().instalments.order_by("number")[:2]
    instalment.status = "claimed"
    instalment.save()

    claiming.check(instalment, right=False, problem="看不清金额", by=who)

    assert not may_pay(who, fresh(application))
    assert paying.prepare(people.department, by=who).batch is None
    assert paying.prepare(people.department, by=people.finance).batch.count == 1


def test_who_filed_an_appeal_does_not_answer_it(application, people, who):
    reviewing.accept(application, by=people.reviewer)
    appealed(application, people)
    Appeal.objects.update(filed_by=who)

    with pytest.raises(PermissionDenied):
        answers_the_appeal(application, who)


def test_what_was_done_and_the_part_are_written_down_together(application, people):
    reviewing.accept(application, by=people.reviewer)
    before = AuditEntry.objects.count()

    reviewing.set_verdicts(fresh(application), {_staff_row(application): PASSED}, by=people.reviewer_2)
    reviewing.set_verdicts(fresh(application), {_staff_row(application): PASSED}, by=people.reviewer_2)

    entry = AuditEntry.objects.first()
    assert AuditEntry.objects.count() == before + 1  # the second changed nothing
    assert (entry.verb, entry.actor) == ("save_verdicts", people.reviewer_2.pk)
    assert entry.detail == {"criteria": [_staff_row(application)]}
    parts = set(application.parts.values_list("user", "kind"))
    assert parts == {(people.reviewer.pk, "review"), (people.reviewer_2.pk, "review")}


# Claims


def test_a_claim_of_an_approver_holds_up_no_reviewer(application, people):
    with pytest.raises(PermissionDenied):
        queue.claim(application, by=people.approver)
    reviewing.accept(application, by=people.reviewer)

    queue.claim(fresh(application), by=people.reviewer)
    recommended(application, people)

    assert fresh(application).claimed_by is None
    assert queue.claim(fresh(application), by=people.approver).claimed_by == people.approver
    with pytest.raises(PermissionDenied):
        queue.claim(fresh(application), by=people.reviewer_2)


def test_a_claim_ends_when_the_owner_withdraws_and_is_not_made_on_what_is_closed(application, people):
    queue.claim(application, by=people.reviewer)

    applying.withdraw(fresh(application), by=application.submitter)

    assert fresh(application).claimed_by is None
    with pytest.raises(Refused, match="不用领办"):
        queue.claim(fresh(application), by=people.reviewer)
