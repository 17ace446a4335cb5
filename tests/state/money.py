"""Batches brought as far as a test wants them."""

from subsidies.actions import paying, settling


def prepared(people, by=None):
    """A batch of everything of the bureau that is due; None where nothing is."""
    return paying.prepare(people.department, by=by or people.finance).batch


def approved(batch, people):
    """Every flag looked into, and approved by another."""
    ticked = {row.payment.pk for row in paying.look_over(batch) if row.flags}
    return paying.approve(batch, by=people.finance_2, ticked=ticked)


def exported(batch, people):
    paying.export(batch, by=people.finance)
    batch.refresh_from_db()
    return batch


def answer(batch, *, returned=()):
    """What the bank says: all paid, but for ``returned`` (ids of payments)."""
    lines = ["流水号,结果,银行流水号,原因,金额"]
    for row in batch.payments.all():
        back = row.pk in returned
        said = "退回,,账号不存在," if back else f"成功,B{row.pk:08d},,{row.amount_fen / 100:.2f}"
        lines.append(f"{row.reference},{said}")
    return "\r\n".join(lines).encode()


def paid(people, *, returned=()):
    """Everything that is due goes to the bank and comes back paid."""
    batch = exported(approved(prepared(people), people), people)
    settling.settle(batch, answer(batch, returned=returned), by=people.finance)
    batch.refresh_from_db()
    return batch
