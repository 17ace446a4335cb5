"""/services/: what there is, by what people come for, by county and by day; first what fits the shop."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import starmap
from typing import NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, TextField
from django.db.models.functions import Cast
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.facts import Misread, Profile
from core.typed import read_day
from eligibility.answers import chosen_shop
from eligibility.shop_facts import ShopFacts
from policies.catalogue import catalogue

from ..catalogue.offerings import sorted_for
from ..models import Offering, Slot
from . import cards
from .headings import Heading, counties, heading_of, headings

FIRST = 4  # of each heading, until one is chosen
PAGE = 20


class Narrow(NamedTuple):
    """All that is looked at of every offering; the rest is read of those that are shown."""

    pk: int
    code: str
    kind: str
    benefit_id: int
    topic: str
    criteria: str | None  # JSON, as is relevance
    relevance: str | None


@dataclass(frozen=True)
class Chosen:
    """What the list is narrowed to, as the address says it. ``error``: what is wrong with the day."""

    need: str = ""
    county: str = ""
    benefit: str = ""
    typed: str = ""
    day: date | None = None
    error: str = ""

    @classmethod
    def of(cls, asked) -> "Chosen":
        need, county = asked.get("need", ""), asked.get("county", "")
        known = {
            "need": need if need in {row.key for row in headings()} else "",
            "county": county if county in dict(counties()) else "",
            "benefit": asked.get("benefit", "") if asked.get("benefit") in catalogue().benefits else "",
            "typed": asked.get("day", "").strip()[:20],
        }
        try:
            return cls(**known, day=read_day(known["typed"]) if known["typed"] else None)
        except Misread as problem:
            return cls(**known, error=problem.detail)

    def address(self, **other) -> str:
        """Of the list with something else chosen; empty values are left out."""
        said = {"need": self.need, "county": self.county, "benefit": self.benefit, "day": self.typed} | other
        query = urlencode({name: value for name, value in said.items() if value})
        return f"{reverse('services')}?{query}" if query else reverse("services")

    @property
    def is_narrowed(self) -> bool:
        return bool(self.county or self.benefit or self.typed)


@require_safe
def services(request) -> HttpResponse:
    """What can be asked for, for everybody; of a shop with what fits it, and what is booked already."""
    chosen, today = Chosen.of(request.GET), timezone.localdate()
    profile = _profile_of(request, today)
    found = sorted_for(narrowed(chosen), profile, today)
    groups = _grouped(found)
    if chosen.need:
        rows = next((rows for heading, rows in groups if heading.key == chosen.need), [])
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        shown = [(heading, list(page)) for heading in headings() if heading.key == chosen.need and rows]
    else:
        page, shown = None, [(heading, rows[:FIRST]) for heading, rows in groups]
    by_code = cards.cards_of([pair for _, rows in shown for pair in rows], chosen.day, today)
    context = {
        "chosen": chosen,
        "errors": [{"anchor": "day", "message": chosen.error}] if chosen.error else [],
        "needs": _chips(groups, chosen),
        "counties": counties(),
        "benefit_title": _title_of(chosen.benefit, today),
        "sections": [
            {
                "heading": heading,
                "cards": [by_code[row.code] for row, _ in rows if row.code in by_code],
                "more": _more(heading, groups, len(rows), chosen) if page is None else None,
            }
            for heading, rows in shown
        ],
        "total": len(found),
        "own": cards.booked_by(request.user, today),
        "page": page,
        "before_url": _page_url(chosen, page.number - 1) if page and page.has_previous() else "",
        "next_url": _page_url(chosen, page.number + 1) if page and page.has_next() else "",
        "clear_url": reverse("services") if chosen.is_narrowed else "",
    }
    return render(request, "services/list.html", context, status=400 if chosen.error else 200)


def narrowed(chosen: Chosen) -> list[Narrow]:
    """The offerings that the address asks for. One that names no county is for all of them."""
    rows = Offering.objects.shown()
    if chosen.county:
        rows = rows.filter(district__in=["", chosen.county])
    if chosen.benefit:
        rows = rows.filter(benefit=catalogue().benefits[chosen.benefit].pk)
    if chosen.day:
        there = Slot.objects.ahead().filter(offering=OuterRef("pk"), starts_at__date=chosen.day)
        rows = rows.filter(Exists(there))
    as_text = [Cast(field, TextField()) for field in Narrow._fields[-2:]]
    return list(starmap(Narrow, rows.values_list(*Narrow._fields[:-2], *as_text)))


def _profile_of(request, today) -> Profile | None:
    """What is known of the shop that whoever is signed in acts for."""
    shop = chosen_shop(request)
    if shop is None:
        return None
    facts = ShopFacts(shop)
    return facts.profile_of(facts.answers, catalogue().registry, today)


def _grouped(found: Iterable) -> list[tuple[Heading, list]]:
    """``[(heading, [(offering, fit)])]`` in the order of the headings, without those that have none."""
    groups = {row.key: [] for row in headings()}
    benefits = catalogue().by_id
    for row, fit in found:
        groups[heading_of(row, benefits[row.benefit_id].code).key].append((row, fit))
    return [(heading, groups[heading.key]) for heading in headings() if groups[heading.key]]


def _chips(groups, chosen) -> list[dict]:
    """The headings as links, each with how many stand under it."""
    return [
        {
            "title": heading.title,
            "icon": heading.icon,
            "count": len(rows),
            "selected": heading.key == chosen.need,
            "url": chosen.address(need="" if heading.key == chosen.need else heading.key),
        }
        for heading, rows in groups
    ]


def _more(heading, groups, shown, chosen) -> dict | None:
    count = next(len(rows) for row, rows in groups if row.key == heading.key)
    return {"count": count, "url": chosen.address(need=heading.key)} if count > shown else None


def _page_url(chosen, number) -> str:
    return chosen.address(page=number if number > 1 else "")


def _title_of(code, today) -> str:
    version = catalogue().benefits[code].in_force_on(today) if code else None
    return version.content["title"] if version else ""


urlpatterns = [path("services/", services, name="services")]
