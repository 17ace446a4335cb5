"""The nine money benefits as an OpenFisca tax-benefit system: a variable per fact, leaf, benefit and amount.

Written by hand, as an OpenFisca author would: facts are inputs of one day, figures are dated parameters, a set is one
Boolean per member, money is whole fen. OpenFisca has no unknown, so every fact must be known. The taxes of M04, which
act on one another, have no amount here; that favours OpenFisca in the timing.
"""

from datetime import date

import numpy
from openfisca_core.entities import Entity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DAY
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from businesses.facts import BUILT_IN_REGISTRY

from .shape import BORROWERS, DEDUCTING, SHAPES, SUPPORTED, met, with_retirement, with_wider

BUSINESS = Entity("business", "businesses", "A shop and its operator", "")
FACTS = {
    "date": ("registered_on", "left_school_on", "born_on", "retires_on"),
    "integer": [
        "unemployment_insurance_months",
        "insured_headcount_last_year",
        "layoff_claimants_last_year",
        "deduction_months_used",
        "rent_subsidy_months_received",
        "guaranteed_loans_received",
    ],
    "money": ("unemployment_insurance_paid_last_year", "loan_amount_wanted", "monthly_rent"),
    "bool": [
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
    ],
    "choice": ("entity_type", "operating_status", "sex", "agri_industry", "agri_activity"),
}
GROUPS = sorted({*BORROWERS, *DEDUCTING, *SUPPORTED})
FIGURES = {
    "rate": {"2015-01-01": 100},
    "refund": {"2023-01-01": 6000},
    "insurance_months": {"2015-01-01": 12},
    "small_headcount": {"2015-01-01": 30},
    "layoff_small": {"2015-01-01": 2000},
    "layoff_large": {"2015-01-01": 550},
    "loan_limit": {"2015-01-01": 30_000_000},
    "latest_end": {"2015-01-01": 63},
    "startup_subsidy": {"2015-01-01": 500_000},
    "agri_subsidy": {"2015-01-01": 1_000_000},
    "rent_cap": {"2015-01-01": 50_000},
}


def _day(period):
    return numpy.datetime64(period.start.date, "D")


def _months_after(start, months):
    """The corresponding day so many months on, or the last of that month where it does not exist."""
    month = start.astype("datetime64[M]")
    same = (month + months).astype("datetime64[D]") + (start - month.astype("datetime64[D]"))
    return numpy.minimum(same, (month + months + 1).astype("datetime64[D]") - numpy.timedelta64(1, "D"))


def _as_held(wanted, fact, value):
    """A choice as an array holds it: over a whole register by its place in the fact list, else by name."""
    if isinstance(wanted, str) and value.dtype.kind == "i":
        return [choice.value for choice in BUILT_IN_REGISTRY[fact].choices].index(wanted)
    return wanted


def is_one_of(fact, *values):
    def formula(business, period):
        value = business(fact, period)
        return numpy.logical_or.reduce([value == _as_held(wanted, fact, value) for wanted in values])

    return formula


def is_not(fact, unwanted):
    def formula(business, period):
        value = business(fact, period)
        return value != _as_held(unwanted, fact, value)

    return formula


def compares(fact, test, figure):
    """``figure``: a number, or the name of a parameter."""
    if isinstance(figure, str):
        return lambda business, period, parameters: test(business(fact, period), parameters(period)[figure])
    return lambda business, period: test(business(fact, period), figure)


def any_group(*members):
    names = [f"is_{member}" for member in members]
    return lambda business, period: numpy.logical_or.reduce([business(name, period) for name in names])


def at_least_years(fact, years):
    return lambda business, period: _months_after(business(fact, period), 12 * years) <= _day(period)


def less_than_years(fact, figure):
    return lambda business, period, parameters: (
        _months_after(business(fact, period), 12 * int(parameters(period)[figure])) > _day(period)
    )


def lies_ahead(fact):
    return lambda business, period: business(fact, period) > _day(period)


def at_most_years(fact, years):
    def formula(business, period):
        start, day = business(fact, period), _day(period)
        return (start <= day) & (day <= _months_after(start, 12 * years))

    return formula


def inside_calendar_months(fact, count):
    def formula(business, period):
        start, day = business(fact, period), _day(period)
        last = (start.astype("datetime64[M]") + count).astype("datetime64[D]") - numpy.timedelta64(1, "D")
        return (start <= day) & (day <= last)

    return formula


def layoffs_within(figure):
    def formula(business, period, parameters):
        claimants = business("layoff_claimants_last_year", period).astype("int64")
        headcount = business("insured_headcount_last_year", period).astype("int64")
        return claimants * 10_000 <= parameters(period)[figure] * headcount

    return formula


LIVE = is_one_of("operating_status", "operating", "suspended")
OPERATING = is_one_of("operating_status", "operating")
INDIVIDUAL = is_one_of("entity_type", "individual_business")
LEAVES = {
    "M01a": {"1": LIVE, "2": is_one_of("unit_insured", True)},
    "M01b": {
        "1": OPERATING,
        "2": is_one_of("unit_insured", True),
        "3": compares("unemployment_insurance_months", numpy.greater_equal, "insurance_months"),
        "4": is_one_of("insurance_arrears", False),
        "5": is_one_of("seriously_dishonest", False),
        "6.1.1": compares("insured_headcount_last_year", numpy.less_equal, "small_headcount"),
        "6.1.2": layoffs_within("layoff_small"),
        "6.2.1": compares("insured_headcount_last_year", numpy.greater, "small_headcount"),
        "6.2.2": layoffs_within("layoff_large"),
        "7": is_one_of("entity_type", "individual_business", "small_micro_enterprise"),
    },
    "M01c": {
        "1": any_group(*BORROWERS),
        "2": OPERATING,
        "3": at_least_years("born_on", 16),
        "4": lies_ahead("retires_on"),
        "5": less_than_years("born_on", "latest_end"),
        "6": is_one_of("good_credit", True),
        "7": compares("guaranteed_loans_received", numpy.less, 3),
        "8": INDIVIDUAL,
    },
    "M04a": {"1": INDIVIDUAL, "2": LIVE},
    "M04b": {"1": INDIVIDUAL, "2": LIVE},
    "M04c": {
        "1": any_group(*DEDUCTING),
        "2": INDIVIDUAL,
        "3": LIVE,
        "4": compares("registered_on", numpy.less_equal, numpy.datetime64("2027-12-31")),
        "5": inside_calendar_months("registered_on", 36),
        "6": compares("deduction_months_used", numpy.less, 36),
    },
    "M05a": {
        "1.1.1": any_group("graduate"),
        "1.1.2": at_most_years("left_school_on", 5),
        "1.1.3": is_one_of("agri_startup_subsidy_received", False),
        "1.2": any_group(*SUPPORTED),
        "2": is_one_of("first_time_business", True),
        "3": OPERATING,
        "4": is_one_of("abnormal_listed", False),
        "5": at_least_years("registered_on", 1),
        "6": is_one_of("startup_subsidy_received", False),
        "7": INDIVIDUAL,
    },
    "M05b": {
        "1": any_group("graduate"),
        "2": OPERATING,
        "3": is_one_of("leads_agri_enterprise", True),
        "4": is_not("agri_industry", "none"),
        "5": is_one_of("agri_activity", "circulation", "planting_breeding"),
        "6": is_one_of("agri_startup_subsidy_received", False),
        "7": is_one_of("startup_subsidy_received", False),
    },
    "M05c": {
        "1": any_group("graduate", *SUPPORTED),
        "2": OPERATING,
        "3": at_most_years("registered_on", 5),
        "4": is_one_of("rents_premises", True),
        "5": is_one_of("premises_compliant", True),
        "6": is_one_of("rent_reduction_received", False),
        "7": compares("rent_subsidy_months_received", numpy.less, 36),
        "8": INDIVIDUAL,
    },
}


def fixed(figure):
    return lambda business, period, parameters: parameters(period)[figure]


def refund(business, period, parameters):
    paid = business("unemployment_insurance_paid_last_year", period).astype("int64")
    return (paid * parameters(period).refund + 5000) // 10_000


def loan(business, period, parameters):
    wanted, limit = business("loan_amount_wanted", period), parameters(period).loan_limit
    return numpy.where(wanted > 0, numpy.minimum(wanted, limit), limit)


def rent(business, period, parameters):
    return numpy.minimum(business("monthly_rent", period), parameters(period).rent_cap)


AMOUNTS = {
    "M01a": fixed("rate"),
    "M01b": refund,
    "M01c": loan,
    "M05a": fixed("startup_subsidy"),
    "M05b": fixed("agri_subsidy"),
    "M05c": rent,
}


def leaf_name(code, leaf):
    return f"{code}_{leaf.replace('.', '_')}"


def _verdict(code):
    return lambda business, period: met(SHAPES[code], lambda leaf: business(leaf_name(code, leaf), period))


def _paid(code, amount):
    if amount.__code__.co_argcount == 2:
        return lambda business, period: business(code, period) * amount(business, period)
    return lambda business, period, parameters: business(code, period) * amount(business, period, parameters)


def _variable(name, value_type, formula=None):
    attributes = {"value_type": value_type, "entity": BUSINESS, "definition_period": DAY, "label": name}
    if formula is not None:
        attributes["formula"] = formula
    return type(name, (Variable,), attributes)


def system(*, numbered=False):
    """The tax-benefit system. ``numbered``: choices are held as numbers, as one would over a whole register."""
    found = TaxBenefitSystem([BUSINESS])
    figures = {
        name: {"values": {day: {"value": value} for day, value in rows.items()}}
        for name, rows in FIGURES.items()
    }
    found.parameters = ParameterNode("", data=figures)
    types = {"date": date, "integer": int, "money": int, "bool": bool, "choice": int if numbered else str}
    for kind, names in FACTS.items():
        for name in names:
            found.add_variable(_variable(name, types[kind]))
    for member in GROUPS:
        found.add_variable(_variable(f"is_{member}", bool))
    for code, leaves in LEAVES.items():
        for leaf, formula in leaves.items():
            found.add_variable(_variable(leaf_name(code, leaf), bool, formula))
        found.add_variable(_variable(code, bool, _verdict(code)))
    for code, amount in AMOUNTS.items():
        found.add_variable(_variable(f"{code}_amount", int, _paid(code, amount)))
    return found


class OpenFisca:
    """Asks the system about one shop at a time, with every leaf computed."""

    def __init__(self, day):
        self.day = day.isoformat()
        self.system = system()
        self.leaves = {(code, leaf): leaf_name(code, leaf) for code in LEAVES for leaf in LEAVES[code]}
        self.amounts = {code: f"{code}_amount" for code in AMOUNTS}

    def prepare(self, raw):
        """One shop's inputs as arrays of one; not timed."""
        raw = with_retirement(raw)
        inputs = {name: numpy.array([raw[name]], "datetime64[D]") for name in FACTS["date"]}
        inputs |= {name: numpy.array([raw[name]], "int32") for name in FACTS["integer"]}
        inputs |= {name: numpy.array([round(float(raw[name]) * 100)], "int32") for name in FACTS["money"]}
        inputs |= {name: numpy.array([raw[name]], "bool") for name in FACTS["bool"]}
        inputs |= {name: numpy.array([raw[name]], "object") for name in FACTS["choice"]}
        members = with_wider(raw["operator_groups"])
        return inputs | {f"is_{member}": numpy.array([member in members]) for member in GROUPS}

    def answer(self, inputs, trace=False):
        """(leaf outcomes by (code, id), verdicts by code, amounts in fen by code), each an array of one."""
        simulation = SimulationBuilder().build_default_simulation(self.system, 1)
        simulation.trace = trace
        for name, value in inputs.items():
            simulation.set_input(name, self.day, value)
        calculate, day = simulation.calculate, self.day
        return (
            {key: calculate(name, day) for key, name in self.leaves.items()},
            {code: calculate(code, day) for code in LEAVES},
            {code: calculate(name, day) for code, name in self.amounts.items()},
        )
