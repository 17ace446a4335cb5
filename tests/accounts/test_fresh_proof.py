"""A page of an owner that asks for a proof of now: by a code to their own phone, and nothing typed is lost."""

import time

import pytest
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import path

from accounts.signing_in import fresh
from portal.urls import urlpatterns as site
from tests.admin.forms import Page

from .conftest import said


@login_required
def important(request):
    fresh.require(request)
    return HttpResponse(f"{request.method} {request.POST.get('bank')}")


urlpatterns = [path("important/", important), *site]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
ADDRESS = "/important/"


@pytest.fixture
def stale(signed_in):
    session = signed_in.session
    session["proved_at"] = time.time() - 16 * 60
    session.save()
    return signed_in


def test_a_fresh_sign_in_is_a_proof(signed_in):
    assert signed_in.post(ADDRESS, {"bank": "甲"}).content.decode() == "POST 甲"


@pytest.mark.parametrize(("seconds", "status"), [(-2, 200), (2, 403)])
def test_a_proof_lasts_fifteen_minutes(signed_in, seconds, status):
    session = signed_in.session
    session["proved_at"] = time.time() - 15 * 60 - seconds
    session.save()

    assert signed_in.post(ADDRESS, {"bank": "甲"}).status_code == status


def test_a_code_to_the_own_phone_proves_and_what_was_typed_goes_on(stale, gateway, time_machine):
    time_machine.shift(120)
    page = Page(stale, ADDRESS, stale.post(ADDRESS, {"bank": "甲"}), ADDRESS)
    page.show(stale.post(ADDRESS, {**dict(page.fields), "proof-send": "1"}), ADDRESS)
    shown, code = said(page.response), gateway.code()
    wrong = stale.post(ADDRESS, {**dict(page.fields), "proof-code": f"{(int(code) + 1) % 10**6:06}"})
    right = stale.post(ADDRESS, {**dict(page.fields), "proof-code": code})

    assert "验证码已发到 138****0001" in shown
    assert (wrong.status_code, "验证码不对，还可以试 4 次" in said(wrong)) == (400, True)
    assert right.content.decode() == "POST 甲"
    assert stale.post(ADDRESS, {"bank": "乙"}).content.decode() == "POST 乙"


def test_a_page_that_is_only_opened_leads_to_the_proof_and_back(stale):
    response = stale.get(ADDRESS)

    assert (response.status_code, response.headers["Location"]) == (
        302,
        "/me/security/prove/?next=%2Fimportant%2F",
    )


def test_somebody_elses_code_proves_nothing(stale, gateway, time_machine, new_client):
    time_machine.shift(120)
    stale.post(ADDRESS, {"bank": "甲", "proof-asked": "1", "proof-send": "1"})
    gateway.code()
    new_client().post("/login/", {"phone": "13800000002"})

    response = stale.post(ADDRESS, {"bank": "甲", "proof-asked": "1", "proof-code": gateway.code()})

    assert response.status_code == 400
