"""/me/ and the check with a stored shop: what is shown, to whom, and what is asked."""

import json
import re
from random import Random

import pytest
from django.contrib.auth.models import Permission
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts.models import ApiClient, Department, User
from businesses import actions
from businesses.facts import DERIVED, SELF, SOURCES
from businesses.models import (
    Binding,
    CorrectionRequest,
    CreditRating,
    Mandate,
    PaymentAccount,
    RepairCase,
    Source,
)
from businesses.register import profile_of
from businesses.registry import business_registry
from businesses.synthetic import generate_profile

from .owners import asked_on, filled_in
from .shops import (
    CODE,
    LAST_SIX,
    NAME,
    SECOND_CODE,
    agent_of,
    browser_of,
    day,
    owner_of,
    person,
    store,
    tea_shop,
)
from .test_same_answer import MONEY, Cards, as_the_page_says

pytestmark = pytest.mark.usefixtures("catalogue_loaded")
# What the tea shop's owner says when asked for the rest.
THE_REST = {"operator_groups": [], "agri_industry": "tea", "agri_activity": "circulation"}
ARGUMENTS = {"me-correct": ["registered_on"], "me-revoke": [1]}
ME = {
    row.name: reverse(row.name, args=ARGUMENTS.get(row.name))
    for row in get_resolver("portal.me.urls").url_patterns
}


def text_of(response):
    page = response.content.decode()
    page = page[page.find("<main") : page.find("</main>")] if "<main" in page else page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.fixture
def shop(db):
    return store(tea_shop())


@pytest.fixture
def owner(shop):
    return owner_of(shop)


@pytest.fixture
def browser(owner):
    return browser_of(owner)


def check(browser, answers):
    """Check with the shop, answering as the owner would; the pages that were asked."""
    address, seen = browser.post("/me/check/").headers["Location"], []
    while address != "/check/results/":
        assert len(seen) < 12
        seen.append(address)
        page = browser.get(address).content.decode()
        address = browser.post(address, filled_in(page, answers)).headers["Location"]
    return seen


# Who comes in


@pytest.mark.parametrize("name", ME)
def test_a_stranger_is_asked_to_sign_in_and_comes_back(client, name):
    visit = client.post if name in ("me-switch", "me-revoke", "me-check") else client.get

    response = visit(ME[name])

    assert (response.status_code, response.headers["Location"]) == (302, f"/login/?next={ME[name]}")


def test_whoever_has_no_shop_binds_one_with_consent(shop):
    user = User.objects.begin_with_phone("13900000009")
    browser = browser_of(user)
    given = {"credit_code": CODE, "operator_name": NAME, "last_six": LAST_SIX}

    form = text_of(browser.get("/me/"))
    without = browser.post("/me/bind/", given)
    bound = browser.post("/me/bind/", {**given, "agree": "1"}, follow=True)

    assert "我同意处理身份证号和银行账户" in form
    assert "先不绑定，自己填" in form
    assert (without.status_code, "请先勾选同意" in text_of(without)) == (409, True)
    assert "绑定好了" in text_of(bound)
    assert Binding.objects.get().user == user


def test_a_form_that_is_wrong_says_where_and_never_shows_the_digits_again(shop):
    browser = browser_of(person(9))

    faulty = browser.post("/me/bind/", {"credit_code": "92", "operator_name": "", "last_six": "998877"})
    wrong = browser.post("/me/bind/", {"credit_code": CODE, "operator_name": NAME, "last_six": "998877"})

    page = faulty.content.decode()
    assert (faulty.status_code, wrong.status_code) == (400, 409)
    assert re.findall(r'<a href="#([a-z_]+)">', page) == ["credit_code", "operator_name"]
    assert "代码应为 18 位，您填了 2 位" in page
    assert actions.DO_NOT_MATCH in wrong.content.decode()
    assert "998877" not in page + wrong.content.decode()
    assert f'value="{CODE}"' in wrong.content.decode()


def test_a_deregistered_shop_is_bound_and_says_what_that_means(db):
    said = tea_shop()
    store({**said, "registry": {**said["registry"], "operating_status": "deregistered"}})
    user = person()

    response = browser_of(user).post(
        "/me/bind/", {"credit_code": CODE, "operator_name": NAME, "last_six": LAST_SIX}, follow=True
    )

    assert "登记显示这家店已注销，多数政策不能再享受" in text_of(response)


@pytest.mark.parametrize("name", ["me-switch", "me-check", "me-revoke"])
def test_who_comes_back_from_signing_in_to_a_button_finds_a_page(browser, name):
    response = browser.get(ME[name], follow=True)

    assert (response.status_code, "checking_shop" in browser.session) == (200, False)


# What is shown


def test_each_fact_is_shown_with_its_source_its_day_and_whether_it_is_verified(browser, shop):
    page = browser.get("/me/").content.decode()
    text = text_of(browser.get("/me/"))

    today = f"{day().year} 年 {day().month} 月 {day().day} 日"
    assert f"<h1>{shop.name}" in page
    assert f"统一社会信用代码 {CODE}" in text
    assert "行业 批发和零售业（F5226）" in text
    assert f"所在县区 钟山区 已核验 市场监管登记，{today} 不对？" in text
    assert f"经营者身份 自主就业退役士兵、退役军人 已核验 退役军人事务，{today} 不对？" in text
    assert f"实际月租金 800 元 您填写的，还没核实 您填写的，{today} 修改" in text
    assert re.findall(r"<h3>(.*?)</h3>", page) == [
        "登记",
        "经营者身份",
        "税",
        "社会保险",
        "补贴",
        "您填写的",
    ]
    assert "没有更新" not in text


def test_a_set_is_shown_by_who_names_its_members(db):
    shop = store({**tea_shop(), "self": {"operator_groups": ["disabled"]}})

    text = text_of(browser_of(owner_of(shop)).get("/me/"))

    assert re.search("经营者身份 自主就业退役士兵、退役军人 已核验 退役军人事务", text)
    assert re.search("经营者身份 残疾人 您填写的，还没核实", text)


@pytest.mark.parametrize(("days", "stale"), [(30, False), (31, True)])
def test_data_older_than_thirty_days_is_said_to_be(db, days, stale):
    shop = store(tea_shop(), on=day(days))

    text = text_of(browser_of(owner_of(shop)).get("/me/"))

    assert ("“税务”的信息停在" in text) == stale
    assert "“您填写的”的信息停在" not in text


def test_the_risk_class_is_guidance_without_its_letter(browser, shop):
    CreditRating.objects.create(business=shop, rated="C", on=day())

    text = text_of(browser.get("/me/"))

    assert "抽查会多一些" in text
    assert "不对外公布" in text
    assert "C 风险" not in text


def test_a_repair_is_told_and_then_known_to_be_read(browser, shop):
    RepairCase.objects.create(business=shop, result="您补报了年报，标记已经取消。")

    text = text_of(browser.get("/me/"))

    assert "正在自动修复信用，不用您申请" in text
    assert RepairCase.objects.get().seen_at is not None


def test_the_type_comes_with_its_reason(browser):
    assert "分型 生存型 登记还不满 1 年" in text_of(browser.get("/me/"))


def test_one_of_several_shops_is_chosen(owner, browser):
    second = store(tea_shop(), code=SECOND_CODE, name="演示第二家店")
    owner_of(second)
    stranger = store(tea_shop(), code="92520204MA6E00019P", identity="520201198001010020")

    response = browser.post("/me/switch/", {"shop": second.public_id}, follow=True)

    assert "<h1>演示第二家店" in response.content.decode()
    for wanted in (stranger.public_id, "", "0", "' OR 1=1"):
        assert browser.post("/me/switch/", {"shop": wanted}).status_code == 404
    assert "<h1>演示第二家店" in browser.get("/me/").content.decode()


# Corrections


@pytest.fixture
def clerk(db):
    """Staff of the market regulator who answer corrections."""
    Source.objects.update_or_create(
        code="registry", defaults={"label": "市场监管登记", "department_code": "market"}
    )
    bureau, _ = Department.objects.get_or_create(code="market", defaults={"name": "市场监督管理局"})
    user = User.objects.create_user("market-clerk", is_staff=True, department=bureau)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_correctionrequest", "change_correctionrequest"])
    )
    return user


def test_a_dispute_is_answered_in_the_admin_and_the_owner_sees_it(browser, shop, clerk):
    asked = browser.post("/me/correct/registered_on/", {"note": "营业执照上早一年"}, follow=True)
    request, office = CorrectionRequest.objects.get(), browser_of(clerk)
    waiting = office.get("/admin/businesses/correctionrequest/").content.decode()
    address = f"/admin/businesses/correctionrequest/{request.pk}/decide/"
    form = office.get(address).content.decode()
    nothing = office.post(address, {"accept": "no", "answer": ""})
    done = office.post(address, {"accept": "yes", "value": "2024-01-15", "answer": "核对了档案"}, follow=True)

    assert "已转给提供这项信息的部门核实" in text_of(asked)
    assert "正在核实" in text_of(asked)
    assert f'href="{address}"' in waiting
    assert "营业执照上早一年" in form
    assert (nothing.status_code, "请写明核实的结果和理由" in nothing.content.decode()) == (400, True)
    assert "已答复" in done.content.decode()
    text = text_of(browser.get("/me/"))
    assert "登记日期 2024 年 1 月 15 日 已核验 工作人员核对" in text
    assert "答复：核对了档案" in text


def test_the_queue_holds_only_the_own_department(browser, shop, clerk):
    browser.post("/me/correct/taxpayer_type/", {"note": "不对"})
    office, request = browser_of(clerk), CorrectionRequest.objects.get()

    listed = office.get("/admin/businesses/correctionrequest/").content.decode()
    opened = office.get(f"/admin/businesses/correctionrequest/{request.pk}/decide/")

    assert f"correctionrequest/{request.pk}/" not in listed
    assert (opened.status_code, opened.headers["Location"]) == (302, "/admin/")


def test_staff_end_bindings_and_mandates_only_where_they_may(owner, shop):
    agent_of(shop, owner, ["view"])
    readers = User.objects.create_user("reader", is_staff=True)
    readers.user_permissions.set(Permission.objects.filter(codename__in=["view_binding", "view_mandate"]))
    enders = User.objects.create_user("ender", is_staff=True)
    enders.user_permissions.set(
        Permission.objects.filter(
            codename__in=["view_binding", "view_mandate", "change_binding", "change_mandate"]
        )
    )
    binding, mandate = Binding.objects.get(), Mandate.objects.get()
    posts = {
        "/admin/businesses/mandate/": {"action": "revoke", "_selected_action": mandate.pk},
        "/admin/businesses/binding/": {"action": "unbind", "_selected_action": binding.pk},
    }

    for address, sent in posts.items():
        assert browser_of(readers).get(address).status_code == 200
        browser_of(readers).post(address, sent)
    assert (Binding.objects.filter(ended_at=None).count(), Mandate.objects.standing().count()) == (1, 1)
    told = [text_of(browser_of(enders).post(address, sent, follow=True)) for address, sent in posts.items()]

    assert (Binding.objects.filter(ended_at=None).count(), Mandate.objects.standing().count()) == (0, 0)
    assert ["办好了 1 件" in text for text in told] == [True, True]
    assert Binding.objects.get().ended_because == "工作人员核实后解除"


def test_own_words_are_changed_or_taken_back_not_disputed(browser, shop):
    page = text_of(browser.get("/me/correct/monthly_rent/"))
    again = browser.post("/me/check/", {"page": "premises"})
    browser.post("/me/correct/monthly_rent/", {"withdraw": "1"})

    assert "重新回答" in page
    assert "转给部门核实" not in page
    assert again.headers["Location"] == "/check/q/premises/"
    assert set(actions.own_words(shop)) == {"rents_premises", "rent_reduction_received"}


@pytest.mark.parametrize("fact", ["no_such_fact", "exports", "annual_resource_tax"])
def test_what_nobody_has_said_cannot_be_disputed(browser, fact):
    assert browser.get(f"/me/correct/{fact}/").status_code == 404


# Money


def test_an_account_is_registered_and_only_its_end_is_shown(browser):
    given = {"holder": NAME, "bank": "贵州银行", "number": "6222 0000 1234 5678"}

    wrong = browser.post("/me/account/", {**given, "holder": "别人", "bank": ""})
    other = browser.post("/me/account/", {**given, "holder": "别人"})
    done = browser.post("/me/account/", given, follow=True)

    assert (wrong.status_code, other.status_code) == (400, 409)
    assert "户名要和登记的经营者同名" in text_of(other)
    assert "贵州银行 尾号 5678" in text_of(done)
    assert not re.search("6222", (wrong.content + other.content + done.content).decode())
    assert PaymentAccount.objects.standing().count() == 1


def test_the_owner_sees_who_registered_the_account_and_when_and_a_reader_sees_no_account(owner, shop):
    reader = browser_of(agent_of(shop, owner, ["view"]))
    helper = browser_of(agent_of(shop, owner, ["apply"], number=4))
    given = {"holder": NAME, "bank": "贵州银行", "number": "6222000012345678"}
    on = f"{day().year} 年 {day().month} 月 {day().day} 日"

    helper.post("/me/account/", given)
    told = text_of(browser_of(owner).get("/me/"))
    browser_of(owner).post("/me/account/", {**given, "number": "6222000012345679"})

    assert f"贵州银行 尾号 5678 {on}由 139****0004 登记" in told
    assert f"尾号 5679 {on}由您登记" in text_of(browser_of(owner).get("/me/"))
    assert "尾号 5679 换一个账户" in text_of(helper.get("/me/"))
    assert [word for word in ("收款账户", "贵州银行", "5679") if word in text_of(reader.get("/me/"))] == []


# Agents and strangers


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


# Two tabs, one choice


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
    return set(re.findall(r'<input type="hidden" name="shop" value="([^"]+)">', page))


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
    assert "<h1>演示第二家店" in refused.content.decode()
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
    assert "<h1>演示自己的店" in chosen.content.decode()


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


def test_unbinding_says_what_follows_and_leads_back_to_binding(browser, shop):
    page, done = browser.get("/me/unbind/"), browser.post("/me/unbind/", follow=True)

    assert f"解除绑定“{shop.name}”" in text_of(page)
    assert "绑定您的店" in text_of(done)
    assert Binding.objects.get().ended_because == "店主解除"


# The check with a stored shop


def test_the_tea_shop_is_asked_two_pages_at_most_and_never_what_is_known(browser, shop):
    known = {name for source, facts in tea_shop().items() for name in facts if source != SELF}
    asked, address = [], browser.post("/me/check/").headers["Location"]
    while address != "/check/results/":
        page = browser.get(address).content.decode()
        asked += asked_on(page)
        address = browser.post(address, filled_in(page, THE_REST)).headers["Location"]

    assert len(asked) == len(set(asked))
    assert set(asked) & known <= {"operator_groups"}  # of which departments know some members
    assert len(check(browser, THE_REST)) == 0
    assert actions.own_words(shop).items() >= {name: THE_REST[name] for name in asked}.items()
    browser.post("/me/correct/operator_groups/", {"withdraw": "1"})
    assert len(check(browser, THE_REST)) <= 2


def test_members_that_departments_know_are_shown_and_not_offered(browser):
    page = browser.get("/check/q/identity/").content.decode() if browser.post("/me/check/") else ""

    assert 'value="disabled"' in page
    assert 'value="veteran"' not in page
    assert "退役军人、自主就业退役士兵" in text_of(browser.get("/check/q/identity/"))


def test_what_a_department_knows_cannot_be_answered_away(browser, shop):
    browser.post("/me/check/")

    page = browser.get("/check/q/registered/")
    browser.post("/check/q/registered/", {"registered_on": "2001-01-01", "shop": shop.public_id})

    assert asked_on(page.content.decode()) == []
    assert "市场监管登记" in text_of(page)
    assert "registered_on" not in actions.own_words(shop)


def test_answers_stay_with_the_shop_and_a_change_drops_none(browser, shop):
    check(browser, THE_REST)
    before = actions.own_words(shop)

    address = browser.post("/me/check/", {"page": "premises"}).headers["Location"]
    page = browser.get(address).content.decode()
    browser.post(address, filled_in(page, {**before, "rents_premises": False}))

    assert actions.own_words(shop) == {**before, "rents_premises": False}
    assert {"operator_groups", "monthly_rent"} <= set(before)
    assert "answers" not in browser.cookies


def test_the_results_say_for_which_shop_and_on_which_days(browser, shop):
    check(browser, THE_REST)

    response = browser.get("/check/results/")
    text = text_of(response)

    assert f"为 {shop.name} 查的" in text
    assert all(SOURCES[source] in text for source in tea_shop())
    assert "发给家人看" not in text
    assert "shared=" not in response.content.decode()
    assert response.headers["Cache-Control"] == "no-store"


def test_home_and_results_count_the_same(browser):
    check(browser, THE_REST)

    home, results = browser.get("/").content.decode(), browser.get("/check/results/").content.decode()

    ready = len(re.findall(r'data-state="(?:now|auto)"', results))
    assert f'<span class="nb">{ready} 项</span>' in home
    assert "用我的店查" in home


def test_the_measure_page_shows_the_verdict_of_the_shop_being_checked(browser):
    before = browser.get("/policies/M05/").content.decode()
    browser.post("/me/check/")
    after = browser.get("/policies/M05/").content.decode()

    results = r'data-criterion="[^"]+" data-result="([a-z]*)"'
    assert set(re.findall(results, before)) == {""}
    assert {"pass", "staff", "wait"} <= set(re.findall(results, after))


def test_who_would_rather_answer_as_nobody_in_particular_may(browser, shop):
    browser.post("/me/check/")

    address = browser.post("/check/", {"nobody": "1"}).headers["Location"]
    browser.post(address, {"operator_groups": "disabled"})

    assert "用我的店查" in text_of(browser.get("/check/"))
    assert shop.name not in text_of(browser.get("/check/results/"))
    assert "operator_groups" not in actions.own_words(shop)
    assert "answers" in browser.cookies


@pytest.mark.parametrize("seed", range(4))
def test_a_stored_shop_gets_the_answer_that_the_api_gives_for_its_facts(seed):
    random, registry = Random(seed), business_registry()
    for number in range(4):
        facts = generate_profile(random, day(), unknown_share=0.3)
        facts = {name: value for name, value in facts.items() if name not in DERIVED}
        said = {}
        for name, value in facts.items():
            said.setdefault(random.choice(registry[name].sources), {})[name] = value
        said.setdefault("registry", {})
        Binding.objects.all().delete()
        identity = f"{PERSONS[number]}"
        shop = store(said, code=SHOPS[number], identity=identity)
        user = person(number + 1)
        actions.bind(user, shop.credit_code, NAME, identity[-6:])
        browser = browser_of(user)

        browser.post("/me/check/")
        page = browser.get("/check/results/").content.decode()
        answer = browser.post(
            "/api/v1/evaluations/", json.dumps({"profile": facts}), "application/json"
        ).json()

        shown = Cards(page).cards
        wanted = {
            row["benefit"]: as_the_page_says(row) for row in answer["results"] if row["benefit"] in MONEY
        }
        assert {code: without_reasons(shown[code]) for code in shown} == {
            code: without_reasons(wanted[code]) for code in wanted
        }, facts
        assert ("继续回答" in page) == (answer["next_question"] is not None), facts
        stored = profile_of(shop).values
        said_to_the_api = registry.read_profile(facts, as_of=day()).values
        assert {name: stored[name] for name in stored if name not in DERIVED} == said_to_the_api


SHOPS = [CODE, SECOND_CODE, "92520204MA6E00019P", "92520281MA6E000198"]
PERSONS = ["520201198001010012", "520201198001010020", "520201198001010039", "520201198001010047"]


def without_reasons(card):
    """Reasons name their source, and staff need not look again at what a department says."""
    return {name: value for name, value in card.items() if name not in ("criteria", "alternatives")}
