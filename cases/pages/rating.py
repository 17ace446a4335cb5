"""/rate/<token>/: 好差评 by whoever has the address, without signing in. It shows the benefit and a masked number."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache

from core.errors import Invalid, Refused
from core.wording import day_text

from ..actions import rating as ratings
from ..models import Rating
from ..terms import terms_of
from ..wording import masked_number

# The level that a link of the first step names, in the address.
_LEVELS = {str(level): level for level, _ in Rating.LEVELS}


@never_cache
def rate(request, token) -> HttpResponse:
    """Choose a level, then tags and words; what is rated is shown, and once it was mended may be rated again."""
    rows = Rating.objects.select_related("case__benefit_version")
    row = get_object_or_404(rows, token=token)
    response = _sent(request, row) if request.method == "POST" else _page(request, row)
    # The address is the key: it goes into no index and to no other site. Not to ours either would take the origin from
    # forms, by which they are known to be ours.
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _sent(request, row) -> HttpResponse:
    level = _LEVELS.get(request.POST.get("level", ""), 0)
    try:
        if request.POST.get("again"):
            ratings.rate_again(row, level)
        else:
            words = request.POST.get("words", "")
            ratings.rate(row, level, request.POST.getlist("tags"), words)
    except Invalid as problem:
        return _page(request, row, problem.faults, status=400)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "收到您的评价，谢谢您。")
    return redirect("rate", token=row.token)


def _page(request, row, faults=(), status=200) -> HttpResponse:
    chosen = _LEVELS.get(request.POST.get("level") or request.GET.get("level", ""))
    case = row.case
    context = {
        "rating": row,
        "title": case.title,
        "stage": ratings.stage_text(row),
        "number": masked_number(case.number),
        "levels": [{"value": level, "label": label} for level, label in Rating.LEVELS],
        "chosen": chosen,
        "chosen_label": ratings.LEVELS.get(chosen, ""),
        "tags": ratings.tags_for(chosen) if chosen else (),
        "ticked": request.POST.getlist("tags"),
        "words": request.POST.get("words", ""),
        "is_bad": chosen is not None and chosen <= Rating.BAD,
        "promise": _promise(case),
        "errors": [{"anchor": fault.field, "message": fault.detail} for fault in faults],
        "may_rate_again": ratings.may_rate_again(row),
        "contact": _contact(row),
        "mended_on": row.mended_at and day_text(timezone.localtime(row.mended_at)),
    }
    return render(request, "rate/rate.html", context, status=status)


def _promise(case) -> str:
    terms = terms_of(case.benefit_version)
    return (
        f"{terms.rating_contact_working_days} 个工作日内联系您，"
        f"{terms.rating_mend_working_days} 个工作日内反馈整改结果。"
    )


def _contact(row) -> str:
    if not row.is_bad or row.mended_at:
        return ""
    return f"最迟 {day_text(row.contact_by)}联系您，最迟 {day_text(row.mend_by)}反馈整改结果。"


urlpatterns = [path("rate/<uuid:token>/", rate, name="rate")]
