"""The first account: begun by whoever runs the server, finished within an hour in a browser, with password and second
factor at once. Only while no administrator stands."""

import base64

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, clear_totp_secret
from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic.edit import FormView

from core.errors import Refused

from .access import record
from .models import User
from .signing_in.forms import FirstAdminForm, shown

LASTS = 60 * 60  # seconds
_SALT = "accounts.first_admin"


def begin(name: str) -> str:
    """The token of a link with which ``name`` becomes the administrator. Raises Refused where there is one already."""
    with transaction.atomic():
        if _standing().exists():
            raise Refused("已经有管理员了。请他在后台“用户”里添加别的人。")
        user, created = User.objects.get_or_create(
            username=name, defaults={"is_staff": True, "is_superuser": True}
        )
        if created:
            user.set_unusable_password()
            user.save(update_fields=["password"])
        elif not user.is_superuser:
            raise Refused(f"“{name}”已经是别人的登录名，请换一个。")
        record(None, "first_admin_begun", f"user {user.pk}")
    return signing.dumps([user.pk, user.password], salt=_SALT)


def _standing():
    """Administrators who can sign in."""
    return User.objects.filter(is_superuser=True, is_active=True).exclude(password__startswith="!")  # noqa: S106


def _user_of(token):
    """Whom a link is for, as long as it is good: an hour, and until it was used. Raises Http404."""
    try:
        pk, password = signing.loads(token, salt=_SALT, max_age=LASTS)
    except signing.BadSignature:
        raise Http404 from None
    user = User.objects.filter(pk=pk, password=password, is_superuser=True, is_active=True).first()
    if user is None or _standing().exists():
        raise Http404
    return user


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class FirstAdminView(FormView):
    template_name = "accounts/first_admin.html"
    form_class = FirstAdminForm

    def dispatch(self, request, *args, token, **kwargs):
        self.user = _user_of(token)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict:
        return {**super().get_form_kwargs(), "user": self.user}

    def get_context_data(self, **kwargs) -> dict:
        context = super().get_context_data(**kwargs)
        secret, adapter = context["form"].secret, get_adapter()
        picture = adapter.build_totp_svg(adapter.build_totp_url(self.user, secret)).encode()
        groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
        return {
            **context,
            **shown(context["form"], password="至少 9 个字，不要用单位名、生日这类好猜的。"),  # noqa: S106 - a hint
            "name": self.user.username,
            "secret": groups,
            "totp_svg_data_uri": f"data:image/svg+xml;base64,{base64.b64encode(picture).decode()}",
        }

    def form_valid(self, form) -> HttpResponse:
        with transaction.atomic():
            user = User.objects.select_for_update().get(pk=self.user.pk)
            if user.password != self.user.password:
                raise Http404
            user.set_password(form.cleaned_data["password"])
            user.save(update_fields=["password"])
            Authenticator.objects.filter(user=user).delete()
            TOTP.activate(user, form.secret)
            RecoveryCodes.activate(user)
            record(user, "first_admin_set", f"user {user.pk}")
        clear_totp_secret(self.request)
        messages.success(self.request, "管理员已经设好，请登录。登录后在“登录与安全”里抄下备用码。")
        return redirect("staff-login")
