"""Who changes where money goes is not the only one to know: every channel that was known before is told."""

import pytest
from django.utils import timezone

from notifications.models import ContactPoint, Delivery, Letter
from notifications.outside.delivering import deliver
from tests.subsidies import world

from .register import open_shop

pytestmark = pytest.mark.django_db


def test_it_is_told_on_every_channel_at_once_and_a_first_account_is_not(messages, mailoutbox, settings):
    shop = open_shop(1)
    owner = world.owner_of(shop)
    settings.EMAIL_URL = "smtp://localhost"
    type(owner).objects.filter(pk=owner.pk).update(phone_verified_at=timezone.now())
    ContactPoint.objects.create(
        user=owner, channel="email", address="zhang@example.cn", confirmed_at=timezone.now()
    )
    before = Letter.objects.count()

    world.another_account(shop, owner, "6222020200019998888")
    deliver()

    letter = Letter.objects.get()
    assert (before, letter.urgent) == (0, True)
    assert letter.sentence == "7 天以后才会往新账户打钱。不是您改的，马上拨 12345。"
    assert letter.sms == "收款账户改为尾号8888，7天后才打钱。不是您改的，马上拨12345。"
    assert sorted(Delivery.objects.values_list("channel", "status")) == [("email", "sent"), ("sms", "sent")]
