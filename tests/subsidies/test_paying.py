"""Payments: what goes into a batch, who lets it out, the file for the bank, and what the bank answers."""

import csv
import hashlib
import io
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from businesses.models import PaymentAccount
from businesses.register import known_of
from cases.models import AuditEntry, Interest
from core.errors import Invalid, Refused
from eligibility.models import Holding
from notifications.models import Letter
from policies.models import Benefit
from subsidies.actions import paying, publicity, settling, stopping
from subsidies.models import Application, Envelope, Instalment, Payment, PaymentBatch
from subsidies.money import budgets
from tests.notifications.register import open_shop, tell_of
from tests.standing import BOTH, stands

from . import world

pytestmark = [pytest.mark.django_db(databases=["default", "postgres"]), pytest.mark.every_engine("money")]
ONCE = {"all": [{"fact": "startup_subsidy_received", "op": "eq", "value": False, "held": True}]}


def _recommend():
    """The case of the first shop."""
    people, benefit = world.bureau(), world.grant_of_money()
    world.envelope(benefit)
    world.recommended(_filed(benefit, 1), people)


_recommended = stands(_recommend, BOTH)


@pytest.fixture
def people(_recommended, engine):
    return world.bureau()


@pytest.fixture
def benefit(people):
    return Benefit.objects.get()


def _filed(benefit, place):
    shop = open_shop(place)
    return world.filed(benefit, shop, world.owner_of(shop))


def approved(benefit, people, place=1):
    if place == 1:
        return world.approve(Application.objects.get(state="recommended"), people)
    return world.approved(_filed(benefit, place), people)


def prepared(people, **options):
    return paying.prepare(people.department, by=people.finance, **options)


def ticked(batch):
    return [row.payment.pk for row in paying.look_over(batch) if row.flags]


def let_out(people):
    """A batch at the bank, with its file."""
    batch = prepared(people).batch
    batch = paying.approve(batch, by=people.finance_2, ticked=ticked(batch))
    content = paying.export(batch, by=people.finance)
    batch.refresh_from_db()
    return batch, content


def answers(*rows, headings="流水号,结果,银行流水号,原因,金额", encoding="utf-8-sig"):
    """The bank's file. What a row of four leaves out at its end is the sum that world.py grants."""
    rows = [(*row, "5000.00") if len(row) == 4 else row for row in rows]
    return "\r\n".join([headings, *(",".join(row) for row in rows)]).encode(encoding)


def settle(people, batch, *rows, **options):
    answer = settling.settle(batch, answers(*rows, **options), by=people.finance)
    return [settling.Outcome(*row) for row in answer.outcomes]


def words(outcomes):
    return [row.words for row in outcomes]


# Preparing


def test_what_is_due_is_put_into_one_batch_and_only_once(benefit, people):
    cases = [approved(benefit, people, place) for place in (1, 2)]

    found, again = prepared(people), prepared(people)

    assert found.left_out == []
    assert (found.batch.count, found.batch.total_fen) == (2, 2 * 500_000)
    assert found.batch.number == f"PF-{timezone.localdate().year}-{found.batch.pk:08d}"
    assert {row.instalment.grant.application_id for row in found.batch.payments.all()} == {
        case.pk for case in cases
    }
    assert again == (None, [])


def test_only_finance_of_the_bureau_prepares(benefit, people):
    approved(benefit, people)
    elsewhere = world.bureau("other", "别的局")

    for somebody in (people.reviewer, people.approver, elsewhere.finance):
        with pytest.raises(PermissionDenied):
            paying.prepare(people.department, by=somebody)


def test_cases_that_one_has_an_interest_in_are_not_in_ones_batch(benefit, people):
    case = approved(benefit, people)
    Interest.objects.create(user=people.finance, person_index=case.person_index, relation="kin")

    assert prepared(people).batch is None
    assert paying.prepare(people.department, by=people.finance_2).batch.count == 1


def test_a_case_that_changed_after_approval_goes_back_to_review(benefit, people):
    case = approved(benefit, people)
    type(case).objects.filter(pk=case.pk).update(amount_fen=900_000)

    found = prepared(people)

    case.refresh_from_db()
    assert found.batch is None
    assert [row.because for row in found.left_out] == ["批准以后内容变了，批准不再有效。已退回审核。"]
    assert (case.state, case.approved_digest, case.reviewer) == ("reviewing", "", None)
    assert Envelope.objects.get().committed_fen == 0


def test_another_account_voids_the_approval_and_the_new_one_is_looked_at(benefit, people):
    case = approved(benefit, people)
    owner = case.submitter
    new = world.another_account(case.business, owner, "6222020200011119999", "另一家银行")

    found = prepared(people)

    case.refresh_from_db()
    assert (found.batch, case.state, case.account) == (None, "reviewing", new)


def test_without_an_account_of_the_same_name_nothing_is_paid(benefit, people):
    first, second = approved(benefit, people, 1), approved(benefit, people, 2)
    PaymentAccount.objects.filter(operator=first.operator).update(ended_at=timezone.now())
    type(second.operator).objects.filter(pk=second.operator_id).update(name="别人", folded_name="别人")

    found = prepared(people)

    assert found.batch is None
    assert [row.because for row in found.left_out] == [
        "收款账户已停用，还没有新的。请店主先登记。",
        "户名和经营者姓名不一致。请店主核对收款账户。",
    ]


@pytest.mark.parametrize("status", ["deregistered", "revoked"])
def test_a_shop_that_closed_is_not_paid_and_its_money_returns(benefit, people, status):
    case = approved(benefit, people)
    tell_of(case.business, operating_status=status)

    found = prepared(people)

    assert found.batch is None
    assert [row.because for row in found.left_out] == ["店铺已注销或吊销，补贴已停发。"]
    assert case.grants.get().status == "stopped"
    assert Envelope.objects.get().committed_fen == 0


def test_what_has_to_be_published_waits_until_that_is_over(people, time_machine):
    time_machine.move_to("2026-11-23T10:00:00+08:00")
    benefit = world.grant_of_money("T01b", publicity_days=5)
    world.envelope(benefit)
    approved(benefit, people, 2)

    before = prepared(people)
    publicity.publish(people.department, benefit, 5, by=people.approver)
    during = prepared(people)
    time_machine.move_to("2026-11-28T10:00:00+08:00")
    after = prepared(people)

    assert [row.because for row in (*before.left_out, *during.left_out)] == 2 * ["公示还没有结束。"]
    assert (before.batch, during.batch, after.batch.count) == (None, None, 1)


def test_preparing_asks_as_often_for_three_as_for_one(benefit, people, django_assert_max_num_queries):
    approved(benefit, people, 1)
    with django_assert_max_num_queries(60) as one:
        paying.cancel(prepared(people).batch, by=people.finance)
    approved(benefit, people, 2)
    approved(benefit, people, 3)

    with django_assert_max_num_queries(len(one)):
        assert prepared(people).batch.count == 3


# Approving


def test_whoever_prepared_or_had_a_part_does_not_approve(benefit, people):
    approved(benefit, people)
    batch = prepared(people).batch
    Payment.objects.update(submitter=people.finance_2)
    Payment.objects.get().instalment.grant.application.__class__.objects.update(submitter=people.finance_2)

    for somebody, because in ((people.finance, "不能自己复核"), (people.finance_2, "您经办过")):
        with pytest.raises(Refused, match=because):
            paying.approve(batch, by=somebody, ticked=ticked(batch))


def test_flags_have_to_be_ticked(benefit, people):
    case, other = approved(benefit, people, 1), approved(benefit, people, 2)
    batch = prepared(people).batch
    PaymentAccount.objects.update(added_at=timezone.now() - timedelta(days=30))
    account = PaymentAccount.objects.get(operator=case.operator)
    PaymentAccount.objects.filter(operator=other.operator).update(number_index=account.number_index)

    flags = {row.payment.account_id: row.flags for row in paying.look_over(batch)}

    assert list(flags.values()) == 2 * [["有另一个人登记了同一个账号，请核对。"]]
    with pytest.raises(Refused, match="还有 2 笔提示没有核对"):
        paying.approve(batch, by=people.finance_2)


def test_an_account_of_this_week_is_flagged(benefit, people):
    approved(benefit, people)

    batch = prepared(people).batch

    assert [row.flags for row in paying.look_over(batch)] == [["收款账户 7 天内登记或改过，请电话核对。"]]


def test_what_changed_since_it_was_prepared_is_not_let_out(benefit, people):
    case = approved(benefit, people)
    batch = prepared(people).batch
    tell_of(case.business, operating_status="revoked")

    with pytest.raises(Refused, match="有 1 笔编制以后变了：0001"):
        paying.approve(batch, by=people.finance_2, ticked=ticked(batch))


def test_a_cancelled_batch_leaves_its_payments_due(benefit, people):
    approved(benefit, people)
    batch = prepared(people).batch

    paying.cancel(batch, by=people.finance)

    assert prepared(people).batch.count == 1


# The file


def test_the_file_says_whom_to_pay_what(benefit, people):
    case = approved(benefit, people)

    batch, content = let_out(people)

    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows == [
        ["流水号", "户名", "开户银行", "账号", "金额", "用途"],
        [f"{batch.number}-0001", "演示人", "演示银行", case.account.number.reveal(), "5000.00", "试验补贴"],
    ]
    assert batch.sha256 == hashlib.sha256(content).hexdigest()
    assert case.account.number.reveal() not in PaymentBatch.objects.get().content.stored


def test_the_file_is_the_same_whenever_it_is_taken_out_and_that_is_noted(benefit, people):
    case = approved(benefit, people)
    batch, content = let_out(people)
    PaymentAccount.objects.filter(operator=case.operator).update(bank="改了的银行")

    again = paying.export(batch, by=people.finance_2)

    assert again == content
    verbs = AuditEntry.objects.filter(subject=f"batch {batch.pk}").order_by("sequence")
    assert list(verbs.values_list("verb", flat=True)) == [
        "prepare_batch",
        "approve_batch",
        *("export", "export_batch"),  # who took a file out, and what became of the batch
        *("export", "export_batch_again"),
    ]


def test_a_batch_that_went_out_is_not_cancelled_and_one_not_approved_does_not_go_out(benefit, people):
    approved(benefit, people)
    batch = prepared(people).batch

    with pytest.raises(Refused, match="不能导出"):
        paying.export(batch, by=people.finance)

    paying.approve(batch, by=people.finance_2, ticked=ticked(batch))
    paying.export(batch, by=people.finance)
    with pytest.raises(Refused, match="不能取消"):
        paying.cancel(batch, by=people.finance)


# The bank's answer


def test_what_is_paid_is_paid_in_every_book(people):
    benefit = world.grant_of_money("T01b", criteria=ONCE, once_per_person=True)
    world.envelope(benefit)
    shop = open_shop(2)
    tell_of(shop, "employment", startup_subsidy_received=False)
    case = world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)
    batch, _ = let_out(people)

    outcomes = settle(people, batch, (f"{batch.number}-0001", "成功", "B1", ""))

    case.refresh_from_db()
    batch.refresh_from_db()
    envelope, payment = Envelope.objects.get(benefit=benefit), Payment.objects.get()
    assert words(outcomes) == ["已登记到账。"]
    assert (case.state, case.paid_at, batch.status) == ("paid", payment.settled_at, "settled")
    assert (envelope.granted_fen, envelope.paid_fen) == (0, 500_000)
    assert (payment.status, payment.bank_reference) == ("paid", "B1")
    assert (case.grants.get().status, Instalment.objects.get().status) == ("finished", "paid")
    assert list(Holding.objects.filter(business=shop).values_list("benefit", "kind", "until")) == [
        (benefit.pk, "enjoyed", None)
    ]
    assert known_of(shop)[0]["startup_subsidy_received"][:2] == (True, "employment")
    assert Letter.objects.filter(title="“试验补贴”到账了").count() == 1


def test_importing_twice_changes_nothing(benefit, people):
    approved(benefit, people)
    batch, _ = let_out(people)
    row = (f"{batch.number}-0001", "成功", "B1", "")
    settle(people, batch, row)
    before = list(Envelope.objects.values())

    outcomes = settle(people, batch, row, row)

    assert words(outcomes) == 2 * ["以前已经登记过，没有改动。"]
    assert list(Envelope.objects.values()) == before
    assert Letter.objects.filter(title__contains="到账了").count() == 1


def test_what_was_returned_is_due_again(benefit, people):
    case = approved(benefit, people)
    batch, _ = let_out(people)

    outcomes = settle(people, batch, (f"{batch.number}-0001", "退回", "", "户名不符"))

    case.refresh_from_db()
    again = prepared(people).batch
    assert words(outcomes) == ["已登记退回，改好账户后再编入批次。"]
    assert list(Payment.objects.values_list("status", "reason")) == [
        ("returned", "户名不符"),
        ("batched", ""),
    ]
    assert (case.state, again.count, Envelope.objects.get().granted_fen) == ("approved", 1, 500_000)
    assert Letter.objects.filter(sentence__startswith="银行说：户名不符。").count() == 1


def test_what_is_settled_is_not_turned_round(benefit, people):
    approved(benefit, people)
    batch, _ = let_out(people)
    settle(people, batch, (f"{batch.number}-0001", "成功", "B1", ""))

    outcomes = settle(
        people,
        batch,
        (f"{batch.number}-0001", "退回", "B1", "户名不符"),
        (f"{batch.number}-0001", "成功", "B2", ""),
    )

    assert [row.is_wrong for row in outcomes] == [True, True]
    assert words(outcomes) == 2 * ["已经登记为“已到账”，和文件里的不一样。请和银行核对。"]


def test_a_wrong_row_holds_up_no_other(benefit, people):
    for place in (1, 2, 3, 4):
        approved(benefit, people, place)
    batch, _ = let_out(people)
    number = f"{batch.number}-"

    outcomes = settle(
        people,
        batch,
        (f"{number}0001", "成功", "B1", "", "5000.00"),
        (f"{number}0002", "成功", "B1", "", "5000.00"),
        (f"{number}0003", "成功", "B3", "", "4999.99"),
        (f"{number}0004", "不知道", "B4", "", "5000"),
        (f"{number}0009", "成功", "B9", "", "5000"),
        (f"{number}0004", "退回", "", "", "5,000"),
        encoding="gb18030",
    )

    assert words(outcomes) == [
        "已登记到账。",
        "这个银行流水号别的一笔用过了。",
        "金额和批次里的不一致。",
        "“结果”要填“成功”或“退回”。",
        "这一批里没有这个流水号。",
        "退回的要写原因。",
    ]
    assert Envelope.objects.get().paid_fen == 500_000
    assert PaymentBatch.objects.get().status == "exported"


def test_a_row_without_a_sum_is_not_paid_without_comparing(benefit, people):
    approved(benefit, people)
    batch, _ = let_out(people)

    outcomes = settle(people, batch, (f"{batch.number}-0001", "成功", "B1", "", ""))

    assert words(outcomes) == ["到账的要有“金额”，要和拨付的金额核对。"]
    assert Envelope.objects.get().paid_fen == 0
    with pytest.raises(Invalid, match="文件里缺这几列：金额"):
        settle(
            people, batch, (f"{batch.number}-0001", "成功", "B1", ""), headings="流水号,结果,银行流水号,原因"
        )


@pytest.mark.crawl
@pytest.mark.parametrize(
    ("content", "because"),
    [
        (b"\xff\xfe\x00\x01", "文件打不开"),
        (b"a,b\r\n1,2", "缺这几列"),
        (b"", "缺这几列"),
        (answers(), "没有一行结果"),
        (b"x" * 2_000_001, "太大"),
        (answers(*(5_001 * [("a", "b", "c", "d")])), "最多 5000 行"),
        (answers(("x" * 200_000,)), "文件打不开"),
    ],
)
def test_what_is_no_such_file_is_told(benefit, people, content, because):
    approved(benefit, people)
    batch, _ = let_out(people)

    with pytest.raises(Invalid, match=because):
        settling.settle(batch, content, by=people.finance)


# Recovering


def paid(benefit, people):
    case = approved(benefit, people)
    batch, _ = let_out(people)
    settle(people, batch, (f"{batch.number}-0001", "成功", "B1", ""))
    return case, Instalment.objects.get(grant__application=case)


def test_never_more_is_recovered_than_was_paid(benefit, people):
    _, instalment = paid(benefit, people)
    stopping.recover(instalment, 300_000, by=people.finance)

    with pytest.raises(Refused, match="最多还能追回 2,000 元"):
        stopping.recover(instalment, 200_001, by=people.finance)

    stopping.recover(instalment, 200_000, by=people.finance)
    envelope = Envelope.objects.get()
    assert (envelope.paid_fen, envelope.recovered_fen, envelope.committed_fen) == (500_000, 500_000, 0)
    assert budgets.agrees(envelope, budgets.ledger_sums([envelope])[envelope.pk])


def test_a_second_click_recovers_nothing(benefit, people):
    _, instalment = paid(benefit, people)
    stopping.recover(instalment, 100_000, by=people.finance, expected_recovered_fen=0)

    with pytest.raises(Refused, match="刚刚有变动"):
        stopping.recover(instalment, 100_000, by=people.finance, expected_recovered_fen=0)

    assert Instalment.objects.get().recovered_fen == 100_000


def test_nothing_is_recovered_by_whoever_had_a_part_or_may_not_pay(benefit, people):
    _, instalment = paid(benefit, people)

    for somebody in (people.reviewer, people.approver):
        with pytest.raises(PermissionDenied):
            stopping.recover(instalment, 1, by=somebody)


def test_a_yearly_benefit_is_had_until_the_end_of_its_year(benefit, people):
    case, _ = paid(benefit, people)

    assert Holding.objects.get(business=case.business).until == date(timezone.localdate().year, 12, 31)


@pytest.mark.parametrize("step", ["approve", "export"])
def test_an_amount_changed_after_the_batch_was_prepared_stops_it(benefit, people, step):
    approved(benefit, people)
    batch = prepared(people).batch
    if step == "export":
        batch = paying.approve(batch, by=people.finance_2, ticked=ticked(batch))
    Instalment.objects.update(amount_fen=F("amount_fen") - 1)

    with pytest.raises(Refused, match="编制以后变了"):
        if step == "export":
            paying.export(batch, by=people.finance)
        else:
            paying.approve(batch, by=people.finance_2, ticked=ticked(batch))


def test_a_batch_costs_the_same_queries_for_one_and_for_five(benefit, people):
    for user in (people.finance, people.finance_2):
        user.has_perm("subsidies.pay_application")  # read once for all
    costs = []
    for places in (range(1, 2), range(2, 6)):
        for place in places:
            approved(benefit, people, place)
        with CaptureQueriesContext(connection) as preparing:
            batch = prepared(people).batch
        with CaptureQueriesContext(connection) as approving:
            paying.approve(batch, by=people.finance_2, ticked=ticked(batch))
        costs.append((len(preparing), len(approving)))
        paying.cancel(batch, by=people.finance)

    assert costs[0] == costs[1]
