"""Who asks over the API in the tests of services: browsers and programs that send JSON."""

import json
import uuid
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from accounts.models import ApiClient
from businesses.models import Mandate


class Asker:
    """A browser or a program, which sends JSON to addresses under /api/v1/."""

    def __init__(self, client):
        self.client = client

    def get(self, path):
        return self.client.get(f"/api/v1/{path}")

    def post(self, path, body, key=None):
        return self.client.post(
            f"/api/v1/{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Idempotency-Key": key or str(uuid.uuid4())},
        )

    def put(self, path, body):
        return self.client.put(f"/api/v1/{path}", json.dumps(body), content_type="application/json")


def person(user):
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return Asker(client)


def program(name, department=None, scopes="requests:read requests:write legs:read legs:write"):
    """(the ApiClient, it as somebody who asks)."""
    row = ApiClient.objects.create(
        client_id=name,
        name="演示程序",
        client_secret=f"{name}-secret",
        client_type=ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
        department=department,
        scopes=scopes,
    )
    form = f"grant_type=client_credentials&client_id={name}&client_secret={name}-secret"
    answer = Client().post("/api/v1/auth/token/", form, content_type="application/x-www-form-urlencoded")
    token = answer.json()["access_token"]
    return row, Asker(Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"}))


def entrust(client, shop, owner, *scopes):
    until = timezone.localdate() + timedelta(days=30)
    Mandate.objects.create(business=shop, given_by=owner, client=client, scopes=list(scopes), until=until)


NOBODY = Asker(Client(raise_request_exception=False))
