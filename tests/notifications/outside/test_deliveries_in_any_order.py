"""Whatever comes in whatever order, crashes included: no message is lost, and none is sent twice by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from businesses.models import Binding, Business
from notifications.models import ChannelState, ContactPoint, Delivery, DeliveryItem, Notification, Outbox
from notifications.outside import delivering
from notifications.outside.delivering import deliver
from notifications.outside.digest_queue import gather
from tests.notifications import register
from tests.notifications.gateways import HANG_UP
from tests.notifications.people import MORNING, later, owner_of, push
from tests.properties import examples

both_engines = pytest.mark.django_db(databases=["default", "postgres"])
pytestmark = pytest.mark.every_engine("locks")


STEPS = st.lists(
    st.sampled_from(
        [
            *("tell", "gather", "gather twice", "deliver", "deliver", "pass", "pass", "hang up"),
            *("crash", "crash after sending", "crash after sending"),
        ]
    ),
    min_size=4,
    max_size=14,
)


@both_engines
@examples(25)
@given(steps=STEPS)
def test_in_whatever_order_nothing_is_lost_or_sent_twice(sending_morning, messages, steps):
    sending_morning.move_to(MORNING, tick=False)
    for model in (Outbox, DeliveryItem, Delivery, ChannelState, ContactPoint, Binding):
        model.objects.all().delete()
    messages.keys.clear()
    messages.bodies.clear()
    messages.answers.clear()
    if not Notification.objects.exists():
        for number in (1, 2):
            register.open_shop(number)
        for code in ("T01a", "T01b"):
            register.publish(code)
        push()
    for number, shop in enumerate(Business.objects.order_by("pk"), 1):
        owner_of(shop, number)
    rows = list(Notification.objects.order_by("pk"))
    owners = dict(Binding.objects.values_list("operator", "user"))
    asked = set()

    for number, step in enumerate(["tell", "tell", "gather", "pass", *steps]):
        do(step, number, rows, owners, asked, messages, sending_morning)

    known = list(DeliveryItem.objects.values_list("notification", "user", "channel"))
    assert len(known) == len(set(known))
    assert len(messages.keys) == len(set(messages.keys))
    left = set(Outbox.objects.values_list("notification", "user"))
    assert {(message, user) for message, user, _ in known} | left == asked
    sent = set(Delivery.objects.filter(status="sent").values_list("key", flat=True))
    assert {str(key) for key in sent} <= set(messages.keys)
    assert Delivery.objects.filter(status="dropped").count() == 0


def do(step, number, rows, owners, asked, messages, clock):
    if step == "tell":
        row = rows[number % len(rows)]
        Outbox.objects.create(user_id=owners[row.operator_id], notification=row)
        asked.add((row.pk, owners[row.operator_id]))
    elif step.startswith("gather"):
        for _ in range(1 + step.endswith("twice")):
            gather()
    elif step == "crash":
        delivering._claim("sms")
    elif step == "crash after sending":
        claim = delivering._claim("sms")
        digests = delivering.Digests(delivering.channels.channel("sms"), claim.deliveries)
        digests.channel.send(list(digests.messages.values()))
    elif step == "pass":
        later(clock, minutes=11)
    else:
        messages.answers = [HANG_UP] if step == "hang up" else []
        deliver()
