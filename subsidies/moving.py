"""The one way in which an application changes its state: lock, check, change, write down."""

from collections.abc import Iterable

from django.db import transaction

from core.errors import Refused

from . import audit
from .enums import MOVES, State, Verb
from .models import Application, Turn

CHANGED_SINCE = "这一件刚刚有变动。请刷新页面，看过新的内容再办。"


def locked(application: Application, expected_version: int | None = None) -> Application:
    """The row as it stands, held until the end of the transaction, and with it the applicant's turn. Refused where it
    is no longer what was seen."""
    take_turns([application.operator_id])
    found = (
        Application.objects.select_for_update(of=("self",))
        .select_related("benefit", "benefit_version", "business", "operator", "department", "account")
        .get(pk=application.pk)
    )
    if expected_version is not None and found.version != expected_version:
        raise Refused(CHANGED_SINCE)
    return found


def take_turns(operators: Iterable[int]):
    """Until the end of the transaction nobody else changes a case of these applicants, in whichever bureau it is.

    Taken before any application is locked, in the order of their ids, so that nobody waits for one who waits.
    """
    wanted = sorted(set(operators))
    turns = Turn.objects.filter(pk__in=wanted).order_by("pk").select_for_update()
    if len(turns) < len(wanted):
        Turn.objects.bulk_create([Turn(operator_id=pk) for pk in wanted], ignore_conflicts=True)
        list(turns.all())


def require_movable(application: Application, verb: Verb, to: State | None = None) -> State:
    """Where ``verb`` leads from here. Refused where it leads nowhere."""
    targets = MOVES[verb].get(State(application.state), ())
    if not targets or (to is not None and to not in targets):
        raise Refused(
            f"这一件现在是“{application.get_state_display()}”，不能{verb.label}。请刷新页面看最新情况。"
        )
    return to or targets[0]


@transaction.atomic
def move(
    application: Application,
    verb: Verb,
    to: State | None = None,
    *,
    by,
    client=None,
    note="",
    save=(),
    **detail,
):
    """Change the state of a locked application and write down who did it. ``save``: other fields that were set. A claim
    ends with it: what comes next is another's turn, but for who accepts and looks into it at once.

    One conditional UPDATE, so that of two who saw the same only one succeeds. Call it last: it holds the end of the
    audit chain until the commit.
    """
    target, before = require_movable(application, verb, to), application.state
    application.state, application.version = target, application.version + 1
    save = {"state", "version", *save}
    if verb != Verb.ACCEPT:
        application.claimed_by = application.claimed_until = None
        save |= {"claimed_by", "claimed_until"}
    values = {name: getattr(application, name) for name in save}
    rows = Application.objects.filter(pk=application.pk, state=before, version=application.version - 1)
    if not rows.update(**values):
        raise Refused(CHANGED_SINCE)
    audit.record(
        verb,
        f"application {application.pk}",
        by=by,
        client=client,
        application=application,
        before=before,
        after=target,
        note=note,
        **detail,
    )


def touch(application: Application, *save):
    """Write fields of a locked application that do not move it; its version goes on all the same."""
    application.version += 1
    values = {name: getattr(application, name) for name in {"version", *save}}
    if not Application.objects.filter(pk=application.pk, version=application.version - 1).update(**values):
        raise Refused(CHANGED_SINCE)
