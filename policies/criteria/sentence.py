"""The third reading of a rule: the Chinese sentence of a node, and why a node does not hold.

Both are generated from the tree, so words and logic cannot drift. A node and its complement have sentences of their
own, because negation is already inside the operator.
"""

from core.facts import Fact
from core.wording import bool_text, day_text, number_text, quantity, value_text

from .tree import Leaf

NOTHING = "none"
OPEN = "（数值待公布）"


def _one_of(labels):
    return labels[0] if len(labels) == 1 else f"{'、'.join(labels)}之一"


def _choice(fact, values, among):
    """``among``: the fact is one of the values; else it is none of them."""
    if not among and NOTHING in values:
        values = [choice.value for choice in fact.choices if choice.value not in values]
        among = True
    labels = [fact.label_of(value) for value in values]
    if among and values == [NOTHING]:
        return f"{fact.label}：{labels[0]}"
    return (
        f"{fact.label}{'是' if among else '不是'}{'或'.join(labels) if len(labels) < 3 else _one_of(labels)}"
    )


def _members(fact, operator, mask):
    about = fact.about if fact.about else f"{fact.label}："
    labels = [fact.label_of(member) for member in fact.members(mask)]
    if operator == "has_any":
        return f"{about}属于{_one_of(labels)}"
    if operator == "has_none":
        return f"{about}不属于{labels[0] if len(labels) == 1 else '、'.join(labels) + '中的任何一种'}"
    return f"{about}{'同时' if operator == 'has_all' else '没有同时'}属于{'、'.join(labels)}"


_AGO = {
    "at_least_ago": "{about}满 {period}",
    "less_than_ago": "{about}不满 {period}",
    "more_than_ago": "{about}超过 {period}",
    "not_more_than_ago": "{about}没有超过 {period}",
    "at_most_ago": "{about}在 {period}以内",
    "not_at_most_ago": "{about}不在 {period}以内",
}
_AGE = {
    "at_least_ago": "年满 {years} 周岁",
    "less_than_ago": "不满 {years} 周岁",
    "more_than_ago": "超过 {years} 周岁",
    "not_more_than_ago": "没有超过 {years} 周岁",
    "at_most_ago": "在 {years} 周岁以内",
    "not_at_most_ago": "不在 {years} 周岁以内",
}
_DAYS = {"on_or_after": "不早于", "on_or_before": "不晚于", "before": "早于", "after": "晚于"}
_COMPARED = {"eq": "是", "ne": "不是", "gte": "不少于", "gt": "超过", "lte": "不超过", "lt": "少于"}


def _ago(fact, operator, period):
    if fact.about == "出生" and period.unit == "years":
        return _AGE[operator].format(years=period.count)
    about = f"{fact.about}当月起" if period.unit == "calendar_months" else fact.about
    return _AGO[operator].format(about=about or fact.label, period=period)


def _number(fact, operator, operand):
    if operator in ("between", "not_between"):
        low, high = operand
        verb = "在" if operator == "between" else "不在"
        return f"{fact.label}{verb} {number_text(low)} 到 {quantity(fact, high)}之间"
    if operator in ("in", "not_in"):
        verb = "是" if operator == "in" else "不是"
        return f"{fact.label}{verb} {'、'.join(quantity(fact, value) for value in operand)}"
    return f"{fact.label}{_COMPARED[operator]} {quantity(fact, operand)}"


def _fact_sentence(fact: Fact, operator, operand):
    if fact.type == "bool":
        return bool_text(fact, operand == (operator == "eq"))
    if fact.type == "choice":
        values = list(operand) if operator in ("in", "not_in") else [operand]
        return _choice(fact, values, operator in ("eq", "in"))
    if fact.type == "set":
        return _members(fact, operator, operand)
    if fact.type == "code":
        verb = "以" if operator == "starts_with" else "不以"
        return f"{fact.label}代码{verb} {'、'.join(operand)} 开头"
    if operator in _DAYS:
        return f"{fact.about or fact.label}{_DAYS[operator]} {day_text(operand)}"
    if fact.type == "date":
        return _ago(fact, operator, operand)
    return _number(fact, operator, operand)


def sentence(node, day):
    """What ``node`` asks for, with the figures in force on ``day``."""
    if not isinstance(node, Leaf):
        word = "，并且" if node.kind == "all" else "，或者"
        parts = [sentence(child, day) for child in node.children]
        grouped = [
            f"（{part}）"
            if not isinstance(child, Leaf) and len(child.children) > 1 and len(parts) > 1
            else part
            for child, part in zip(node.children, parts, strict=True)
        ]
        return word.join(grouped) or "没有条件，人人都可以"
    operand = node.operand.on(day)
    if node.operator is None:
        above, below = node.facts
        share = OPEN if operand is None else f"{number_text(operand / 100).removesuffix('.0')}%"
        return f"{above.label}{_COMPARED[node.ratio_operator]}{below.label}的 {share}"
    if operand is None:
        return f"{node.facts[0].label}符合规定{OPEN}"
    return _fact_sentence(node.facts[0], node.operator.name, operand)


def why_not(node, profile, day):
    """Why ``node`` does not hold: the owner's own fact first, then the rule. Empty where nothing is known."""
    if not isinstance(node, Leaf):
        known = [reason for child in node.children if (reason := why_not(child, profile, day))]
        return "；".join(dict.fromkeys(known))
    if any(profile.values.get(fact.name) is None for fact in node.facts):
        return ""
    if node.operator is None:
        own = "，".join(f"{fact.label} {quantity(fact, profile.values[fact.name])}" for fact in node.facts)
        return f"{own}，要求{sentence(node, day)}"
    fact = node.facts[0]
    if fact.type == "bool":
        return sentence(node.negated(), day)
    own = value_text(fact, profile.values[fact.name])
    if fact.type == "set":
        return f"{fact.label}：{own}。这项要求{sentence(node, day)}"
    if fact.type == "date":
        return f"{fact.label}是 {own}，{sentence(node.negated(), day)}"
    return f"{fact.label}是 {own}，要求{sentence(node, day)}"
