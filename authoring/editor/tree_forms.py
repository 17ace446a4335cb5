"""Conditions as nested groups of rows: each node of a rule's tree is one form, its children the rows inside."""

import json
from dataclasses import dataclass, field

from django import forms

from policies.criteria.parameters import Parameter
from policies.criteria.sentence import sentence
from policies.criteria.tree import ANNOTATIONS, DEEPEST, MOST_NODES, Reader, RuleError

from . import values
from .rows import LEFT_OUT, ORIGINS, RowForm, Text, choices
from .state import Record, record

GROUP_LABELS = {"all": "全部满足", "any": "任一满足", "not": "下面的不成立"}
OPERAND = ("fact", "below", "op", "param", *values.NAMES)
RATIO_OPERATORS = ("lte", "lt", "gte", "gt")
NOTES = ("clause", "origin", "interpretation", "advice")


class NodeForm(RowForm):
    """What every node carries: its kind, and what it says to the reader."""

    kind = forms.CharField(widget=forms.HiddenInput, required=False)
    clause = Text("条款", most=80)
    origin = forms.ChoiceField(label="来自", choices=choices(ORIGINS.items(), "—"), required=False)
    interpretation = Text("口径", long=True, help_text="原文没有写明、本站怎么理解。会显示给店主。")
    advice = Text("不符合时怎么办", long=True)

    def __init__(self, *args, editing, typed, **kwargs) -> None:
        self.editing, self.typed = editing, typed
        super().__init__(*args, **kwargs)

    @property
    def beside(self) -> list:
        return [self[name] for name in ("clause", "origin")]

    @property
    def folded(self) -> list:
        return [self[name] for name in ("interpretation", "advice")]

    def node(self):
        """The stored node, without its children."""
        return self._noted()[0]

    def _noted(self):
        was = self.kept_content()
        before = node_record(was, self.editing).values
        content = {key: value for key, value in was.items() if key not in ("all", "any", "not")}
        for key in NOTES:
            self._put(content, key, before, (key,), self.cleaned_data.get(key) or LEFT_OUT)
        return content, before

    def _put(self, content, key, before, names, meaning) -> None:
        if all(
            sorted(filter(None, self.typed.values.get(name, [])))
            == sorted(filter(None, before.get(name, [])))
            for name in names
        ):
            return
        if meaning is LEFT_OUT:
            content.pop(key, None)
        else:
            content[key] = meaning


class GroupForm(NodeForm):
    kind = forms.ChoiceField(label="这一组", choices=list(GROUP_LABELS.items()))


class UseForm(NodeForm):
    use = forms.ChoiceField(label="公共条件")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["use"].choices = choices(
            (name, condition_label(name, self.editing)) for name in self.editing.conditions
        )

    @property
    def main(self) -> list:
        return [self["use"]]

    def node(self) -> dict:
        return {**super().node(), "use": self.cleaned_data["use"]}


class LeafForm(NodeForm):
    """``fact op value``, or ``above ÷ below op share``: the fields of the value follow what is chosen."""

    fact = forms.ChoiceField(label="看什么")
    below = forms.ChoiceField(label="占什么的比例", required=False)
    op = forms.ChoiceField(label="怎么比")
    param = forms.ChoiceField(label="和什么比", required=False)
    changeable = forms.ChoiceField(
        label="店主能不能改变",
        choices=[("", "不能"), ("yes", "能"), ("some", "只有选中的情形能")],
        required=False,
    )
    check = forms.BooleanField(label="只能由工作人员核对", required=False)
    held = forms.BooleanField(label="不符合表示已经享受过", required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        registry, typed = self.editing.registry, self.typed
        self.is_ratio = typed.get("kind") == "ratio"
        self.chosen = registry.readable(typed.get("fact"))
        types = ["integer"] if self.is_ratio else ()
        self.fields["fact"].choices = values.fact_choices(registry, *types, computed=True)
        self.fields["param"].choices = [("", "直接填"), *self.editing.parameter_choices]
        if self.is_ratio:
            self.fields["below"].choices = values.fact_choices(registry, "integer")
            operators = [(name, values.OPERATOR_LABELS[name]) for name in RATIO_OPERATORS]
        else:
            del self.fields["below"]
            operators = values.operators_for(self.chosen)
        self.fields["op"].choices = choices(operators, "—请选—" if operators else "先选看什么")
        self.fields["op"].error_messages["invalid_choice"] = "这样比不了，请重新选怎么比。"
        self._add_value_fields()

    def _add_value_fields(self) -> None:
        self.value_kind = "share" if self.is_ratio else ""
        if self.chosen is not None and not self.is_ratio:
            self.value_kind = values.kind_of(self.chosen, self.typed.get("op"))
        if self.typed.get("param") or not self.value_kind:
            self.value_names = []
        else:
            added = values.fields_of(self.value_kind, None if self.is_ratio else self.chosen)
            self.fields.update(added)
            self.value_names = list(added)
        if self.chosen is not None and self.chosen.type == "choice":
            options = [(choice.value, choice.label) for choice in self.chosen.choices]
            self.fields["changeable_values"] = forms.MultipleChoiceField(
                label="能改变的情形", choices=options, required=False, widget=forms.CheckboxSelectMultiple
            )

    @property
    def main(self) -> list:
        names = ["fact", *(["below"] if self.is_ratio else ()), "op"]
        if self.value_kind and (self.editing.parameter_choices or self.typed.get("param")):
            names.append("param")
        return [self[name] for name in (*names, *self.value_names)]

    @property
    def folded(self) -> list:
        names = ["changeable"]
        if "changeable_values" in self.fields:
            names.append("changeable_values")
        return [self[name] for name in (*names, "check", "held", "interpretation", "advice")]

    def clean(self):
        cleaned = super().clean()
        self.operand = LEFT_OUT
        if cleaned.get("param"):
            self.operand = {"param": cleaned["param"]}
        elif self.value_names and "op" in cleaned:
            try:
                self.operand = values.meaning_of(self.value_kind, cleaned, self.chosen)
            except forms.ValidationError as problem:
                self.add_error(self.value_names[0], problem)
        elif "op" in cleaned and "fact" in cleaned and not self.value_kind:
            self.add_error("op", "请选怎么比，再填值。")
        return cleaned

    def node(self):
        content, before = self._noted()
        cleaned = self.cleaned_data
        content.pop("fact", None), content.pop("ratio", None)
        content |= (
            {"ratio": [cleaned["fact"], cleaned["below"]]} if self.is_ratio else {"fact": cleaned["fact"]}
        )
        content["op"] = cleaned["op"]
        self._put(content, "value", before, OPERAND, self.operand)
        changeable = {"yes": True, "some": cleaned.get("changeable_values")}.get(cleaned.get("changeable"))
        self._put(content, "changeable", before, ("changeable", "changeable_values"), changeable or LEFT_OUT)
        self._put(content, "check", before, ("check",), "staff" if cleaned["check"] else LEFT_OUT)
        self._put(content, "held", before, ("held",), True if cleaned["held"] else LEFT_OUT)
        return content


FORMS = {"all": GroupForm, "any": GroupForm, "not": GroupForm, "use": UseForm}


def condition_label(name, editing):
    """A named condition by what it says, as officers do not know it by its name."""
    return said(editing.conditions.get(name), editing) or f"条件“{name}”"


def said(raw, editing) -> str:
    """What a stored node says; empty where it cannot be read."""
    try:
        root = Reader(editing.registry, editing.conditions, _figures(editing)).root({"all": [raw]})
    except RuleError:
        return ""
    return sentence(root.children[0], editing.today)


def fault_of(raw, editing) -> str:
    """What is wrong with a stored node by itself; empty if nothing is."""
    try:
        Reader(editing.registry, editing.conditions, _figures(editing)).root({"all": [raw]})
    except RuleError as problem:
        return f"{problem.detail}。" if not problem.part else f"{problem}。"
    return ""


def _figures(editing):
    found = {}
    for name, raw in editing.parameters.items():
        try:
            found[name] = Parameter.read(name, raw)
        except ValueError:
            continue
    return found


def kind_in(raw):
    return next((kind for kind in ("all", "any", "not", "use", "fact", "ratio") if kind in raw), "fact")


def node_record(raw, editing) -> Record:
    """A stored node, and what is below it, as typed."""
    raw = raw if isinstance(raw, dict) else {}
    kind = kind_in(raw)
    kept = {key: value for key, value in raw.items() if key not in GROUP_LABELS}
    shown = {"kind": kind, "kept": json.dumps(kept, ensure_ascii=False)}
    shown |= {key: raw.get(key) for key in ANNOTATIONS if isinstance(raw.get(key), str)}
    if kind in GROUP_LABELS:
        children = [raw["not"]] if kind == "not" else raw.get(kind) or []
        return record(shown, items=[node_record(child, editing) for child in children])
    if kind == "use":
        return record({**shown, "use": str(raw["use"])})
    return record({**shown, **_leaf_shown(raw, kind, editing)})


def _leaf_shown(raw, kind, editing):
    shown = {"op": raw.get("op"), "check": "on" if raw.get("check") == "staff" else None}
    shown["held"] = "on" if raw.get("held") is True else None
    names = raw.get("ratio") if kind == "ratio" else [raw.get("fact")]
    shown["fact"] = names[0] if names else None
    shown["below"] = names[1] if kind == "ratio" and len(names) > 1 else None
    value, changeable = raw.get("value"), raw.get("changeable")
    if isinstance(value, dict) and "param" in value:
        shown["param"] = value["param"]
    else:
        fact = editing.registry.readable(shown["fact"])
        value_kind = "share" if kind == "ratio" else values.kind_of(fact, raw.get("op")) if fact else ""
        shown |= values.typed_of(value_kind, value)
    if changeable is True:
        shown["changeable"] = "yes"
    elif isinstance(changeable, list):
        shown |= {"changeable": "some", "changeable_values": [str(value) for value in changeable]}
    return shown


@dataclass
class Node:
    """One node of the tree on the page. ``number`` counts as sentences and errors do: 1, 1.2, …"""

    path: str
    number: str
    typed: Record
    form: NodeForm
    children: list["Node"]
    first: bool
    last: bool
    sentence: str = ""
    problems: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)

    @property
    def is_group(self) -> bool:
        return isinstance(self.form, GroupForm)

    @property
    def title(self) -> str:
        return f"{'组' if self.is_group else '条件'} {self.number}"

    @property
    def opened(self):
        """Whether what is folded away is to be seen: it holds an error."""
        return any(bound.errors for bound in self.form.folded) if self.form.is_bound else False

    @property
    def items(self) -> str:
        return f"{self.path}.items"

    @property
    def deepest(self) -> bool:
        """Whether nothing may be put inside any more."""
        return self.number.count(".") + 3 > DEEPEST

    def stored(self, editing):
        """The stored node, or None where something in it is wrong. What is wrong is written to ``problems``."""
        children = [child.stored(editing) for child in self.children]
        if not self.form.is_valid() or None in children:
            return None
        if not self.is_group:
            raw = self.form.node()
            if fault := fault_of(raw, editing):
                self.problems.append(fault)
                return None
            self.sentence = said(raw, editing)
            return raw
        content, kind = self.form.node(), self.form.cleaned_data["kind"]
        if kind == "all" or children:
            if kind == "not" and len(children) > 1:
                self.problems.append("“下面的不成立”里只能放一个，请先放进一组。")
                return None
            raw = {**content, kind: children[0] if kind == "not" else children}
            self.sentence = said(raw, editing)
            return raw
        self.problems.append("这一组里还没有条件，请加一个，或者删掉这一组。")
        return None


def nodes(rows, path, editing, *, checked, number="") -> list[Node]:
    """The rows of a list as nodes of the page."""
    found = []
    for place, typed in enumerate(rows, 1):
        here, own = f"{path}.{place}", f"{number}.{place}" if number else str(place)
        form_class = FORMS.get(typed.get("kind"), LeafForm)
        form = form_class.of(typed, here, checked=checked, editing=editing, typed=typed)
        below = nodes(typed.rows("items"), f"{here}.items", editing, checked=checked, number=own)
        found.append(Node(here, own, typed, form, below, place == 1, place == len(rows)))
    return found


def flat(found):
    """All nodes, in the order of the page."""
    for node in found:
        yield node
        yield from flat(node.children)


def too_many(found) -> str:
    """A refusal where a tree grows beyond its bounds."""
    everything = list(flat(found))
    if len(everything) + 1 > MOST_NODES:
        return f"条件太多，最多 {MOST_NODES} 个。"
    if any(node.number.count(".") + 2 > DEEPEST for node in everything):
        return f"条件套得太深，最多 {DEEPEST} 层。"
    return ""
