"""Money that the bank sent back, taking back, going on: what list and case say, and where their buttons lead."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from cases.pages import listing, view
from core.errors import Refused
from notifications.models import Letter
from subsidies.actions import applying, paying, settling
from subsidies.models import Application
from subsidies.money import returned
from subsidies.procedure import State
from tests.standing import stands
from tests.subsidies import world

from .shops import browser_of, text_of
from .test_apply import photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unscanned(settings):
    settings.UPLOAD_SCANNER = ""


def _begin():
    """A grant, the bureau that gives it, and the owner of a shop."""
    people, benefit = world.bureau(), world.grant_of_money()
    world.envelope(benefit)
    shop = world.shop_with_rent(1)
    return SimpleNamespace(people=people, benefit=benefit, shop=shop, user=world.owner_of(shop))


_begun = stands(_begin)


@pytest.fixture
def people(begun):
    return begun.people


@pytest.fixture
def benefit(begun):
    return begun.benefit


@pytest.fixture
def owner(begun):
    return SimpleNamespace(user=begun.user, shop=begun.shop, browser=browser_of(begun.user))


@pytest.fixture
def approved(benefit, owner, people):
    return world.approved(world.filed(benefit, owner.shop, owner.user), people)


def batch_of(people):
    batch = paying.prepare(people.department, by=people.finance).batch
    ticked = [row.payment.pk for row in paying.look_over(batch) if row.flags]
    paying.approve(batch, by=people.finance_2, ticked=ticked)
    paying.export(batch, by=people.finance)
    batch.refresh_from_db()
    return batch


def answered(people, batch, result, reason=""):
    payment = batch.payments.get()
    amount = f"{payment.amount_fen / 100:.2f}"
    rows = [
        "流水号,结果,银行流水号,原因,金额",
        f"{payment.reference},{result},B{payment.pk},{reason},{amount}",
    ]
    settling.settle(batch, "\n".join(rows).encode(), by=people.finance)


@pytest.fixture
def sent_back(approved, people):
    answered(people, batch_of(people), "退回", "户名不符")
    return Application.objects.get(pk=approved.pk)


def another_account(owner):
    return world.another_account(owner.shop, owner.user, "6222020200009999")


def card(owner):
    (found,) = listing.newest_cases(owner.user, 10)
    return found["group"], found["status"]["sentence"], found["todo"] and found["todo"]["label"]


def test_money_that_came_back_waits_for_its_owner_in_the_list_and_on_the_case(sent_back, owner):
    listed = owner.browser.get("/cases/").content.decode()
    page = owner.browser.get(f"/cases/{sent_back.public_id}/").content.decode()

    assert card(owner) == ("mine", "5,000 元没有打进去，请改收款账户", "改收款账户")
    assert [text.count("5,000 元没有打进去，请改收款账户") for text in (listed, page)] == [1, 1]
    action = f'action="/cases/{sent_back.public_id}/account/"'
    assert [text.count(action) for text in (listed, page)] == [1, 1]


def test_its_button_leads_to_another_account_of_that_shop_and_back(sent_back, owner):
    response = owner.browser.post(f"/cases/{sent_back.public_id}/account/")

    assert response.url == f"/me/account/?next=%2Fcases%2F{sent_back.public_id}%2F"
    assert owner.browser.session["shop"] == str(owner.shop.public_id)
    assert owner.browser.get(f"/cases/{sent_back.public_id}/account/").status_code == 405


def test_once_another_account_stands_nothing_more_is_asked(sent_back, owner, people):
    another_account(owner)
    assert card(owner) == ("running", "5,000 元被银行退回，收款账户已改，核对以后再转", None)


def test_the_other_account_is_looked_at_before_the_money_is_sent_again(sent_back, owner, people):
    another_account(owner)

    prepared = paying.prepare(people.department, by=people.finance)

    sent_back.refresh_from_db()
    assert (prepared.batch, sent_back.state) == (None, "reviewing")
    assert sent_back.account == owner.shop.operator.payment_accounts.get(ended_at=None)
    assert not returned.waiting().exists()


def test_the_badge_counts_what_came_back_until_it_is_mended(sent_back, owner, rf):
    def count():
        request = rf.get("/")
        request.user = owner.user
        return listing.waiting_for(request)

    before = count()
    another_account(owner)
    assert (before, count()) == (1, 0)


def test_the_message_leads_to_the_case_that_has_the_button(sent_back):
    letter = Letter.objects.get(title__contains="钱退回来了")

    assert letter.action_path == f"/cases/{sent_back.public_id}/"


def test_a_case_of_somebody_else_leads_to_no_account(sent_back):
    stranger = browser_of(world.owner_of(world.shop_with_rent(2)))

    assert stranger.post(f"/cases/{sent_back.public_id}/account/").status_code == 404


# 撤回


def offers_to_withdraw(owner, case):
    page = owner.browser.get(f"/cases/{case.public_id}/").content.decode()
    return f"/cases/{case.public_id}/withdraw/" in page


def test_it_is_offered_no_more_after_approval_and_refused_once_money_is_on_its_way(approved, owner, people):
    batch_of(people)

    assert offers_to_withdraw(owner, approved) is False
    page = owner.browser.get(f"/cases/{approved.public_id}/withdraw/")
    assert page.url == f"/cases/{approved.public_id}/"
    with pytest.raises(Refused):
        applying.withdraw(approved, by=owner.user)


def test_what_came_back_can_still_be_taken_back_by_who_has_the_address(sent_back, owner):
    owner.browser.post(f"/cases/{sent_back.public_id}/withdraw/", {"version": sent_back.version})

    sent_back.refresh_from_db()
    assert sent_back.state == "withdrawn"


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_its_own_sentence(approved, state):
    approved.state = state
    said = view.status_of(approved, timezone.localdate())["sentence"]

    assert ("申诉" in said) == (state == State.APPEALED)


# 接着填


def draft(benefit, owner):
    owner.browser.post(f"/apply/{benefit.code}/", {"shop": owner.shop.public_id})
    return Application.objects.get()


def go_on(owner):
    (found,) = listing.newest_cases(owner.user, 10)
    return found["todo"]


@pytest.mark.parametrize("page", ["facts", "materials", "account", "check"])
def test_going_on_leads_to_the_page_that_was_left(benefit, owner, page):
    application = draft(benefit, owner)
    assert go_on(owner) == {"label": "接着填", "url": f"/apply/{application.public_id}/"}

    owner.browser.get(f"/apply/{application.public_id}/{page}/")
    owner.browser.get(f"/apply/{application.public_id}/")  # the task list is no place to be left

    assert go_on(owner)["url"] == f"/apply/{application.public_id}/{page}/"
    assert owner.browser.get(f"/apply/{benefit.code}/").url == f"/apply/{application.public_id}/{page}/"


def test_of_several_materials_it_leads_to_the_one_in_hand_and_changes_no_version(benefit, owner):
    application = draft(benefit, owner)
    there = f"/apply/{application.public_id}/materials/"
    owner.browser.post(there, {"material": "租赁合同", "do": "upload", "file": photo()})
    version = Application.objects.get().version

    owner.browser.get(there)

    assert go_on(owner)["url"] == f"{there}#material-1"
    assert Application.objects.get().version == version


def test_what_was_passed_with_a_reason_stands_on_the_pages(benefit, owner):
    application = draft(benefit, owner)
    there = f"/apply/{application.public_id}/"
    short = owner.browser.post(f"{there}materials/", {"material": "租赁合同", "do": "excuse", "reason": "没"})
    owner.browser.post(
        f"{there}materials/", {"material": "租赁合同", "do": "excuse", "reason": "房子是自己的"}
    )

    materials, check = (text_of(owner.browser.get(f"{there}{page}/")) for page in ("materials", "check"))
    assert (short.status_code, 'value="没"' in short.content.decode()) == (400, True)
    assert ("要交的都齐了" in materials, "您写的理由：房子是自己的" in materials) == (True, True)
    assert "不交：房子是自己的" in check

    owner.browser.post(f"{there}materials/", {"material": "租赁合同", "do": "unexcuse"})
    assert "还差 1 份" in text_of(owner.browser.get(f"{there}materials/"))
