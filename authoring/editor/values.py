"""Right sides of conditions, figures, facts of test shops: the fields in which each kind of value is typed."""

import re

from django import forms

from core.facts import Fact, Misread
from policies.criteria.durations import LONGEST, SHORTEST
from policies.criteria.operators import OPERATORS

from .rows import LEFT_OUT, Day, Money, Text, Whole, read, whole

NAMES = ("value", "values", "low", "high", "count", "unit")
UNITS = {"years": "年", "months": "个月", "days": "天", "calendar_months": "个月（登记当月算第 1 个月）"}
_SHARE = re.compile(r"[0-9]{1,5}(\.[0-9]{1,4})?")
_BETWEEN = re.compile(r"[\s、，,；;]+")
MISSING = "这里还没有填。"

OPERATOR_LABELS = {
    "eq": "是",
    "ne": "不是",
    "in": "是下面之一",
    "not_in": "不是下面任何一个",
    "gte": "不少于",
    "gt": "超过",
    "lte": "不超过",
    "lt": "少于",
    "between": "在两个数之间",
    "has_any": "属于下面之一",
    "has_none": "下面的都不属于",
    "has_all": "下面的全都属于",
    "starts_with": "代码开头是",
    "on_or_after": "不早于",
    "on_or_before": "不晚于",
    "at_least_ago": "已经满",
    "more_than_ago": "已经超过",
    "at_most_ago": "不超过（以内）",
    "less_than_ago": "还不满",
}


def operators_for(fact: Fact | None) -> list:
    """(name, Chinese label) of what may be asked of a fact."""
    if fact is None:
        return []
    return [
        (operator.name, OPERATOR_LABELS[operator.name])
        for operator in OPERATORS.values()
        if fact.type in operator.types and not operator.internal
    ]


def kind_of(fact: Fact, operator_name) -> str:
    """In which way the value of ``fact operator`` is typed; empty where the two do not fit."""
    operator = OPERATORS.get(operator_name)
    if operator is None or operator.internal or fact.type not in operator.types:
        return ""
    if operator.operand == "list":
        return "checks" if fact.type == "choice" else "numbers"
    return {"value": fact.type, "members": "checks"}.get(operator.operand, operator.operand)


def kind_of_fact(fact: Fact) -> str:
    """In which way a value of the fact itself is typed."""
    return {"set": "checks", "code": "codes"}.get(fact.type, fact.type)


def fields_of(kind, fact: Fact | None, label="值") -> dict[str, forms.Field]:
    """The fields of one kind of value."""
    unit = f"（{fact.unit}）" if fact and fact.unit else ""
    options = [(choice.value, choice.label) for choice in fact.choices] if fact else []
    if kind == "bool":
        yes_no = forms.RadioSelect
        return {"value": _choice(label, [("true", "是"), ("false", "否")], widget=yes_no)}
    if kind == "choice":
        return {"value": _choice(label, [("", "—请选—"), *options])}
    if kind == "checks":
        boxes = forms.MultipleChoiceField(
            label=label, choices=options, required=False, widget=forms.CheckboxSelectMultiple
        )
        return {"values": boxes}
    if kind == "integer":
        return {"value": Whole(label + unit)}
    if kind == "money":
        return {"value": Money(label + unit, signed=bool(fact and fact.signed))}
    if kind == "pair":
        make = Whole if fact.type == "integer" else Money
        return {"low": make(f"从{unit}"), "high": make(f"到{unit}")}
    if kind == "date":
        return {"value": Day(label)}
    if kind == "duration":
        return {"count": Whole("多久"), "unit": _choice("单位", list(UNITS.items()))}
    helps = {
        "numbers": "几个数之间用顿号隔开。",
        "codes": "行业代码，例如 F5212；几个代码之间用顿号隔开。",
        "share": "写成小数，例如 0.055 就是 5.5%。",
    }
    return {"value": Text(label + unit, help_text=helps.get(kind, ""))}


def _choice(label, options, **more):
    return forms.ChoiceField(label=label, choices=options, required=False, **more)


def typed_of(kind, value) -> dict:
    """A stored value as its fields hold it; what does not look like its kind is shown as text."""
    if isinstance(value, bool):
        return {"value": "true" if value else "false"}
    if isinstance(value, dict) and len(value) == 1:
        ((unit, count),) = value.items()
        return {"count": str(count), "unit": str(unit)}
    if isinstance(value, list):
        texts = [str(item) for item in value]
        if kind == "pair" and len(texts) == 2:
            return {"low": texts[0], "high": texts[1]}
        return {"values": texts} if kind == "checks" else {"value": "、".join(texts)}
    return {} if value is None else {"value": str(value)}


def meaning_of(kind, cleaned, fact: Fact | None, *, may_be_empty=False):
    """The stored value that the cleaned fields mean; LEFT_OUT where a field is wrong. Raises ValidationError."""
    if kind == "checks":
        if not cleaned.get("values") and not may_be_empty:
            raise forms.ValidationError("请至少选一个。")
        return cleaned.get("values", [])
    if kind == "pair":
        return _pair(cleaned)
    if kind == "duration":
        return _duration(cleaned)
    if "value" not in cleaned:
        return LEFT_OUT
    value = cleaned["value"]
    if value in (None, ""):
        raise forms.ValidationError(MISSING)
    if kind == "bool":
        return value == "true"
    if kind in ("numbers", "codes"):
        return _several(kind, value, fact)
    if kind == "share" and not _SHARE.fullmatch(value):
        raise forms.ValidationError("比例请写成小数，最多四位，例如 0.055。")
    return value


def _pair(cleaned):
    if "low" not in cleaned or "high" not in cleaned:
        return LEFT_OUT
    low, high = cleaned["low"], cleaned["high"]
    if low in (None, "") or high in (None, ""):
        raise forms.ValidationError("两个数都要填。")
    if float(low) > float(high):
        raise forms.ValidationError("第一个数不能大于第二个。")
    return [low, high]


def _duration(cleaned):
    if "count" not in cleaned or "unit" not in cleaned:
        return LEFT_OUT
    count, unit = cleaned["count"], cleaned["unit"]
    if count is None or not unit:
        raise forms.ValidationError("请填多久，并选单位。")
    if not SHORTEST[unit] <= count <= LONGEST[unit]:
        raise forms.ValidationError(f"期限应是 {SHORTEST[unit]} 到 {LONGEST[unit]} 的整数。")
    return {unit: count}


def _several(kind, text, fact):
    parts = [part for part in _BETWEEN.split(text.strip()) if part]
    if not parts:
        raise forms.ValidationError(MISSING)
    if kind == "codes":
        for part in parts:
            read(fact.read, part)
        return parts[0] if len(parts) == 1 else parts
    if fact.type == "integer":
        return [whole(part) for part in parts]
    for part in parts:
        try:
            fact.read(part)
        except Misread as problem:
            raise forms.ValidationError(f"{problem.detail}。") from None
    return parts


def proof_choices(registry):
    """What a paper can prove: a fact, or that somebody belongs to one of its groups."""
    for fact in registry.values():
        members = [(f"{fact.name}.{choice.value}", choice.label) for choice in fact.choices]
        if fact.type == "set":
            yield fact.label, members
        else:
            yield fact.name, fact.label


def proof_text(registry, names) -> str:
    """What a paper proves, in words; a name that is none stands as it is."""
    labels = {}
    for key, label in proof_choices(registry):
        labels |= dict(label) if isinstance(label, list) else {key: label}
    return "、".join(labels.get(name, name) for name in names)


def fact_choices(registry, *types, computed=False) -> list:
    """Facts as options of a select, grouped by whom they are about; those ``computed`` too, which rules may read."""
    groups = {"business": ("店铺", []), "operator": ("经营者", [])}
    for fact in (*registry.values(), *(registry.computed.values() if computed else ())):
        if not types or fact.type in types:
            groups[fact.scope][1].append((fact.name, fact.label))
    return [("", "—请选—"), *((label, options) for label, options in groups.values() if options)]
