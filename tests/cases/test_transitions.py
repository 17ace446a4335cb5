"""A case changes in one way: what is saved is named, who may not is told so, and of two who saw the same one wins."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from cases import procedure as procedures
from cases.models import AuditEntry, Case
from cases.pages.view import status_of
from cases.transitions import CHANGED_SINCE, Unsaved, change, locked, move, touch
from cases.wording import near_day
from core.errors import Refused
from core.invariants import broken
from notifications.models import Letter
from subsidies.models import Application
from tests.notifications.register import open_shop
from tests.subsidies import world

from .toy import TOY


@pytest.fixture
def toys(monkeypatch):
    """The toy procedure, known for one test."""
    monkeypatch.setitem(procedures.PROCEDURES, TOY.key, TOY)


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def question(toys, people):
    """A question that somebody has begun to ask, of the toy procedure: without money and without a rule of its own."""
    benefit, shop = world.grant_of_money(), open_shop(1)
    return Case.objects.create(
        procedure=TOY.key,
        business=shop,
        operator=shop.operator,
        benefit=benefit,
        benefit_version=benefit.versions.get(),
        department=people.department,
        begun_by=world.owner_of(shop),
    )


@pytest.fixture
def owner(question):
    return question.begun_by


def handed_in(question, owner):
    row = locked(question)
    move(row, "hand_in", by=owner, number="T-1", submitted_at=timezone.now(), submitter=owner)
    return row


def test_another_procedure_lives_in_the_same_table(question, owner, people):
    row = handed_in(question, owner)
    move(row, "answer", by=people.reviewer)

    found = Case.objects.get(pk=question.pk)
    assert (found.state, found.phase, found.outcome, found.standing) == ("answered", "open", "", True)
    assert type(found) is Case
    assert found.subject == f"case {found.pk}"
    assert not Application.objects.filter(pk=question.pk).exists()
    told = Letter.objects.get()
    assert (told.title, told.key) == ("有答复了", f"case {found.pk} 2 answer")
    verbs = (
        AuditEntry.objects.filter(case=found.pk).order_by("sequence").values_list("verb", "before", "after")
    )
    assert list(verbs) == [("hand_in", "draft", "open"), ("answer", "open", "answered")]
    assert [title for title, rows in broken() if rows] == []


def test_entering_a_state_does_what_it_says_of_the_clock(question, owner, people):
    row = handed_in(question, owner)
    due = row.due_on
    move(row, "ask", by=people.reviewer, reason="请写哪家店")
    stopped = (row.stopped_on, row.days_left)
    move(row, "supply", by=owner)

    assert due is not None
    assert stopped == (timezone.localdate(), 5)
    assert (row.stopped_on, row.days_left, row.due_on) == (None, None, due)


def test_a_headline_names_the_bureau_and_the_day(question, owner):
    row = handed_in(question, owner)
    today = timezone.localdate()

    said = status_of(row, today)["sentence"]

    assert said == f"等试验局接办，最迟 {near_day(row.due_on, today)}有结果"


def test_what_a_verb_needs_must_be_there(question, owner, people):
    row = handed_in(question, owner)

    with pytest.raises(Refused, match="给店主的理由"):
        move(row, "ask", by=people.reviewer)

    assert Case.objects.get(pk=question.pk).state == "open"


def test_who_may_not_is_told_so(question, owner, people):
    row = handed_in(question, owner)

    with pytest.raises(PermissionDenied):
        move(row, "answer", by=owner)
    with pytest.raises(PermissionDenied):
        move(row, "expire", by=people.reviewer)
    move(row, "expire")

    assert Case.objects.get(pk=question.pk).outcome == "expired"


def test_what_leads_nowhere_is_refused_in_the_words_of_whoever_asks(question, owner, people):
    row = handed_in(question, owner)

    with pytest.raises(Refused, match="现在是“等待接办”，不能提问"):
        move(row, "hand_in", by=owner)
    with pytest.raises(Refused, match="现在是“等待接办”，不能确认"):
        move(row, "solve", by=owner)
    move(row, "answer", by=people.reviewer)
    with pytest.raises(Refused, match="现在是“已答复”，不能答复"):
        move(row, "answer", by=people.reviewer)


def test_columns_that_nobody_would_have_saved_are_named(question, owner):
    row = locked(question)
    row.reason = "忘了交给 move"
    row.answers["staff"] = 3

    with pytest.raises(Unsaved) as problem:
        move(row, "hand_in", by=owner, number="T-1", submitted_at=timezone.now())

    assert problem.value.names == ["answers", "reason"]
    assert Case.objects.get(pk=question.pk).state == "draft"


def test_a_column_that_there_is_not_is_a_mistake(question):
    row = locked(question)

    with pytest.raises(TypeError, match="amount_in_yuan"):
        touch(row, amount_in_yuan=5)


def test_what_was_changed_before_is_saved_with_what_moves_it(question, owner):
    row = locked(question)
    change(row, reason="先放着")
    move(row, "hand_in", by=owner, number="T-1", submitted_at=timezone.now())

    found = Case.objects.get(pk=question.pk)
    assert (found.reason, found.version) == ("先放着", 2)


def test_a_draft_thrown_away_meanwhile_is_told_so(question):
    Case.objects.filter(pk=question.pk).delete()

    with pytest.raises(Refused, match="草稿已经删掉了"):
        locked(question)


def test_of_two_who_saw_the_same_one_wins(question, owner):
    first, second = locked(question), locked(question)
    move(first, "hand_in", by=owner, number="T-1", submitted_at=timezone.now())

    with pytest.raises(Refused, match=CHANGED_SINCE):
        touch(second, reason="晚了一步")

    assert Case.objects.get(pk=question.pk).reason == ""


def test_a_state_set_in_sql_brings_what_follows_from_it(people):
    benefit, shop = world.grant_of_money(), open_shop(1)
    world.envelope(benefit)
    filed = world.filed(benefit, shop, world.owner_of(shop))

    Application.objects.filter(pk=filed.pk).update(state="withdrawn")

    found = Application.objects.get(pk=filed.pk)
    assert (found.phase, found.outcome, found.standing) == ("closed", "withdrawn", False)


def test_a_row_comes_as_what_it_is(people):
    benefit, shop = world.grant_of_money(), open_shop(1)
    world.envelope(benefit)
    filed = world.filed(benefit, shop, world.owner_of(shop))

    assert type(Case.objects.get(pk=filed.pk)) is Application
    assert type(Case.objects.only("number").get(pk=filed.pk)) is Case
    assert Case.objects.get(pk=filed.pk) == filed


BROKEN = {
    "no_case_ends_without_an_outcome": {"phase": "closed", "outcome": "", "number": "T-9"},
    "case_phase_is_known": {"phase": "asleep", "number": "T-9"},
    "only_subsidies_have_money": {"amount_fen": 100},
    "filed_application_has_a_number": {"phase": "open", "number": ""},
    "refusal_says_why": {"phase": "closed", "outcome": "no_help", "number": "T-9", "reason": ""},
    "granted_application_is_whole": {"phase": "open", "outcome": "granted", "number": "T-9"},
    "case_is_about_somebody": {"business": None},
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_holds_what_must_be_so_of_every_case(question, name):
    values = {"submitted_at": timezone.now(), **BROKEN[name]}

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Case.objects.filter(pk=question.pk).update(**values)


def test_a_move_costs_the_same_few_statements_whatever_the_procedure(question, owner, people):
    row = handed_in(question, owner)

    with CaptureQueriesContext(connection) as queries:
        move(row, "answer", by=people.reviewer)

    updates = [one["sql"] for one in queries if one["sql"].startswith('UPDATE "cases_case"')]
    assert len(updates) == 1


def test_a_person_without_a_shop_sees_what_they_asked(toys, people):
    asker, other = User.objects.begin_with_phone("13700000011"), User.objects.begin_with_phone("13700000012")
    benefit = world.grant_of_money()
    row = Case.objects.create(
        procedure=TOY.key,
        asker=asker,
        benefit=benefit,
        benefit_version=benefit.versions.get(),
        department=people.department,
    )

    assert list(Case.objects.visible_to(asker)) == [row]
    assert list(Case.objects.visible_to(other)) == []
    move(locked(row), "hand_in", by=asker, number="T-2", submitted_at=timezone.now())
    assert list(Case.objects.visible_to(people.reviewer)) == [row]
