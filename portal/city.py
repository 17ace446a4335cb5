"""A made-up city: shops and their operators as they arrive from the departments, to try the whole portal with.

Whatever is drawn here stands in data/city.yaml. The same seed and day give the same city on every machine, and a
larger city of the same seed begins with the smaller one.

Made-up rows can be told from real ones, and can never meet one:

- names of shops and people begin with 演示;
- credit codes have both check digits right, but an organisation number from MAP00000 on, far beyond what is issued;
- identity numbers have the check digit right, but begin with 99, which is no province's number.

Both numbers carry the block of their seed, so that two cities can stand in one register.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from stdnum.cn import uscc

from businesses.facts import (
    BUILT_IN_REGISTRY,
    DISTRICTS,
    EMPLOYMENT,
    INSURANCE,
    REGISTRY,
    SELF,
    STAFF,
    TAX,
    VETERANS,
)
from businesses.identifiers import identity_check_digit, organisation_check_digit
from businesses.register import Arrival
from businesses.synthetic import FIGURES

MARK = "演示"
LARGEST = 1_000_000

_CITY = FIGURES["city"]
_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_FIRST_BODY = _LETTERS.index("P") * 31**5
BLOCKS = (31**6 - _FIRST_BODY) // LARGEST
_GROUPS = BUILT_IN_REGISTRY["operator_groups"]
_OF_VETERANS = ("veteran", "self_employed_veteran")
_OF_EMPLOYMENT = [choice.value for choice in _GROUPS.choices if choice.value not in _OF_VETERANS]
_AGRI_INDUSTRIES = [
    choice.value for choice in BUILT_IN_REGISTRY["agri_industry"].choices if choice.value != "none"
]
_SURCHARGES = (
    ("annual_urban_maintenance_tax", 7),
    ("annual_education_surcharge", 3),
    ("annual_local_education_surcharge", 2),
)
_SMALL_TAXES = (
    "annual_resource_tax",
    "annual_property_tax",
    "annual_urban_land_use_tax",
    "annual_stamp_duty",
    "annual_farmland_occupation_tax",
)


def _slots(shares) -> list:
    """Each key as often as its share: one draw, one look-up."""
    return [key for key, share in shares.items() for _ in range(share)]


def _in_fen(between):
    low, high, often = between
    return round(low * 100), round(high * 100), [round(value * 100) for value in often]


_SLOTS = {
    name: _slots(_CITY[name])
    for name in (
        "operating_status", "district", "industry", "bent", "growth_by", "development_by", "abnormal_reason",
        "credit_class", "sex", "environmental_assessment",
    )
}  # fmt: skip
_TAX_PAID = {bent: _in_fen(between) for bent, between in _CITY["tax_paid"].items()}
_INCOME = {bent: _in_fen(between) for bent, between in _CITY["taxable_income"].items()}
_VAT = {bent: _in_fen(between) for bent, between in _CITY["vat"].items()}
_RENT, _LOAN = _in_fen(_CITY["monthly_rent"]), _in_fen(_CITY["loan_wanted"])
_YES = {name: share / 100 for name, share in _CITY["holds"].items()}
_UNKNOWN = {source: share / 100 for source, share in _CITY["unknown"].items()}
_AT_AN_EDGE = _CITY["at_an_edge"] / 100
_DISTRICT_NAMES = {choice.value: choice.label for choice in DISTRICTS}
_SURNAMES, _GIVEN, _FANCY = (_CITY[name].split() for name in ("surnames", "given", "fancy"))


def block_of(seed: int) -> int:
    """Which block of numbers a seed's city has. Seeds that are BLOCKS apart share one."""
    return seed % BLOCKS


def credit_code(division: str, place: int) -> str:
    """The valid code of the shop at ``place`` of all made-up ones."""
    place += _FIRST_BODY
    body = ""
    for _ in range(6):
        place, letter = divmod(place, 31)
        body = _LETTERS[letter] + body
    number = f"92{division}MA{body}"
    number += organisation_check_digit(number[8:])
    return number + uscc.calc_check_digit(number)


@dataclass(slots=True)
class _Person:
    """An operator: who they are, and what was said of them, by source."""

    name: str
    identity: str
    said: dict
    days: dict
    groups: set
    graduated: bool


class City:
    """The city of one seed as of one day. ``leaves_out=False``: the same with nothing left unsaid."""

    def __init__(self, seed: int, today: date, *, leaves_out: bool = True) -> None:
        self.block = block_of(seed)
        self._unknown = _UNKNOWN if leaves_out else dict.fromkeys(_UNKNOWN, 0)
        self.today = today
        self._random = Random(seed)
        self._draw = self._random.random
        self._born: dict = {}
        self._days: dict[int, str] = {}

    def arrivals(self, count: int) -> Iterator[Arrival]:
        """The first ``count`` shops. Two shops of one operator come one after the other."""
        place = operators = 0
        while place < count:
            has_two = operators * _CITY["with_two_shops"] % 100 < _CITY["with_two_shops"]
            operators += 1
            person = self._person()
            for nth in range(1 + has_two):
                if place < count:
                    yield self._shop(place, person, nth)
                    place += 1

    # Drawing

    def _yes(self, name) -> bool:
        return self._draw() < _YES[name]

    def _pick(self, name):
        slots = _SLOTS[name]
        return slots[int(self._draw() * len(slots))]

    def _one_of(self, values):
        return values[int(self._draw() * len(values))]

    def _number(self, between, edge=_AT_AN_EDGE):
        low, high, often = between
        if self._draw() < edge:
            return often[int(self._draw() * len(often))]
        return low + int(self._draw() * (high - low + 1))

    def _day(self, days_ago):
        """``days_ago`` as text; kept, because there are few days and many shops."""
        if days_ago not in self._days:
            self._days[days_ago] = (self.today - timedelta(days=days_ago)).isoformat()
        return self._days[days_ago]

    def _state(self, said, source, facts) -> None:
        """``source`` says ``facts``, but for the share that it does not know. Drawn for each, so none moves others."""
        draw, unknown = self._draw, self._unknown[source]
        known = {name: value for name, value in facts.items() if draw() >= unknown}
        if known:
            said[source] = {**said[source], **known} if source in said else known

    # The operator

    def _person(self):
        sex, days_old = (
            self._pick("sex"),
            self._number(_CITY["born_days_ago"], _CITY["born_at_an_edge"] / 100),
        )
        name = f"{MARK}{self._one_of(_SURNAMES)}{self._one_of(_GIVEN)}"
        days = {
            source: self._day(low + int(self._draw() * (high - low + 1)))
            for source, (low, high) in _CITY["spoke_days_ago"].items()
        }
        groups = {group for group, share in _CITY["operator_groups"].items() if self._draw() * 100 < share}
        graduated_ago = min(self._number(_CITY["left_school_days_ago"]), days_old - 18 * 365)
        if "graduate" in groups and self._day(graduated_ago)[:4] == str(self.today.year):
            groups.add("graduation_year_graduate")
        for group in tuple(groups):
            groups.update(_GROUPS.implies.get(group, ()))
        said: dict = {}
        self._state(said, REGISTRY, {"born_on": self._day(days_old), "sex": sex})
        self._state_groups(said, groups)
        helped = bool(groups)
        employment = {
            "startup_subsidy_received": helped and self._yes("startup_subsidy_received"),
            "agri_startup_subsidy_received": "graduate" in groups
            and self._yes("agri_startup_subsidy_received"),
            "guaranteed_loans_received": 1 + int(self._draw() * 3)
            if helped and self._yes("had_a_loan")
            else 0,
        }
        if "graduate" in groups:
            employment["left_school_on"] = self._day(graduated_ago)
        self._state(said, EMPLOYMENT, employment)
        owes = self._yes("judgment_debtor")
        self._state(
            said, STAFF, {"judgment_debtor": owes, "good_credit": not owes and self._yes("good_credit")}
        )
        identity = self._identity(days_old, sex)
        return _Person(name, identity, said, days, groups, "graduate" in groups)

    def _state_groups(self, said, groups) -> None:
        """Each department answers for its own members; the rest it leaves open."""
        for source, members in ((VETERANS, _OF_VETERANS), (EMPLOYMENT, _OF_EMPLOYMENT)):
            yes = [member for member in members if member in groups]
            no = [member for member in members if member not in groups]
            self._state(said, source, {"operator_groups": {"yes": yes, "no": no}})

    def _identity(self, days_old, sex):
        """A valid number: those born on one day are told apart by the three digits, odd for men, then by the sixth."""
        nth = self._born.get((days_old, sex), 0)
        self._born[days_old, sex] = nth + 1
        day = self._day(days_old).replace("-", "")
        order = nth % 500 * 2 + (sex == "male")
        body = f"99{self.block:03d}{nth // 500}{day}{order:03d}"
        return body + identity_check_digit(body)

    # The shop

    def _shop(self, place, person, nth):
        bent, status = self._pick("bent"), self._pick("operating_status")
        district, industry = self._pick("district"), self._pick("industry")
        days_old = self._number(_CITY["registered_days_ago"])
        if bent != "survival":
            # Growth begins with one year and development with two; some are just short of it.
            days_old = max(days_old, 362 if bent == "growth" else 728)
        months_old = days_old * 12 // 365
        said = dict(person.said) if nth == 0 else {}
        rated, reason = self._registration(said, status, district, industry, days_old)
        employees = self._number(_CITY["employees"][bent])
        first = nth == 0 and self._yes("first_time_business")
        self._state(said, EMPLOYMENT, {"first_time_business": first})
        insured, tax, general = self._evidence(bent, employees)
        self._insurance(said, insured, employees, months_old)
        self._taxes(said, bent, tax, general, person, months_old, nth)
        self._premises(said, person, months_old, nth)
        self._agriculture(said, industry, person)
        if STAFF in said:
            said[STAFF] = said.pop(STAFF)  # what they correct has to be said before
        return Arrival(
            said,
            credit_code=credit_code(self._division(district, days_old), self.block * LARGEST + place),
            identity=person.identity,
            name=f"{MARK}{self._one_of(_FANCY)}{_CITY['trades'][industry]}",
            operator_name=person.name,
            address=f"六盘水市{_DISTRICT_NAMES[district]}{MARK}路 {1 + int(self._draw() * 999)} 号",
            abnormal_reason=reason,
            rated=rated,
            days=person.days,
            row=place + 1,
        )

    def _division(self, district, days_old):
        former = _CITY["former_division"].get(district)
        old = former and self._day(days_old) < former[1]
        return former[0] if self._draw() * 100 < (former[2] if old else 0) else district

    def _registration(self, said, status, district, industry, days_old):
        registered_on = self._day(days_old)
        due = registered_on[:4] < str(self.today.year)
        filed = self._draw() * 100 < _CITY["annual_report_filed"]
        late = due and not filed
        share = _CITY["abnormal_where_not_filed" if late else "abnormal_otherwise"]
        abnormal = self._draw() * 100 < share
        other_reason, penalty = self._pick("abnormal_reason"), self._number(_CITY["penalty_days_ago"])
        facts = {
            "entity_type": "individual_business"
            if self._yes("individual_business")
            else "small_micro_enterprise",
            "operating_status": status,
            "registered_on": registered_on,
            "district": district,
            "industry": industry,
            "abnormal_listed": abnormal,
            "seriously_dishonest": self._draw() * 100 < _CITY["seriously_dishonest"],
        }
        if due:
            facts["annual_report_filed"] = filed
        if self._draw() * 100 < _CITY["penalised"]:
            facts["published_penalty_on"] = self._day(min(penalty, days_old))
        self._state(said, REGISTRY, facts)
        listed = said.get(REGISTRY, {}).get("abnormal_listed", False)
        return self._pick("credit_class"), ("annual_report" if late else other_reason) if listed else ""

    def _evidence(self, bent, employees):
        """What makes a shop of the type it is bent to: insured staff, tax paid in fen, general taxpayer."""
        if bent == "survival":
            return 0, 0, self._draw() * 1000 < _CITY["general_taxpayer"]["survival"]
        by = self._pick(f"{bent}_by")
        if bent == "growth":
            insured = 1 + int(self._draw() * min(employees, 7)) if by != "tax" else 0
            tax = self._number(_TAX_PAID["growth"]) if by != "insured" else 0
            return insured, tax, self._draw() * 1000 < _CITY["general_taxpayer"]["growth"]
        # Seven and eight insured, both sides of 29,999.99: where one falls short, another carries it.
        insured = employees if by == "insured" else 1 + int(self._draw() * 7)
        tax = self._number(_TAX_PAID["development" if by == "tax" else "growth"])
        return insured, tax, by == "general"

    def _insurance(self, said, insured, employees, months_old) -> None:
        in_unit = insured > 0
        months = min(self._number(_CITY["months"]), months_old) if in_unit else 0
        last_year = max(0, insured - int(self._draw() * 2)) if months else 0
        left = 1 + int(self._draw() * (1 + last_year // 4)) if last_year and self._yes("had_layoffs") else 0
        paid = last_year * 12 * (3500 + int(self._draw() * 3000)) if last_year else 0
        self._state(
            said,
            INSURANCE,
            {
                "employees": employees,
                "unit_insured": in_unit,
                "insured_headcount": insured,
                "unemployment_insurance_months": months,
                "insured_headcount_last_year": last_year,
                "layoff_claimants_last_year": min(left, last_year),
                "unemployment_insurance_paid_last_year": _yuan(paid),
                "insurance_arrears": in_unit and self._yes("insurance_arrears"),
            },
        )

    def _taxes(self, said, bent, tax, general, person, months_old, nth) -> None:
        vat = self._number(_VAT[bent]) if bent in _VAT and tax else 0
        facts = {
            "taxpayer_type": "general" if general else "small_scale",
            "tax_paid_last_year": _yuan(tax),
            "annual_vat": _yuan(vat),
            "other_income_tax_relief": _yuan(
                int(self._draw() * 2_000_000) if self._yes("had_other_relief") else 0
            ),
        }
        for name, rate in _SURCHARGES:
            facts[name] = _yuan(vat * rate // 100)
        owes = self._yes("owes_small_taxes")
        for name in _SMALL_TAXES:
            facts[name] = _yuan(int(self._draw() * 100_000) if owes else 0)
        if nth == 0:  # the operator's own, over all their shops
            eligible = bool(person.groups) and self._yes("had_a_deduction")
            used = min(self._number(_CITY["deduction_months"]), months_old) if eligible else 0
            facts["deduction_months_used"] = used
            facts["annual_taxable_income"] = _yuan(self._number(_INCOME[bent]))
        self._state(said, TAX, facts)

    def _premises(self, said, person, months_old, nth) -> None:
        rents = self._yes("rents_premises")
        facts = {
            "rents_premises": rents,
            "rent_reduction_received": rents and self._yes("rent_reduction_received"),
            "sells_online": "online_merchant" in person.groups or self._yes("sells_online"),
            "owns_brand": self._yes("owns_brand"),
            "exports": self._yes("exports"),
            "premises_area": self._number(_CITY["premises_area"]),
        }
        rent = self._number(_RENT)
        if rents:
            facts["monthly_rent"] = _yuan(rent)
        wanted = self._number(_LOAN)
        if self._yes("wants_a_loan"):
            facts["loan_amount_wanted"] = _yuan(wanted)
        self._state(said, SELF, facts)
        if SELF in said and "rents_premises" not in said[SELF]:
            said[SELF].pop("monthly_rent", None)
        self._state(said, STAFF, {"premises_compliant": self._yes("premises_compliant")})
        if nth == 0:
            subsidised = rents and bool(person.groups) and self._yes("had_rent_subsidy")
            months = min(self._number(_CITY["rent_subsidy_months"]), months_old) if subsidised else 0
            self._state(said, EMPLOYMENT, {"rent_subsidy_months_received": months})

    def _agriculture(self, said, industry, person) -> None:
        share = next(
            (share for start, share in _CITY["in_an_agri_industry"].items() if industry.startswith(start)), 0
        )
        in_one, which, grows = self._draw() * 100 < share, self._one_of(_AGRI_INDUSTRIES), self._draw() < 0.8
        facts = {"agri_industry": "none", "agri_activity": "none"}
        if in_one:
            activity = "planting_breeding" if industry.startswith("A") and grows else "circulation"
            facts = {"agri_industry": which, "agri_activity": activity}
        self._state(said, SELF, facts)
        assessed = self._pick("environmental_assessment")
        self._state(
            said,
            STAFF,
            {
                "environmental_assessment": assessed if industry.startswith("C") else "none",
                "leads_agri_enterprise": in_one and self._yes("leads_agri_enterprise"),
            },
        )


def _yuan(fen) -> str:
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02d}"
