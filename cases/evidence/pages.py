"""The evidence wallet on the web: /evidence/… gives one file to who may see it, /me/evidence/ is the owner's own.

A file of somebody else, one that waits for the scanner, and one that was deleted are all 404.
"""

from collections.abc import Callable
from datetime import date
from functools import wraps
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import record
from core import uploads
from core.errors import Invalid, Refused
from core.facts import Misread, read_date
from core.wording import day_text
from eligibility.pages.shop import for_a_shop
from policies.catalogue import catalogue

from ..materials import to_upload
from ..models import Evidence
from ..rights import permissions
from . import wallet

NO_OPERATOR = "登记信息里还没有这家店的经营者，存不了材料。请带身份证到登记窗口补登。"
FORM = ("material", "file", "expires_on")


# One file


def _served(request, public_id) -> tuple[Evidence, bytes]:
    """The row and its content, where this person may see it. What staff look at is written down."""
    rows = Evidence.objects.visible_to(request.user).usable()
    row = get_object_or_404(rows, public_id=public_id)
    try:
        content = wallet.read(row)
    except Refused as refusal:
        raise Http404 from refusal
    if request.user.is_staff:
        record(request.user, "see_evidence", f"evidence {row.pk}")
    return row, content


def _answer(content, media_type, name) -> HttpResponse:
    """A file that no browser runs or guesses about; ``<img>`` shows it all the same. That nobody stores what is shown
    to somebody signed in is the middleware's (accounts/signing_in/sessions.py)."""
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@require_GET
def evidence(request, public_id) -> HttpResponse:
    row, content = _served(request, public_id)
    return _answer(content, row.media_type, row.original_name)


@require_GET
def thumbnail(request, public_id) -> HttpResponse:
    """A picture, small. 404 for a PDF, and where it opens no more."""
    row, content = _served(request, public_id)
    if row.media_type != uploads.JPEG:
        raise Http404
    try:
        small = uploads.thumbnail(content)
    except uploads.Damaged:
        raise Http404(wallet.LOST) from None
    return _answer(small, uploads.JPEG, row.original_name)


# The wallet


def for_a_wallet(view) -> Callable:
    """A page about the wallet of who runs the shop that somebody signed in acts for, where they may apply for it."""

    @for_a_shop
    @wraps(view)
    def with_wallet(request, shop, *args, **kwargs) -> HttpResponse:
        if not permissions.may_apply(request.user, shop):
            raise PermissionDenied("您的授权里没有代为申请，看不到店主的材料。请店主在授权里加上。")
        if shop.operator is None:
            messages.error(request, NO_OPERATOR)
            return redirect("me")
        return view(request, shop, *args, **kwargs)

    return with_wallet


@uploads.takes_files
@for_a_wallet
def my_evidence(request, shop) -> HttpResponse:
    """Everything in the wallet by material, and the form to add to it."""
    if request.method != "POST":
        return _wallet_page(request, shop)
    try:
        row = _keep(request, shop)
    except (Invalid, Refused) as problem:
        return _wallet_page(request, shop, problem)
    if row.status == Evidence.Status.CLEAN:
        messages.success(request, f"“{row.material}”存好了。申请时直接选，不用再传。")
    else:
        messages.success(request, f"“{row.material}”收到了，正在检查，过几分钟就能用。")
    return redirect("me-evidence")


def _keep(request, shop) -> Evidence:
    material, day = request.POST.get("material", ""), request.POST.get("expires_on", "")
    if material not in _materials():
        raise Invalid.because("material", "invalid_choice", "请选这是什么材料")
    try:
        expires_on = read_date(day) if day else None
    except Misread as misread:
        raise Invalid.because("expires_on", misread.code, misread.detail) from None
    if expires_on and expires_on < timezone.localdate():
        raise Invalid.because("expires_on", "expired", "这份材料已经过期了。请用还在有效期里的")
    file = uploads.sent(request)
    return wallet.keep(shop.operator, material, file, by=request.user, expires_on=expires_on)


def _materials() -> list[str]:
    """The names of every material that some benefit wants uploaded today."""
    versions = catalogue().in_force_on(timezone.localdate()).values()
    return sorted({row["name"] for version in versions for row in to_upload(version)})


def _wallet_page(request, shop, problem=None) -> HttpResponse:
    today = timezone.localdate()
    kept = Evidence.objects.visible_to(request.user).kept().filter(operator=shop.operator_id)
    rows = list(kept.order_by("material", "-id"))
    filed = wallet.in_use(rows)
    groups: dict[str, list] = {}
    for row in rows:
        groups.setdefault(row.material, []).append(_shown(row, today, row.pk in filed))
    said = {fault.field: fault.detail for fault in problem.faults} if isinstance(problem, Invalid) else {}
    context = {
        "shop": shop,
        "groups": [{"material": material, "files": files} for material, files in groups.items()],
        "materials": _materials(),
        "chosen": request.POST.get("material", "") or request.GET.get("material", ""),
        "expires_on": request.POST.get("expires_on", ""),
        "accept": uploads.ACCEPT,
        "most_megabytes": uploads.MOST_BYTES // uploads.MEGABYTE,
        "said": {name: said.get(name, "") for name in FORM},
        "errors": _errors(problem),
    }
    status = 200 if problem is None else 400 if isinstance(problem, Invalid) else 409
    return render(request, "evidence/wallet.html", context, status=status)


def _errors(problem) -> list:
    if problem is None:
        return []
    if isinstance(problem, Refused):
        return [{"anchor": "file", "message": str(problem)}]
    return [{"anchor": fault.field, "message": fault.detail} for fault in problem.faults]


def _shown(row, today, is_filed) -> dict:
    is_usable = row.status == Evidence.Status.CLEAN
    return {
        "public_id": row.public_id,
        "name": row.original_name,
        "is_picture": row.media_type == uploads.JPEG,
        "pages": row.pages,
        "uploaded_at": row.uploaded_at,
        "is_usable": is_usable,
        "trouble": "" if is_usable else row.get_status_display(),
        "expiry": expiry_text(row.expires_on, today),
        "expires_soon": row.expires_on is not None and row.expires_on <= today + wallet.WARNED_AHEAD,
        "is_filed": is_filed,
    }


def expiry_text(expires_on: date | None, today: date) -> str:
    """Until when a piece holds, in words; empty where nobody said."""
    if expires_on is None:
        return ""
    if expires_on < today:
        return f"{day_text(expires_on)}已经过期，请换新的"
    if expires_on <= today + wallet.WARNED_AHEAD:
        return f"{day_text(expires_on)}到期，请准备新的"
    return f"有效到 {day_text(expires_on)}"


def _own(request, shop, public_id) -> Evidence:
    rows = Evidence.objects.visible_to(request.user).kept().filter(operator=shop.operator_id)
    return get_object_or_404(rows.select_related("operator"), public_id=public_id)


@for_a_wallet
def rotate(request, shop, public_id) -> HttpResponse:
    """POST: turn a picture a quarter, ``degrees`` clockwise."""
    if request.method != "POST":
        return redirect("me-evidence")
    row = _own(request, shop, public_id)
    degrees = request.POST.get("degrees", "")
    try:
        wallet.rotate(row, int(degrees) if degrees in ("90", "180", "270") else 0, by=request.user)
        messages.success(request, "转好了。")
    except (Invalid, Refused) as problem:
        messages.error(request, str(problem))
    return redirect(f"{reverse('me-evidence')}#e-{row.public_id}")


@for_a_wallet
def delete(request, shop, public_id) -> HttpResponse:
    """Take a piece out, after a page that says what follows."""
    row = _own(request, shop, public_id)
    if request.method != "POST":
        shown = _shown(row, timezone.localdate(), row.pk in wallet.in_use([row]))
        return render(request, "evidence/delete.html", {"shop": shop, "row": row, "file": shown})
    try:
        wallet.delete(row, by=request.user)
        messages.success(request, f"“{row.material}”删掉了。")
    except Refused as problem:
        messages.error(request, str(problem))
    return redirect("me-evidence")


urlpatterns = [
    path("evidence/<uuid:public_id>/", evidence, name="evidence"),
    path("evidence/<uuid:public_id>/thumbnail/", thumbnail, name="evidence-thumbnail"),
    path("me/evidence/", my_evidence, name="me-evidence"),
    path("me/evidence/<uuid:public_id>/rotate/", rotate, name="me-evidence-rotate"),
    path("me/evidence/<uuid:public_id>/delete/", delete, name="me-evidence-delete"),
]
