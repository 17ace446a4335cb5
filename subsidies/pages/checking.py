"""/apply/<id>/check/: everything once more, and handing it in."""

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone

from cases.assessment import judge_draft
from cases.materials import Need, to_upload
from cases.pages import form_view as view
from cases.pages.steps import frame_of
from cases.procedure import DRAFT
from cases.transitions import CHANGED_SINCE
from core.errors import Refused

from ..actions import applying
from ..checks import rules
from .applying import after_filing, for_a_draft, to_fill_in, version_seen


@for_a_draft
def check(request, application):
    """检查并提交: everything once more. POST hands it in; a second POST leads to the same receipt."""
    if request.method != "POST":
        return _check_page(request, application)
    application.declared_at = timezone.now() if request.POST.get("declare") else None
    if _unmet(request, application, judge_draft(application, timezone.localdate())):
        return _check_page(request, application, status=409)
    try:
        _hand_in(application, request.user, version_seen(request))
    except Refused as refusal:
        return _not_handed_in(request, application, refusal)
    application.refresh_from_db()
    return after_filing(request, application)


@transaction.atomic
def _hand_in(application, user, seen) -> None:
    said = view.said_now(application, judge_draft(application, timezone.localdate()))
    found = applying.save(application, said, by=user, expected_version=seen)
    if found.benefit_version_id != application.benefit_version_id:
        raise Refused(CHANGED_SINCE)  # the policy has a new version, which nobody has looked at
    applying.submit(applying.declare(found, by=user), by=user)


def _not_handed_in(request, application, refusal):
    """Handed in by another tap meanwhile: the receipt. Else the page as it stands now, with what was ticked."""
    ticked = application.declared_at
    application = to_fill_in(request.user).get(pk=application.pk)
    if application.phase != DRAFT:
        return after_filing(request, application)
    try:
        application = applying.save(application, {}, by=request.user)  # of a new version too
    except Refused as closed:
        refusal = closed
    application.declared_at = ticked
    return _check_page(request, application, refusal=refusal, status=409)


def _unmet(request, application, judged) -> list:
    """``[{url, anchor, message}]``: every reason why it cannot be handed in yet, and where it is mended."""
    account = view.account_of(application, request.user)
    application.account_id = account and account["pk"]
    reasons = rules.unmet_for_submission(application, judged, today=judged.day)
    places = {row["name"]: place for place, row in enumerate(to_upload(application.benefit_version), 1)}
    return [{**_place(application, reason, places), "message": reason} for reason in reasons]


def _place(application, reason, places) -> dict:
    """Where a reason is mended: ``{url, anchor}``, without ``url`` on the page itself."""
    about, _, name = reason.fault.field.partition(".")
    if about == "declared":
        return {"url": "", "anchor": "declare"}
    if about not in ("answers", "materials", "account"):
        return {"url": "", "anchor": "criteria"}
    step = "facts" if about == "answers" else about
    anchor = name if about == "answers" else f"material-{places[name]}" if name else "main"
    return {"url": reverse(f"apply-{step}", args=[application.public_id]), "anchor": anchor}


def _check_page(request, application, *, refusal=None, status=200) -> HttpResponse:
    judged = judge_draft(application, timezone.localdate())
    unmet = _unmet(request, application, judged)
    if status == 200:
        unmet = [row for row in unmet if row["message"] != rules.NOT_DECLARED]
    if refusal:
        unmet.insert(0, {"url": "", "anchor": "main", "message": str(refusal)})
    context = {
        **frame_of(request, application, "check"),
        "errors": unmet,
        "is_unfit": any(row["anchor"] == "criteria" for row in unmet),
        "lacking": sum(row["message"] != rules.NOT_DECLARED for row in unmet),
        "known": view.known_lines(judged),
        "answers": view.answer_lines(application, judged),
        "materials": [
            row
            for row in view.materials_of(application, request.user, judged)
            if row["files"] or row["need"] in (Need.NEEDED, Need.EXCUSED)
        ],
        "account": view.account_of(application, request.user),
        "needs_account": judged.found.amount.category != "loan",
        "criteria": view.own_rows(judged),
        "amount": view.amount_of(judged),
        "declared": application.declared_at is not None,
        "department": application.department.name,
    }
    return render(request, "apply/check.html", context, status=status)


urlpatterns = [path("apply/<uuid:public_id>/check/", check, name="apply-check")]
