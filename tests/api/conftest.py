import json
from base64 import b64encode
from datetime import date
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.models import ApiClient, Department, User
from businesses.models import Binding, Business
from businesses.register import Arrival, take_in
from policies.models import Benefit
from services.models import Offering


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


# The register: three shops, who may act for them, and programs

DAY = date(2026, 11, 1)
CREDIT_CODES = ("92520201MA6E00019C", "92520203MA6E000199", "92520281MA6E000198")
IDENTITIES = ("520201198001010012", "520201198001010020")
PHONES = ("13800000001", "13800000002", "13800000003")


def three_shops():
    """Three shops: the first two of one person, in three counties, with words of every source on the first."""
    said = {
        "registry": {"registered_on": "2026-01-15", "operating_status": "operating", "industry": "F5212"},
        "tax": {"annual_taxable_income": "86000.00"},
        "employment": {"first_time_business": True},
        "veterans": {"operator_groups": {"yes": ["self_employed_veteran"], "no": []}},
        "self": {"monthly_rent": "800.00", "rents_premises": True, "sells_online": None},
    }
    take_in(
        [
            Arrival(
                {**(said if place == 0 else {}), "registry": {**said["registry"], "district": code[2:8]}},
                credit_code=code,
                identity=IDENTITIES[place // 2],
                name=f"演示店{place}",
                operator_name=f"演示店主{place // 2}",
                address="演示路 1 号",
            )
            for place, code in enumerate(CREDIT_CODES)
        ],
        on=DAY,
    )
    return [Business.objects.get(credit_code=code) for code in CREDIT_CODES]


def their_people(shops):
    """The owner of the first shop, the owner of the third, and somebody without a shop."""
    owner, other, stranger = (User.objects.begin_with_phone(phone) for phone in PHONES)
    Binding.objects.create(business=shops[0], user=owner)
    Binding.objects.create(business=shops[2], user=other)
    return owner, other, stranger


@pytest.fixture
def shops(db):
    return three_shops()


@pytest.fixture
def people(shops):
    return their_people(shops)


@pytest.fixture
def offering(catalogue_loaded):
    """A service that anybody may ask for, of the labour bureau."""
    bureau = Department.objects.get(code="hrss")
    return Offering.objects.create(
        code="ask",
        kind="enquiry",
        benefit=Benefit.objects.get(code="M14b"),
        title="提一个诉求",
        summary="有人来办",
        provider=bureau,
        handler=bureau,
        status=Offering.Status.PUBLISHED,
    )


@pytest.fixture
def signed_in():
    """A browser in which somebody is signed in. It answers a bug as a server would."""

    def sign_in(user):
        browser = Client(raise_request_exception=False)
        browser.force_login(user)
        return browser

    return sign_in


@pytest.fixture
def program(db):
    """``program("tax", "businesses:read")``: (the ApiClient, its secret in clear)."""

    def let_in(source="", scopes="businesses:read businesses:write evaluations", client_id="bureau"):
        client = ApiClient.objects.create(
            client_id=client_id,
            name="演示程序",
            client_secret=f"{client_id}-secret",
            client_type=ApiClient.CLIENT_CONFIDENTIAL,
            authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
            source=source,
            scopes=scopes,
        )
        return client, f"{client_id}-secret"

    return let_in


@pytest.fixture
def ask_token():
    """POST a form to an address under /api/v1/auth/, with HTTP Basic where ``basic`` is (id, secret)."""

    def ask(form, basic=None, path="token", **more):
        headers = {}
        if basic:
            headers["Authorization"] = f"Basic {b64encode(':'.join(basic).encode()).decode()}"
        return Client(raise_request_exception=False).post(
            f"/api/v1/auth/{path}/",
            urlencode(form, doseq=True),
            content_type="application/x-www-form-urlencoded",
            headers=headers,
            **more,
        )

    return ask


@pytest.fixture
def with_token(ask_token):
    """A test client that shows a fresh token of a program: ``with_token(*program("tax"))``."""

    def begin(client, secret, **form):
        answer = ask_token({"grant_type": "client_credentials", **form}, (client.client_id, secret))
        assert answer.status_code == 200, answer.content.decode()
        return bearing(answer.json()["access_token"])

    return begin


def bearing(token):
    return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})


def address_of(business, *rest):
    return "/".join(["/api/v1/businesses", str(business.public_id), *rest]) + "/"
