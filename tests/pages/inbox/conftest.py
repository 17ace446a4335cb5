"""A shop to which everything was pushed, its owner, their browser and a message."""

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from businesses.models import Business
from core.models import forget_editions
from notifications import sweep
from notifications.models import Notification

from ..shops import browser_of, owner_of, store, tea_shop


@pytest.fixture(scope="module")
def _told(_measures, django_db_blocker):
    """A shop to which everything was pushed, once a module in a transaction around its tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        forget_editions()
        found = store(tea_shop())
        sweep.relay()
        yield found.pk
        transaction.set_rollback(True)


@pytest.fixture
def shop(_told, db):
    return Business.objects.get(pk=_told)


@pytest.fixture
def owner(shop):
    user = owner_of(shop)
    User.objects.filter(pk=user.pk).update(phone_verified_at=timezone.now())
    return User.objects.get(pk=user.pk)


@pytest.fixture
def browser(owner):
    return browser_of(owner)


@pytest.fixture
def message(shop):
    """The message about the rent subsidy; ``message("M05a")`` of another benefit."""

    def find(code="M05c"):
        return Notification.objects.get(benefit__code=code, business=shop)

    return find
