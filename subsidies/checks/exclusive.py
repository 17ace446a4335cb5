"""只能领一个: benefits that exclude each other are looked for across all shops of a person, and again wherever one of
them is filed, approved and paid. The applicant's turn is taken before (transitions.take_turns), so that the answer
stays true until the commit."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from eligibility.holdings import held_by
from eligibility.models import Holding
from policies.catalogue import catalogue
from policies.models import Benefit

from ..models import Application, Payment

BUSY = (Payment.Status.BATCHED, Payment.Status.SENT, Payment.Status.PAID)


def titles(codes: list[str]) -> list[str]:
    """What these benefits are called, in order; no query where there are none."""
    return (
        list(Benefit.objects.filter(code__in=codes).order_by("code").values_list("title", flat=True))
        if codes
        else []
    )


def applied_beside(application: Application, day: date) -> list[str]:
    """Codes of what the person has, or has applied for, that cannot be had beside this; in order."""
    mine = Application.objects.standing().filed()
    return _beside(application, day, mine, held_by(application.business, day))


def granted_beside(application: Application, day: date) -> list[str]:
    """Codes of what the person was granted that cannot be had beside this; in order."""
    granted = Application.objects.granted().filter(concluded_on=None)
    kinds = (Holding.Kind.GRANTED, Holding.Kind.ENJOYED)
    return _beside(application, day, granted, held_by(application.business, day, kinds))


def _beside(application, day, others, held) -> list:
    excluded = catalogue().exclusions_on(day).get(application.benefit.code, ())
    if not excluded:
        return []
    mine = Q(business=application.business_id) | Q(operator=application.operator_id)
    others = others.filter(mine, benefit__code__in=excluded).exclude(pk=application.pk)
    return sorted({*held, *others.values_list("benefit__code", flat=True)}.intersection(excluded))


def paid_beside(applications: Iterable[Application], day: date) -> Iterator[tuple[Application, str]]:
    """Those of which the first money may not go out, with the code of what stops it: what the person is paid, or is
    about to be, or what stands before it in this list. At most two queries, none where nothing is excluded."""
    exclusions = catalogue().exclusions_on(day)
    looked = [row for row in applications if row.paid_at is None and exclusions.get(row.benefit.code)]
    if not looked:
        return
    has = _paid_codes({row.operator_id for row in looked}, day)
    for row in looked:
        codes = has.setdefault(row.operator_id, set())
        if stopping := sorted(codes.intersection(exclusions[row.benefit.code])):
            yield row, stopping[0]
        else:
            codes.add(row.benefit.code)


def _paid_codes(operators, day) -> dict[int, set[str]]:
    busy = Payment.objects.filter(instalment__grant__application=OuterRef("pk"), status__in=BUSY)
    paid: QuerySet = Application.objects.granted().filter(Exists(busy), concluded_on=None)
    enjoyed = Holding.objects.live(day).filter(kind=Holding.Kind.ENJOYED)
    found: dict[int, set[str]] = {}
    for rows in (paid, enjoyed):
        mine = rows.filter(operator__in=operators).order_by()
        for operator, code in mine.values_list("operator", "benefit__code").distinct():
            found.setdefault(operator, set()).add(code)
    return found
