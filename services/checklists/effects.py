"""What steps of a checklist bring about in the register."""

from django.core.exceptions import PermissionDenied

from businesses.distinctive import list_business
from businesses.facts import BUILT_IN_REGISTRY
from cases.models import Case
from core.errors import Refused

from .steps import effect

_CLASSES = BUILT_IN_REGISTRY["distinctive_classes"]


@effect("distinctive")
def list_as_distinctive(case: Case, by) -> None:
    """名特优新: the shop goes on next year's list, in the class it asked for. Refused with every bar that stands."""
    wanted = case.request.said["class"]
    listed_as = next(choice.value for choice in _CLASSES.choices if wanted in choice.label)
    try:
        list_business(case.business, listed_as, by=by, basis=f"申报 {case.number} 认定")
    except PermissionDenied:
        raise Refused("认定要由有“市场监管员”职责的人来办。请转给他。") from None
