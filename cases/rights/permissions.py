"""Who may do what with a case: right of role, own department, no part in it that bars them, no interest in it. The
kinds of work bar one another (BARRED); what is a part is said by the procedure."""

from businesses.actions import may

from ..models import Case, Part
from ..procedure import DECIDE
from . import parts
from .recusal import has_interest

REVIEWED, DECIDED, UNDONE, FILED = Part.Kind.REVIEW, Part.Kind.DECIDE, "undone", "file"
# {kind of work: parts after which nobody does it}
BARRED = {
    "review": {FILED, DECIDED, UNDONE},
    "decide": {FILED, REVIEWED, UNDONE},
    "pay": {FILED, REVIEWED, DECIDED},
    "appeal": {FILED, REVIEWED, DECIDED, UNDONE},
}


def may_apply(principal, business) -> bool:
    """Owners, and whoever holds their mandate to apply: a person or a program."""
    return may(principal, business, "apply")


def owns(principal, case: Case) -> bool:
    """Whoever asks: the owner of the shop or their agent, or a person for themselves."""
    if case.business_id is None:
        return case.asker_id is not None and case.asker_id == getattr(principal, "pk", None)
    return may_apply(principal, case.business)


def may_touch(user, case: Case) -> bool:
    """Somebody of the bureau who need not keep away (cases/rights/recusal.py)."""
    if not (getattr(user, "is_active", False) and user.is_staff):
        return False
    return Case.objects.visible_to(user).filter(pk=case.pk).exists() and not has_interest(user, case)


def parts_of(user, case: Case) -> set[str]:
    """The parts that somebody has had in a case: by what is written of it now, and by what they did before."""
    found = parts.had_by(user, case)
    if user.pk in (case.submitter_id, case.begun_by_id):
        found.add(FILED)
    if user.pk == case.reviewer_id:
        found.add(REVIEWED)
    if user.pk in (case.approver_id, case.countersigner_id):
        found.add(DECIDED)
    return found


def may_work(user, case: Case, right: str, work: str) -> bool:
    """Somebody with ``right`` ("room.permission") whom nothing bars from ``work``."""
    return (
        getattr(user, "is_active", False)
        and user.has_perm(right)
        and may_touch(user, case)
        and not BARRED[work] & parts_of(user, case)
    )


def may_review(user, case: Case) -> bool:
    """Accept, ask for corrections, judge, recommend, refuse: whoever has not filed or decided on it."""
    return may_work(user, case, "cases.review_case", "review")


def may_approve(user, case: Case) -> bool:
    """Approve, send back, refuse: whoever has not filed or reviewed it, and has not approved it just now."""
    just_now = user.pk in (case.approver_id, case.countersigner_id)
    return not just_now and may_work(user, case, "cases.approve_case", "decide")


def may_take(user, case: Case) -> bool:
    """Whose turn it is: who decides where it waits for a decision, else who reviews."""
    return (may_approve if case.stage.turn == DECIDE else may_review)(user, case)


def may_handle_appeal(user, case: Case) -> bool:
    """Answer it: whoever had no part in this decision or in one that was undone before."""
    return may_work(user, case, "cases.handle_appeal", "appeal")
