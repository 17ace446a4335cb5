"""A subsidy from signing in to 到账 and its rating: the demo owner on a phone, the bureau's people at their desks."""

import hashlib
import re
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from core.invariants import broken
from subsidies.models import Application, PaymentBatch
from tests.measures import load_catalogue
from tests.servers import wait_for_requests_to_end

from . import whole_life as life
from .conftest import DESKTOP, PHONE, sideways, violations_on_the_way

pytestmark = pytest.mark.django_db(transaction=True)
MOST_TAPS = 6
NUMBER = re.compile("(LPS|PF)-[0-9-]+")
# Headings of pages that must be on the way, numbers left out.
PASSED = {
    *("申请房租补贴", "拍材料，还差 3 份", "看一遍，就能提交", "申请已提交", "我的办件", "场所租赁补贴"),
    *("消息", "“场所租赁补贴”还要补 2 项", "补材料：场所租赁补贴", "“场所租赁补贴”到账了"),
    *("给这次服务打分", "您的评价", "工作人员登录", "站点管理", "办件", "补正：", "拨付批次"),
}


@pytest.fixture
def demo(transactional_db, gateway, settings, tmp_path):
    """The catalogue and the demo accounts. Short messages reach the gateway at any hour; files lie in a folder of the
    test's own."""
    settings.PRIVATE_FOLDER, settings.QUIET_HOURS = str(tmp_path), None
    load_catalogue()
    call_command("demo", city=0, stdout=StringIO())


@pytest.fixture
def somebody(chromium, live_server, demo):
    """People at browsers of their own: ``somebody(phone=…, javascript=…, look=…)``; ``somebody.complaints``: what their
    pages complained about."""
    contexts, complaints = [], []

    def open_(*, phone=False, javascript=True, look=lambda page: None):
        size = {"width": PHONE, "height": 740} if phone else {"width": DESKTOP, "height": 900}
        context = chromium.new_context(
            viewport=size,
            is_mobile=phone,
            has_touch=phone,
            base_url=live_server.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
        )
        context.set_default_timeout(90_000)  # a slow machine is not what is tested
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        return life.Person(page, look, thumbs=phone)

    open_.complaints = complaints
    yield open_
    for context in contexts:
        context.close()
    wait_for_requests_to_end()


class Looks:
    """What is wrong with the pages that people come to, by heading: each looked at ``once``, or whenever it opens."""

    def __init__(self, *, once):
        self.faults, self._once = {}, once

    def __call__(self, page):
        heading = NUMBER.sub("", page.locator("h1").first.inner_text()).strip()
        if not (heading in self.faults and self._once):
            wide = [f"scrolls {sideways(page)} px sideways"] if sideways(page) else []
            self.faults.setdefault(heading, []).extend([*violations_on_the_way(page), *wide])


@pytest.mark.crawl
@pytest.mark.benefit("M05c")
@pytest.mark.parametrize(
    "way", ["looking_once", "without_scripts", pytest.param("looking_whenever", marks=pytest.mark.long)]
)
def test_the_demo_owner_applies_mends_two_things_is_paid_and_rates_it(somebody, gateway, way):
    """With scripts every page on the way is accessible and fits."""
    javascript = way != "without_scripts"
    look = Looks(once=way == "looking_once") if javascript else lambda page: None
    owner = somebody(phone=True, javascript=javascript, look=look)
    desks = life.Desks(lambda: somebody(javascript=javascript, look=look))

    life.sign_in(owner, gateway)
    life.find_out_what_there_is(owner)
    _applies_with_few_taps_and_without_typing(owner)
    _gets_two_corrections_and_mends_them(owner, desks)
    _is_approved_by_two_people(desks)
    batch = _is_paid_in_a_batch(desks)
    _sees_the_money_and_rates(owner, gateway, life.rows_of(batch))

    assert _who_did_what() == {
        "reviewer": "hr_reviewer",
        "approver": "hr_approver",
        "countersigner": "hr_approver_2",
        "prepared_by": "hr_finance",
        "approved_by": "hr_finance_2",
    }
    assert {what: found for what, found in broken() if found} == {}
    assert somebody.complaints == []
    if javascript:
        assert {heading: found for heading, found in look.faults.items() if found} == {}
        assert PASSED - look.faults.keys() == set()


def _applies_with_few_taps_and_without_typing(owner):
    pressed, typed, asked = len(owner.pressed), len(owner.typed), len(owner.asked)

    life.apply(owner)
    answers = owner.reads_pairs("您的情况")
    life.hand_in(owner)

    assert answers == {
        "租用经营场地": "是",
        "享受过场地租金减免": "否",
        "实际月租金": f"{life.RENT} 元",
    }
    assert owner.reads("h1") == "申请已提交"
    assert len(owner.pressed[pressed:]) <= MOST_TAPS
    assert (owner.typed[typed:], owner.asked[asked:]) == ([], [])


def _gets_two_corrections_and_mends_them(owner, desks):
    asked = len(owner.asked)

    life.ask_for_corrections(desks["hr_reviewer"])
    life.open_correction(owner)
    wanted = {
        section.get_attribute("data-defect"): section.locator("p").first.inner_text()
        for section in owner.page.locator("[data-defect]").all()
    }
    filled_in = owner.page.input_value("#monthly_rent")
    life.mend(owner)

    assert wanted == {"monthly_rent": life.WRONG_RENT, "租赁合同": life.WRONG_CONTRACT}
    assert (set(owner.asked[asked:]), Decimal(filled_in)) == ({"monthly_rent"}, life.RENT)
    assert owner.reads("[data-state-sentence]") == "审核中，时限待公布"
    assert owner.page.locator("[data-step=correcting]").get_attribute("data-status") == "done"


def _is_approved_by_two_people(desks):
    said = []
    for username, decide in (
        ("hr_reviewer", life.recommend),
        ("hr_approver", life.approve),
        ("hr_approver_2", life.approve),
    ):
        decide(desks[username])
        said.append(desks.last.reads(".messagelist li").partition("：")[2])

    assert said == ["已建议批准，等审批。", "已批准，还要第二个人会签。", "已批准，等拨付。"]


def _is_paid_in_a_batch(desks):
    """The batch as the bank got it."""
    life.prepare_batch(desks["hr_finance"])
    life.approve_batch(desks["hr_finance_2"])
    batch, again = (life.take_out(desks["hr_finance"]) for _ in range(2))
    life.take_in_answer(desks["hr_finance"], life.answer_of_the_bank(batch))

    assert again == batch
    assert desks.last.reads("#content code") == hashlib.sha256(batch).hexdigest()
    assert desks.last.reads(".messagelist li") == "已处理 1 行，其中 0 行有问题。"
    [row] = life.rows_of(batch)
    assert (row["户名"], row["账号"]) == ("演示店主乙", "6222020200000380")
    return batch


def _sees_the_money_and_rates(owner, gateway, paid):
    amount = Decimal(paid[0]["金额"])
    today = timezone.localdate()
    months = (6 if today.month < 7 else 12) - today.month + 1  # half a year at a time
    owner.open("/cases/")
    owner.press("[data-case] a")
    status = owner.reads("[data-state-sentence]")
    instalment = owner.reads("[data-instalment='1']")
    life.rate(owner)

    assert amount == life.RENT_AFTERWARDS * months
    assert status.startswith("第 1 期已到账，第 2 期 ")
    assert instalment.startswith(f"第 1 期 {amount:,.0f} 元 已到账")
    told = [text for text in gateway.texts if "账户" in text and "尾号0380" in text]
    assert [f"{amount:,.0f}元已转入尾号0380账户" in text for text in told] == [True]
    assert (owner.reads(".note"), owner.reads("main dd")) == ("收到您的评价，谢谢您。", "非常满意")


def _who_did_what():
    case, batch = Application.objects.get(), PaymentBatch.objects.get()
    return {
        **{role: getattr(case, role).username for role in ("reviewer", "approver", "countersigner")},
        **{role: getattr(batch, role).username for role in ("prepared_by", "approved_by")},
    }
