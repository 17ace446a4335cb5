"""Envelopes and their ledger. Every movement is one conditional UPDATE and one ledger row, in the caller's transaction.

Whoever moves several envelopes does so in order of their ids. ``CHECK`` constraints are the last guard.
"""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from cases import audit
from core.errors import Invalid, Refused
from policies.models import Benefit, Measure

from ..models import COLUMNS, Application, Envelope, Grant, LedgerEntry
from . import exhaustion

NO_MONEY = "今年这一项的资金不够了。请等资金补充，或退回审核。"
NO_ENVELOPE = "今年还没有安排这一项的资金。请财务先在“资金”里设定总额。"


class Exhausted(Refused):
    """The envelope has no room for it."""


class NotSet(Refused):
    """Nobody has set an envelope for it."""


def envelope_of(benefit: Benefit, year: int, district: str) -> Envelope | None:
    """The envelope that pays: the district's own, else the city's."""
    found = Envelope.objects.filter(benefit=benefit, year=year, district__in={district, ""})
    return found.order_by("-district").first()


def envelope_for_future(benefit: Benefit, year: int, district: str, department_id: int) -> Envelope:
    """The envelope of a year to come: one without a cap where none is set yet, so that promises can be written down."""
    found = envelope_of(benefit, year, district)
    if found is None:
        found, _ = Envelope.objects.get_or_create(
            benefit=benefit, year=year, district="", defaults={"department_id": department_id}
        )
    return found


def post(envelope_id: int, key: str, *, application: Application | None = None, by=None, **changes) -> bool:
    """Move money in an envelope by ``changes`` (reserved, granted, paid, recovered, in fen); False where ``key`` was
    posted before. Raises Exhausted where the cap does not allow it."""
    with transaction.atomic():
        if LedgerEntry.objects.filter(key=key).exists():
            return False
        deltas = {f"{name}_fen": changes.get(name, 0) for name in COLUMNS}
        grows = deltas["reserved_fen"] + deltas["granted_fen"] + deltas["paid_fen"] - deltas["recovered_fen"]
        rows = Envelope.objects.filter(pk=envelope_id)
        if grows > 0:
            committed = F("reserved_fen") + F("granted_fen") + F("paid_fen") - F("recovered_fen")
            rows = rows.annotate(after=committed + grows).filter(Q(cap_fen=None) | Q(cap_fen__gte=F("after")))
        try:
            with transaction.atomic():
                moved = rows.update(**{name: F(name) + delta for name, delta in deltas.items() if delta})
        except IntegrityError:
            raise Refused("这笔金额和已有的账对不上，没有入账。请核对后再办。") from None
        if not moved:
            raise Exhausted(NO_MONEY)
        LedgerEntry.objects.create(envelope_id=envelope_id, key=key, application=application, by=by, **deltas)
        if grows:
            exhaustion.follow(Envelope.objects.get(pk=envelope_id).benefit, timezone.localdate())
    return True


def is_exhausted(benefit: Benefit, year: int, district: str) -> bool:
    """Whether the envelope that would pay has no room for one more grant."""
    found = envelope_of(benefit, year, district)
    if found is None or found.left_fen is None:
        return False
    return found.left_fen < exhaustion.smallest_grant_fen(benefit, timezone.localdate())


def left_text(benefit: Benefit, district: str, today: date) -> str:
    """大约还剩 N 份: what is left by what one grant takes out of the envelope: the fixed sum, or what grants took on
    average. Empty where no total is set, or nothing has been granted to go by."""
    found = envelope_of(benefit, today.year, district)
    if found is None or found.left_fen is None:
        return ""
    typical = exhaustion.smallest_grant_fen(benefit, today)
    if typical == 1:
        grants = Grant.objects.exclude(status=Grant.Status.VOID).filter(instalments__envelope=found)
        count = grants.distinct().count()
        typical = found.committed_fen // count if count else 0
    return f"大约还剩 {max(found.left_fen, 0) // typical} 份" if typical > 0 else ""


def ledger_sums(envelopes) -> dict[int, dict[str, int]]:
    """``{envelope id: {column: fen}}`` as the ledger says, which is the truth; in one query."""
    sums = {f"sum_{name}": Sum(f"{name}_fen") for name in COLUMNS}
    rows = LedgerEntry.objects.order_by().filter(envelope__in=envelopes).values_list("envelope")
    return {pk: dict(zip(COLUMNS, fen, strict=True)) for pk, *fen in rows.annotate(**sums)}


def agrees(envelope: Envelope, sums: dict[str, int]) -> bool:
    """Whether the columns of an envelope are what its ledger sums up to; ``sums`` empty where it has no rows."""
    return all(getattr(envelope, f"{name}_fen") == sums.get(name, 0) for name in COLUMNS)


def set_cap(benefit: Benefit, year: int, district: str, cap_fen: int, *, by) -> Envelope:
    """Finance fixes what a benefit may cost in a year. Not below what is promised already."""
    department = next(iter(Measure.objects.get(pk=benefit.measure_id).leads), None)
    own = by.is_superuser or (department is not None and by.department_id == department.pk)
    if not by.has_perm("subsidies.change_envelope") or not own:
        raise PermissionDenied
    if department is None:
        raise Refused("这一项还没有牵头单位，不能设总额。请先在“措施”里写明牵头单位。")
    if not 0 < cap_fen <= 10**13:
        raise Invalid.because("cap", "out_of_range", "总额要大于 0，请按元填写")
    with transaction.atomic():
        envelope, _ = Envelope.objects.get_or_create(
            benefit=benefit, year=year, district=district, defaults={"department": department}
        )
        envelope = Envelope.objects.select_for_update().get(pk=envelope.pk)
        if cap_fen < envelope.committed_fen:
            raise Refused("总额不能少于已经承诺的金额。请填得大一些。")
        before = envelope.cap_fen
        envelope.cap_fen, envelope.set_by, envelope.set_at = cap_fen, by, timezone.now()
        envelope.save(update_fields=["cap_fen", "set_by", "set_at"])
        audit.record(
            "set_cap",
            f"envelope {envelope.pk}",
            by=by,
            department_id=envelope.department_id,
            before_fen=before,
            after_fen=cap_fen,
        )
        exhaustion.follow(benefit, timezone.localdate())
    return envelope
