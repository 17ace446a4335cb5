"""/jobs/work/: somebody who looks for work: their card, what fits, and the phone of whoever they talk to."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from cases.pages.case import version_seen
from cases.pages.listing import waits_for
from cases.pages.owners import for_owners, status_for, words_of
from cases.pages.view import status_of
from core.errors import Invalid, Refused

from .. import phones, working
from ..models import ContactCase, JobMatch, Post, Worker
from ..settings import figure
from . import fields
from .cards import post_card


@for_owners
@require_safe
def work(request) -> HttpResponse:
    """What fits whoever looks; the form for whoever has no card yet."""
    card = Worker.objects.visible_to(request.user).first()
    if card is None:
        return redirect("work-card")
    today = timezone.localdate()
    rows = JobMatch.objects.filter(
        worker=card, for_worker=True, post__state=Post.State.OPEN, post__until_on__gte=today
    )
    rows = rows.select_related("post__business").order_by("-day_fen", "post")[: figure("best_posts")]
    context = {
        "worker": card,
        "is_looking": card.state == Worker.State.LOOKING and card.looking_until >= today,
        "cards": [post_card(row.post, card, today) for row in rows],
        "contacts": _contacts(request.user, today),
    }
    return render(request, "jobs/work.html", context)


def _contacts(user, today) -> list[dict]:
    rows = ContactCase.objects.filter(asker=user, contact__is_open=True).order_by("-pk")[:20]
    rows = rows.select_related(
        "contact__post", "contact__worker", "business", "benefit_version", "department"
    )
    return [
        {
            "id": row.public_id,
            "title": row.title,
            "status": status_of(row, today, waits=waits_for(user, row)),
        }
        for row in rows
    ]


@for_owners
def card(request) -> HttpResponse:
    """What one does, where, when."""
    row, problem = Worker.objects.visible_to(request.user).first(), None
    typed = fields.typed_worker(row) if row else {"hours": 8}
    if request.method == "POST":
        typed = request.POST
        try:
            seen = version_seen(request) if row else None
            working.look_for_work(request.user, request.POST, expected_version=seen)
            messages.success(request, "记下了，下面是合适的活。")
            return redirect("work")
        except (Invalid, Refused) as refusal:
            problem = refusal
    form = fields.Form(typed, getattr(problem, "faults", ()))
    context = {
        "heading": "我要找活",
        "worker": row,
        "sections": fields.worker_sections(form),
        "version": Worker.objects.get(pk=row.pk).version if row else "",
        "errors": form.errors or ([{"anchor": "main", "message": words_of(problem)}] if problem else []),
        "button": "保存",
    }
    return render(request, "jobs/form.html", context, status=status_for(problem))


@for_owners
@require_POST
def looking(request) -> HttpResponse:
    """Still looking, or no longer."""
    row = get_object_or_404(Worker.objects.visible_to(request.user))
    if request.POST.get("stop"):
        working.stop(row)
        messages.success(request, "不找了，店里看不到您了。")
    else:
        working.prolong(row)
        messages.success(request, "接着找，有合适的活会排在这里。")
    return redirect("work")


@for_owners
@require_POST
def phone(request, public_id) -> HttpResponse:
    """The number of the other side, once both talk; each look is written down."""
    rows = ContactCase.objects.visible_to(request.user).select_related("business", "contact__post__by")
    case = get_object_or_404(rows.select_related("contact__worker__user"), public_id=public_id)
    try:
        number = phones.phone_of_other(request.user, case)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("case", public_id=public_id)
    response = render(request, "jobs/phone.html", {"case": case, "number": number})
    response["Cache-Control"] = "no-store"
    return response
