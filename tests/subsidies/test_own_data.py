"""What the room hands out of a person, and what of it goes when they leave."""

import io
import json
from datetime import date

import pytest
from django.utils import timezone
from PIL import Image

from accounts.actions import agree, close_account, withdraw
from businesses.models import PaymentAccount
from cases.audit import verify
from cases.evidence import wallet
from cases.models import CaseFile, Evidence
from core import own_data
from core.errors import Refused
from subsidies.actions import applying, approving, paying
from subsidies.models import Application
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
    kept = CaseFile.objects.get(case=filed).evidence

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


def account_of(application):
    return Application.objects.get(pk=application.pk).account


@pytest.mark.parametrize(
    "leave", [lambda owner: withdraw(owner, "sensitive"), lambda owner: close_account(owner, by=owner)]
)
class TestLeavingWithAnAccount:
    def test_the_account_of_an_open_case_is_erased(self, people, shop, owner, leave):
        found = world.recommended(world.filed(world.grant_of_money(), shop, owner), people)

        kept = leave(owner)

        assert (account_of(found), PaymentAccount.objects.count()) == (None, 0)
        assert [(row.law, row.until_text) for row in kept if found.number in row.what] == [
            ("《档案法》和《机关文件材料归档范围和文书档案保管期限规定》", "办结以后保存 10 年，年限待核实")
        ]
        with pytest.raises(Refused, match="店主撤回了对收款账户的同意"):
            approving.approve(Application.objects.get(), by=people.approver)

    def test_the_account_that_money_was_granted_to_is_sealed_and_said_until_when(
        self, people, shop, owner, leave
    ):
        benefit = world.grant_of_money()
        world.envelope(benefit)
        found = world.approved(world.filed(benefit, shop, owner), people)
        year = timezone.localdate().year + 30

        kept = leave(owner)

        account = account_of(found)
        assert (account.ended_at is not None, account.sealed_until) == (True, date(year, 12, 31))
        assert [row.until_text for row in kept if found.number in row.what] == [
            f"保存到 {year} 年 12 月 31 日"
        ]
        assert list(verify()) == []

    def test_a_sealed_account_is_open_to_the_auditor_alone(self, people, shop, owner, leave):
        benefit = world.grant_of_money()
        world.envelope(benefit)
        world.approved(world.filed(benefit, shop, owner), people)

        leave(owner)

        seen = [list(PaymentAccount.objects.visible_to(user)) for user in (people.finance, people.admin)]
        assert [len(rows) for rows in seen] == [0, 1]


def test_a_batch_leaves_out_who_took_their_agreement_back(people, shop, owner):
    benefit = world.grant_of_money()
    world.envelope(benefit)
    world.approved(world.filed(benefit, shop, owner), people)

    withdraw(owner, "sensitive")

    prepared = paying.prepare(people.department, by=people.finance)
    assert (prepared.batch, [row.because for row in prepared.left_out]) == (
        None,
        ["收款账户已停用，还没有新的。请店主先登记。"],
    )


def test_who_agrees_again_registers_the_account_again_and_the_case_goes_on(people, shop, owner):
    found = world.filed(world.grant_of_money(), shop, owner)
    withdraw(owner, "sensitive")
    agree(owner, "sensitive")

    account = world.another_account(shop, owner, world.ACCOUNT)

    assert world.recommended(found, people).account == account


def test_the_files_themselves_are_handed_out(people, shop, owner, settings, tmp_path):
    settings.PRIVATE_FOLDER = tmp_path
    picture = Image.new("RGB", (20, 20))
    content = io.BytesIO()
    picture.save(content, "PNG")
    content.seek(0)
    content.name = "合同.png"
    row = wallet.keep(shop.operator, "租赁合同", content, by=owner)
    Evidence.objects.update(status="clean")

    assert [(name, len(held)) for name, held in own_data.files_of(owner)] == [
        (f"{row.pk}-租赁合同-{row.original_name}", row.size)
    ]
