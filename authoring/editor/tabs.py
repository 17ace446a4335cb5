"""The tabs of the editor. A tab holds what is typed as forms, says what is wrong, and what it means for the content.

``changes()`` is ``({content key: value or LEFT_OUT}, {version field: value})``, or None where something is wrong; a
fault of the whole that only the rule language finds is put to its row by ``place(fault)``.
"""

import json

from core.facts import read_date
from policies.content import check_content, check_shape

from . import amount_forms, content_forms, tree_forms
from .amount_forms import AmountForm, FigureForm, ParameterForm
from .golden_forms import GoldenTab
from .rows import LEFT_OUT, kept_json
from .state import record

ABSENT = "absent"  # how a hidden field says that content lacks a key


class Row:
    """One row of a list on the page. ``noun`` and its place name it."""

    def __init__(self, typed, path, place, last, form, noun) -> None:
        self.typed, self.path, self.form, self.place = typed, path, form, place
        self.first, self.last, self.problems = place == 1, last, []
        self.title = f"{noun} {place}"


def _rows(rows, path, noun, form_class, **context):
    for place, typed in enumerate(rows, 1):
        here = f"{path}.{place}"
        form = form_class.of(typed, here, **context)
        yield Row(typed, here, place, place == len(rows), form, noun)


class Rows:
    """A list of equal rows. ``title`` heads it, ``noun`` names one row."""

    def __init__(self, key, noun, form_class, typed, *, checked) -> None:
        self.key, self.noun, self.form_class, self.path = key, noun, form_class, f"t.{key}"
        self.rows = list(_rows(typed.rows(key), self.path, noun, form_class, checked=checked))

    def stored(self) -> list | None:
        if not _all_valid(row.form for row in self.rows):
            return None
        return [row.form.stored(row.typed) for row in self.rows]


class Sheet:
    """A tab of plain fields and lists of rows. ``HEAD``: the form of the fields; ``LISTS``: (key, noun, form)."""

    slug = label = ""
    HEAD = None
    LISTS: tuple = ()
    previews = False

    def __init__(self, editing, typed, *, checked) -> None:
        self.editing, self.typed, self.problems = editing, typed, []
        self.head = self.HEAD.of(typed, "t", checked=checked, **self._context(editing)) if self.HEAD else None
        self.lists = [Rows(*parts, typed, checked=checked) for parts in self.LISTS]

    @classmethod
    def _context(cls, editing) -> dict:
        return {}

    @classmethod
    def head_keys(cls):
        return tuple(cls.HEAD.keys()) if cls.HEAD else ()

    @classmethod
    def typed_from(cls, editing):
        content = editing.content
        own = {key: content[key] for key in cls.head_keys() if key in content}
        root = cls.HEAD.shown(own, **cls._context(editing)) if cls.HEAD else record()
        for key, _, form_class in cls.LISTS:
            root.lists[key] = [form_class.shown(row) for row in content.get(key) or ()]
        return root

    def changes(self):
        fine = self.head is None or self.head.is_valid()
        stored = {rows.key: rows.stored() for rows in self.lists}
        if not fine or None in stored.values():
            return None
        changes = {key: rows for key, rows in stored.items() if rows or self.editing.content.get(key)}
        if self.head:
            own = self.head.stored(self.typed, **self._context(self.editing))
            changes |= {key: own.get(key, LEFT_OUT) for key in self.head_keys()}
        return changes, self.version_changes()

    def version_changes(self) -> dict:
        return {}

    def place(self, fault) -> None:
        self.problems.append(fault.detail)


class BasicsTab(Sheet):
    slug, label, HEAD = "basics", "基本", content_forms.BasicsForm
    keys = tuple(content_forms.BasicsForm.keys())

    @classmethod
    def _context(cls, editing) -> dict:
        return {"editing": editing}

    def version_changes(self) -> dict:
        cleaned = self.head.cleaned_data
        day = cleaned.get("effective_from")
        return {
            "effective_from": read_date(day) if day else None,
            "change_note": cleaned.get("change_note") or "",
        }


class MaterialsTab(Sheet):
    slug, label, keys = "materials", "材料", ("materials",)
    LISTS = (("materials", "材料", content_forms.MaterialForm),)


class ProcessTab(Sheet):
    slug, label = "process", "流程时限"
    keys = (*content_forms.ProcessForm.keys(), "steps")
    HEAD, LISTS = content_forms.ProcessForm, (("steps", "环节", content_forms.StepForm),)


class BasisTab(Sheet):
    slug, label, keys = "basis", "依据", ("basis",)
    LISTS = (("basis", "依据", content_forms.BasisForm),)


class TextsTab(Sheet):
    slug, label, keys = "texts", "文案", ("summary", "who", "notes", "questions")
    HEAD = content_forms.TextsForm
    LISTS = (
        ("questions", "问答", content_forms.QuestionForm),
        ("notes", "备注", content_forms.NoteForm),
    )


class CriteriaTab:
    """The tree, the one that says whom a service is of interest to, and the named conditions both may use."""

    slug, label, keys = "criteria", "条件", ("criteria", "relevance", "conditions")
    previews = True
    TREES = (
        ("criteria", "谁能享受", "下面的全部满足才能享受。"),
        ("relevance", "跟谁有关", "服务类事项先给谁看。空着表示给所有人看。"),
    )

    def __init__(self, editing, typed, *, checked) -> None:
        self.editing, self.typed, self.problems = editing, typed, []
        self.trees = [
            {
                "key": key,
                "title": title,
                "about": about,
                "path": f"t.{key}",
                "kept": typed.get(f"{key}_kept"),
                "nodes": tree_forms.nodes(typed.rows(key), f"t.{key}", editing, checked=checked),
            }
            for key, title, about in self.TREES
        ]
        self.named = [
            {
                "path": f"t.conditions.{place}",
                "name": row.get("name"),
                "title": tree_forms.condition_label(row.get("name"), editing),
                "nodes": tree_forms.nodes(
                    row.rows("items"), f"t.conditions.{place}.items", editing, checked=checked
                ),
                "problems": [],
            }
            for place, row in enumerate(typed.rows("conditions"), 1)
        ]
        self.quiet_content = None
        if not checked:
            self._say(editing, typed)

    def _say(self, editing, typed) -> None:
        """Give every node its sentence, without complaint where it has none yet."""
        quiet = CriteriaTab(editing, typed, checked=True)
        self.quiet_content = quiet.changes()
        said = {node.path: node.sentence for node in quiet.every_node()}
        for node in self.every_node():
            node.sentence = said.get(node.path, "")
        self.hint_clauses()

    def every_node(self):
        for group in (*self.trees, *self.named):
            yield from tree_forms.flat(group["nodes"])

    @classmethod
    def typed_from(cls, editing):
        content, root = editing.content, record()
        for key, *_ in cls.TREES:
            tree = content.get(key, LEFT_OUT)
            kept = ABSENT if tree is LEFT_OUT else _without(tree, "all")
            root.values[f"{key}_kept"] = [kept]
            if isinstance(tree, dict):
                root.lists[key] = [tree_forms.node_record(node, editing) for node in tree.get("all") or ()]
        root.lists["conditions"] = [
            record({"name": name}, items=[tree_forms.node_record(node, editing)])
            for name, node in editing.conditions.items()
        ]
        return root

    def changes(self):
        editing, changes, fine = self.editing, {}, True
        for tree in self.trees:
            if too_many := tree_forms.too_many(tree["nodes"]):
                self.problems.append(too_many)
                fine = False
        if fine:
            conditions, fine = self._conditions()
            # Rows are read with the conditions as they are typed now.
            editing.content = {**editing.content, "conditions": conditions}
            editing.__dict__.pop("conditions", None)
        for tree in self.trees:
            stored = [node.stored(editing) for node in tree["nodes"]]
            fine = fine and None not in stored
            kept = _kept(self.typed.get(f"{tree['key']}_kept"))
            if tree["key"] == "relevance" and not stored and (kept is LEFT_OUT or kept is None):
                changes[tree["key"]] = kept
            else:
                changes[tree["key"]] = {**(kept if isinstance(kept, dict) else {}), "all": stored}
        if not fine:
            return None
        return {**changes, "conditions": conditions if conditions or self.had_conditions() else LEFT_OUT}, {}

    def had_conditions(self) -> bool:
        return bool(self.typed.rows("conditions")) or "conditions" in self.editing.version.content

    def _conditions(self):
        conditions, fine = {}, True
        for named in self.named:
            stored = [node.stored(self.editing) for node in named["nodes"]]
            if not amount_forms.NAME.fullmatch(named["name"]):
                named["problems"].append("公共条件的代号用小写英文字母、数字和下划线。")
                fine = False
            elif len(stored) != 1:
                named["problems"].append("公共条件要正好一个，几个条件请先放进一组。")
                fine = False
            elif stored[0] is None:
                fine = False
            else:
                conditions[named["name"]] = stored[0]
        return conditions, fine

    def hint_clauses(self) -> None:
        """Say at the row where no clause is stated; publishing refuses it."""
        from eligibility.completeness import rows_without_clause

        if self.quiet_content is None:
            return
        bare = set(rows_without_clause({**self.editing.content, **_present(self.quiet_content[0])}))
        for node in tree_forms.flat(self.trees[0]["nodes"]):
            if node.number in bare:
                node.hints.append("这一条和它外面的组都没有写条款，补上才能发布。")

    def place(self, fault) -> None:
        key, *rest = fault.path
        steps = [step for step in rest if step not in ("all", "any")]
        number = ".".join(str(step + 1) if isinstance(step, int) else "1" for step in steps)
        tree = next((tree for tree in self.trees if tree["key"] == key), None)
        found = None
        while tree and number and found is None:
            found = next((node for node in tree_forms.flat(tree["nodes"]) if node.number == number), None)
            number = number.rpartition(".")[0]
        (found.problems if found else self.problems).append(f"{fault.detail}。")


def _without(tree, key):
    if not isinstance(tree, dict):
        return json.dumps(tree)
    return json.dumps({name: value for name, value in tree.items() if name != key}, ensure_ascii=False)


def _all_valid(forms) -> bool:
    """Looks at each, so that the faults of all are told at once."""
    valid = [form.is_valid() for form in forms]
    return all(valid)


def _kept(text):
    return LEFT_OUT if not text or text == ABSENT else kept_json(text)


def _present(changes) -> dict:
    return {key: value for key, value in changes.items() if value is not LEFT_OUT}


class AmountsTab:
    """Figures with their dates, and the amount worked out of them."""

    slug, label, keys = "amounts", "金额", ("parameters", "amount", "amount_label", "amount_open")
    previews = True

    def __init__(self, editing, typed, *, checked) -> None:
        self.editing, self.typed, self.problems = editing, typed, []
        self.head = AmountForm.of(typed, "t", checked=checked, editing=editing, typed=typed)
        self.kept = typed.get("parameters_kept")
        for row in typed.rows("parameters"):
            if not row.rows("rows"):
                row.lists["rows"] = [record({"kept": ""})]
        parameters = typed.rows("parameters")
        self.parameters = list(_rows(parameters, "t.parameters", "参数", ParameterForm, checked=checked))
        for row in self.parameters:
            self._figures(row, checked)

    def _figures(self, row, checked) -> None:
        kind = row.typed.get("kind") if row.typed.get("kind") in amount_forms.FIGURE_KINDS else "money"
        row.kind, rows = kind, row.typed.rows("rows")
        noun = f"{row.title} 的时段"
        row.figures = list(_rows(rows, f"{row.path}.rows", noun, FigureForm, checked=checked, kind=kind))
        row.used_for = amount_forms.used_for(row.typed.get("name"), self.editing)

    @classmethod
    def typed_from(cls, editing):
        content = editing.content
        own = {key: content[key] for key in ("amount", "amount_label", "amount_open") if key in content}
        root = AmountForm.shown(own)
        root.lists["parameters"] = [
            cls._parameter_record(name, raw, content) for name, raw in editing.parameters.items()
        ]
        root.values["parameters_kept"] = [
            json.dumps(content["parameters"] and {}) if "parameters" in content else ABSENT
        ]
        return root

    @staticmethod
    def _parameter_record(name, raw, content):
        kind = amount_forms.figure_kind(name, raw, content)
        bare = not isinstance(raw, list)
        rows = [{"value": raw}] if bare else raw
        return record(
            {"name": name, "kind": kind, "kept": json.dumps({"bare": bare})},
            rows=[FigureForm.shown(row, kind) for row in rows],
        )

    def changes(self):
        fine, parameters = self.head.is_valid(), {}
        for row in self.parameters:
            stored = self._stored(row)
            if stored is None:
                fine = False
                continue
            name = row.form.cleaned_data["name"]
            if name in parameters:
                row.form.add_error("name", "有两个参数叫这个代号，请改一个。")
                fine = False
            parameters[name] = stored
        if not fine:
            return None
        own = self.head.stored(self.typed)
        changes = {key: own.get(key, LEFT_OUT) for key in ("amount", "amount_label", "amount_open")}
        kept = _kept(self.typed.get("parameters_kept"))
        return {**changes, "parameters": parameters or kept}, {}

    def _stored(self, row):
        forms = [row.form, *(figure.form for figure in row.figures)]
        if not _all_valid(forms):
            return None
        stored = [figure.form.stored(figure.typed) for figure in row.figures]
        bare = row.form.kept_content().get("bare") and len(stored) == 1 and set(stored[0]) == {"value"}
        return stored[0]["value"] if bare else stored

    def place(self, fault) -> None:
        if fault.path[:1] == ("parameters",) and len(fault.path) > 1:
            for row in self.parameters:
                if row.typed.get("name") == fault.path[1]:
                    row.problems.append(f"{fault.detail}。")
                    return
        self.problems.append(f"{fault.detail}。")


TABS = {
    tab.slug: tab
    for tab in (
        BasicsTab,
        CriteriaTab,
        AmountsTab,
        MaterialsTab,
        ProcessTab,
        BasisTab,
        TextsTab,
        GoldenTab,
    )
}


def changed_content(content, changes) -> dict:
    """Content with a tab's changes."""
    present = {**content, **changes}
    return {key: value for key, value in present.items() if value is not LEFT_OUT}


def checked_changes(tab, stored_content):
    """(new content, version fields) of a checked tab, or None: every fault is at its row then."""
    changes = tab.changes()
    if changes is None:
        return None
    content = changed_content(stored_content, changes[0])
    faults = check_shape(content, "benefit")
    if not faults:
        editing = tab.editing
        _, faults = check_content(content, registry=editing.registry, code=editing.code)
    for fault in faults:
        tab.place(fault)
    return None if faults else (content, changes[1])
