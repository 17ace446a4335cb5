"""The words that the tables of matrix.py and staff_matrix.py are written in: who asks, and what is answered."""

from .world import ROLES, STAFF

OPEN, LOGIN, FORBIDDEN, HIDDEN, ABSENT = "open", "login", "forbidden", "hidden", "absent"
CLOSED = "closed"  # forbidden or hidden

OWNERS = ["owner", "other", "agent", "helper"]
OF_SHOP = ["owner", "agent", "helper"]  # who may look at the owner's shop
APPLIES = ["owner", "helper"]  # and who may apply for it
ADMIN = ["admin"]  # the superuser
CITY_ADMIN = ["city_admin"]
PEOPLES = ["hr_admin", *CITY_ADMIN]  # administrators of people: of one bureau, of the city
OFFICERS = ["hr_policy"]
REVIEWERS = ["hr_reviewer", "market_reviewer"]
APPROVERS = ["hr_approver", "market_approver"]
HR_CASE = ["hr_reviewer", "hr_approver"]
LABOUR = ["jobs_clerk"]  # who moderates posts
HR = [role for role in STAFF if role.startswith("hr_") or role in LABOUR]  # of the labour bureau
HR_OTHERS = [role for role in HR if role not in OFFICERS]
FINANCE = ["hr_finance"]
MARKET = ["market_reviewer", "market_approver"]
READERS = ["admin", "auditor"]
CASE_WORKERS = [*REVIEWERS, *APPROVERS]
CASE_READERS = [*READERS, *CASE_WORKERS, *FINANCE]
BANKS = ["bank_officer", "bank_officer_2"]
CLERK = ["service_clerk"]  # of the service centre
INSTITUTIONS = [*BANKS, "insurer_officer"]
SERVICES = [*CASE_WORKERS, *CLERK]  # who look after what their bureau gives and is asked
WATCHERS = [*READERS, *OFFICERS]  # of pushes


def everybody(cell):
    return dict.fromkeys(ROLES, cell)


def cells(others, **given):
    """The row of a table: ``others`` for whom nothing else is said; ``open=[…], login=[…]`` and so on name the rest."""
    row = everybody(others)
    for cell, roles in given.items():
        row |= dict.fromkeys(roles, cell)
    return row


def both(get, post=None):
    return {"GET": get, "POST": get if post is None else post}


READ_ONLY = both(everybody(OPEN), everybody(ABSENT))
ANYONE = both(everybody(OPEN))
WRITE_ONLY = both(everybody(ABSENT), everybody(OPEN))
NOWHERE = both(everybody(HIDDEN))

STRANGERS = ["anonymous", "program"]


def personal(get=OPEN, post=None, **given):
    """A page for whoever has signed in."""
    get = cells(get, login=STRANGERS, **given)
    return both(get, None if post is None else cells(post, login=STRANGERS, **given))


def staff(open_to, others=FORBIDDEN, **given):
    """A page of the admin: people who are no staff are asked to sign in as such."""
    return cells(others, open=open_to, login=[*STRANGERS, *OWNERS], **given)


ALL_STAFF = staff(STAFF)
FACTOR = both(cells(HIDDEN, login=STRANGERS, forbidden=OWNERS))
FACTOR_OPEN = both(cells(OPEN, login=STRANGERS, forbidden=OWNERS))
