"""Who may do what with an application besides what holds for every case (cases/rights/permissions.py): pay, and
undo."""

from cases.procedure import CLOSED, GRANTED, OPEN
from cases.rights.permissions import may_approve, may_handle_appeal, may_work, owns

from .models import Application


def may_pay(user, application: Application) -> bool:
    """Prepare or approve its payment: whoever has had no part in the decision."""
    return may_work(user, application, "subsidies.pay_application", "pay")


def may_send_back(user, application: Application) -> bool:
    """Who decides may; once it is approved who pays it may, too."""
    return may_approve(user, application) or (is_to_be_paid(application) and may_pay(user, application))


def is_to_be_paid(application: Application) -> bool:
    return application.outcome == GRANTED and application.phase == OPEN


def is_paid(application: Application) -> bool:
    """Paid, or its first part is."""
    return application.outcome == GRANTED and application.phase == CLOSED


def takes_back(principal, application: Application) -> bool:
    """Whoever applied; of what was offered by mistake also the bureau that offered it (actions/automatic_grants.py)."""
    return owns(principal, application) or _offered(principal, application)


def _offered(user, application):
    return (
        application.lane == "confirm"
        and getattr(user, "is_staff", False)
        and user.has_perm("subsidies.change_offerlist")
        and (user.is_superuser or user.department_id == application.department_id)
    )


def answers_appeal(principal, application: Application) -> bool:
    """Who handles it; the owner, who takes it back."""
    return owns(principal, application) or may_handle_appeal(principal, application)


def the_bank(principal, application: Application) -> bool:
    """Paid is what the bank says. Whoever takes in its file was asked for the right to pay (settling.settle)."""
    return True
