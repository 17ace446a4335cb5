"""用工需求: who is wanted when and where, and of which work on the land a class of pickers is worth while."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from services.models import Offering

from ..season import demand, months_from, worth_a_class

MONTHS = 6
PICKERS = "M11a"  # 采摘、管护培训


def season_view(model_admin, request) -> HttpResponse:
    """Six months ahead; for whoever reads posts. The classes are those that this person's bureau gives."""
    if not request.user.has_perm("jobs.view_post"):
        raise PermissionDenied
    firsts = months_from(timezone.localdate(), MONTHS)
    months = [
        {"month": month, "rows": rows, "classes": worth_a_class(rows)}
        for month, rows in zip(firsts, demand(firsts), strict=True)
    ]
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": "用工需求",
        "months": months,
        "offerings": _pickers(request.user),
    }
    return TemplateResponse(request, "admin/jobs/season.html", context)


def _pickers(user) -> QuerySet:
    """Classes of pickers for which this person may set a time."""
    if not user.has_perm("services.add_slot"):
        return Offering.objects.none()
    return Offering.objects.visible_to(user).filter(benefit__code=PICKERS, kind="enrolment").order_by("title")
