"""/me/: who comes in, what is shown of the shop, corrections, the account, unbinding."""

import re

import pytest
from django.contrib.auth.models import Permission

from accounts.models import Department, User
from businesses import actions, proving
from businesses.models import (
    Binding,
    CorrectionRequest,
    CreditRating,
    Mandate,
    PaymentAccount,
    RepairCase,
    Source,
)
from tests.markup import markup, squeezed

from ..shops import (
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
    text_of,
)
from .conftest import ME

pytestmark = pytest.mark.usefixtures("catalogue_loaded")


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
    assert proving.DO_NOT_MATCH in wrong.content.decode()
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
    assert f"<h1>{shop.name}" in squeezed(page)
    assert f"统一社会信用代码 {CODE}" in text
    assert "行业 批发和零售业（F5226）" in text
    assert f"所在县区 钟山区 已核验 市场监管登记，{today} 不对？" in text
    assert f"经营者身份 退役军人、自主就业退役士兵 已核验 退役军人事务，{today} 不对？" in text
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

    assert re.search("经营者身份 退役军人、自主就业退役士兵 已核验 退役军人事务", text)
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

    assert "<h1>演示第二家店" in markup(response)
    for wanted in (stranger.public_id, "", "0", "' OR 1=1"):
        assert browser.post("/me/switch/", {"shop": wanted}).status_code == 404
    assert "<h1>演示第二家店" in markup(browser.get("/me/"))


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
    browser_of(owner).post("/me/account/", {**given, "number": "6222000012345679", "last_six": LAST_SIX})

    assert f"贵州银行 尾号 5678 {on}由 139****0004 登记" in told
    assert f"尾号 5679 {on}由您登记" in text_of(browser_of(owner).get("/me/"))
    assert "尾号 5679 换一个账户" in text_of(helper.get("/me/"))
    assert [word for word in ("换一个账户", "贵州银行", "5679") if word in text_of(reader.get("/me/"))] == []


def test_unbinding_says_what_follows_and_leads_back_to_binding(browser, shop):
    page, done = browser.get("/me/unbind/"), browser.post("/me/unbind/", follow=True)

    assert f"解除绑定“{shop.name}”" in text_of(page)
    assert "绑定您的店" in text_of(done)
    assert Binding.objects.get().ended_because == "店主解除"
