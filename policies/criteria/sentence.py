"""The third reading of a rule: the Chinese sentence of a node, and what one condition that fails says to its owner.

Both are generated from the tree, so words and logic cannot drift. A node and its complement have sentences of their
own, because negation is already inside the operator. Which conditions are named is reasons.py's.
"""

from core.facts import Fact
from core.wording import bool_text, day_text, number_text, quantity, spaced, value_text

from .tree import Leaf

NOTHING = "none"


def _one_of(labels):
    return labels[0] if len(labels) == 1 else f"{'、'.join(labels)}之一"


def _choice(fact, values, among) -> str:
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


def _members(fact, operator, mask) -> str:
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
    "not_at_most_ago": "{about}已过 {period}",
}
_AGE = {
    "at_least_ago": "年满 {years} 周岁",
    "less_than_ago": "不满 {years} 周岁",
    "more_than_ago": "过了 {years} 周岁生日",
    "not_more_than_ago": "没过 {years} 周岁生日，生日当天也算",
    "at_most_ago": "没过 {years} 周岁生日，生日当天也算",
    "not_at_most_ago": "过了 {years} 周岁生日",
}
_ON_THE_DAY = {
    "at_least_ago": "已到{label}",
    "less_than_ago": "还没到{label}",
    "more_than_ago": "已过{label}",
    "not_more_than_ago": "没有过{label}",
    "at_most_ago": "正好是{label}",
    "not_at_most_ago": "不是{label}",
}
_DAYS = {"on_or_after": "不早于", "on_or_before": "不晚于", "before": "早于", "after": "晚于"}
_COMPARED = {"eq": "是", "ne": "不是", "gte": "不少于", "gt": "超过", "lte": "不超过", "lt": "少于"}


def ago(fact, operator, period):
    if not period.count:
        return _ON_THE_DAY[operator].format(label=fact.label)
    if fact.about == "出生" and period.unit == "years":
        return _AGE[operator].format(years=period.count)
    about = fact.about or fact.label
    if period.unit == "calendar_months":
        about = f"从{about}当月算起，"
    return _AGO[operator].format(about=about, period=period)


def _number(fact, operator, operand) -> str:
    if operator in ("between", "not_between"):
        low, high = operand
        verb = "在" if operator == "between" else "不在"
        return f"{fact.label}{verb} {number_text(low)} 到 {quantity(fact, high)}之间"
    if operator in ("in", "not_in"):
        verb = "是" if operator == "in" else "不是"
        return f"{fact.label}{verb} {'、'.join(quantity(fact, value) for value in operand)}"
    return f"{fact.label}{_COMPARED[operator]} {quantity(fact, operand)}"


def _code(fact, operator, codes) -> str:
    verb = "属于" if operator == "starts_with" else "不属于"
    return f"{fact.label}{verb}{spaced('、'.join(value_text(fact, code) for code in codes))}"


def fact_sentence(fact: Fact, operator, operand):
    if fact.type == "bool":
        return bool_text(fact, operand == (operator == "eq"))
    if fact.type == "choice":
        values = list(operand) if operator in ("in", "not_in") else [operand]
        return _choice(fact, values, operator in ("eq", "in"))
    if fact.type == "set":
        return _members(fact, operator, operand)
    if fact.type == "code":
        return _code(fact, operator, operand)
    if operator in _DAYS:
        return f"{fact.about or fact.label}{_DAYS[operator]} {day_text(operand)}"
    if fact.type == "date":
        return ago(fact, operator, operand)
    return _number(fact, operator, operand)


def sentence(node, day):
    """What ``node`` asks for, with the figures in force on ``day``."""
    if not isinstance(node, Leaf):
        return _group_sentence(node, day)
    operand = node.operand.on(day)
    if operand is None:
        return f"{node.facts[0].label}的标准还没有公布"
    if node.operator is None:
        above, below = node.facts
        share = f"{number_text(operand / 100).removesuffix('.0')}%"
        return f"{above.label}{_COMPARED[node.ratio_operator]}{below.label}的 {share}"
    text = fact_sentence(node.facts[0], node.operator.name, operand)
    # A day that is still to come is not within a period that begins with it.
    may_be_ahead = node.operator.name == "not_at_most_ago" and not node.facts[0].past_only
    return f"{text}，或者还没到{node.facts[0].label}" if may_be_ahead and operand.count else text


def _group_sentence(node, day):
    word = "，并且" if node.kind == "all" else "，或者"
    parts = [sentence(child, day) for child in node.children]
    grouped = [
        f"（{part}）" if not isinstance(child, Leaf) and len(child.children) > 1 and len(parts) > 1 else part
        for child, part in zip(node.children, parts, strict=True)
    ]
    return word.join(grouped) or "没有条件，人人都可以"
