"""The nine money benefits through zen-engine, the Rust rule engine behind GoRules: an expression per leaf, or per rule.

Dates are day numbers, their thresholds are worked out once in Python, and money is whole fen: all that favours zen.
By leaf, every expression reads the whole profile, as rules that are stored as data must; ``narrow`` hands each leaf
only its own facts, cut out beforehand and untimed: zen's lower bound. By rule there are no reasons.
"""

import json
import re
from datetime import date

import zen

from policies.criteria.durations import Duration

from .shape import BORROWERS, DEDUCTING, SHAPES, SUPPORTED, met, with_retirement, with_wider

DATES = ("registered_on", "left_school_on", "born_on", "retires_on")
MONEY = ("unemployment_insurance_paid_last_year", "loan_amount_wanted", "monthly_rent")
OTHERS = [
    "entity_type",
    "operating_status",
    "sex",
    "agri_industry",
    "agri_activity",
    "unit_insured",
    "insurance_arrears",
    "seriously_dishonest",
    "good_credit",
    "first_time_business",
    "abnormal_listed",
    "startup_subsidy_received",
    "leads_agri_enterprise",
    "agri_startup_subsidy_received",
    "rents_premises",
    "premises_compliant",
    "rent_reduction_received",
    "unemployment_insurance_months",
    "insured_headcount_last_year",
    "layoff_claimants_last_year",
    "deduction_months_used",
    "rent_subsidy_months_received",
    "guaranteed_loans_received",
]


def _any_group(members):
    return f"some(operator_groups, # in {json.dumps(members)})"


LIVE = "operating_status in ['operating', 'suspended']"
OPERATING, INDIVIDUAL = "operating_status == 'operating'", "entity_type == 'individual_business'"
EXPRESSIONS = {
    "M01a": {"1": LIVE, "2": "unit_insured == true"},
    "M01b": {
        "1": OPERATING,
        "2": "unit_insured == true",
        "3": "unemployment_insurance_months >= 12",
        "4": "insurance_arrears == false",
        "5": "seriously_dishonest == false",
        "6.1.1": "insured_headcount_last_year <= 30",
        "6.1.2": "layoff_claimants_last_year * 10000 <= 2000 * insured_headcount_last_year",
        "6.2.1": "insured_headcount_last_year > 30",
        "6.2.2": "layoff_claimants_last_year * 10000 <= 550 * insured_headcount_last_year",
        "7": "entity_type in ['individual_business', 'small_micro_enterprise']",
    },
    "M01c": {
        "1": _any_group(BORROWERS),
        "2": OPERATING,
        "3": "born_on <= {over_16_years}",
        "4": "retires_on > {today}",
        "5": "born_on > {over_63_years}",
        "6": "good_credit == true",
        "7": "guaranteed_loans_received < 3",
        "8": INDIVIDUAL,
    },
    "M04a": {"1": INDIVIDUAL, "2": LIVE},
    "M04b": {"1": INDIVIDUAL, "2": LIVE},
    "M04c": {
        "1": _any_group(DEDUCTING),
        "2": INDIVIDUAL,
        "3": LIVE,
        "4": f"registered_on <= {date(2027, 12, 31).toordinal()}",
        "5": "registered_on >= {within_36_calendar_months} and registered_on <= {today}",
        "6": "deduction_months_used < 36",
    },
    "M05a": {
        "1.1.1": _any_group(["graduate"]),
        "1.1.2": "left_school_on >= {within_5_years} and left_school_on <= {today}",
        "1.1.3": "agri_startup_subsidy_received == false",
        "1.2": _any_group(SUPPORTED),
        "2": "first_time_business == true",
        "3": OPERATING,
        "4": "abnormal_listed == false",
        "5": "registered_on <= {over_1_years}",
        "6": "startup_subsidy_received == false",
        "7": INDIVIDUAL,
    },
    "M05b": {
        "1": _any_group(["graduate"]),
        "2": OPERATING,
        "3": "leads_agri_enterprise == true",
        "4": "agri_industry != 'none'",
        "5": "agri_activity in ['circulation', 'planting_breeding']",
        "6": "agri_startup_subsidy_received == false",
        "7": "startup_subsidy_received == false",
    },
    "M05c": {
        "1": _any_group(["graduate", *SUPPORTED]),
        "2": OPERATING,
        "3": "registered_on >= {within_5_years} and registered_on <= {today}",
        "4": "rents_premises == true",
        "5": "premises_compliant == true",
        "6": "rent_reduction_received == false",
        "7": "rent_subsidy_months_received < 36",
        "8": INDIVIDUAL,
    },
}


def _thresholds(day):
    """The day numbers that stand in braces in the expressions: one comparison instead of date arithmetic."""

    def over(years):
        return Duration("years", years).latest_start_over_by(day).toordinal()

    return {
        **{f"over_{years}_years": over(years) for years in (1, 16, 63)},
        "within_5_years": Duration("years", 5).earliest_start_reaching(day).toordinal(),
        "within_36_calendar_months": Duration("calendar_months", 36).earliest_start_reaching(day).toordinal(),
        "today": day.toordinal(),
    }


def _expressions(day):
    """The leaves as zen reads them on ``day``, by code and id."""
    thresholds = _thresholds(day)
    return {
        code: {leaf: text.format_map(thresholds) for leaf, text in leaves.items()}
        for code, leaves in EXPRESSIONS.items()
    }


def _joined(shape, expressions):
    """A whole rule as one expression."""
    if isinstance(shape, str):
        return f"({expressions[shape]})"
    word = " and " if isinstance(shape, tuple) else " or "
    return f"({word.join(_joined(part, expressions) for part in shape)})"


class Zen:
    """Every expression compiled once; asks about one shop at a time."""

    def __init__(self, day):
        expressions = _expressions(day)
        self.leaves = {
            code: {leaf: zen.compile_expression(text) for leaf, text in leaves.items()}
            for code, leaves in expressions.items()
        }
        self.rules = {
            code: zen.compile_expression(_joined(SHAPES[code], leaves))
            for code, leaves in expressions.items()
        }
        known = {"operator_groups", *DATES, *MONEY, *OTHERS}
        self.facts = {
            code: {leaf: known.intersection(re.findall("[a-z_]+", text)) for leaf, text in leaves.items()}
            for code, leaves in expressions.items()
        }

    def prepare(self, raw):
        """One shop's facts as zen reads them; not timed."""
        raw = with_retirement(raw)
        context = {name: raw[name] for name in OTHERS}
        context |= {name: date.fromisoformat(raw[name]).toordinal() for name in DATES}
        context |= {name: round(float(raw[name]) * 100) for name in MONEY}
        return context | {"operator_groups": with_wider(raw["operator_groups"])}

    def narrow(self, context):
        """The facts of each leaf alone, by code and leaf; not timed."""
        return {
            code: {leaf: {name: context[name] for name in names} for leaf, names in leaves.items()}
            for code, leaves in self.facts.items()
        }

    def by_leaf(self, context):
        """(leaf outcomes by code and id, verdicts by code)."""
        outcomes, verdicts = {}, {}
        for code, leaves in self.leaves.items():
            found = outcomes[code] = {
                leaf: expression.evaluate(context) for leaf, expression in leaves.items()
            }
            verdicts[code] = met(SHAPES[code], found.__getitem__)
        return outcomes, verdicts

    def by_leaf_narrow(self, contexts):
        """The same from what ``narrow`` cut out."""
        outcomes, verdicts = {}, {}
        for code, leaves in self.leaves.items():
            own = contexts[code]
            found = outcomes[code] = {leaf: leaves[leaf].evaluate(own[leaf]) for leaf in leaves}
            verdicts[code] = met(SHAPES[code], found.__getitem__)
        return outcomes, verdicts

    def by_rule(self, context):
        """Verdicts by code, without reasons."""
        return {code: rule.evaluate(context) for code, rule in self.rules.items()}
