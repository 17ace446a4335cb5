from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from policies.models import BenefitVersion


@pytest.fixture
def demo_accounts(catalogue_loaded, settings):
    settings.DEBUG = True
    call_command("demo", city=0, stdout=StringIO())
    settings.DEBUG = False


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
