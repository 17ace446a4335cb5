"""A benefit version's content as a checked ``Rule``: what the readings, states and amounts work on."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from core.facts import Misread, Registry, read_date

from . import amounts
from .consistency import contradictions
from .parameters import Parameter
from .tree import Group, Reader, RuleError
from .verdict import Program

KINDS = {
    "tax_relief": "税费减免",
    "insurance_refund": "保险返还",
    "rate_cut": "费率下调",
    "startup_subsidy": "创业补贴",
    "rent_subsidy": "租赁补贴",
    "loan_guarantee": "担保贷款",
    "finance_product": "金融产品",
    "insurance_product": "保险产品",
    "service": "服务",
    "training": "培训",
    "labour": "用工",
    "supervision": "监管服务",
}
DELIVERIES = {
    "automatic": "自动享受",
    "no_application": "免申即享",
    "apply": "要申请",
    "service": "找人服务",
    "information": "了解即可",
}


@dataclass(frozen=True)
class Window:
    """The days on which a benefit is open to anyone, both inclusive; None is open-ended."""

    opens_on: date | None = None
    closes_on: date | None = None

    @classmethod
    def read(cls, raw):
        if not raw:
            return cls()
        if not isinstance(raw, dict) or not set(raw) <= {"from", "to"}:
            raise RuleError("", "window 写成 {from, to}，可以只写一个")
        try:
            opens_on, closes_on = (read_date(raw[key]) if raw.get(key) else None for key in ("from", "to"))
        except Misread as problem:
            raise RuleError("", f"window：{problem.detail}") from None
        if opens_on and closes_on and opens_on > closes_on:
            raise RuleError("", "window 的结束日早于开始日")
        return cls(opens_on, closes_on)

    def within(self, first: date | None, last: date | None) -> "Window":
        """Those of its days that lie between two others, each None where there is no such end."""
        return Window(
            max(filter(None, (self.opens_on, first)), default=None),
            min(filter(None, (self.closes_on, last)), default=None),
        )

    def is_open_on(self, day) -> bool:
        return (self.opens_on is None or self.opens_on <= day) and (
            self.closes_on is None or day <= self.closes_on
        )


@dataclass(frozen=True, eq=False)
class Rule:
    """One benefit as it stands in one version. ``code`` is the benefit's, ``number`` the version's."""

    code: str
    measure: str
    title: str
    number: int
    kind: str
    delivery: str
    once_per_person: bool
    window: Window
    excludes: tuple[str, ...]
    parameters: dict[str, Parameter]
    criteria: Group
    relevance: Program | None
    amount: Any  # of one of the kinds of amounts.py
    program: Program
    push: bool | None = None

    @cached_property
    def is_money(self) -> bool:
        """Whether there is something to compute: every kind of amount but ``none``."""
        return not isinstance(self.amount, amounts.NoAmount)

    @property
    def is_pushed(self):
        """Whether shops are matched with it and their owners told: money, unless the version says otherwise."""
        return self.is_money if self.push is None else self.push

    @cached_property
    def is_tax(self) -> bool:
        return isinstance(self.amount, amounts.TAX_KINDS)

    @cached_property
    def nothing_promised(self):
        """The amount of a benefit that is closed, refused or held."""
        return amounts.Amount(None, None, self.amount.unit, self.amount.category)

    @cached_property
    def is_open_on(self):
        """``day -> bool``: the window is open and every figure stands."""
        return lru_cache(maxsize=128)(lambda day: self.window.is_open_on(day) and self.figures_stand_on(day))

    def figures_stand_on(self, day) -> bool:
        """Whether every figure the rule needs is in force on ``day``."""
        return all(
            parameter.always or parameter.on(day) is not None for parameter in self.parameters.values()
        )


def read_rule(
    content,
    *,
    registry: Registry,
    code,
    measure="",
    number=0,
    in_force=(None, None),
    overrides=None,
    unverified=frozenset(),
):
    """A version's content as a Rule. Raises RuleError naming the part and the node.

    ``in_force``: the first and the last day of the document that the benefit stands in, None where it has none.
    ``overrides``: parameter values of a what-if, in file form. ``unverified``: names of parameters (``M01b.ratio``)
    whose unverified rows count.
    """
    raw_parameters = {**(content.get("parameters") or {}), **(overrides or {})}
    parameters = {
        name: _within(
            ("parameters", name), Parameter.read, name, raw, unverified=f"{code}.{name}" in unverified
        )
        for name, raw in raw_parameters.items()
    }
    _check_words(content, code)
    conditions, relevance = content.get("conditions"), content.get("relevance")
    criteria = _tree(content.get("criteria"), registry, conditions, parameters)
    return Rule(
        code=code,
        measure=measure,
        title=content.get("title", ""),
        number=number,
        kind=content["kind"],
        delivery=content["delivery"],
        once_per_person=bool(content.get("once_per_person")),
        window=_within(("window",), Window.read, content.get("window")).within(*in_force),
        excludes=tuple(content.get("excludes") or ()),
        parameters=parameters,
        criteria=criteria,
        relevance=relevance
        and Program(_within(("relevance",), _tree, relevance, registry, conditions, parameters)),
        amount=_within(("amount",), amounts.Reader(registry, parameters).read, content.get("amount")),
        program=Program(criteria),
        push=content.get("push"),
    )


def _check_words(content, code) -> None:
    """What a rule says of itself in single words."""
    for part, words in (("kind", KINDS), ("delivery", DELIVERIES)):
        if content.get(part) not in words:
            raise RuleError("", f"{part} 只能是 {'、'.join(words)}", (part,))
    if code in (content.get("excludes") or ()):
        raise RuleError("", "事项不能排斥它自己", ("excludes",))


def _within(part, reader, *arguments, **options):
    """What ``reader`` returns; its complaint is said to be about ``part`` of the content."""
    try:
        return reader(*arguments, **options)
    except RuleError as problem:
        raise problem.within(*part) from None
    except ValueError as problem:
        raise RuleError("", str(problem), part) from None


def _tree(raw, registry, conditions, parameters):
    root = Reader(registry, conditions, parameters).root(raw)
    for node, detail in contradictions(root):
        raise RuleError(node, detail)
    return root
