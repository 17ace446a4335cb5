"""/apply/<id>/…: an application from its first step until it is handed in. Every step is kept on the server at once. A
draft of somebody else is 404; one that has been handed in leads to its case."""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.actions import has_agreed
from businesses.actions import owns
from cases.assessment import judge_draft
from cases.pages import form_view as view
from cases.pages.owners import NO_MANDATE, finder, for_applicants
from cases.pages.steps import after_account, frame_of, steps_for
from cases.procedure import DRAFT
from cases.rights import permissions
from core.addresses import whole_number
from core.errors import Invalid, Refused
from eligibility.answers import shop_to_apply_for

from ..actions import applying
from ..models import Application

RELATED = ("benefit__measure", "benefit_version__benefit", "business__operator", "department", "operator")
_to_fill_in = finder(lambda: Application.objects.select_related(*RELATED))


def for_a_draft(page):
    """A page about a draft that the person signed in may fill in."""

    @wraps(page)
    def with_draft(request, public_id):
        application = _to_fill_in(request.user, public_id)
        if application.phase != DRAFT:
            return after_filing(request, application)
        if not permissions.may_apply(request.user, application.business):
            raise PermissionDenied(NO_MANDATE)
        leave_mark(application, page.__name__)
        return page(request, application)

    return for_applicants(with_draft)


def to_fill_in(user):
    """The applications that somebody may fill in: their own, or of whoever a clerk fills in for."""
    rows = Application.objects.helped_with_by(user) if user.is_staff else Application.objects.visible_to(user)
    return rows.select_related(*RELATED)


def after_filing(request, application) -> HttpResponse:
    """Where whoever filled it in goes on: to the receipt, or, for a clerk, to the person in front of them."""
    if request.user.is_staff:
        messages.success(request, f"已提交，编号 {application.number}。店主会收到消息，可以撤回。")
        return redirect("admin:businesses_assistance_changelist")
    return redirect("receipt" if request.method == "POST" else "case", public_id=application.public_id)


def leave_mark(application, page, anchor="") -> None:
    """Keep where the draft is left, so that it is gone on with there. Looking at it is no change: no new version."""
    mark = f"{page}#{anchor}" if anchor else page
    is_there = application.left_at == mark or (not anchor and application.left_at.startswith(f"{page}#"))
    if page in view.PAGES and not is_there:
        Application.objects.filter(pk=application.pk).update(left_at=mark)


@for_a_draft
def tasks(request, application) -> HttpResponse:
    """The task list: what is done, what is still to do."""
    return render(request, "apply/tasks.html", frame_of(request, application))


@for_a_draft
def facts(request, application):
    """您的情况: what departments know, and everything the owner says themselves, on one page. POST ``leave`` keeps what
    is filled in so far."""
    if request.method != "POST":
        return _facts_page(request, application)
    today = timezone.localdate()
    asked = view.form_facts(application, judge_draft(application, today))
    given, errors, blank = view.read_fields(asked, request.POST)
    lacking = view.still_missing(application, given, blank, today)
    leaves = "leave" in request.POST
    if errors := errors or ({} if leaves else lacking):
        return _facts_page(request, application, errors=errors)
    try:
        applying.save(application, given, by=request.user, expected_version=version_seen(request))
    except Invalid as problem:
        return _facts_page(request, application, errors=view.faults_by_fact(problem))
    except Refused as refusal:
        application.refresh_from_db()
        return _facts_page(request, application, refusal=refusal)
    if leaves:
        leave_mark(application, "facts", next(iter(lacking), ""))
        return redirect("cases")
    return redirect(view.next_url(steps_for(request, application)))


def version_seen(request):
    """The version that the form was shown with; one that cannot be read is no version at all."""
    return whole_number(request.POST.get("version", "")) or 0


def _facts_page(request, application, *, errors=None, refusal=None) -> HttpResponse:
    judged = judge_draft(application, timezone.localdate())
    asked = view.form_facts(application, judged)
    posted = request.POST if errors or refusal else None
    shown = [{"anchor": name, "message": message} for name, message in (errors or {}).items()]
    if refusal:
        shown = [{"anchor": asked[0].name if asked else "main", "message": str(refusal)}]
    context = {
        **frame_of(request, application, "facts"),
        "known": view.known_lines(judged),
        "fields": view.fields_of(asked, judged, view.said_by(application, judged), errors, posted),
        "left": sum(fact.name in judged.missing for fact in asked),
        "errors": shown,
    }
    return render(request, "apply/facts.html", context, status=400 if errors else 409 if refusal else 200)


@for_a_draft
def account(request, application) -> HttpResponse:
    """收款账户: the one that stands, else the form that registers it. POST leads to registering another, for this shop,
    and back."""
    if request.method == "POST":
        request.session["shop"] = str(application.business.public_id)
        back = {"next": reverse("apply-account", args=[application.public_id])}
        return redirect(f"{reverse('me-account')}?{urlencode(back)}")
    stands = view.account_of(application, request.user)
    context = {
        **frame_of(request, application, "account"),
        "account": stands,
        "holder": application.operator.name,
        "shop": application.business,
        # The form is sent to the page of accounts, which is about the shop that is acted for.
        "is_asked_here": stands is None and shop_to_apply_for(request) == application.business,
        "after": after_account(request, application),
        "agreed": not owns(request.user, application.business) or has_agreed(request.user, "sensitive"),
    }
    return render(request, "apply/account.html", context)


@for_a_draft
def discard(request, application) -> HttpResponse:
    """Throw a draft away, after a page that says what follows."""
    if request.method != "POST":
        return render(request, "apply/discard.html", {"case": view.header_of(application, request.user)})
    try:
        applying.discard(application, by=request.user)
        messages.success(request, "草稿删掉了。传过的材料还在“我的材料”里。")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("cases")


urlpatterns = [
    path("apply/<uuid:public_id>/", tasks, name="apply-tasks"),
    path("apply/<uuid:public_id>/facts/", facts, name="apply-facts"),
    path("apply/<uuid:public_id>/account/", account, name="apply-account"),
    path("apply/<uuid:public_id>/discard/", discard, name="apply-discard"),
]
