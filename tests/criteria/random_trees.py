"""Random trees of every kind of node and operator, and random shops whose facts lie near the trees' thresholds."""

from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from hypothesis import strategies as st

from core.facts import Members
from policies.criteria.parameters import Parameter
from policies.criteria.tree import Reader

FACTS = (
    "registered_on", "left_school_on", "born_on", "employees", "monthly_rent", "annual_taxable_income",
    "unit_insured", "abnormal_listed", "operating_status", "agri_industry", "industry", "operator_groups",
    "distinctive_classes", "layoff_claimants_last_year", "insured_headcount_last_year",
)  # fmt: skip
OPERATORS = {
    "bool": ("eq", "ne"),
    "choice": ("eq", "ne", "in", "not_in"),
    "integer": ("eq", "ne", "gte", "gt", "lte", "lt", "in", "not_in", "between"),
    "money": ("eq", "ne", "gte", "gt", "lte", "lt", "in", "not_in", "between"),
    "date": ("at_least_ago", "more_than_ago", "at_most_ago", "less_than_ago", "on_or_after", "on_or_before"),
    "set": ("has_any", "has_all", "has_none"),
    "code": ("starts_with",),
}
PERIODS = [{"years": 1}, {"years": 3}, {"months": 1}, {"months": 13}, {"days": 30}, {"calendar_months": 1},
           {"calendar_months": 2}, {"calendar_months": 36}]  # fmt: skip
ORDERED = st.sampled_from(["lte", "lt", "gte", "gt"])
RATIOS = st.sampled_from(["0", "0.055", "0.2", "0.5", "1", "1.5"])
CODES = ["F", "F52", "F521", "F5212", "G", "A01"]
days = st.dates(date(2022, 1, 1), date(2030, 12, 31)) | st.sampled_from(
    [date(2024, 2, 29), date(2025, 2, 28), date(2025, 3, 31), date(2027, 12, 31)]
)


class Drawn(NamedTuple):
    """A stored tree with its named conditions and parameters, and ``root``: the same in normal form."""

    raw: dict
    conditions: dict
    parameters: dict
    root: object

    @property
    def facts(self):
        return list(dict.fromkeys(self._names(self.raw)))

    def _names(self, node):
        if "use" in node:
            yield from self._names(self.conditions[node["use"]])
        for child in [node["not"]] if "not" in node else node.get("all", node.get("any", ())):
            yield from self._names(child)
        yield from node.get("ratio") or ([node["fact"]] if "fact" in node else ())


@st.composite
def trees(draw, registry, facts=FACTS, dated=True, staff=True, deepest=3):
    """A tree over ``facts``. ``dated`` allows parameters whose value depends on the day, ``staff`` staff leaves."""
    facts = [*facts, *(name for name in registry if not registry[name].built_in)]
    parameters = {}
    conditions = {"named": draw(_nodes(registry, facts, parameters, dated, {}, min(deepest, 2), True))}
    nodes = _nodes(registry, facts, parameters, dated, conditions, deepest, not staff)
    children = draw(st.lists(nodes, min_size=1, max_size=3))
    raw = {"all": children}
    read = {name: Parameter.read(name, rows) for name, rows in parameters.items()}
    return Drawn(raw, conditions, parameters, Reader(registry, conditions, read).root(raw))


@st.composite
def _nodes(draw, registry, facts, parameters, dated, conditions, depth, inside_not):
    kinds = ["leaf", "leaf"]
    if depth:
        kinds += ["all", "any", "any", "not"]
    if conditions:
        kinds.append("use")
    kind = draw(st.sampled_from(kinds))
    if kind == "leaf":
        return draw(leaves(registry, facts, parameters, dated, inside_not))
    if kind == "use":
        return {"use": "named"}
    below = _nodes(registry, facts, parameters, dated, conditions, depth - 1, inside_not or kind == "not")
    if kind == "not":
        return {"not": draw(below)}
    return {kind: draw(st.lists(below, min_size=1, max_size=3))}


@st.composite
def leaves(draw, registry, facts, parameters, dated=True, inside_not=False):
    if "insured_headcount_last_year" in facts and draw(st.integers(0, 11)) == 0:
        names = ["layoff_claimants_last_year", "insured_headcount_last_year"]
        leaf = {"ratio": names, "op": draw(ORDERED)}
        values = RATIOS
    else:
        fact = registry[draw(st.sampled_from(facts))]
        leaf = {"fact": fact.name, "op": draw(_operators(fact.type))}
        values = _operands(fact, leaf["op"])
    leaf["value"] = draw(values)
    if dated and draw(st.integers(0, 6)) == 0:
        name = f"p{len(parameters)}"
        parameters[name] = draw(_dated(values))
        leaf["value"] = {"param": name}
    if not inside_not and draw(st.integers(0, 7)) == 0:
        leaf["check"] = "staff"
    if draw(st.integers(0, 4)) == 0:
        leaf["changeable"] = True
    return leaf


@cache
def _operators(type_of_fact):
    return st.sampled_from(OPERATORS[type_of_fact])


@st.composite
def _dated(draw, values):
    """One or two rows; on some days none is in force."""
    edges = sorted(draw(st.sets(days, min_size=2, max_size=3)))
    rows = [{"value": draw(values), "from": edges[0].isoformat(), "to": edges[1].isoformat()}]
    if len(edges) > 2 or draw(st.booleans()):
        rows.append({"value": draw(values), "from": edges[-1].isoformat()})
    return rows


@cache  # what draws is looked through anew each time that it is made
def _operands(fact, op):
    if fact.type == "bool":
        return st.booleans()
    if fact.type == "integer":
        return _listed(op, st.integers(0, 6))
    if fact.type == "money":
        return _listed(op, st.sampled_from(["0", "0.01", "499.99", "500", "500.01"]))
    if fact.type == "code":
        return st.sampled_from(CODES) | st.lists(st.sampled_from(CODES), min_size=1, max_size=3)
    names = [choice.value for choice in fact.choices][:4]
    if fact.type == "choice":
        return _listed(op, st.sampled_from(names))
    if fact.type == "set":
        return st.lists(st.sampled_from(names), min_size=1, max_size=3)
    if op in ("on_or_after", "on_or_before"):
        return days.map(date.isoformat)
    return st.sampled_from(PERIODS)


def _listed(op, value):
    if op == "between":
        return st.tuples(value, value).map(lambda pair: sorted(pair, key=Decimal))
    return st.lists(value, min_size=1, max_size=3) if op in ("in", "not_in") else value


@st.composite
def shops(draw, registry, facts, day):
    """Inside values of ``facts``; about a fifth is unknown."""
    values = {}
    for name in facts:
        if draw(st.integers(0, 4)):
            values[name] = draw(_values(registry[name], day))
    return values


@cache
def _values(fact, day):
    if fact.type == "bool":
        return st.booleans()
    if fact.type == "integer":
        return st.integers(0, 7)
    if fact.type == "money":
        fen = [0, 1, 49_999, 50_000, 50_001, *([-1] if fact.signed else [])]
        return st.sampled_from([Decimal(one) / 100 for one in fen])
    if fact.type == "code":
        return st.sampled_from([*CODES, "F51", "F5211", "T"])
    if fact.type == "choice":
        return st.sampled_from([choice.value for choice in fact.choices][:4])
    if fact.type == "set":
        masks = st.integers(0, 15)
        return st.builds(
            lambda yes, known: Members(yes & known, known), masks, masks | st.just(fact.everything)
        )
    return _dates_near(day)


def _dates_near(day):
    """Dates that one of the periods brings to ``day``, or close to it, or next year."""
    far = st.sampled_from([0, 0, 28, 30, 31, 59, 365, 366, 395, 1064, 1095, 1096, -30, -366])
    return st.builds(lambda back, shift: day - timedelta(days=back + shift), far, st.integers(-3, 3))
