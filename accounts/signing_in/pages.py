"""Signing in and out, what is signed in where, and one's own data."""

from functools import wraps

from allauth.account.internal.flows.logout import logout as end_session
from allauth.account.utils import perform_login
from allauth.account.views import LoginView
from allauth.account.views import ReauthenticateView as StockPasswordAgainView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as StockSecondFactorAgainView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import PasswordResetConfirmView
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from core.addresses import next_of, whole_number
from core.errors import Refused
from core.models import DevelopmentMessage

from .. import actions
from ..access import record
from ..models import LoginCode
from ..people_forms import NewPasswordForm
from . import codes, devices
from .forms import (
    ActivateForm,
    CodeForm,
    PasswordAgainForm,
    PhoneForm,
    SecondFactorAgainForm,
    SecondFactorForm,
    StaffLoginForm,
    shown,
)
from .sessions import (
    has_second_factor,
    must_have_second_factor,
    prove,
    proved_recently,
    proves_by_factor,
    second_factor_is_enforced,
)

# In the session: which code was asked for, why, and where to go afterwards.
ASKED = "asked_code"
TO_SIGN_IN, TO_PROVE = "sign in", "prove"


def with_next(name, target):
    """The address of ``name`` that remembers ``target``."""
    return f"{reverse(name)}?{urlencode({REDIRECT_FIELD_NAME: target})}" if target else reverse(name)


def tabs_of(request) -> list:
    """The two ways in, as templates/accounts/tabs.html shows them."""
    names = (("login", "店主"), ("staff-login", "工作人员"))
    return [
        {"label": label, "url": with_next(name, next_of(request)), "current": request.path == reverse(name)}
        for name, label in names
    ]


def answer(request, template, form, context, **hints) -> HttpResponse:
    """A page around one form; 400 where the form has faults."""
    page = context | shown(form, **hints) | {"next_target": next_of(request)}
    return render(request, template, page, status=400 if form.errors else 200)


# Owners


@sensitive_post_parameters()
@never_cache
def login(request):
    """The phone number."""
    if request.user.is_authenticated:
        return redirect(next_of(request) or _home_of(request.user))
    form = PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            code = codes.send_code(form.cleaned_data["phone"], request)
        except Refused as refusal:
            form.add_error("phone", str(refusal))
        else:
            _remember(request, code, TO_SIGN_IN, next_of(request))
            return redirect("login-code")
    return answer(request, "accounts/login.html", form, {"tabs": tabs_of(request)})


@sensitive_post_parameters()
@never_cache
def login_code(request):
    """The code: to sign in, or to prove once more who is signed in."""
    asked = request.session.get(ASKED, {})
    code = LoginCode.objects.select_related("user").filter(pk=asked.get("id")).first()
    if code is None or (asked["why"] == TO_PROVE and code.user_id != request.user.pk):
        return redirect("login")
    form = CodeForm(request.POST if "code" in request.POST else None)
    if request.method == "POST" and "code" not in request.POST:
        return _send_again(request, code, asked)
    if request.method == "POST" and form.is_valid():
        try:
            user = codes.check_code(code.pk, form.cleaned_data["code"], request)
        except Refused as refusal:
            form.add_error("code", str(refusal))
        else:
            del request.session[ASKED]
            return _code_was_right(request, user, asked)
    context = {"phone": code.user.masked_phone, "to_prove": asked["why"] == TO_PROVE}
    hint = f"已发到 {code.user.masked_phone}，{LoginCode.VALID.seconds // 60} 分钟内有效。"
    return answer(request, "accounts/login_code.html", form, context, code=hint)


def _send_again(request, code, asked) -> HttpResponse:
    voice = "voice" in request.POST
    try:
        fresh = codes.send_code(code.user.phone.reveal(), request, voice=voice)
    except Refused as refusal:
        messages.warning(request, f"{refusal}。")
    else:
        _remember(request, fresh, asked["why"], asked["next"])
        messages.success(request, "马上有电话播报验证码，请接听。" if voice else "新的验证码已经发出。")
    return redirect("login-code")


def _remember(request, code, why, target) -> None:
    request.session[ASKED] = {"id": str(code.pk), "why": why, "next": target}


def _code_was_right(request, user, asked):
    if asked["why"] == TO_PROVE:
        prove(request)
        return redirect(asked["next"] or "my-data")
    if user.is_staff:  # a code alone is not enough for them
        messages.warning(request, "您是工作人员，请用登录名和密码登录。")
        return redirect(with_next("staff-login", asked["next"]))
    return perform_login(request, user, redirect_url=asked["next"] or None)


@never_cache
def inactive(request) -> HttpResponse:
    return render(request, "accounts/inactive.html", status=403)


@require_POST
def logout(request) -> HttpResponse:
    end_session(request)
    return redirect("home")


def _home_of(user):
    return reverse("admin:index" if user.is_staff else "me")


# Staff


class StaffLoginView(LoginView):
    template_name = "accounts/staff_login.html"

    def get_form_class(self):
        return StaffLoginForm

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return context | {"tabs": tabs_of(self.request), "enforced": second_factor_is_enforced()}

    def render_to_response(self, context, **kwargs):
        return answer(self.request, self.template_name, context["form"], context)


def admin_login(request, extra_context=None) -> HttpResponse:
    """Instead of the admin's own sign-in page, which knows no second factor."""
    if not request.user.is_authenticated:
        return redirect(with_next("staff-login", next_of(request) or reverse("admin:index")))
    if not request.user.is_staff:
        raise PermissionDenied
    return redirect("admin:index")


def for_staff(view):
    """Second factors are for staff. An owner who set one up in a stolen session would lock the real one out."""

    @login_required
    @wraps(view)
    def for_staff_only(request, *args, **kwargs):
        if not request.user.is_staff:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return for_staff_only


class _OurPage:
    """Shows allauth's form on our page: the form's rows instead of its widgets."""

    def render_to_response(self, context, **kwargs):
        return answer(self.request, self.template_name, context["form"], context)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class SecondFactorView(_OurPage, AuthenticateView):
    template_name = "accounts/second_factor.html"

    def get_form_class(self):
        return SecondFactorForm


class PasswordAgainView(_OurPage, StockPasswordAgainView):
    template_name = "accounts/prove_by_password.html"

    def dispatch(self, request, *args, **kwargs):
        if proves_by_factor(request.user):
            return redirect(with_next("mfa_reauthenticate", next_of(request)))
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self):
        return PasswordAgainForm


class SecondFactorAgainView(_OurPage, StockSecondFactorAgainView):
    template_name = "accounts/prove_by_factor.html"

    def get_form_class(self):
        return SecondFactorAgainForm


class ActivateView(_OurPage, ActivateTOTPView):
    template_name = "accounts/factor_activate.html"

    def get_form_class(self):
        return ActivateForm

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        secret = context["form"].secret
        groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
        return context | {"secret": groups, "enforced": must_have_second_factor(self.request.user)}


class DeactivateView(DeactivateTOTPView):
    template_name = "accounts/factor_deactivate.html"


class RecoveryCodesView(ViewRecoveryCodesView):
    template_name = "accounts/recovery_codes.html"


class NewRecoveryCodesView(GenerateRecoveryCodesView):
    template_name = "accounts/recovery_codes_new.html"


class PasswordLinkView(PasswordResetConfirmView):
    """Somebody of the staff sets the password of their account, by a link that was sent to them."""

    form_class = NewPasswordForm
    template_name = "accounts/password_link.html"
    success_url = reverse_lazy("staff-login")

    def get_user(self, uidb64):
        user = super().get_user(uidb64)
        return user if user and user.is_staff and user.is_active else None

    def form_valid(self, form):
        response = super().form_valid(form)
        actions.end_sessions(self.user)
        record(self.user, "password_set", f"user {self.user.pk}")
        messages.success(self.request, "密码已保存，请登录。")
        return response

    def render_to_response(self, context, **kwargs):
        if not context["validlink"]:
            return render(self.request, self.template_name, {"validlink": False, "errors": []}, status=404)
        return answer(self.request, self.template_name, context["form"], {"validlink": True})


# Everybody signed in


@login_required
def security(request):
    """Where this account is signed in; each sign-in can be ended."""
    if request.method == "POST":
        return _end_sessions(request)
    devices.remember(request)
    current = devices.current(request).values_list("pk", flat=True).first()
    context = {
        "sessions": [
            {
                "id": row.pk,
                "device": _device(row.user_agent),
                "ip": row.ip,
                "began": row.created_at,
                "seen": row.last_seen_at,
                "current": row.pk == current,
            }
            for row in devices.standing(request.user)
        ],
        "has_second_factor": has_second_factor(request.user),
    }
    return render(request, "accounts/security.html", context)


def _end_sessions(request) -> HttpResponse:
    others = UserSession.objects.filter(user=request.user).exclude(
        pk__in=devices.current(request).values("pk")
    )
    chosen = request.POST.get("session", "")
    if chosen != "others":
        others = others.filter(pk=whole_number(chosen))
    if ended := devices.end(others):
        messages.success(request, f"已退出 {ended} 处登录。")
    else:
        messages.warning(request, "没有要退出的登录，可能已经退出了。")
    return redirect("security")


def _device(user_agent) -> str:
    """What a person would call it."""
    if "MicroMessenger" in user_agent:
        return "微信"
    return "手机或平板" if "Mobile" in user_agent or "Android" in user_agent else "电脑"


def recently_proved(view):
    """Asks for a fresh code or password first, unless the sign-in is younger than ten minutes."""

    @login_required
    @wraps(view)
    def asked_first(request, *args, **kwargs):
        if not proved_recently(request):
            return redirect(with_next("prove", request.get_full_path()))
        return view(request, *args, **kwargs)

    return asked_first


@login_required
@never_cache
def prove_again(request) -> HttpResponse:
    """Offer a code to the person's own phone; staff are asked for their password or second factor."""
    target = next_of(request)
    if request.user.is_staff or not request.user.phone:  # a code alone is not enough for staff
        return redirect(with_next("account_reauthenticate", target or reverse("my-data")))
    if request.method == "POST":
        try:
            code = codes.send_code(request.user.phone.reveal(), request)
        except Refused as refusal:
            messages.warning(request, f"{refusal}。")
        else:
            _remember(request, code, TO_PROVE, target)
            return redirect("login-code")
    context = {"phone": request.user.masked_phone, "next_target": target}
    return render(request, "accounts/prove.html", context)


def outbox(request) -> HttpResponse:
    """What would have been sent, for whoever develops."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "accounts/outbox.html", {"sent": DevelopmentMessage.objects.all()[:50]})
