"""The register as CSV files: whole, for another portal or a backup, or as one department's own list.

The full export (source ``register``) is read back by ``import_businesses --source register``. Its columns::

    credit_code, name, operator_name, identity_number, address, abnormal_reason, credit_class,
    <source>:on, <source>:<fact>, …      for every source in order and every fact it may have, e.g. tax:taxpayer_type

One row is one shop; what was said of its operator stands in the row of each of their shops. Spelling of a cell:

- ``<source>:on`` is the day the source spoke of, YYYY-MM-DD. A fact it said on another day carries that day itself:
  ``small_scale@2025-03-01``. ``credit_class`` always does: ``B@2026-01-01``. No fact's value holds an @.
- An empty cell: the source has not said it. ``?``: asked and not known (JSON null).
- A bool is ``true`` or ``false``; dates, money, integers, choices and codes as JSON writes them, without quotes.
- A set that is the whole answer: members joined by ``|``, and ``[]`` where none holds: ``graduate|veteran``. A set that
  leaves the rest open: ``yes:veteran no:graduate|disabled``, either part may be empty (``yes: no:disabled``). A member
  told on an earlier day carries it: ``yes:veteran~2025-03-01 no:``.
- Any cell may be escaped against formulas; core.exports.unescaped undoes that (``'-500.00`` is -500.00).

``staff:`` columns are corrections (take_in with ``corrects=True``), to be taken in after the other sources of the row;
what they overtake is worked out again. ``self:`` columns are an owner's answers.

Identity numbers are left out unless asked for; that is logged. Without them two shops of one person come back as two
people where the register does not know them yet. Shops without a credit code are written, but have no key to be read
back by. Derived columns (type, 名特优新 class), bindings and accounts are not part of it.

An export by source has the headings of that source's own files (Source.columns) and Chinese words in the cells; the
row's day is the newest on which the source spoke. Where several headings name a field, the shortest is written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import SimpleNamespace

from accounts.access import record
from core.exports import csv_lines
from core.facts import Registry

from .facts import DERIVED, SOURCES, STAFF
from .models import Business, Source
from .registry import business_registry

REGISTER, CREDIT = "register", "credit"
IDENTITY = "identity_number"
ATTRIBUTES = ("credit_code", "name", "operator_name", IDENTITY, "address", "abnormal_reason", "credit_class")
SPEAKERS = tuple(source for source in SOURCES if source != "default")
# Shops read at a time: what is held in memory, whatever the length of the register.
CHUNK = 2_000
_READ = {
    "credit_code": "credit_code",
    "name": "name",
    "operator_name": "operator__name",
    IDENTITY: "operator__identity",
    "identity_index": "operator__identity_index",
    "address": "address",
    "abnormal_reason": "abnormal_reason",
    "credit_class": "credit_rating__rated",
    "rated_on": "credit_rating__on",
    "own": "record__said",
    "personal": "operator__record__said",
}


def export(path: Path, source: str = REGISTER, *, with_identity=False, by=None, reason="") -> int:
    """Write the CSV file of ``source`` to ``path`` and say how many shops are in it; all or nothing.

    Raises ``Source.DoesNotExist`` for a source that is not there, OSError where the file cannot be written.
    """
    headings, rows = (
        register_rows(with_identity) if source == REGISTER else source_rows(source, with_identity)
    )
    count = 0
    with _whole_file(path) as file:
        for count, line in enumerate(csv_lines(headings, rows)):  # noqa: B007 - the heading is line 0
            file.write(line)
    record(by, "export", f"register {source}", reason=reason, rows=count, identity=with_identity)
    return count


@contextmanager
def _whole_file(path):
    """A file that takes its name only when it is complete."""
    path = Path(path)
    with NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        try:
            yield file
        except BaseException:
            Path(file.name).unlink()
            raise
    Path(file.name).replace(path)


def register_rows(with_identity=False) -> tuple[list[str], Iterator[list]]:
    """Headings and rows of the full export."""
    registry = business_registry()
    attributes = [name for name in ATTRIBUTES if with_identity or name != IDENTITY]
    stated = [
        (source, name)
        for source in SPEAKERS
        for name in ("on", *(fact.name for fact in registry.values() if _may_say(source, fact)))
    ]
    headings = [*attributes, *(f"{source}:{name}" for source, name in stated)]
    return headings, (_register_row(shop, attributes, stated, registry) for shop in _shops(with_identity))


def _may_say(source, fact) -> bool:
    """Staff may correct any fact that sources state."""
    return fact.name not in DERIVED and (source in fact.sources or source == STAFF)


def _shops(with_identity):
    """Every shop as a dict, in id order, a chunk at a time."""
    fields = {name: path for name, path in _READ.items() if with_identity or name != IDENTITY}
    last = 0
    while chunk := list(
        Business.objects.filter(pk__gt=last).order_by("pk").values_list("pk", *fields.values())[:CHUNK]
    ):
        last = chunk[-1][0]
        for row in chunk:
            yield dict(zip(fields, row[1:], strict=True))


def _register_row(shop, attributes, stated, registry) -> list:
    cells = _cells([*(shop["own"] or ()), *(shop["personal"] or ())], registry)
    if shop["credit_class"]:
        shop["credit_class"] = f"{shop['credit_class']}@{shop['rated_on'].isoformat()}"
    if shop.get(IDENTITY):
        shop[IDENTITY] = _revealed(shop)
    return [*(shop[name] for name in attributes), *(cells.get(key) for key in stated)]


def _revealed(shop):
    row = SimpleNamespace(identity_index=shop["identity_index"])
    return shop[IDENTITY].belonging_to(row).reveal()


def _cells(said, registry):
    """``{(source, fact): cell}``; the newest day of a source is its ``on``, older words carry their own."""
    cells = {}
    for statement in sorted(said, key=lambda row: row["on"], reverse=True):
        source, on = statement["source"], statement["on"]
        day = "" if cells.setdefault((source, "on"), on) == on else f"@{on}"
        for name, value in statement["facts"].items():
            if name in registry:
                cells[source, name] = spelled(registry[name], value) + day
    return cells


def spelled(fact, value) -> str:
    """A stated value as a cell of the full export holds it."""
    if value is None:
        return "?"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if fact.type != "set":
        return str(value)
    if isinstance(value, dict):
        days = value.get("on", {})
        yes, no = (
            "|".join(
                f"{member}~{days[member]}" if member in days else member for member in value.get(part, ())
            )
            for part in ("yes", "no")
        )
        return f"yes:{yes} no:{no}"
    return "|".join(value) or "[]"


def source_rows(code: str, with_identity=False) -> tuple[list[str], Iterator[list]]:
    """Headings and rows of what one department has said, for the shops that it has said something of."""
    names = [*ATTRIBUTES, "stated_on", *business_registry()]
    headings: dict[str, list[str]] = {}
    for heading, field in Source.objects.get(pk=code).columns.items():
        if with_identity or field != IDENTITY:
            headings.setdefault(field, []).append(heading)
    # PostgreSQL keeps no order of keys, so both order and choice of heading are our own.
    fields = sorted(headings, key=lambda field: (names.index(field.partition("=")[0]), field))
    shortest = [min(headings[field], key=lambda heading: (len(heading), heading)) for field in fields]
    return shortest, _source_rows(code, fields, with_identity)


def _source_rows(code, fields, with_identity):
    registry: Registry = business_registry()
    for shop in _shops(with_identity):
        said, days = {}, []
        for statement in [*(shop["own"] or ()), *(shop["personal"] or ())]:
            if statement["source"] == code:
                said |= statement["facts"]
                days.append(statement["on"])
        if code == CREDIT and shop["credit_class"]:
            days.append(shop["rated_on"].isoformat())
        if not days:
            continue
        if shop.get(IDENTITY):
            shop[IDENTITY] = _revealed(shop)
        shop["stated_on"] = max(days)
        yield [_source_cell(field, shop, said, registry) for field in fields]


def _source_cell(field, shop, said, registry):
    name, _, member = field.partition("=")
    if member:
        return _member_in_words(registry[name], said.get(name), member)
    return in_words(registry[field], said.get(field)) if field in registry else shop.get(field)


def _member_in_words(fact, value, member) -> str:
    """是 or 否 of one member of a set; empty where the department left it open."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return "是" if member in value["yes"] else "否" if member in value["no"] else ""
    return "是" if fact.whole_answer(value).yes & fact.mask([member]) else "否"


def in_words(fact, value) -> str:
    """A stated value as a department writes it: 是, 否, the Chinese names of choices."""
    if value is None:
        return ""
    if fact.type == "bool":
        return "是" if value else "否"
    if fact.type == "choice":
        return fact.label_of(value)
    if fact.type == "set":
        holding = value["yes"] if isinstance(value, dict) else value
        return "、".join(map(fact.label_of, holding))
    return str(value)
