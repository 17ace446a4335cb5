"""What is to be told outside becomes one digest for a person and channel, or is counted as withheld."""

from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import withdraw
from accounts.models import User
from eligibility.models import Holding
from notifications.models import Change, Delivery, DeliveryItem, KillSwitch, Notification, OptOut, Outbox
from notifications.outside.delivery_terms import after_quiet_hours, begins_next_month, is_quiet, month_start
from notifications.outside.digest_queue import gather
from notifications.outside.preferences import set_choice, stop
from tests.notifications import register
from tests.notifications.people import MORNING, outbox, owner_of, push, waiting, withheld

both_engines = pytest.mark.django_db(databases=["default", "postgres"])
pytestmark = pytest.mark.every_engine("SQL")


def at(text):
    return datetime.fromisoformat(text)


@pytest.fixture
def morning(engine, time_machine, settings):
    """Ten o'clock; short messages and mail are set up."""
    time_machine.move_to(MORNING, tick=False)
    settings.SMS_PROVIDER, settings.SMS_URL = "http", "https://sms.example.cn/"
    settings.EMAIL_URL = "smtp://mail.example.cn"


@pytest.fixture
def shop(morning):
    return register.open_shop(1)


def tell(user, message, *, critical=False):
    Outbox.objects.create(user=user, notification=message, critical=critical)


def sent(user, channel, on, **values):
    return Delivery.objects.create(
        user=user,
        channel=channel,
        status="sent",
        tries=1,
        due_at=at(on),
        sent_at=at(on),
        claimed_at=at(on),
        **values,
    )


@both_engines
def test_a_push_becomes_one_digest_on_each_channel_that_somebody_can_be_reached_on(shop):
    owner_of(shop, email="zhang@example.cn")
    for code in ("T01a", "T01b", "T01c"):
        register.publish(code)
    push()

    assert gather() == 3

    due = at("2026-11-25T10:10:00+08:00")
    assert waiting() == [("email", 3, due, False), ("sms", 3, due, False)]
    assert (outbox(), withheld()) == (0, {})


@both_engines
def test_what_comes_later_joins_the_digest_that_waits(shop):
    owner_of(shop)
    register.publish("T01a")
    push()
    gather()
    register.publish("T01b")
    push()

    gather()

    assert waiting() == [("sms", 2, at("2026-11-25T10:10:00+08:00"), False)]


@both_engines
def test_a_digest_that_was_claimed_before_is_joined_no_more(shop):
    owner_of(shop)
    register.publish("T01a")
    push()
    gather()
    Delivery.objects.update(claimed_at=timezone.now(), tries=1)  # is tried again later
    register.publish("T01b")
    push()

    gather()

    next_day = at("2026-11-26T08:00:00+08:00")  # twenty hours after that try, when the quiet hours are over
    assert waiting() == [
        ("sms", 1, at("2026-11-25T10:10:00+08:00"), False),
        ("sms", 1, next_day, False),
    ]


@both_engines
@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-25T20:49:00+08:00", "2026-11-25T20:59:00+08:00"),
        ("2026-11-25T20:50:00+08:00", "2026-11-26T08:00:00+08:00"),
        ("2026-11-25T23:30:00+08:00", "2026-11-26T08:00:00+08:00"),
        ("2026-11-26T03:00:00+08:00", "2026-11-26T08:00:00+08:00"),
        ("2026-11-26T07:50:00+08:00", "2026-11-26T08:00:00+08:00"),
    ],
)
def test_nobody_is_disturbed_at_night(shop, time_machine, now, due):
    owner_of(shop)
    time_machine.move_to(now, tick=False)
    register.publish()
    push()

    gather()

    assert waiting() == [("sms", 1, at(due), False)]


@both_engines
def test_an_urgent_message_waits_for_nothing_and_takes_its_digest_along(shop, time_machine):
    user = owner_of(shop)
    time_machine.move_to("2026-11-25T23:00:00+08:00", tick=False)
    sent(user, "sms", "2026-11-25T20:00:00+08:00")
    register.publish("T01a")
    push()
    gather()
    register.publish("T01b")
    push()
    Outbox.objects.update(critical=True)

    gather()

    assert waiting() == [("sms", 2, at("2026-11-25T23:10:00+08:00"), True)]


@both_engines
def test_one_digest_a_day(shop, time_machine):
    user = owner_of(shop)
    sent(user, "sms", "2026-11-25T09:00:00+08:00")
    register.publish()
    push()

    gather()

    assert waiting() == [("sms", 1, at("2026-11-26T08:00:00+08:00"), False)]


@both_engines
def test_over_the_cap_of_a_month_messages_are_counted_and_stay_in_the_inbox(shop):
    user = owner_of(shop, email="zhang@example.cn")
    for day in (2, 9, 16):
        sent(user, "sms", f"2026-11-{day:02}T09:00:00+08:00")
    Delivery.objects.create(
        user=user,
        channel="sms",
        status="unknown",
        tries=1,
        due_at=timezone.now(),
        sent_at=at("2026-11-23T09:00+08:00"),
    )
    Delivery.objects.create(user=user, channel="email", status="failed", tries=6, due_at=timezone.now())
    register.publish("T01a")
    register.publish("T01b")
    push()

    gather()

    assert [row[:2] for row in waiting()] == [("email", 2)]
    assert withheld() == {("sms", "cap"): 2}
    assert Notification.objects.count() == 2


@both_engines
def test_an_urgent_message_is_sent_over_the_cap(shop):
    user = owner_of(shop)
    for day in (2, 9, 16, 23):
        sent(user, "sms", f"2026-11-{day:02}T09:00:00+08:00")
    register.publish("T01a")
    register.publish("T01b")
    push()
    first = Outbox.objects.order_by("pk").first()
    Outbox.objects.filter(pk=first.pk).update(critical=True)

    gather()

    assert [row[:2] for row in waiting()] == [("sms", 1)]
    assert DeliveryItem.objects.get().notification_id == first.notification_id
    assert withheld() == {("sms", "cap"): 1}


@both_engines
def test_what_was_sent_last_month_does_not_count(shop, time_machine):
    user = owner_of(shop)
    for day in (26, 27, 28, 29):
        sent(user, "sms", f"2026-10-{day:02}T09:00:00+08:00")
    register.publish()
    push()

    gather()

    assert [row[:2] for row in waiting()] == [("sms", 1)]


def ends_the_consent(user, shop):
    withdraw(user, "push")
    OptOut.objects.all().delete()  # which follows the withdrawal and says the same


def closes_the_account(user, shop):
    User.objects.filter(pk=user.pk).update(is_active=False)


def unbinds(user, shop):
    user.bindings.update(ended_at=timezone.now())


def stops_the_channel(user, shop):
    stop(user.pk, "sms")


def is_not_interested(user, shop):
    OptOut.objects.create(operator=shop.operator, benefit=Notification.objects.get().benefit)


def applies(user, shop, benefit=None):
    Holding.objects.create(
        operator=shop.operator,
        business=shop,
        benefit=benefit or Notification.objects.get().benefit,
        kind="applied",
        since=timezone.localdate(),
    )


def applies_for_what_excludes_it(user, shop):
    """Nobody has looked at the shop since."""
    other = register.publish("T01b", excludes=["T01a"]).benefit
    applies(user, shop, other)


def sees_a_new_version(user, shop):
    register.put_in_force(register.draft(Notification.objects.get().benefit, amount={"fixed": "6000"}))


def no_longer_fits(user, shop):
    from eligibility.models import Match

    Match.objects.update(closed_on=timezone.localdate())


@both_engines
@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (ends_the_consent, "no_consent"),
        (closes_the_account, "closed"),
        (unbinds, "unbound"),
        (stops_the_channel, "stopped"),
        (is_not_interested, "dismissed"),
        (applies, "held"),
        (applies_for_what_excludes_it, "held"),
        (sees_a_new_version, "superseded"),
        (no_longer_fits, "changed"),
    ],
)
def test_what_no_longer_holds_is_not_sent_and_is_counted(shop, happens, reason):
    user = owner_of(shop)
    register.publish()
    push()

    happens(user, shop)
    gather()

    assert (waiting(), outbox(), withheld()) == ([], 0, {("sms", reason): 1})


@both_engines
@pytest.mark.parametrize(
    ("choose", "channels"),
    [
        ({}, ["email", "sms"]),
        ({("sms", Change.NEW): False}, ["email"]),
        ({("email", Change.NEW): False}, ["sms"]),
        ({("sms", Change.NEW): False, ("email", Change.NEW): False}, []),
    ],
)
def test_a_person_chooses_the_channels_of_a_kind(shop, choose, channels):
    user = owner_of(shop, email="zhang@example.cn")
    for (channel, kind), wanted in choose.items():
        set_choice(user, channel, kind, wanted)
    register.publish()
    push()

    gather()

    assert [row[0] for row in waiting()] == channels
    assert withheld() == {}


@both_engines
def test_of_smaller_changes_only_mail_tells_unless_somebody_chose_otherwise(shop):
    user = owner_of(shop, email="zhang@example.cn")
    register.publish()
    push()
    Outbox.objects.all().delete()
    ended = Notification.objects.get()
    Notification.objects.filter(pk=ended.pk).update(kind=Change.AMOUNT)
    ended.refresh_from_db()
    tell(user, ended)
    gather()
    assert [row[0] for row in waiting()] == ["email"]

    DeliveryItem.objects.all().delete()
    Delivery.objects.all().delete()
    set_choice(user, "sms", Change.AMOUNT, True)
    tell(user, ended)
    gather()

    assert [row[0] for row in waiting()] == ["email", "sms"]


@both_engines
def test_an_address_that_is_not_confirmed_gets_nothing(shop):
    user = owner_of(shop, email="zhang@example.cn")
    user.reaches.update(confirmed_at=None)
    User.objects.filter(pk=user.pk).update(phone_verified_at=None)
    register.publish()
    push()

    gather()

    assert (waiting(), outbox()) == ([], 0)


@both_engines
def test_a_message_goes_to_a_person_on_a_channel_once(shop):
    user = owner_of(shop)
    register.publish()
    push()
    message = Notification.objects.get()
    tell(user, message)
    gather()
    tell(user, message)

    assert gather() == 1

    assert [row[:2] for row in waiting()] == [("sms", 1)]
    assert DeliveryItem.objects.count() == 1


@both_engines
def test_while_the_switch_is_off_everything_stays_where_it_is(shop):
    owner_of(shop)
    register.publish()
    push()
    KillSwitch.objects.create(reason="出错了")

    assert (gather(), outbox(), waiting()) == (0, 1, [])


@both_engines
def test_the_number_of_statements_does_not_grow_with_the_people(morning):
    counts = []
    for first, people in ((1, 3), (10, 30)):
        for number in range(first, first + people):
            owner_of(register.open_shop(number), number, email=f"m{number}@example.cn")
        register.publish(f"T01{'ab'[first > 1]}")
        push()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            gather()
        counts.append(len(queries))

    assert counts[1] <= counts[0]
    assert DeliveryItem.objects.count() == 2 * (3 + 33)


@pytest.mark.parametrize("hours", [None, (time(21), time(8)), (time(0), time(8)), (time(20, 30), time(0))])
@pytest.mark.parametrize("month", [2, 11, 12])
def test_what_is_due_in_the_last_night_of_a_month_goes_out_in_the_next(settings, hours, month):
    settings.QUIET_HOURS = hours
    moment = datetime(2026, month, 27, tzinfo=timezone.get_current_timezone())
    begins = begins_next_month(moment)

    for minutes in range(0, 6 * 24 * 60, 5):
        due = moment + timedelta(minutes=minutes)
        goes_out_later = month_start(after_quiet_hours(due)) > month_start(moment)
        assert goes_out_later == (due >= begins), due


@pytest.mark.django_db
def test_a_day_has_no_quiet_hours_where_the_city_set_none(settings, time_machine):
    settings.QUIET_HOURS = None
    night = at("2026-11-25T23:00:00+08:00")

    assert (is_quiet(night), after_quiet_hours(night)) == (False, night)
    assert after_quiet_hours(night + timedelta(hours=3)) == night + timedelta(hours=3)
