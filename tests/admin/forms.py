"""Forms as a browser without scripts sends them: read from the page, filled in, sent by the button pressed."""

import re
from html.parser import HTMLParser


class _Reader(HTMLParser):
    """The fields of the form that has ``data-editor``, or of the one with the given action."""

    def __init__(self, action):
        super().__init__()
        self.action, self.inside = action, False
        self.fields, self.buttons, self.labels = [], [], {}
        self.select = self.textarea = self.label = None

    def handle_starttag(self, tag, attributes):
        at = dict(attributes)
        if tag == "form":
            self.inside = "data-editor" in at if self.action is None else at.get("action", "") == self.action
        if not self.inside or "disabled" in at:
            return
        if tag == "input":
            self._input(at)
        elif tag == "select":
            self.select = (at["name"], "multiple" in at, [])
        elif tag == "option" and self.select:
            self.select[2].append((at.get("value", ""), "selected" in at))
        elif tag == "textarea":
            self.textarea = (at["name"], [])
        elif tag == "button" and at.get("name"):
            self.buttons.append((at["name"], at["value"]))

    def _input(self, at):
        kind = at.get("type", "text")
        if kind in ("checkbox", "radio") and "checked" not in at:
            return
        if kind not in ("submit", "button") and at.get("name"):
            self.fields.append((at["name"], at.get("value", "on" if kind in ("checkbox", "radio") else "")))

    def handle_data(self, data):
        if self.textarea:
            self.textarea[1].append(data)

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        elif tag == "textarea" and self.textarea:
            text = "".join(self.textarea[1]).removeprefix("\r\n").removeprefix("\n")
            self.fields.append((self.textarea[0], text.replace("\r\n", "\n").replace("\n", "\r\n")))
            self.textarea = None
        elif tag == "select" and self.select:
            name, multiple, options = self.select
            chosen = [value for value, selected in options if selected]
            if not chosen and not multiple and options:
                chosen = [options[0][0]]
            self.fields += [(name, value) for value in chosen]
            self.select = None


class Page:
    """A page of the editor in a browser without scripts."""

    def __init__(self, client, address, response=None, action=None):
        self.client, self.address = client, address
        self.show(response or client.get(address), action)

    def show(self, response, action=None):
        self.response, self.text = response, response.content.decode()
        reader = _Reader(action)
        reader.feed(self.text)
        self.fields, self.buttons = reader.fields, [value for _, value in reader.buttons]

    def get(self, name):
        """The values of a field."""
        return [value for field, value in self.fields if field == name]

    def fill(self, name, *values):
        """Type or choose, whatever stood there before. An unticked box is no value."""
        place = next((i for i, (field, _) in enumerate(self.fields) if field == name), len(self.fields))
        self.fields = [pair for pair in self.fields if pair[0] != name]
        self.fields[place:place] = [(name, value) for value in values]
        return self

    def press(self, do, follow=True):
        """Send the form with a button of the page."""
        assert do in self.buttons, (do, self.buttons)
        data = {}
        for name, value in self.fields:
            data.setdefault(name, []).append(value)
        self.show(self.client.post(self.address, {**data, "do": do}, follow=follow))
        return self

    @property
    def errors(self):
        """What is complained about, in the order of the page."""
        lists = re.findall(
            r'<(?:ul|p) class="error(?:list|note)"[^>]*>(.*?)</(?:ul|p)>', self.text, re.DOTALL
        )
        return [
            re.sub(r"<[^>]+>|\s+", "", item)
            for text in lists
            for item in re.split(r"</li>", text)
            if item.strip()
        ]
