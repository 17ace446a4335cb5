"""One year's taxes of an individual business, with every relief in legal order.

Order of the lines: VAT, urban maintenance tax, education surcharge, local education surcharge, the other halved
taxes, income tax. The fixed deduction (财税公告2023年第14、15号) runs down the first four and the income tax; the
halving of the six taxes and two fees is 财税公告2023年第12号第二条, that of the income tax 税务总局公告2023年第12号.
All amounts are Decimal yuan, rounded half up to the fen per line.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from core.money import half_up

ZERO = Decimal("0.00")
HALF = Decimal("0.5")

SURCHARGES = ("urban_maintenance_tax", "education_surcharge", "local_education_surcharge")
OTHER_HALVED = ("resource_tax", "property_tax", "urban_land_use_tax", "stamp_duty", "farmland_occupation_tax")
HALVED = SURCHARGES + OTHER_HALVED
DEDUCTED = ("vat", *SURCHARGES, "income_tax")
LINES = ("vat", *HALVED, "income_tax")
LABELS = {
    "vat": "增值税",
    "urban_maintenance_tax": "城市维护建设税",
    "education_surcharge": "教育费附加",
    "local_education_surcharge": "地方教育附加",
    "resource_tax": "资源税",
    "property_tax": "房产税",
    "urban_land_use_tax": "城镇土地使用税",
    "stamp_duty": "印花税",
    "farmland_occupation_tax": "耕地占用税",
    "income_tax": "个人所得税（经营所得）",
}


def due_fact(tax) -> str:
    """The fact that holds what is due on a line other than income tax."""
    return f"annual_{tax}"


@dataclass(frozen=True)
class Band:
    """Taxable income up to ``ceiling`` (inclusive, None: no end) pays ``rate`` less ``quick`` yuan."""

    ceiling: Decimal | None
    rate: Decimal
    quick: Decimal


def _bands(*rows):
    return tuple(Band(top and Decimal(top), Decimal(rate), Decimal(quick)) for top, rate, quick in rows)


# 个人所得税法（2018 年修正）附表二，经营所得适用，按年。
SCHEDULES = (
    (
        date(2019, 1, 1),
        _bands(
            ("30000", "0.05", "0"),
            ("90000", "0.10", "1500"),
            ("300000", "0.20", "10500"),
            ("500000", "0.30", "40500"),
            (None, "0.35", "65500"),
        ),
    ),
)
FIRST_YEAR = SCHEDULES[0][0].year


def income_tax(taxable_income, year):
    """Yearly tax on business income in yuan; 0 on a loss. Raises ValueError for years before the schedule."""
    bands = next((bands for start, bands in reversed(SCHEDULES) if start.year <= year), None)
    if bands is None:
        raise ValueError(f"只能算 {FIRST_YEAR} 年及以后的税")
    if taxable_income <= 0:
        return ZERO
    band = next(band for band in bands if band.ceiling is None or taxable_income <= band.ceiling)
    return half_up(taxable_income * band.rate - band.quick)


@dataclass(frozen=True)
class Reliefs:
    """Which reliefs apply and their figures: None or False where one does not.

    ``income_cap``: halving of income tax up to this taxable income. ``limit``: the year's fixed deduction.
    """

    halve: bool = False
    income_cap: Decimal | None = None
    limit: Decimal | None = None
    halve_surcharges_first: bool = True


class Line(NamedTuple):
    """One tax. payable = due − other_relief − halved − deducted; ``limit_left`` is what remains after this line."""

    tax: str
    due: Decimal
    other_relief: Decimal
    halved: Decimal
    deducted: Decimal
    limit_left: Decimal

    @property
    def payable(self):
        return self.due - self.other_relief - self.halved - self.deducted


def compute(year, dues, taxable_income, other_relief, reliefs):
    """All ten lines in legal order. ``dues``: yuan by tax before any relief; absent is 0."""
    left = reliefs.limit if reliefs.limit is not None else ZERO
    lines = []
    for tax in LINES[:-1]:
        line = _line(tax, dues.get(tax, ZERO), left, reliefs)
        left = line.limit_left
        lines.append(line)
    lines.append(_income_line(year, taxable_income, other_relief, left, reliefs))
    return lines


def _line(tax, due, left, reliefs):
    if not due:
        return Line(tax, ZERO, ZERO, ZERO, ZERO, left)
    halves = reliefs.halve and tax in HALVED
    deducts = tax in DEDUCTED
    if halves and (reliefs.halve_surcharges_first or not deducts):
        halved = half_up(due * HALF)
        deducted = min(due - halved, left) if deducts else ZERO
    else:
        deducted = min(due, left) if deducts else ZERO
        halved = half_up((due - deducted) * HALF) if halves else ZERO
    return Line(tax, due, ZERO, halved, deducted, left - deducted)


def _income_line(year, taxable_income, other_relief, left, reliefs):
    """The fixed deduction counts as other relief in the halving formula, so it comes first."""
    due = income_tax(taxable_income, year)
    if not due:
        return Line("income_tax", ZERO, ZERO, ZERO, ZERO, left)
    other = min(other_relief, due)
    deducted = min(due - other, left)
    halved = ZERO
    if reliefs.income_cap is not None:
        part = min(taxable_income, reliefs.income_cap)
        # (tax on the part − other relief × part ÷ income) × 50%, multiplied out so that nothing is rounded in between.
        base = income_tax(part, year) * taxable_income - (other + deducted) * part
        halved = max(ZERO, half_up(base / (2 * taxable_income)))
    return Line("income_tax", due, other, halved, deducted, left - deducted)


def months_in_year(registered_on, year, months, used):
    """min(months of ``year`` in the window that starts with the registration month, ``months`` − ``used``)."""
    first = registered_on.year * 12 + registered_on.month - 1
    start, end = max(first, year * 12), min(first + months, year * 12 + 12)
    return max(min(end - start, months - used), 0)


def year_limit(annual_limit, months):
    """Annual limit ÷ 12 × months, to the fen."""
    return half_up(annual_limit * months / 12)
