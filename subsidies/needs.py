"""Applications are why staff need to know who somebody is and where they are paid (businesses/needs.py)."""

from businesses import needs

from .enums import OPEN, State
from .models import Application

# From filing until the money has been paid out, and while an appeal is looked into.
NEEDED = (*OPEN, State.APPROVED, State.APPEALED)


@needs.register
def open_cases(user, operators):
    rows = Application.objects.visible_to(user).filter(operator__in=operators, state__in=NEEDED)
    found = {}
    for operator, account in rows.values_list("operator", "account"):
        found.setdefault(operator, set()).update({account} - {None})
    return found
