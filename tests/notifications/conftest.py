"""Outside the portal on this machine, and a morning on which messages may be sent."""

import socket
from ipaddress import ip_network

import pytest

from accounts.models import User
from notifications.webhooks import posting
from tests.notifications.gateways import ScriptedGateway
from tests.notifications.people import MORNING
from tests.notifications.receiver import PORT, Receiver, name_leads_to, write_certificate


@pytest.fixture
def admin(engine):
    return User.objects.create(username="admin", is_staff=True, is_superuser=True)


@pytest.fixture
def messages(settings):
    """The gateway for short messages."""
    found = ScriptedGateway()
    settings.DEBUG = True
    settings.SMS_PROVIDER, settings.SMS_URL, settings.SMS_TOKEN = "http", found.url, "token"
    yield found
    found.close()


@pytest.fixture
def sending_morning(engine, time_machine, messages):
    time_machine.move_to(MORNING, tick=False)
    return time_machine


@pytest.fixture
def receiver(tmp_path, monkeypatch, settings):
    """A program at HOST, which leads to this machine, allowed for once; its certificate is trusted."""
    certificate = write_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    name_leads_to(monkeypatch, "127.0.0.1")
    settings.WEBHOOK_ALLOW_NETS = [ip_network("127.0.0.0/8")]
    found = Receiver(certificate)
    meant = ("127.0.0.1", PORT)
    monkeypatch.setattr(
        posting,
        "create_connection",
        lambda place, seconds: socket.create_connection(found.place if place == meant else place, seconds),
    )
    yield found
    found.close()
