"""What is sent to somebody, where, and how to stop it: the settings under /inbox/preferences/, and /stop/<token>/."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from accounts.actions import has_agreed
from accounts.models import User
from core.addresses import next_of
from core.errors import Invalid, Refused

from .. import actions
from ..inbox.pages import asks_for_push, for_owners
from ..models import CHANNELS, Change
from . import addresses
from .delivery_terms import delivery_terms
from .preferences import choices_of, read_stop_token, set_choice, stop

ASKED = "email_code"
CHANNEL_LABELS = dict(CHANNELS)
EXPLAINED = {
    Change.NEW: "有一项现在可以享受了",
    Change.SOON: "有一项过些日子就可以",
    Change.AMOUNT: "能领的钱变多或变少了",
    Change.ENDED: "有一项不再符合",
    Change.REMINDER: "快到能办的日子，或快截止",
}


@for_owners
def preferences(request):
    """Channels and kinds, the e-mail address, what is silenced, and the switch for everything."""
    if request.method == "POST":
        return _keep_choices(request)
    return _page(request)


def _page(request, problem=None, *, about="") -> HttpResponse:
    user, places = request.user, addresses.places_of(request.user)
    email = _email(request)
    stopped = actions.is_stopped(user)
    context = {
        "agreed": has_agreed(user, "push") and not stopped,
        "stopped": stopped,
        "asks": asks_for_push(user),
        "phone": user.masked_phone,
        "terms": _terms(),
        "places": [_place(place) for place in places],
        "email": email,
        "fields": _fields(request, problem, email, about),
        "errors": _errors(problem, about),
        "kinds": _kinds(user, places),
        "silences": [_silence(row) for row in actions.silences_of(user) if row.benefit_id or row.kind],
    }
    status = 200 if problem is None else 400 if isinstance(problem, Invalid) else 409
    return render(request, "inbox/preferences.html", context, status=status)


def _terms() -> dict:
    """What is promised of each channel and of the night, as the settings have it."""
    hours = settings.QUIET_HOURS
    return {
        "channels": [
            {"label": label, "a_month": delivery_terms().channels[channel].a_month}
            for channel, label in CHANNELS
        ],
        "quiet": f"{_clock(hours[0])}到{_clock(hours[1])}" if hours else "",
    }


def _clock(moment):
    """“早上 8 点”, “晚上 9 点 30 分”."""
    part, hour = ("晚上", moment.hour - 12) if moment.hour >= 18 else ("早上", moment.hour)
    return f"{part} {hour} 点" + (f" {moment.minute} 分" if moment.minute else "")


def _place(place) -> dict:
    unknown = "还没有填" if place.channel == "email" else "还没接通"
    waits = place.channel == "email" and place.where and not place.is_reachable
    return {
        "label": place.label,
        "where": place.where or unknown,
        "note": "还没确认" if waits else "",
        "stopped": place.stopped and place.is_reachable,
    }


def _email(request) -> dict:
    """The address as the page shows it; ``waiting``: a code has been sent and not been given back."""
    reach = addresses.email_of(request.user)
    if reach is None:
        return {"address": "", "confirmed": False, "waiting": False}
    return {
        "address": addresses.masked(reach.address.reveal()),
        "confirmed": reach.confirmed_at is not None,
        "waiting": reach.confirmed_at is None and ASKED in request.session,
    }


def _fields(request, problem, email, about) -> dict:
    asks_code = email["waiting"] and about != "email"
    name = "code" if asks_code else "email"
    said = ""
    if problem is not None and about == name:
        said = str(problem) if isinstance(problem, Refused) else problem.faults[0].detail
    field = {
        "name": name,
        "label": "邮件里的验证码" if asks_code else "邮箱",
        "hint": "6 位数字，30 分钟内有效。" if asks_code else "只用来发政策消息。例如 name@example.cn。",
        "value": request.POST.get("email", "") if problem is not None and name == "email" else "",
        "type": "text" if asks_code else "email",
        "inputmode": "numeric" if asks_code else "email",
        "autocomplete": "one-time-code" if asks_code else "email",
        "error": said,
    }
    return {"address": field, "asks_code": asks_code}


def _errors(problem, about) -> list:
    if problem is None:
        return []
    if isinstance(problem, Refused):
        return [{"anchor": about, "message": str(problem)}]
    return [{"anchor": about, "message": fault.detail} for fault in problem.faults]


def _kinds(user, places) -> list:
    """For each kind of change a checkbox on every channel that reaches the person."""
    chosen = choices_of(user)
    return [
        {
            "label": kind.label,
            "text": EXPLAINED[kind],
            "choices": [
                {
                    "id": f"{place.channel}-{kind.value}",
                    "label": place.label,
                    "checked": chosen[place.channel, kind.value],
                }
                for place in places
                if place.is_reachable
            ],
        }
        for kind in Change
    ]


def _silence(row) -> dict:
    what = row.benefit.versions.order_by("-number").first() if row.benefit_id else None
    label = what.content.get("title", row.benefit.code) if what else row.get_kind_display()
    return {"pk": row.pk, "label": label, "is_kind": row.kind is not None, "on": row.at}


def _keep_choices(request) -> HttpResponse:
    """Of every checkbox the page showed: ticked is wanted, not ticked is not."""
    shown = {place.channel for place in addresses.places_of(request.user) if place.is_reachable}
    for (channel, kind), was in choices_of(request.user).items():
        wanted = f"{channel}-{kind}" in request.POST
        if channel in shown and wanted != was:
            set_choice(request.user, channel, kind, wanted)
    messages.success(request, "保存好了，从下一条消息起按这样发。")
    return redirect("inbox-preferences")


@for_owners
def email(request):
    """POST: give an address, prove it with the code, or take it out."""
    if request.method != "POST":
        return redirect("inbox-preferences")
    about = "code" if "code" in request.POST else "email"
    try:
        if "remove" in request.POST:
            addresses.forget(request.user)
            request.session.pop(ASKED, None)
            messages.success(request, "邮箱已经删掉，不会再往那里发邮件。")
        elif about == "code":
            addresses.count_try(request.user)
            addresses.confirm(request.user, request.session.get(ASKED), request.POST["code"])
            request.session.pop(ASKED, None)
            messages.success(request, "邮箱确认好了。")
        else:
            request.session[ASKED] = addresses.ask_for_code(request.user, request.POST.get("email", ""))
            messages.success(request, "验证码发到邮箱了，请填在下面。")
    except (Invalid, Refused) as problem:
        return _page(request, problem, about=about)
    return redirect("inbox-preferences")


@for_owners
def consent(request) -> HttpResponse:
    """POST: the answer to whether policies are to be pushed. Nothing is ticked beforehand or taken as yes."""
    if request.method != "POST":
        return redirect("inbox-preferences")
    answer = request.POST.get("push", "")
    try:
        if answer == "yes":
            actions.turn_on(request.user)
            messages.success(request, "推送打开了。发什么、怎么发，都可以在“推送设置”里改。")
        elif answer == "no":
            actions.decline(request.user)
            messages.success(request, "记下了：不发短信和邮件，消息只放在站内。")
        else:
            messages.warning(request, "请先选一项，要或者不要都可以。")
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect(next_of(request) or "inbox")


@for_owners
def stop_all(request) -> HttpResponse:
    """POST: nothing is sent any more, and nothing written to the inbox."""
    if request.method == "POST":
        actions.stop_all(request.user)
        messages.success(request, "推送全部停了。以后想要，随时可以重新打开。")
    return redirect("inbox-preferences")


# Without signing in


@csrf_exempt  # the token is the proof; mail programs POST here with no cookie (RFC 8058)
@never_cache
def stop_page(request, token) -> HttpResponse:
    """Stop one channel at once, from the link in a message. GET only shows whom it concerns: programs look at links."""
    meant = read_stop_token(token)
    user = User.objects.filter(pk=meant[0], is_active=True).first() if meant else None
    if user is None:
        return render(request, "inbox/stop.html", {"state": "unknown", "channel": "", "whom": ""}, status=404)
    channel = meant[1]
    state = "asked"
    if request.method == "POST":
        stop(user.pk, channel)
        state = "stopped"
    context = {"state": state, "channel": CHANNEL_LABELS[channel], "whom": _whom(user, channel)}
    return render(request, "inbox/stop.html", context)


def _whom(user, channel):
    """The number or address in masked form: whoever forwards the message shows no more than that."""
    if channel != "email":
        return user.masked_phone
    reach = addresses.email_of(user)
    return addresses.masked(reach.address.reveal()) if reach else user.masked_phone
