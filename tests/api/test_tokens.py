"""How a program gets in: a token for its id and secret, for an hour at most, and never more than it was let in for."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from oauth2_provider.models import AccessToken

from accounts import clients
from accounts.api import views
from accounts.models import AccessEvent, ApiClient, User
from businesses.facts import SELF, SOURCES, STAFF

from .conftest import bearing, faults

pytestmark = pytest.mark.django_db
GRANT = {"grant_type": "client_credentials"}
LIST = "/api/v1/businesses/"


def refusal(response):
    """(status, code) of a refused token, which OAuth libraries read as ``error``."""
    body = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    assert set(body) == {"type", "title", "status", "detail", "code", "errors", "error"}
    assert (body["status"], body["error"]) == (response.status_code, body["code"])
    assert any("\u4e00" <= letter <= "\u9fff" for letter in body["detail"])
    return body["status"], body["code"]


@pytest.mark.parametrize("by_basic", [True, False])
def test_id_and_secret_give_a_token_for_an_hour(program, ask_token, by_basic):
    client, secret = program("tax")
    form = GRANT if by_basic else {**GRANT, "client_id": client.client_id, "client_secret": secret}

    response = ask_token(form, (client.client_id, secret) if by_basic else None)

    body = response.json()
    assert response.status_code == 200
    assert len(body.pop("access_token")) >= 30
    assert body == {
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": "businesses:read businesses:write evaluations",
    }
    assert (response.headers["Cache-Control"], response.headers["Pragma"]) == ("no-store", "no-cache")


def test_neither_secret_nor_token_stands_in_the_database(program, ask_token):
    client, secret = program("tax")
    token = ask_token(GRANT, (client.client_id, secret)).json()["access_token"]

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_apiclient")
        stored = repr(cursor.fetchall())
        cursor.execute("SELECT * FROM oauth2_provider_accesstoken")
        stored += repr(cursor.fetchall())

    assert client.client_id in stored
    assert secret not in stored
    assert token not in stored


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ({}, "businesses:read evaluations"),
        ({"scope": "evaluations"}, "evaluations"),
        ({"scope": "evaluations businesses:read"}, "evaluations businesses:read"),
    ],
)
def test_a_token_has_the_scopes_asked_for_or_all_of_the_programs(program, ask_token, asked, given):
    client, secret = program("tax", "businesses:read evaluations")

    assert ask_token({**GRANT, **asked}, (client.client_id, secret)).json()["scope"] == given


REFUSED = {
    "scope it may not have": ({**GRANT, "scope": "businesses:write"}, None, 400, "invalid_scope"),
    "scope that does not exist": ({**GRANT, "scope": "everything"}, None, 400, "invalid_scope"),
    "wrong secret": (GRANT, ("bureau", "guess"), 401, "invalid_client"),
    "no secret": (GRANT, ("bureau", ""), 401, "invalid_client"),
    "unknown program": (GRANT, ("nobody", "guess"), 401, "invalid_client"),
    "a NUL in the id": (GRANT, ("bur\x00eau", "guess"), 401, "invalid_client"),
    "no credentials": (GRANT, (), 401, "invalid_client"),
    "no grant": ({}, None, 400, "invalid_request"),
    "a grant twice": ({"grant_type": ["client_credentials", "password"]}, None, 400, "invalid_request"),
    "both ways": ({**GRANT, "client_secret": "bureau-secret"}, None, 400, "invalid_request"),
    "password": (
        {"grant_type": "password", "username": "a", "password": "b"},
        None,
        400,
        "unsupported_grant_type",
    ),
    "refresh": ({"grant_type": "refresh_token", "refresh_token": "x"}, None, 400, "unsupported_grant_type"),
    "code": ({"grant_type": "authorization_code", "code": "x"}, None, 400, "unsupported_grant_type"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_has_the_code_of_the_rfc_in_a_chinese_problem(program, ask_token, case):
    client, secret = program("tax", "businesses:read evaluations")
    form, basic, status, code = REFUSED[case]

    response = ask_token(form, (client.client_id, secret) if basic is None else basic)

    assert refusal(response) == (status, code)
    assert response.headers.get("WWW-Authenticate") == ('Basic realm="api"' if status == 401 else None)
    assert AccessToken.objects.count() == 0


@pytest.mark.parametrize(
    "body", [b"a=%ff", b"\xff\xfe", b"grant_type=" + b"x" * 20_000, b"&".join([b"a=1"] * 30)]
)
def test_a_form_that_is_none_is_refused(client, body):
    response = client.post("/api/v1/auth/token/", body, content_type="application/x-www-form-urlencoded")

    assert response.status_code == (413 if len(body) > 10_000 else 400)
    assert response.headers["Content-Type"] == "application/problem+json"


def test_json_is_refused_with_what_to_write_instead(client):
    response = client.post("/api/v1/auth/token/", GRANT, content_type="application/json")

    assert refusal(response) == (415, "unsupported_media_type")
    assert "application/x-www-form-urlencoded" in response.json()["detail"]


def test_a_query_parameter_is_refused(client):
    assert faults(client.post("/api/v1/auth/token/?grant_type=client_credentials")) == [
        ("grant_type", "unknown")
    ]


def test_an_expired_token_is_a_401_and_goes_when_the_next_is_given(program, ask_token, with_token):
    client, secret = program("tax")
    browser = with_token(client, secret)
    assert browser.get(LIST).status_code == 200

    with time_machine.travel(timedelta(hours=1, seconds=1)):
        late = browser.get(LIST)
        ask_token(GRANT, (client.client_id, secret))

    assert (late.status_code, late.json()["code"]) == (401, "authentication_failed")
    assert late.json()["detail"] == "令牌已经过期。请重新领取令牌。"
    assert late.headers["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'
    assert AccessToken.objects.count() == 1


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer none", "bearer a b", "Bearer \xff"])
def test_a_token_that_is_none_is_a_401(client, header):
    response = client.get(LIST, headers={"Authorization": header})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'


def test_a_token_in_the_address_is_not_looked_at(program, ask_token, client):
    owner, secret = program("tax")
    token = ask_token(GRANT, (owner.client_id, secret)).json()["access_token"]

    assert client.get(f"{LIST}?access_token={token}").status_code == 401


def test_a_revoked_token_ends_at_once(program, ask_token):
    client, secret = program("tax")
    token = ask_token(GRANT, (client.client_id, secret)).json()["access_token"]
    browser = bearing(token)
    before = browser.get(LIST).status_code

    answer = ask_token({"token": token}, (client.client_id, secret), "revoke")
    again = ask_token({"token": token}, (client.client_id, secret), "revoke")

    assert (before, browser.get(LIST).status_code) == (200, 401)
    assert (answer.status_code, answer.json(), again.status_code) == (200, {}, 200)


def test_one_program_cannot_revoke_the_token_of_another(program, ask_token):
    client, secret = program("tax")
    other, other_secret = program("registry", client_id="market")
    token = ask_token(GRANT, (client.client_id, secret)).json()["access_token"]

    answer = ask_token({"token": token}, (other.client_id, other_secret), "revoke")

    assert answer.status_code == 200
    assert bearing(token).get(LIST).status_code == 200


@pytest.mark.parametrize(
    ("form", "basic", "expected"),
    [
        ({"token": "x"}, ("bureau", "guess"), (401, "invalid_client")),
        ({}, ("bureau", "bureau-secret"), (400, "invalid_request")),
        (
            {"token": "x", "token_type_hint": "refresh_token"},
            ("bureau", "bureau-secret"),
            (400, "unsupported_token_type"),
        ),
    ],
)
def test_a_revocation_that_is_refused(program, ask_token, form, basic, expected):
    program("tax")

    assert refusal(ask_token(form, basic, "revoke")) == expected


def test_scopes_taken_from_a_program_are_gone_from_the_tokens_it_has(program, with_token):
    client, secret = program("tax")
    browser = with_token(client, secret)
    assert browser.get(LIST).status_code == 200

    ApiClient.objects.filter(pk=client.pk).update(scopes="evaluations")

    assert browser.get(LIST).status_code == 403


# Guessing


def test_guesses_from_one_address_are_stopped_and_the_bureau_elsewhere_is_not(program, ask_token):
    client, secret = program("tax")
    most = views.TRIES_OF_A_CLIENT.times

    with time_machine.travel("2026-11-24T12:00:00+08:00", tick=False):
        guesses = [ask_token(GRANT, (client.client_id, "guess")).status_code for _ in range(most + 1)]
        stopped = ask_token(GRANT, (client.client_id, secret))
        elsewhere = ask_token(GRANT, (client.client_id, secret), REMOTE_ADDR="10.0.0.2")

    assert guesses == [401] * most + [429]
    assert (stopped.status_code, stopped.headers["Retry-After"]) == (429, "900")
    assert elsewhere.status_code == 200


def test_a_program_that_knows_its_secret_may_ask_often(program, ask_token):
    client, secret = program("tax")

    with time_machine.travel("2026-11-24T12:00:00+08:00", tick=False):
        asked = range(views.TRIES_OF_A_CLIENT.times + 5)
        assert {ask_token(GRANT, (client.client_id, secret)).status_code for _ in asked} == {200}


# Letting in and stopping


@pytest.fixture
def administrator(db):
    return User.objects.create(username="chief", is_staff=True, is_superuser=True)


def test_a_secret_is_shown_when_let_in_and_works(administrator, ask_token):
    client = ApiClient(client_id="bank", name="银行", scopes="evaluations")

    secret = clients.let_in(client, by=administrator)

    assert len(secret) == 128
    assert ask_token(GRANT, ("bank", secret)).json()["scope"] == "evaluations"


def test_a_new_secret_ends_the_old_one_and_its_tokens(program, administrator, with_token, ask_token):
    client, secret = program("tax")
    browser = with_token(client, secret)

    new = clients.give_new_secret(client, by=administrator)

    assert browser.get(LIST).status_code == 401
    assert refusal(ask_token(GRANT, (client.client_id, secret))) == (401, "invalid_client")
    assert ask_token(GRANT, (client.client_id, new)).status_code == 200


def test_a_stopped_program_is_out_at_once_and_comes_back_with_its_secret(
    program, administrator, with_token, ask_token
):
    client, secret = program("tax")
    browser = with_token(client, secret)

    clients.disable(client, by=administrator)
    stopped = browser.get(LIST).status_code, ask_token(GRANT, (client.client_id, secret)).status_code
    clients.enable(client, by=administrator)

    assert stopped == (401, 401)
    assert browser.get(LIST).status_code == 401
    assert ask_token(GRANT, (client.client_id, secret)).status_code == 200
    assert list(AccessEvent.objects.values_list("action", flat=True)) == ["enable_client", "disable_client"]


def test_a_token_is_worth_nothing_once_its_program_is_stopped_even_where_it_was_not_deleted(
    program, with_token
):
    client, secret = program("tax")
    browser = with_token(client, secret)

    ApiClient.objects.filter(pk=client.pk).update(disabled_at="2026-11-24T00:00:00Z")

    assert (AccessToken.objects.count(), browser.get(LIST).status_code) == (1, 401)


def test_the_sources_of_programs_are_those_of_departments():
    assert dict(clients.SOURCES) == {
        code: label for code, label in SOURCES.items() if code not in (SELF, STAFF, "default")
    }
