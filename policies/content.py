"""Checking content before it is stored: its shape by a JSON schema, its rule by the rule language.

Both doors use it: the measures file (every fault gets its line) and the admin (every fault gets its node).
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from .criteria.rules import read_rule
from .criteria.tree import RuleError

SCHEMA_PATH = Path(__file__).parent / "data" / "measures.schema.json"

# What a material is for besides proving something: where money goes, and what the later parts of a rent are paid on.
ACCOUNT, RENT_PAYMENT = "account", "rent_payment"

LEAF_ORDER = (
    *("all", "any", "not", "use", "fact", "ratio", "op", "param", "from", "to", "value", "check", "held"),
    *("changeable", "unverified", "unit", "clause", "origin", "interpretation", "advice"),
)
AMOUNT_ORDER = ("cap", "months", "fact", "used", "limit", "wanted", "annual_limit", "ratio", "rate")


class ContentFault(NamedTuple):
    """``path`` leads to the place in the content; ``detail`` is a Chinese sentence."""

    path: tuple
    detail: str


@lru_cache
def _validator(part):
    import jsonschema  # with what it needs a twentieth of what a process reads when it starts, which few ever need

    schema = json.loads(SCHEMA_PATH.read_text("utf-8"))
    if part:
        schema = {"$defs": schema["$defs"], "$ref": f"#/$defs/{part}"}
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker(["date"]))


def check_shape(data, part="") -> list[ContentFault]:
    """Faults in the shape of a whole file, or of one ``part`` of it (``benefit``)."""
    errors = sorted(_validator(part).iter_errors(data), key=lambda error: list(map(str, error.absolute_path)))
    return [ContentFault(tuple(error.absolute_path), _in_chinese(error)) for error in errors]


def _in_chinese(error) -> str:
    place = ".".join(map(str, error.absolute_path)) or "最外层"
    value, wanted = error.instance, error.validator_value
    if error.validator == "required":
        missing = [key for key in wanted if key not in value]
        return f"{place} 缺少 {'、'.join(missing)}"
    if error.validator == "additionalProperties":
        allowed = set(error.schema.get("properties", ()))
        return f"{place} 有不认识的键 {'、'.join(sorted(set(value) - allowed))}"
    if error.validator == "enum":
        return f"{place} 的值“{value}”不对，只能是 {'、'.join(map(str, wanted))}"
    if error.validator == "pattern":
        return f"{place} 的值“{value}”写法不对"
    if error.validator == "format":
        return f"{place} 的日期“{value}”不存在，请对照日历改正"
    if error.validator == "type":
        return f"{place} 的类型不对"
    if error.validator in ("minItems", "minProperties", "minLength"):
        return f"{place} 不能是空的"
    return f"{place} 不符合要求（{error.validator}）"


def in_order(content):
    """Content with its keys in the order in which people write them: a database may have shuffled them."""
    if isinstance(content, list):
        return [in_order(item) for item in content]
    if not isinstance(content, dict):
        return content
    order = _written_order()
    keys = sorted(content, key=lambda key: (order.get(key, len(order)), key))
    return {key: in_order(content[key]) for key in keys}


@lru_cache
def _written_order() -> dict:
    schema = json.loads(SCHEMA_PATH.read_text("utf-8"))
    keys = [*schema["$defs"]["benefit"]["properties"], *LEAF_ORDER, *AMOUNT_ORDER]
    for part in ("materials", "steps", "basis", "questions", "golden"):
        keys += schema["$defs"]["benefit"]["properties"][part]["items"]["properties"]
    return {key: place for place, key in enumerate(dict.fromkeys(keys))}


def check_content(content, *, registry, code, measure="", number=0):
    """(rule, faults) of one version's content: the rule is None where it cannot be read."""
    try:
        rule = read_rule(content, registry=registry, code=code, measure=measure, number=number)
    except RuleError as problem:
        return None, [ContentFault(_path_of(content, problem), str(problem))]
    return rule, list(_strange_proofs(content, registry))


def _strange_proofs(content, registry):
    """What materials are said to prove and no fact, or member of a set, is called. All certificates are of one set."""
    sets = set()
    for place, material in enumerate(content.get("materials") or ()):
        for name in material.get("proves") or ():
            fact_name, _, member = name.partition(".")
            fact = registry.get(fact_name)
            is_member = member != "" and fact is not None and fact.type == "set"
            is_known = fact is not None and (member == "" or (is_member and member in _members(fact)))
            path = ("materials", place, "proves")
            if not is_known:
                yield ContentFault(path, f"材料“{material['name']}”要证明的“{name}”不存在")
            elif is_member and sets | {fact_name} != {fact_name}:
                yield ContentFault(path, "一个事项里证明身份的材料只能看同一项信息")
            if is_member:
                sets.add(fact_name)


def _members(fact) -> set:
    return {choice.value for choice in fact.choices}


def _path_of(content, problem):
    """Where a fault stands in the content: a node's id counts positions from 1, ``not`` having one child."""
    path = problem.part or ("criteria",)
    node = content.get(path[0])
    for position in filter(None, problem.node.split(".")):
        kind = next((kind for kind in ("all", "any", "not") if isinstance(node, dict) and kind in node), None)
        if kind is None:
            break
        if kind == "not":
            path, node = (*path, "not"), node["not"]
            continue
        place = int(position) - 1
        path, node = (*path, kind, place), node[kind][place]
    return path
