"""The steps of a checklist: one after the other, across departments. Who decides at the end had no part before."""

import hashlib
from collections.abc import Callable

import orjson
from django.utils import timezone

from cases.models import Case
from cases.rights.permissions import may_approve
from cases.transitions import change
from core.errors import Refused

from .. import legs
from ..models import Leg
from ..permissions import own_leg

State = Leg.State
BY_PEOPLE = "这一步要由工作人员在管理后台办，程序不能办。"
# What a step brings about when it is done, by the word in the offering: (case, by) → None.
EFFECTS: dict[str, Callable] = {}


def effect(name: str) -> Callable:
    """Make an effect known by the word that an offering's step uses."""

    def known(function) -> Callable:
        EFFECTS[name] = function
        return function

    return known


def says(case: Case, leg: Leg) -> dict:
    """What the offering says of the step of a leg."""
    return next((step for step in case.request.offering.steps if step["key"] == leg.step), {})


def after(case: Case, principal) -> str:
    """Where the case stands when the step of ``principal`` is done: the next, the decision, or the end."""
    leg = own_leg(principal, case)
    following = _following(case, leg)
    if following is None:
        return "done"
    return "deciding" if says(case, following).get("sets") == "approver" else "open"


def _following(case, leg) -> Leg | None:
    rows = Leg.objects.filter(request=case.pk, position__gt=leg.position, state=State.WAITING)
    return rows.select_related("receiver").order_by("position").first()


def done(case: Case, *, by=None, client=None, **more) -> None:
    """The step of whoever does it ends, and the next begins."""
    leg = own_leg(by or client, case)
    step, following = says(case, leg), _following(case, leg)
    if by is None and (step.get("sets") or step.get("effect")):
        raise Refused(BY_PEOPLE)
    legs.close(leg, State.DONE, by=by)
    if step.get("sets") == "reviewer":
        change(case, reviewer=by)
    if step.get("effect"):
        EFFECTS[step["effect"]](case, by)
    if following is not None:
        legs.begin(following, case)
    if case.state == "done":
        change(case, decided_at=timezone.now())


def back(case: Case, *, by=None, **more) -> None:
    """The step before has to be looked at again."""
    leg = own_leg(by, case)
    before = Leg.objects.filter(request=case.pk, position__lt=leg.position, state=State.DONE)
    row = before.order_by("-position").first()
    if row is None:
        raise Refused("这是第一步，前面没有可以退回的。")
    legs.wait(leg)
    legs.begin(row, case)


def may_decide(user, case: Case) -> bool:
    """Whoever decides for the department that the last step was sent to, and had no part before."""
    return own_leg(user, case) is not None and may_approve(user, case)


def granted(case: Case, *, by=None, **more) -> None:
    """认定: what is decided is bound, and what it brings about is done."""
    leg = own_leg(by, case)
    change(case, approver=by, decided_at=timezone.now(), approved_digest=what_is_granted(case))
    name = says(case, leg).get("effect")
    legs.close(leg, State.DONE, by=by)
    if name:
        EFFECTS[name](case, by)


def what_is_granted(case: Case) -> str:
    """SHA-256 of what was said and handed in."""
    files = case.files.filter(removed_at=None).order_by("evidence__sha256")
    said = {
        "case": str(case.public_id),
        "offering": case.request.offering.code,
        "said": case.request.said,
        "files": list(files.values_list("evidence__sha256", flat=True)),
    }
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
