"""Cases are why staff need to know who somebody is and where they are paid (businesses/needs.py)."""

from businesses import needs

from ..models import Case
from ..procedure import OPEN


@needs.register
def open_cases(user, operators) -> dict[int, set[int]]:
    """From filing until the money has been paid out, and while an appeal is looked into."""
    rows = Case.objects.visible_to(user).filter(operator__in=operators, phase=OPEN)
    found = {}
    for operator, account in rows.values_list("operator", "account"):
        found.setdefault(operator, set()).update({account} - {None})
    return found
