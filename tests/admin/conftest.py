from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings

from accounts.models import User
from policies.models import BenefitVersion


@pytest.fixture(scope="module")
def _demo(_measures, django_db_blocker):
    """The people of the demo, made once a module in a transaction around its tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(DEBUG=True):
            call_command("demo", city=0, stdout=StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo_accounts(_demo, catalogue_loaded):
    """The accounts of the demo; what a test changes in them is undone after it."""


@pytest.fixture
def signed_in(demo_accounts):
    """A browser of one of the demo accounts: ``signed_in("auditor")``."""

    def sign_in(username):
        client = Client()
        client.force_login(User.objects.get(username=username))
        return client

    return sign_in


@pytest.fixture
def published(demo_accounts):
    """The published version of M05a."""
    return BenefitVersion.objects.get(benefit__code="M05a")


@pytest.fixture
def draft(published):
    """A draft that nobody has touched yet."""
    return BenefitVersion.objects.create(benefit=published.benefit, number=2, content=published.content)


def messages(response):
    return [str(message) for message in response.context["messages"]]
