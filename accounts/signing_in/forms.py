"""Forms for signing in, and how our pages show the fields of any form."""

import unicodedata

from allauth.account.forms import LoginForm
from allauth.account.forms import ReauthenticateForm as StockReauthenticateForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from core.errors import Refused

from ..phones import normal_phone
from . import codes, limits
from .adapter import WRONG


def shown(form, **hints) -> dict:
    """What components/text_field.html and components/error_summary.html need: ``{"fields": …, "errors": …}``.

    ``hints``: a sentence under the label, by field. Errors of the whole form lead to its first field.
    """
    rows, errors = [], []
    for bound in form.visible_fields():
        attributes = bound.field.widget.attrs
        rows.append(
            {
                "name": bound.html_name,
                "label": bound.label,
                "hint": hints.get(bound.name, ""),
                "error": bound.errors[0] if bound.errors else "",
                "type": bound.field.widget.input_type,
                # A secret or a code is never sent back to the page.
                "value": bound.value() or "" if attributes.get("data-keep") else "",
                "inputmode": attributes.get("inputmode", "text"),
                "autocomplete": attributes.get("autocomplete", "off"),
            }
        )
        if bound.errors:
            errors.append({"anchor": bound.html_name, "message": bound.errors[0]})
    whole = [{"anchor": rows[0]["name"], "message": message} for message in form.non_field_errors()]
    return {"fields": rows, "errors": whole + errors}


def _text(label, autocomplete, *, empty, inputmode="text", keep=False, widget=forms.TextInput):
    attributes = {"autocomplete": autocomplete, "inputmode": inputmode} | ({"data-keep": "1"} if keep else {})
    return forms.CharField(
        label=label,
        max_length=200,
        widget=widget(attributes),
        error_messages={"required": empty, "max_length": "太长了，请再核对一遍"},
    )


def _code_field(label="验证码"):
    return _text(label, "one-time-code", empty="请填写验证码", inputmode="numeric")


class PhoneForm(forms.Form):
    phone = _text("手机号", "tel", empty="请填写手机号", inputmode="tel", keep=True)

    def clean_phone(self):
        try:
            return normal_phone(self.cleaned_data["phone"])
        except Refused as refusal:
            raise ValidationError(str(refusal)) from None


class CodeForm(forms.Form):
    code = _code_field()


class CloseForm(forms.Form):
    WORD = "注销"

    word = _text(f"请填写“{WORD}”两个字", "off", empty=f"请填写“{WORD}”两个字", keep=True)

    def clean_word(self):
        if self.cleaned_data["word"].strip() != self.WORD:
            raise ValidationError(f"请填写“{self.WORD}”两个字")
        return self.cleaned_data["word"]


class LastSixForm(forms.Form):
    """Before a copy of one's data. Read by the verb, which also says what is wrong."""

    last_six = _text("经营者身份证号的后 6 位", "off", empty="请填身份证号的后 6 位")


class StaffLoginForm(LoginForm):
    """Name and password. Whoever is not staff is told the same as whoever has no account."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = _text("登录名", "username", empty="请填写登录名", keep=True)
        self.fields["password"] = _text(
            "密码", "current-password", empty="请填写密码", widget=forms.PasswordInput
        )

    def clean(self):
        cleaned = super().clean()
        if self.user and not self.user.is_staff:
            raise ValidationError(WRONG)
        return cleaned


class PasswordAgainForm(StockReauthenticateForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = _text(
            "密码", "current-password", empty="请填写密码", widget=forms.PasswordInput
        )


class PhoneCodeAgainForm(CodeForm):
    """A code sent to the phone of whoever is signed in. Only the session that asked for it can try it."""

    _SENT = "proof_code"

    def __init__(self, *args, request, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def remember(self, code) -> None:
        """The code to try from now on."""
        self.request.session[self._SENT] = str(code.pk)

    @property
    def was_sent(self) -> bool:
        return self._SENT in self.request.session

    def clean_code(self):
        sent = self.request.session.get(self._SENT)
        try:
            if codes.check_code(sent, self.cleaned_data["code"], self.request) != self.request.user:
                raise Refused("验证码过期了，请重新获取")
        except Refused as refusal:
            raise ValidationError(str(refusal)) from None
        del self.request.session[self._SENT]
        return self.cleaned_data["code"]


class _LimitedCode(forms.Form):
    """Counts tries in the database, and takes each code once across all processes."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field("动态验证码或备用码")

    def clean_code(self):
        self.cleaned_data["code"] = _plain(self.cleaned_data["code"])
        try:
            limits.count_second_factor_try(self.user)
            code = super().clean_code()
            limits.second_factor_was_right(self.user, code)
        except Refused as refusal:
            raise ValidationError(str(refusal)) from None
        return code


class SecondFactorForm(_LimitedCode, AuthenticateForm):
    pass


class SecondFactorAgainForm(_LimitedCode, ReauthenticateForm):
    pass


class ActivateForm(_LimitedCode, ActivateTOTPForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field("动态验证码")


class FirstAdminForm(ActivateForm):
    password = _text("设一个密码", "new-password", empty="请填写密码", widget=forms.PasswordInput)
    password_again = _text("再填一遍密码", "new-password", empty="请再填一遍密码", widget=forms.PasswordInput)

    field_order = ("password", "password_again", "code")

    def clean_password(self):
        validate_password(self.cleaned_data["password"], self.user)
        return self.cleaned_data["password"]

    def clean_password_again(self):
        if self.cleaned_data["password_again"] != self.cleaned_data.get("password"):
            raise ValidationError("两次填的密码不一样，请再填一遍")
        return self.cleaned_data["password_again"]


def _plain(text) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
