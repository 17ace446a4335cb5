"""The pages of staff do what the table of moves says, for every state and role; all else is 403, 404 or 409."""

import pytest
from django.db import transaction
from django.test import Client

from subsidies.procedure import State, Verb
from tests.subsidies import world

from .cases import OWNERS, ROLES
from .test_moves import Undone, as_it_stands, may

pytestmark = pytest.mark.django_db
NOT_STAFF = (*OWNERS, "another owner", "viewing agent", "nobody")
STAFF = [role for role in ROLES if role not in NOT_STAFF]
WRONG = {f"chosen-material-{place}": "1" for place in range(6)} | {
    f"reason-material-{place}": "照片不清楚，看不见文字" for place in range(6)
}
# What is sent to each page, and the verbs that it may come to. Whoever refuses or passes what was only handed in
# accepts it with the same press.
PAGES = {
    "act": (lambda row: {"do": "pass"}, (Verb.ACCEPT, Verb.RECOMMEND, Verb.APPROVE)),
    "refuse": (
        lambda row: {"failed": [one["id"] for one in row.judged.get("criteria", [])], "reason": world.REASON},
        (Verb.REFUSE, Verb.ACCEPT),
    ),
    "correct": (lambda row: {"do": "send", **WRONG}, (Verb.REQUEST_CORRECTION,)),
    "send-back": (lambda row: {"note": "请再核对合同"}, (Verb.SEND_BACK,)),
}


def press(cases, page, state, role):
    """(status, where it leads, whether anything has changed); what it did is undone."""
    application, client = cases.fresh(state), Client()
    before = as_it_stands(application)
    if role != "nobody":
        client.force_login(cases.actor(role, application))
    sent = {"expected_version": application.version, **PAGES[page][0](application)}
    try:
        with transaction.atomic():
            answer = client.post(f"/admin/subsidies/application/{application.pk}/{page}/", sent)
            has_changed = as_it_stands(application) != before
            raise Undone
    except Undone:
        return answer.status_code, answer.get("Location", ""), has_changed


@pytest.mark.crawl
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("state", State)
def test_a_page_moves_what_the_table_lets_it_move_and_else_says_403_404_or_409(cases, state, page):
    wrong = []

    for role in STAFF:
        status, _, has_changed = press(cases, page, state, role)
        allowed = any(may(verb, state, role) for verb in PAGES[page][1])
        if (has_changed, status in (302, 403, 404, 409)) != (allowed, True) or (status == 302) != allowed:
            wrong.append((role, status, has_changed, allowed))

    assert wrong == []


@pytest.mark.crawl
@pytest.mark.parametrize("page", PAGES)
def test_who_is_no_staff_is_asked_to_sign_in_as_such_whatever_the_state(cases, page):
    wrong = []

    for state in State:
        for role in NOT_STAFF:
            if role == "program":
                continue  # holds a token, which opens no page
            status, where, has_changed = press(cases, page, state, role)
            if (status, "/login/" in where, has_changed) != (302, True, False):
                wrong.append((state, role, status, where))

    assert wrong == []
