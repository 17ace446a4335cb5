"""What a benefit is worth: typed amounts with their working, line by line.

Each kind yields a value, a maximum, a unit (once, month, year, percent, limit), a category (cash, tax, loan, or None)
and lines. A missing amount fact makes the value None and is named; it never changes the state. The kinds that reduce
taxes are computed together, because the reliefs act on one another: see ``TaxYear``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from core.facts import Misread, Registry, read_integer, read_money
from core.money import half_up

from . import tax
from .parameters import Parameter, constant
from .sentence import number_text
from .tree import RuleError

ZERO = Decimal("0.00")


class Line(NamedTuple):
    label: str
    working: str
    value: Decimal


class Amount(NamedTuple):
    """Yuan (percent for ``percent``). ``missing`` names facts without which the value is not known."""

    value: Decimal | None
    maximum: Decimal | None
    unit: str | None
    category: str | None
    lines: tuple[Line, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class NoAmount:
    """A service, or supervision: nothing to compute."""

    unit = category = None
    facts = ()

    def on(self, profile, day, title):
        return Amount(None, None, None, None)


class _Figured:
    """An amount made of figures. Of a day on which one of them is not in force nothing can be told."""

    unit: Any  # a word, or a property that says it
    category: Any
    _on: Callable[..., Amount]

    def on(self, profile, day, title) -> Amount:
        if any(isinstance(figure, Parameter) and figure.on(day) is None for figure in vars(self).values()):
            return Amount(None, None, self.unit, self.category)
        return self._on(profile, day, title)


@dataclass(frozen=True)
class Fixed(_Figured):
    """A sum paid once."""

    grant: Parameter
    unit, category = "once", "cash"
    facts = ()

    def _on(self, profile, day, title):
        grant = self.grant.on(day)
        return Amount(grant, grant, "once", "cash", (Line(title, f"一次性 {number_text(grant)} 元", grant),))


@dataclass(frozen=True)
class MonthlyCapped(_Figured):
    """Actual cost up to a cap, for a number of months less those already received."""

    cap: Parameter
    months: Parameter
    fact: str
    used: str
    unit, category = "month", "cash"

    @property
    def facts(self):
        return (self.fact,)

    def _on(self, profile, day, title):
        cap = self.cap.on(day)
        cost = profile.values.get(self.fact)
        used = profile.values.get(self.used) or 0
        months = max(self.months.on(day) - used, 0)
        monthly = cap if cost is None else min(cost, cap)
        own = f"实际每月 {number_text(cost)} 元，" if cost is not None else ""
        lines = (
            Line("每月", f"{own}每月最高 {number_text(cap)} 元", monthly),
            Line("最多", f"{number_text(monthly)} 元 × {months} 个月", monthly * months),
        )
        missing = (self.fact,) if cost is None else ()
        return Amount(None if missing else monthly, monthly * months, "month", "cash", lines, missing)


@dataclass(frozen=True)
class ShareOf(_Figured):
    """A share of what was paid."""

    fact: str
    ratio: Parameter
    unit, category = "once", "cash"

    @property
    def facts(self):
        return (self.fact,)

    def _on(self, profile, day, title):
        paid, ratio = profile.values.get(self.fact), self.ratio.on(day)
        if paid is None:
            return Amount(None, None, "once", "cash", (), (self.fact,))
        value = half_up(paid * ratio)
        percent = number_text((ratio * 100).normalize() + 0)
        return Amount(
            value, value, "once", "cash", (Line(title, f"{number_text(paid)} 元 × {percent}%", value),)
        )


@dataclass(frozen=True)
class Ceiling(_Figured):
    """A loan up to a limit: what is wanted, or the limit where nothing is wanted."""

    limit: Parameter
    wanted: str
    unit, category = "limit", "loan"
    facts = ()

    def _on(self, profile, day, title):
        limit, wanted = self.limit.on(day), profile.values.get(self.wanted)
        value = min(wanted, limit) if wanted else limit
        own = f"想贷 {number_text(wanted)} 元，" if wanted else ""
        return Amount(
            value,
            limit,
            "limit",
            "loan",
            (Line(title, f"{own}最高 {number_text(limit)} 元，贷款要还", value),),
        )


@dataclass(frozen=True)
class RateCut(_Figured):
    """A contribution rate in percent; no sum can be told from it."""

    rate: Parameter
    unit, category = "percent", None
    facts = ()

    def _on(self, profile, day, title):
        rate = self.rate.on(day)
        return Amount(rate, rate, "percent", None, (Line(title, f"按 {number_text(rate)}% 缴纳", rate),))


@dataclass(frozen=True)
class TaxHalving:
    """六税两费减半."""

    halve_surcharges_first: Parameter
    unit, category = "year", "tax"
    facts = tuple(tax.due_fact(name) for name in tax.HALVED)


@dataclass(frozen=True)
class IncomeTaxHalving:
    """经营所得个人所得税减半, on taxable income up to a cap."""

    income_cap: Parameter
    unit, category = "year", "tax"
    facts = ("annual_taxable_income",)


@dataclass(frozen=True)
class OrderedDeduction:
    """A yearly limit deducted from VAT, surcharges and income tax in fixed order."""

    annual_limit: Parameter
    months: Parameter
    unit, category = "year", "tax"
    facts = (*(tax.due_fact(name) for name in tax.DEDUCTED[:-1]), "annual_taxable_income")


TAX_KINDS = (TaxHalving, IncomeTaxHalving, OrderedDeduction)


class TaxYear:
    """One tax computation for a profile and year, with the reliefs that apply together.

    ``applied``: the tax amounts that count, at most one of each kind. Figures are looked up in the tax year.
    """

    def __init__(self, profile, year, applied) -> None:
        self.values, self.year = profile.values, year
        self.day = tax.date(year, 12, 31)
        by_kind: dict[type, Any] = {type(amount): amount for amount in applied}
        self.halving = by_kind.get(TaxHalving)
        self.income: Any = by_kind.get(IncomeTaxHalving)
        self.deduction: Any = by_kind.get(OrderedDeduction)
        self.months, self.limit = self._limit()
        self.absent = [name for name in tax.LINES[:-1] if self.values.get(tax.due_fact(name)) is None]
        self.taxable_income = self.values.get("annual_taxable_income")
        self.lines = self._lines(ZERO)

    def _limit(self):
        """Months of the deduction in this year and what they allow; None while the registration date is unknown."""
        if self.deduction is None:
            return None, ZERO
        annual, window = self.deduction.annual_limit.on(self.day), self.deduction.months.on(self.day)
        registered_on = self.values.get("registered_on")
        if registered_on is None or annual is None:
            return None, annual
        used = self.values.get("deduction_months_used") or 0
        months = tax.months_in_year(registered_on, self.year, window, used)
        return months, tax.year_limit(annual, months)

    def _lines(self, absent) -> dict:
        """The lines with ``absent`` yuan due wherever a due is not known, by tax."""
        values = self.values
        dues = {name: values.get(tax.due_fact(name), absent) for name in tax.LINES[:-1]}
        reliefs = tax.Reliefs(
            halve=self.halving is not None,
            income_cap=self.income.income_cap.on(self.day) if self.income else None,
            limit=self.limit if self.deduction else None,
            halve_surcharges_first=self.halving.halve_surcharges_first.on(self.day) if self.halving else True,
        )
        other = values.get("other_income_tax_relief", ZERO)
        lines = tax.compute(self.year, dues, self.taxable_income or ZERO, other, reliefs)
        return {line.tax: line for line in lines}

    def amount_of(self, kind):
        """The Amount of one of the applied tax amounts."""
        if kind is self.halving:
            return self._halving()
        return self._income_halving() if kind is self.income else self._deduction()

    def _absent_facts(self, taxes):
        return tuple(tax.due_fact(name) for name in taxes if name in self.absent)

    def _most_due(self):
        """The lines when everything unknown is beyond any limit: what an absent due could change at most."""
        return self._lines(Decimal(10) ** 15)

    def _halving(self):
        missing = self._absent_facts(tax.HALVED)
        value = sum((line.halved for line in self.lines.values() if line.tax in tax.HALVED), ZERO)
        if self.deduction and not missing and "vat" in self.absent:
            most = sum((line.halved for line in self._most_due().values() if line.tax in tax.HALVED), ZERO)
            missing = () if most == value else (tax.due_fact("vat"),)
        if missing:
            return Amount(None, None, "year", "tax", (), missing)
        lines = tuple(
            Line(tax.LABELS[line.tax], f"{number_text(line.due)} 元，减半征收", line.halved)
            for line in self.lines.values()
            if line.tax in tax.HALVED and line.due
        )
        return Amount(value, None, "year", "tax", lines)

    def _income_halving(self):
        line = self.lines["income_tax"]
        earlier = self._absent_facts(tax.DEDUCTED) if self.deduction else ()
        if self.taxable_income is None:
            left = line.limit_left + line.deducted
            return Amount(
                None, None, "year", "tax", (), (*(earlier if left else ()), "annual_taxable_income")
            )
        if earlier and self._most_due()["income_tax"].halved != line.halved:
            return Amount(None, None, "year", "tax", (), earlier)
        cap = self.income.income_cap.on(self.day)
        before = line.other_relief + line.deducted
        part = min(self.taxable_income, cap)
        share = (
            ""
            if part == self.taxable_income
            else f" × {number_text(part)} ÷ {number_text(self.taxable_income)}"
        )
        working = (
            f"（不超过 {number_text(cap)} 元部分的应纳税额 {number_text(tax.income_tax(part, self.year))} 元"
            f" − 其他减免 {number_text(before)} 元{share}）× 50%"
        )
        return Amount(line.halved, None, "year", "tax", (Line("个人所得税减半", working, line.halved),))

    def _deduction(self):
        if self.limit is None:
            return Amount(None, None, "year", "tax")
        annual = self.deduction.annual_limit.on(self.day)
        if self.months is None:
            unknown = [
                name for name in ("registered_on", "deduction_months_used") if self.values.get(name) is None
            ]
            return Amount(None, annual, "year", "tax", (), (*self._deduction_absent(), *unknown))
        limit = Line(
            f"{self.year} 年扣减限额", f"{number_text(annual)} 元 ÷ 12 × {self.months} 个月", self.limit
        )
        value = sum((line.deducted for line in self.lines.values()), ZERO)
        missing = self._deduction_absent() if value < self.limit else ()
        if not missing and self.values.get("deduction_months_used") is None and not self._fits_any_use(value):
            missing = (*missing, "deduction_months_used")
        if missing:
            return Amount(None, self.limit, "year", "tax", (limit,), missing)
        taken = tuple(
            Line(tax.LABELS[line.tax], f"从限额里扣，还剩 {number_text(line.limit_left)} 元", line.deducted)
            for line in self.lines.values()
            if line.deducted
        )
        return Amount(value, self.limit, "year", "tax", (limit, *taken))

    def _fits_any_use(self, value) -> bool:
        """Whether the deduction is ``value`` however many months were used before, short of all."""
        annual, window = self.deduction.annual_limit.on(self.day), self.deduction.months.on(self.day)
        least = tax.months_in_year(self.values["registered_on"], self.year, window, window - 1)
        return value <= tax.year_limit(annual, least)

    def _deduction_absent(self):
        income = ("annual_taxable_income",) if self.taxable_income is None else ()
        return (*self._absent_facts(tax.DEDUCTED), *income)


class Reader:
    """Reads the ``amount`` of a version's content."""

    def __init__(self, registry: Registry, parameters) -> None:
        self.registry = registry
        self.parameters = parameters

    def read(self, raw):
        """An amount such as ``{"fixed": "5000"}``. Raises RuleError that says what fits."""
        if not isinstance(raw, dict) or len(raw) != 1:
            raise RuleError("", f"amount 只写一种：{'、'.join(_KINDS)}")
        ((kind, terms),) = raw.items()
        if kind not in _KINDS:
            raise RuleError("", f"没有“{kind}”这种金额，可以用 {'、'.join(_KINDS)}")
        if kind == "fixed":
            return Fixed(self._figure({"grant": terms}, "grant", read_money))
        terms = terms or {}
        maker, keys = _KINDS[kind]
        if not isinstance(terms, dict) or set(terms) - set(keys):
            raise RuleError("", f"{kind} 里只能写 {'、'.join(keys) or '空'}")
        try:
            return maker(self, terms)
        except KeyError as missing:
            raise RuleError("", f"{kind} 缺少 {missing.args[0]}") from None

    def _figure(self, terms, key, reader):
        raw = terms[key]

        def checked(value):
            try:
                return reader(value)
            except (Misread, ArithmeticError) as problem:
                raise ValueError(f"{key}：{problem}") from None

        if not isinstance(raw, dict):
            return constant(checked(raw))
        name = raw.get("param")
        if set(raw) != {"param"} or not isinstance(name, str) or name not in self.parameters:
            raise RuleError("", f"没有名叫“{name}”的参数")
        try:
            return self.parameters[name].read_values(checked)
        except ValueError as problem:
            raise RuleError("", f"参数 {name}：{problem}", ("parameters", name)) from None

    def _fact(self, terms, key, *types):
        name = terms[key]
        if not isinstance(name, str) or name not in self.registry or self.registry[name].type not in types:
            raise RuleError("", f"{key} 要写一个{'或'.join(types)}类型的事实，“{name}”不是")
        return name

    def _monthly_capped(self, terms):
        return MonthlyCapped(
            self._figure(terms, "cap", read_money),
            self._figure(terms, "months", read_integer),
            self._fact(terms, "fact", "money"),
            self._fact(terms, "used", "integer"),
        )

    def _share_of(self, terms):
        return ShareOf(self._fact(terms, "fact", "money"), self._figure(terms, "ratio", read_share))

    def _ceiling(self, terms):
        return Ceiling(self._figure(terms, "limit", read_money), self._fact(terms, "wanted", "money"))

    def _rate_cut(self, terms):
        return RateCut(self._figure(terms, "rate", read_money))

    def _tax_halving(self, terms):
        return TaxHalving(self._switch("halve_surcharges_first"))

    def _income_tax_halving(self, terms):
        return IncomeTaxHalving(
            self._figure({"income_cap": {"param": "income_cap"}}, "income_cap", read_money)
        )

    def _ordered_deduction(self, terms):
        return OrderedDeduction(
            self._figure(terms, "annual_limit", read_money), self._figure(terms, "months", read_integer)
        )

    def _switch(self, name):
        if name not in self.parameters:
            return constant(True)
        return self._figure({name: {"param": name}}, name, read_switch)


def read_switch(raw):
    if not isinstance(raw, bool):
        raise ValueError("开关只能是 true 或 false")
    return raw


def read_share(raw):
    """A share such as "0.60", at most four decimals."""
    try:
        share = Decimal(raw) if isinstance(raw, str) else None
    except ArithmeticError:
        share = None
    if share is None or not share.is_finite() or not 0 <= share <= 1 or int(share.as_tuple().exponent) < -4:
        raise ValueError('比例请写成 0 到 1 之间带引号的小数，例如 "0.60"')
    return share


_KINDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "none": (lambda reader, terms: NoAmount(), ()),
    "fixed": (None, ()),
    "monthly_capped": (Reader._monthly_capped, ("cap", "months", "fact", "used")),
    "share_of": (Reader._share_of, ("fact", "ratio")),
    "ceiling": (Reader._ceiling, ("limit", "wanted")),
    "rate_cut": (Reader._rate_cut, ("rate",)),
    "tax_halving": (Reader._tax_halving, ()),
    "income_tax_halving": (Reader._income_tax_halving, ()),
    "ordered_deduction": (Reader._ordered_deduction, ("annual_limit", "months")),
}
