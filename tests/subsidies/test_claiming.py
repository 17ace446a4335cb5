"""Rent after the first payment: claimed on proof half a year at a time, checked, paid; stopped when the shop closes."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from time_machine import travel

from businesses.register import known_of
from cases.models import CaseFile
from cases.pages import listing
from core.errors import Invalid, Refused
from core.invariants import broken
from eligibility.models import Holding
from notifications.models import Letter
from subsidies.actions import claiming, paying, settling, stopping
from subsidies.models import Application, Envelope, Instalment
from subsidies.money import budgets
from subsidies.money.bank_file import HEADINGS
from tests.notifications.register import tell_of
from tests.standing import BOTH, stands

from . import world

pytestmark = [pytest.mark.django_db(databases=["default", "postgres"]), pytest.mark.every_engine("money")]
DAY = "2026-11-25T10:00:00+08:00"
RULE = {"all": [{"fact": "rent_subsidy_months_received", "op": "lt", "value": 36, "held": True}]}


@travel(DAY)
def _approve():
    """Rent of 380 for 36 months from November 2026."""
    people, papers = world.bureau(), [world.MATERIAL, world.RENT_PROOF]
    benefit = world.grant_of_rent(criteria=RULE, once_per_person=True, materials=papers)
    world.envelope(benefit)
    shop = world.shop_with_rent()
    tell_of(shop, "employment", rent_subsidy_months_received=0)
    world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)


_approved = stands(_approve, BOTH)


@pytest.fixture
def people(_approved, engine, time_machine):
    time_machine.move_to(DAY)
    return world.bureau()


@pytest.fixture
def case(people):
    return Application.objects.get()


def part(case, number):
    return Instalment.objects.get(grant__application=case, number=number)


def proof(case):
    return world.evidence(case.operator, "房租付款凭证")


def claimed(case, number):
    return claiming.claim(part(case, number), [proof(case)], by=case.submitter)


def pay(people):
    """Everything that is due, by a batch."""
    batch = paying.prepare(people.department, by=people.finance).batch
    seen = [row.payment.pk for row in paying.look_over(batch) if row.flags]
    paying.approve(batch, by=people.finance_2, ticked=seen)
    text = paying.export(batch, by=people.finance).decode("utf-8-sig")
    assert text.startswith(",".join(HEADINGS))
    rows = [f"{row.reference},成功,bank {row.pk},,{row.amount_fen / 100:.2f}" for row in batch.payments.all()]
    return settling.settle(
        batch, "\n".join(["流水号,结果,银行流水号,原因,金额", *rows]).encode(), by=people.finance
    )


def envelopes():
    return {
        row.year: (row.reserved_fen, row.granted_fen, row.paid_fen, row.recovered_fen)
        for row in Envelope.objects.all()
    }


def shown(case):
    """Where the owner's list has the case, and what it says of it."""
    (card,) = listing.newest_cases(case.submitter, 10)
    return card["group"], card["status"]["sentence"]


def test_the_owner_reads_what_comes_next_until_the_last_part_is_paid(case, people, time_machine):
    pay(people)
    said = [shown(case)]
    time_machine.move_to("2027-06-01T10:00:00+08:00")
    said.append(shown(case))
    claimed(case, 2)
    said.append(shown(case))
    claiming.check(part(case, 2), right=True, by=people.reviewer)
    said.append(shown(case))
    Instalment.objects.exclude(status="paid").update(status="cancelled")
    said.append(shown(case))

    assert said == [
        ("running", "第 1 期已到账，第 2 期 2027 年 6 月 1 日起可以领"),
        ("mine", "第 1 期已到账，第 2 期可以领了"),
        ("running", "第 1 期已到账，第 2 期凭证在核对"),
        ("running", "第 1 期已到账，第 2 期等待拨付"),
        ("finished", "已到账，2026 年 11 月 25 日"),
    ]


def test_a_half_year_is_claimed_when_its_last_month_has_begun(case, people, time_machine):
    time_machine.move_to("2027-05-31T10:00:00+08:00")
    with pytest.raises(Refused, match="从 2027 年 6 月 1 日起可以领"):
        claimed(case, 2)

    time_machine.move_to("2027-06-01T10:00:00+08:00")
    found = claimed(case, 2)

    assert (found.status, found.claimed_by, str(found)) == (
        "claimed",
        case.submitter,
        f"{found.grant_id} 第 2 期",
    )
    assert list(claiming.proofs(found).values_list("material", flat=True)) == ["房租付款凭证 第 2 期"]
    assert list(claiming.waiting_for(people.reviewer)) == [found]


def test_right_proof_makes_it_due_and_it_is_paid_as_the_first(case, people, time_machine):
    pay(people)
    time_machine.move_to("2027-06-01T10:00:00+08:00")
    world.envelope(case.benefit, year=2027)
    claimed(case, 2)

    claiming.check(part(case, 2), right=True, by=people.reviewer_2)
    due = envelopes()[2027]
    pay(people)

    case.refresh_from_db()
    assert due == (6 * 38_000, 6 * 38_000, 0, 0)
    assert envelopes()[2027] == (6 * 38_000, 0, 6 * 38_000, 0)
    assert (case.state, part(case, 2).status) == ("paid", "paid")
    assert known_of(case.business)[0]["rent_subsidy_months_received"][:2] == (8, "employment")
    assert Holding.objects.get().until == date(2029, 10, 31)


def test_wrong_proof_is_told_and_handed_in_again(case, people, time_machine):
    time_machine.move_to("2027-06-01T10:00:00+08:00")
    first = claimed(case, 2)
    claiming.check(first, right=False, problem="看不清是哪几个月", by=people.reviewer)

    found = part(case, 2)
    assert (found.status, found.problem) == ("planned", "看不清是哪几个月")
    assert envelopes()[2027] == (12 * 38_000, 0, 0, 0)
    assert Letter.objects.filter(sentence="看不清是哪几个月。请重新上传。").count() == 1

    claimed(case, 2)
    assert part(case, 2).status == "claimed"
    files = CaseFile.objects.filter(material="房租付款凭证 第 2 期")
    assert sorted(row.removed_at is None for row in files) == [False, True]


def test_the_same_proof_does_not_serve_twice(case, people, time_machine):
    time_machine.move_to("2027-12-01T10:00:00+08:00")
    paper = proof(case)
    claiming.claim(part(case, 2), [paper], by=case.submitter)

    with pytest.raises(Invalid, match="以前的分期用过了"):
        claiming.claim(part(case, 3), [paper], by=case.submitter)


@pytest.mark.parametrize(
    ("status", "error"), [("pending", Refused), ("infected", Invalid), ("error", Invalid)]
)
def test_proof_has_to_be_looked_through(case, time_machine, status, error):
    time_machine.move_to("2027-06-01T10:00:00+08:00")
    paper = world.evidence(case.operator, status=status)

    with pytest.raises(error):
        claiming.claim(part(case, 2), [paper], by=case.submitter)


def test_only_the_owner_claims_with_what_is_theirs(case, people, time_machine):
    time_machine.move_to("2027-06-01T10:00:00+08:00")
    other = world.shop_with_rent(2)
    stranger = world.owner_of(other)

    with pytest.raises(PermissionDenied):
        claiming.claim(part(case, 2), [proof(case)], by=stranger)
    with pytest.raises(Invalid, match="没有找到这份材料"):
        claiming.claim(part(case, 2), [world.evidence(other.operator)], by=case.submitter)


def test_nobody_checks_what_they_decided_and_finance_does_not_check(case, people, time_machine):
    time_machine.move_to("2027-06-01T10:00:00+08:00")
    found = claimed(case, 2)

    for somebody in (people.approver, people.finance, case.submitter):
        with pytest.raises(PermissionDenied):
            claiming.check(found, right=True, by=somebody)


def test_a_claim_leaves_the_approval_as_it_was(case, people, time_machine):
    time_machine.move_to("2027-06-01T10:00:00+08:00")

    claimed(case, 2)

    assert paying.prepare(people.department, by=people.finance).left_out == []


# Closing


def test_a_closed_shop_gives_back_what_is_not_paid(case, people, time_machine):
    pay(people)
    time_machine.move_to("2027-02-10T10:00:00+08:00")
    tell_of(case.business, operating_status="deregistered")

    assert stopping.stop_for_closed_shops(timezone.localdate()) == 1
    assert stopping.stop_for_closed_shops(timezone.localdate()) == 0

    case.refresh_from_db()
    grant = case.grants.get()
    rows = grant.instalments.filter(status="planned").values_list("from_month", "months", "amount_fen")
    assert (grant.status, grant.stopped_on) == ("stopped", date(2027, 2, 10))
    assert list(rows) == [(date(2027, 1, 1), 2, 76_000)]
    assert sum(grant.instalments.values_list("amount_fen", flat=True)) == grant.total_fen
    assert envelopes()[2027] == (76_000, 0, 0, 0)
    assert envelopes()[2028] == (0, 0, 0, 0)
    assert case.concluded_on == date(2027, 2, 10)
    assert Letter.objects.filter(title="“试验补贴”停发").count() == 1


def test_what_was_paid_for_later_months_has_to_come_back(case, people):
    pay(people)
    tell_of(case.business, operating_status="suspended")

    stopping.stop_for_closed_shops(timezone.localdate())

    first = part(case, 1)
    assert stopping.to_recover([case]) == [(first, 38_000)]
    assert Letter.objects.filter(title="“试验补贴”要退回380 元").count() == 1

    stopping.recover(first, 38_000, by=people.finance)
    assert stopping.to_recover([case]) == []
    assert envelopes()[2026] == (0, 0, 76_000, 38_000)


def test_the_books_agree_after_all_of_it(case, people, time_machine):
    pay(people)
    time_machine.move_to("2027-06-01T10:00:00+08:00")
    world.envelope(case.benefit, year=2027)
    claiming.check(claimed(case, 2), right=True, by=people.reviewer_2)
    tell_of(case.business, operating_status="revoked")
    stopping.stop_for_closed_shops(timezone.localdate())

    found = list(Envelope.objects.all())
    sums = budgets.ledger_sums(found)

    assert all(budgets.agrees(row, sums.get(row.pk, {})) for row in found)
    assert envelopes()[2027] == (0, 6 * 38_000, 0, 0)
    assert [found for _, sentences in broken() for found in sentences] == []
