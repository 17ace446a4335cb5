"""What an approval gives, in instalments: one sum at once, or months from the month of application, half a year at a
time and never across a year, each reserved in the envelope of its year.

The first instalment is due at once: the application itself carried the proof. Later ones are claimed on proof of rent.
Functions here are called by actions, in their transaction, with the application locked.
"""

from datetime import date
from typing import NamedTuple

from cases.terms import terms_of
from core.errors import Refused

from ..models import Application, Grant, Instalment, Payment
from . import budgets

Status = Instalment.Status


class Part(NamedTuple):
    """One instalment to be: the year whose envelope pays, its first month (None for one sum), months, fen."""

    year: int
    from_month: date | None
    months: int | None
    amount_fen: int


def parts(application: Application, today: date) -> list[Part]:
    """The instalments of an application, in order."""
    if application.months is None:
        return [Part(today.year, None, None, application.amount_fen)]
    longest = terms_of(application.benefit_version).instalment_months
    found, month, left = [], application.starts_on, application.months
    while left:
        months = min(longest - (month.month - 1) % longest, 13 - month.month, left)
        found.append(Part(month.year, month, months, application.monthly_fen * months))
        month, left = add_months(month, months), left - months
    return found


def add_months(month: date, count: int) -> date:
    """The first of the month ``count`` months on."""
    year, index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(year, index + 1, 1)


def opens_on(instalment: Instalment) -> date:
    """From when it can be claimed: its last month has begun, and with it the rent of all its months is due."""
    return add_months(instalment.from_month, instalment.months - 1)


def give(application: Application, *, by, today: date) -> Grant:
    """Write the grant down and take its money out of the envelopes. Raises Exhausted, and then nothing is changed."""
    planned = parts(application, today)
    envelopes = {part.year: _envelope(application, part.year, today) for part in planned}
    grant = Grant.objects.create(
        application=application,
        total_fen=application.amount_fen,
        monthly_fen=application.monthly_fen,
        months=application.months,
        starts_on=application.starts_on,
    )
    first = planned[0]
    for envelope in sorted(set(envelopes.values()), key=lambda row: row.pk):
        mine = [part for part in planned if envelopes[part.year] == envelope]
        granted = sum(part.amount_fen for part in mine if part is first)
        reserved = sum(part.amount_fen for part in mine if part is not first)
        budgets.post(
            envelope.pk,
            f"grant {grant.pk} envelope {envelope.pk}",
            application=application,
            by=by,
            granted=granted,
            reserved=reserved,
        )
    Instalment.objects.bulk_create(
        Instalment(
            grant=grant,
            envelope=envelopes[part.year],
            number=number,
            from_month=part.from_month,
            months=part.months,
            amount_fen=part.amount_fen,
            status=Status.DUE if part is first else Status.PLANNED,
        )
        for number, part in enumerate(planned, 1)
    )
    return grant


def _envelope(application, year, today):
    if year > today.year:
        return budgets.envelope_for_future(
            application.benefit, year, application.district, application.department_id
        )
    envelope = budgets.envelope_of(application.benefit, today.year, application.district)
    if envelope is None:
        raise budgets.NotSet(budgets.NO_ENVELOPE)
    return envelope


def standing_grant(application: Application) -> Grant | None:
    return application.grants.exclude(status=Grant.Status.VOID).first()


def is_on_its_way(application: Application) -> bool:
    """Whether a payment of its standing grant is in a batch, with the bank, or made."""
    grant = standing_grant(application)
    busy = Payment.objects.filter(instalment__grant=grant, status__in=["batched", "sent", "paid"])
    return grant is not None and busy.exists()


def void(application: Application, *, by) -> None:
    """Take an approval back before anything is paid: all its money returns, once."""
    grant = standing_grant(application)
    if grant is None:
        return
    if is_on_its_way(application):
        raise Refused("这一件已经编入拨付批次，不能退回。请先取消批次，或等银行结果。")
    _cancel(grant, grant.instalments.all(), by=by, why="void")
    grant.status = Grant.Status.VOID
    grant.save(update_fields=["status"])


def stop(grant: Grant, *, on: date, because: str, by=None) -> None:
    """End a grant: months after that of ``on`` are given back; what was paid for them is to be recovered. A single sum
    that is not paid yet is given back whole."""
    grant.status = Grant.Status.STOPPED
    grant.stopped_on, grant.stopped_because = on, because[:200]
    grant.save(update_fields=["status", "stopped_on", "stopped_because"])
    give_back_later(grant, by=by)


def give_back_later(grant: Grant, *, by=None) -> None:
    """Give back what a stopped grant holds for later months. What was in a batch then is given back when it has come
    out of it unpaid, by calling this again."""
    last = grant.stopped_on.replace(day=1)
    _split(grant, last)
    later = [row for row in grant.instalments.all() if row.from_month is None or row.from_month > last]
    _cancel(grant, later, by=by, why="stop")


def outlives(grant: Grant, instalment: Instalment) -> bool:
    """Whether an instalment is, in part at least, for months after its grant was stopped."""
    if grant.stopped_on is None:
        return False
    month = instalment.from_month
    return month is None or add_months(month, instalment.months - 1) > grant.stopped_on.replace(day=1)


def _split(grant, last) -> None:
    """Part the instalment that goes beyond the month ``last`` in two, so that its later months can be given back."""
    for row in _free(grant, grant.instalments.exclude(from_month=None)):
        kept = sum(add_months(row.from_month, offset) <= last for offset in range(row.months))
        if 0 < kept < row.months:
            after = row.months - kept
            Instalment.objects.create(
                grant=grant,
                envelope_id=row.envelope_id,
                number=grant.instalments.count() + 1,
                from_month=add_months(row.from_month, kept),
                months=after,
                amount_fen=grant.monthly_fen * after,
                status=row.status,
            )
            row.months, row.amount_fen = kept, grant.monthly_fen * kept
            row.save(update_fields=["months", "amount_fen"])


def _free(grant, instalments) -> list:
    """Those neither in a batch nor paid, nor given back."""
    busy = Payment.objects.filter(instalment__grant=grant, status__in=["batched", "sent", "paid"])
    busy = set(busy.values_list("instalment", flat=True))
    open_ones = (Status.PLANNED, Status.CLAIMED, Status.DUE)
    return [row for row in instalments if row.pk not in busy and row.status in open_ones]


def _cancel(grant, instalments, *, by, why) -> None:
    """Give back what these instalments hold, envelope by envelope; those in a batch or paid are left as they are."""
    free = _free(grant, instalments)
    for envelope_id in sorted({row.envelope_id for row in free}):
        mine = [row for row in free if row.envelope_id == envelope_id]
        budgets.post(
            envelope_id,
            f"{why} grant {grant.pk} envelope {envelope_id} instalment {mine[0].pk}",
            application=grant.application,
            by=by,
            granted=-sum(row.amount_fen for row in mine if row.status == Status.DUE),
            reserved=-sum(row.amount_fen for row in mine if row.status != Status.DUE),
        )
    Instalment.objects.filter(pk__in=[row.pk for row in free]).update(status=Status.CANCELLED)


def finish_if_done(grant: Grant) -> None:
    """Close a grant of which nothing is left to pay."""
    open_ones = grant.instalments.filter(status__in=[Status.PLANNED, Status.CLAIMED, Status.DUE])
    if grant.status == Grant.Status.ACTIVE and not open_ones.exists():
        grant.status = Grant.Status.FINISHED
        grant.save(update_fields=["status"])


def last_month(grant: Grant) -> date:
    """The first day of the last month that a monthly grant pays for."""
    return add_months(grant.starts_on, grant.months - 1)


def to_recover_fen(grant: Grant) -> int:
    """What was paid for months after the grant was stopped, less what has come back."""
    return sum(over_paid_fen(grant, row) for row in grant.instalments.all())


def over_paid_fen(grant: Grant, instalment: Instalment) -> int:
    """Of one instalment, what was paid for months after the grant was stopped and has not come back."""
    paid = instalment.status == Status.PAID
    if not paid or grant.stopped_on is None or instalment.from_month is None:
        return 0
    last = date(grant.stopped_on.year, grant.stopped_on.month, 1)
    over = sum(add_months(instalment.from_month, offset) > last for offset in range(instalment.months))
    return max(over * grant.monthly_fen - instalment.recovered_fen, 0)
