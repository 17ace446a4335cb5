"""What a post asks of whoever comes, as a rule over facts of workers."""

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256

import orjson

from core.errors import Invalid
from core.facts import Members, Profile
from policies.criteria.rows import rows
from policies.criteria.rules import Rule, read_rule
from policies.criteria.sentence import sentence
from policies.criteria.states import assess_all
from policies.criteria.tree import RuleError

from ..facts import WORKER
from ..models import Worker
from ..settings import figure

NOTHING: dict = {"all": []}
# A post asks facts of people and nothing else: words of its own, and what staff look at, have no place in its rule.
PARTS = frozenset({"all", "any", "not", "fact", "op", "value"})

OLDEST, MOST_YEARS = 70, 50  # that a form takes
AGAINST = "填的要求和“另外还要求”的合不到一起，请改一改"
# The conditions that a form offers, ``{fact: (operator, which values its control takes)}``.
OFFERED: dict[str, tuple[str, Callable]] = {
    "born_on": (
        "at_least_ago",
        lambda ago: set(ago) == {"years"} and figure("youngest") <= ago["years"] <= OLDEST,
    ),
    "experience": ("gte", lambda years: 1 <= years <= MOST_YEARS),
    "certificates": ("has_all", bool),
    "has_tools": ("eq", lambda value: value is True),
}


def rule_of(tree: dict) -> Rule | None:
    """The tree as a rule, None where nothing is asked. Raises RuleError."""
    return _rule(orjson.dumps(tree, option=orjson.OPT_SORT_KEYS)) if tree.get("all") else None


@lru_cache(maxsize=4_000)
def _rule(said: bytes) -> Rule:
    content = {
        "title": "要求",
        "kind": "labour",
        "delivery": "service",
        "criteria": orjson.loads(said),
        "amount": {"none": {}},
    }
    return read_rule(content, registry=WORKER, code="post")


def key_of(tree: dict) -> str:
    """The same for the same tree; empty where nothing is asked."""
    if not tree.get("all"):
        return ""
    return sha256(orjson.dumps(tree, option=orjson.OPT_SORT_KEYS)).hexdigest()


def read(tree) -> dict:
    """The tree, if it can stand. Raises Invalid."""
    try:
        if not isinstance(tree, dict) or set(tree) != {"all"} or not isinstance(tree["all"], list):
            raise RuleError("", "要求写成 {all: [ … ]}")
        _refuse_others(tree)
        rule_of(tree)
    except RuleError as problem:
        raise Invalid.because("requirements", "invalid_rule", str(problem)) from None
    except TypeError:  # of a number that no condition has
        raise Invalid.because("requirements", "invalid_rule", "数字请写整数") from None
    return tree


def _refuse_others(tree) -> None:
    """RuleError where a condition says more than what is compared with what."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue  # whatever it is, the rule is refused for it
        if others := set(node) - PARTS:
            raise RuleError("", f"不认识的键：{'、'.join(sorted(map(str, others)))}")
        for name in ("all", "any"):
            waiting += node[name] if isinstance(node.get(name), list) else []
        waiting.append(node.get("not"))


def asked(*, age=None, experience=None, certificates=(), tools=False) -> dict:
    """The tree of what a form offers: at least so old, so many years, all of these certificates, own tools."""
    leaves: list[dict] = []
    if age:
        leaves.append({"fact": "born_on", "op": "at_least_ago", "value": {"years": age}})
    if experience:
        leaves.append({"fact": "experience", "op": "gte", "value": experience})
    if certificates:
        leaves.append({"fact": "certificates", "op": "has_all", "value": list(certificates)})
    if tools:
        leaves.append({"fact": "has_tools", "op": "eq", "value": True})
    return {"all": leaves}


def parted(tree: dict) -> tuple[dict, list]:
    """What a form draws of a rule, ``{fact: condition}``, and the conditions that it cannot draw."""
    drawn: dict[str, dict] = {}
    others = []
    for node in tree.get("all", ()):
        if _is_offered(node) and node["fact"] not in drawn:
            drawn[node["fact"]] = node
        else:
            others.append(node)
    return drawn, others


def _is_offered(node) -> bool:
    operator, takes = OFFERED.get(node.get("fact"), ("", bool))
    return node.get("op") == operator and takes(node["value"])


def rewritten(tree: dict, form: dict) -> dict:
    """A rule in which what a form draws is as ``form`` asks; what it cannot draw stays, where it stands. Raises
    Invalid."""
    drawn, new = parted(tree)[0], {node["fact"]: node for node in form["all"]}
    nodes = [
        new.pop(node["fact"], None) if node is drawn.get(node.get("fact")) else node
        for node in tree.get("all", ())
    ]
    try:
        return read({"all": [*filter(None, nodes), *new.values()]})
    except Invalid:  # its words count conditions, which the form does not
        raise Invalid.because("requirements", "invalid_rule", AGAINST) from None


def profile_of(worker: Worker) -> Profile:
    """The facts of a worker that posts may ask for."""
    values = {"born_on": worker.born_on, "experience": worker.experience, "has_tools": worker.has_tools}
    if worker.certificates_known:
        values["certificates"] = Members(worker.certificates_yes, worker.certificates_known)
    return Profile({name: value for name, value in values.items() if value is not None})


def judged(tree: dict, worker: Worker, day) -> list[dict]:
    """A row a condition, as pages show criteria."""
    rule = rule_of(tree)
    return list(rows(assess_all([rule], profile_of(worker), day)[0])) if rule else []


def sentences(tree: dict, day) -> list[str]:
    """What is asked, a sentence a condition."""
    rule = rule_of(tree)
    return [sentence(node, day) for node in rule.criteria.children] if rule else []


def are_met(tree: dict, worker: Worker, day) -> bool:
    return all(row["result"] == "pass" for row in judged(tree, worker, day))
