"""Who may do what with a contact: the shop that has the work, and the person who looks for it."""

from accounts.principals import is_program
from businesses.actions import owns
from cases.rights.permissions import may_apply

from .models import Contact

SHOP, WORKER = Contact.Side.SHOP, Contact.Side.WORKER


def side_of(principal, case) -> str:
    """Which side somebody is on, empty for neither; the shop's where somebody asked their own shop's agent."""
    if (
        case.asker_id is not None
        and case.asker_id == getattr(principal, "pk", None)
        and not is_program(principal)
    ):
        return WORKER
    return SHOP if may_apply(principal, case.business) else ""


def shop(principal, case) -> bool:
    return side_of(principal, case) == SHOP


def either(principal, case) -> bool:
    return side_of(principal, case) != ""


def other(principal, case) -> bool:
    """Whoever was asked."""
    side = side_of(principal, case)
    return side != "" and side != case.contact.asked_by


def whoever_may_refuse(principal, case) -> bool:
    """Whoever was asked; once they talk, both. Who has asked and hears nothing takes it back."""
    return other(principal, case) if case.state == "asked" else either(principal, case)


def asker(principal, case) -> bool:
    """Whoever asked."""
    return side_of(principal, case) == case.contact.asked_by


def may_agree(principal, case) -> bool:
    """Whether their word binds: the worker's, or the owner's of the shop; nobody agrees by mandate."""
    side = side_of(principal, case)
    return side == WORKER or (side == SHOP and not is_program(principal) and owns(principal, case.business))
