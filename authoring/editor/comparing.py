"""Two versions side by side, section by section, in words; and the places where texts still name an old figure."""

import re
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from core.wording import number_text
from eligibility.golden_cases import EXPECTATION_LABELS, expectation_text
from eligibility.wording import MATERIALS, ROLES, days_label
from policies.criteria.durations import UNITS
from policies.criteria.rules import DELIVERIES, KINDS

from . import amount_forms
from .content_forms import CERTAINTIES, EVERY_ORIGIN
from .editing import figure_text, figures_text
from .previews import profile_text
from .tree_forms import GROUP_LABELS, kind_in, said
from .values import proof_text


class Pair(NamedTuple):
    """A line of the older version beside one of the newer; empty where there is none."""

    before: str
    after: str

    @property
    def same(self) -> bool:
        return self.before == self.after


def sections(before, after) -> list[dict]:
    """``before`` and ``after`` are Editings. Every section as ``{"title", "pairs", "differs"}``."""
    found = []
    for _, title, lines in SECTIONS:
        pairs = list(_aligned(list(lines(before)), list(lines(after))))
        found.append({"title": title, "pairs": pairs, "differs": not all(pair.same for pair in pairs)})
    return found


def _aligned(left, right):
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Pair(line, line) for line in left[a:b])
        else:
            yield from (Pair(*pair) for pair in zip_longest(left[a:b], right[c:d], fillvalue=""))


def _line(*parts) -> str:
    return "　".join(str(part) for part in parts if part)


def _basics(editing):
    content = editing.content
    window = content.get("window") or {}
    yield f"名称：{content.get('title', '')}"
    if content.get("plain_title"):
        yield f"平常叫法：{content['plain_title']}"
    yield f"种类：{KINDS.get(content.get('kind'), content.get('kind'))}"
    yield f"办理方式：{DELIVERIES.get(content.get('delivery'), content.get('delivery'))}"
    yield f"条款：{content.get('clause', '')}"
    yield f"一个人只能享受一次：{'是' if content.get('once_per_person') else '否'}"
    yield f"主动告诉店主：{ {True: '告诉', False: '不告诉'}.get(content.get('push'), '按有没有金额') }"
    yield f"办理期限：{window.get('from') or '不限'} 至 {window.get('to') or '不限'}"
    if content.get("window_note"):
        yield f"期限说明：{content['window_note']}"
    if content.get("excludes"):
        yield f"不能同时享受：{'、'.join(sorted(content['excludes']))}"
    if content.get("topics"):
        yield f"主题：{'、'.join(editing.topics.get(code, code) for code in content['topics'])}"


def _tree(raw, editing, number=""):
    for place, node in enumerate(_children(raw), 1):
        own = f"{number}.{place}" if number else str(place)
        kind = kind_in(node)
        if kind in GROUP_LABELS:
            yield _line(f"{own}　{GROUP_LABELS[kind]}：", _notes(node))
            yield from _tree(node, editing, own)
        else:
            yield _line(f"{own}　{said(node, editing) or '读不出来'}", _notes(node))


def _children(raw):
    if not isinstance(raw, dict):
        return []
    kind = kind_in(raw)
    children = [raw["not"]] if kind == "not" else raw.get(kind)
    return [child for child in children if isinstance(child, dict)] if isinstance(children, list) else []


def _notes(node) -> str:
    marks = [
        f"条款 {node['clause']}" if node.get("clause") else "",
        f"来自{EVERY_ORIGIN.get(node['origin'], node['origin'])}" if node.get("origin") else "",
        "店主能改变" if node.get("changeable") else "",
        "工作人员核对" if node.get("check") else "",
        "不符合表示已经享受过" if node.get("held") else "",
        f"口径：{node['interpretation']}" if node.get("interpretation") else "",
        f"怎么办：{node['advice']}" if node.get("advice") else "",
    ]
    return f"（{'；'.join(mark.rstrip('。') for mark in marks if mark)}）" if any(marks) else ""


def _criteria(editing):
    yield from _tree(editing.content.get("criteria"), editing)


def _relevance(editing):
    yield from _tree(editing.content.get("relevance"), editing)


def _amounts(editing):
    content = editing.content
    kind = next(iter(content.get("amount") or {"none": {}}))
    yield f"怎么给：{amount_forms.AMOUNTS.get(kind, (kind,))[0]}"
    yield from _terms(kind, content["amount"].get(kind), editing)
    for name, raw in editing.parameters.items():
        used = "、".join(amount_forms.used_for(name, editing)) or "没有用到"
        rows = raw if isinstance(raw, list) else []
        notes = "；".join(filter(None, (_figure_notes(row) for row in rows if isinstance(row, dict))))
        yield _line(f"{used}：{figures_text(raw)}", f"（{notes}）" if notes else "")
    label = content.get("amount_label")
    if label:
        yield f"页面上的金额：{label['prefix']} {label['figure']} {label['unit']}"
    if content.get("amount_open"):
        yield f"标准没有公布时：{content['amount_open']}"


def _terms(kind, terms, editing):
    terms = {"grant": terms} if kind == "fixed" else terms or {}
    for key, label, value_kind in amount_forms.AMOUNTS.get(kind, ("", ()))[1]:
        value = terms.get(key)
        if value_kind.startswith("fact ") and value in editing.registry:
            yield f"{label}：{editing.registry[value].label}"
        elif value is not None and not (isinstance(value, dict) and "param" in value):
            yield f"{label}：{figure_text(value)}"


def _figure_notes(row) -> str:
    unverified = "还没核实" if row.get("unverified") else ""
    return "，".join(filter(None, (row.get("clause"), row.get("note"), unverified)))


def _materials(editing):
    for row in editing.content.get("materials") or ():
        proves = proof_text(editing.registry, row.get("proves") or ())
        yield _line(
            row["name"],
            MATERIALS.get(row["how"]),
            row.get("note"),
            proves and f"证明{proves}",
            ROLES.get(row.get("role")),
            "可以不交" if row.get("optional") else "",
            _from(row),
        )


# Terms of the process that a version may fix, besides what is promised.
TERMS = {
    "legal_working_days": ("法定时限", "个工作日"),
    "correction_working_days": ("补正时限", "个工作日"),
    "publicity_days": ("拨付前公示", "天"),
    "second_approval_from": ("两个人审批，从", "元起"),
    "appeal_days": ("申诉期", "天"),
}


def _process(editing):
    content = editing.content
    yield f"承诺时限：{days_label(content.get('promised_working_days'))}"
    yield from (
        f"{label}：{content[name]} {unit}"
        for name, (label, unit) in TERMS.items()
        if content.get(name) is not None
    )
    yield f"收费：{content.get('fee') or '没有写'}"
    for row in content.get("steps") or ():
        days = row.get("working_days")
        yield _line(row["name"], row.get("note"), "" if days is None else days_label(days), _from(row))


def _from(row) -> str:
    return f"来自{EVERY_ORIGIN.get(row['origin'], row['origin'])}" if row.get("origin") else ""


def _basis(editing):
    for row in editing.content.get("basis") or ():
        yield _line(row["document"], row.get("clause"), CERTAINTIES.get(row["certainty"]))


def _texts(editing):
    content = editing.content
    yield f"白话说明：{content.get('summary', '')}"
    yield f"给谁：{content.get('who', '')}"
    yield from (f"问：{row['question']}　答：{row['answer']}" for row in content.get("questions") or ())
    yield from (f"备注：{note}" for note in content.get("notes") or ())


def _golden(editing):
    for case in editing.content.get("golden") or ():
        expected = "；".join(
            f"{label} {expectation_text(key, case['expect'][key], editing)}"
            for key, label in EXPECTATION_LABELS.items()
            if key in case["expect"]
        )
        yield f"{case['name']}（{case['as_of']}，{profile_text(case['profile'], editing.registry)}）应该：{expected}"


# (tab, title, lines)
SECTIONS = (
    ("basics", "基本", _basics),
    ("criteria", "条件", _criteria),
    ("criteria", "跟谁有关", _relevance),
    ("amounts", "金额", _amounts),
    ("materials", "材料", _materials),
    ("process", "流程时限", _process),
    ("basis", "依据", _basis),
    ("texts", "文案", _texts),
    ("golden", "样例", _golden),
)


def in_words(tab, editing) -> list[dict]:
    """What a tab holds, as lines to read: ``{"title", "lines"}`` for every section that says something."""
    found = [
        {"title": title, "lines": list(lines(editing))} for slug, title, lines in SECTIONS if slug == tab
    ]
    return [section for section in found if section["lines"]]


# Figures that changed, and texts that still say the old one


def stale_texts(before, after) -> list[dict]:
    """Places of ``after`` that still name a figure which only ``before`` has: ``{tab, place, text, figures}``.

    Both are contents of versions; ``before`` may be None.
    """
    old = _figures(before or {}) - _figures(after)
    spellings = {spelling: shown for shown in old for spelling in _spellings(shown)}
    if not spellings:
        return []
    found = []
    for tab, place, text in _texts_of(after):
        named = {shown for spelling, shown in spellings.items() if _names(spelling, text)}
        if named:
            found.append({"tab": tab, "place": place, "text": text, "figures": sorted(named)})
    return found


def _names(spelling, text):
    return re.search(rf"(?<![0-9,.]){re.escape(spelling)}(?![0-9,]|\.[0-9])", text)


def _figures(content):
    """Figures in force in some content, as people write them."""
    found = set()
    for raw in (content.get("parameters") or {}).values():
        for row in raw if isinstance(raw, list) else [{"value": raw}]:
            if isinstance(row, dict):
                found |= _shown(row.get("value"), row.get("unit"))
    for leaf in amount_forms.stored_leaves(content.get("criteria")):
        found |= _shown(leaf.get("value"), "")
    for terms in (content.get("amount") or {}).values():
        for value in terms.values() if isinstance(terms, dict) else [terms]:
            found |= _shown(value, "")
    return found


def _shown(value, unit):
    if isinstance(value, dict) and len(value) == 1:
        ((name, count),) = value.items()
        return {f"{count} {UNITS[name]}"} if name in UNITS else set()
    if isinstance(value, bool) or not isinstance(value, str | int):
        return set()
    text = str(value)
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return set()
    if unit in ("", None, "元"):
        return {number_text(text)} if float(text) >= 100 else _percent(text)
    return {f"{number_text(text)} {unit}"}


def _percent(text):
    share = float(text)
    return {f"{share * 100:g}%"} if 0 < share < 1 else set()


def _spellings(shown):
    plain = shown.replace(",", "")
    found = {shown, plain, shown.replace(" ", ""), plain.replace(" ", "")}
    if plain.isdigit() and int(plain) % 10_000 == 0:
        found |= {f"{int(plain) // 10_000} 万", f"{int(plain) // 10_000}万"}
    if plain.endswith(" 年") and plain[0] in "123456789" and plain[1] == " ":
        found.add(f"{'一两三四五六七八九'[int(plain[0]) - 1]}年")
    return found


def _texts_of(content):
    """(tab, place, text) of everything people read that a figure may stand in."""
    yield "basics", "名称", content.get("title") or ""
    yield "basics", "平常叫法", content.get("plain_title") or ""
    yield "basics", "期限说明", content.get("window_note") or ""
    label = content.get("amount_label") or {}
    yield "amounts", "页面上的金额", " ".join(label.get(part, "") for part in ("prefix", "figure", "unit"))
    yield "amounts", "标准没有公布时", content.get("amount_open") or ""
    for raw in (content.get("parameters") or {}).values():
        for row in raw if isinstance(raw, list) else ():
            yield "amounts", "参数的说明", row.get("note") or ""
    for leaf in amount_forms.stored_leaves(content.get("criteria")):
        yield "criteria", "条件的口径", leaf.get("interpretation") or ""
        yield "criteria", "条件的怎么办", leaf.get("advice") or ""
    for key, place in (("materials", "材料的说明"), ("steps", "环节的说明")):
        for row in content.get(key) or ():
            yield "materials" if key == "materials" else "process", place, row.get("note") or ""
    yield "texts", "白话说明", content.get("summary") or ""
    yield "texts", "给谁", content.get("who") or ""
    for note in content.get("notes") or ():
        yield "texts", "备注", note
    for row in content.get("questions") or ():
        yield "texts", "问答", f"{row['question']} {row['answer']}"
