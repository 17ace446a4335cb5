"""The rows of a version that are neither conditions nor figures: basics, materials, steps, basis, texts, questions."""

import json

from django import forms

from businesses.registry import business_registry
from eligibility.wording import MATERIALS, ROLES
from policies.criteria.rules import DELIVERIES, KINDS
from policies.models import Benefit, Topic

from .rows import LEFT_OUT, ORIGINS, Day, Money, RowForm, Text, Whole, choices
from .state import record
from .values import proof_choices

EVERY_ORIGIN = {**ORIGINS, "practice": "外地做法，待核实", "common": "一般做法，待核实"}
CERTAINTIES = {"source": "本文件", "found": "查到原文", "weak": "没有查到原文", "common": "一般做法"}


def _origin():
    return forms.ChoiceField(label="来自", choices=choices(EVERY_ORIGIN.items(), "—"), required=False)


class BasicsForm(RowForm):
    KEYS = {"window": ("window_from", "window_to")}
    VERSION = ("effective_from", "change_note")

    title = Text("名称", most=80, required=True)
    plain_title = Text("平常叫法", most=20, help_text="店主看到的名字，例如“房租补贴”。空着就用正式名称。")
    kind = forms.ChoiceField(label="种类", choices=list(KINDS.items()))
    delivery = forms.ChoiceField(label="办理方式", choices=list(DELIVERIES.items()))
    clause = Text("条款", most=80, required=True)
    topics = forms.MultipleChoiceField(label="主题", required=False, widget=forms.CheckboxSelectMultiple)
    once_per_person = forms.BooleanField(label="一个人只能享受一次", required=False)
    push = forms.ChoiceField(
        label="主动告诉店主",
        choices=[("", "有金额的告诉，没有的不告诉"), ("true", "告诉"), ("false", "不告诉")],
        required=False,
    )
    window_from = Day("开始办理", help_text="空着表示已经开始。")
    window_to = Day("最后一天", help_text="空着表示没有截止。")
    window_note = Text("期限说明", most=300)
    excludes = forms.MultipleChoiceField(
        label="不能同时享受的事项", required=False, widget=forms.CheckboxSelectMultiple
    )
    effective_from = Day("这一版哪天生效", help_text="空着表示一直有效。发布以后从这一天起按这一版算。")
    change_note = Text("这一版改了什么", most=300, long=True, help_text="第二位同事发布前会看到。")

    def __init__(self, *args, editing, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].choices = list(Topic.objects.values_list("code", "name"))
        others = Benefit.objects.exclude(code=editing.code)
        self.fields["excludes"].choices = [(row.code, str(row)) for row in others]

    @classmethod
    def keys(cls) -> dict:
        return {key: names for key, names in super().keys().items() if key not in cls.VERSION}

    @classmethod
    def shown(cls, raw, editing=None):
        shown = super().shown(raw)
        window, push = raw.get("window") or {}, raw.get("push")
        more = {"window_from": window.get("from"), "window_to": window.get("to")}
        if push is not None:
            more["push"] = "true" if push else "false"
        else:
            shown.values.pop("push", None)
        if editing:
            day = editing.version.effective_from
            more |= {"effective_from": day and day.isoformat(), "change_note": editing.version.change_note}
        shown.values |= record(more).values
        return shown

    def clean(self):
        cleaned = super().clean()
        starts, ends = cleaned.get("window_from"), cleaned.get("window_to")
        if starts and ends and starts > ends:
            self.add_error("window_to", "最后一天早于开始的那天，请改正。")
        return cleaned

    def meaning(self, key):
        cleaned = self.cleaned_data
        if key == "window":
            days = {"from": cleaned.get("window_from"), "to": cleaned.get("window_to")}
            return {name: day for name, day in days.items() if day} or LEFT_OUT
        if key == "push":
            return {"true": True, "false": False}.get(cleaned.get("push"), LEFT_OUT)
        return super().meaning(key)


class MaterialForm(RowForm):
    name = Text("材料", most=80, required=True)
    how = forms.ChoiceField(label="怎么交", choices=list(MATERIALS.items()))
    note = Text("说明", most=300, long=True)
    proves = forms.MultipleChoiceField(
        label="证明什么",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 5}),
        help_text="选了人员类别，就只请这类人交，部门已经知道的不用交。可以选几项。",
    )
    role = forms.ChoiceField(
        label="作用",
        choices=choices(ROLES.items(), "—"),
        required=False,
    )
    optional = forms.BooleanField(label="可以不交，要用时再请店主补", required=False)
    origin = _origin()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["proves"].choices = list(proof_choices(business_registry()))


class ProcessForm(RowForm):
    promised_working_days = Whole("承诺几个工作日办完", help_text="空着显示“待公布”，当天办完填 0。")
    legal_working_days = Whole("法定几个工作日办完", help_text="空着不显示。")
    correction_working_days = Whole("补正给几个工作日", help_text="空着按 10 个，显示“待核实”。")
    publicity_days = Whole("拨付前公示几天", help_text="空着不公示，显示“待核实”。")
    second_approval_from = Money("多少元起要两个人审批", help_text="空着按 10000 元，显示“待核实”。")
    appeal_days = Whole("多少天内可以申诉", help_text="空着按 60 天，显示“待核实”。")
    fee = Text("收费", most=80, help_text="例如 不收费。空着不显示。")


class StepForm(RowForm):
    name = Text("环节", most=80, required=True)
    note = Text("说明", most=300, long=True)
    working_days = Whole("几个工作日")
    origin = _origin()


class BasisForm(RowForm):
    document = Text("文件", most=200, required=True, long=True)
    clause = Text("条款", most=80)
    certainty = forms.ChoiceField(label="把握", choices=list(CERTAINTIES.items()))


class TextsForm(RowForm):
    summary = Text("白话说明", most=300, required=True, long=True)
    who = Text("给谁", most=300, required=True, long=True)


class NoteForm(RowForm):
    text = Text("备注", most=500, required=True, long=True)

    @classmethod
    def shown(cls, raw):
        return record({"text": str(raw), "kept": json.dumps({"text": raw}, ensure_ascii=False)})

    def stored(self, typed, **context):
        return super().stored(typed)["text"]


class QuestionForm(RowForm):
    question = Text("问", most=200, required=True, long=True)
    answer = Text("答", most=1000, required=True, long=True)
