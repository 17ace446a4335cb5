"""What can be done here about a benefit without money: its services."""

from datetime import date

from django.urls import reverse
from django.utils import timezone

from cases.admin import assisting
from core.latest import Latest
from core.models import Edition
from eligibility.doors import Door, opens
from policies.criteria.rules import Rule

from ..kinds import KINDS
from ..models import OFFERINGS_EDITION, Offering

OF_A_CLERK = "服务"
SEVERAL = "看有哪些服务"
_latest: Latest[tuple, dict[str, Door]] = Latest()


@opens
def services(rule: Rule) -> Door | None:
    """One service: its page. Several: the list of them."""
    return doors_on(timezone.localdate()).get(rule.code)


def doors_on(day: date) -> dict[str, Door]:
    """``{code of a benefit: door}`` of what is published on ``day``. Read once an edition of the offerings and day."""
    return _latest.of((Edition.objects.current(OFFERINGS_EDITION), day), _read)


def _read() -> dict[str, Door]:
    by_benefit = {}
    for benefit, code, kind in Offering.objects.shown().values_list("benefit__code", "code", "kind"):
        by_benefit.setdefault(benefit, []).append((code, kind))
    return {benefit: _door(benefit, rows) for benefit, rows in by_benefit.items()}


def _door(benefit, rows) -> Door:
    if len(rows) == 1:
        [(code, kind)] = rows
        return Door(KINDS[kind].door, reverse("service", args=[code]))
    return Door(SEVERAL, f"{reverse('services')}?benefit={benefit}")


@assisting.doors
def of_a_clerk(row) -> list[dict]:
    """What a clerk may ask for on behalf of whoever is in front of them. What an institution may be let know of a shop
    only its operator says, so that is not among it."""
    asked = [key for key, kind in KINDS.items() if kind.procedure is not None and kind.legs != "several"]
    rows = Offering.objects.shown().filter(kind__in=asked).order_by("title").values_list("title", "code")
    return [
        {"title": title, "url": reverse("service-ask", args=[code]), "group": OF_A_CLERK}
        for title, code in rows
    ]
