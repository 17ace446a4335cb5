"""Who may do what with a visit: whoever plans for a bureau, to its own, and keeps away where they have an interest."""

from accounts.models import Department
from accounts.principals import is_program
from businesses.models import Business
from cases.rights.recusal import of_shops

PLAN, WRITE = "visits.plan_visit", "visits:write"


def may_plan(principal) -> bool:
    """Staff of a bureau with the right to, or a bureau's program."""
    if not is_of_bureau(principal):
        return False
    if is_program(principal):
        return principal.disabled_at is None and WRITE in principal.allowed_scopes
    return principal.is_active and principal.is_staff and principal.has_perm(PLAN)


def is_of_bureau(principal) -> bool:
    department = getattr(principal, "department", None)
    return department is not None and department.kind == Department.Kind.BUREAU


def keeps_away(principal, shop_id: int) -> bool:
    """Whether somebody has an interest in the shop (cases/rights/recusal.py). Programs have none."""
    if is_program(principal):
        return False
    return Business.objects.filter(of_shops(principal), pk=shop_id).exists()


def planner(principal, case) -> bool:
    """Whoever plans for the bureau whose visit it is. What a program planned, people go on with."""
    return (
        not is_program(principal)
        and may_plan(principal)
        and principal.department_id == case.department_id
        and not keeps_away(principal, case.business_id)
    )
