"""Where allauth asks this product: who a client is, how often it may try, where it goes next, and in what words."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core.addresses import is_own_path
from core.encryption import decrypt, encrypt
from core.errors import Refused

from . import limits
from .sessions import proved_recently

WRONG = "登录名或密码不对，请再核对一遍"
MESSAGES = {
    "account/messages/logged_out.txt": "您已退出登录。",
    "mfa/messages/totp_activated.txt": "第二重验证已打开。",
    "mfa/messages/totp_deactivated.txt": "第二重验证已关闭。",
    "mfa/messages/recovery_codes_generated.txt": "备用码已生成，请抄下来收好。",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG,
        "incorrect_password": "密码不对，请再试一次",
    }

    def is_open_for_signup(self, request) -> bool:
        return False

    def get_client_ip(self, request):
        found = limits.place(request)
        return "0.0.0.0" if found == "unknown" else found.partition("/")[0]  # noqa: S104 - from nowhere, not to all

    def get_login_stages(self) -> list:
        return ["allauth.mfa.stages.AuthenticateStage"]

    def get_login_redirect_url(self, request):
        return reverse("admin:index" if request.user.is_staff else "me")

    def get_logout_redirect_url(self, request):
        return reverse("home")

    def is_safe_url(self, url):
        return is_own_path(url or "", self.request)

    def respond_user_inactive(self, request, user) -> HttpResponse:
        return redirect("account_inactive")

    def authenticate(self, request, **credentials):
        name = credentials["username"]
        try:
            limits.count_password_try(name, request)
        except Refused as refusal:
            raise ValidationError(str(refusal)) from None
        user = super().authenticate(request, **credentials)
        if user:
            limits.password_was_right(name, request)
        return user

    def pre_authenticate(self, request, **credentials) -> None:
        """Counted above. allauth's own counter is switched off and would only build its key."""

    def is_reauthentication_required(self, *, app, **kwargs) -> bool:
        return not proved_recently(self.request)

    def add_message(
        self, request, level, message_template=None, message_context=None, extra_tags="", message=None
    ) -> None:
        """Only what is worth saying, in our words."""
        message = message or MESSAGES.get(message_template)
        if message:
            super().add_message(request, level, extra_tags=extra_tags, message=message)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are kept encrypted like every other secret of the product."""

    _COLUMN = "mfa.authenticator.data"
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "验证码不对，请看手机上现在的数字",
        "cannot_generate_recovery_codes": "请先打开第二重验证",
    }

    def encrypt(self, text):
        return encrypt(text, self._COLUMN)

    def decrypt(self, encrypted_text):
        return decrypt(encrypted_text, self._COLUMN)

    def get_totp_label(self, user):
        return user.username

    def get_totp_issuer(self) -> str:
        return "政策直通车"
