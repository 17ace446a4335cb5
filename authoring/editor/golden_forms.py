"""Golden cases: a test shop, what the rule must say of it, and why an expectation that stood before is another now."""

import json

from django import forms

from eligibility.completeness import CHANGED, changed_cases
from eligibility.golden_cases import EXPECTATION_LABELS, Outcome, expectation_text, outcomes
from eligibility.wording import STATE_HEADINGS
from policies.criteria.states import STATES

from . import values
from .previews import profile_text, rule_of
from .rows import LEFT_OUT, Day, Money, RowForm, Text
from .state import Record, record

DATES, SUMS = ("eligible_from", "apply_before"), ("value", "maximum")
UNCHECKED, NOTHING, GIVEN = "", "none", "is"


class FactForm(RowForm):
    """One fact of a test shop."""

    fact = forms.ChoiceField(label="项目")
    unknown = forms.BooleanField(label="问过，不知道", required=False)

    def __init__(self, *args, editing, typed, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.typed, self.chosen = typed, editing.registry.get(typed.get("fact"))
        self.value_names = []
        if self.chosen is None:
            self.fields["fact"].choices = values.fact_choices(editing.registry)
        else:  # another fact is another row: the list of all of them is long
            self.fields["fact"].choices = [(self.chosen.name, self.chosen.label)]
            self.fields["fact"].widget = forms.HiddenInput()
        if self.chosen is not None and not typed.get("unknown"):
            added = values.fields_of(values.kind_of_fact(self.chosen), self.chosen)
            self.fields.update(added)
            self.value_names = list(added)

    @property
    def main(self) -> list:
        chosen = ("fact",) if self.chosen is None else ()
        return [self[name] for name in (*chosen, *self.value_names, "unknown")]

    @property
    def label(self):
        return self.chosen.label if self.chosen else "新的一项"

    @classmethod
    def typed_of(cls, name, raw, registry) -> Record:
        fact = registry.get(name)
        shown = {"fact": name, "kept": json.dumps({"fact": name, "value": raw}, ensure_ascii=False)}
        if raw is None:
            return record({**shown, "unknown": "on"})
        return record({**shown, **values.typed_of(values.kind_of_fact(fact) if fact else "", raw)})

    def clean(self):
        cleaned = super().clean()
        self.value = LEFT_OUT
        if self.chosen is None or cleaned.get("unknown"):
            self.value = None
            return cleaned
        kind = values.kind_of_fact(self.chosen)
        try:
            self.value = values.meaning_of(kind, cleaned, self.chosen, may_be_empty=True)
            if self.value is not LEFT_OUT:
                values.read(self.chosen.read, self.value)
        except forms.ValidationError as problem:
            self.add_error(self.value_names[0], problem)
        return cleaned

    def pair(self, registry):
        """(fact name, stored value)"""
        was = self.kept_content()
        name = self.cleaned_data["fact"]
        if was.get("fact") == name:
            before = self.typed_of(name, was.get("value"), registry).values
            names = ("unknown", *values.NAMES)
            if all(
                sorted(filter(None, self.typed.values.get(part, []))) == sorted(before.get(part, []))
                for part in names
            ):
                return name, was.get("value")
        return name, self.value


class CaseForm(RowForm):
    """A case: its name, its day, and what is expected of it."""

    name = Text("样例名称", most=80, required=True)
    as_of = Day("按哪天算", required=True)
    state = forms.ChoiceField(label="应该是", choices=[(state, STATE_HEADINGS[state]) for state in STATES])
    reason = Text("为什么改", most=300, long=True, help_text="第二位同事发布前会看到。")
    filled = forms.CharField(widget=forms.HiddenInput, required=False, max_length=3)

    def __init__(self, *args, editing, typed, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.typed = typed
        for key in (*DATES, *SUMS, "missing_facts"):
            self._add_expectation(key, editing)

    def _add_expectation(self, key, editing) -> None:
        label = EXPECTATION_LABELS[key]
        nothing = [] if key == "missing_facts" else [(NOTHING, "没有")]
        self.fields[f"{key}_mode"] = forms.ChoiceField(
            label=label, choices=[(UNCHECKED, "不核对"), *nothing, (GIVEN, "是")], required=False
        )
        if self.typed.get(f"{key}_mode") == GIVEN:
            self.fields[key] = self._value_field(key, label, editing)

    def _value_field(self, key, label, editing):
        if key == "missing_facts":
            options = [(fact.name, fact.label) for fact in editing.registry.values()]
            return forms.MultipleChoiceField(
                label=label, choices=options, required=False, widget=forms.CheckboxSelectMultiple
            )
        return Day(f"{label}：日期") if key in DATES else Money(f"{label}：元", signed=True)

    @property
    def expectations(self) -> list:
        names = [name for key in (*DATES, *SUMS, "missing_facts") for name in (f"{key}_mode", key)]
        return [self["state"], *(self[name] for name in names if name in self.fields)]

    @classmethod
    def typed_of(cls, case, reason, registry) -> Record:
        shown = {"name": case["name"], "as_of": case["as_of"], "reason": reason}
        shown["kept"] = json.dumps({"expect": case["expect"]}, ensure_ascii=False)
        facts = [FactForm.typed_of(name, raw, registry) for name, raw in case["profile"].items()]
        return record({**shown, **expectations_typed(case["expect"])}, profile=facts)

    def clean(self):
        cleaned = super().clean()
        for key in (*DATES, *SUMS, "missing_facts"):
            if cleaned.get(f"{key}_mode") == GIVEN and key in self.fields and not cleaned.get(key):
                if key not in self.errors:
                    self.add_error(key, values.MISSING)
            elif cleaned.get(f"{key}_mode") == GIVEN and key not in self.fields:
                self.add_error(f"{key}_mode", values.MISSING)
        return cleaned

    def expect(self):
        was = self.kept_content().get("expect") or {}
        before, cleaned = expectations_typed(was), self.cleaned_data
        expect = {key: value for key, value in was.items() if key not in EXPECTATION_LABELS}
        expect["state"] = cleaned["state"]
        for key in (*DATES, *SUMS, "missing_facts"):
            mode = cleaned.get(f"{key}_mode")
            if mode == UNCHECKED:
                continue
            given = None if mode == NOTHING else cleaned.get(key)
            if key in was and expectations_typed({key: given}) == {
                name: value for name, value in before.items() if name in (key, f"{key}_mode")
            }:
                given = was[key]
            if key == "missing_facts" and key in was and sorted(was[key]) == sorted(given or []):
                given = was[key]  # their order counts, and a list of choices has none
            expect[key] = given
        return expect


def expectations_typed(expect) -> dict:
    """Stored expectations as the fields of a case hold them."""
    typed = {"state": expect["state"]} if "state" in expect else {}
    for key, value in expect.items():
        if key in (*DATES, *SUMS, "missing_facts"):
            typed[f"{key}_mode"] = NOTHING if value is None else GIVEN
            if value is not None:
                typed[key] = value
    return typed


class ReasonForm(RowForm):
    """Why a case that stood before is gone."""

    name = forms.CharField(widget=forms.HiddenInput, max_length=200)
    reason = Text("为什么删", most=300, long=True, required=True, help_text="第二位同事发布前会看到。")


class CaseRow:
    """A case on the page: its form, its facts, what both versions say of it."""

    def __init__(self, typed, path, place, last, editing, checked) -> None:
        self.typed, self.path, self.first, self.last = typed, path, place == 1, last
        self.place, self.called, self.about, self.actual = place, f"样例 {place}", "", {}
        self.title = typed.get("name") or "新样例"
        self.form = CaseForm.of(typed, path, checked=checked, editing=editing, typed=typed)
        rows = typed.rows("profile")
        self.facts = [
            {
                "path": f"{path}.profile.{number}",
                "form": FactForm.of(
                    fact, f"{path}.profile.{number}", checked=checked, editing=editing, typed=fact
                ),
            }
            for number, fact in enumerate(rows, 1)
        ]
        self.results = []
        self.problem = ""
        self.needs_reason = bool(typed.get("filled") or typed.get("reason"))

    @property
    def opened(self) -> bool:
        """Whether the facts are to be seen: one of them is wrong, or there are none yet."""
        return not self.facts or any(row["form"].is_bound and row["form"].errors for row in self.facts)

    @property
    def reasoned(self):
        return self.form["reason"]

    def stored(self, registry) -> dict | None:
        """The stored case, or None where something in it is wrong."""
        facts = [row["form"] for row in self.facts]
        if not all([self.form.is_valid(), *(form.is_valid() for form in facts)]):
            return None
        pairs = [form.pair(registry) for form in facts]
        names = [name for name, _ in pairs]
        if repeated := next((name for name in names if names.count(name) > 1), None):
            facts[len(names) - 1 - names[::-1].index(repeated)].add_error(
                "fact", "这一项写了两次，请留一个。"
            )
            return None
        cleaned = self.form.cleaned_data
        return {
            "name": cleaned["name"],
            "as_of": cleaned["as_of"],
            "profile": dict(pairs),
            "expect": self.form.expect(),
        }

    def compare(self, before: Outcome | None, now: Outcome | None, case, editing) -> None:
        """Rows of the table: what is expected, what the version before says, what this one says."""
        self.problem = (now and now.problem) or ""
        expect, was, new = case["expect"], before.actual if before else {}, now.actual if now else {}
        self.results = [
            {
                "label": label,
                "expected": expectation_text(key, expect[key], editing) if key in expect else "不核对",
                "before": expectation_text(key, was.get(key), editing) if was else "—",
                "now": expectation_text(key, new.get(key), editing) if new else "—",
                "wrong": bool(new) and key in expect and expect[key] != new.get(key),
            }
            for key, label in EXPECTATION_LABELS.items()
            if key in expect or (was.get(key) != new.get(key)) or key in ("state", "value")
        ]


class GoldenTab:
    """All cases of a draft, with those of the version before it."""

    slug, label, keys = "golden", "样例", ("golden",)
    previews = False

    def __init__(self, editing, typed, *, checked) -> None:
        self.editing, self.typed, self.problems = editing, typed, []
        rows = typed.rows("cases")
        self.cases = [
            CaseRow(case, f"t.cases.{place}", place, place == len(rows), editing, checked)
            for place, case in enumerate(rows, 1)
        ]
        based_on = editing.version.based_on
        self.before = based_on.content if based_on else None
        self.stood = {case["name"] for case in (self.before or {}).get("golden") or ()}
        for row in self.cases:
            row.needs_reason = row.needs_reason or row.typed.get("name") in self.stood
        self.gone = self._gone(checked)
        self._compare()

    def _gone(self, checked):
        names = {case.typed.get("name") for case in self.cases}
        given = {row.get("name"): row.get("reason") for row in self.typed.rows("gone")}
        reasons = self.editing.version.golden_reasons
        rows = []
        gone = [case["name"] for case in (self.before or {}).get("golden") or () if case["name"] not in names]
        for place, name in enumerate(gone, 1):
            typed = record({"name": name, "reason": given.get(name, reasons.get(name, ""))})
            rows.append({"name": name, "form": ReasonForm.of(typed, f"t.gone.{place}", checked=checked)})
        return rows

    @classmethod
    def typed_from(cls, editing):
        reasons = editing.version.golden_reasons
        return record(
            cases=[
                CaseForm.typed_of(case, reasons.get(case["name"], ""), editing.registry)
                for case in editing.content.get("golden") or ()
            ]
        )

    def _quiet(self):
        """The cases as they could be read, by position; nothing is complained about."""
        registry, editing = self.editing.registry, self.editing
        for place, row in enumerate(self.cases):
            quiet = CaseRow(row.typed, row.path, place + 1, row.last, editing, True)
            if (case := quiet.stored(registry)) is not None:
                yield place, case

    def _compare(self) -> None:
        readable = dict(self._quiet())
        cases = list(readable.values())
        before, now = rule_of(self.before, self.editing), rule_of(self.editing.content, self.editing)
        befores = outcomes(before, cases, self.editing) if before else [None] * len(cases)
        nows = outcomes(now, cases, self.editing) if now else [None] * len(cases)
        for (place, case), was, new in zip(readable.items(), befores, nows, strict=True):
            row = self.cases[place]
            row.compare(was, new, case, self.editing)
            row.about = profile_text(case["profile"], self.editing.registry)
            row.actual = new.actual if new else {}

    def fill(self, path) -> None:
        """Take what was worked out as what is expected of a case. A reason is then asked for."""
        row = next((row for row in self.cases if row.path == path), None)
        actual = getattr(row, "actual", None)
        if not actual:
            return
        if not actual["missing_facts"]:
            del actual["missing_facts"]
        names = [name for key in EXPECTATION_LABELS for name in (key, f"{key}_mode")]
        kept = {name: value for name, value in row.typed.values.items() if name not in names}
        row.typed.values = {**kept, **record(expectations_typed(actual)).values, "filled": ["yes"]}

    def changes(self):
        """({content key: value}, {version field: value}), or None where something is wrong."""
        stored = [row.stored(self.editing.registry) for row in self.cases]
        fine = all(row["form"].is_valid() for row in self.gone) and None not in stored
        reasons = {row["name"]: row["form"].cleaned_data.get("reason", "") for row in self.gone}
        changed = changed_cases(self.before, {"golden": [case for case in stored if case]})
        names = [case["name"] for case in stored if case]
        for row, case in zip(self.cases, stored, strict=True):
            if case is None:
                continue
            given = row.form.cleaned_data.get("reason", "").strip()
            if names.count(case["name"]) > 1:
                row.form.add_error("name", "有两个样例叫这个名字，请改一个。")
                fine = False
            if not given and changed.get(case["name"]) == CHANGED:
                row.form.add_error("reason", "这个样例和上一版不一样了，请写明为什么。")
                row.needs_reason, fine = True, False
            elif not given and row.typed.get("filled"):
                row.form.add_error("reason", "预期是按算出来的填的，请写明为什么这样对。")
                fine = False
            reasons[case["name"]] = given
        if not fine:
            return None
        kept = {name: reason for name, reason in reasons.items() if reason}
        return ({"golden": stored} if stored or self.editing.content.get("golden") else {}), {
            "golden_reasons": kept
        }

    def place(self, fault) -> None:
        self.problems.append(fault.detail)
