"""The rule language a second time, as plainly as can be: stored trees walked as they stand, one day at a time.

The tests hold the product's compiled readings against this one.
"""

from datetime import date, timedelta
from decimal import Decimal


def truth(raw, values, day, registry, *, conditions=None, parameters=None, negated=False, mended=None):
    """True, False or None (unknown) of a stored tree for inside ``values`` on ``day``.

    ``mended(leaf, negated)`` says which leaves count as met whatever they are.
    """

    def inner(node, negated):
        if "use" in node:
            return inner((conditions or {})[node["use"]], negated)
        if "not" in node:
            return inner(node["not"], not negated)
        if "all" in node or "any" in node:
            answers = [inner(child, negated) for child in node.get("all", node.get("any"))]
            return _all(answers) if ("all" in node) != negated else _any(answers)
        if mended and mended(node, negated):
            return True
        answer = _leaf(node, values, day, registry, parameters or {})
        if answer is None:
            return True if _left_to_a_person(node, registry) else None
        return answer != negated

    return inner(raw, negated)


def _all(answers):
    return False if False in answers else None if None in answers else True


def _any(answers):
    return True if True in answers else None if None in answers else False


def _left_to_a_person(node, registry):
    names = node.get("ratio") or [node["fact"]]
    return node.get("check") == "staff" or all(registry[name].ask == "never" for name in names)


def _leaf(node, values, day, registry, parameters):
    operand = node["value"]
    if isinstance(operand, dict) and "param" in operand:
        operand = _in_force(parameters[operand["param"]], day)
    known = [values.get(name) for name in node.get("ratio") or [node["fact"]]]
    if operand is None or None in known:
        return None
    if "ratio" in node:
        return _compare(node["op"], Decimal(known[0]), Decimal(operand) * known[1])
    fact = registry[node["fact"]]
    return _TYPES[fact.type](fact, node["op"], known[0], operand, day)


def _in_force(rows, day):
    """Of the rows whose days hold ``day``, the one that began last."""
    holding = [
        row for row in rows if row.get("from", "0001-01-01") <= day.isoformat() <= row.get("to", "9999-12-31")
    ]
    return max(holding, key=lambda row: row.get("from", "0001-01-01"))["value"] if holding else None


def _compare(op, value, other):
    return {
        "eq": value == other, "ne": value != other, "gte": value >= other, "gt": value > other,
        "lte": value <= other, "lt": value < other,
    }[op]  # fmt: skip


def _number(fact, op, value, operand, day):
    if op == "between":
        return Decimal(operand[0]) <= value <= Decimal(operand[1])
    if op in ("in", "not_in"):
        return (value in [Decimal(one) for one in operand]) == (op == "in")
    return _compare(op, value, Decimal(operand))


def _word(fact, op, value, operand, day):
    if op in ("in", "not_in"):
        return (value in operand) == (op == "in")
    return (value == operand) == (op == "eq")


def _set(fact, op, value, operand, day):
    held, known = set(fact.members(value.yes)), set(fact.members(value.known))
    answers = [True if one in held else False if one in known else None for one in operand]
    if op == "has_none":
        some = _any(answers)
        return None if some is None else not some
    return _any(answers) if op == "has_any" else _all(answers)


def _code(fact, op, value, operand, day):
    wanted = operand if isinstance(operand, list) else [operand]
    return _any(
        [True if value.startswith(one) else None if one.startswith(value) else False for one in wanted]
    )


def _date(fact, op, value, operand, day):
    if op == "on_or_after":
        return value.isoformat() >= operand
    if op == "on_or_before":
        return value.isoformat() <= operand
    end = plus(value, operand)
    if op == "at_most_ago":
        return value <= day <= end
    return {"at_least_ago": end <= day, "more_than_ago": end < day, "less_than_ago": end > day}[op]


def plus(start: date, period: dict) -> date:
    """The corresponding day, or the last of its month where there is none."""
    ((unit, count),) = period.items()
    if unit == "days":
        return start + timedelta(days=count)
    months = {"years": count * 12, "months": count, "calendar_months": count - 1}[unit]
    first = start.replace(day=1)
    for _ in range(months):
        first = (first + timedelta(days=31)).replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return last if unit == "calendar_months" else min(last, first + timedelta(days=start.day - 1))


_TYPES = {
    "bool": _word, "choice": _word, "integer": _number, "money": _number, "set": _set, "code": _code, "date": _date,
}  # fmt: skip
