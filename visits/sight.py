"""Who sees which visits. What bureaus see of each other's is no row at all: a window, and what is looked at."""

from datetime import date
from typing import NamedTuple

from accounts.principals import is_program
from cases.procedure import OPEN

from .models import VisitCase
from .permissions import is_of_bureau


class Elsewhere(NamedTuple):
    """What a bureau sees of another's visit to a shop: nothing else."""

    from_on: date
    until_on: date
    items: list


def visible_to(principal):
    """The visits that somebody sees: of their shops, of their bureau; the same for programs."""
    seen = VisitCase.objects.visible_to(principal)
    if is_program(principal) and is_of_bureau(principal):
        return seen | VisitCase.objects.filter(department=principal.department_id)
    return seen


def elsewhere(shop_id: int, department_id: int) -> list[Elsewhere]:
    """What other bureaus plan for a shop, the earliest first."""
    rows = VisitCase.objects.filter(business=shop_id, phase=OPEN).exclude(department=department_id)
    rows = rows.order_by("visit__from_on", "pk").values_list(
        "visit__from_on", "visit__until_on", "visit__items"
    )
    return [Elsewhere(*row) for row in rows]
