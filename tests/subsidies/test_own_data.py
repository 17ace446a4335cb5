"""What the room hands out of a person, and what of it goes when they leave."""

import json

import pytest

from core import own_data
from subsidies.actions import applying
from subsidies.audit import verify
from subsidies.models import Application, CaseFile, Evidence
from tests.notifications.register import open_shop

from . import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def shop(db):
    return open_shop(1)


@pytest.fixture
def owner(shop):
    return world.owner_of(shop)


def part():
    return own_data._parts["applications"]


def test_a_person_takes_their_applications_and_files_with_them(people, shop, owner):
    benefit = world.grant_of_money(criteria=world.IN_DISTRICT)
    refused = world.refused(world.filed(benefit, shop, owner), people)
    loose = world.evidence(shop.operator, "身份证")

    found = part().export(owner)

    (said,) = found["applications"]
    assert (said["number"], said["state"], said["reason"]) == (refused.number, "refused", world.REASON)
    assert said["files"] == [["租赁合同", "照片.jpg"]]
    assert [row["material"] for row in found["evidence"]] == ["租赁合同", "身份证"]
    assert found["evidence"][1]["sha256"] == loose.sha256
    assert json.loads(json.dumps(found)) == found
    assert world.ACCOUNT[:12] not in json.dumps(found)


def test_another_persons_are_not_among_them(people, shop, owner):
    world.filed(world.grant_of_money(), shop, owner)
    other = world.owner_of(open_shop(2))

    assert part().export(other)["applications"] == []
    assert part().export(other)["evidence"] == []


def test_drafts_and_what_was_never_filed_go_and_what_was_filed_stays(people, shop, owner):
    filed = world.filed(world.grant_of_money("T01a"), shop, owner)
    world.draft(world.grant_of_money("T01b"), shop, owner)
    world.evidence(shop.operator, "身份证")
    kept = CaseFile.objects.get(application=filed).evidence

    part().erase(owner)
    part().erase(owner)

    assert list(Application.objects.values_list("pk", "state")) == [(filed.pk, "submitted")]
    assert list(Evidence.objects.values_list("pk", "uploaded_by")) == [(kept.pk, None)]
    assert list(verify()) == []


def test_what_others_have_is_left_alone(people, shop, owner):
    other_shop = open_shop(2)
    other = world.owner_of(other_shop)
    draft = applying.begin(other_shop, world.grant_of_money(), by=other)
    piece = world.evidence(other_shop.operator)

    part().erase(owner)

    assert Application.objects.get() == draft
    assert Evidence.objects.get() == piece
