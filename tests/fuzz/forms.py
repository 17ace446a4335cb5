"""The forms of a page, filled in as it shows them."""

import random
from dataclasses import dataclass, field
from html.parser import HTMLParser

# What people would type, by what the name of a field holds.
TYPED = {
    "phone": "13800000009", "email": "name@example.cn", "date": "2026-01-15", "_on": "2026-01-15", "day": "2026-12-15",
    "until": "2027-01-15", "from": "2026-01-15", "to": "2026-12-15", "year": "2026", "period": "2026", "amount": "500",
    "cap": "100000", "count": "1", "size": "1", "days": "5", "number": "6222000000000000", "credit_code":
    "92520201MA6E00019C", "identity": "520201198001010012", "last_six": "010012", "name": "演示", "code": "123456",
    "url": "https://events.example.cn/", "version": "1", "password": "Tian-Qi-2026-hao", "order": "1", "weight": "1",
}  # fmt: skip
WORDS = "演示，请核对后办理。"


@dataclass
class Form:
    """``fields``: values by name; ``choices``: what may be chosen instead; ``files``: names of file inputs."""

    action: str
    method: str
    fields: dict[str, list] = field(default_factory=dict)
    choices: dict[str, list] = field(default_factory=dict)
    buttons: dict[str, list] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    blank: list[tuple[str, str]] = field(default_factory=list)  # (name, type) of what is still to be typed

    def filled(self, chance: random.Random) -> dict[str, list]:
        """Sent as a person would: blanks filled in, sometimes something else chosen, one button pressed."""
        sent = {name: list(values) for name, values in self.fields.items()}
        for name, kind in self.blank:
            if chance.random() < 0.97:
                sent[name] = [typed(name, kind)]
        for name, values in self.choices.items():
            if name not in sent or chance.random() < 0.3:
                sent[name] = [chance.choice(values)]
        if self.buttons:
            name = chance.choice(list(self.buttons))
            sent[name] = [chance.choice(self.buttons[name])]
        return sent


def typed(name, kind):
    if kind == "date":
        return "2026-12-15"
    if kind == "number":
        return "1"
    matching = [part for part in TYPED if part in name]
    return TYPED[max(matching, key=len)] if matching else WORDS


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.forms, self.form, self.select, self.area, self.option = [], None, "", "", False

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self.form)
        elif self.form is not None and "disabled" not in given:
            reader = getattr(self, f"_{tag}", None)
            if reader:
                reader(given, given.get("name", ""))

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.area = ""

    def handle_data(self, data):
        if self.option and self.select and data.strip():
            self.form.choices.setdefault(self.select, []).append(data.strip())
            self.option = False
        if self.area and data.strip():
            self.form.fields[self.area] = [data.strip()]
            self.form.blank = [row for row in self.form.blank if row[0] != self.area]

    def _input(self, given, name):
        kind, value = given.get("type", "text"), given.get("value", "")
        if not name:
            return
        if kind in ("checkbox", "radio"):
            self.form.choices.setdefault(name, []).append(value or "on")
            if "checked" in given:
                self.form.fields.setdefault(name, []).append(value or "on")
        elif kind == "file":
            self.form.files.append(name)
        elif kind in ("submit", "image", "button"):
            self.form.buttons.setdefault(name, []).append(value)
        elif value or kind == "hidden":
            self.form.fields.setdefault(name, []).append(value)
        else:
            self.form.blank.append((name, kind))

    def _button(self, given, name):
        if name and given.get("type", "submit") == "submit":
            self.form.buttons.setdefault(name, []).append(given.get("value", ""))

    def _textarea(self, given, name):
        self.area = name
        if name:
            self.form.blank.append((name, "textarea"))

    def _select(self, given, name):
        self.select = name

    def _option(self, given, name):
        self.option = "value" not in given  # then what it says is sent
        if self.select and given.get("value"):
            self.form.choices.setdefault(self.select, []).append(given["value"])
            if "selected" in given:
                self.form.fields.setdefault(self.select, []).append(given["value"])


def forms_of(html: str) -> list[Form]:
    reader = _Reader()
    reader.feed(html)
    return reader.forms
