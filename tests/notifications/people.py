"""Owners who have bound a shop and agreed to pushes, and messages that are to be told to them outside."""

from datetime import timedelta

from django.utils import timezone

from accounts.actions import agree
from accounts.models import User
from businesses.models import Binding
from core.models import forget_editions
from notifications.models import ContactPoint, Delivery, DeliveryItem, Outbox, PushRun, Withheld
from notifications.pushes import pushing

MORNING = "2026-11-25T10:00:00+08:00"


def owner_of(shop, number=1, *, agrees=True, email=""):
    """Somebody known by phone who has bound ``shop``, with what they can be reached at."""
    user = User.objects.begin_with_phone(f"1390000{number:04}")
    user.phone_verified_at = timezone.now()
    user.save()
    user.refresh_from_db()  # the phone as it is stored
    Binding.objects.create(business=shop, user=user)
    if agrees:
        agree(user, "push")
    if email:
        ContactPoint.objects.create(user=user, channel="email", address=email, confirmed_at=timezone.now())
    return user


def push():
    """Do every push that is begun, up to what is to be told outside and no further."""
    for run in PushRun.objects.unfinished().order_by("pk"):
        pushing.work(run.pk)
    forget_editions()


def waiting():
    """[(channel, number of items, due, critical)] of the deliveries that wait."""
    rows = Delivery.objects.filter(status="pending").order_by("channel", "pk")
    return [
        (row.channel, DeliveryItem.objects.filter(delivery=row).count(), row.due_at, row.critical)
        for row in rows
    ]


def statuses():
    return list(Delivery.objects.order_by("pk").values_list("channel", "status"))


def withheld():
    return {(row.channel, row.reason): row.count for row in Withheld.objects.all()}


def outbox():
    return Outbox.objects.count()


def later(time_machine, **span):
    time_machine.move_to(timezone.now() + timedelta(**span), tick=False)
