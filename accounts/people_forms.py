"""The form of somebody of the staff, and that of a password set by a link."""

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from core.errors import Refused

from .access import OF_BUREAU, OF_ONE_BUREAU, may_give
from .models import Department, User
from .phones import normal_phone


class PersonForm(forms.ModelForm):
    """``actor``, set by the page: offered are the roles that this person may give. Others that somebody has stay."""

    actor = None

    roles = forms.ModelMultipleChoiceField(
        Group.objects.none(),
        label="职责",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="这里只列您能给的职责。审批员和财务由市级管理员给。",
    )
    mobile = forms.CharField(
        label="手机号",
        required=False,
        max_length=20,
        help_text="设置密码的链接发到这里。没有手机号就发到邮箱。",
    )

    class Meta:
        model = User
        fields = ["username", "first_name", "email", "department", "is_active"]
        labels = {"username": "登录名", "first_name": "姓名", "email": "邮箱", "is_active": "在用"}
        help_texts = {
            "username": "用字母、数字和 @ . + - _ 这几个符号。",
            "is_active": "离开的人不要删除，请去掉这个勾。",
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        given = [group.pk for group in Group.objects.all() if self._may_offer(group.name)]
        self.fields["roles"].queryset = Group.objects.filter(pk__in=given)
        if self.instance.pk:
            self.initial["roles"] = self.instance.groups.all()
            del self.fields["mobile"]

    def _may_offer(self, role):
        """In some bureau at least; in which, is looked at when the form is sent."""
        if "department" not in self.fields:
            return may_give(self.actor, role, self._department_without_field())
        only = Department.objects.filter(code=OF_ONE_BUREAU[role]).first() if role in OF_ONE_BUREAU else None
        return may_give(self.actor, role, only)

    def _department_without_field(self):
        return self.instance.department if self.instance.pk else self.actor.department

    def clean_mobile(self):
        if not self.cleaned_data["mobile"]:
            return ""
        try:
            phone = normal_phone(self.cleaned_data["mobile"])
        except Refused as refusal:
            raise ValidationError(str(refusal)) from None
        if User.objects.with_phone(phone):
            raise ValidationError("这个手机号已经有账户，请换一个，或填邮箱")
        return phone

    def clean(self):
        cleaned = super().clean()
        if "department" not in self.fields:
            self.instance.department = self._department_without_field()
        department = cleaned.get("department", self.instance.department)
        names = {group.name for group in cleaned.get("roles", ())}
        if department is None and names & (OF_BUREAU | {"审批员", "财务", "管理员"}):
            self.add_error("roles", "这些职责只在一个部门里有效，请先选部门")
        elif wrong := sorted(name for name in names if not may_give(self.actor, name, department)):
            self.add_error("roles", f"这个部门的人不能有这个职责：{'、'.join(wrong)}")
        if not self.instance.pk and not (cleaned.get("mobile") or cleaned.get("email")) and not self.errors:
            self.add_error("mobile", "请填手机号或邮箱，设置密码的链接要发过去")
        return cleaned

    def role_names(self) -> set[str]:
        """The roles from now on: those ticked, and those that were not offered."""
        ticked = {group.name for group in self.cleaned_data["roles"]}
        if not self.instance.pk:
            return ticked
        offered = {group.name for group in self.fields["roles"].queryset}
        return ticked | (set(self.instance.groups.values_list("name", flat=True)) - offered)


class NewPasswordForm(SetPasswordForm):
    """Twice the same, and not easy to guess."""

    error_messages = {"password_mismatch": "两次填的不一样，请再填一遍"}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("new_password1", "新密码"), ("new_password2", "再填一次新密码")):
            self.fields[name].label = label
            self.fields[name].error_messages["required"] = f"请填写{label}"
