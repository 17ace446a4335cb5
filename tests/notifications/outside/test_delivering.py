"""Deliveries are claimed, sent and marked; whatever happens in between, nothing is sent twice by itself."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.actions import withdraw
from accounts.models import AccessEvent, User
from businesses.models import Business
from core.errors import Refused
from eligibility.models import Match
from notifications.models import ChannelState, ContactPoint, Delivery, DeliveryItem, KillSwitch, Notification
from notifications.outside import delivering
from notifications.outside.delivering import deliver, redrive, sweep
from notifications.outside.delivery_terms import delivery_terms
from notifications.outside.digest_queue import gather
from notifications.outside.preferences import stop
from notifications.sweep import relay
from tests.notifications import register
from tests.notifications.gateways import HANG_UP
from tests.notifications.people import MORNING, later, owner_of, push, statuses, withheld

ONE = "演师傅，您可申请试验补贴5000元。到“政策直通车”办，不收费。退订回T"
TWO = "演师傅，您有2项新政策可以享受。到“政策直通车”看，不收费。退订回T"
both_engines = pytest.mark.django_db(databases=["default", "postgres"])
pytestmark = pytest.mark.every_engine("locks")


def told(people=1, benefits=("T01a",)):
    """``people`` owners who have been told of ``benefits``; their users."""
    users = [owner_of(register.open_shop(number), number) for number in range(1, people + 1)]
    for code in benefits:
        register.publish(code)
    push()
    gather()
    return users


def row():
    return Delivery.objects.get()


@both_engines
def test_what_is_due_is_sent_once_with_its_key(sending_morning, messages):
    told(people=3, benefits=("T01a", "T01b"))
    assert deliver() == 0
    later(sending_morning, minutes=10)

    assert deliver() == 3
    assert deliver() == 0

    assert sorted(messages.keys) == sorted(str(key) for key in Delivery.objects.values_list("key", flat=True))
    assert [body["id"] for body in messages.bodies] == messages.keys
    assert {body["text"] for body in messages.bodies} == {TWO}
    assert sorted(body["to"] for body in messages.bodies) == ["13900000001", "13900000002", "13900000003"]
    assert statuses() == [("sms", "sent")] * 3
    assert set(Delivery.objects.values_list("tries", "sent_at")) == {(1, timezone.now())}


@both_engines
def test_a_gateway_that_is_busy_is_tried_again_with_the_same_key_and_more_time_between(
    sending_morning, messages
):
    told()
    later(sending_morning, minutes=10)
    messages.answers = [503] * 6
    waits = []

    while row().status == "pending":
        due = row().due_at
        waits.append(due)
        sending_morning.move_to(due, tick=False)
        deliver()
        ChannelState.objects.update(failures=0, rests_until=None)

    spans = [int((after - before).total_seconds() // 60) for before, after in pairwise(waits)]
    assert spans == [1, 5, 30, 120, 360]
    assert (row().status, row().tries, row().problem) == ("failed", 6, "网关回答 503")
    assert len(set(messages.keys)) == 1
    assert len(messages.keys) == 6


@both_engines
def test_a_try_again_does_not_fall_into_the_night(sending_morning, messages):
    told()
    Delivery.objects.update(due_at=timezone.now(), tries=4)
    sending_morning.move_to("2026-11-25T17:00:00+08:00", tick=False)
    messages.answers = [503]

    deliver()

    assert row().due_at == datetime.fromisoformat("2026-11-26T08:00:00+08:00")


@both_engines
def test_what_was_due_in_the_evening_and_comes_late_waits_for_the_morning(sending_morning, messages):
    told()
    sending_morning.move_to("2026-11-25T22:00:00+08:00", tick=False)
    assert (deliver(), statuses()) == (0, [("sms", "pending")])
    Delivery.objects.update(critical=True)

    assert deliver() == 1


@both_engines
def test_an_address_that_is_refused_is_not_used_again(sending_morning, messages):
    (user,) = told()
    later(sending_morning, minutes=10)
    messages.answers = [422]

    deliver()

    reach = ContactPoint.objects.get()
    assert (row().status, row().problem) == ("failed", "网关回答 422：地址不能用，或对方已退订")
    assert (reach.user_id, reach.channel, reach.stopped_because) == (user.pk, "sms", "地址不能用")
    register.publish("T01b")
    push()
    gather()
    assert withheld() == {("sms", "stopped"): 1}


@both_engines
def test_a_connection_lost_before_the_answer_is_unknown_and_never_repeated(sending_morning, messages):
    told()
    later(sending_morning, minutes=10)
    messages.answers = [HANG_UP]

    deliver()
    later(sending_morning, days=3)
    deliver()

    assert (row().status, row().problem) == ("unknown", "网关没有回答，不确定是否送达")
    assert len(messages.keys) == 1


@both_engines
def test_a_gateway_that_cannot_be_reached_has_taken_nothing(sending_morning, messages, settings):
    told()
    later(sending_morning, minutes=10)
    settings.SMS_URL = "http://127.0.0.1:9/send"

    deliver()

    assert (row().status, row().problem, row().tries) == ("pending", "网关连不上", 1)


@both_engines
def test_a_worker_that_died_leaves_claims_that_are_unknown_after_ten_minutes(sending_morning, messages):
    told(people=2)
    later(sending_morning, minutes=10)
    claim = delivering._claim("sms")  # and then it is killed
    assert len(claim.deliveries) == 2

    later(sending_morning, minutes=9)
    deliver()
    assert statuses() == [("sms", "sending")] * 2
    later(sending_morning, minutes=2)
    deliver()

    assert statuses() == [("sms", "unknown")] * 2
    assert set(Delivery.objects.values_list("problem", "sent_at")) == {("发送中断，不确定是否送达", claim.at)}
    assert messages.keys == []


@both_engines
def test_a_worker_that_comes_back_too_late_marks_nothing(sending_morning, messages):
    told()
    later(sending_morning, minutes=10)
    claim = delivering._claim("sms")
    later(sending_morning, minutes=11)
    sweep()

    delivering._send("sms", claim, float("inf"))

    assert statuses() == [("sms", "unknown")]


@both_engines
def test_while_the_switch_is_off_nothing_goes_out(sending_morning, messages):
    told()
    later(sending_morning, minutes=10)
    claim = delivering._claim("sms")
    KillSwitch.objects.create(reason="出错了")

    delivering._send("sms", claim, float("inf"))
    deliver()

    assert (row().status, row().tries, messages.keys) == ("pending", 0, [])
    KillSwitch.objects.all().delete()
    assert deliver() == 1


def takes_consent_back(user):
    withdraw(user, "push")


def stops(user):
    ContactPoint.objects.create(
        user=user, channel="sms", stopped_at=timezone.now(), stopped_because="本人停用"
    )


def sees_a_new_version(user):
    benefit = Notification.objects.get().benefit
    register.put_in_force(register.draft(benefit, amount={"fixed": "6000"}))


def loses_the_items(user):
    DeliveryItem.objects.all().delete()


@both_engines
@pytest.mark.parametrize(
    ("happens", "problem", "counted"),
    [
        (takes_consent_back, "没有同意推送", {("sms", "no_consent"): 1}),
        (stops, "停用了这个渠道", {("sms", "stopped"): 1}),
        (sees_a_new_version, "政策已更新或撤回", {("sms", "superseded"): 1}),
        (loses_the_items, "没有要说的", {}),
    ],
)
def test_what_happens_between_gathering_and_sending_counts(
    sending_morning, messages, happens, problem, counted
):
    (user,) = told()
    happens(user)
    later(sending_morning, minutes=10)

    assert deliver() == 0

    assert (row().status, row().problem) == ("dropped", problem)
    assert (withheld(), messages.keys) == (counted, [])


@both_engines
def test_stopping_a_channel_drops_what_waits_for_it(sending_morning, messages):
    (user,) = told()

    stop(user.pk, "sms")
    stop(user.pk, "sms", "again")

    assert (row().status, row().problem) == ("dropped", "本人停用")
    assert ContactPoint.objects.get().stopped_because == "本人停用"


@both_engines
def test_of_a_digest_only_what_still_holds_is_said(sending_morning, messages):
    told(benefits=("T01a", "T01b"))
    Match.objects.filter(benefit__code="T01b").update(closed_on=timezone.localdate())
    later(sending_morning, minutes=10)

    deliver()

    assert [body["text"] for body in messages.bodies] == [ONE]
    assert (DeliveryItem.objects.count(), withheld()) == (1, {("sms", "changed"): 1})


@both_engines
def test_one_that_cannot_be_written_fails_and_the_others_arrive(sending_morning, messages):
    told(people=3)
    broken = Delivery.objects.order_by("pk")[1]
    message = Notification.objects.get(pk=DeliveryItem.objects.get(delivery=broken).notification_id)
    gone = Business.objects.order_by("-pk").first().pk + 1000  # a shop that is not there
    Notification.objects.filter(pk=message.pk).update(business=gone)
    Match.objects.filter(business=message.business_id).update(business=gone)
    later(sending_morning, minutes=10)

    assert deliver() == 2

    assert statuses() == [("sms", "sent"), ("sms", "failed"), ("sms", "sent")]
    broken.refresh_from_db()
    assert broken.problem == "内容生成不了（KeyError）"


@both_engines
def test_all_workers_together_keep_to_the_rate_of_a_channel(sending_morning, messages):
    told(people=4)
    later(sending_morning, minutes=10)
    ChannelState.objects.create(
        channel="sms", tokens=103, refilled_at=timezone.now()
    )  # of which 100 are for urgent ones

    assert deliver(seconds=0.5) == 3  # the clock stands still, so nothing is refilled
    later(sending_morning, seconds=0.1)
    assert deliver(seconds=0.5) == 1

    assert ChannelState.objects.get(channel="sms").tokens == pytest.approx(104)


@both_engines
def test_a_channel_that_fails_again_and_again_rests_and_then_tries_one(sending_morning, messages, settings):
    told(people=60)
    later(sending_morning, minutes=10)
    messages.answers = [503] * 60

    deliver()
    state = ChannelState.objects.get(channel="sms")
    # One portion was tried, the rest goes back.
    assert (len(messages.keys), state.problem) == (24, "网关回答 503")
    assert state.rests_until == timezone.now() + timedelta(minutes=5)
    assert sorted(Delivery.objects.values_list("tries", flat=True)) == [0] * 36 + [1] * 24
    deliver()
    assert len(messages.keys) == 24

    later(sending_morning, minutes=5)
    deliver()
    assert len(messages.keys) == 25
    later(sending_morning, minutes=5)
    messages.answers = []
    deliver()

    assert Delivery.objects.filter(status="sent").count() >= 10
    assert ChannelState.objects.get(channel="sms").failures == 0


@both_engines
def test_in_development_a_message_is_shown_instead_of_sent(engine, time_machine, settings, capsys):
    from core.models import DevelopmentMessage

    time_machine.move_to(MORNING, tick=False)
    settings.DEBUG = True
    owner_of(register.open_shop(1), email="zhang@example.cn")
    register.publish()
    push()
    gather()
    later(time_machine, minutes=10)

    assert deliver() == 2

    shown = {(row.channel, row.to): row.text for row in DevelopmentMessage.objects.all()}
    assert sorted(shown) == [("email", "z***@example.cn"), ("sms", "139****0001")]
    assert shown["sms", "139****0001"] == ONE
    assert "13900000001" not in capsys.readouterr().out


@both_engines
def test_the_relay_alone_brings_a_message_from_publication_to_the_phone(sending_morning, messages):
    owner_of(register.open_shop(1))
    register.publish()

    relay()
    later(sending_morning, minutes=10)
    relay()

    assert [body["text"] for body in messages.bodies] == [ONE]


# Staff


@pytest.fixture
def controller(sending_morning):
    user = User.objects.create_user("controller", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["control_pushrun", "view_delivery"]))
    return user


@both_engines
def test_staff_send_an_unknown_one_again_with_the_same_key(sending_morning, messages, controller):
    told()
    later(sending_morning, minutes=10)
    messages.answers = [HANG_UP]
    deliver()

    redrive(row(), by=controller)
    deliver()

    assert (row().status, len(messages.keys), len(set(messages.keys))) == ("sent", 2, 1)
    assert AccessEvent.objects.filter(action="redrive_delivery", subject=f"delivery {row().pk}").count() == 1


@both_engines
def test_only_who_controls_pushes_sends_again_and_only_what_did_not_arrive(
    sending_morning, messages, controller
):
    told()
    other = User.objects.create_user("other", is_staff=True)
    other.user_permissions.set(Permission.objects.filter(codename="view_delivery"))

    with pytest.raises(PermissionDenied):
        redrive(row(), by=other)
    with pytest.raises(Refused, match="只有“不确定是否送达”"):
        redrive(row(), by=controller)


def test_the_table_of_terms_names_every_channel():
    from notifications.models import CHANNELS as CHOICES
    from notifications.outside.channels import CHANNELS

    assert delivery_terms().channels.keys() == CHANNELS.keys() == dict(CHOICES).keys()
