"""Who may do what with an application: right of role, own department, no part in it that bars them, no interest in
it. The four kinds of work bar one another (BARRED); what is a part is said in subsidies/parts.py."""

from businesses.actions import may

from . import parts
from .enums import State
from .models import Application, Part
from .recusal import of_cases

REVIEW, DECIDE, UNDONE, FILE = Part.Kind.REVIEW, Part.Kind.DECIDE, "undone", "file"
# {kind of work: parts after which nobody does it}
BARRED = {
    "review": {FILE, DECIDE, UNDONE},
    "decide": {FILE, REVIEW, UNDONE},
    "pay": {FILE, REVIEW, DECIDE},
    "appeal": {FILE, REVIEW, DECIDE, UNDONE},
}


def may_apply(principal, business) -> bool:
    """Owners, and whoever holds their mandate to apply: a person or a program."""
    return may(principal, business, "apply")


def may_touch(user, application: Application) -> bool:
    """Somebody of the bureau who need not keep away (subsidies/recusal.py)."""
    if not (user.is_active and user.is_staff):
        return False
    seen = Application.objects.visible_to(user).filter(pk=application.pk)
    return seen.exclude(of_cases(user)).exists()


def parts_of(user, application: Application) -> set[str]:
    """The parts that somebody has had in a case: by what is written of it now, and by what they did before."""
    found = parts.had_by(user, application)
    if user.pk in (application.submitter_id, application.begun_by_id):
        found.add(FILE)
    if user.pk == application.reviewer_id:
        found.add(REVIEW)
    if user.pk in (application.approver_id, application.countersigner_id):
        found.add(DECIDE)
    return found


def _may(user, application, right, work):
    return (
        user.has_perm(f"subsidies.{right}")
        and may_touch(user, application)
        and not BARRED[work] & parts_of(user, application)
    )


def may_review(user, application: Application) -> bool:
    """Accept, ask for corrections, judge, recommend, refuse: whoever has not filed or decided on it."""
    return _may(user, application, "review_application", "review")


def may_approve(user, application: Application) -> bool:
    """Approve, send back, refuse: whoever has not filed or reviewed it, and has not approved it just now."""
    just_now = user.pk in (application.approver_id, application.countersigner_id)
    return not just_now and _may(user, application, "approve_application", "decide")


def may_send_back(user, application: Application) -> bool:
    """Who decides may; once it is approved who pays it may, too."""
    return may_approve(user, application) or (
        application.state == State.APPROVED and may_pay(user, application)
    )


def may_pay(user, application: Application) -> bool:
    """Prepare or approve its payment: whoever has had no part in the decision."""
    return _may(user, application, "pay_application", "pay")


def may_handle_appeal(user, application: Application) -> bool:
    """Answer it: whoever had no part in this decision or in one that was undone before."""
    return _may(user, application, "handle_appeal", "appeal")
