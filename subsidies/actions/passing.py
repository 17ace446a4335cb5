"""通过 and 不通过, each as one verb in whatever state: what was only handed in is accepted first."""

from django.db import transaction

from core.errors import Refused

from .. import rules
from ..enums import State
from ..judging import judge_filed
from ..models import Application
from ..moving import locked
from . import approving, reviewing

NOT_GREEN = "不是每一条都是绿的，不能批量通过。请打开这一件，逐条核对。"


@transaction.atomic
def pass_on(
    application: Application,
    *,
    by,
    verdicts: dict | None = None,
    override_note="",
    only_clean=False,
    expected_version: int | None = None,
) -> Application:
    """Accept what was handed in and recommend it, or approve what was recommended.

    ``verdicts``: the reviewer's last ones, kept first (reviewing.set_verdicts); ``only_clean``: Refused unless every
    criterion is green, as it has to be where several are passed at once.
    """
    found = locked(application, expected_version)
    approves = found.state in reviewing.TO_APPROVE
    if verdicts and not approves:
        found = reviewing.set_verdicts(found, verdicts, by=by)
    if only_clean and not rules.is_clean(found, judge_filed(found)):
        raise Refused(NOT_GREEN)
    if approves:
        return approving.approve(found, by=by)
    if found.state == State.SUBMITTED:
        found = reviewing.accept(found, by=by)
    return reviewing.recommend(found, by=by, override_note=override_note)


@transaction.atomic
def turn_down(
    application: Application, *, by, failed: list[str], reason: str, expected_version: int | None = None
) -> Application:
    """Refuse, after accepting what was only handed in: who decides has looked into it."""
    found = locked(application, expected_version)
    if found.state == State.SUBMITTED:
        found = reviewing.accept(found, by=by)
    return reviewing.refuse(found, by=by, failed=failed, reason=reason)
