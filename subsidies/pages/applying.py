"""/apply/…: an application from before it is begun until it is handed in. Every step is kept on the server at once.

A draft of somebody else is 404; one that has been handed in leads to its case.
"""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from cases.assessment import judge, judge_draft
from cases.evidence import wallet
from cases.materials import Need, to_upload, wanted
from cases.pages import form_view as view
from cases.pages.owners import NO_MANDATE, for_applicants, own_evidence, status_for, words_of
from cases.procedure import DRAFT
from cases.rights import permissions
from cases.terms import terms_of
from cases.transitions import CHANGED_SINCE
from core import uploads
from core.addresses import whole_number
from core.errors import Invalid, Refused
from eligibility.answers import OTHER_SHOP, has_lost_shop, is_for, shop_to_apply_for
from eligibility.wording import amount_label, days_label
from policies.catalogue import benefit_url, catalogue
from policies.models import Benefit, BenefitVersion

from ..actions import applying
from ..checks import rules
from ..models import Application
from ..money import budgets

MINUTES_TO_READ, MINUTES_A_MATERIAL = 2, 1
RELATED = ("benefit__measure", "benefit_version__benefit", "business__operator", "department", "operator")


# Before you start


@login_required
def start(request, code):
    """开始前. POST begins, or goes on with what stands."""
    known = catalogue().benefits.get(code)
    version = known and known.in_force_on(timezone.localdate())
    if version is None:
        raise Http404
    shop = shop_to_apply_for(request)
    if request.method == "POST" and not is_for(request, shop):
        messages.error(request, OTHER_SHOP)
        return redirect("me")
    if shop is None:
        messages.error(request, "请先绑定您的店，再来申请。")
        return redirect("me" if has_lost_shop(request) else "me-bind")
    if version.rule.delivery != "apply" or not version.rule.is_money:
        messages.error(request, applying.NOT_APPLIED_FOR)
        return redirect(benefit_url(known))
    if not permissions.may_apply(request.user, shop):
        raise PermissionDenied(NO_MANDATE)
    if request.method == "POST":
        return _begin(request, shop, code)
    standing = Application.objects.standing().filter(business=shop, benefit__code=code).first()
    if standing is not None:
        return redirect(_place_of(standing))
    row = BenefitVersion.objects.select_related("benefit__measure").get(pk=version.pk)
    return render(request, "apply/start.html", _start_context(shop, row))


def _begin(request, shop, code) -> HttpResponse:
    benefit = get_object_or_404(Benefit.objects.select_related("measure"), code=code)
    try:
        return redirect(_place_of(applying.begin(shop, benefit, by=request.user)))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(benefit_url(catalogue().benefits[code]))


def _place_of(application):
    if application.phase == DRAFT:
        return view.resume_url(application)
    return reverse("case", args=[application.public_id])


def _start_context(shop, version) -> dict:
    judged = judge(shop, version, {}, timezone.localdate())
    papers = wanted(version, judged, {})
    photos = [row for row in papers if row.need is Need.NEEDED]
    department = next(iter(version.benefit.measure.leads), None)
    promised = terms_of(version).promised_working_days
    return {
        "shop": shop,
        "benefit": version.content | {"code": version.benefit.code},
        "amount": amount_label(judged.found, version.content),
        "failing": [] if judged.fits else [row for row in view.own_rows(judged) if row["result"] == "fail"],
        "photos": photos,
        "told": [row.name for row in papers if row.need is Need.TOLD],
        "minutes": MINUTES_TO_READ + MINUTES_A_MATERIAL * len(photos),
        "department": department.name if department else "",
        "left": budgets.left_text(version.benefit, shop.district or "", timezone.localdate()),
        "promise": "时限待公布" if promised is None else f"{days_label(promised)}内有结果",
        "back_url": benefit_url(catalogue().benefits[version.benefit.code]),
    }


# The draft


def for_a_draft(page):
    """A page about a draft that the person signed in may fill in."""

    @wraps(page)
    def with_draft(request, public_id):
        application = get_object_or_404(_to_fill_in(request.user), public_id=public_id)
        if application.phase != DRAFT:
            return _filed(request, application)
        if not permissions.may_apply(request.user, application.business):
            raise PermissionDenied(NO_MANDATE)
        _leave_mark(application, page.__name__)
        return page(request, application)

    return for_applicants(with_draft)


def _to_fill_in(user):
    """The applications that somebody may fill in: their own, or of whoever a clerk fills in for."""
    rows = Application.objects.helped_with_by(user) if user.is_staff else Application.objects.visible_to(user)
    return rows.select_related(*RELATED)


def _filed(request, application) -> HttpResponse:
    """Where whoever filled it in goes on: to the receipt, or, for a clerk, to the person in front of them."""
    if request.user.is_staff:
        messages.success(request, f"已提交，编号 {application.number}。店主会收到消息，可以撤回。")
        return redirect("admin:businesses_assistance_changelist")
    return redirect("receipt" if request.method == "POST" else "case", public_id=application.public_id)


def _leave_mark(application, page, anchor="") -> None:
    """Keep where the draft is left, so that it is gone on with there. Looking at it is no change: no new version."""
    mark = f"{page}#{anchor}" if anchor else page
    is_there = application.left_at == mark or (not anchor and application.left_at.startswith(f"{page}#"))
    if page in view.PAGES and not is_there:
        Application.objects.filter(pk=application.pk).update(left_at=mark)


def _steps(request, application):
    judged = judge_draft(application, timezone.localdate())
    materials = view.materials_of(application, request.user, judged)
    return view.steps_of(application, judged, materials, view.account_of(application, request.user))


@for_a_draft
def tasks(request, application) -> HttpResponse:
    """The task list: what is done, what is still to do."""
    steps = _steps(request, application)
    context = {
        "case": view.header_of(application, request.user),
        "steps": steps,
        "done": sum(step["status"] == "done" for step in steps),
        "next": next(step for step in steps if step["status"] == "todo"),
        "kept_days": terms_of(application.benefit_version).draft_days,
    }
    return render(request, "apply/tasks.html", context)


@for_a_draft
def facts(request, application):
    """您的情况: what departments know, and everything the owner says themselves, on one page."""
    if request.method != "POST":
        return _facts_page(request, application)
    today = timezone.localdate()
    asked = view.form_facts(application, judge_draft(application, today))
    given, errors, blank = view.read_fields(asked, request.POST)
    errors = errors or view.still_missing(application, given, blank, today)
    if errors:
        return _facts_page(request, application, errors=errors)
    try:
        applying.save(application, given, by=request.user, expected_version=_seen(request))
    except Invalid as problem:
        return _facts_page(request, application, errors=view.faults_by_fact(problem))
    except Refused as refusal:
        application.refresh_from_db()
        return _facts_page(request, application, refusal=refusal)
    return redirect(view.next_url(_steps(request, application)))


def _seen(request):
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
        "case": view.header_of(application, request.user),
        "known": view.known_lines(judged),
        "fields": view.fields_of(asked, judged, view.said_by(application, judged), errors, posted),
        "errors": shown,
    }
    return render(request, "apply/facts.html", context, status=400 if errors else 409 if refusal else 200)


@uploads.takes_files
@for_a_draft
def materials(request, application):
    """材料: every one with its files. POST ``do``: upload, use, drop or rotate, one file at a time."""
    if request.method != "POST":
        return _materials_page(request, application)
    name = request.POST.get("material", "")
    try:
        change_file(request, application)
    except (Invalid, Refused) as problem:
        return _materials_page(request, application, name, problem)
    places = {row["name"]: place for place, row in enumerate(to_upload(application.benefit_version), 1)}
    anchor = f"material-{places[name]}"
    _leave_mark(application, "materials", anchor)
    return redirect(f"{reverse('apply-materials', args=[application.public_id])}#{anchor}")


def change_file(request, application) -> None:
    """Do to a draft's files what a form of components/case_material.html asks for. Raises Invalid, Refused."""
    material, wish = request.POST.get("material", ""), request.POST.get("do", "")
    if material not in {row["name"] for row in to_upload(application.benefit_version)}:
        raise Invalid.because("material", "unknown_material", "这一项不要这种材料，请按清单上传")
    if wish == "upload":
        row = wallet.keep(application.operator, material, uploads.sent(request), by=request.user)
        applying.use(application, material, row, by=request.user)
    elif wish == "use":
        applying.use(application, material, own_evidence(request, application), by=request.user)
    elif wish == "drop":
        applying.drop(application, own_evidence(request, application), by=request.user)
    elif wish == "excuse":
        applying.excuse(application, material, request.POST.get("reason", ""), by=request.user)
    elif wish == "unexcuse":
        applying.excuse(application, material, None, by=request.user)
    elif wish == "rotate":
        wallet.rotate(own_evidence(request, application), 90, by=request.user)
    else:
        raise Invalid.because("do", "invalid_choice", "没有这种操作，请刷新页面再试")


def _materials_page(request, application, name="", problem=None) -> HttpResponse:
    said = words_of(problem)
    judged = judge_draft(application, timezone.localdate())
    rows = view.materials_of(application, request.user, judged, error_at=name, error=said)
    anchor = next((row["anchor"] for row in rows if row["error"]), "main")
    context = {
        "case": view.header_of(application, request.user),
        "materials": [row for row in rows if _is_listed(row)],
        "others": [row["name"] for row in rows if row["need"] == Need.OTHER and not row["files"]],
        "told": [row["name"] for row in rows if row["need"] == Need.TOLD and not row["files"]],
        "accept": uploads.ACCEPT,
        "most_megabytes": uploads.MOST_BYTES // uploads.MEGABYTE,
        "excuse": (request.POST.get("reason", "") if request.POST.get("do") == "excuse" else ""),
        "errors": [{"anchor": anchor, "message": f"{name}：{said}" if name else said}] if problem else [],
        "left": len(view.missing_of(rows)),
        "next_url": view.next_url(_steps(request, application)),
    }
    return render(request, "apply/materials.html", context, status=status_for(problem))


def _is_listed(row):
    """What departments know, and what is of others, stands in a line below, unless something was put to it."""
    return row["need"] not in (Need.OTHER, Need.TOLD) or row["files"]


@for_a_draft
def account(request, application) -> HttpResponse:
    """收款账户: the one that stands. POST leads to registering another, for this shop, and back."""
    if request.method == "POST":
        request.session["shop"] = str(application.business.public_id)
        back = {"next": reverse("apply-account", args=[application.public_id])}
        return redirect(f"{reverse('me-account')}?{urlencode(back)}")
    context = {
        "case": view.header_of(application, request.user),
        "account": view.account_of(application, request.user),
        "holder": application.operator.name,
        "next_url": view.next_url(_steps(request, application)),
    }
    return render(request, "apply/account.html", context)


# Check and hand in


@for_a_draft
def check(request, application):
    """检查并提交: everything once more. POST hands it in; a second POST leads to the same receipt."""
    if request.method != "POST":
        return _check_page(request, application)
    application.declared_at = timezone.now() if request.POST.get("declare") else None
    if _unmet(request, application, judge_draft(application, timezone.localdate())):
        return _check_page(request, application, status=409)
    try:
        _hand_in(application, request.user, _seen(request))
    except Refused as refusal:
        return _not_handed_in(request, application, refusal)
    application.refresh_from_db()
    return _filed(request, application)


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
    application = _to_fill_in(request.user).get(pk=application.pk)
    if application.phase != DRAFT:
        return _filed(request, application)
    try:
        # Where the policy has a new version, the draft goes on under it from here.
        application = applying.save(application, {}, by=request.user)
    except Refused as closed:
        refusal = closed
    application.declared_at = ticked
    return _check_page(request, application, refusal=refusal, status=409)


def _unmet(request, application, judged) -> list:
    """``[{anchor, message}]``: every reason why it cannot be handed in yet."""
    account = view.account_of(application, request.user)
    application.account_id = account and account["pk"]
    reasons = rules.unmet_for_submission(application, judged, today=judged.day)
    return [{"anchor": _anchor(reason), "message": reason} for reason in reasons]


def _anchor(reason) -> str:
    if reason == rules.NOT_DECLARED:
        return "declare"
    if reason == rules.NO_ACCOUNT:
        return "account"
    if reason.startswith(("还没有上传", "“")) and "选一项" not in reason:
        return "materials"
    return "facts" if reason.startswith("还没有回答") else "criteria"


def _check_page(request, application, *, refusal=None, status=200) -> HttpResponse:
    judged = judge_draft(application, timezone.localdate())
    unmet = _unmet(request, application, judged)
    if status == 200:
        unmet = [row for row in unmet if row["message"] != rules.NOT_DECLARED]
    if refusal:
        unmet.insert(0, {"anchor": "main", "message": str(refusal)})
    context = {
        "case": view.header_of(application, request.user),
        "errors": unmet,
        "known": view.known_lines(judged),
        "answers": view.answer_lines(application, judged),
        "materials": [
            row
            for row in view.materials_of(application, request.user, judged)
            if row["files"] or _is_asked(row)
        ],
        "account": view.account_of(application, request.user),
        "needs_account": judged.found.amount.category != "loan",
        "criteria": view.own_rows(judged),
        "amount": view.amount_of(judged),
        "declared": application.declared_at is not None,
        "department": application.department.name,
    }
    return render(request, "apply/check.html", context, status=status)


def _is_asked(row) -> bool:
    return row["need"] in (Need.NEEDED, Need.EXCUSED)


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
    path("apply/<uuid:public_id>/materials/", materials, name="apply-materials"),
    path("apply/<uuid:public_id>/account/", account, name="apply-account"),
    path("apply/<uuid:public_id>/check/", check, name="apply-check"),
    path("apply/<uuid:public_id>/discard/", discard, name="apply-discard"),
    path("apply/<str:code>/", start, name="apply"),
]
