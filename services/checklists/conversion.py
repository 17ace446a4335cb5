"""个转企: both ways beside each other, and the taxes of a year before and after."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from core.facts import Profile
from core.money import half_up
from eligibility.calculators import tax_year
from policies import strict_yaml

PATH = Path(__file__).parents[1] / "data" / "conversion.yaml"
ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Taxes:
    """Taxes of a year in yuan: ``profit`` on what was earned, ``shared`` on what the owner takes out of a firm."""

    title: str
    profit: Decimal
    shared: Decimal
    working: str

    @property
    def total(self) -> Decimal:
        return self.profit + self.shared


@cache
def figures() -> dict:
    return strict_yaml.load(PATH.read_text("utf-8")).data


def ways() -> list[dict]:
    """``[{what, direct, renew}]``: 直接变更, and 注销再设立."""
    return figures()["ways"]


def taxes_compared(profile: Profile, year: int) -> list[Taxes]:
    """The year's tax on profit as an individual business, as a firm that keeps it, and as one that shares it out.
    Invalid for a year that cannot be computed. Empty where the profit is above what small firms may have."""
    profit = profile.values.get("annual_taxable_income") or ZERO
    firm = figures()["firm"]
    if profit > Decimal(firm["cap"]) or year > date.fromisoformat(firm["until"]).year:
        return []
    own = next(line for line in tax_year(year, profile).lines if line.tax == "income_tax")
    of_firm = half_up(profit * Decimal(firm["counted"]) * Decimal(firm["rate"]))
    dividend = half_up((profit - of_firm) * Decimal(firm["dividend"]))
    return [
        Taxes("现在：个体工商户", own.payable, ZERO, "经营所得个人所得税，已算上减半。"),
        Taxes(
            "转成企业，利润留在店里",
            of_firm,
            ZERO,
            f"利润 × {_share(firm['counted'])} × {_share(firm['rate'])}。",
        ),
        Taxes("转成企业，利润全分给自己", of_firm, dividend, f"分到手的再交 {_share(firm['dividend'])}。"),
    ]


def _share(text) -> str:
    return f"{Decimal(text) * 100:.0f}%"
