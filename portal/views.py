"""The pages that only explain, and how the site looks for this reader."""

import sys
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.addresses import next_of
from core.db_contention import RETRY_AFTER, is_busy
from core.problems import problem_response
from portal.context import PREFERENCES, appearance

WITHOUT_PAGE = {
    400: "这个请求看不懂。请回首页重新开始，您的回答还在。",
    500: "出错了，不是您的问题。请过几分钟再试，或拨 12345。",
    503: "现在太忙，请过几秒钟再试。一直这样，请拨 12345。",
}
ONE_YEAR = 365 * 24 * 60 * 60


def preferences(request) -> HttpResponse:
    """Size, light, contrast and motion as one form."""
    fields = []
    for preference in PREFERENCES:
        chosen = preference.of(request)
        options = [
            {"value": value, "label": label, "gloss": "", "checked": value == chosen, "more": False}
            for value, label in preference.values.items()
        ]
        fields.append(
            {
                "name": preference.name,
                "kind": "radio",
                "label": preference.label,
                "hint": "",
                "value": chosen,
                "unit": "",
                "error": "",
                "options": options,
                "others": [],
            }
        )
    return render(request, "preferences.html", {"fields": fields})


@require_POST
def set_preferences(request):
    """Keep what was chosen, in the browser only, and go back to where the reader was."""
    response = redirect(next_of(request) or "preferences")
    for preference in PREFERENCES:
        value = request.POST.get(preference.name)
        if value in preference.values:
            response.set_cookie(
                preference.cookie,
                value,
                max_age=ONE_YEAR,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
    if "announce" in request.POST:
        messages.success(request, "显示设置已保存。")
    return response


@require_safe
def security_txt(request) -> HttpResponse:
    """Where to report a hole (RFC 9116): to the service line and the page that names the office."""
    site = settings.SITE_URL.rstrip("/")
    lines = [
        f"Contact: {site}{reverse('help')}",
        "Contact: tel:12345",
        f"Expires: {timezone.now() + timedelta(days=180):%Y-%m-%dT00:00:00Z}",
        "Preferred-Languages: zh",
        f"Canonical: {site}{reverse('security-txt')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request) -> HttpResponse:
    """Browsers ask for it beside what a page names."""
    return redirect(static("icon.svg"))


def server_error(request) -> HttpResponse:
    """Our fault, or the database is busy for a moment, which is 503. Programs get a problem; people get the plain page,
    even where templates cannot be had."""
    return _broken(request, 503 if is_busy(sys.exc_info()[1]) else 500)


def bad_request(request, exception) -> HttpResponse:
    """What Django refuses; also a session that could not be written because the database was away."""
    return _broken(request, 503) if is_busy(exception) else page_of_error(request, 400)


def _broken(request, status):
    is_program = request.path_info.startswith("/api/")
    response = problem_response(status) if is_program else page_of_error(request, status)
    if status == 503:
        response["Retry-After"] = str(RETRY_AFTER)
    return response


def page_of_error(request, status) -> HttpResponse:
    """Of the request only its address and cookies are read: the database may be what is busy or broken."""
    try:
        context = {"frame": appearance(request), "csrf_token": get_token(request)}
        return HttpResponse(render_to_string(f"{status}.html", context), status=status)
    except Exception:  # noqa: BLE001 - the page for when something is broken must not lean on anything
        return HttpResponse(WITHOUT_PAGE[status], status=status, content_type="text/plain; charset=utf-8")


def csrf_failure(request, reason="") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)
