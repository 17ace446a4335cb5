"""Programs are told of events: signed, by the schedule, to nobody inside, and only of shops that gave a mandate."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import AccessEvent, ApiClient, User
from businesses.models import Mandate
from core.errors import Invalid, Refused
from notifications.models import KillSwitch, Notification, WebhookDelivery, WebhookEndpoint
from notifications.models.webhooks import MATCH_CHANGED, POLICY_PUBLISHED
from notifications.outside.delivery_terms import delivery_terms
from notifications.webhooks import endpoints, sending, signing
from notifications.webhooks.enqueueing import enqueue_changes
from notifications.webhooks.sending import redrive, send_due
from tests.notifications import register
from tests.notifications.people import MORNING, owner_of, push
from tests.notifications.receiver import HANG_UP, Receiver

both_engines = pytest.mark.django_db(databases=["default", "postgres"])


@pytest.fixture
def boss(engine):
    return User.objects.create_superuser("boss")


@pytest.fixture
def morning(engine, time_machine):
    time_machine.move_to(MORNING, tick=False)
    return time_machine


def endpoint(boss, *events, url=Receiver.url):
    client = ApiClient.objects.create(
        name="银行", client_type="confidential", authorization_grant_type="client-credentials"
    )
    found = WebhookEndpoint(client=client, url=url, events=list(events or (POLICY_PUBLISHED, MATCH_CHANGED)))
    endpoints.register(found, by=boss)
    return found


def mandate(shop, user, client, scopes=("view",)):
    until = timezone.localdate() + timedelta(days=30)
    return Mandate.objects.create(
        business=shop, given_by=user, client=client, scopes=list(scopes), until=until
    )


def row():
    return WebhookDelivery.objects.get()


def payloads():
    return [delivery.payload for delivery in WebhookDelivery.objects.order_by("pk")]


@both_engines
def test_a_published_policy_is_told_to_everybody_who_asked_and_signed(morning, boss, receiver):
    found = endpoint(boss)
    endpoint(boss, MATCH_CHANGED)
    register.publish()

    assert send_due() == 1

    ((path, headers, body),) = receiver.posts
    assert path == "/events?from=portal"
    assert json.loads(body) == {
        "type": "policy.published",
        "timestamp": "2026-11-25T02:00:00+00:00",
        "data": {"benefit": "T01a", "version": 1, "effective_from": "2026-11-25", "url": "/policies/T01/"},
    }
    key = base64.b64decode(found.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-id"] == str(row().event_id)
    assert (row().status, row().answer, row().tries) == ("sent", 204, 1)
    assert send_due() == 0


@both_engines
def test_a_change_is_told_to_the_program_that_has_the_shops_mandate_and_says_who_nobody_is(morning, boss):
    first = endpoint(boss, MATCH_CHANGED)
    endpoint(boss, MATCH_CHANGED, url="https://other.example.cn/")
    shop, other = register.open_shop(1), register.open_shop(2)
    mandate(shop, owner_of(shop), first.client)
    mandate(other, owner_of(other, 2), first.client, scopes=["answer"])
    register.publish()
    push()

    assert (enqueue_changes(), enqueue_changes()) == (1, 0)

    assert (row().endpoint_id, row().event) == (first.pk, MATCH_CHANGED)
    assert row().payload["data"] == {
        "business": str(shop.public_id),
        "benefit": "T01a",
        "change": "new",
        "day": "2026-11-25",
    }
    assert len(json.dumps(row().payload)) < 20_000


@both_engines
def test_what_happened_before_the_endpoint_was_there_is_not_told(morning, boss):
    shop = register.open_shop(1)
    user = owner_of(shop)
    register.publish("T01a")
    push()
    morning.move_to(timezone.now() + timedelta(hours=2), tick=False)
    found = endpoint(boss, MATCH_CHANGED)
    mandate(shop, user, found.client)
    register.publish("T01b")
    push()

    enqueue_changes()

    assert [payload["data"]["benefit"] for payload in payloads()] == ["T01b"]


@both_engines
def test_a_change_written_in_a_long_transaction_is_found_later(morning, boss):
    found = endpoint(boss, MATCH_CHANGED)
    shop = register.open_shop(1)
    mandate(shop, owner_of(shop), found.client)
    register.publish()
    push()
    Notification.objects.update(created_at=timezone.now() - timedelta(minutes=50))
    WebhookEndpoint.objects.update(looked_at=timezone.now())

    assert enqueue_changes() == 1


@both_engines
def test_a_mandate_taken_back_ends_what_waits(morning, boss, receiver):
    found = endpoint(boss, MATCH_CHANGED)
    shop = register.open_shop(1)
    given = mandate(shop, owner_of(shop), found.client)
    register.publish()
    push()
    enqueue_changes()
    Mandate.objects.filter(pk=given.pk).update(revoked_at=timezone.now())

    assert send_due() == 0

    assert (row().status, row().problem, receiver.posts) == ("dropped", "授权已经结束", [])


@both_engines
def test_the_schedule_is_that_of_the_standard_and_then_it_is_dead(morning, boss, receiver):
    found = endpoint(boss, POLICY_PUBLISHED)
    register.publish()
    receiver.answers = [500, 302, 404, HANG_UP, *[503] * 6]
    waits = []

    while row().status == "pending":
        before = row().due_at
        morning.move_to(before, tick=False)
        send_due()
        waits.append((row().due_at - before).total_seconds())

    schedule = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert [span.total_seconds() for span in delivery_terms().webhooks.schedule] == schedule
    assert len(waits) == 10
    assert all(plan <= wait <= plan * 1.1 for plan, wait in zip(schedule, waits[:-1], strict=True))
    assert (row().status, row().tries, row().problem) == ("dead", 10, "对方回答 503")
    assert {headers["webhook-id"] for _, headers, _ in receiver.posts} == {str(row().event_id)}
    found.refresh_from_db()
    assert (found.disabled_at, found.reason) == (timezone.now(), "整个重试期内都没有收下")


@both_engines
def test_an_endpoint_that_takes_other_events_stays_when_one_is_dead(morning, boss, receiver):
    found = endpoint(boss, POLICY_PUBLISHED)
    register.publish()
    WebhookEndpoint.objects.update(answered_at=timezone.now() + timedelta(hours=1))
    WebhookDelivery.objects.update(tries=9)
    receiver.answers = [500]

    send_due()

    found.refresh_from_db()
    assert (row().status, found.disabled_at) == ("dead", None)


@both_engines
def test_who_is_gone_is_left_alone(morning, boss, receiver):
    found = endpoint(boss, POLICY_PUBLISHED)
    register.publish()
    receiver.answers = [410]

    send_due()
    register.publish("T01b")

    found.refresh_from_db()
    assert (row().status, found.reason) == ("dead", "对方回答 410，不再接收")


@both_engines
@pytest.mark.parametrize(
    ("status", "after", "seconds"),
    [
        (429, "3600", 3600),
        (503, "3600", 3600),
        (503, "9999999", 86400),
        (503, "soon", None),
        (500, "3600", None),
    ],
)
def test_who_asks_for_time_is_given_it(morning, boss, receiver, status, after, seconds):
    endpoint(boss, POLICY_PUBLISHED)
    register.publish()
    receiver.answers = [(status, {"Retry-After": after})]

    send_due()

    wait = (row().due_at - timezone.now()).total_seconds()
    assert wait == seconds if seconds else 5 <= wait <= 5.5


@both_engines
def test_a_redirect_is_not_followed(morning, boss, receiver):
    endpoint(boss, POLICY_PUBLISHED)
    register.publish()
    receiver.answers = [(307, {"Location": "https://127.0.0.1:8443/other"})]

    send_due()

    assert [path for path, _, _ in receiver.posts] == ["/events?from=portal"]
    assert (row().status, row().problem) == ("pending", "对方回答 307")


@both_engines
def test_a_name_that_leads_inside_today_gets_nothing(morning, boss, receiver, settings):
    endpoint(boss, POLICY_PUBLISHED)
    register.publish()
    settings.WEBHOOK_ALLOW_NETS = []

    send_due()

    assert (row().status, row().problem, receiver.posts) == ("pending", "网址指向内部网络，不能用。", [])


@both_engines
def test_a_certificate_that_nobody_vouches_for_gets_nothing(morning, boss, receiver, monkeypatch):
    endpoint(boss, POLICY_PUBLISHED)
    register.publish()
    monkeypatch.delenv("SSL_CERT_FILE")

    send_due()

    assert (row().status, row().problem, receiver.posts) == ("pending", "证书不对", [])


@both_engines
def test_one_dead_endpoint_does_not_hold_up_another(morning, boss, receiver, monkeypatch):
    dead = endpoint(boss, POLICY_PUBLISHED, url="https://dead.example.cn/")
    endpoint(boss, POLICY_PUBLISHED)
    for number in range(8):
        register.publish(f"T01{'abcdefgh'[number]}")

    send_due()

    assert WebhookDelivery.objects.filter(status="sent").count() == 8
    waiting = WebhookDelivery.objects.filter(endpoint=dead).order_by("pk")
    assert {delivery.status for delivery in waiting} == {"pending"}
    # Of each round only the first was tried; the others keep their tries.
    assert sum(delivery.tries for delivery in waiting) <= 2


@both_engines
def test_no_more_than_five_are_under_way_to_one_endpoint(morning, boss):
    endpoint(boss, POLICY_PUBLISHED)
    for number in range(8):
        register.publish(f"T01{'abcdefgh'[number]}")

    claims = [len(sending._claim()[0]) for _ in range(3)]

    assert claims == [5, 0, 0]


@both_engines
def test_what_a_worker_that_died_had_claimed_is_tried_again_with_the_same_id(morning, boss, receiver):
    endpoint(boss, POLICY_PUBLISHED)
    register.publish()
    sending._claim()
    assert send_due() == 0
    morning.move_to(timezone.now() + timedelta(minutes=11), tick=False)

    assert send_due() == 1

    assert (row().status, row().tries) == ("sent", 2)


@both_engines
def test_the_switch_that_stops_pushes_stops_events(morning, boss, receiver):
    endpoint(boss, POLICY_PUBLISHED)
    register.publish()
    KillSwitch.objects.create(reason="出错了")

    assert (send_due(), receiver.posts) == (0, [])


# Endpoints


@both_engines
def test_while_a_program_changes_its_secret_both_sign(morning, boss, receiver):
    found = endpoint(boss, POLICY_PUBLISHED)
    old = found.secret
    new = endpoints.rotate(found, by=boss)
    register.publish()
    send_due()
    endpoints.retire(found, by=boss)
    register.publish("T01b")
    send_due()

    signed = [(headers, body) for _, headers, body in receiver.posts]
    made = [
        [
            signing.signature(secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
            for secret in (new, old)
        ]
        for headers, body in signed
    ]
    assert signed[0][0]["webhook-signature"].split() == made[0]
    assert signed[1][0]["webhook-signature"].split() == made[1][:1]
    with pytest.raises(Refused, match="没有旧密钥"):
        endpoints.retire(found, by=boss)


@both_engines
def test_what_is_disabled_gets_nothing_until_it_is_enabled(morning, boss, receiver):
    found = endpoint(boss, POLICY_PUBLISHED)
    register.publish()
    endpoints.disable(found, by=boss)
    register.publish("T01b")
    assert (send_due(), len(payloads())) == (0, 1)
    with pytest.raises(Refused, match="已经停用"):
        endpoints.disable(found, by=boss)

    endpoints.enable(found, by=boss)

    assert send_due() == 1
    with pytest.raises(Refused, match="不用恢复"):
        endpoints.enable(found, by=boss)


@both_engines
def test_a_program_that_is_switched_off_gets_nothing(morning, boss, receiver):
    found = endpoint(boss, POLICY_PUBLISHED)
    register.publish()
    ApiClient.objects.filter(pk=found.client_id).update(disabled_at=timezone.now())

    assert (send_due(), receiver.posts) == (0, [])


@both_engines
def test_a_dead_one_is_sent_again_by_the_administrator(morning, boss, receiver):
    endpoint(boss, POLICY_PUBLISHED)
    register.publish()
    with pytest.raises(Refused, match="没有送达"):
        redrive(row(), by=boss)
    WebhookDelivery.objects.update(status="dead", tries=10)

    redrive(row(), by=boss)

    assert send_due() == 1
    assert AccessEvent.objects.filter(action="redrive_webhook").count() == 1


@both_engines
def test_only_the_administrator_looks_after_endpoints(morning, boss):
    found = endpoint(boss)
    other = User.objects.create_user("clerk", is_staff=True)

    for verb in (endpoints.register, endpoints.rotate, endpoints.retire, endpoints.disable, endpoints.enable):
        with pytest.raises(PermissionDenied):
            verb(found, by=other)
    with pytest.raises(PermissionDenied):
        redrive(WebhookDelivery(), by=other)
    seen = [
        model.objects.visible_to(who).count()
        for model in (WebhookEndpoint, WebhookDelivery)
        for who in (other, boss)
    ]
    assert seen == [0, 1, 0, 0]


@both_engines
@pytest.mark.parametrize("events", [[], ["everything"]])
def test_an_endpoint_asks_for_something_there_is(boss, events):
    with pytest.raises(Invalid, match="至少选一种事件"):
        endpoints.register(WebhookEndpoint(url="https://a.example.cn/", events=events), by=boss)
