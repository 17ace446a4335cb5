import json

import pytest


@pytest.fixture
def api(client, catalogue_loaded):
    """The test client over the shipped catalogue; an exception is answered as a server would answer it."""
    client.raise_request_exception = False
    return client


@pytest.fixture
def post(api):
    """POST to an address under /api/v1/: a value as JSON, bytes as they are."""

    def send(path, body, content_type="application/json"):
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return api.post(f"/api/v1/{path}", sent, content_type=content_type)

    return send


@pytest.fixture
def evaluate(post):
    """The answer to one profile, as of the day of the contract's example unless told otherwise."""

    def ask(profile, **more):
        response = post("evaluations/", {"as_of": "2026-11-24", "profile": profile, **more})
        assert response.status_code == 200, response.content.decode()
        return response.json()

    return ask


def by_code(answer):
    return {result["benefit"]: result for result in answer["results"]}


def faults(response, status=400):
    """(field, code) of every fault in a problem."""
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    return [(fault["field"], fault["code"]) for fault in response.json()["errors"]]
