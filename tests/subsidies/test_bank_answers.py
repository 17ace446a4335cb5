"""A long file of the bank: worked off beside the request, a portion at a time, and gone on with when it was left."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases import sweeping
from cases.models import AuditEntry
from notifications.models import Letter
from subsidies.actions import paying, settling
from subsidies.models import BankAnswer, Payment, PaymentBatch
from tests.admin.reviewing import signed_in, text
from tests.notifications.register import open_shop
from tests.standing import stands

from . import world

pytestmark = pytest.mark.django_db
COUNT = 5


def _let_out():
    """Five payments."""
    people, benefit = world.bureau(), world.grant_of_money()
    world.envelope(benefit)
    for place in range(1, COUNT + 1):
        shop = open_shop(place)
        world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)
    found = paying.prepare(people.department, by=people.finance).batch
    ticked = [row.payment.pk for row in paying.look_over(found) if row.flags]
    paying.approve(found, by=people.finance_2, ticked=ticked)
    paying.export(found, by=people.finance)


_at_the_bank = stands(_let_out)


@pytest.fixture
def people(_at_the_bank, db):
    return world.bureau()


@pytest.fixture
def batch(people, monkeypatch):
    """The payments at the bank, where a portion is two rows."""
    monkeypatch.setattr(settling, "AT_ONCE", 2)
    return PaymentBatch.objects.get()


def file_of(batch):
    rows = [f"{row.reference},成功,B{row.pk},,{row.amount_fen / 100:.2f}" for row in batch.payments.all()]
    return "\n".join(["流水号,结果,银行流水号,原因,金额", *rows]).encode()


def words(answer):
    answer.refresh_from_db()
    return [settling.Outcome(*row).words for row in answer.outcomes]


def paid():
    return Payment.objects.filter(status="paid").count()


@pytest.fixture
def answer(batch, people):
    return settling.settle(batch, file_of(batch), by=people.finance)


def test_a_long_file_is_taken_in_at_once_and_worked_off_afterwards(batch, answer):
    before = (answer.done, answer.count, answer.finished_at, paid())
    settling.work(answer.pk)

    assert before == (0, COUNT, None, 0)
    assert words(answer) == ["已登记到账。"] * COUNT
    assert (answer.done, paid()) == (COUNT, COUNT)
    batch.refresh_from_db()
    assert batch.status == "settled"
    assert AuditEntry.objects.get(verb="settle_batch").detail == {"rows": COUNT, "wrong": 0}


def test_the_page_shows_how_far_it_is(batch, answer, people):
    address = f"/admin/subsidies/paymentbatch/{batch.pk}/change/"
    working = signed_in(people.finance).get(address)
    settling.work(answer.pk)
    done = signed_in(people.finance).get(address)

    assert f"已办 0 / {COUNT} 行" in text(working)
    assert working["Refresh"] == "2"
    assert f"{COUNT} 行都办完了" in text(done)
    assert "Refresh" not in done


def test_what_was_left_half_done_is_gone_on_with(answer, monkeypatch, time_machine):
    def cut_off(row, payment, by, whole=settling._settle_row):
        if row.line == 5:
            raise KeyboardInterrupt
        return whole(row, payment, by)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(settling, "_settle_row", cut_off)
        settling.work(answer.pk)
    answer.refresh_from_db()
    left, somebody_else = (answer.done, paid()), settling.go_on()
    time_machine.move_to(timezone.now() + settling.HELD_FOR + timedelta(seconds=1))

    assert left == (2, 3)
    assert somebody_else == 0  # it is still held
    assert sweeping.STEPS["接着对账"](timezone.localdate()) == 1
    assert words(answer) == ["已登记到账。"] * 2 + [settling.AGAIN] + ["已登记到账。"] * 2
    assert (paid(), Letter.objects.filter(title__contains="到账了").count()) == (COUNT, COUNT)


def test_two_at_work_on_one_file_leave_one_account_of_it(answer, monkeypatch):
    def overtaken(row, payment, by, whole=settling._settle_row):
        if row.line == 2:
            BankAnswer.objects.filter(pk=answer.pk).update(held_until=timezone.now())
            monkeypatch.undo()
            monkeypatch.setattr(settling, "AT_ONCE", 2)
            settling.work(answer.pk)
        return whole(row, payment, by)

    monkeypatch.setattr(settling, "_settle_row", overtaken)
    settling.work(answer.pk)

    assert words(answer) == ["已登记到账。"] * COUNT
    assert paid() == COUNT
    assert AuditEntry.objects.filter(verb="settle_batch").count() == 1
