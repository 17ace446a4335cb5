"""通过 and 不通过, each as one verb in whatever state: what was only handed in is accepted first."""

from django.db import transaction

from cases.assessment import judge_filed
from cases.procedure import DECIDE
from cases.transitions import locked
from core.errors import Refused

from ..checks import risks, rules
from ..models import Application
from ..procedure import State
from . import approving, reviewing

FLAGGED = "这一件有过风险提示，不能批量通过。请打开这一件单独办。"
EXCUSED = "店主写了不交材料的理由，不能批量通过。请打开这一件，看过再办。"
NOT_GREEN = "不是每一条都是绿的，不能批量通过。请打开这一件，逐条核对。"


@transaction.atomic
def pass_on(
    application: Application,
    *,
    by,
    verdicts: dict | None = None,
    override_note="",
    only_clean=False,
    confirmed=(),
    expected_version: int | None = None,
) -> Application:
    """Accept what was handed in and recommend it, or approve what was recommended.

    ``verdicts``: the reviewer's last ones, kept first (reviewing.set_verdicts); ``only_clean``: Refused unless every
    criterion is green and nothing was ever flagged, as it has to be where several are passed at once; ``confirmed``:
    ids of the flags that an approver has looked at as well.
    """
    found = locked(application, expected_version)
    approves = found.stage.turn == DECIDE
    if verdicts and not approves:
        found = reviewing.set_verdicts(found, verdicts, by=by)
    if only_clean:
        _refuse_unless_clean(found)
    if approves:
        return approving.approve(found, by=by, confirmed=confirmed)
    if found.state == State.SUBMITTED:
        found = reviewing.accept(found, by=by)
    return reviewing.recommend(found, by=by, override_note=override_note)


def _refuse_unless_clean(found) -> None:
    """Several at once are those that nobody has to look at: every criterion green, and never a flag."""
    judged = judge_filed(found)
    if risks.refresh(found, judged):
        raise Refused(FLAGGED)
    if found.excused:
        raise Refused(EXCUSED)
    if not rules.is_clean(found, judged):
        raise Refused(NOT_GREEN)


@transaction.atomic
def turn_down(
    application: Application, *, by, failed: list[str], reason: str, expected_version: int | None = None
) -> Application:
    """Refuse, after accepting what was only handed in: who decides has looked into it."""
    found = locked(application, expected_version)
    if found.state == State.SUBMITTED:
        found = reviewing.accept(found, by=by)
    return reviewing.refuse(found, by=by, failed=failed, reason=reason)
