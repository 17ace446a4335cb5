"""How values read on a page: money, dates, and the words, colour and icon of a state or a verdict."""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from core.idempotency import FIELD, form_key

register = template.Library()

# Colours are never alone: every tone comes with an icon and words (ux.md §0).
TONES = {
    "now": "ok",
    "auto": "ok",
    "soon": "soon",
    "if": "may",
    "unknown": "may",
    "no": "no",
    "have": "no",
    "closed": "no",
}
ICONS = {
    "now": "check",
    "auto": "check",
    "soon": "clock",
    "if": "question",
    "unknown": "question",
    "no": "dash",
    "have": "check",
    "closed": "pause",
}
VERDICTS = {
    "pass": ("符合", "ok", "check"),
    "fail": ("不符合", "err", "cross"),
    "wait": ("还要等", "soon", "clock"),
    "unknown": ("还没回答", "may", "question"),
    "staff": ("审核时核对", "may", "question"),
}
CHANGEABLE = ("还没做到", "may", "question")
ONE_BREATH = 30  # characters of a sentence that is read at once
GAINS = {"cash": "您预计可领", "tax": "您预计少交", "loan": "您最多可借"}


@register.simple_tag
def sent_once() -> str:
    """The hidden input by which a form that is sent twice has one effect (core/idempotency.py)."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, form_key())


@register.filter
def money(value) -> str:
    """Yuan with thousands separators and no needless zeros: "5000.00" is "5,000", "0.50" stays "0.50"."""
    if value is None or value == "":
        return ""
    try:
        amount = Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return value
    return f"{amount:,.2f}".removesuffix(".00")


@register.filter
def zh_date(value) -> str:
    """A date, or its ISO spelling, as one says it: 2027 年 1 月 15 日."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value[:10])
        except ValueError:
            return value
    if isinstance(value, datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
    if not isinstance(value, date):
        return ""
    return f"{value.year} 年 {value.month} 月 {value.day} 日"


@register.simple_tag
@lru_cache
def icon(name) -> str:
    """An icon of components/icons.html by its own name, or that of a state. Always beside words."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', ICONS.get(name, name)
    )


@register.filter
@lru_cache(maxsize=2_000)
def itemised(text) -> str:
    """A sentence too long for one breath, with a line for each clause of it, or a place for each of what it lists."""
    head, colon, rest = str(text or "").rpartition("：")
    if len(head + rest) <= ONE_BREATH:
        return text
    clauses, items = _clauses(rest), re.findall("[^、]+、?", rest)
    if len(clauses) == 1 and len(items) < 4:
        return text
    kind, parts = ("items lines", clauses) if len(clauses) > 1 else ("items", items)
    listed = format_html_join("", "<span>{}</span>", zip(parts))
    return format_html('{}{}<span class="{}">{}</span>', head, colon, kind, listed)


def _clauses(sentence) -> list[str]:
    for word in ("或者", "并且"):
        sentence = sentence.replace(f"，{word}", f"，\n{word}")
    return sentence.split("\n")


@register.filter
def tone(state) -> str:
    """The colour of a result state; grey where no state is known."""
    return TONES.get(state, "no")


def _verdict(row) -> tuple[str, str, str]:
    if row["result"] == "fail" and row.get("changeable"):
        return CHANGEABLE
    return VERDICTS[row["result"]]


@register.filter
def verdict_label(row) -> str:
    return _verdict(row)[0]


@register.filter
def verdict_tone(row) -> str:
    return _verdict(row)[1]


@register.filter
def verdict_icon(row) -> str:
    return _verdict(row)[2]


@register.filter
def given(row, key) -> object:
    """The value under a key that some rows lack; nothing where it is absent or null."""
    value = row.get(key)
    return "" if value is None else value


@register.filter
def alternatives(row) -> list:
    """The ways in which a group can be met; a single criterion has none."""
    return row.get("alternatives") or []


@register.filter
def gain_label(result) -> str:
    """What the figure means for this owner. Only who can have it, now or soon, is promised an amount."""
    if result and result["state"] in {"now", "auto", "soon"}:
        return GAINS.get(result["amount"]["category"], "能得到")
    return "能得到"


@register.filter
def selected(options) -> list:
    return [option for option in options if option["selected"]]


@register.filter
def common(options) -> list:
    """The options shown at once; ``rare`` are the ones under 更多身份."""
    return [option for option in options if not option["more"]]


@register.filter
def rare(options) -> list:
    return [option for option in options if option["more"]]


@register.filter
def checked(options) -> list:
    return [option for option in options if option["checked"]]


@register.filter
def under(cells, columns) -> zip:
    """Each cell of a table row with the name of its column, which a phone shows beside it."""
    return zip(columns, cells, strict=False)
