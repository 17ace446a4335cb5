"""Verbs that need no more than their procedure says of them: one action and one page each side for all of them."""

from collections.abc import Iterable, Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Department
from businesses.rules import refuse_numbers

from .. import inputs
from ..models import Case, Evidence
from ..procedure import Verb
from ..queue import refuse_if_claimed
from ..transitions import locked, move, require

OWNER, STAFF = "owner", "staff"


def offered(principal, case: Case, side: str) -> dict[str, Verb]:
    """``{key: verb}``: what ``principal`` may do to a case now on the general page of a side."""
    verbs = {key: case.life.verbs[key] for key in case.life.allowed(case.state)}
    return {
        key: verb
        for key, verb in verbs.items()
        if not verb.own_door and getattr(verb, side) and verb.who(principal, case)
    }


@transaction.atomic
def do(
    case: Case,
    verb: str,
    typed: Mapping,
    *,
    by=None,
    client=None,
    files: Iterable[Evidence] = (),
    expected_version: int | None = None,
) -> Case:
    """Do ``verb`` with what was ``typed``, text by input. Raises Invalid naming every input that is missing or wrong;
    PermissionDenied also for verbs that have a door of their own."""
    row = locked(case, expected_version)
    what = row.life.verbs.get(verb)
    if what is None or what.own_door:
        raise PermissionDenied
    require(row, verb, by=by, client=client)
    if what.staff and by is not None and by.is_staff:
        refuse_if_claimed(row, by)
    values = inputs.read(what.needs, typed)
    if what.owner or (by is not None and not by.is_staff):
        _refuse_numbers(values)
    note = values.pop("note", "") or values.get("reason", "")
    to = what.leads(row, by or client) if what.leads else None
    move(row, verb, to, by=by, client=client, note=note[:500], files=files, **values)
    return row


def _refuse_numbers(values) -> None:
    """Raises Invalid for a number in what people write who are no office: owners, and mentors."""
    for name, value in values.items():
        if isinstance(value, str):
            refuse_numbers(name, value)


def boxes(verb: Verb, typed: Mapping, errors: Mapping | None = None) -> list[dict]:
    """What is to be filled in: ``[{name, label, kind, hint, longest, choices, value, error}]``. ``errors``: words by
    input; ``choices``: ``(value, label)`` of a department."""
    return [_box(name, inputs.input_of(name), typed, errors or {}) for name in verb.needs]


def _box(name, wanted, typed, errors) -> dict:
    departments = Department.objects.values_list("code", "name") if wanted.kind == "department" else ()
    return {
        "name": name,
        "label": wanted.label,
        "kind": wanted.kind,
        "hint": wanted.hint,
        "longest": wanted.longest,
        "choices": list(departments),
        "value": typed.get(name, ""),
        "error": errors.get(name, ""),
    }
