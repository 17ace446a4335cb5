"""How far a draft is: its steps, what stands above each of their pages, and where each leads on to."""

from django.urls import reverse
from django.utils import timezone

from ..assessment import judge_draft
from ..terms import terms_of
from . import form_view as view


def steps_for(request, case) -> list[dict]:
    """The steps of a draft as it stands today (form_view.steps_of)."""
    judged = judge_draft(case, timezone.localdate())
    materials = view.materials_of(case, request.user, judged)
    return view.steps_of(case, judged, materials, view.account_of(case, request.user))


def frame_of(request, case, here="") -> dict:
    """What every page of a draft says around its own: ``{case, progress, onward, kept_days, form, errors}``. ``here``:
    the key of its step, empty on the list of them."""
    steps = steps_for(request, case)
    places = [step["key"] for step in steps]
    return {
        "case": view.header_of(case, request.user),
        "progress": {
            "steps": [{**step, "is_here": step["key"] == here} for step in steps],
            "at": places.index(here) + 1 if here else 0,
            "left": sum(step["status"] != "done" for step in steps),
        },
        "onward": _onward(case, steps, here),
        "kept_days": terms_of(case.benefit_version).draft_days,
        "form": "facts" if here == "facts" else "",
        "errors": [],
    }


def _onward(case, steps, here) -> dict:
    """The next step that waits, after this one if any does; the list of steps where this one holds up the last."""
    later = [step["key"] for step in steps].index(here) + 1 if here else 0
    waiting = [step for step in [*steps[later:], *steps[:later]] if step["status"] == "todo"]
    following = next((step for step in waiting if step["key"] != here), None)
    if following is None:
        return {"title": "看看还差什么", "url": reverse("apply-tasks", args=[case.public_id])}
    return {"title": f"下一步：{following['title']}", "url": following["url"]}


def after_account(request, case) -> str:
    """Where an account that is registered now leads on to: what else waits, and the last page where nothing does."""
    waiting = (step for step in steps_for(request, case) if step["status"] == "todo")
    following = next((step["url"] for step in waiting if step["key"] != "account"), None)
    return following or reverse("apply-check", args=[case.public_id])
