"""/inbox/: what somebody signed in was told, one message, and what they do with it. Staff are no owners.

A message of somebody else is 404. Whoever acts for a shop by mandate reads what is about it and changes nothing.
"""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from businesses.models import bound_by, operators_of
from core.addresses import is_own_path, next_of
from core.calendar_file import Entry, calendar_of, download
from core.errors import Invalid, Refused

from .. import actions
from ..models import Letter, Notification, OptOut
from . import cards, reading

DISMISSED = "以后不再告诉您这一项。"


def for_owners(view):
    """A page for somebody signed in who is no staff."""

    @wraps(view)
    def inside(request, *args, **kwargs):
        if request.user.is_staff:
            raise PermissionDenied("工作人员没有消息。店主用手机号登录。")
        return view(request, *args, **kwargs)

    return login_required(inside)


def _message(request, pk) -> Notification:
    rows = Notification.objects.visible_to(request.user).select_related("business", "benefit", "run")
    return get_object_or_404(rows, pk=pk)


@for_owners
@require_safe
def listing(request) -> HttpResponse:
    """Cards by day, 20 a page; ``unread``: only what has not been opened."""
    unread, before = request.GET.get("unread") == "1", request.GET.get("before", "")
    try:
        page = cards.page_of(request.user, unread=unread, before=before or None)
    except ValueError:
        raise Http404 from None
    context = {
        "days": [{"day": day, "cards": cards} for day, cards in page.days],
        "unread": unread,
        "unread_count": count_label(cards.unread_of(request)),
        "is_first": not before,
        "next_url": _next_url(page, unread),
        "asks": asks_for_push(request.user),
        "stopped": actions.is_stopped(request.user),
        "has_shop": bool(bound_by(request.user)),
    }
    return render(request, "inbox/list.html", context)


def _next_url(page, unread) -> str:
    if page.next is None:
        return ""
    return f"{reverse('inbox')}?{'unread=1&' if unread else ''}before={page.next}"


def count_label(count: int) -> str:
    """How a number of unread messages is written; empty for none."""
    if count > cards.MOST_COUNTED:
        return f"{cards.MOST_COUNTED}+"
    return str(count) if count else ""


def asks_for_push(user) -> bool:
    """Whether the choice about pushes is still to be put before this person: they have a shop and have not answered."""
    return not user.is_staff and bool(operators_of(user)) and not actions.has_answered(user)


@for_owners
@require_safe
def message(request, pk):
    """One message: why it came, what can be had, until when, one button, and how not to hear of it again."""
    return _message_page(request, _message(request, pk))


def _message_page(request, row, problem=None) -> HttpResponse:
    message = reading.read(row, request.user)
    if message.is_mine and request.method == "GET":
        actions.open_message(row, by=request.user)
    given = request.POST.get("reason", "") if problem else ""
    context = {
        "message": message,
        "reason": message.reason,
        "amount": message.amount,
        "reasons": [
            {"value": value, "label": label, "checked": value == given, "first": place == 0}
            for place, (value, label) in enumerate(OptOut.REASONS)
        ],
        "note": request.POST.get("note", "") if problem else "",
        "errors": [
            {"anchor": fault.field, "message": fault.detail} for fault in (problem.faults if problem else ())
        ],
    }
    return render(request, "inbox/message.html", context, status=400 if problem else 200)


@for_owners
def act(request, pk) -> HttpResponse:
    """POST: go on to what the message's button leads to."""
    row = _message(request, pk)
    if request.method != "POST":
        return redirect("inbox-message", pk=pk)
    if actions.is_for(request.user, row):
        actions.act(row, by=request.user)
    target = reading.read(row, request.user).action_url
    # The words of a message are ours; still nobody is ever led off the site by one.
    if not is_own_path(target, request):
        target = reverse("policy-list")
    return redirect(target)


def _letter(request, pk) -> Letter:
    return get_object_or_404(Letter.objects.visible_to(request.user).select_related("business"), pk=pk)


@for_owners
@require_safe
def letter(request, pk) -> HttpResponse:
    """One letter: how a case goes, and one button."""
    row = _letter(request, pk)
    is_mine = actions.is_for(request.user, row)
    if is_mine and request.method == "GET":
        actions.open_message(row, by=request.user)
    return render(request, "inbox/letter.html", {"letter": row, "is_mine": is_mine})


@for_owners
def act_on_letter(request, pk) -> HttpResponse:
    """POST: go on to what the letter's button leads to, which is on this site (letters.write)."""
    row = _letter(request, pk)
    if request.method != "POST":
        return redirect("inbox-letter", pk=pk)
    if actions.is_for(request.user, row):
        actions.act(row, by=request.user)
    return redirect(row.action_path)


@for_owners
def dismiss(request, pk):
    """POST: 不感兴趣, with a reason."""
    row = _message(request, pk)
    if request.method != "POST":
        return redirect("inbox-message", pk=pk)
    try:
        actions.dismiss(row, request.POST.get("reason", ""), request.POST.get("note", ""), by=request.user)
    except Invalid as problem:
        return _message_page(request, row, problem)
    messages.success(request, DISMISSED)
    return redirect("inbox-message", pk=pk)


@for_owners
def mute(request, pk) -> HttpResponse:
    """POST: 不再提醒这类消息."""
    row = _message(request, pk)
    if request.method != "POST":
        return redirect("inbox-message", pk=pk)
    actions.mute(row, by=request.user)
    messages.success(request, f"以后不再告诉您“{row.get_kind_display()}”这类消息。")
    return redirect("inbox-message", pk=pk)


@for_owners
def undo(request, pk) -> HttpResponse:
    """POST: take a silence back, and return to where it was undone."""
    if request.method != "POST":
        return redirect("inbox-preferences")
    silence = get_object_or_404(actions.silences_of(request.user), pk=pk)
    try:
        actions.undo(silence, by=request.user)
        messages.success(request, "恢复好了。以后有变化会告诉您。")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(next_of(request) or "inbox-preferences")


@for_owners
@require_safe
def calendar(request, pk):
    """The day that matters today, for the calendar of a phone. 404 where none does."""
    row = _message(request, pk)
    message = reading.read(row, request.user)
    if message.comes_on is None:
        raise Http404
    text = f"{message.words.sentence}\n以“政策直通车”上的最新信息为准。不收费。咨询电话 12345。"
    entry = Entry(
        uid=f"message-{row.pk}@{request.get_host()}",
        title=message.calendar_title,
        url=request.build_absolute_uri(reverse("inbox-message", args=[row.pk])),
        begins=message.comes_on,
        text=text,
    )
    return download(calendar_of([entry], row.created_at), f"policy-{row.pk}.ics")
