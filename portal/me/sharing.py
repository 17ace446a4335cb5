"""信息授权: which institutions may read what of one's shops, when they did, and taking it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent
from businesses import sharing
from businesses.models import Sharing
from cases.pages.owners import for_owners
from core.errors import Refused
from services.models import Leg


@for_owners
def sharings(request) -> HttpResponse:
    """All of one's own, those that can still be used first."""
    rows = list(Sharing.objects.visible_to(request.user).select_related("receiver", "business"))
    seen, cases = _reads_of(rows), _cases_of(rows)
    cards = [_card(row, seen.get(row.pk, []), cases.get(row.pk, "")) for row in rows]
    return render(request, "me/sharing.html", {"cards": sorted(cards, key=lambda card: bool(card["ended"]))})


def _reads_of(rows) -> dict[int, list]:
    """``{id: [(when, which institution)]}``, the newest first."""
    subjects, found = {f"sharing {row.pk}": row.pk for row in rows}, {}
    events = AccessEvent.objects.filter(action=sharing.READ, subject__in=subjects)
    for event in events.select_related("department"):
        name = event.department.name if event.department else ""
        found.setdefault(subjects[event.subject], []).append({"at": event.at, "who": name})
    return found


def _cases_of(rows) -> dict[int, str]:
    """``{id: address of the case it was given for}``."""
    pairs = Leg.objects.filter(sharing__in=[row.pk for row in rows])
    return {
        pk: reverse("case", args=[public_id])
        for pk, public_id in pairs.values_list("sharing", "request__case__public_id")
    }


def _card(row, reads, case_url) -> dict:
    return {
        "pk": row.pk,
        "receiver": row.receiver.name,
        "shop": row.business.name,
        "purpose": row.purpose,
        "labels": "、".join(sharing.labels_of(row.facts)),
        "until": row.until,
        "used": row.used,
        "uses": row.uses,
        "given_on": timezone.localdate(row.given_at),
        "ended": sharing.ended_because(row),
        "may_revoke": row.revoked_at is None and not sharing.ended_because(row),
        "delete_by": sharing.delete_by(row),
        "reads": reads,
        "case_url": case_url,
    }


@for_owners
def revoke(request, pk) -> HttpResponse:
    """POST: take it back."""
    row = get_object_or_404(Sharing.objects.visible_to(request.user), pk=pk)
    if request.method == "POST":
        try:
            sharing.revoke(row, by=request.user)
            messages.success(request, "授权撤回了，马上生效。")
        except Refused as refusal:
            messages.error(request, str(refusal))
    return redirect("me-sharing")
