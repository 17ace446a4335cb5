"""The nine money benefits one shop at a time, in the two usual ways: a calculator class each over model objects, and
closures over the dicts of ``.values()``. What is not known fails, save for facts that count as met until somebody looks
at them, as the rules say. Taxes have no amount here, and nothing has states or dates.
"""

from datetime import date
from decimal import Decimal

from businesses.facts import BUILT_IN_REGISTRY
from policies.criteria.durations import Duration

from .shape import BORROWERS, DEDUCTING, SHAPES, SUPPORTED

_GROUPS = BUILT_IN_REGISTRY["operator_groups"]
LIVE = ("operating", "suspended")
INDIVIDUAL = "individual_business"
SMALL = (INDIVIDUAL, "small_micro_enterprise")


def _within(unit, count, start, day):
    return start is not None and start <= day <= Duration(unit, count).after(start)


def _over(years, start, day):
    return start is not None and Duration("years", years).after(start) <= day


class Calculator:
    """One benefit for one shop on one day. ``amount`` is in fen, None for taxes and where it is not known."""

    groups = ()

    def __init__(self, shop, day):
        self.shop, self.day = shop, day

    @property
    def is_live(self):
        return self.shop.operating_status in (None, *LIVE)

    @property
    def is_operating(self):
        return self.shop.operating_status in (None, "operating")

    @property
    def is_of_the_groups(self):
        return bool((self.shop.operator_groups_yes or 0) & _GROUPS.mask(self.groups))

    def fits(self):
        raise NotImplementedError

    def amount(self):
        return None


class RateCut(Calculator):
    def fits(self):
        return self.is_live and self.shop.unit_insured is True

    def amount(self):
        return 100


class Refund(Calculator):
    def fits(self):
        shop = self.shop
        return (
            self.is_operating
            and shop.unit_insured is True
            and (shop.unemployment_insurance_months or 0) >= 12
            and shop.insurance_arrears is not True
            and shop.seriously_dishonest is not True
            and self.laid_off_few()
            and shop.entity_type in SMALL
        )

    def laid_off_few(self):
        headcount, laid_off = self.shop.insured_headcount_last_year, self.shop.layoff_claimants_last_year
        if headcount is None or laid_off is None:
            return False
        share = Decimal("0.20") if headcount <= 30 else Decimal("0.055")
        return laid_off <= share * headcount

    def amount(self):
        paid = self.shop.unemployment_insurance_paid_last_year
        return None if paid is None else (int(paid * 100) * 6000 + 5000) // 10000


class Loan(Calculator):
    groups = BORROWERS

    def fits(self):
        shop = self.shop
        return (
            self.is_of_the_groups
            and self.is_operating
            and (shop.born_on is None or _over(16, shop.born_on, self.day))
            and not _over(63, shop.born_on, self.day)
            and (shop.retires_on is None or shop.retires_on > self.day)
            and shop.good_credit is not False
            and (shop.guaranteed_loans_received or 0) < 3
            and shop.entity_type == INDIVIDUAL
        )

    def amount(self):
        wanted = self.shop.loan_amount_wanted or 0
        return int(wanted * 100) if 0 < wanted < 300000 else 30000000


class Halving(Calculator):
    def fits(self):
        return self.shop.entity_type == INDIVIDUAL and self.is_live


class Deduction(Halving):
    groups = DEDUCTING

    def fits(self):
        used = self.shop.deduction_months_used
        return (
            self.is_of_the_groups
            and super().fits()
            and _within("calendar_months", 36, self.shop.registered_on, self.day)
            and self.shop.registered_on <= date(2027, 12, 31)
            and used is not None
            and used < 36
        )


class Startup(Calculator):
    groups = SUPPORTED

    def fits(self):
        shop = self.shop
        return (
            (self.is_of_the_groups or self.is_a_recent_graduate())
            and shop.first_time_business is True
            and self.is_operating
            and shop.abnormal_listed is not True
            and _over(1, shop.registered_on, self.day)
            and shop.startup_subsidy_received is False
            and shop.entity_type == INDIVIDUAL
        )

    def is_a_recent_graduate(self):
        is_graduate = (self.shop.operator_groups_yes or 0) & _GROUPS.mask(["graduate"])
        return (
            bool(is_graduate)
            and _within("years", 5, self.shop.left_school_on, self.day)
            and self.shop.agri_startup_subsidy_received is False
        )

    def amount(self):
        return 500000


class Agriculture(Calculator):
    groups = ("graduate",)

    def fits(self):
        shop = self.shop
        return (
            self.is_of_the_groups
            and self.is_operating
            and shop.leads_agri_enterprise is not False
            and shop.agri_industry not in (None, "none")
            and shop.agri_activity in ("circulation", "planting_breeding")
            and shop.agri_startup_subsidy_received is False
            and shop.startup_subsidy_received is False
        )

    def amount(self):
        return 1000000


class Rent(Calculator):
    groups = ("graduate", *SUPPORTED)

    def fits(self):
        shop = self.shop
        return (
            self.is_of_the_groups
            and self.is_operating
            and _within("years", 5, shop.registered_on, self.day)
            and shop.rents_premises is True
            and shop.premises_compliant is not False
            and shop.rent_reduction_received is False
            and shop.rent_subsidy_months_received is not None
            and shop.rent_subsidy_months_received < 36
            and shop.entity_type == INDIVIDUAL
        )

    def amount(self):
        rent = self.shop.monthly_rent
        return None if rent is None else min(int(rent * 100), 50000)


CALCULATORS = {
    "M01a": RateCut,
    "M01b": Refund,
    "M01c": Loan,
    "M04a": Halving,
    "M04b": Halving,
    "M04c": Deduction,
    "M05a": Startup,
    "M05b": Agriculture,
    "M05c": Rent,
}


def by_calculators(shops, day):
    """{code: [how many fit, sum of the amounts]} of model objects."""
    found = {code: [0, 0] for code in CALCULATORS}
    for shop in shops:
        for code, calculator in CALCULATORS.items():
            one = calculator(shop, day)
            if one.fits():
                found[code][0] += 1
                found[code][1] += one.amount() or 0
    return found


# Closures


def _is(name, *values):
    return lambda row: row[name] in values


def _has(members):
    mask = _GROUPS.mask(members)
    return lambda row: (row["operator_groups_yes"] or 0) & mask


def _from(name, least):
    return lambda row: row[name] is not None and row[name] >= least


def _below(name, limit):
    return lambda row: row[name] is not None and row[name] < limit


def _not_after(name, latest):
    return lambda row: row[name] is not None and row[name] <= latest


def _between(name, first, last):
    return lambda row: row[name] is not None and first <= row[name] <= last


def _laid_off(points):
    def closure(row):
        headcount, laid_off = row["insured_headcount_last_year"], row["layoff_claimants_last_year"]
        return headcount is not None and laid_off is not None and laid_off * 10000 <= points * headcount

    return closure


def _leaves(day):
    """A closure for every leaf, by code and id; date arithmetic is done here, once."""

    def over(years):
        return Duration("years", years).latest_start_over_by(day)

    def later_than(name, day):
        return lambda row: row[name] is None or row[name] > day

    sixteen = over(16)
    five_years = Duration("years", 5).earliest_start_reaching(day)
    months = Duration("calendar_months", 36).earliest_start_reaching(day)
    live = _is("operating_status", None, *LIVE)
    operating = _is("operating_status", None, "operating")
    individual = _is("entity_type", INDIVIDUAL)
    return {
        "M01a": {"1": live, "2": _is("unit_insured", True)},
        "M01b": {
            "1": operating,
            "2": _is("unit_insured", True),
            "3": _from("unemployment_insurance_months", 12),
            "4": _is("insurance_arrears", None, False),
            "5": _is("seriously_dishonest", None, False),
            "6.1.1": _not_after("insured_headcount_last_year", 30),
            "6.1.2": _laid_off(2000),
            "6.2.1": _from("insured_headcount_last_year", 31),
            "6.2.2": _laid_off(550),
            "7": _is("entity_type", *SMALL),
        },
        "M01c": {
            "1": _has(BORROWERS),
            "2": operating,
            "3": lambda row: row["born_on"] is None or row["born_on"] <= sixteen,
            "4": later_than("retires_on", day),
            "5": later_than("born_on", over(63)),
            "6": _is("good_credit", None, True),
            "7": lambda row: (row["guaranteed_loans_received"] or 0) < 3,
            "8": individual,
        },
        "M04a": {"1": individual, "2": live},
        "M04b": {"1": individual, "2": live},
        "M04c": {
            "1": _has(DEDUCTING),
            "2": individual,
            "3": live,
            "4": _not_after("registered_on", date(2027, 12, 31)),
            "5": _between("registered_on", months, day),
            "6": _below("deduction_months_used", 36),
        },
        "M05a": {
            "1.1.1": _has(["graduate"]),
            "1.1.2": _between("left_school_on", five_years, day),
            "1.1.3": _is("agri_startup_subsidy_received", False),
            "1.2": _has(SUPPORTED),
            "2": _is("first_time_business", True),
            "3": operating,
            "4": _is("abnormal_listed", None, False),
            "5": _not_after("registered_on", over(1)),
            "6": _is("startup_subsidy_received", False),
            "7": individual,
        },
        "M05b": {
            "1": _has(["graduate"]),
            "2": operating,
            "3": _is("leads_agri_enterprise", None, True),
            "4": lambda row: row["agri_industry"] not in (None, "none"),
            "5": _is("agri_activity", "circulation", "planting_breeding"),
            "6": _is("agri_startup_subsidy_received", False),
            "7": _is("startup_subsidy_received", False),
        },
        "M05c": {
            "1": _has(["graduate", *SUPPORTED]),
            "2": operating,
            "3": _between("registered_on", five_years, day),
            "4": _is("rents_premises", True),
            "5": _is("premises_compliant", None, True),
            "6": _is("rent_reduction_received", False),
            "7": _below("rent_subsidy_months_received", 36),
            "8": individual,
        },
    }


def _joined(shape, leaves):
    if isinstance(shape, str):
        return leaves[shape]
    parts = [_joined(part, leaves) for part in shape]
    if isinstance(shape, tuple):
        return lambda row: all(part(row) for part in parts)
    return lambda row: any(part(row) for part in parts)


def _refund(row):
    paid = row["unemployment_insurance_paid_last_year"]
    return 0 if paid is None else (int(paid * 100) * 6000 + 5000) // 10000


def _loan(row):
    wanted = row["loan_amount_wanted"] or 0
    return int(wanted * 100) if 0 < wanted < 300000 else 30000000


def _rent(row):
    rent = row["monthly_rent"]
    return 0 if rent is None else min(int(rent * 100), 50000)


_AMOUNTS = {
    "M01a": lambda row: 100,
    "M01b": _refund,
    "M01c": _loan,
    "M05a": lambda row: 500000,
    "M05b": lambda row: 1000000,
    "M05c": _rent,
}
COLUMNS = (
    *(
        "operating_status",
        "entity_type",
        "retires_on",
        "agri_industry",
        "agri_activity",
        "operator_groups_yes",
    ),
    *("registered_on", "born_on", "left_school_on", "unit_insured", "insurance_arrears", "good_credit"),
    *("seriously_dishonest", "first_time_business", "abnormal_listed", "startup_subsidy_received"),
    *("leads_agri_enterprise", "agri_startup_subsidy_received", "rents_premises", "premises_compliant"),
    *("rent_reduction_received", "unemployment_insurance_months", "insured_headcount_last_year"),
    *("layoff_claimants_last_year", "deduction_months_used", "rent_subsidy_months_received"),
    *("guaranteed_loans_received", "unemployment_insurance_paid_last_year", "loan_amount_wanted"),
    "monthly_rent",
)


class Closures:
    """The rules compiled once for a day; asked about one row of ``.values(*COLUMNS)`` after the other."""

    def __init__(self, day):
        leaves = _leaves(day)
        self.rules = {code: _joined(shape, leaves[code]) for code, shape in SHAPES.items()}

    def count(self, rows):
        """{code: [how many fit, sum of the amounts]}."""
        found = {code: [0, 0] for code in self.rules}
        rules = [(found[code], rule, _AMOUNTS.get(code)) for code, rule in self.rules.items()]
        for row in rows:
            for counted, rule, amount in rules:
                if rule(row):
                    counted[0] += 1
                    if amount:
                        counted[1] += amount(row)
        return found
