"""信息授权: what of a shop its operator lets one institution read. Only the operator gives it, and ``read`` is the only
door by which it is read."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import orjson
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.access import record
from accounts.models import Department, User
from core.errors import Fault, Invalid, Refused
from core.wording import day_text, value_text

from . import merge
from .models import Binding, Business, Sharing, bound_by
from .register import known_of
from .registry import business_registry

MOST_USES, MOST_KEEP_DAYS = 20, 3 * 365
UNKNOWN = "没有记录"
CHANGED = "店里的信息有变动，请店主重新授权。"
SEEN_CHANGED = "您看过以后，内容有变动。请看一看现在的，再点同意。"
NOT_FRESH = "同意以前，要先确认是您本人。请再收一次验证码，15 分钟内同意。"
READ = "sharing-read"
# What is no fact of the register, and may be shared as well: of the shop, and of whoever has bound it.
OF_THE_SHOP = {
    "shop_name": ("店名", lambda business, owner: business.name),
    "credit_code": ("统一社会信用代码", lambda business, owner: business.credit_code),
    "operator_name": ("经营者姓名", lambda business, owner: business.operator and business.operator.name),
    "phone": ("联系电话", lambda business, owner: owner and owner.phone and owner.phone.reveal()),
}


@dataclass(frozen=True)
class Line:
    """One thing that is shared. ``value``: JSON spelling, None where nobody knows it; ``words``: as people read it."""

    name: str
    label: str
    words: str
    value: object


def unknown(names: Iterable[str]) -> list[str]:
    """Those of ``names`` that nothing is known under, and that nobody can share."""
    return [name for name in names if name not in OF_THE_SHOP and name not in business_registry()]


def preview(business: Business, facts: Iterable[str]) -> list[Line]:
    """What each of ``facts`` is now, in this order. Raises Invalid for names that there are not."""
    facts = list(facts)
    if wrong := unknown(facts):
        raise Invalid([Fault("facts", "unknown_fact", f"没有“{name}”这项信息") for name in wrong])
    known, owner = known_of(business)[0], _owner_of(business)
    return [_line(name, business, owner, known.get(name)) for name in facts]


def _owner_of(business):
    standing = Binding.objects.filter(business=business.pk, ended_at=None).select_related("user").first()
    return standing and standing.user


def _line(name, business, owner, best) -> Line:
    if name in OF_THE_SHOP:
        label, value_of = OF_THE_SHOP[name]
        value = value_of(business, owner) or None
        return Line(name, label, value or UNKNOWN, value)
    fact = business_registry()[name]
    if best is None:
        return Line(name, fact.label, UNKNOWN, None)
    return Line(name, fact.label, value_text(fact, merge.inside(fact, best.value)), best.value)


def labels_of(facts: Iterable[str]) -> list[str]:
    """What they are called; one that there is no longer stays as it was written."""
    registry = business_registry()
    return [
        OF_THE_SHOP[name][0] if name in OF_THE_SHOP else registry[name].label if name in registry else name
        for name in facts
    ]


# Giving


def words_of(
    business: Business, receiver: Department, lines: list[Line], *, purpose, until: date, uses, keep_days
) -> str:
    """What the operator agrees to, whole."""
    said = "；".join(f"{line.label}：{line.words}" for line in lines)
    return (
        f"我同意{receiver.name}为了{purpose}，看“{business.name}”的这些信息：{said}。"
        f"看到 {day_text(until)}为止，最多看 {uses} 次，保存不超过 {keep_days} 天。我可以随时撤回。"
    )


def digest_of(words: str) -> str:
    """SHA-256 of what was agreed to."""
    return hashlib.sha256(words.encode()).hexdigest()


def give(
    business: Business,
    receiver: Department,
    facts: Iterable[str],
    *,
    purpose: str,
    until: date,
    uses: int = 3,
    keep_days: int = 30,
    by,
    is_fresh: bool,
    seen: str | None = None,
) -> Sharing:
    """Let ``receiver`` read these facts as they are now.

    ``is_fresh``: accounts.signing_in.sessions.is_fresh_owner. ``seen``: the digest of the words that were shown;
    Refused where they would be others now. PermissionDenied for anybody but the operator, whatever mandate they hold.
    """
    facts = list(dict.fromkeys(facts))
    _require_operator(by, business)
    if not is_fresh:
        raise Refused(NOT_FRESH, code="not_fresh")
    _refuse_beyond_limits(facts, purpose, until, uses, keep_days)
    agreed = {"purpose": purpose, "until": until, "uses": uses, "keep_days": keep_days}
    with transaction.atomic():
        locked = (
            Business.objects.select_for_update(of=("self",)).select_related("operator").get(pk=business.pk)
        )
        _require_operator(by, locked)
        lines = preview(locked, facts)
        digest = digest_of(words_of(locked, receiver, lines, **agreed))
        if seen is not None and seen != digest:
            raise Refused(SEEN_CHANGED, code="changed")
        sharing = Sharing.objects.create(
            operator_id=locked.operator_id,
            business=locked,
            given_by=by,
            receiver=receiver,
            facts=facts,
            preview=_sealed(lines),
            notice=digest,
            **agreed,
        )
        record(by, "give_sharing", _subject(sharing), receiver=receiver.code, facts=facts)
    return sharing


def may_give(user, business: Business) -> bool:
    """Whether somebody is the operator of the shop, as they have shown."""
    if not isinstance(user, User) or not user.is_active:
        return False
    operator = bound_by(user).get(business.pk)
    return operator is not None and operator == business.operator_id


def _require_operator(user, business) -> None:
    if not may_give(user, business):
        raise PermissionDenied


def _refuse_beyond_limits(facts, purpose, until, uses, keep_days) -> None:
    today = timezone.localdate()
    latest = today + timedelta(days=Sharing.MOST_DAYS)
    wrong = (
        ("facts", not facts, "请选给它看哪些信息"),
        ("purpose", not 0 < len(purpose.strip()) <= 200, "请写用来做什么，200 个字以内"),
        (
            "until",
            not today <= until <= latest,
            f"从今天起最长 {Sharing.MOST_DAYS} 天，最晚到 {day_text(latest)}",
        ),
        ("uses", not 1 <= uses <= MOST_USES, f"次数请填 1 到 {MOST_USES}"),
        ("keep_days", not 0 <= keep_days <= MOST_KEEP_DAYS, f"保存天数请填 0 到 {MOST_KEEP_DAYS}"),
    )
    faults = [Fault(field, "out_of_range", words) for field, is_wrong, words in wrong if is_wrong]
    if faults:
        raise Invalid(faults)


def _sealed(lines) -> str:
    return orjson.dumps({line.name: line.value for line in lines}, option=orjson.OPT_SORT_KEYS).decode()


def _subject(sharing) -> str:
    return f"sharing {sharing.pk}"


# Reading and taking back


@transaction.atomic
def read(sharing: Sharing, *, by) -> list[Line]:
    """What the operator lets the institution of ``by`` read, which counts as one use and is written down.

    Refused where it has ended, and, without counting, where something is no longer as the operator saw it. Rooms that
    have cases decide first whether ``by`` works on one that it was given for.
    """
    of_it = getattr(by, "is_active", False) and by.is_staff and by.department_id == sharing.receiver_id
    if not of_it:
        raise PermissionDenied
    usable = Sharing.objects.standing().filter(pk=sharing.pk, used__lt=F("uses"))
    if not usable.update(used=F("used") + 1):
        raise Refused(f"{ended_because(Sharing.objects.get(pk=sharing.pk))}，不能再看。", code="ended")
    row = Sharing.objects.select_related("business__operator", "given_by").get(pk=sharing.pk)
    lines = preview(row.business, row.facts)
    if row.business.operator_id != row.operator_id or _sealed(lines) != row.preview.reveal():
        raise Refused(CHANGED, code="changed")
    record(by, READ, _subject(row), facts=row.facts)
    return lines


def ended_because(sharing: Sharing) -> str:
    """Why it is no longer read, in a few words; empty while it is."""
    if sharing.revoked_at:
        return "店主已经撤回授权"
    if sharing.until < timezone.localdate():
        return f"授权到 {day_text(sharing.until)}为止"
    if sharing.used >= sharing.uses:
        return f"授权的 {sharing.uses} 次已经看完"
    return ""


def delete_by(sharing: Sharing) -> date:
    """The last day on which the institution may keep what it has read."""
    ended = timezone.localdate(sharing.revoked_at) if sharing.revoked_at else sharing.until
    return ended + timedelta(days=sharing.keep_days)


@transaction.atomic
def revoke(sharing: Sharing, *, by) -> None:
    """Take it back at once. By the operator alone; Refused where it has been taken back."""
    if not Sharing.objects.visible_to(by).filter(pk=sharing.pk).exists():
        raise PermissionDenied
    if not Sharing.objects.filter(pk=sharing.pk, revoked_at=None).update(revoked_at=timezone.now()):
        raise Refused("这个授权已经撤回了。")
    record(by, "revoke_sharing", _subject(sharing))


def end_all(**which) -> None:
    """What nobody agrees to any more ends: ``which`` sharings, as a condition."""
    Sharing.objects.filter(revoked_at=None, **which).update(revoked_at=timezone.now())
