"""The second reading of a rule: one expression over all shops, for PostgreSQL and SQLite alike.

SQL's NULL is the rule language's unknown, so ``expression(root, day)`` is true, false or NULL exactly where the verdict
is met, unmet or unknown. Dates compare the bare column with a threshold computed once in Python, so an index serves.
"""

from django.db.models import BigIntegerField, BooleanField, Case, DateField, F, Q, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
    StartsWith,
)

from .operators import BASIS_POINT, EARLIER, LATER
from .tree import Leaf

ALWAYS = Exact(Value(1), Value(1))
NOTHING_KNOWN = Cast(Value(None), BooleanField())
_ADDED_TYPES = {"date": DateField, "choice": TextField, "code": TextField}


def met(node, day):
    """A condition for ``filter``: the shops that meet the rule on ``day``. Of others it does not say why not, which
    takes less than ``expression``: trees are in normal form, so a leaf that is not met may as well be unknown."""
    if isinstance(node, Leaf):
        if node.operator and node.facts[0].type == "set" and not node.unknown_is_met:
            mask = node.operand.on(day)
            return Q(NOTHING_KNOWN) if mask is None else _has(node.facts[0], node.operator.name, mask)
        return Q(expression(node, day))
    children = [met(child, day) for child in node.children]
    return Q(*children, _connector=Q.AND if node.kind == "all" else Q.OR) if children else Q(ALWAYS)


def expression(node, day):
    """True, false or NULL for each row of Business."""
    if isinstance(node, Leaf):
        found = _leaf(node, day)
        return Coalesce(found, Value(True), output_field=BooleanField()) if node.unknown_is_met else found
    if not node.children:
        return Q(ALWAYS)
    children = [expression(child, day) for child in node.children]
    return Q(*children, _connector=Q.AND if node.kind == "all" else Q.OR)


def column(fact, part=""):
    """The bare column of a fact; ``part`` is ``yes`` or ``known`` for a set. Added facts live in ``extra``."""
    name = f"{fact.name}_{part}" if part else fact.name
    if fact.built_in:
        return F(name)
    kind = _ADDED_TYPES.get(fact.type, BigIntegerField)
    return Cast(KeyTextTransform(name, "extra"), kind())


def _operand(fact, value):
    """A rule's value as the column compares with it."""
    if fact.built_in or fact.type == "date":
        return value
    return fact.plain(value)


def _leaf(leaf, day):
    operand = leaf.operand.on(day)
    if operand is None:
        return NOTHING_KNOWN
    if leaf.operator is None:
        return _ratio(leaf, operand)
    fact, operator = leaf.facts[0], leaf.operator.name
    if fact.type == "set":
        return _members(fact, operator, operand)
    if fact.type == "code":
        return _codes(fact, operator, operand)
    if leaf.operator.ago:
        return within(column(fact), leaf.operator.ago.starts(operand, day))
    return _compared(fact, operator, operand)


def _ratio(leaf, points):
    """a × 10000 against basis points × b, in integers wide enough for both."""
    above, below = (Cast(column(fact), BigIntegerField()) for fact in leaf.facts)
    lookup = {"lte": LessThanOrEqual, "lt": LessThan, "gte": GreaterThanOrEqual, "gt": GreaterThan}
    return lookup[leaf.ratio_operator](above * BASIS_POINT, below * points)


def _members(fact, operator, mask):
    has, lacks = _has_and_lacks(fact, operator, mask)
    wanted = operator in _HAVING
    return Case(
        When(has, then=Value(wanted)),
        When(lacks, then=Value(not wanted)),
        default=Value(None),
        output_field=BooleanField(),
    )


def _has(fact, operator, mask):
    """Where ``_members`` is true."""
    has, lacks = _has_and_lacks(fact, operator, mask)
    return has if operator in _HAVING else lacks & ~has


_HAVING = ("has_any", "has_all")


def _has_and_lacks(fact, operator, mask):
    """Where a set is known to have what an operator asks about, and where, else, it is known not to."""
    yes, known = column(fact, "yes"), column(fact, "known")
    if operator in ("has_any", "has_none"):
        return ~Q(Exact(yes.bitand(mask), 0)), Q(Exact(known.bitand(mask), mask))
    return Q(Exact(yes.bitand(mask), mask)), ~Q(Exact((known - yes).bitand(mask), 0))


def _codes(fact, operator, codes):
    """A registered code that is itself the beginning of a wanted one may still lie inside it: NULL."""
    inside = Q(*(StartsWith(column(fact), code) for code in codes), _connector=Q.OR)
    shorter = sorted({code[:length] for code in codes for length in (1, *range(3, len(code)))})
    unsure = [When(In(column(fact), shorter), then=Value(None))] if shorter else []
    return Case(
        When(inside, then=Value(operator == "starts_with")),
        *unsure,
        When(Q(Exact(column(fact), column(fact))), then=Value(operator != "starts_with")),
        default=Value(None),
        output_field=BooleanField(),
    )


def within(here, ranges):
    """Whether an expression lies inside one of the inclusive ranges; a range's open end is not compared with."""
    inside = []
    for first, last in ranges:
        edges: list[GreaterThanOrEqual | LessThanOrEqual] = []
        if first > EARLIER or last == LATER:
            edges.append(GreaterThanOrEqual(here, first))
        if last < LATER:
            edges.append(LessThanOrEqual(here, last))
        inside.append(Q(*edges))
    return Q(*inside, _connector=Q.OR) if inside else LessThan(here, EARLIER)


_LOOKUPS = {
    "eq": Exact,
    "gte": GreaterThanOrEqual,
    "gt": GreaterThan,
    "lte": LessThanOrEqual,
    "lt": LessThan,
    "on_or_after": GreaterThanOrEqual,
    "on_or_before": LessThanOrEqual,
    "before": LessThan,
    "after": GreaterThan,
}


def _compared(fact, operator, operand):
    here = column(fact)
    if operator in ("in", "not_in"):
        values = [_operand(fact, value) for value in operand]
        return In(here, values) if operator == "in" else _unlike(here, values)
    if operator in ("between", "not_between"):
        low, high = (_operand(fact, value) for value in operand)
        if operator == "between":
            return Q(GreaterThanOrEqual(here, low), LessThanOrEqual(here, high))
        return Q(LessThan(here, low), GreaterThan(here, high), _connector=Q.OR)
    value = _operand(fact, operand)
    return _unlike(here, [value]) if operator == "ne" else _LOOKUPS[operator](here, value)


# Whether an operator holds below its value or above it, and whether the value itself lies below the line it draws.
_LINES = {
    "lte": ("below", True),
    "lt": ("below", False),
    "on_or_before": ("below", True),
    "before": ("below", False),
    "gt": ("above", True),
    "gte": ("above", False),
    "after": ("above", True),
    "on_or_after": ("above", False),
}


def between(one, other, day):
    """The shops of which two leaves say different things, where both draw a line through the values of one fact and
    hold on the same side of it: those between the lines, as a range of the bare column. None for other nodes."""
    if not (isinstance(one, Leaf) and isinstance(other, Leaf) and one.operator and other.operator):
        return None
    sides = [_LINES.get(operator.name, ("", False)) for operator in (one.operator, other.operator)]
    values = [leaf.operand.on(day) for leaf in (one, other)]
    if None in values or not sides[0][0] or sides[0][0] != sides[1][0]:
        return None
    if (one.facts, one.unknown_is_met) != (other.facts, other.unknown_is_met):
        return None
    (low, has_low), (high, has_high) = sorted(zip(values, [below for _, below in sides], strict=True))
    fact = one.facts[0]
    here, low, high = column(fact), _operand(fact, low), _operand(fact, high)
    above = GreaterThan(here, low) if has_low else GreaterThanOrEqual(here, low)
    return Q(above, LessThanOrEqual(here, high) if has_high else LessThan(here, high))


def _unlike(here, values):
    """Not among the values, NULL where the column is NULL: Django's own negation would turn NULL into true."""
    return Case(
        When(In(here, values), then=Value(False)),
        When(Q(Exact(here, here)), then=Value(True)),
        default=Value(None),
        output_field=BooleanField(),
    )
