"""Which requests somebody of the staff sees besides those of their own department."""

from django.db.models import Q

from .models import Leg
from .permissions import is_of_institution

LEADS_SEE_FROM = 2  # the rung of data/ladder.yaml from which the lead of the measure sees it


def sees(principal) -> Q:
    """Those of which a step was theirs, or is; those of their measures that nobody has answered for long. An
    institution that is no bureau sees its legs alone (admin/legs.py)."""
    department = principal.department_id
    if not department or is_of_institution(principal):
        return Q(pk__in=[])
    legs = Leg.objects.filter(receiver=department).exclude(state=Leg.State.WAITING)
    late = Leg.objects.open().filter(
        rung__gte=LEADS_SEE_FROM, request__offering__benefit__measure__lead=department
    )
    return Q(pk__in=legs.values("request")) | Q(pk__in=late.values("request"))
