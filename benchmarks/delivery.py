"""Messages outside the portal: from the outbox to the answer of a channel that takes everything at once.

``python -m benchmarks.delivery [--n 10000 100000] [--repeat 5] [--database URL]``. Ours gathers the outbox into
deliveries and sends them, claimed and marked 500 at a time (notifications/outside/digest_queue.py, delivering.py), with
the words of every mail; the product's own settings send 24 at a time, which is told too. The other way is the usual
one: a Celery task for each message in a transaction of its own, one worker, Redis between (benchmarks/tasks.py). Then
the same without words: claimed, marked, nothing else. Quiet hours, rates and the wait for a digest are off. Up to
20,000 people have bound a shop, whatever the size of the register; of the tasks so many are measured as are told in the
table.
"""

import sys
from functools import cache

from benchmarks import benefits
from benchmarks.bulk import alternate_prepared, goal, parsed, per_row, print_bulk, run_sizes
from benchmarks.report import print_machine, ratio

OURS, PORTIONS = "ours, 500 at a time, with words", "ours, 24 at a time as set, with words"
TASKS = "a task each, with words"
MARKS, MARK_TASKS = "ours, claimed and marked alone", "a task each, marked alone"
DIFFERS = """  Different from the measured design: that was marking alone. With words, every message is looked at twice
  (consent, binding, silence, holding, decision) and written as a mail."""
PEOPLE, SOME = 20_000, 500  # at most; tasks that are measured
AT_ONCE = 500


# What is sent, and by which channel


def bind(people):
    """``people`` owners with a bound shop each, who agree to pushes and have an e-mail address; how many there are."""
    from django.db.models import Min
    from django.utils import timezone

    from accounts.actions import NOTICE
    from accounts.models import Consent, User
    from businesses.models import Binding, Business
    from notifications.models import ContactPoint

    shops = Business.objects.filter(operator__isnull=False).values("operator").annotate(shop=Min("pk"))
    shops = list(shops.order_by("operator").values_list("operator", "shop")[:people])
    users = [User(username=f"{benefits.OWNER}{number}", password="!") for number in range(len(shops))]
    users, now = User.objects.bulk_create(users, batch_size=1000), timezone.now()
    Consent.objects.bulk_create(
        [Consent(user=user, kind="push", notice=NOTICE) for user in users], batch_size=1000
    )
    bound = zip(users, shops, strict=True)
    Binding.objects.bulk_create(
        [Binding(user=user, operator_id=operator, business_id=shop) for user, (operator, shop) in bound],
        batch_size=1000,
    )
    ContactPoint.objects.bulk_create(
        [
            ContactPoint(user=user, channel="email", address=f"owner{number}@example.cn", confirmed_at=now)
            for number, user in enumerate(users)
        ],
        batch_size=1000,
    )
    return len(users)


@cache
def instant_channel():
    """E-mail that is taken as soon as it is written, in the place of the real one; nothing holds it back."""
    from django.conf import settings

    from notifications.outside import channels
    from notifications.outside.channels.base import Became, Outcome

    class Instant(channels.Email):
        def is_set_up(self):
            return True

        def send(self, messages):
            return [Outcome(Became.SENT)] * len(messages)

    settings.QUIET_HOURS = None
    channels.CHANNELS["email"] = Instant()
    return channels.CHANNELS["email"]


def set_terms(at_once):
    """Rates without a limit, no wait for a digest, ``at_once`` sent in one portion."""
    import json
    import os
    from importlib import import_module
    from pathlib import Path

    from core.data_files import read_yaml

    module = import_module("notifications.outside.delivery_terms")
    raw = read_yaml(module.PATH)
    raw |= {"gathering_minutes": 0, "claimed_at_once": AT_ONCE, "sent_at_once": at_once}
    for terms in raw["channels"].values():
        terms |= {"a_second": 1e9, "burst": 1e9, "a_month": 1_000_000}
    module.PATH = Path(os.environ["BENCHMARK_FOLDER"]) / "channels.yaml"
    module.PATH.write_text(json.dumps(raw), "utf-8")  # JSON is YAML
    module.delivery_terms.cache_clear()


# Before a case


def fill_outbox(people=None):
    """Everybody is to be told once, and nothing has been sent. ``people``: so many alone. Their outbox rows' ids."""
    from django.db import connection

    from benchmarks.city import checkpoint, settle
    from notifications import models

    left = (models.DeliveryItem, models.Delivery, models.Outbox, models.Withheld, models.ChannelState)
    with connection.cursor() as cursor:
        for model in left:
            truncate = "TRUNCATE" if connection.vendor == "postgresql" else "DELETE FROM"
            cursor.execute(f"{truncate} {model._meta.db_table}")
        cursor.execute(
            f"""INSERT INTO {models.Outbox._meta.db_table} (user_id, notification_id, critical)
            SELECT b.user_id, n.id, FALSE FROM businesses_binding b
            JOIN {models.Notification._meta.db_table} n ON n.operator_id = b.operator_id
            ORDER BY n.id{f" LIMIT {people}" if people else ""}"""
        )
    settle(*left)
    checkpoint()
    return list(models.Outbox.objects.order_by("pk").values_list("pk", flat=True))


def gathered(people=None):
    """Deliveries that wait to be sent; their ids."""
    from notifications.models import Delivery
    from notifications.outside.digest_queue import gather

    fill_outbox(people)
    gather(seconds=3600)
    return list(Delivery.objects.order_by("pk").values_list("pk", flat=True))


# Ways to send


def gather_and_deliver(_):
    from notifications.outside.delivering import deliver
    from notifications.outside.digest_queue import gather

    gather(seconds=3600)
    deliver(seconds=3600)


def a_task_each(rows):
    from benchmarks import tasks

    tasks.each(tasks.send, rows)


def send_one(pk):
    """What a task of the usual kind does: one message, one transaction, the same checks and words."""
    from django.db import transaction
    from django.utils import timezone

    from notifications.models import Delivery, DeliveryItem, Outbox
    from notifications.outside.digest_content import Digests

    channel = instant_channel()
    with transaction.atomic():
        row, now = Outbox.objects.select_for_update().get(pk=pk), timezone.now()
        delivery = Delivery.objects.create(user_id=row.user_id, channel="email", due_at=now)
        DeliveryItem.objects.create(
            delivery=delivery, notification_id=row.notification_id, user_id=row.user_id, channel="email"
        )
        digests = Digests(channel, [delivery])
        channel.send([digests.messages[one.pk] for one in digests.ready])
        delivery.status, delivery.sent_at, delivery.tries = "sent", now, 1
        delivery.save()
        row.delete()


def claim_and_mark(_):
    from django.db import transaction

    from notifications.outside import delivering
    from notifications.outside.channels.base import Became, Outcome

    sent = Outcome(Became.SENT)
    while (claim := delivering._claim("email")).deliveries:
        with transaction.atomic():
            delivering._mark(claim, [(delivery, sent) for delivery in claim.deliveries])
            delivering._note_health("email", [sent] * len(claim.deliveries))


def a_mark_each(rows):
    from benchmarks import tasks

    tasks.each(tasks.mark, rows)


def mark_one(pk):
    from django.db import transaction
    from django.utils import timezone

    from notifications.models import Delivery

    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().get(pk=pk)
        delivery.status, delivery.sent_at, delivery.tries = "sent", timezone.now(), 1
        delivery.save(update_fields=["status", "sent_at", "tries"])


def sent():
    from notifications.models import Delivery

    return Delivery.objects.filter(status="sent").count()


def cases(people, some):
    """({case: (prepare, run)}, {case: messages})."""

    def in_portions(size):
        def prepare():
            set_terms(size)
            return fill_outbox()

        return prepare

    found = {
        OURS: (in_portions(AT_ONCE), gather_and_deliver),
        PORTIONS: (in_portions(24), gather_and_deliver),
        TASKS: (lambda: fill_outbox(some), a_task_each),
        MARKS: (gathered, claim_and_mark),
        MARK_TASKS: (lambda: gathered(some), a_mark_each),
    }
    return found, {name: some if name in (TASKS, MARK_TASKS) else people for name in found}


def agree(found, rows):
    """Take out every case that does not send each message once, and say so."""
    for name, (prepare, run) in list(found.items()):
        run(prepare())
        if sent() != rows[name]:
            del found[name]
            print(f"  {name} has sent {sent():,} of {rows[name]:,}, so it gets no time")
    print(f"  Every message sent once: {', '.join(found)}")


def measure(*, n, repeat, base, seed, folder):
    """One size, in a process of its own."""
    from benchmarks.city import empty, enter, settings_shown

    enter(folder, n=n, base=base, seed=seed)
    from benchmarks.tasks import worker
    from notifications.pushes import pushing

    instant_channel()
    set_terms(AT_ONCE)
    people = bind(min(n, PEOPLE))
    pushing.work(benefits.publish(benefits.EVERYONE)[1].pk, seconds=3600)
    print_machine(rounds=repeat, people=people, **settings_shown())
    found, rows = cases(people, min(SOME, people))
    with worker():
        agree(found, rows)
        rounds = alternate_prepared(found, repeat=repeat)
    empty()
    benefits.forget()
    print_bulk(rounds, rows, baseline=OURS, unit="messages")
    print(DIFFERS)
    return {"goals": goals_of(per_row(rounds, rows), n), "figures": {}}


def goals_of(each, n):
    pairs = ((OURS, TASKS), (MARKS, MARK_TASKS))
    return [
        goal(f"{ours} faster than {tasks}", n, ratio(each, tasks, ours), 50)
        for ours, tasks in pairs
        if ours in each and tasks in each
    ]


def run(**options):
    """Measure, print, and return the goals."""
    return run_sizes("Messages outside the portal", "delivery", **options)


if __name__ == "__main__":
    run(**parsed(sys.argv[1:], "delivery", __doc__, n=(10_000, 100_000)))
