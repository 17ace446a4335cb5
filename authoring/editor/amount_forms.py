"""Figures that the government changes, and the amount that is worked out of them."""

import re

from django import forms

from . import values
from .rows import LEFT_OUT, ORIGINS, Day, RowForm, Text, choices
from .state import Record, record
from .tree_forms import said

# kind: (Chinese label, its terms as (key, label, kind of value; "fact …" names a fact of that type)).
AMOUNTS = {
    "none": ("没有金额", ()),
    "fixed": ("一次性给一笔", (("grant", "给多少", "money"),)),
    "monthly_capped": (
        "按月补，有上限",
        (
            ("cap", "每月最高", "money"),
            ("months", "最多几个月", "integer"),
            ("fact", "按哪项实际花费", "fact money"),
            ("used", "已领月数看哪项", "fact integer"),
        ),
    ),
    "share_of": ("按交过的钱返一部分", (("fact", "按哪项算", "fact money"), ("ratio", "返多少", "share"))),
    "ceiling": ("贷款额度", (("limit", "最高多少", "money"), ("wanted", "想贷多少看哪项", "fact money"))),
    "rate_cut": ("费率降到", (("rate", "百分之几", "money"),)),
    "tax_halving": ("六税两费减半", ()),
    "income_tax_halving": ("经营所得个人所得税减半", ()),
    "ordered_deduction": (
        "按顺序扣减税费",
        (("annual_limit", "每年限额", "money"), ("months", "最多几个月", "integer")),
    ),
}
NAMED = {  # parameters that a kind of amount looks up by name
    "tax_halving": {"halve_surcharges_first": "附加税费先减半再扣减"},
    "income_tax_halving": {"income_cap": "减半的年应纳税所得额上限"},
}
FIGURE_KINDS = {
    "money": "金额（元）",
    "integer": "整数",
    "share": "比例",
    "duration": "期限",
    "bool": "是或否",
    "date": "日期",
    "text": "文字",
}
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class AmountForm(RowForm):
    """The amount with its terms, and the figure that pages show."""

    amount_kind = forms.ChoiceField(
        label="怎么给", choices=[(kind, label) for kind, (label, _) in AMOUNTS.items()]
    )
    label_prefix = Text("前面的字，例如 一次性", most=20)
    label_figure = Text("数字，例如 5,000", most=20)
    label_unit = Text("单位，例如 元", most=20)
    amount_open = Text("标准还没有公布时写什么", most=200)

    KEYS = {"amount_label": ("label_prefix", "label_figure", "label_unit")}

    def __init__(self, *args, editing, typed, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.editing, self.typed = editing, typed
        self.kind = typed.get("amount_kind") if typed.get("amount_kind") in AMOUNTS else "none"
        self.term_names = []
        for key, label, kind in AMOUNTS[self.kind][1]:
            self._add_term(key, label, kind)

    def _add_term(self, key, label, kind) -> None:
        registry = self.editing.registry
        if kind.startswith("fact "):
            options = values.fact_choices(registry, kind.removeprefix("fact "))
            self.fields[key] = forms.ChoiceField(label=label, choices=options)
            self.term_names.append(key)
            return
        offered = [("", "直接填"), *self.editing.parameter_choices]
        self.fields[f"{key}_param"] = forms.ChoiceField(label=label, choices=offered, required=False)
        self.term_names.append(f"{key}_param")
        if not self.typed.get(f"{key}_param"):
            self.fields[key] = values.fields_of(kind, None, f"{label}：直接填")["value"]
            self.term_names.append(key)

    @property
    def terms(self) -> list:
        return [self[name] for name in self.term_names]

    @property
    def labels(self) -> list:
        return [self[name] for name in ("label_prefix", "label_figure", "label_unit", "amount_open")]

    @property
    def named(self) -> list:
        """What this kind looks up among the figures by name, as (label, whether it is there)."""
        return [
            (name, label, name in self.editing.parameters) for name, label in NAMED.get(self.kind, {}).items()
        ]

    @classmethod
    def keys(cls) -> dict:
        return {"amount_label": cls.KEYS["amount_label"], "amount_open": ("amount_open",)}

    @classmethod
    def shown(cls, raw, **_):
        shown = super().shown(raw)
        label = raw.get("amount_label") or {}
        more = {f"label_{part}": label.get(part) for part in ("prefix", "figure", "unit")}
        amount = raw.get("amount") or {}
        kind = next(iter(amount), "none")
        terms = {"grant": amount[kind]} if kind == "fixed" else amount.get(kind) or {}
        more["amount_kind"] = kind
        for key, value in terms.items():
            if isinstance(value, dict) and "param" in value:
                more[f"{key}_param"] = value["param"]
            else:
                more[key] = str(value)
        shown.values |= record(more).values
        return shown

    def clean(self):
        cleaned = super().clean()
        self.amount = {}
        for key, _, kind in AMOUNTS[self.kind][1]:
            if kind.startswith("fact "):
                self.amount[key] = cleaned.get(key)
            elif cleaned.get(f"{key}_param"):
                self.amount[key] = {"param": cleaned[f"{key}_param"]}
            elif key in cleaned:
                try:
                    self.amount[key] = values.meaning_of(kind, {"value": cleaned[key]}, None)
                except forms.ValidationError as problem:
                    self.add_error(key, problem)
        if (cleaned.get("label_prefix") or cleaned.get("label_unit")) and not cleaned.get("label_figure"):
            self.add_error("label_figure", "页面上的金额要写数字，或者三格都空着。")
        return cleaned

    def meaning(self, key):
        if key == "amount_label":
            parts = {
                part: self.cleaned_data.get(f"label_{part}") or "" for part in ("prefix", "figure", "unit")
            }
            return parts if parts["figure"] else LEFT_OUT
        return super().meaning(key)

    def stored(self, typed, **context):
        content = super().stored(typed)
        was = self.kept_content()
        before = self.shown(was)
        names = [name for key, *_ in AMOUNTS[self.kind][1] for name in (key, f"{key}_param")]
        if "amount" in was and all(
            (typed.get(name) if name in self.fields or name == "amount_kind" else "") == before.get(name)
            for name in ("amount_kind", *names)
        ):
            return content
        terms = self.amount["grant"] if self.kind == "fixed" else self.amount
        return {**content, "amount": {self.kind: terms}}


class ParameterForm(RowForm):
    """A figure: how it is called inside the rule, and what kind of value it has. Its dated rows are FigureForms."""

    name = Text(
        "代号", most=40, required=True, help_text="小写英文字母、数字和下划线，规则里用它认这个参数。"
    )
    kind = forms.ChoiceField(label="是哪种数", choices=list(FIGURE_KINDS.items()))

    def clean_name(self):
        name = self.cleaned_data["name"]
        if not NAME.fullmatch(name):
            raise forms.ValidationError("代号用小写英文字母开头，只能有小写字母、数字和下划线。")
        return name


class FigureForm(RowForm):
    """One dated value of a figure."""

    KEYS = {"value": values.NAMES, "from": ("starts",), "to": ("ends",)}

    starts = Day("从哪天起（空着表示一直）")
    ends = Day("到哪天止（空着表示没有期限）")
    unit_text = Text("单位", most=10)
    clause = Text("条款", most=80)
    origin = forms.ChoiceField(label="来自", choices=choices(ORIGINS.items(), "—"), required=False)
    note = Text("说明", most=300, long=True)
    unverified = forms.BooleanField(label="还没核实，先不算数", required=False)

    def __init__(self, *args, kind, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        added = values.fields_of("" if kind == "text" else kind, None)
        self.fields.update(added)
        self.order_fields([*added, *self.base_fields])
        self.value_names = list(added)

    @property
    def main(self) -> list:
        return [self[name] for name in (*self.value_names, *self._unit_names, "starts", "ends")]

    @property
    def beside(self) -> list:
        return [self[name] for name in ("clause", "origin", "note", "unverified")]

    @property
    def _unit_names(self):
        return () if self.kind in ("duration", "bool", "date") else ("unit_text",)

    @classmethod
    def keys(cls) -> dict:
        plain = {name: (name,) for name in ("clause", "origin", "note", "unverified")}
        return {**plain, **cls.KEYS, "unit": ("unit_text",)}

    @classmethod
    def shown(cls, raw, kind=""):
        shown = super().shown(raw)
        more = {"starts": raw.get("from"), "ends": raw.get("to"), "unit_text": raw.get("unit")}
        shown.values |= record({**values.typed_of(kind, raw.get("value")), **more}).values
        return shown

    def clean(self):
        cleaned = super().clean()
        self.value = LEFT_OUT
        try:
            self.value = values.meaning_of(self.kind, cleaned, None)
        except forms.ValidationError as problem:
            self.add_error(self.value_names[0], problem)
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if starts and ends and starts > ends:
            self.add_error("ends", "止的那天早于起的那天，请改正。")
        return cleaned

    def meaning(self, key):
        if key == "value":
            return self.value
        if key == "unit":
            return self.cleaned_data.get("unit_text") or LEFT_OUT
        names = {"from": "starts", "to": "ends"}
        return super().meaning(names.get(key, key))

    def stored(self, typed, **context):
        if self.kind in ("duration", "bool", "date"):  # no field for it
            was = self.kept_content().get("unit")
            typed = Record({**typed.values, "unit_text": [was] if was else []})
        content = super().stored(typed, kind=self.kind)
        if not _fits(self.kind, content["value"]):
            content["value"] = self.value
        return content


def _fits(kind, value) -> bool:
    wanted = {"integer": int, "bool": bool, "duration": dict}.get(kind, (str, int))
    return isinstance(value, wanted) and (kind == "bool" or not isinstance(value, bool))


def figure_kind(name, raw, content) -> str:
    """Of which kind a stored figure is; a text is told by how it looks and what it is used for."""
    rows = raw if isinstance(raw, list) else [{"value": raw}]
    value = rows[0].get("value") if rows and isinstance(rows[0], dict) else None
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, dict):
        return "duration"
    if isinstance(value, int):
        return "integer"
    text = str(value)
    if _DAY.fullmatch(text):
        return "date"
    if not _NUMBER.fullmatch(text):
        return "text"
    return "share" if _is_share(name, content) else "money"


def _is_share(name, content) -> bool:
    ratio = ((content.get("amount") or {}).get("share_of") or {}).get("ratio")
    wanted = {"param": name}
    return ratio == wanted or any(
        "ratio" in leaf and leaf.get("value") == wanted for leaf in stored_leaves(content.get("criteria"))
    )


def stored_leaves(raw):
    """The leaves of a stored tree, in order."""
    if isinstance(raw, list):
        for child in raw:
            yield from stored_leaves(child)
    elif isinstance(raw, dict):
        if "fact" in raw or "ratio" in raw:
            yield raw
        for kind in ("all", "any", "not"):
            yield from stored_leaves(raw.get(kind))


def used_for(name, editing) -> list[str]:
    """What a figure is used for, in words: terms of the amount, and the conditions that compare with it."""
    content, wanted = editing.content, {"param": name}
    amount = content.get("amount") or {}
    kind = next(iter(amount), "none")
    terms = {"grant": amount[kind]} if kind == "fixed" else amount.get(kind) or {}
    labels = {key: label for key, label, _ in AMOUNTS.get(kind, ("", ()))[1]}
    found = [f"金额：{labels.get(key, key)}" for key, value in terms.items() if value == wanted]
    found += [f"金额：{label}" for key, label in NAMED.get(kind, {}).items() if key == name]
    trees = [content.get("criteria"), content.get("relevance"), *editing.conditions.values()]
    for leaf in stored_leaves(trees):
        if leaf.get("value") == wanted:
            found.append(f"条件：{said(leaf, editing)}")
    return list(dict.fromkeys(found))
