"""Who looks after whose account and gives which role; and writing down who saw or took out what (个人信息保护法 §51,
§54)."""

from collections.abc import Callable

from django.db import transaction

from .models import AccessEvent
from .principals import AUDIT

# Who runs the accounts of the whole city is said by this right, never by having no department.
CITY = "accounts.administer_city"
# What the administrator of a bureau gives to people of their own bureau, and what only the city's gives: deciding,
# paying, and the roles that give or read beyond one bureau. Everything else is given by nobody but a superuser.
OF_BUREAU = frozenset({"政策专员", "审核员", "市场监管员", "服务专员", "用工专员", "机构专员", "银行专员"})
OF_CITY = frozenset({"审批员", "财务", "管理员", "审计员"})
# Roles whose rights reach over the whole city because one bureau does that work: {role: code of the bureau}.
OF_ONE_BUREAU = {"市场监管员": "market"}


def may_give(actor, role, department) -> bool:
    """Whether ``actor`` may give the role of this name to somebody of ``department`` (None: of no bureau), or take it
    away. Whom, is asked besides: ``may_manage``."""
    if not (actor.is_active and actor.is_staff):
        return False
    if actor.is_superuser:
        return True
    if role in OF_ONE_BUREAU and getattr(department, "code", "") != OF_ONE_BUREAU[role]:
        return False
    if actor.has_perm(CITY):
        return role in OF_BUREAU | OF_CITY
    return role in OF_BUREAU and _is_of_own_bureau(actor, department)


def may_place(actor, department) -> bool:
    """Whether ``actor`` may bring somebody into ``department``."""
    return actor.is_superuser or actor.has_perm(CITY) or _is_of_own_bureau(actor, department)


def may_manage(actor, person) -> bool:
    """Whether ``actor`` may change the account of ``person``: never their own; staff of their own bureau, or with the
    right to it of the whole city; superusers and whoever reads or runs the whole city only as a superuser."""
    if actor.pk == person.pk or not (actor.is_active and actor.is_staff):
        return False
    if actor.is_superuser:
        return True
    if person.is_superuser or not person.is_staff or not actor.has_perm("accounts.change_user"):
        return False
    if actor.has_perm(CITY):
        return not person.has_perm(CITY)
    whole_city = person.has_perm(CITY) or person.has_perm(AUDIT)
    return not whole_city and _is_of_own_bureau(actor, person.department)


def _is_of_own_bureau(actor, department):
    runs_it = actor.has_perm("accounts.change_user") and actor.department_id is not None
    return runs_it and department is not None and department.pk == actor.department_id


def was_done(action, subject) -> bool:
    """Whether this was ever done to ``subject`` (``operator 12``)."""
    return AccessEvent.objects.filter(subject=subject, action=action).exists()


def told_of(subjects) -> list[dict]:
    """Who saw or changed these (``operator 12``), when and why, the newest first: for the person themself.

    Staff are named by their bureau alone.
    """
    events = AccessEvent.objects.filter(subject__in=list(subjects)).select_related("department", "user")
    return [
        {
            "at": event.at.isoformat(),
            "by": _for_the_person(event),
            "subject": event.subject,
            "action": event.action,
            "reason": event.reason,
        }
        for event in events
    ]


def _for_the_person(event):
    if event.department:
        return event.department.name
    return "店主或代办人" if event.user and not event.user.is_staff else "政策直通车"


# What also goes into the chain that nobody can mend unseen (cases/audit.py).
CHAINED = frozenset(
    {"propose_version", "publish_version", "withdraw_version", "export", "import_findings_exported", "unmask"}
)
_chains: list[Callable] = []


def chain_with(write: Callable) -> None:
    """``write(action, subject, by=, note=, **detail)`` is called for every action of CHAINED."""
    _chains.append(write)


def record(user, action, subject, *, reason="", **detail):
    """Log one access. ``subject`` names a row (``operator 12``); ``detail`` must hold no number, name or phone.

    What is chained as well stands in both or in neither.
    """
    known = user if getattr(user, "pk", None) and user.is_authenticated else None
    if action not in CHAINED:
        return _write(known, action, subject, reason, detail)
    with transaction.atomic():
        event = _write(known, action, subject, reason, detail)
        for write in _chains:
            write(action, subject, by=known, department_id=event.department_id, note=reason, **detail)
    return event


def _write(known, action, subject, reason, detail):
    return AccessEvent.objects.create(
        user=known,
        department=getattr(known, "department", None),
        action=action,
        subject=subject,
        reason=reason,
        detail=detail,
    )
