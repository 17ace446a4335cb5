"""One's own data: what was agreed to, a copy of what is held, leaving."""

from functools import wraps
from tempfile import TemporaryFile
from zipfile import ZipFile

from allauth.account.internal.flows.logout import logout as end_session
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from core import own_data
from core.errors import Invalid, Refused

from . import actions
from .access import record
from .models import Consent
from .signing_in.forms import CloseForm, LastSixForm
from .signing_in.pages import answer, recently_proved


@login_required
def my_data(request):
    """What was agreed to and when; taking it back, downloading, closing."""
    if request.method == "POST":
        return _change_agreement(request)
    given = {row.kind: row for row in Consent.objects.visible_to(request.user).filter(withdrawn_at=None)}
    agreements = [
        {"kind": kind, "label": label, "given_at": given[kind].given_at if kind in given else None}
        for kind, label in Consent.KINDS
    ]
    return render(request, "accounts/my_data.html", {"agreements": agreements})


def _change_agreement(request) -> HttpResponse:
    kind = request.POST.get("kind", "")
    if kind not in dict(Consent.KINDS):
        raise Http404
    if "agree" in request.POST:
        actions.agree(request.user, kind)
        messages.success(request, "已记下您的同意。")
        return redirect("my-data")
    try:
        kept = actions.withdraw(request.user, kind)
    except Refused as refusal:
        messages.warning(request, f"{refusal}。")
        return redirect("my-data")
    if kind == "service" and not request.user.is_staff:
        end_session(request, show_message=False)
        messages.success(request, "已撤回同意，并退出登录。再登录就是再次同意。")
        return redirect("home")
    messages.success(request, "已撤回同意。")
    _say_what_stays(request, kept)
    return redirect("my-data")


def _say_what_stays(request, kept) -> None:
    """Only what was kept on the ground of the agreement is of interest: the rest is in the list on the page."""
    for row in kept:
        messages.info(request, f"按法律留下：{row.what}，{row.until_text}。依据{row.law}。")


def identity_shown(view):
    """Asks for the end of the identity number first, where a copy would tell the whole."""

    @sensitive_post_parameters()
    @wraps(view)
    def asked_first(request, *args, **kwargs):
        form = LastSixForm(request.POST or None)
        if not own_data.asks_for_identity(request.user):
            return view(request, *args, **kwargs)
        if request.method == "POST" and form.is_valid():
            try:
                own_data.check_identity(request.user, form.cleaned_data["last_six"])
            except (Refused, Invalid) as problem:
                form.add_error("last_six", str(problem))
            else:
                return view(request, *args, **kwargs)
        return answer(request, "accounts/copy.html", form, {})

    return asked_first


@recently_proved
@identity_shown
def my_data_file(request):
    record(request.user, "own_data_downloaded", f"user {request.user.pk}")
    response = JsonResponse(
        {"made_at": timezone.now()} | own_data.everything(request.user),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )
    response.headers["Content-Disposition"] = f'attachment; filename="my-data-{timezone.localdate()}.json"'
    return response


@recently_proved
@identity_shown
def my_files(request) -> HttpResponse:
    """Everything they uploaded, as a ZIP archive."""
    record(request.user, "own_files_downloaded", f"user {request.user.pk}")
    archive = TemporaryFile()  # noqa: SIM115 - closed with the response
    with ZipFile(archive, "w") as pack:
        for name, content in own_data.files_of(request.user):
            pack.writestr(name, content)
    archive.seek(0)
    name = f"my-files-{timezone.localdate()}.zip"
    return FileResponse(archive, as_attachment=True, filename=name, content_type="application/zip")


@recently_proved
def close_account(request):
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            kept = actions.close_account(request.user, by=request.user)
        except Refused as refusal:
            form.add_error("word", str(refusal))
        else:
            end_session(request, show_message=False)
            messages.success(request, "账户已注销。以后可以用同一手机号重新登录。")
            _say_what_stays(request, kept)
            return redirect("home")
    return answer(request, "accounts/close.html", form, {"kept": own_data.kept_of(request.user)})
