"""One row of a tab as a Django form: how stored content is shown in it, and what it means once typed.

What a row shows unchanged stays in the content exactly as it was stored (``kept`` carries it along): whether a note is
absent or null, an amount a text or a number, and keys that no form knows.
"""

import json

from django import forms

from core.facts import Misread
from core.typed import read_day, read_whole, read_yuan

from .state import Record, record

LEFT_OUT = object()


class RowForm(forms.Form):
    """``KEYS``: fields by the content key they make up, where that is not one field of the same name."""

    KEYS: dict[str, tuple[str, ...]] = {}
    use_required_attribute = False  # a button that only adds a row must work on a half filled form

    kept = forms.CharField(widget=forms.HiddenInput, required=False, strip=False, max_length=100_000)

    @classmethod
    def of(cls, typed: Record, path, /, *, checked, **context):
        """The form of what is typed. ``checked``: say what is wrong with it."""
        data = typed.data(path)
        form = cls(data, prefix=path, **context) if checked else cls(prefix=path, **context)
        if "origin" in form.fields:
            form.fields["origin"].choices = _with(form.fields["origin"].choices, typed.get("origin"))
        if checked:
            return form
        for name, entry in form.fields.items():
            entry.initial = entry.widget.value_from_datadict(data, {}, form.add_prefix(name))
        return form

    @classmethod
    def shown(cls, raw, **context) -> Record:
        """Stored content as this row's typed values."""
        values = {}
        for key, names in cls.keys().items():
            if len(names) == 1 and names[0] == key:
                values[key] = as_text(raw.get(key))
        return record({**values, "kept": json.dumps(raw, ensure_ascii=False)})

    @classmethod
    def keys(cls) -> dict:
        own = {name for names in cls.KEYS.values() for name in names}
        plain = {name: (name,) for name in cls.base_fields if name not in own and name != "kept"}
        return {**plain, **cls.KEYS}

    def meaning(self, key):
        """What the cleaned fields of a content key say; LEFT_OUT where they say nothing."""
        value = self.cleaned_data.get(key)
        return LEFT_OUT if value is None or _is_nothing(value) else value

    def stored(self, typed: Record, **context):
        """The content of this row: what is shown as it was stays as it was stored."""
        was = self.kept_content()
        before = self.shown(was, **context)
        content = dict(was)
        for key, names in self.keys().items():
            if key in was and all(_same(typed, before, name) for name in names):
                continue
            meaning = self.meaning(key)
            if meaning is LEFT_OUT:
                if key in was and was[key] is not None and not _is_nothing(was[key]):
                    del content[key]
            else:
                content[key] = meaning
        return content

    def kept_content(self):
        found = kept_json(self.cleaned_data.get("kept") or "{}")
        return found if isinstance(found, dict) else {}


def kept_json(text):
    """What a hidden field carries along; None where somebody has spoiled it. Content never holds a float."""
    try:
        return json.loads(text, parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(number):
    raise ValueError(number)


def _with(offered, chosen):
    """The options of a select, one that only old content knows included."""
    return offered if chosen in dict(offered) else [*offered, (chosen, chosen)]


def _same(typed, before, name) -> bool:
    return sorted(filter(None, typed.values.get(name, []))) == sorted(
        filter(None, before.values.get(name, []))
    )


def _is_nothing(value) -> bool:
    return value is False or value == "" or value == []


def as_text(raw):
    """Content as fields hold it: a text, or a list of texts."""
    if raw is None or raw is False:
        return None
    if raw is True:
        return "on"
    return [str(item) for item in raw] if isinstance(raw, list) else str(raw)


# Fields


class Text(forms.CharField):
    def __init__(self, label, *, long=False, most=2000, **options) -> None:
        if long:
            options.setdefault("widget", forms.Textarea(attrs={"rows": 2, "cols": 50}))
        options.setdefault("required", False)
        super().__init__(label=label, max_length=most, **options)


class Day(forms.CharField):
    """A date as content has it: 2026-01-15."""

    widget = forms.TextInput(attrs={"placeholder": "2026-01-15", "size": 11, "autocomplete": "off"})

    def __init__(self, label, **options) -> None:
        options.setdefault("required", False)
        super().__init__(label=label, max_length=20, **options)

    def clean(self, value):
        value = super().clean(value)
        return read(read_day, value).isoformat() if value else ""


class Money(forms.CharField):
    """Yuan as content has them, without the commas people type."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "size": 12, "autocomplete": "off"})

    def __init__(self, label, *, signed=False, **options) -> None:
        options.setdefault("required", False)
        self.signed = signed
        super().__init__(label=label, max_length=30, **options)

    def clean(self, value):
        value = super().clean(value)
        return read(lambda text: read_yuan(text, signed=self.signed), value) if value else ""


class Whole(forms.CharField):
    """A whole number."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "size": 8, "autocomplete": "off"})

    def __init__(self, label, **options) -> None:
        options.setdefault("required", False)
        super().__init__(label=label, max_length=20, **options)

    def clean(self, value):
        value = super().clean(value)
        return whole(value) if value else None


def whole(text):
    """A typed whole number. Raises ValidationError."""
    return read(read_whole, text)


def read(reader, text):
    """What ``reader`` makes of a text; its complaint becomes one of the form."""
    try:
        return reader(text)
    except Misread as problem:
        raise forms.ValidationError(f"{problem.detail}。") from None


def choices(pairs, empty="—请选—") -> list:
    return [("", empty), *pairs]


ORIGINS = {"source": "原文", "superior": "上级文件", "reading": "本站理解"}
