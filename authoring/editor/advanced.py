"""The tab for experts: the whole content as text, checked on save with the line or the node that is wrong."""

from django import forms

from policies import strict_yaml
from policies.content import check_content, check_shape, in_order

from .rows import LEFT_OUT, RowForm
from .state import record


class TextForm(RowForm):
    text = forms.CharField(
        label="内容",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 40, "cols": 90, "spellcheck": "false"}),
        help_text="写法与测算规则文件里的一个事项相同。保存时逐项核对。",
    )


class AdvancedTab:
    """``keys`` is empty: it is about everything."""

    slug, label, keys, previews = "advanced", "高级", (), False

    def __init__(self, editing, typed, *, checked) -> None:
        self.editing, self.typed, self.problems = editing, typed, []
        self.head = TextForm.of(typed, "t", checked=checked)

    @classmethod
    def typed_from(cls, editing):
        return record({"text": strict_yaml.dump(in_order(editing.content))})

    def changes(self):
        if not self.head.is_valid():
            return None
        try:
            located = strict_yaml.load(self.head.cleaned_data["text"])
        except strict_yaml.YamlError as problem:
            self.head.add_error("text", str(problem))
            return None
        faults = check_shape(located.data, "benefit")
        if not faults:
            editing = self.editing
            _, faults = check_content(located.data, registry=editing.registry, code=editing.code)
        for fault in faults:
            self.head.add_error("text", f"第 {located.line_of(fault.path)} 行：{fault.detail}")
        gone = dict.fromkeys(self.editing.content, LEFT_OUT)
        return None if faults else ({**gone, **located.data}, {})

    def place(self, fault) -> None:
        self.problems.append(fault.detail)
