"""Who may do what with a request: whoever asked, the bureau that answers, whoever has a leg of it, the mentor."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Department
from accounts.principals import is_program
from businesses import sharing
from cases.rights import permissions as of_cases
from cases.rights.permissions import may_review
from cases.rights.recusal import has_interest

from .models import Leg, Slot

owner = of_cases.owns
REOPENED_WITHIN = timedelta(days=60)


def owner_within_60_days(principal, case) -> bool:
    """Whoever asked, until the 60th day after what was decided."""
    decided = case.decided_at
    return owner(principal, case) and (decided is None or timezone.now() - decided <= REOPENED_WITHIN)


def owner_beside_a_free_seat(principal, case) -> bool:
    """Whoever waits in line, when seats are not offered any more and one is free."""
    slot = case.request.slot
    is_ahead = slot.status == Slot.Status.OPEN and slot.starts_at > timezone.now()
    return is_ahead and slot.left > 0 and owner(principal, case)


def operator(principal, case) -> bool:
    """Whose shop it is: who alone says what others may read of it."""
    return case.business is not None and sharing.may_give(principal, case.business)


def receiver(user, case) -> bool:
    """Whoever answers for the bureau that looks into it; of an institution, and of programs, whoever has the leg that
    was sent there."""
    return may_review(user, case) or (is_of_institution(user) and has_leg(user, case))


def is_of_institution(user) -> bool:
    """Staff of a bank, an insurer, a school, and every program: they see what was sent to them, and nothing else."""
    if is_program(user):
        return True
    department = getattr(user, "department", None)
    return department is not None and department.kind != Department.Kind.BUREAU


def has_leg(principal, case) -> bool:
    """Whoever has to answer a leg that is open, and need not keep away; no program answers what it asked itself."""
    if own_leg(principal, case) is None:
        return False
    if is_program(principal):
        return case.client_id != principal.pk
    return not has_interest(principal, case) and not _is_own(principal, case)


def own_leg(principal, case) -> Leg | None:
    """The open leg that was sent to the institution of ``principal``, or to themselves; None for anybody else."""
    if not may_answer(principal):
        return None
    legs = Leg.objects.open().filter(request=case.pk).of_receiver(principal)
    return legs.select_related("receiver", "receiver_user").order_by("position").first()


def may_answer(user) -> bool:
    """Somebody who answers for an institution, its program, or a mentor for themselves."""
    if is_program(user):
        return user.disabled_at is None and "legs:write" in user.allowed_scopes
    if not getattr(user, "is_active", False):
        return False
    return user.has_perm("services.answer_leg") if user.is_staff else True


def gives_it(user, case) -> bool:
    """Whoever gives what was booked: the mentor, or somebody of the department that does or that answers for it."""
    if _is_own(user, case) or not gives(user, case.request.offering):
        return False
    return not user.is_staff or not has_interest(user, case)


def gives(user, offering) -> bool:
    """Whoever gives what is offered: the mentor, or somebody of the department that provides or handles it."""
    if not getattr(user, "is_active", False):
        return False
    if not user.is_staff:
        return offering.mentor_id == user.pk
    departments = {offering.provider_id, offering.handler_id} - {None}
    own = user.is_superuser or user.department_id in departments
    return own and user.has_perm("services.answer_leg")


def _is_own(user, case) -> bool:
    return user.pk in (case.submitter_id, case.begun_by_id, case.asker_id)
