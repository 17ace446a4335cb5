"""What-if sums outside a full check: one year's taxes, and interest on a guaranteed loan.

The reliefs and figures are those of the rules in force; nothing of them is typed here a second time.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.errors import Fault, Invalid
from core.facts import Profile
from core.money import half_up
from policies.catalogue import catalogue
from policies.criteria import tax
from policies.criteria.amounts import IncomeTaxHalving, OrderedDeduction, TaxHalving, TaxYear
from policies.criteria.verdict import STAFF

from .evaluation import overridden_rules

ZERO = Decimal("0.00")
LAST_YEAR = 2199
NO_SUCH_YEAR = f"只能算 {tax.FIRST_YEAR} 年到 {LAST_YEAR} 年的税"


@dataclass(frozen=True)
class TaxResult:
    """One year's taxes. ``relief``: yuan by benefit code, for the tax benefits in force that year; ``fitting``: codes
    of those that this profile can have that year."""

    year: int
    deduction_limit: Decimal
    lines: list[tax.Line]
    relief: dict[str, Decimal]
    fitting: frozenset = frozenset()

    @property
    def total_relief(self):
        return sum(self.relief.values(), ZERO)

    @property
    def payable(self):
        return sum((line.payable for line in self.lines), ZERO)


def tax_year(year, profile: Profile, *, reliefs=None, parameters=None) -> TaxResult:
    """The taxes of ``year`` with every relief that fits, in legal order.

    ``reliefs`` narrows what fits to these benefit codes. ``parameters``: figures by name that replace those in force.
    Absent amounts are 0; without registered_on there is no fixed deduction. Raises Invalid.
    """
    if not tax.FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid([Fault("year", "out_of_range", NO_SUCH_YEAR)])
    rules = tax_rules(year, parameters or {})
    profile = _without_gaps(profile)
    fitting = [
        rule for rule in rules if (reliefs is None or rule.code in reliefs) and _fits(rule, profile, year)
    ]
    computed = TaxYear(profile, year, [rule.amount for rule in fitting])
    relief = dict.fromkeys((rule.code for rule in rules), ZERO)
    relief |= {rule.code: computed.amount_of(rule.amount).value for rule in fitting}
    codes = frozenset(rule.code for rule in fitting)
    return TaxResult(year, computed.limit, list(computed.lines.values()), relief, codes)


def tax_rules(year, parameters=None) -> list:
    """The tax benefits in force at the end of ``year``, at most one of each kind. Raises Invalid."""
    known, last_day = catalogue(), date(year, 12, 31)
    rules = {type(rule.amount): rule for rule in known.rules_on(last_day) if rule.is_tax}
    if parameters:
        overrides, faults = {}, []
        for name, value in parameters.items():
            owner = next((rule for rule in rules.values() if name in rule.parameters), None)
            if owner is None:
                names = "、".join(name for rule in rules.values() for name in rule.parameters)
                faults.append(Fault(f"parameters.{name}", "unknown_parameter", f"能改的参数只有：{names}"))
            else:
                overrides.setdefault(owner.code, {})[name] = value
        try:
            changed = overridden_rules(known, last_day, overrides)
        except Invalid as problem:
            # The caller names parameters without their benefit.
            faults += [
                Fault(f"parameters.{fault.field.rpartition('.')[2]}", fault.code, fault.detail)
                for fault in problem.faults
            ]
        if faults:
            raise Invalid(faults)
        rules = {type(rule.amount): rule for rule in changed if rule.is_tax}
    order = (TaxHalving, IncomeTaxHalving, OrderedDeduction)
    return [rules[kind] for kind in order if kind in rules]


def _without_gaps(profile):
    """What the calculator is not told is 0."""
    names = [*map(tax.due_fact, tax.LINES[:-1]), "annual_taxable_income", "other_income_tax_relief"]
    return profile.with_values(
        {name: ZERO for name in names if name not in profile.values}
        | ({} if "deduction_months_used" in profile.values else {"deduction_months_used": 0})
    )


def _fits(rule, profile, year) -> bool:
    """Whether the rule is met on some day of the year inside its window."""
    first = max(date(year, 1, 1), rule.window.opens_on or date.min)
    last = min(date(year, 12, 31), rule.window.closes_on or date.max)
    if first > last or not rule.figures_stand_on(last):
        return False
    moments = rule.program.moments(profile, first, last)
    return any(rule.program.level(moment.levels) >= STAFF for moment in moments)


@dataclass(frozen=True)
class Interest:
    """Simple interest on a loan, and who pays it."""

    interest: Decimal
    subsidy: Decimal
    own: Decimal
    monthly: Decimal


def loan_interest(principal, yearly_percent, years, share) -> Interest:
    """Simple yearly interest, of which ``share`` is subsidised. ``monthly``: interest before the subsidy."""
    interest = half_up(principal * yearly_percent / 100 * years)
    subsidy = half_up(interest * share)
    return Interest(interest, subsidy, interest - subsidy, half_up(interest / (12 * years)))
