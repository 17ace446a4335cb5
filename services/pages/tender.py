"""/cases/{id}/pass-on/, accept/, share/: what an owner does with a request that several institutions were asked."""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path

from accounts.signing_in.sessions import is_fresh_owner
from businesses import sharing
from cases.pages.case import for_a_case, require_mandate, version_seen
from cases.pages.form_view import header_of
from cases.pages.owners import errors_of, status_for
from cases.transitions import is_movable
from core.errors import Invalid, Refused

from ..finance import tenders
from ..models import Leg
from .consenting import agreed_in, consents, ids_in, must_prove, prove

TICK = "请先看一看，再勾选同意。"


def _own_page(verb):
    """A page of a verb of a case, for who may act; where it cannot be done now it leads back."""

    def decorate(page):
        @wraps(page)
        def with_case(request, case, **more) -> HttpResponse:
            if verb not in case.life.verbs:
                raise Http404
            require_mandate(request, case)
            if not is_movable(case, verb):
                messages.info(request, "这一件现在不用这样办了，请看最新情况。")
                return redirect("case", public_id=case.public_id)
            return page(request, case, **more)

        return for_a_case(with_case)

    return decorate


@_own_page(tenders.PASS_ON)
def pass_on(request, case) -> HttpResponse:
    """Choose whom to ask next, each with an agreement of its own or with the words alone."""
    rows, key, problem = tenders.next_institutions(case), f"pass on {case.public_id}", None
    kept = request.session.get(key, {})
    if request.method == "POST":
        wanted, agreed = ids_in(request.POST.getlist("receivers")), agreed_in(request, rows)
        agreed = {pk: digest for pk, digest in agreed.items() if pk in wanted}
        kept = {"receivers": wanted, "agreed": {str(pk): said for pk, said in agreed.items()}}
        if must_prove(request, agreed):
            request.session[key] = kept
            return prove(request, request.path)
        try:
            tenders.pass_on(
                case,
                wanted,
                agreed,
                by=request.user,
                is_fresh=is_fresh_owner(request),
                expected_version=version_seen(request),
            )
            request.session.pop(key, None)
            messages.success(request, f"已转给 {len(set(wanted))} 家，等它们接单。")
            return redirect("case", public_id=case.public_id)
        except (Invalid, Refused) as refusal:
            problem = refusal
            case.refresh_from_db()
    context = {
        "case": header_of(case, request.user),
        **consents(request, case.business, rows, kept.get("agreed", {}), problem),
    }
    for box in context["boxes"]:
        box["chosen"] = int(box["pk"]) in kept.get("receivers", ())
    return render(request, "services/pass_on.html", context, status=status_for(problem))


@_own_page(tenders.ACCEPT)
def offers(request, case) -> HttpResponse:
    """The offers that there are; one alone is shown at once."""
    rows = list(_legs(case).filter(state=Leg.State.DONE))
    if len(rows) == 1:
        return redirect("case-accept-leg", public_id=case.public_id, leg=rows[0].pk)
    context = {"case": header_of(case, request.user), "legs": rows}
    return render(request, "services/offers.html", context)


def _legs(case) -> QuerySet:
    rows = Leg.objects.filter(request=case.pk).order_by("position")
    return rows.select_related("receiver", "sharing", "request__offering", "request__case__business")


@_own_page(tenders.ACCEPT)
def accept(request, case, leg) -> HttpResponse:
    """Read once more what an institution offers, and take it."""
    row, problem = get_object_or_404(_legs(case), pk=leg, state=Leg.State.DONE), None
    if request.method == "POST":
        try:
            tenders.accept(case, row, by=request.user, expected_version=version_seen(request))
            messages.success(request, f"选好了，{row.receiver_name}接着办。")
            return redirect("case", public_id=case.public_id)
        except Refused as refusal:
            problem = refusal
            case.refresh_from_db()
    context = {
        "case": header_of(case, request.user),
        "leg": row,
        "errors": errors_of(problem),
    }
    return render(request, "services/accept.html", context, status=status_for(problem))


@_own_page(tenders.SHARE)
def may_read(request, case) -> HttpResponse:
    """Those that were asked and may read nothing yet; one alone is shown at once."""
    _require_operator(request, case)
    rows = [leg for leg in _legs(case) if tenders.waits_for_consent(leg)]
    if len(rows) == 1:
        return redirect("case-share-leg", public_id=case.public_id, leg=rows[0].pk)
    context = {"case": header_of(case, request.user), "legs": rows}
    return render(request, "services/unshared.html", context)


def _require_operator(request, case) -> None:
    if not sharing.may_give(request.user, case.business):
        raise PermissionDenied("给机构看店铺信息，要店主本人同意。")


@_own_page(tenders.SHARE)
def share(request, case, leg) -> HttpResponse:
    """Let one institution read what stands here."""
    _require_operator(request, case)
    row, problem = get_object_or_404(_legs(case), pk=leg, state__in=tenders.READABLE), None
    one = tenders.institution_of(row)
    if one is None or not one.offering.shares:
        raise Http404
    if request.method == "POST":
        agreed = agreed_in(request, [one])
        if must_prove(request, agreed):
            return prove(request, request.path)
        try:
            if not agreed:
                raise Invalid.because("agree", "required", TICK)
            tenders.share(
                case,
                row,
                agreed[one.pk],
                by=request.user,
                is_fresh=is_fresh_owner(request),
                expected_version=version_seen(request),
            )
            messages.success(request, f"已同意，{one.department.name}可以看了。")
            return redirect("case", public_id=case.public_id)
        except (Invalid, Refused) as refusal:
            problem = refusal
            case.refresh_from_db()
    context = {"case": header_of(case, request.user), **consents(request, case.business, [one], {}, problem)}
    return render(request, "services/share.html", context, status=status_for(problem))


urlpatterns = [
    path("cases/<uuid:public_id>/pass-on/", pass_on, name="case-pass-on"),
    path("cases/<uuid:public_id>/accept/", offers, name="case-accept"),
    path("cases/<uuid:public_id>/accept/<number:leg>/", accept, name="case-accept-leg"),
    path("cases/<uuid:public_id>/share/", may_read, name="case-share"),
    path("cases/<uuid:public_id>/share/<number:leg>/", share, name="case-share-leg"),
]
