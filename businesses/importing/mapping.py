"""What the columns of a file may be, source by source, and which heading means what.

A *field* is an attribute below, a fact, or one member of a set (``operator_groups=veteran``). The full export of this
product (source ``register``) names its fields itself: ``tax:annual_vat`` (businesses/export.py).
"""

from pathlib import Path

from django.db import connections

from core.data_files import read_yaml
from core.errors import Refused
from core.facts import Registry

from ..facts import DERIVED, REGISTRY, SELF, SOURCES, STAFF

SOURCES_FILE = Path(__file__).parent.parent / "data" / "sources.yaml"
CREDIT, REGISTER = "credit", "register"
# Sources that may bring shops the register does not know yet.
CREATING = (REGISTRY, REGISTER)

ATTRIBUTES = {
    "credit_code": "统一社会信用代码",
    "identity_number": "经营者身份证号",
    "name": "店名",
    "operator_name": "经营者姓名",
    "address": "经营场所",
    "abnormal_reason": "经营异常原因",
    "credit_class": "信用风险类别",
    "stated_on": "本行的数据日期",
}
_KEYS = ("credit_code", "identity_number", "stated_on")
_OF_SHOPS = ("name", "operator_name", "address", "abnormal_reason")


def shipped_sources() -> dict:
    """``{code: {"department", "label", "columns"}}`` as data/sources.yaml has it."""
    return read_yaml(SOURCES_FILE)


def create_sources(using="default", **_) -> None:
    """Create the sources that are missing (post_migrate). What stands is left as it is."""
    from ..models import Source

    if Source._meta.db_table not in connections[using].introspection.table_names():
        return  # migrated back to before there were any
    for code, row in shipped_sources().items():
        Source.objects.using(using).get_or_create(
            code=code,
            defaults={
                "label": row["label"],
                "department_code": row["department"],
                "columns": row["columns"],
            },
        )


def fields_of(source: str, registry: Registry) -> dict[str, str]:
    """What a column of a file of ``source`` may be: ``{field: Chinese name}``."""
    if source == REGISTER:
        return _register_fields(registry)
    if source == CREDIT:
        return {name: ATTRIBUTES[name] for name in ("credit_code", "credit_class", "stated_on")}
    names = (*_KEYS, *_OF_SHOPS) if source == REGISTRY else _KEYS
    fields = {name: ATTRIBUTES[name] for name in names}
    for fact in _facts_of(source, registry):
        fields[fact.name] = fact.label
        if fact.type == "set":
            fields |= {f"{fact.name}={row.value}": f"{fact.label}：{row.label}" for row in fact.choices}
    return fields


def _facts_of(source, registry) -> list:
    return [fact for fact in registry.values() if source in fact.sources and fact.name not in DERIVED]


def _register_fields(registry):
    fields = {name: label for name, label in ATTRIBUTES.items() if name != "stated_on"}
    for source in (*(name for name in SOURCES if name not in (SELF, STAFF, "default")), SELF, STAFF):
        facts = _facts_of(source, registry) if source != STAFF else registry.values()
        facts = [fact for fact in facts if fact.name not in DERIVED]
        if facts:
            fields[f"{source}:on"] = f"{SOURCES[source]}：日期"
            fields |= {f"{source}:{fact.name}": f"{SOURCES[source]}：{fact.label}" for fact in facts}
    return fields


def suggest(source, headings: list[str], registry: Registry) -> dict[str, str]:
    """Which field each heading probably is, by what was confirmed before or is written alike. ``{heading: field}``."""
    fields = fields_of(source.code, registry)
    names = {_plain(label): field for field, label in fields.items()} | {field: field for field in fields}
    names |= {_plain(heading): field for heading, field in source.columns.items() if field in fields}
    suggested, taken = {}, set()
    for heading in headings:
        field = names.get(_plain(heading)) or names.get(heading)
        if field and field not in taken:
            suggested[heading] = field
            taken.add(field)
    return suggested


def _plain(heading) -> str:
    return "".join(heading.split())


def check_columns(source: str, columns: dict[str, str], registry: Registry) -> None:
    """Refuse a mapping by which no row could be read. ``columns``: ``{heading: field}``."""
    fields = fields_of(source, registry)
    strangers = [heading for heading, field in columns.items() if field not in fields]
    if strangers:
        raise Refused(f"“{'、'.join(strangers[:5])}”不能由这个来源提供，请改成忽略。")
    chosen = list(columns.values())
    twice = next((field for field in chosen if chosen.count(field) > 1), None)
    if twice:
        both = "、".join(heading for heading, field in columns.items() if field == twice)
        raise Refused(f"“{both}”都对应“{fields[twice]}”，请只留一列。")
    missing = [name for name in _required(source) if name not in chosen]
    if missing:
        raise Refused(
            f"表头里缺少“{'、'.join(ATTRIBUTES[name] for name in missing)}”。请补上这一列，或改正列对应。"
        )
    if source not in (*CREATING, CREDIT):
        _refuse_without_key(source, chosen, registry)
    if not set(chosen) - {*_KEYS}:
        raise Refused("除了代码和身份证号，没有一列对应到要导入的内容。请改正列对应。")


def _required(source):
    if source == REGISTRY:
        return ("credit_code", "name", "operator_name")
    if source == CREDIT:
        return ("credit_code", "credit_class")
    return ("credit_code", "name") if source == REGISTER else ()


def _refuse_without_key(source, chosen, registry) -> None:
    if "credit_code" in chosen:
        return
    if "identity_number" not in chosen:
        raise Refused("表头里要有“统一社会信用代码”或“经营者身份证号”，否则不知道每一行说的是谁。")
    of_shops = [field for field in chosen if field in registry and registry[field].scope == "business"]
    if of_shops:
        raise Refused(
            f"“{registry[of_shops[0]].label}”说的是店，表头里要有“统一社会信用代码”，只有身份证号不够。"
        )
