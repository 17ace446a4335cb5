"""/jobs/: what work there is, by trade and county; for whoever looks, with what fits and what lacks."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from ..models import Post, Worker
from ..season import demand, months_from, worth_a_class
from ..trades import counties, grouped, trades
from .cards import post_card

PAGE = 20
MONTHS = 6


def own_card(request) -> Worker | None:
    """The card of whoever is signed in, None where there is none or they do not look now."""
    if not request.user.is_authenticated or request.user.is_staff:
        return None
    return Worker.objects.visible_to(request.user).looking().first()


@require_safe
def market(request) -> HttpResponse:
    """Open posts, what pays most first; three queries and those of the frame."""
    trade = request.GET.get("trade", "") if request.GET.get("trade") in trades() else ""
    county = request.GET.get("county", "") if request.GET.get("county") in counties() else ""
    today, worker = timezone.localdate(), own_card(request)
    rows = (
        Post.objects.open().filter(until_on__gte=today).select_related("business").order_by("-day_fen", "pk")
    )
    rows = rows.filter(**{name: value for name, value in (("trade", trade), ("county", county)) if value})
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "cards": [post_card(row, worker, today) for row in page],
        "page": page,
        "total": page.paginator.count,
        "trade": trade,
        "county": county,
        "trades": grouped(),
        "counties": [(row.code, row.label) for row in counties().values()],
        "worker": worker,
        "next_url": _address(page.next_page_number(), trade, county) if page.has_next() else "",
        "before_url": _address(page.previous_page_number(), trade, county) if page.has_previous() else "",
    }
    return render(request, "jobs/market.html", context)


def _address(number, trade, county) -> str:
    said = {"trade": trade, "county": county, "page": number if number > 1 else ""}
    query = urlencode({name: value for name, value in said.items() if value})
    return f"{reverse('jobs')}?{query}" if query else reverse("jobs")


@require_safe
def season(request) -> HttpResponse:
    """Who is wanted in which month, and whom one finds, in a county and beside it."""
    county = request.GET.get("county", "") if request.GET.get("county") in counties() else ""
    firsts, months = months_from(timezone.localdate(), MONTHS), []
    for month, wanted in zip(firsts, demand(firsts, county), strict=True):
        rows = wanted[:PAGE]
        most = max((max(row.people, row.free) for row in rows), default=1)
        months.append({"month": month, "rows": rows, "most": most, "classes": worth_a_class(rows)})
    context = {
        "months": months,
        "county": county,
        "counties": [(row.code, row.label) for row in counties().values()],
    }
    return render(request, "jobs/season.html", context)
