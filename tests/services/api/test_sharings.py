"""信息授权 over the API: the operator agrees to the words, and takes it back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions import agree
from businesses.models import Mandate, Sharing
from tests.notifications.register import open_shop
from tests.services.askers import NOBODY, person, program
from tests.subsidies.world import owner_of

from .sending import leg_of, wrong

pytestmark = pytest.mark.django_db


def test_an_owner_agrees_to_the_words_that_were_shown(tender, banks, shop, owner):
    first, _ = banks
    agree(owner, "sensitive")
    browser, leg = person(owner), leg_of(first)

    shown = browser.post("sharings/", {"leg": leg.pk})
    other = browser.post("sharings/", {"leg": leg.pk, "notice": "0" * 64})
    given = browser.post("sharings/", {"leg": leg.pk, "notice": shown.json()["notice"]})

    assert (shown.status_code, other.status_code, given.status_code) == (200, 409, 201)
    assert "我同意演示银行a" in shown.json()["words"]
    assert (given.json()["facts"], given.json()["receiver"]["code"]) == (["monthly_rent"], "demo-bank-a")
    assert browser.get("sharings/").json()["results"] == [given.json()]
    _, of_first = program("first", first.department)
    assert of_first.get(f"legs/{leg.pk}/").json()["sharing"]["facts"] == ["monthly_rent"]
    assert of_first.post("sharings/", {"leg": leg.pk}).status_code == 403


def test_agreeing_takes_a_fresh_proof_and_the_operator(tender, banks, shop, owner, agent):
    first, _ = banks
    leg, browser = leg_of(first), person(owner)
    notice = browser.post("sharings/", {"leg": leg.pk}).json()["notice"]

    session = browser.client.session
    session["proved_at"] -= 16 * 60
    session.save()
    stale = browser.post("sharings/", {"leg": leg.pk, "notice": notice})

    assert (stale.status_code, stale.json()["code"]) == (409, "not_fresh")
    assert "程序不能" in agent.post("sharings/", {"leg": leg.pk}).json()["detail"]
    assert agent.get("sharings/").status_code == 403
    helper = owner_of(open_shop(5))
    until = timezone.localdate() + timedelta(days=30)
    Mandate.objects.create(business=shop, given_by=owner, agent=helper, scopes=["view", "apply"], until=until)
    assert person(helper).post("sharings/", {"leg": leg.pk}).status_code == 403
    assert person(owner_of(open_shop(6))).post("sharings/", {"leg": leg.pk}).status_code == 404
    assert person(first.officer).post("sharings/", {"leg": leg.pk}).status_code == 404
    assert NOBODY.get("sharings/").status_code == 401
    assert Sharing.objects.count() == 0


def test_an_owner_takes_back_what_was_shared(tender, banks, shop, owner):
    browser, leg = person(owner), leg_of(banks[0])
    notice = browser.post("sharings/", {"leg": leg.pk}).json()["notice"]
    given = browser.post("sharings/", {"leg": leg.pk, "notice": notice}).json()
    path = f"sharings/{given['id']}/revoke/"

    hidden = person(owner_of(open_shop(5))).post(path, {}).status_code
    odd = wrong(browser.post(path, {"why": "x"}))
    revoked, again = browser.post(path, {}), browser.post(path, {})

    assert (hidden, odd) == (404, [("why", "unknown_field")])
    assert (revoked.status_code, again.status_code) == (200, 409)
    assert (given["ended"], revoked.json()["ended"]) == (None, "店主已经撤回授权")
