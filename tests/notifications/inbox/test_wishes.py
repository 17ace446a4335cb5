"""What an owner does with messages: opened, acted on, not wanted, stopped, taken along, forgotten."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actions import agree, has_agreed, withdraw
from core import own_data
from core.errors import Invalid, Refused
from notifications import actions, sweep
from notifications.inbox import cards
from notifications.models import Change, Choice, ContactPoint, Notification, OptOut
from notifications.outside.preferences import choices_of

from ..readers import cards_of, newest, owner_of
from ..register import TODAY, draft, open_shop, publish, put_in_force

pytestmark = pytest.mark.django_db(databases=["default", "postgres"])


@pytest.fixture(autouse=True)
def on_each_engine(engine):
    """Every test runs on SQLite and on PostgreSQL."""


# What is done with it


@pytest.fixture
def told(engine):
    """(owner, their message)."""
    shop = open_shop(1)
    owner = owner_of(shop)
    publish()
    sweep.relay()
    return owner, newest(shop)


def test_a_message_is_opened_and_acted_on_once(told):
    owner, row = told

    assert (actions.open_message(row, by=owner), actions.open_message(row, by=owner)) == (True, False)
    opened = Notification.objects.get().opened_at
    assert (actions.act(row, by=owner), actions.act(row, by=owner)) == (True, False)
    row = Notification.objects.get()
    assert (row.opened_at, row.acted_at is not None, cards.unread_count(owner)) == (opened, True, 0)


def test_who_acts_has_opened(told):
    owner, row = told

    actions.act(row, by=owner)

    assert Notification.objects.get().opened_at is not None


def test_what_does_not_interest_is_not_told_again_until_it_is_undone(told):
    owner, row = told

    silence = actions.dismiss(row, "not_needed", " 我不租店 ", by=owner)
    again = actions.dismiss(row, "other", by=owner)

    assert (silence.pk, silence.reason, silence.note, silence.by) == (
        again.pk,
        "not_needed",
        "我不租店",
        owner,
    )
    assert (cards_of(owner), cards.unread_count(owner)) == ([], 0)
    put_in_force(draft(row.benefit, amount={"fixed": "6000"}))
    sweep.relay()
    assert Notification.objects.count() == 1
    actions.undo(silence, by=owner)
    assert cards_of(owner) == [("试验补贴", "新的政策")]
    assert OptOut.objects.get().ended_at is not None


@pytest.mark.parametrize(
    ("reason", "note", "code"),
    [
        ("", "", "invalid_choice"),
        ("no", "", "invalid_choice"),
        ("other", "长" * 201, "too_long"),
        ("other", "打 13800000001", "number_in_text"),
    ],
)
def test_a_reason_that_is_none_and_a_note_with_a_number_are_refused(told, reason, note, code):
    owner, row = told

    with pytest.raises(Invalid) as refused:
        actions.dismiss(row, reason, note, by=owner)

    assert [fault.code for fault in refused.value.faults] == [code]
    assert OptOut.objects.count() == 0


def test_a_kind_that_is_muted_is_not_told_of_any_benefit(told):
    owner, row = told

    actions.mute(row, by=owner)
    publish("T01b")
    sweep.relay()

    assert Notification.objects.count() == 1
    assert [silence.kind for silence in actions.silences_of(owner)] == [Change.NEW]


def test_a_silence_of_another_is_not_theirs_to_end(told):
    owner, row = told
    silence = actions.dismiss(row, "done_elsewhere", by=owner)

    with pytest.raises(PermissionDenied):
        actions.undo(silence, by=owner_of(open_shop(2), 2))

    assert OptOut.objects.get().ended_at is None


# Pushes as a whole


def test_whoever_is_asked_says_yes_or_no_and_is_not_asked_again(told):
    owner, _ = told
    other = owner_of(open_shop(2), 2)
    assert not actions.has_answered(owner)

    actions.turn_on(owner)
    actions.decline(other)

    assert (actions.has_answered(owner), actions.has_answered(other)) == (True, True)
    assert (has_agreed(owner, "push"), has_agreed(other, "push")) == (True, False)
    assert [wanted for (channel, _), wanted in choices_of(other).items() if channel == "sms"] == [False] * 5
    with pytest.raises(Refused):
        actions.decline(owner)


def test_who_said_no_and_then_yes_hears_what_anybody_hears(told):
    owner, _ = told
    actions.decline(owner)

    actions.turn_on(owner)

    assert [kind for (channel, kind), wanted in choices_of(owner).items() if channel == "sms" and wanted] == [
        Change.NEW,
        Change.REMINDER,
    ]


def test_stopping_everything_takes_back_the_agreement_and_ends_messages_in_the_inbox(told):
    owner, _ = told
    actions.turn_on(owner)

    actions.stop_all(owner)
    actions.stop_all(owner)
    publish("T01b")
    sweep.relay()

    assert (has_agreed(owner, "push"), actions.is_stopped(owner)) == (False, True)
    assert (OptOut.objects.count(), Notification.objects.count()) == (1, 1)
    actions.turn_on(owner)
    publish("T01c")
    sweep.relay()
    assert (has_agreed(owner, "push"), actions.is_stopped(owner)) == (True, False)
    assert Notification.objects.count() == 2


def test_taking_the_agreement_back_elsewhere_stops_the_inbox_too(told):
    owner, _ = told
    agree(owner, "push")

    withdraw(owner, "push")

    assert actions.is_stopped(owner)


def test_the_silence_over_everything_is_ended_by_agreeing_and_by_nothing_else(told):
    owner, _ = told
    actions.stop_all(owner)

    with pytest.raises(Refused):
        actions.undo(OptOut.objects.get(), by=owner)

    assert actions.is_stopped(owner)


# One's own data


def test_the_export_holds_messages_wishes_and_addresses_and_leaving_forgets_them(told):
    owner, row = told
    actions.dismiss(row, "other", "用不上", by=owner)
    ContactPoint.objects.create(user=owner, channel="email", address="zhang@example.cn")
    actions.decline(owner)

    found = own_data.export_all(owner)["messages"]

    assert [(one["benefit"], one["kind"], one["day"]) for one in found["messages"]] == [
        ("T01a", "new", TODAY().isoformat())
    ]
    assert [(one["benefit"], one["reason"], one["note"]) for one in found["silences"]] == [
        ("T01a", "other", "用不上")
    ]
    assert [one["address"] for one in found["reached_at"]] == ["zhang@example.cn"]
    assert {(one["channel"], one["wanted"]) for one in found["choices"]} == {("sms", False)}
    own_data.erase_all(owner)
    assert (ContactPoint.objects.count(), Choice.objects.count()) == (0, 0)
    assert list(OptOut.objects.values_list("by", "note", "ended_at")) == [(None, "", None)]
