"""A form that was shown for one shop writes to no other, whatever was chosen since in another tab."""

import re

import pytest

from businesses import actions
from businesses.models import Mandate
from tests.markup import markup, squeezed

from ..shops import NAME, SECOND_CODE, agent_of, browser_of, day, owner_of, store, tea_shop, text_of

pytestmark = pytest.mark.usefixtures("catalogue_loaded")


@pytest.fixture
def second(owner):
    """Another shop of the same owner, which their other tab has switched to."""
    shop = store(tea_shop(), code=SECOND_CODE, name="演示第二家店")
    owner_of(shop)
    return shop


FORMS = {
    "/me/unbind/": {},
    "/me/account/": {"holder": NAME, "bank": "贵州银行", "number": "6222000012345678"},
    "/me/mandates/": {"phone": "13900000008", "scopes": "answer", "until": day().isoformat()},
    "/me/correct/registered_on/": {"note": "早一年"},
    "/me/correct/monthly_rent/": {"withdraw": "1"},
    "/check/q/agriculture/": {"agri_industry": "tea"},
}


def hidden_shops(page):
    return set(re.findall(r'<input type="hidden" name="shop" value="([^"]+)" ?>', squeezed(page)))


def state_of(shop):
    return (
        [row.ended_at for row in shop.bindings.all()],
        shop.operator.payment_accounts.count(),
        shop.mandates.count(),
        shop.correction_requests.count(),
        actions.own_words(shop),
    )


@pytest.mark.parametrize("address", FORMS)
def test_a_form_shown_for_one_shop_changes_neither_when_another_was_chosen_since(
    browser, shop, second, address
):
    browser.post("/me/switch/", {"shop": shop.public_id})
    browser.post("/me/check/")
    page = browser.get(address).content.decode()
    before = state_of(shop), state_of(second)

    browser.post("/me/switch/", {"shop": second.public_id})
    refused = browser.post(address, {**FORMS[address], "shop": shop.public_id}, follow=True)

    assert hidden_shops(page) == {str(shop.public_id)}
    assert "刚才那一页是为另一家店打开的，没有保存" in text_of(refused)
    assert "<h1>演示第二家店" in markup(refused)
    assert (state_of(shop), state_of(second)) == before


def test_answers_for_nobody_in_particular_are_not_written_into_a_shop_chosen_since(browser, shop):
    before = actions.own_words(shop)
    browser.get("/check/q/agriculture/")
    browser.post("/me/check/")

    refused = browser.post("/check/q/agriculture/", {"agri_industry": "tea"}, follow=True)

    assert "没有保存" in text_of(refused)
    assert (actions.own_words(shop), "answers" in browser.cookies) == (before, False)


def test_when_a_mandate_ends_the_agents_own_shop_never_takes_its_place(owner, shop):
    agent = agent_of(shop, owner, ["answer"])
    own = store(tea_shop(), code=SECOND_CODE, identity="520201198001010020", name="演示自己的店")
    actions.bind(agent, SECOND_CODE, NAME, "010020")
    browser, before = browser_of(agent), actions.own_words(own)
    browser.post("/me/switch/", {"shop": shop.public_id})
    browser.post("/me/check/")
    actions.revoke_mandate(Mandate.objects.get(), by=owner)

    sent = {"agri_industry": "tea", "shop": shop.public_id}
    told = browser.post("/check/q/agriculture/", sent, follow=True).content.decode()

    assert "您不能再替它办事了" in told
    assert "没有保存" in told
    assert hidden_shops(told) == {str(own.public_id)}
    assert actions.own_words(own) == before
    assert browser.get("/me/account/").headers["Location"] == "/me/"
    chosen = browser.post("/me/switch/", {"shop": own.public_id}, follow=True)
    assert "<h1>演示自己的店" in markup(chosen)
