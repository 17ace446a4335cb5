"""What others see of a shop and may do there: agents, readers, programs, the next owner, strangers."""

import re

import pytest
from django.utils import timezone

from accounts.models import ApiClient
from businesses import actions
from businesses.models import Binding, CorrectionRequest, Mandate

from ..shops import (
    CODE,
    NAME,
    SECOND_CODE,
    agent_of,
    browser_of,
    day,
    owner_of,
    person,
    store,
    tea_shop,
    text_of,
)
from .conftest import ME

pytestmark = pytest.mark.usefixtures("catalogue_loaded")


def test_an_agent_sees_the_shop_as_such_and_may_what_was_allowed(owner, shop):
    reader = browser_of(agent_of(shop, owner, ["view"]))
    writer = browser_of(agent_of(shop, owner, ["answer"], number=3))
    helper = browser_of(agent_of(shop, owner, ["apply"], number=4))

    assert "代办" in text_of(reader.get("/me/"))
    table = {
        address: [browser.get(address).status_code for browser in (reader, writer, helper)]
        for address in (
            "/me/",
            "/me/correct/registered_on/",
            "/me/account/",
            "/me/unbind/",
            "/check/results/",
        )
    }
    assert table == {
        "/me/": [200, 200, 200],
        "/me/correct/registered_on/": [403, 200, 403],
        "/me/account/": [403, 403, 200],
        "/me/unbind/": [404, 404, 404],
        "/check/results/": [200, 200, 200],
    }
    given = {"phone": "13900000008", "scopes": "apply", "until": day().isoformat()}
    assert helper.post("/me/mandates/", given).status_code == 403


def test_a_reader_checks_but_answers_nothing(owner, shop):
    reader = browser_of(agent_of(shop, owner, ["view"]))
    before = actions.own_words(shop)

    assert reader.post("/me/check/").headers["Location"] == "/check/results/"
    sent = {"agri_industry": "tea", "shop": shop.public_id}
    refused = reader.post("/check/q/agriculture/", sent, follow=True)

    assert "店主只让您查看，没有让您代填" in text_of(refused)
    assert actions.own_words(shop) == before


def test_a_revoked_mandate_shuts_the_door_at_once(owner, shop, browser):
    agent = browser_of(agent_of(shop, owner, ["answer"]))
    agent.post("/me/check/")
    assert shop.name in text_of(agent.get("/check/results/"))

    browser.post(f"/me/mandates/{Mandate.objects.get().pk}/revoke/")

    sent = {"agri_industry": "none", "shop": shop.public_id}
    assert agent.get("/check/results/").headers["Location"] == "/me/"
    refused = text_of(agent.post("/check/q/agriculture/", sent, follow=True))
    assert re.search(
        "刚才那家店，您不能再替它办事了。.*绑定您的店|绑定您的店.*刚才那家店，您不能再替它办事了", refused
    )
    assert "agri_industry" not in actions.own_words(shop)
    assert "answers" not in agent.cookies
    assert shop.name not in text_of(agent.get("/check/results/"))


def test_a_mandate_is_given_and_taken_back_on_the_page(browser, owner, shop):
    faulty = browser.post("/me/mandates/", {"phone": "1", "scopes": "answer", "until": "x"})
    given = browser.post(
        "/me/mandates/",
        {"phone": "139 0000 0002", "relation": "女儿", "scopes": "answer", "until": day().isoformat()},
        follow=True,
    )
    mandate = Mandate.objects.get()
    stranger = browser_of(person(5)).post(f"/me/mandates/{mandate.pk}/revoke/")

    assert faulty.status_code == 400
    assert "139****0002 （女儿） 查看店铺信息和结果、代填信息" in text_of(given)
    assert "代办申请（含登记收款账户）" in text_of(given)
    assert (stranger.status_code, Mandate.objects.standing().count()) == (404, 1)
    browser.post(f"/me/mandates/{mandate.pk}/revoke/")
    assert Mandate.objects.standing().count() == 0


def test_no_address_shows_a_stranger_anything_of_the_shop(owner, shop, browser):
    browser.post("/me/correct/registered_on/", {"note": "独特的说明"})
    browser.post("/me/account/", {"holder": NAME, "bank": "独特银行", "number": "6222000012345678"})
    stranger = person(5)
    owner_of_other = browser_of(stranger)
    other = store(tea_shop(), code=SECOND_CODE, identity="520201198001010020", name="演示别家店")
    actions.bind(stranger, SECOND_CODE, NAME, "010020")
    session = owner_of_other.session
    session["shop"], session["checking_shop"] = str(shop.public_id), True
    session.save()

    shown = "".join(
        owner_of_other.get(address).content.decode()
        for address in (*ME.values(), "/", "/check/", "/check/results/", "/policies/M05/")
    )

    assert other.name in shown  # offered instead of the shop that was never theirs
    assert [word for word in (shop.name, CODE, "独特的说明", "独特银行", "5678") if word in shown] == []


def test_the_next_owner_reads_that_a_fact_is_disputed_but_not_what_the_last_one_wrote(owner, shop):
    actions.ask_for_correction(shop, "registered_on", "独特的说明", by=owner)
    CorrectionRequest.objects.update(answer="独特的答复")
    actions.unbind(Binding.objects.get(), by=owner)
    buyer = browser_of(owner_of(shop, 6))
    buyer.post("/me/correct/district/", {"note": "搬到水城区了"})

    text = text_of(buyer.get("/me/"))

    assert "更正申请" in text
    assert text.count("等待核实") == 2
    assert "您说：搬到水城区了" in text
    assert [word for word in ("独特的说明", "独特的答复") if word in text] == []


def test_an_owner_reads_what_their_agent_wrote(owner, shop):
    actions.ask_for_correction(shop, "registered_on", "早一年", by=agent_of(shop, owner, ["answer"]))

    assert "说明：早一年" in text_of(browser_of(owner).get("/me/"))


def test_only_programs_in_use_are_offered_for_a_mandate(browser, owner, shop):
    bank = ApiClient.objects.create(name="演示银行", client_type="confidential")
    until = day().isoformat()
    before = text_of(browser.get("/me/mandates/"))
    ApiClient.objects.update(disabled_at=timezone.now())

    refused = browser.post("/me/mandates/", {"client": bank.pk, "scopes": "answer", "until": until})

    assert "演示银行" in before
    assert "演示银行" not in text_of(browser.get("/me/mandates/"))
    assert (refused.status_code, "这个程序已经停用" in text_of(refused)) == (400, True)
    assert Mandate.objects.count() == 0
