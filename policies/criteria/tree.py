"""A rule's tree: read from content, checked, and kept in negation normal form.

The stored tree has the nodes ``all``, ``any``, ``not`` and ``use`` and the leaves ``fact op value`` and
``ratio op value``. Reading pushes every ``not`` down into the operators once, so the readings of a rule meet only
``Group`` and ``Leaf``. Ids are positions from 1 in the stored tree, joined by dots; ``use`` counts as its condition.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from core.facts import Fact, Registry

from .operators import OPERATORS, RATIO_TESTS, Operator, read_operand, read_ratio
from .parameters import Parameter, constant

DEEPEST = 8
MOST_NODES = 200
ORIGINS = ("source", "superior", "reading")
ANNOTATIONS = {"clause", "origin", "advice", "interpretation"}
LEAF_KEYS = ANNOTATIONS | {"fact", "ratio", "op", "value", "check", "changeable", "held"}
RATIO_COMPLEMENTS = {"lte": "gt", "gt": "lte", "lt": "gte", "gte": "lt"}


class RuleError(ValueError):
    """A rule that cannot stand. ``node`` is the id of the place in a tree, empty for the whole.

    ``part`` leads to the part of the content it is about, such as ``("parameters", "cap")``; empty: the criteria.
    """

    def __init__(self, node, detail, part=()) -> None:
        super().__init__(f"条件 {node}：{detail}" if node else detail)
        self.node = node
        self.detail = detail
        self.part = part

    def within(self, *part):
        """The same fault, said to be in this part of the content unless it knows better."""
        return RuleError(self.node, self.detail, self.part or part)


@dataclass(frozen=True)
class Notes:
    """What a node carries for the reader: clause, origin, advice, interpretation."""

    clause: str | None = None
    origin: str | None = None
    advice: str = ""
    interpretation: str = ""


@dataclass(frozen=True)
class Leaf:
    """One condition on one fact, or on the ratio of two: then ``operator`` is None and ``ratio_operator`` stands.

    ``stated``: the facts that somebody states, from which those compared follow: mostly the same. ``changeable`` is
    True, False or the set of values an owner can change. ``unknown_is_met`` marks staff leaves.
    """

    id: str
    facts: tuple[Fact, ...]
    operator: Operator | None
    operand: Parameter
    stated: tuple[Fact, ...]
    ratio_operator: str = ""
    check_staff: bool = False
    held: bool = False
    changeable: bool | frozenset = False
    notes: Notes = field(default_factory=Notes)

    @property
    def unknown_is_met(self):
        """Only a person or a registry can tell: counts as met while unknown, and is never asked."""
        return self.check_staff or all(fact.ask == "never" for fact in self.facts)

    def can_change(self, value) -> bool:
        """Whether an owner whose value this is can make the leaf pass."""
        return self.changeable if isinstance(self.changeable, bool) else value in self.changeable

    def negated(self):
        if self.operator is None:
            return replace(self, ratio_operator=RATIO_COMPLEMENTS[self.ratio_operator])
        return replace(self, operator=OPERATORS[self.operator.complement])


@dataclass(frozen=True)
class Group:
    """``all`` or ``any`` of its children."""

    id: str
    kind: str
    children: tuple
    notes: Notes = field(default_factory=Notes)


def leaves(node) -> Iterator[Leaf]:
    """The leaves below a node, in order."""
    if isinstance(node, Leaf):
        yield node
    else:
        for child in node.children:
            yield from leaves(child)


class Reader:
    """Reads one stored tree. ``conditions`` are the named ones of its file, ``parameters`` its dated figures."""

    def __init__(self, registry: Registry, conditions=None, parameters=None) -> None:
        self.registry = registry
        self.conditions = conditions or {}
        self.parameters = parameters or {}
        self.nodes = 0
        self.using = []

    def root(self, raw) -> Group:
        """The whole tree. Its root is ``all``, because its children are the rows an owner sees."""
        if not isinstance(raw, dict) or "all" not in raw:
            raise RuleError("", "最外层要写成 {all: [ … ]}")
        return self._node(raw, "", 1, False, False)

    def _node(self, raw, id, depth, negated, inside_not):
        self.nodes += 1
        if depth > DEEPEST:
            raise RuleError(id, f"条件套得太深，最多 {DEEPEST} 层")
        if self.nodes > MOST_NODES:
            raise RuleError(id, f"条件太多，最多 {MOST_NODES} 个")
        if not isinstance(raw, dict):
            raise RuleError(id, "条件要写成 {fact, op, value}、{all: []}、{any: []}、{not: } 或 {use: }")
        kinds = [kind for kind in ("all", "any", "not", "use", "fact", "ratio") if kind in raw]
        if len(kinds) != 1:
            raise RuleError(id, "每个条件只能是 all、any、not、use、fact、ratio 中的一种")
        kind = kinds[0]
        if kind in ("fact", "ratio"):
            return self._leaf(raw, id, negated, inside_not)
        if unknown := set(raw) - ANNOTATIONS - {kind}:
            raise RuleError(id, f"不认识的键：{'、'.join(sorted(map(str, unknown)))}")
        if kind == "use":
            return self._use(raw, id, depth, negated, inside_not)
        if kind == "not":
            inner = self._node(raw["not"], f"{id}.1" if id else "1", depth + 1, not negated, True)
            return replace(inner, id=id)
        return self._group(raw, kind, id, depth, negated, inside_not)

    def _use(self, raw, id, depth, negated, inside_not):
        name = raw["use"]
        if not isinstance(name, str) or name not in self.conditions:
            raise RuleError(id, f"没有名叫“{name}”的条件")
        if name in self.using:
            raise RuleError(id, f"条件“{name}”用到了它自己")
        self.using.append(name)
        node = self._node(self.conditions[name], id, depth, negated, inside_not)
        self.using.pop()
        if set(raw) == {"use"}:
            return node
        notes = self._notes(raw, id)
        changes = {key: value for key in ANNOTATIONS if (value := getattr(notes, key))}
        return replace(node, notes=replace(node.notes, **changes))

    def _group(self, raw, kind, id, depth, negated, inside_not):
        children = raw[kind]
        if not isinstance(children, list):
            raise RuleError(id, f"{kind} 后面要是列表")
        if not children and kind == "any":
            raise RuleError(id, "any 里至少要有一个条件，空的永远不会满足")
        turned = {"all": "any", "any": "all"}[kind] if negated else kind
        return Group(
            id,
            turned,
            tuple(
                self._node(child, f"{id}.{place}" if id else str(place), depth + 1, negated, inside_not)
                for place, child in enumerate(children, 1)
            ),
            self._notes(raw, id),
        )

    def _leaf(self, raw, id, negated, inside_not):
        if unknown := set(raw) - LEAF_KEYS:
            raise RuleError(id, f"不认识的键：{'、'.join(sorted(map(str, unknown)))}")
        if missing := {"op", "value"} - set(raw):
            raise RuleError(id, f"缺少 {'、'.join(sorted(missing))}")
        if raw.get("check") not in (None, "staff"):
            raise RuleError(id, "check 只能是 staff")
        if not isinstance(raw.get("held", False), bool):
            raise RuleError(id, "held 只能是 true 或 false")
        leaf = self._ratio_leaf(raw, id) if "ratio" in raw else self._fact_leaf(raw, id)
        leaf = replace(
            leaf,
            check_staff=raw.get("check") == "staff",
            held=raw.get("held", False),
            changeable=self._changeable(raw.get("changeable", False), leaf, id),
            notes=self._notes(raw, id),
        )
        if inside_not and (leaf.check_staff or leaf.held):
            raise RuleError(id, "需要人工核对（check）和已领取（held）的条件不能放在 not 里面")
        return leaf.negated() if negated else leaf

    def _fact_leaf(self, raw, id):
        fact = self._fact(raw["fact"], id)
        operator = OPERATORS.get(raw["op"]) if isinstance(raw["op"], str) else None
        if operator is None or operator.internal:
            raise RuleError(id, f"没有“{raw['op']}”这种比较")
        if fact.type not in operator.types:
            fitting = [op.name for op in OPERATORS.values() if fact.type in op.types and not op.internal]
            raise RuleError(id, f"“{fact.label}”不能用 {operator.name}，可以用 {'、'.join(fitting)}")
        operand = self._operand(raw["value"], id, lambda value: read_operand(operator, fact, value))
        stated = tuple(self.registry[name] for name in fact.known_by)
        return Leaf(id, (fact,), operator, operand, stated)

    def _ratio_leaf(self, raw, id):
        names = raw["ratio"]
        if not isinstance(names, list) or len(names) != 2:
            raise RuleError(id, "ratio 要写两个事实：[分子, 分母]")
        facts = tuple(self._fact(name, id) for name in names)
        if any(fact.type != "integer" for fact in facts):
            raise RuleError(id, "ratio 的两个事实都要是整数")
        if not isinstance(raw["op"], str) or raw["op"] not in RATIO_TESTS:
            raise RuleError(id, f"ratio 可以用 {'、'.join(RATIO_TESTS)}")
        operand = self._operand(raw["value"], id, read_ratio)
        return Leaf(id, facts, None, operand, facts, ratio_operator=raw["op"])

    def _fact(self, name, id):
        fact = self.registry.readable(name) if isinstance(name, str) else None
        if fact is None:
            raise RuleError(id, f"没有“{name}”这个事实")
        return fact

    def _operand(self, raw, id, reader):
        try:
            if not (isinstance(raw, dict) and "param" in raw):
                return constant(reader(raw))
            name = raw["param"]
            if set(raw) != {"param"} or not isinstance(name, str) or name not in self.parameters:
                raise RuleError(id, f"没有名叫“{name}”的参数")
            return self._figures(name, reader)
        except RuleError:
            raise
        except ValueError as problem:
            raise RuleError(id, str(problem)) from None

    def _figures(self, name, reader):
        try:
            return self.parameters[name].read_values(reader)
        except ValueError as problem:
            raise RuleError("", f"参数 {name}：{problem}", ("parameters", name)) from None

    def _changeable(self, raw, leaf, id):
        if isinstance(raw, bool):
            return raw
        if leaf.operator is None or not isinstance(raw, list):
            raise RuleError(id, "changeable 写 true，或者列出经营者能改变的值")
        try:
            return frozenset(leaf.facts[0].read(value) for value in raw)
        except ValueError as problem:
            raise RuleError(id, f"changeable：{problem}") from None

    def _notes(self, raw, id):
        for key in ANNOTATIONS:
            if raw.get(key) is not None and not isinstance(raw[key], str):
                raise RuleError(id, f"{key} 要是一段文字")
        if raw.get("origin") not in (None, *ORIGINS):
            raise RuleError(id, f"origin 只能是 {'、'.join(ORIGINS)}")
        return Notes(
            raw.get("clause"), raw.get("origin"), raw.get("advice") or "", raw.get("interpretation") or ""
        )
