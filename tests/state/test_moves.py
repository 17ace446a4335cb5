"""Every state × verb × role: what the table of moves allows succeeds, all else is refused and changes nothing."""

import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client

from accounts.models import ApiClient
from cases.actions import appealing, correcting
from cases.audit import verify
from cases.models import AuditEntry, CaseFile, Correction
from core.errors import Invalid, Refused
from subsidies.actions import applying, approving, reviewing, settling
from subsidies.models import Application, Instalment, LedgerEntry, Payment
from subsidies.procedure import MOVES, State, Verb
from tests.subsidies import world

from . import money
from .cases import DEFECTS, MATERIAL, OWNERS, ROLES

pytestmark = pytest.mark.django_db
NO_PART = Refused("There is no row of it by which this could be tried.")


def hand(actor):
    return {"client": actor} if isinstance(actor, ApiClient) else {"by": actor}


def staff(actor):
    """Who a program is where people act: nobody."""
    return {"by": AnonymousUser() if isinstance(actor, ApiClient) else actor}


def correct(application, actor, people):
    if application.state == State.CORRECTING:
        piece = world.evidence(application.operator)
        correcting.mend_material(application, MATERIAL, [piece], **hand(actor))
    correcting.correct(application, **hand(actor))


def refuse(application, actor, people):
    failed = [row["id"] for row in application.judged.get("criteria", [])][:1]
    reviewing.refuse(application, **staff(actor), failed=failed, reason=world.REASON)


def pay(application, actor, people):
    """The bank's answer to a batch that others have prepared, approved and given out."""
    batch = money.prepared(people)
    if batch is None or not batch.payments.filter(instalment__grant__application=application).exists():
        raise NO_PART
    batch = money.exported(money.approved(batch, people), people)
    settling.settle(batch, money.answer(batch), **staff(actor))


def answered(verb):
    def answer(application, actor, people):
        row = application.appeals.filter(outcome="").first()
        if row is None:
            raise NO_PART
        verb(appealing.take(row, **staff(actor)), "核对了原来的材料和合同。", **staff(actor))

    return answer


# How each verb is done: (application, who tries, the bureau).
DO = {
    Verb.SUBMIT: lambda row, actor, people: applying.submit(row, **hand(actor), expected_version=row.version),
    Verb.ACCEPT: lambda row, actor, people: reviewing.accept(row, **staff(actor)),
    Verb.REQUEST_CORRECTION: lambda row, actor, people: correcting.request_correction(
        row, DEFECTS, **staff(actor)
    ),
    Verb.CORRECT: correct,
    Verb.RECOMMEND: lambda row, actor, people: reviewing.recommend(row, **staff(actor)),
    Verb.SEND_BACK: lambda row, actor, people: reviewing.send_back(row, **staff(actor), note="请再核对合同"),
    Verb.APPROVE: lambda row, actor, people: approving.approve(row, **staff(actor)),
    Verb.REFUSE: refuse,
    Verb.WITHDRAW: lambda row, actor, people: applying.withdraw(row, **hand(actor)),
    Verb.PAY: pay,
    Verb.APPEAL: lambda row, actor, people: appealing.appeal(
        row, "合同已经续签，请再看一次。", **hand(actor)
    ),
    Verb.UPHOLD: answered(appealing.uphold),
    Verb.REOPEN: answered(appealing.overturn),
}
REVIEWERS = ("reviewer", "reviewer without a part", "admin")
APPROVERS = ("approver", "approver without a part", "admin")
PAYERS = ("finance", "admin")
WHO = {
    Verb.SUBMIT: OWNERS,
    Verb.ACCEPT: REVIEWERS,
    Verb.REQUEST_CORRECTION: REVIEWERS,
    Verb.CORRECT: OWNERS,
    Verb.RECOMMEND: REVIEWERS,
    Verb.SEND_BACK: APPROVERS,
    Verb.APPROVE: APPROVERS,
    Verb.REFUSE: APPROVERS,
    Verb.WITHDRAW: OWNERS,
    Verb.PAY: PAYERS,
    Verb.APPEAL: OWNERS,
    Verb.UPHOLD: APPROVERS,
    Verb.REOPEN: APPROVERS,
}
# Where it depends on the state who may.
BESIDES = {
    (Verb.REFUSE, State.REVIEWING): REVIEWERS,
    (Verb.SEND_BACK, State.APPROVED): (*APPROVERS, "finance"),
}


# Who has done this much of a case does nothing more with it.
DONE_THEIR_PART = {
    "reviewer": (State.RECOMMENDED, State.COUNTERSIGNING, State.APPROVED),
    "approver": (State.COUNTERSIGNING, State.APPROVED),
}


def may(verb, state, role):
    if state not in MOVES[verb] or state in DONE_THEIR_PART.get(role, ()):
        return False
    return role in BESIDES.get((verb, state), WHO[verb])


def as_it_stands(application):
    """Everything of it that an attempt could have changed."""
    row = Application.objects.filter(pk=application.pk).values().get()
    return (
        row,
        AuditEntry.objects.count(),
        LedgerEntry.objects.count(),
        list(CaseFile.objects.filter(case=application).values_list("pk", "removed_at").order_by("pk")),
        list(Correction.objects.filter(case=application).values().order_by("pk")),
        list(Instalment.objects.values_list("pk", "status").order_by("pk")),
        list(Payment.objects.values_list("pk", "status").order_by("pk")),
        list(application.appeals.values().order_by("pk")),
    )


class Undone(Exception):
    """Rolls an attempt back."""


def attempt(cases, verb, state, role, before):
    """The state it led to, or None where it was refused; and then nothing of it is left: it stands as ``before``."""
    application, reached = cases.fresh(state), None
    try:
        with transaction.atomic():
            try:
                with transaction.atomic():
                    DO[verb](application, cases.actor(role, application), cases.people)
            except (Refused, PermissionDenied, Invalid):
                assert as_it_stands(application) == before
            else:
                if as_it_stands(application) == before:  # handed in twice: the same receipt
                    raise Undone
                reached = State(cases.fresh(state).state)
                assert AuditEntry.objects.filter(case=application.pk).first().after == reached
            raise Undone
    except Undone:
        return reached


@pytest.mark.crawl
@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("state", State)
def test_a_verb_leads_where_the_table_says_for_whom_it_says_and_nowhere_else(cases, state, verb):
    wrong, before = [], as_it_stands(cases.fresh(state))

    for role in ROLES:
        reached = attempt(cases, verb, state, role, before)
        allowed = may(verb, state, role)
        if allowed != (reached is not None) or (allowed and reached not in MOVES[verb][state]):
            wrong.append((role, reached))

    assert wrong == []


def test_every_verb_has_its_moves_and_a_way_to_do_it():
    assert MOVES.keys() == set(Verb) == DO.keys() == WHO.keys()


def test_every_state_can_be_reached_from_a_draft_and_has_been(cases):
    reached, new = set(), {State.DRAFT}
    while new:
        reached |= new
        new = {to for moves in MOVES.values() for state in reached for to in moves.get(state, ())} - reached

    assert reached == set(State)
    assert {state: cases.fresh(state).state for state in State} == {state: state for state in State}
    assert list(verify()) == []


# The same over the API

OVER_API = {
    Verb.SUBMIT: ("submit", lambda row: {"version": row.version, "declared": True}),
    Verb.CORRECT: (
        "correct",
        lambda row: {"files": {MATERIAL: [str(world.evidence(row.operator).public_id)]}},
    ),
    Verb.WITHDRAW: ("withdraw", lambda row: {}),
    Verb.APPEAL: ("appeal", lambda row: {"words": "合同已经续签，请再看一次。"}),
}
NOT_YOURS, NOT_NOW = {403, 404}, {409}


@pytest.fixture(scope="module")
def token(cases):
    answer = Client().post(
        "/api/v1/auth/token/",
        "grant_type=client_credentials&client_id=bank&client_secret=bank-secret",
        content_type="application/x-www-form-urlencoded",
    )
    return answer.json()["access_token"]


def browser(cases, role, application, token):
    if role == "program":
        return Client(headers={"Authorization": f"Bearer {token}"})
    client = Client()
    if role != "nobody":
        client.force_login(cases.actor(role, application))
    return client


def ask(cases, verb, state, role, token):
    """The status of one request; what it did is undone."""
    application = cases.fresh(state)
    name, body = OVER_API[verb]
    try:
        with transaction.atomic():
            answer = browser(cases, role, application, token).post(
                f"/api/v1/applications/{application.public_id}/{name}/",
                json.dumps(body(application)),
                content_type="application/json",
                headers={"Idempotency-Key": "once"},
            )
            raise Undone
    except Undone:
        return answer.status_code


@pytest.mark.crawl
@pytest.mark.parametrize("verb", OVER_API)
def test_the_api_does_the_same_and_says_404_403_or_409(cases, verb, token, settings):
    settings.ANONYMOUS_REQUESTS_PER_SECOND = 100_000
    wrong = []

    for state in State:
        for role in ROLES:
            status = ask(cases, verb, state, role, token)
            if role == "nobody":
                expected = {401}
            elif role not in OWNERS:
                expected = NOT_YOURS
            else:
                expected = {200} if may(verb, state, role) else NOT_NOW
            if status not in expected:
                wrong.append((state, role, status))

    assert wrong == []
