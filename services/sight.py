"""Which requests somebody of the staff sees besides those of their own department."""

from django.db.models import Q

from .models import Leg
from .permissions import is_of_institution


def sees(principal) -> Q:
    """Those of which a step was theirs, or is. An institution that is no bureau sees its legs alone (admin/legs.py)."""
    if not principal.department_id or is_of_institution(principal):
        return Q(pk__in=[])
    legs = Leg.objects.filter(receiver=principal.department_id).exclude(state=Leg.State.WAITING)
    return Q(pk__in=legs.values("request"))
