"""The one way in which a case changes: lock, check, change, tell, write down."""

import copy
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from core.errors import Refused

from . import audit, clock, letters
from .models import Case, Turn
from .procedure import DRAFT, Verb

CHANGED_SINCE = "这一件刚刚有变动。请刷新页面，看过新的内容再办。"
GONE = "这份草稿已经删掉了。请到“我的办件”看别的。"


class Unsaved(Exception):
    """Somebody set columns of a locked case which nobody would have saved. ``names``: which."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def locked(case: Case, expected_version: int | None = None) -> Case:
    """The row as it stands, held until the end of the transaction, and with it the applicant's turn. Refused where it
    is no longer what was seen."""
    if case.operator_id is not None:
        take_turns([case.operator_id])
    row = (
        Case.objects.select_for_update(of=("self",))
        .select_related("benefit", "benefit_version", "business", "operator", "department", "account")
        .filter(pk=case.pk)
        .first()
    )
    if row is None:
        raise Refused(GONE)
    if expected_version is not None and row.version != expected_version:
        raise Refused(CHANGED_SINCE)
    return watch(row)


def watch(case: Case) -> Case:
    """From now on what is set on the row has to be given to ``change``, ``move`` or ``touch``."""
    case.seen, case.changes, case.allowed = copy.deepcopy(_columns(case)), set(), None
    return case


def _columns(case) -> dict:
    return {field.attname: case.__dict__.get(field.attname) for field in case._meta.concrete_fields}


def take_turns(operators: Iterable[int]) -> None:
    """Until the end of the transaction nobody else changes a case of these applicants, in whichever bureau it is.

    Taken before any case is locked, in the order of their ids, so that nobody waits for one who waits.
    """
    wanted = sorted(set(operators))
    turns = Turn.objects.filter(pk__in=wanted).order_by("pk").select_for_update()
    if len(turns) < len(wanted):
        Turn.objects.bulk_create([Turn(operator_id=pk) for pk in wanted], ignore_conflicts=True)
        list(turns.all())


# May it be done


def permit(case: Case, verb: str, *, by=None, client=None) -> None:
    """PermissionDenied where whoever wants to do ``verb`` may not. Asked once for a locked case.

    ``by``: a person, ``client``: the program that acts for one; neither for the system itself.
    """
    principal = by or client
    if principal is None or case.allowed == (verb, principal):
        return
    if not case.life.verbs[verb].who(principal, case):
        raise PermissionDenied
    case.allowed = (verb, principal)


def require(case: Case, verb: str, to: str | None = None, *, by=None, client=None) -> str:
    """Where ``verb`` leads from here. PermissionDenied, or Refused where it leads nowhere."""
    permit(case, verb, by=by, client=client)
    principal = by or client
    return require_movable(case, verb, to, principal=principal)


def require_movable(case: Case, verb: str, to: str | None = None, *, principal=None) -> str:
    """Where ``verb`` leads from here. Refused where it leads nowhere."""
    what = case.life.verbs[verb]
    targets = what.moves.get(case.state, ())
    if not targets or (to is not None and to not in targets):
        where = case.label_for(principal)
        raise Refused(f"这一件现在是“{where}”，不能{what.name}。请刷新页面看最新情况。")
    return to or targets[0]


def is_movable(case: Case, verb: str) -> bool:
    return case.state in case.life.verbs[verb].moves


def _refuse_if_missing(case, what: Verb) -> None:
    for name in what.needs:
        if getattr(case, name) in (None, "", []):
            raise Refused(f"请填写“{Case._meta.get_field(name).verbose_name}”。")


# Change


def change(case: Case, **fields) -> None:
    """Set columns that the next ``move`` or ``touch`` of this transaction saves. TypeError where there is no such."""
    for name, value in fields.items():
        if name not in _NAMES:
            raise TypeError(f"A case has no column {name!r}.")
        setattr(case, name, value)
        case.changes.add(_NAMES[name])


_NAMES = {name: field.attname for field in Case._meta.concrete_fields for name in (field.name, field.attname)}


@transaction.atomic
def move(
    case: Case,
    verb: str,
    to: str | None = None,
    *,
    by=None,
    client=None,
    note="",
    told: dict | None = None,
    said: dict | None = None,
    **fields,
) -> None:
    """Do ``verb`` to a locked case: what it changes, its clock, its message, and who did it.

    ``fields``: columns to be set; ``told``: what the words of the message take; ``said``: what the audit keeps besides.
    A claim ends with it: what comes next is another's turn, but for verbs that keep it.

    One conditional UPDATE, so that of two who saw the same only one succeeds. Call it last: it holds the end of the
    audit chain until the commit.
    """
    target, before = require(case, verb, to, by=by, client=client), case.state
    what = case.life.verbs[verb]
    change(case, **fields)
    _refuse_if_missing(case, what)
    _enter(case, what, target)
    if what.also:
        what.also(case)
    letters.tell(case, verb, before=before, note=note, **(told or {}))
    _save(case, state=before)
    audit.record(
        verb,
        case.subject,
        by=by,
        client=client,
        case=case,
        before=before,
        after=target,
        note=note,
        **(said or {}),
    )


def _enter(case, what, target) -> None:
    was_draft, today = case.phase == DRAFT, timezone.localdate()
    state = case.life.states[target]
    change(case, state=target, **state.columns)
    change(case, **clock.entering(case, state, today, anew=what.anew or was_draft))
    if not what.keeps_claim:
        change(case, claimed_by=None, claimed_until=None)


def touch(case: Case, **fields) -> None:
    """Set columns of a locked case and save them with those changed before. It stays where it is; its version goes on
    all the same."""
    change(case, **fields)
    _save(case)


def _save(case, **as_seen) -> None:
    unsaved = [name for name, value in _columns(case).items() if value != case.seen[name]]
    if forgotten := sorted(set(unsaved) - case.changes):
        raise Unsaved(forgotten)
    seen = case.version
    values = {name: getattr(case, name) for name in case.changes} | {"version": seen + 1}
    if not Case.objects.filter(pk=case.pk, version=seen, **as_seen).update(**values):
        raise Refused(CHANGED_SINCE)
    case.version = seen + 1
    watch(case)
