"""People who sign in."""

import re
from typing import NamedTuple

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from accounts.models import User

PHONE = "13800000001"
OTHER_PHONE = "13800000002"
PASSWORD = "correct horse 9"


@pytest.fixture
def owner(db):
    """Somebody whose phone is proved."""
    return User.objects.begin_with_phone(PHONE)


@pytest.fixture
def as_owner(client, gateway, time_machine):
    """Signs in by phone, as people do: ``as_owner(client, next="")``."""
    time_machine.move_to("2026-11-24T10:00:00+08:00")

    def sign_in(client, phone=PHONE, **fields):
        client.post("/login/", {"phone": phone, **fields})
        return client.post("/login/code/", {"code": gateway.code()})

    return sign_in


@pytest.fixture
def signed_in(client, as_owner, db):
    as_owner(client)
    return client


class Officer(NamedTuple):
    user: User
    secret: str

    def code(self, now):
        """What the officer's phone shows at ``now``, in seconds since 1970."""
        return format_hotp_value(hotp_value(self.secret, int(now) // 30))


@pytest.fixture
def staff(db):
    """An officer without a second factor."""
    return User.objects.create_user("officer", password=PASSWORD, is_staff=True, is_superuser=True)


@pytest.fixture
def officer(staff):
    """An officer with a second factor and recovery codes."""
    secret = generate_totp_secret()
    TOTP.activate(staff, secret)
    RecoveryCodes.activate(staff)
    return Officer(staff, secret)


@pytest.fixture
def enforced(settings):
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def new_client():
    """Another browser: ``new_client(address)``."""
    return lambda address="127.0.0.1": Client(REMOTE_ADDR=address)


def said(response):
    """What the page says, without its tags."""
    text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)
