"""The owner's reading of a rule: what a condition says in the words of somebody who keeps a shop, and what one that
fails says to them.

From the same node as the official sentence (sentence.py), so that the two cannot drift. What a fact has no everyday
words for (Fact.everyday) reads as the official one does.
"""

from core.facts import Fact
from core.wording import quantity, spaced, value_text

from .sentence import NOTHING, ago, fact_sentence, sentence
from .tree import Leaf

THESE_PEOPLE = "这些人可以"
OR_ELSE = "|"  # between the two sentences of a bool, or of a choice
_COMPARED = {"gte": "满", "gt": "超过", "lte": "不超过", "lt": "不到"}
_AGO = {"at_most_ago": "{about}没过 {period}", "not_at_most_ago": "{about}过了 {period}"}


def everyday(node, day) -> str:
    """What ``node`` asks for, with the figures in force on ``day``, as an owner says it."""
    if isinstance(node, Leaf):
        people = _people(node, day)
        return (
            f"{THESE_PEOPLE}：{people}" if "、" in people else f"只给{people}" if people else _leaf(node, day)
        )
    if groups := _groups_of_people(node, day):
        return f"{THESE_PEOPLE}：{'、'.join(groups)}"
    parts = [one_of_several(child, day) for child in node.children]
    return ("，或者" if node.kind == "any" else "，并且").join(parts) if parts else sentence(node, day)


def one_of_several(node, day) -> str:
    """The same for a node that stands among others of its group."""
    if isinstance(node, Leaf):
        people = _people(node, day)
        return f"经营者是{_or(people.split('、'))}" if people else _leaf(node, day)
    text = everyday(node, day)
    return f"（{text}）" if len(node.children) > 1 else text


def heading(node, day) -> str:
    """What stands above the ways in which a group can be met, where each has a line of its own."""
    if node.kind == "all":
        return "下面几条都要符合"
    return THESE_PEOPLE if _groups_of_people(node, day) else "下面有一条符合就行"


def way(node, day) -> str:
    """One of these ways."""
    return _people(node, day) or everyday(node, day)


def own_people(node, profile, day) -> str:
    """Of a condition that holds, which of the people it lets in somebody is: 您是退役军人; empty where it lets in one
    kind alone, or is about something else."""
    people = _people(node, day)
    if not isinstance(node, Leaf):
        return f"您是{people}" if people else ""
    if "、" not in people:
        return ""
    fact = node.facts[0]
    own = fact.members(profile.values[fact.name].yes & node.operand.on(day))
    return f"您是{'、'.join(fact.label_of(member) for member in own)}"


MOST_SAID = 4


def _groups_of_people(node, day) -> list[str]:
    """Of a group whose every way is to be one of some people: who they are; else nothing."""
    groups = [_people(child, day) for child in node.children] if node.kind == "any" else []
    return groups if all(groups) else []


def _people(node, day) -> str:
    """Who a condition lets in: 退役军人, or 高校毕业生（离校没过 5 年）; empty where it is about something else."""
    if isinstance(node, Leaf):
        fact = node.facts[0]
        is_about_people = (
            node.operator is not None and node.operator.name == "has_any" and fact.about == "经营者"
        )
        mask = node.operand.on(day) if is_about_people else None
        return "、".join(fact.label_of(member) for member in fact.members(mask)) if mask else ""
    if node.kind != "all" or not node.children:
        return ""
    first, *others = node.children
    people = _people(first, day) if isinstance(first, Leaf) else ""
    if not people or "、" in people:
        return ""
    return f"{people}（{'，'.join(one_of_several(child, day) for child in others)}）" if others else people


def _leaf(leaf: Leaf, day) -> str:
    operand = leaf.operand.on(day)
    if leaf.operator is None or operand is None:
        return sentence(leaf, day)
    return _said(leaf.facts[0], leaf.operator.name, operand) or sentence(leaf, day)


def _said(fact: Fact, operator, operand) -> str:
    """By the fact's own everyday words; empty where it has none for this operator."""
    if fact.type == "date":
        return _days(fact, operator, operand)
    if not fact.everyday:
        return ""
    if fact.type == "bool":
        return fact.everyday.split(OR_ELSE)[operand != (operator == "eq")]
    if operator == "ne" and operand == NOTHING:
        return _is_one_of(fact, [choice.value for choice in fact.choices if choice.value != NOTHING])
    if operator in _COMPARED:
        return fact.everyday.format(compared=_COMPARED[operator], value=quantity(fact, operand))
    if operator == "has_any":
        return fact.everyday.format(values=_or([fact.label_of(member) for member in fact.members(operand)]))
    if operator in ("eq", "in"):
        return _is_one_of(fact, list(operand) if operator == "in" else [operand])
    return ""


def _is_one_of(fact, values) -> str:
    return fact.everyday.split(OR_ELSE)[0].format(values=_or([fact.label_of(value) for value in values]))


def _days(fact, operator, operand) -> str:
    if not fact.everyday or not hasattr(operand, "count") or not operand.count:
        return ""
    if operand.unit == "calendar_months" and operator in _AGO:
        return _AGO[operator].format(about=f"从{fact.about}那个月算，", period=operand)
    if operator in _AGO:
        return _AGO[operator].format(about=fact.everyday, period=operand)
    return ago(fact, operator, operand).replace(fact.about, fact.everyday, 1)


def _or(labels) -> str:
    return labels[0] if len(labels) == 1 else f"{'、'.join(labels[:-1])}或{labels[-1]}"


def objection(leaf: Leaf, profile, day) -> str:
    """What a condition that fails on ``day`` says to its owner: their own fact first, then the rule."""
    if leaf.operator is None:
        own = "，".join(f"{fact.label} {quantity(fact, profile.values[fact.name])}" for fact in leaf.facts)
        return f"{own}，要求{sentence(leaf, day)}"
    fact, value = leaf.facts[0], profile.values[leaf.facts[0].name]
    if fact.type == "bool":
        return everyday(leaf.negated(), day)
    if people := _people(leaf, day):
        members = [fact.label_of(member) for member in fact.members(value.yes)]
        none = "都不是" if "、" in people else "不是"
        own = f"是{'、'.join(members)}" if members else none
        return f"只给{_first_of(people)}，您{own}"
    own = "，".join(_is(one, profile.values[one.name]) for one in leaf.stated)
    if fact.type == "date":
        return f"{own}，{_date_objection(leaf, value, day)}"
    if fact.everyday and leaf.operator.name in _COMPARED:
        own = fact.everyday.format(compared="", value=quantity(fact, value)).replace("  ", " ")
        return f"{own}，要{_COMPARED[leaf.operator.name]} {quantity(fact, leaf.operand.on(day))}才行"
    if fact.type == "set":
        return f"{own}。这项要求{everyday(leaf, day)}"
    return f"{own}，要求{everyday(leaf, day)}"


def _first_of(people: str) -> str:
    """A list of people that can be heard to its end: of a long one the first three, and how many there are."""
    names = people.split("、")
    return people if len(names) <= MOST_SAID else f"{'、'.join(names[:3])}等 {len(names)} 类人"


def _date_objection(leaf, value, day) -> str:
    fact = leaf.facts[0]
    if leaf.operator.ago and value > day and not fact.computed_from:
        return "还没到这一天"
    operand, against = leaf.operand.on(day), leaf.operator.complement
    return _said(fact, against, operand) or fact_sentence(fact, against, operand)


def _is(fact, value) -> str:
    """A fact with its value. What is a list, or no value at all, stands behind a colon."""
    text = value_text(fact, value)
    if fact.type == "choice" and OR_ELSE in fact.everyday:
        return fact.everyday.split(OR_ELSE)[1].format(own=text)
    behind_a_colon = fact.type == "set" or value == NOTHING
    return f"{fact.label}：{text}" if behind_a_colon else f"{fact.label}是{spaced(text)}"
