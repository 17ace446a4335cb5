"""The one way in which a case changes: lock, check, change, tell, write down."""

import copy
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from core.errors import Refused
from core.prepared import prepared

from . import audit, clock, letters
from .inputs import input_of
from .models import Case, CaseFile, Evidence, Message, Turn
from .models.case import KINDS
from .procedure import DRAFT, Procedure, Verb
from .signals import moved

CHANGED_SINCE = "这一件刚刚有变动。请刷新页面，看过新的内容再办。"
BEGIN = "begin"  # in the audit: a case that was filed as it came
ATTACHED = "附件"  # the material of what comes with a line of the thread
GONE = "这份草稿已经删掉了。请到“我的办件”看别的。"


class Unsaved(Exception):
    """Somebody set columns of a locked case which nobody would have saved. ``names``: which."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def locked(case: Case, expected_version: int | None = None) -> Case:
    """The row as it stands, held until the end of the transaction, and before it what its procedure ``locks``. Refused
    where it is no longer what was seen."""
    case.life.locks(case)
    row = next(iter(_held(case.pk)), None)
    if row is None:
        raise Refused(GONE)
    refuse_if_changed(row, expected_version)
    return watch(row)


@prepared
def _held(case) -> QuerySet:
    """Asked by every verb, and longer in the making than in the finding."""
    beside = ("benefit", "benefit_version", "business", "operator", "department", "account")
    return Case.objects.select_for_update(of=("self",)).select_related(*beside).filter(pk=case).order_by()


def refuse_if_changed(row: Case, expected_version: int | None) -> None:
    if expected_version is not None and row.version != expected_version:
        raise Refused(CHANGED_SINCE)


def watch(case: Case) -> Case:
    """From now on what is set on the row or on its detail row has to be given to ``change``, ``move`` or ``touch``."""
    case.seen, case.changes, case.allowed = copy.deepcopy(_columns(case)), set(), None
    return case


def _columns(case) -> dict:
    """``{(row, column): value}`` of the case and of its detail row."""
    rows = [case] if case.detail is None else [case, case.detail]
    return {
        (place, field.attname): row.__dict__.get(field.attname)
        for place, row in enumerate(rows)
        for field in row._meta.concrete_fields
    }


def take_turn_of(case: Case) -> None:
    """For procedures whose cases exclude each other: the applicant's turn comes before the case."""
    if case.operator_id is not None:
        take_turns([case.operator_id])


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
    if principal is not None:
        permit_who(case, case.life.verbs[verb].who, principal)


def permit_who(case: Case, who: Callable, principal) -> None:
    """As ``permit``, of what may be done by ``who(principal, case)``, a verb or more. The system itself is nobody."""
    if case.allowed == (who, principal):
        return
    if not who(principal, case):
        raise PermissionDenied
    case.allowed = (who, principal)


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


def _refuse_if_missing(case, what: Verb, given: dict) -> None:
    for name in what.needs:
        value = given[name] if name in given else getattr(_holder(case, name), name)
        if value in (None, "", []):
            raise Refused(f"请填写“{input_of(name).label}”。")


# Begin


@transaction.atomic
def begin(
    procedure: Procedure,
    *,
    by=None,
    client=None,
    state: str = "",
    detail: Model | None = None,
    words="",
    files: Iterable[Evidence] = (),
    told: dict | None = None,
    said: dict | None = None,
    **fields,
) -> Case:
    """A new case, filed as it comes: its row, its number and clock, what was said, the letter, the audit.

    ``state``: where it begins, if not where most do; ``detail``: its detail row, unsaved. IntegrityError where the same
    stands already.
    """
    now, today = timezone.now(), timezone.localdate()
    case = KINDS.get(procedure.key, Case)(
        procedure=procedure.key,
        state=state or procedure.start,
        submitted_at=now,
        begun_by=by,
        client=client,
        **fields,
    )
    case.number = case.public_id.hex[:20]  # until the row has an id
    case.save(force_insert=True)
    if detail is not None:
        detail.case = case
        detail.save(force_insert=True)
    columns = {"number": number_of(case, today)} | clock.entering(case, case.stage, today, anew=True)
    Case.objects.filter(pk=case.pk).update(**columns)
    for name, value in columns.items():
        setattr(case, name, value)
    if words or files:
        say(case, words, by=by, client=client, files=files, side=Message.Side.OWNER)
    letters.tell(case, BEGIN, **(told or {}))
    audit.record(BEGIN, case.subject, by=by, client=client, case=case, after=case.state, **(said or {}))
    transaction.on_commit(lambda: moved.send(Case, case=case, verb=BEGIN), robust=True)
    return case


def number_of(case: Case, today: date) -> str:
    """受理编号: it ends in the id of the row."""
    return f"LPS-{today.year}-{case.pk:08d}"


# Change


def change(case: Case, **fields) -> None:
    """Set columns of the case or of its detail row that the next ``move`` or ``touch`` of this transaction saves.
    TypeError where there is no such."""
    for name, value in fields.items():
        row = _holder(case, name)
        setattr(row, name, value)
        case.changes.add((int(row is not case), _names_of(type(row))[name]))


@cache
def _names_of(model) -> dict:
    return {
        name: field.attname for field in model._meta.concrete_fields for name in (field.name, field.attname)
    }


def _holder(case, name) -> Model:
    """Whose column ``name`` is: the case's, or its detail row's."""
    for row in (case, case.detail):
        if row is not None and name in _names_of(type(row)):
            return row
    raise TypeError(f"A case has no column {name!r}.")


@transaction.atomic
def move(
    case: Case,
    verb: str,
    to: str | None = None,
    *,
    by=None,
    client=None,
    note="",
    words="",
    files: Iterable[Evidence] = (),
    told: dict | None = None,
    said: dict | None = None,
    **fields,
) -> None:
    """Do ``verb`` to a locked case: what it changes, its clock, its message, and who did it.

    ``fields``: columns to be set, of the case or of its detail row; ``words`` and ``files``: a line of the thread;
    ``told``: what the words of the letter take; ``said``: what the audit keeps besides. A claim ends with it: what
    comes next is another's turn, but for verbs that keep it.

    One conditional UPDATE, so that of two who saw the same only one succeeds. Call it last: it holds the end of the
    audit chain until the commit.
    """
    target, before = require(case, verb, to, by=by, client=client), case.state
    what = case.life.verbs[verb]
    change(case, **fields)
    _refuse_if_missing(case, what, {"words": words, "note": note})
    _enter(case, what, target)
    if what.also:
        what.also(case, by=by, client=client, words=words)
    if words or files:
        say(case, words, by=by, client=client, files=files, side=_side_of(what))
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
    transaction.on_commit(lambda: moved.send(Case, case=case, verb=verb), robust=True)


def _side_of(what: Verb) -> str:
    return Message.Side.OWNER if what.owner else Message.Side.OFFICE if what.staff else Message.Side.SYSTEM


def say(case: Case, words: str, *, by, side: str, client=None, files: Iterable[Evidence] = ()) -> Message:
    """A line of the thread. What comes with it becomes files of the case."""
    CaseFile.objects.bulk_create(
        [CaseFile(case=case, evidence=piece, material=ATTACHED) for piece in files], ignore_conflicts=True
    )
    speaks = by if by is not None and by.is_staff else client
    office = speaks.department if speaks is not None and speaks.department_id else case.department
    return Message.objects.create(
        case=case,
        author=by,
        side=side,
        office=office.name if side == Message.Side.OFFICE else "",
        words=words,
        files=[str(piece.public_id) for piece in files],
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
    unsaved = {key for key, value in _columns(case).items() if value != case.seen[key]}
    if forgotten := sorted(name for _, name in unsaved - case.changes):
        raise Unsaved(forgotten)
    seen, detail = case.version, case.detail
    if besides := {name: getattr(detail, name) for row, name in case.changes if row}:
        type(detail).objects.filter(pk=detail.pk).update(**besides)
    values = {name: getattr(case, name) for row, name in case.changes if not row} | {"version": seen + 1}
    if not Case.objects.filter(pk=case.pk, version=seen, **as_seen).update(**values):
        raise Refused(CHANGED_SINCE)
    case.version = seen + 1
    watch(case)
