"""代办: a clerk fills in for a person who is at the window or on the phone, and for nobody else."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import AccessEvent
from businesses import assisting as helping
from businesses.models import Assistance, Binding
from cases.actions import assisting
from cases.rights import permissions
from core.errors import Invalid, NotYours, Refused
from notifications.models import Letter
from services.asking import Ask, ask_or_find
from subsidies.models import Application
from tests.notifications.register import identity, open_shop
from tests.services import world as services
from tests.subsidies import world

pytestmark = pytest.mark.django_db
BEGIN = "/admin/businesses/assistance/add/"
LIST = "/admin/businesses/assistance/"


@pytest.fixture
def clerk():
    return services.bureau().clerk


@pytest.fixture
def shop():
    return open_shop(1)


def of(shop, **other):
    given = {
        "credit_code": shop.credit_code,
        "operator_name": shop.operator.name,
        "last_six": identity(1)[-6:],
        "channel": "window",
    }
    return {**given, **other}


def test_whoever_shows_who_they_are_is_helped_for_two_hours(clerk, shop):
    row = assisting.begin(by=clerk, **of(shop))

    assert (row.business, row.clerk, row.channel) == (shop, clerk, "window")
    assert AccessEvent.objects.filter(action="assist", user=clerk).count() == 1
    just_before, at, after = (row.until + timedelta(seconds=step) for step in (-1, 0, 1))
    stands = []
    for moment in (just_before, at, after):
        with time_machine.travel(moment, tick=False):
            stands.append(helping.standing(clerk, shop) is not None)
    assert stands == [True, False, False]


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"last_six": "000000"}, Refused),
        ({"operator_name": "别人"}, Refused),
        ({"credit_code": "92520201MA6E00019C"}, Refused),
        ({"channel": "post"}, Invalid),
    ],
)
def test_nobody_is_helped_as_somebody_else(clerk, shop, wrong, problem):
    with pytest.raises(problem):
        assisting.begin(by=clerk, **of(shop, **wrong))

    assert not Assistance.objects.exists()


def test_a_clerk_does_not_help_where_they_keep_away(clerk, shop):
    Binding.objects.create(business=shop, user=clerk)

    with pytest.raises(NotYours, match="回避"):
        assisting.begin(by=clerk, **of(shop))


@pytest.mark.parametrize("role", ["reviewer", "approver", "finance"])
def test_only_whoever_files_for_others_may_begin(shop, client, role):
    client.force_login(getattr(services.bureau(), role))

    assert client.post(BEGIN, of(shop)).status_code == 403


def test_who_helps_one_helps_no_other(clerk, shop):
    first, other = assisting.begin(by=clerk, **of(shop)), open_shop(2)

    assisting.begin(by=clerk, **of(other, last_six=identity(2)[-6:]))

    first.refresh_from_db()
    assert first.ended_at is not None
    assert (helping.standing(clerk, shop), helping.standing(clerk, other) is not None) == (None, True)


def test_an_application_is_filed_at_the_window_told_to_its_owner_and_taken_back(clerk, shop, client):
    benefit = world.grant_of_money(materials=[])
    owner = world.owner_of(shop)
    world.envelope(benefit)
    client.force_login(clerk)

    client.post(BEGIN, of(shop))
    listed = client.get(LIST).content.decode()
    shown = str(shop.public_id)
    begun = client.post("/apply/T01a/", {"shop": shown}, follow=True)
    draft = Application.objects.get()
    sent = client.post(f"/apply/{draft.public_id}/check/", {"version": draft.version, "declare": "on"})

    row = Application.objects.get()
    assert "/apply/T01a/" in listed
    assert begun.status_code == 200
    assert (sent.status_code, sent["Location"]) == (302, LIST)
    assert (row.state, row.channel, row.submitter, row.begun_by) == ("submitted", "window", clerk, clerk)
    assert "工作人员替您填的" in Letter.objects.get(operator=shop.operator).sentence
    client.force_login(owner)
    client.post(f"/cases/{row.public_id}/withdraw/", {"version": row.version})
    assert Application.objects.get().state == "withdrawn"


def test_when_they_have_gone_the_draft_is_closed_to_the_clerk(clerk, shop, client):
    benefit = world.grant_of_money(materials=[])
    world.owner_of(shop)
    client.force_login(clerk)
    client.post(BEGIN, of(shop))
    client.post("/apply/T01a/", {"shop": str(shop.public_id)})
    draft = Application.objects.get(benefit=benefit)

    client.post(f"{LIST}end/")

    assert client.get(f"/apply/{draft.public_id}/").status_code == 403


def test_who_filed_it_for_them_does_not_review_it(clerk, shop):
    row = services.offering()
    assisting.begin(by=clerk, **of(shop))
    case, _ = ask_or_find(row, shop, Ask(words=services.NEED), by=clerk)

    assert case.channel == "window"
    assert not permissions.may_review(clerk, case)
    assert permissions.may_review(services.bureau().reviewer, case)


def test_an_account_waits_for_somebody_who_can_take_their_consent_back(clerk, shop, client):
    """Of whoever has never signed in nobody agrees to the number being kept."""
    client.force_login(clerk)
    client.post(BEGIN, of(shop))
    account = {"holder": shop.operator.name, "bank": "演示银行", "number": "6222000000000000"}

    answer = client.post("/me/account/", {"shop": str(shop.public_id), **account})

    assert answer.status_code == 409
    assert "请店主先用手机号登录、绑定这家店" in answer.content.decode()
