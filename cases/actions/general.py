"""Verbs that need no more than their procedure says of them: one action and one page each side for all of them."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from core.errors import Fault, Invalid

from ..models import Case
from ..procedure import Verb
from ..queue import refuse_if_claimed
from ..transitions import locked, move, require
from ..wording import kept_words

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
    case: Case, verb: str, typed: dict, *, by=None, client=None, expected_version: int | None = None
) -> Case:
    """Do ``verb`` with what was ``typed``, text by column. Raises Invalid naming every column that it needs and that
    is empty or too long; PermissionDenied also for verbs that have a door of their own."""
    row = locked(case, expected_version)
    what = row.life.verbs.get(verb)
    if what is None or what.own_door:
        raise PermissionDenied
    require(row, verb, by=by, client=client)
    if by is not None and by.is_staff:
        refuse_if_claimed(row, by)
    words = {name: kept_words(typed.get(name, "")) for name in what.needs}
    if faults := [fault for name, text in words.items() if (fault := _fault(name, text))]:
        raise Invalid(faults)
    move(row, verb, by=by, client=client, note=" ".join(words.values())[:500], **words)
    return row


def boxes(verb: Verb, typed: dict, errors: dict | None = None) -> list[dict]:
    """What is to be filled in: ``[{name, label, longest, value, error}]``. ``errors``: words by column."""
    return [
        {
            "name": name,
            "label": label_of(name),
            "longest": longest(name),
            "value": typed.get(name, ""),
            "error": (errors or {}).get(name, ""),
        }
        for name in verb.needs
    ]


def label_of(name: str) -> str:
    """What a column is called where somebody fills it in."""
    return str(Case._meta.get_field(name).verbose_name)


def longest(name: str) -> int:
    return Case._meta.get_field(name).max_length


def _fault(name, text) -> Fault | None:
    if not text:
        return Fault(name, "required", f"请填写“{label_of(name)}”")
    if len(text) > longest(name):
        return Fault(name, "too_long", f"“{label_of(name)}”最多 {longest(name)} 个字")
    return None
