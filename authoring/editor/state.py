"""What is typed in a tab: records within records, read from a form, changed by its buttons, not yet understood.

A field is called ``t.criteria.2.items.1-fact``: in the tab, the 2nd of ``criteria``, of that the 1st of ``items``, its
field ``fact``. A button is called ``do`` and says what it does and where: ``add:t.materials``, ``up:t.materials.2``.
"""

import re
from dataclasses import dataclass, field

from django.utils.datastructures import MultiValueDict

ROOT = "t"
MOST_ROWS = 400
_NAME = re.compile(r"t(?:\.[a-z_]+\.[0-9]{1,3}){0,12}-[a-z_0-9]+")
_PLACE = re.compile(r"t(?:\.[a-z_]+\.[0-9]{1,3}){0,12}")
_LIST = re.compile(r"t(?:\.[a-z_]+\.[0-9]{1,3}){0,12}\.[a-z_]+")


@dataclass
class Record:
    """``values``: what is typed, by field. ``lists``: the records inside, by name of the list."""

    values: dict[str, list[str]] = field(default_factory=dict)
    lists: dict[str, list["Record"]] = field(default_factory=dict)

    def get(self, name):
        """The one value of a field, or empty."""
        found = self.values.get(name)
        return found[-1] if found else ""

    def rows(self, name):
        return self.lists.get(name, [])

    def data(self, path):
        """As a form with ``path`` as its prefix is sent."""
        return MultiValueDict({f"{path}-{name}": values for name, values in self.values.items()})


def record(values=None, **lists):
    """A record from ``{field: text or list of texts}``; a field whose value is None or [] is left out."""
    typed = {
        name: value if isinstance(value, list) else [value]
        for name, value in (values or {}).items()
        if value is not None and value != []
    }
    return Record(typed, {name: rows for name, rows in lists.items() if rows})


def from_post(data) -> Record:
    """The records of a sent form. Names of another shape are passed over."""
    tree = _Branch()
    for name in data:
        if not _NAME.fullmatch(name):
            continue
        path, _, field_name = name.partition("-")
        branch, parts = tree, path.split(".")[1:]
        for list_name, place in zip(parts[::2], parts[1::2], strict=True):
            branch = branch.lists.setdefault(list_name, {}).setdefault(int(place), _Branch())
        branch.values[field_name] = [value.replace("\r\n", "\n") for value in data.getlist(name)]
    return tree.grown()


@dataclass
class _Branch:
    values: dict = field(default_factory=dict)
    lists: dict = field(default_factory=dict)

    def grown(self):
        return Record(
            self.values,
            {
                name: [rows[place].grown() for place in sorted(rows)][:MOST_ROWS]
                for name, rows in self.lists.items()
            },
        )


def at(root: Record, path) -> Record | None:
    """The record at a path, or None."""
    if not _PLACE.fullmatch(path):
        return None
    found, parts = root, path.split(".")[1:]
    for list_name, place in zip(parts[::2], parts[1::2], strict=True):
        rows = found.rows(list_name)
        if not 1 <= int(place) <= len(rows):
            return None
        found = rows[int(place) - 1]
    return found


def change(root: Record, button) -> str:
    """Do what a button says; a button that fits nothing does nothing. Returns the path of the row to look at."""
    verb, _, rest = button.partition(":")
    path, _, more = rest.partition(":")
    if verb == "add" and _LIST.fullmatch(path):
        return _add(root, path, more)
    if verb in ("delete", "up", "down") and _PLACE.fullmatch(path) and path != ROOT:
        return _move(root, verb, path)
    return path if _PLACE.fullmatch(path) else ""


def _add(root, path, preset) -> str:
    """``preset``: the new row's first values, ``kind=fact,op=eq``."""
    parent, _, name = path.rpartition(".")
    owner = at(root, parent)
    if owner is None or len(owner.rows(name)) >= MOST_ROWS:
        return ""
    pairs = (pair.partition("=") for pair in preset.split(",") if pair)
    rows = owner.lists.setdefault(name, [])
    rows.append(Record({key: [value] for key, _, value in pairs} | {"kept": [""]}))
    return f"{path}.{len(rows)}"


def _move(root, verb, path):
    above, _, place = path.rpartition(".")
    parent, _, name = above.rpartition(".")
    owner = at(root, parent)
    place = int(place) - 1
    if owner is None or not 0 <= place < len(owner.rows(name)):
        return ""
    rows = owner.lists[name]
    if verb == "delete":
        del rows[place]
        return f"{above}.{min(place, len(rows) - 1) + 1}" if rows else parent
    other = place - 1 if verb == "up" else place + 1
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
        return f"{above}.{other + 1}"
    return path
