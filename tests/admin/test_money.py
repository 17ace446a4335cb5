"""The pages about money: every button calls one action, and what is refused is said."""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from notifications import sweep
from subsidies.actions import automatic_grants, claiming, paying
from subsidies.models import (
    Application,
    Envelope,
    Instalment,
    Offer,
    OfferList,
    Payment,
    PaymentBatch,
    PublicNotice,
)
from tests.notifications.register import open_shop, publish, tell_of
from tests.standing import stands
from tests.subsidies import world

from .conftest import messages

pytestmark = pytest.mark.django_db
BASE = "/admin/subsidies"
PAGES = ("envelope", "paymentbatch", "instalment", "offerlist", "publicnotice")
# Who may open which of them.
READERS = {
    "reviewer": {"instalment", "offerlist", "publicnotice"},
    "approver": {"envelope", "instalment", "offerlist", "publicnotice"},
    "finance": {"envelope", "paymentbatch", "instalment", "publicnotice"},
    "admin": set(PAGES),
}


def _approve():
    """A case of a benefit of one sum."""
    people, benefit = world.bureau(), world.grant_of_money()
    world.envelope(benefit)
    shop = open_shop(1)
    world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)


_approved = stands(_approve)


@pytest.fixture
def people(_approved, db):
    return world.bureau()


@pytest.fixture
def case(people):
    return Application.objects.get(benefit__code="T01a")


@pytest.fixture
def benefit(case):
    return case.benefit


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def text(response):
    assert response.status_code == 200
    body = re.sub(r"<(script|style|svg).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", body).split()))


def press(user, address, **sent):
    return messages(browser(user).post(f"{BASE}/{address}/", sent, follow=True))


@pytest.mark.parametrize("role", READERS)
def test_each_role_opens_its_pages(case, people, role):
    client = browser(getattr(people, role))

    opened = {name for name in PAGES if client.get(f"{BASE}/{name}/").status_code == 200}

    assert opened == READERS[role]


def test_nobody_opens_what_belongs_to_another_bureau(case, people):
    elsewhere = world.bureau("other", "别的局")
    batch = paying.prepare(people.department, by=people.finance).batch
    envelope, instalment = Envelope.objects.get(), Instalment.objects.get()

    client = browser(elsewhere.finance)
    found = [
        client.get(f"{BASE}/{name}/{pk}/change/").status_code
        for name, pk in (("envelope", envelope.pk), ("paymentbatch", batch.pk), ("instalment", instalment.pk))
    ]

    assert found == [404, 404, 404]
    assert client.post(f"{BASE}/paymentbatch/{batch.pk}/cancel/").status_code == 404


# 资金


def test_finance_sets_what_there_is_to_spend(case, people, benefit):
    sent = {"benefit": benefit.pk, "year": timezone.localdate().year, "district": "", "cap": "6000.50"}

    assert press(people.finance, "envelope/cap", **sent) == [
        f"T01a {sent['year']} 年 全市 的总额已设为 6,000.50 元。"
    ]
    assert press(people.finance, "envelope/cap", **{**sent, "cap": "100"}) == [
        "总额不能少于已经承诺的金额。请填得大一些。"
    ]
    assert browser(people.approver).post(f"{BASE}/envelope/cap/", sent).status_code == 403
    page = text(browser(people.finance).get(f"{BASE}/envelope/"))
    assert "T01a 试验补贴 全市 6,000.50 0 5,000 0 1,000.50 账实相符" in page


def test_the_ledger_shows_every_movement(case, people):
    page = text(browser(people.finance).get(f"{BASE}/envelope/{Envelope.objects.get().pk}/change/"))

    assert f"{case.number} +5,000 {people.approver}" in page
    assert "和流水之和相符" in page


# 拨付批次


def test_a_batch_from_preparing_to_the_banks_answer(case, people):
    said = press(people.finance, "paymentbatch/prepare")
    batch = PaymentBatch.objects.get()
    address = f"paymentbatch/{batch.pk}"
    page = text(browser(people.finance_2).get(f"{BASE}/{address}/change/"))
    unticked = press(people.finance_2, f"{address}/approve", total=batch.total_fen)
    stale = press(people.finance_2, f"{address}/approve", total=1, ticked=Payment.objects.get().pk)
    own = press(people.finance, f"{address}/approve", total=batch.total_fen)
    approved = press(
        people.finance_2, f"{address}/approve", total=batch.total_fen, ticked=Payment.objects.get().pk
    )

    assert said == [f"{batch.number} 已编制，共 1 笔。请另一位财务复核。"]
    assert "演示银行 尾号 " in page
    assert "收款账户 7 天内登记或改过，请电话核对。 已核对" in page
    assert case.account.number.reveal() not in page
    assert unticked == ["还有 1 笔提示没有核对。请逐笔核对并打勾。"]
    assert stale == ["这一件刚刚有变动。请刷新页面，看过新的内容再办。"]
    assert own == ["编制批次的人不能自己复核。请换一位财务复核。"]
    assert approved == ["已批准，可以导出给银行。"]

    files = [browser(people.finance).post(f"{BASE}/{address}/file/") for _ in range(2)]
    assert files[0].content == files[1].content
    assert files[0]["Content-Disposition"] == f'attachment; filename="{batch.number}.csv"'
    assert files[0]["Cache-Control"] == "no-store"

    rows = (
        f"流水号,结果,银行流水号,原因,金额\n{batch.number}-0001,成功,B1,,5000\n{batch.number}-0007,成功,B2,,1"
    )
    upload = SimpleUploadedFile("结果.csv", rows.encode("gb18030"))
    response = browser(people.finance).post(f"{BASE}/{address}/result/", {"file": upload}, follow=True)
    page = text(response)
    assert messages(response) == ["已处理 2 行，其中 1 行有问题。"]
    assert "已登记到账。" in page
    assert "这一批里没有这个流水号。" in page
    assert "已对账" in page


def test_a_file_that_is_none_is_told(case, people):
    batch = paying.prepare(people.department, by=people.finance).batch
    paying.approve(batch, by=people.finance_2, ticked=[Payment.objects.get().pk])
    paying.export(batch, by=people.finance)

    for content, because in ((b"\x00\xff", "文件打不开，请存成 CSV 再导入。"), (b"", "提交的是空文件。")):
        sent = {"file": SimpleUploadedFile("结果.csv", content)}
        assert press(people.finance, f"paymentbatch/{batch.pk}/result", **sent) == [because]


def test_what_was_left_out_is_told(case, people):
    tell_of(case.business, operating_status="revoked")

    assert press(people.finance, "paymentbatch/prepare") == [
        f"{case.number} 没有编入：店铺已注销或吊销，补贴已停发。",
        "现在没有可以编入的。",
    ]


def test_a_batch_is_cancelled_by_a_button(case, people):
    batch = paying.prepare(people.department, by=people.finance).batch

    assert press(people.finance, f"paymentbatch/{batch.pk}/cancel") == ["已取消，里面的款项可以重新编批。"]
    assert press(people.finance, f"paymentbatch/{batch.pk}/cancel") == ["这一批现在是“已取消”，不能取消。"]


# 分期凭证


@pytest.fixture
def claimed(people, time_machine):
    time_machine.move_to("2026-11-25T10:00:00+08:00")
    benefit = world.grant_of_rent()
    world.envelope(benefit)
    shop = world.shop_with_rent()
    case = world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)
    time_machine.move_to("2027-06-01T10:00:00+08:00")
    proof = world.evidence(case.operator, "房租付款凭证")
    return claiming.claim(Instalment.objects.get(number=2), [proof], by=case.submitter)


def test_proof_is_checked_on_its_page(claimed, people):
    client = browser(people.reviewer)
    listed = text(client.get(f"{BASE}/instalment/"))
    page = client.get(f"{BASE}/instalment/{claimed.pk}/change/").content.decode()

    assert "第 2 期 演示店001 2027 年 1 月起 6 个月 2,280" in listed
    assert f"/evidence/{claiming.proofs(claimed).get().evidence.public_id}/" in page
    assert press(people.reviewer, f"instalment/{claimed.pk}/check", problem="短") == [
        "请写明凭证哪里不对，至少 4 个字。"
    ]
    assert press(people.reviewer, f"instalment/{claimed.pk}/check", right="1") == [
        "凭证没有问题，等财务拨付。"
    ]
    assert browser(people.approver).post(f"{BASE}/instalment/{claimed.pk}/check/").status_code == 403


def test_what_came_back_is_written_down(people, case):
    batch = paying.prepare(people.department, by=people.finance).batch
    paying.approve(batch, by=people.finance_2, ticked=[Payment.objects.get().pk])
    paying.export(batch, by=people.finance)
    rows = f"流水号,结果,银行流水号,原因,金额\n{batch.number}-0001,成功,B1,,5000"
    sent = {"file": SimpleUploadedFile("结果.csv", rows.encode())}
    browser(people.finance).post(f"{BASE}/paymentbatch/{batch.pk}/result/", sent)
    address = f"instalment/{Instalment.objects.get().pk}/recover"

    assert press(people.finance, address, amount="5000.01", before=0) == [
        "最多还能追回 5,000 元。请按实际退回的金额填写。"
    ]
    assert press(people.finance, address, amount="2000", before=0) == ["已记下退回的金额。"]
    assert press(people.finance, address, amount="2000", before=0) == [
        "这一件刚刚有变动。请刷新页面，看过新的内容再办。"
    ]
    assert Envelope.objects.get().recovered_fen == 200_000


# 免申即享名单


def test_a_list_from_drawing_up_to_taking_back(people):
    rule = {"all": [{"fact": "unit_insured", "op": "eq", "value": True}]}
    benefit = publish("T01b", criteria=rule, amount={"fixed": "1200"}, delivery="no_application").benefit
    benefit.delivery = "no_application"
    benefit.save()
    world.envelope(benefit, 2_400)
    shop = open_shop(1)
    tell_of(shop, "social_security", unit_insured=True)
    sweep.relay()

    drawn = press(people.reviewer, "offerlist/prepare", benefit=benefit.pk, period=timezone.localdate().year)
    made = OfferList.objects.get()
    page = text(browser(people.approver).get(f"{BASE}/offerlist/{made.pk}/change/"))
    confirmed = press(people.approver, f"offerlist/{made.pk}/confirm", total=made.total_fen)
    again = press(people.approver, f"offerlist/{made.pk}/confirm", total=made.total_fen)
    automatic_grants.accept(Offer.objects.get(), by=world.owner_of(shop))
    taken = press(people.approver, f"offerlist/{made.pk}/back/{Offer.objects.get().pk}", because="数据有误")

    assert drawn == ["名单上有 1 户。请另一位同事核对后确认。"]
    assert "1 户，共 1,200 元 · 大约还剩 2 份" in page
    assert "演示店001 演示人 1,200" in page
    assert confirmed == ["已确认，店主会收到消息。"]
    assert again == ["这份名单现在是“已确认，等店主确认账户”。请刷新页面。"]
    assert taken == ["已收回。已经到账的，请财务登记追回。"]
    assert Envelope.objects.get(benefit=benefit).committed_fen == 0


# 公示


def test_what_was_approved_is_published_by_a_button(case, people, benefit):
    said = press(people.approver, "publicnotice/publish", benefit=benefit.pk, days=5)
    again = press(people.approver, "publicnotice/publish", benefit=benefit.pk, days=5)

    notice = PublicNotice.objects.get()
    page = text(browser(people.approver).get(f"{BASE}/publicnotice/{notice.pk}/change/"))
    assert said == [f"{notice.number} 已公示。"]
    assert again == ["没有要公示的：批准的都公示过了。"]
    assert "演示店001 演** 钟山区 5,000 元" in page
