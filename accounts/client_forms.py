"""The form of a program that uses the API."""

from django import forms

from .clients import SOURCES
from .models import ApiClient


class ApiClientForm(forms.ModelForm):
    source = forms.ChoiceField(
        label="提供哪一来源的信息",
        choices=[("", "不提供。只能看店主授权的店"), *SOURCES],
        required=False,
        help_text="选了来源，就能看全部商户，并写入这个来源的信息。",
    )
    scopes = forms.MultipleChoiceField(
        label="允许的范围",
        choices=ApiClient.SCOPES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少勾选一个范围。"},
    )

    class Meta:
        model = ApiClient
        fields = ["name", "client_id", "department", "source", "scopes"]
        labels = {"name": "名称", "client_id": "客户端编号"}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial["scopes"] = self.instance.scopes.split()
        self.fields["name"].required = True
        self.fields["name"].error_messages["required"] = "请填写名称，例如哪个部门的什么程序。"
        if "client_id" in self.fields:
            self.fields["client_id"].help_text = "已经填好一个，也可以改成好认的。定下后不能再改。"

    def clean_scopes(self) -> str:
        return " ".join(self.cleaned_data["scopes"])

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("source") and not cleaned.get("department"):
            self.add_error("department", "提供信息的客户端要选所属的部门。")
        return cleaned
