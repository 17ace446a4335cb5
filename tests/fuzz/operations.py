"""What may be asked of the site: pages and forms from the resolver's table, operations from the OpenAPI document."""

import re
from dataclasses import dataclass
from pathlib import Path

from django.test import Client
from django.utils import timezone

from portal import demo
from tests.authz import labour
from tests.authz.cells import OPEN
from tests.authz.test_matrix import TABLE
from tests.settings import BASE_DIR

ROOMS = [
    "accounts",
    "authoring",
    "businesses",
    "core",
    "eligibility",
    "notifications",
    "policies",
    "portal",
    "subsidies",
]
# What Django's own lists and forms of the admin look at.
OF_ADMIN = {
    *("q", "p", "o", "all", "e", "_facets", "_popup", "_to_field", "_changelist_filters"),
    *("id__in", "status__exact", "at__year", "at__month", "at__day"),
}
_READ = re.compile(r"""GET(?:\.get(?:list)?\(|\[)\s*["'](\w+)["']""")


@dataclass(frozen=True)
class Operation:
    """``roles``: who may; empty where nobody is let in. ``address``: with names of rows in braces."""

    method: str
    address: str
    roles: tuple[str, ...]

    @property
    def is_api(self):
        return self.address.startswith("api/")

    def __str__(self):
        return f"{self.method} /{self.address}"


def pages() -> list[Operation]:
    found = []
    for address, verbs in TABLE.items():
        for method, cells in verbs.items():
            if not address.startswith("api/v1/"):
                roles = tuple(role for role, cell in cells.items() if cell == OPEN)
                roles = ONLY.get(f"{method} /{address}", roles)
                found.append(Operation(method, address, roles))
    return found


def operations_of_api(schema: dict) -> list[Operation]:
    """``schema``: the OpenAPI document."""
    found = []
    for path, verbs in schema["paths"].items():
        for method in verbs:
            address = path.lstrip("/")
            found.append(Operation(method.upper(), address, roles_of(method.upper(), address)))
    return found


def roles_of(method, address):
    if "/workers/" in address:
        return ("other",)
    if (
        "/me/" in address
        or "/notifications/{" in address
        or (address == "api/v1/businesses/{id}/" and method == "PATCH")
    ):
        return ("owner",)
    if address == "api/v1/businesses/" and method == "POST":
        return ("program",)
    if "/sharings/" in address or "/visits/" in address:
        return ("owner",)
    if "/legs/" in address:
        return ("hr_reviewer", "program")
    if method == "GET" and address in ("api/v1/posts/", "api/v1/posts/{id}/"):
        return ("anonymous", "owner", "program")
    if "/posts/" in address:
        return ("owner", "program")
    if "/contacts/" in address:
        return ("owner", "program") if method == "POST" else ("owner", "program", "other")
    if any(part in address for part in ("/businesses/", "/notifications/", "/applications/", "/requests/")):
        return ("owner", "program")
    return ("anonymous", "owner", "program")


def schema() -> dict:
    return Client().get("/api/schema/").json()


def parameters(document: dict) -> list[str]:
    """Every name of a query parameter that something reads."""
    names = set(OF_ADMIN)
    for room in ROOMS:
        for file in Path(BASE_DIR, room).rglob("*.py"):
            names.update(_READ.findall(file.read_text("utf-8")))
    for verbs in document["paths"].values():
        for operation in verbs.values():
            rows = operation.get("parameters", ())
            names.update(row["name"] for row in rows if row["in"] == "query")
    return sorted(names)


def body_of(operation: Operation, rows, chance):
    """A body that fits, for an operation that takes one; None for one that has none."""
    return BODIES.get(str(operation), lambda rows, chance: None)(rows, chance)


PROFILE = {
    "registered_on": "2025-01-15", "district": "520201", "industry": "F5212", "employees": 3, "rents_premises": True,
    "monthly_rent": "800.00", "operator_groups": ["veteran"], "taxpayer_type": "small_scale",
}  # fmt: skip


def _profile(chance):
    return {name: PROFILE[name] for name in chance.sample(list(PROFILE), chance.randint(0, len(PROFILE)))}


BODIES = {
    "POST /api/v1/evaluations/": lambda rows, chance: {"profile": _profile(chance)},
    "POST /api/v1/evaluations/batch/": lambda rows, chance: {
        "profiles": [
            {"ref": str(place), "profile": _profile(chance)} for place in range(chance.randint(1, 4))
        ]
    },
    "POST /api/v1/calculators/tax/": lambda rows, chance: {"year": 2026, "annual_vat": "1200.00"},
    "POST /api/v1/businesses/": lambda rows, chance: {
        "credit_code": "92520204MA6E00019P",
        "name": "演示新店",
        "operator_name": "演示新人",
        "facts": {"district": "520201", "registered_on": "2025-01-15"},
    },
    "PATCH /api/v1/businesses/{id}/": lambda rows, chance: {
        "version": type(rows["shop"]).objects.get(pk=rows["shop"].pk).version,
        "facts": {"monthly_rent": "800.00"},
    },
    "POST /api/v1/notifications/{id}/read/": lambda rows, chance: {},
    "POST /api/v1/me/data/": lambda rows, chance: {"last_six": rows["shop"].operator.identity.reveal()[-6:]},
    "POST /api/v1/applications/": lambda rows, chance: {
        "business": str(rows["shop"].public_id),
        "benefit": rows["ready"].benefit.code,
    },
    "PATCH /api/v1/applications/{id}/": lambda rows, chance: {
        "version": rows["ready"].version,
        "answers": {"monthly_rent": "700.00"},
    },
    "POST /api/v1/applications/{id}/submit/": lambda rows, chance: {
        "version": rows["ready"].version,
        "declared": True,
    },
    "POST /api/v1/applications/{id}/withdraw/": lambda rows, chance: {"reason": "不办了"},
    "POST /api/v1/applications/{id}/correct/": lambda rows, chance: {
        "files": {name: [str(rows["piece"].public_id)] for name in rows["wrong"]}
    },
    "POST /api/v1/applications/{id}/appeal/": lambda rows, chance: {"words": "房租合同还在，请再看一次。"},
    "POST /api/v1/requests/": lambda rows, chance: {
        "business": str(rows["shop"].public_id),
        "offering": rows["offering_code"],
        "words": "店门口的路灯坏了",
    },
    "POST /api/v1/requests/{id}/messages/": lambda rows, chance: {"words": "在建设路 12 号门口"},
    "POST /api/v1/requests/{id}/{verb}/": lambda rows, chance: {"version": rows["enquiry"].version},
    "POST /api/v1/legs/{id}/{verb}/": lambda rows, chance: {"version": 1},
    "POST /api/v1/sharings/": lambda rows, chance: {"leg": rows["other_leg"].pk},
    "POST /api/v1/sharings/{id}/revoke/": lambda rows, chance: {},
    "POST /api/v1/visits/": lambda rows, chance: {
        "credit_code": rows["shop"].credit_code,
        "items": ["用工"],
        "from_on": timezone.localdate().isoformat(),
        "until_on": timezone.localdate().isoformat(),
    },
    "POST /api/v1/posts/": lambda rows, chance: {
        "business": str(rows["shop"].public_id),
        **labour.WORK,
        **labour.days(),
    },
    "PUT /api/v1/posts/{id}/": lambda rows, chance: {
        "version": rows["post"].version,
        **labour.WORK,
        **labour.days(),
    },
    "POST /api/v1/posts/{id}/{verb}/": lambda rows, chance: {"version": rows["post"].version},
    "PUT /api/v1/workers/me/": lambda rows, chance: {"version": rows["worker"].version, **labour.wishes()},
    "POST /api/v1/workers/me/stop/": lambda rows, chance: {},
    "POST /api/v1/contacts/": lambda rows, chance: {
        "post": str(rows["post"].public_id),
        "worker": rows["worker"].pk,
    },
    "POST /api/v1/contacts/{id}/{verb}/": lambda rows, chance: {"version": rows["contact"].version},
}
# Of which row an operation on one application is tried; else of the one that is filed.
CASES = {
    "PATCH /api/v1/applications/{id}/": "ready",
    "POST /api/v1/applications/{id}/submit/": "ready",
    "POST /api/v1/applications/{id}/correct/": "correcting",
    "POST /api/v1/applications/{id}/appeal/": "refused",
    "POST /api/v1/applications/{id}/files/": "ready",
    "DELETE /api/v1/applications/{id}/files/{file}/": "ready",
}


# What a page does not show and a person has to know, by operation.
FILLED_IN = {
    "POST /me/data/close/": {"word": ["注销"]},
    "POST /login/staff/": {"login": ["hr_reviewer"], "password": [demo.PASSWORD]},
    "POST /me/security/prove/password/": {"password": [demo.PASSWORD]},
}
# Who does it, where not everybody who may open the page can.
ONLY = {
    "POST /me/data/close/": ("owner", "other"),
    "POST /me/bind/": ("owner", "agent", "helper"),
    "POST /admin/cases/appeal/{appeal}/uphold/": ("hr_approver",),
    "POST /admin/cases/appeal/{appeal}/overturn/": ("hr_approver",),
}
# The row that an address is tried with, where another stage is wanted than that of the table of roles.
ROWS = {
    "cases/{application_id}/appeal/": {"application_id": "refused_id"},
    "cases/{application_id}/correct/": {"application_id": "correcting_id"},
    "cases/{application_id}/withdraw/": {"application_id": "filed_id"},
    "admin/cases/appeal/{appeal}/uphold/": {"appeal": "taken"},
    "admin/cases/appeal/{appeal}/overturn/": {"appeal": "taken"},
}


# Rows that are named by an id or by a number, and what is done to them, by the part of the address before it.
NAMED = {"/requests/": "enquiry", "/posts/": "post", "/contacts/": "contact"}
VERBS = {"/legs/": "take", "/posts/": "pause", "/contacts/": "accept"}  # else withdraw
NUMBERED = {"/notifications/": "message", "/legs/": "own_leg", "/sharings/": "sharing"}


def names_in_path(operation: Operation, rows) -> dict[str, str]:
    """What stands for ``{id}`` and the like."""
    address = operation.address
    if "/businesses/" in address:
        found = rows["shop"].public_id
    elif named := next((row for part, row in NAMED.items() if part in address), None):
        found = rows[named].public_id
    else:
        numbered = next((row for part, row in NUMBERED.items() if part in address), None)
        found = rows[numbered].pk if numbered else rows[CASES.get(str(operation), "filed")].public_id
    code = "M05" if "/measures/" in address else "M05a"
    return {
        "id": str(found),
        "code": rows["offering_code"] if "/offerings/" in address else code,
        "file": str(rows["used"].public_id),
        "kind": "sensitive",
        "verb": next((verb for part, verb in VERBS.items() if part in address), "withdraw"),
    }
