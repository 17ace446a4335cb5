"""The criteria of an assessment as rows: verdict, sentence, value, dates and clause of each (design.md §7).

What a row says whoever asks is worked out once per rule; only verdicts and values are filled in per profile.
"""

from datetime import date

from .operators import write_operand, write_ratio
from .sentence import sentence
from .states import Assessment, can_change
from .tree import Leaf, leaves
from .verdict import ALWAYS, FAIL, NEVER, PASS, STAFF, UNKNOWN, Program, joined, moves, source_of, span_around

MOST_REMEMBERED = 2000
EXCLUDES = "excludes"  # the id of a row that is no node of the tree


class _Shape:
    """One node with all that does not depend on the profile. ``template`` holds the row's unchanging part."""

    def __init__(self, node, program: Program) -> None:
        self.node = node
        self.level = program.combine(node)
        below = list(leaves(node))
        self.moves = any(moves(leaf) for leaf in below)
        self.is_fixed = all(not set(leaf.operand.change_days()) for leaf in below)
        self.is_changeable = any(leaf.changeable for leaf in below)
        self.fact_names = tuple({fact.name: None for leaf in below for fact in leaf.stated})
        # A row that time does not move depends on few values, and many shops share them.
        self.may_be_shared = self.is_fixed and not self.moves
        self.shared = {}
        self.children = (
            None if isinstance(node, Leaf) else [_Shape(child, program) for child in node.children]
        )
        clauses = {leaf.notes.clause for leaf in below}
        self.template = {
            "id": node.id,
            "changeable": False,
            "result": None,
            "sentence": sentence(node, date.max) if self.is_fixed else None,
            "required": _required(node, date.max) if self.is_fixed else None,
            "actual": None,
            "met_from": None,
            "met_until": None,
            "source": None,
            "clause": node.notes.clause or (clauses.pop() if len(clauses) == 1 else None),
            "facts": list(self.fact_names),
        }

    def row_on(self, day):
        """A fresh row with the words and figures of ``day``."""
        row = self.template.copy()
        if not self.is_fixed:
            row["sentence"] = sentence(self.node, day)
            row["required"] = _required(self.node, day)
        return row


def _required(node, day):
    """The rule's own value as JSON shows it; None for a group and where no figure is in force."""
    if not isinstance(node, Leaf) or (operand := node.operand.on(day)) is None:
        return None
    return (
        write_ratio(operand)
        if node.operator is None
        else write_operand(node.operator, node.facts[0], operand)
    )


def rows(found: Assessment) -> list[dict]:
    """One row per child of the root ``all``; a group's row carries those of its children as ``alternatives``.

    Rows may be shared between answers: copy one before changing it.
    """
    return _Filler(found).rows() + [_one_of_two(title) for title in found.beside if found.state == "no"]


def _one_of_two(title) -> dict:
    """The row of a benefit that is not had beside one that is held. It stands in no tree, so it has no number."""
    return {
        "id": EXCLUDES,
        "changeable": False,
        "result": "fail",
        "sentence": f"和“{title}”只能领一个",
        **dict.fromkeys(("required", "actual", "met_from", "met_until", "source", "clause")),
        "facts": [],
    }


class _Filler:
    def __init__(self, found) -> None:
        self.found = found
        program = found.rule.program
        if program.shapes is None:
            program.shapes = [_Shape(node, program) for node in program.root.children]
        self.shapes, self.day, self.today = program.shapes, found.day, found.levels
        self.values, self.sources = found.profile.values, found.profile.sources
        self.days = {}
        may_be_forced = found.state in ("if", "no") and not found.beside
        self.forced = self._forced_to_fail() if may_be_forced else frozenset()

    def rows(self) -> list:
        return [self._row(shape) for shape in self.shapes]

    def _row(self, shape):
        if not shape.may_be_shared or self.forced:
            return self._fill(shape)
        values, sources = self.values, self.sources
        if len(shape.fact_names) == 1:
            told: tuple = values.get(shape.fact_names[0]), sources.get(shape.fact_names[0])
        else:
            told = tuple([(values.get(name), sources.get(name)) for name in shape.fact_names])
        row = shape.shared.get(told)
        if row is None:
            if len(shape.shared) >= MOST_REMEMBERED:
                shape.shared.clear()
            row = shape.shared[told] = self._fill(shape)
        return row

    def _fill(self, shape):
        row = shape.row_on(self.day)
        row["result"] = "fail" if shape.node.id in self.forced else self._result(shape)
        if shape.is_changeable:
            row["changeable"] = self._changeable(shape)
        if shape.moves:
            first, last = span_around(self._days_met(shape), self.day)
            row["met_from"] = first and first.isoformat()
            row["met_until"] = last and last.isoformat()
        if shape.children is None:
            self._fill_leaf(row, shape.node)
        else:
            row["alternatives"] = [self._row(child) for child in shape.children]
        return row

    def _fill_leaf(self, row, leaf) -> None:
        """The owner's own value, several where several are stated, and where the first known one comes from."""
        facts = leaf.stated
        for fact in reversed(facts):
            if (value := self.values.get(fact.name)) is not None:
                row["source"] = source_of(leaf, fact, self.found.profile, self.day)
                row["actual"] = fact.write(value)
        if len(facts) > 1:
            known = [fact.write(self.values.get(fact.name)) for fact in facts]
            row["actual"] = None if None in known else known

    def _result(self, shape) -> str:
        """pass, fail, wait, unknown or staff, were it not for ``forced``."""
        today = shape.level(self.today)
        if today >= STAFF:
            return "pass" if today == PASS else "staff"
        turning = self.found.turning
        if turning is not None and (then := shape.level(turning.levels)) != FAIL:
            return "unknown" if then == UNKNOWN else "wait"
        if today == UNKNOWN:
            return "unknown"
        later = [shape.level(moment.levels) for moment in self.found.moments[1:]] if shape.moves else ()
        if any(then >= STAFF for then in later):
            return "wait"
        return "unknown" if UNKNOWN in later else "fail"

    def _days_met(self, shape):
        """The stretches of days on which a node is met; a group's are worked out from its children's, each once."""
        days = self.days.get(shape.node.id)
        if days is None:
            if not shape.moves:
                days = ALWAYS if shape.level(self.today) >= STAFF else NEVER
            elif shape.children is None:
                days = self.found.rule.program.days_met(shape.node, self.found.profile, self.today)
            else:
                days = joined(shape.node.kind, [self._days_met(child) for child in shape.children])
            self.days[shape.node.id] = days
        return days

    def _forced_to_fail(self):
        """Where every row passes or waits, but never on one day, the one that ends first is what fails."""
        if not self.shapes or any(self._result(shape) == "fail" for shape in self.shapes):
            return frozenset()
        return frozenset(self._first_to_end(self.shapes))

    def _first_to_end(self, shapes):
        def end(shape):
            _, last = span_around(self._days_met(shape), self.day)
            return (last or date.max, self._result(shape) != "wait")

        shape = min(shapes, key=end)
        yield shape.node.id
        if shape.children is None:
            return
        if shape.node.kind == "all":
            yield from self._first_to_end(shape.children)
        else:
            for child in shape.children:
                yield from self._first_to_end([child])

    def _changeable(self, shape):
        """Whether an owner can make it pass. A group is changeable by any way in, or when all that fails in it is."""
        if shape.children is None:
            return can_change(shape.node, self.found.profile)
        if shape.node.kind == "any":
            return any(self._changeable(child) for child in shape.children)
        failing = [child for child in shape.children if child.level(self.today) == FAIL]
        return bool(failing) and all(self._changeable(child) for child in failing)
