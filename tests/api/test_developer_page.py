"""The page for people who write programs: its commands ask what exists, and its example answers what it says."""

import json
import re

import pytest
from django.urls import resolve

from accounts.models import ApiClient
from core.middleware import unknown_path


@pytest.fixture
def commands(client):
    return {heading: command for heading, _, command in client.get("/dev/").context["steps"]}


def test_every_address_in_the_commands_exists(db, commands):
    addresses = re.findall(
        r"http://testserver(/api/v1/[^\s'?]*)", "\n".join(commands.values()).replace("'$ID'", "1")
    )

    found = {address: resolve(address.replace("$ID", "1")).func for address in addresses}

    assert len(found) == 8
    assert unknown_path not in found.values()


def test_the_first_command_is_answered_as_the_page_says(commands, api):
    body = re.search(r"-d '(.*)'", commands["问一家店能享受什么"], re.DOTALL).group(1)

    answer = api.post("/api/v1/evaluations/", json.loads(body), content_type="application/json").json()

    (row,) = answer["results"]
    assert (row["benefit"], row["state"] in ("soon", "now"), row["amount"]["value"]) == (
        "M05a",
        True,
        "5000.00",
    )


@pytest.mark.parametrize("debug", [True, False])
def test_the_demo_program_is_named_only_where_it_exists(db, client, settings, debug):
    settings.DEBUG = debug

    page = client.get("/dev/").content.decode()

    assert ("demo-secret" in page, "演示环境" in page) == (debug, debug)


def test_every_scope_is_explained(db, client):
    page = client.get("/dev/").content.decode()

    assert [scope for scope, label in ApiClient.SCOPES if scope not in page or label not in page] == []
