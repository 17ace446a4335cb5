"""The nine money benefits as SQL written by hand: what our statement could be at best, with the same answer.

A SELECT per benefit of business, operator, version of its facts, state (1 now, 2 automatic, 3 later), the days from
and until which, and amounts in fen. Dates compare with thresholds worked out once. Some facts count as met where they
are not known, as the rules say. Good on days inside all windows.
"""

from datetime import date

from django.db import connection

from businesses.facts import BUILT_IN_REGISTRY
from policies.criteria.durations import Duration

from .shape import BORROWERS, DEDUCTING, SUPPORTED

LIVE = "COALESCE(operating_status, 'operating') IN ('operating', 'suspended')"
OPERATING = "COALESCE(operating_status, 'operating') = 'operating'"
INDIVIDUAL = "entity_type = 'individual_business'"
EVERYONE = "everyone"  # a made-up benefit that fits every shop, of 100 yuan
NONE = "CAST(NULL AS bigint)"


def _group(members):
    return f"operator_groups_yes & {BUILT_IN_REGISTRY['operator_groups'].mask(members)} <> 0"


def _lacks(members):
    mask = BUILT_IN_REGISTRY["operator_groups"].mask(members)
    return f"operator_groups_known & {mask} = {mask}"


def literal(day):
    return f"DATE '{day.isoformat()}'" if connection.vendor == "postgresql" else f"'{day.isoformat()}'"


def _after(column, *, years, days=0):
    if connection.vendor == "postgresql":
        return f"(({column} + interval '{years} years')::date + {days})"
    end = f"date({column}, 'start of month', '+{years * 12 + 1} months', '-1 day')"
    return f"date(min(date({column}, '+{years} years'), {end}), '{days:+d} days')"


def _day_before(column):
    return f"({column} - 1)" if connection.vendor == "postgresql" else f"date({column}, '-1 days')"


def _end_of_months(column, months):
    if connection.vendor == "postgresql":
        return f"(date_trunc('month', {column}) + interval '{months} months' - interval '1 day')::date"
    return f"date({column}, 'start of month', '+{months} months', '-1 day')"


def _least(*parts):
    return f"{'LEAST' if connection.vendor == 'postgresql' else 'MIN'}({', '.join(parts)})"


def _greatest(*parts):
    return f"{'GREATEST' if connection.vendor == 'postgresql' else 'MAX'}({', '.join(parts)})"


def _over(years, day):
    """The latest day that lies ``years`` back on ``day``, as SQL."""
    return literal(Duration("years", years).latest_start_over_by(day))


def _within(unit, count, day):
    """The earliest day since which not more than this has passed on ``day``, as SQL."""
    return literal(Duration(unit, count).earliest_start_reaching(day))


def _fen(column):
    return f"CAST(ROUND({column} * 100) AS bigint)"


class _Benefit:
    """The pieces of a SELECT. ``later``: the day on which a shop fits that does not today, NULL for those that do."""

    def __init__(self, where, *, auto=False, later="", until="NULL", value=NONE, maximum=None):
        self.where, self.auto, self.later, self.until = where, auto, later, until
        self.value, self.maximum = value, maximum or value


def _benefit(code, day):
    return {
        "M01a": _rate_cut,
        "M01b": _refund,
        "M01c": _loan,
        "M04a": _halving,
        "M04b": _halving,
        "M04c": _deduction,
        "M05a": _startup,
        "M05b": _agriculture,
        "M05c": _rent,
        EVERYONE: lambda day: _Benefit("TRUE", value="10000"),
    }[code](day)


def _rate_cut(day):
    return _Benefit(
        f"{LIVE} AND unit_insured", auto=True, until=literal(date(2025, 12, 31)), value="CAST(100 AS bigint)"
    )


def _refund(day):
    where = f"""{OPERATING} AND unit_insured AND unemployment_insurance_months >= 12 AND insurance_arrears IS NOT TRUE
        AND seriously_dishonest IS NOT TRUE
        AND (insured_headcount_last_year <= 30
                AND layoff_claimants_last_year * 10000 <= 2000 * insured_headcount_last_year
            OR insured_headcount_last_year > 30
                AND layoff_claimants_last_year * 10000 <= 550 * insured_headcount_last_year)
        AND entity_type IN ('individual_business', 'small_micro_enterprise')"""
    value = f"({_fen('unemployment_insurance_paid_last_year')} * 6000 + 5000) / 10000"
    return _Benefit(where, auto=True, until=literal(date(2025, 12, 31)), value=value)


def _loan(day):
    closes = date(2028, 9, 30)
    where = f"""{_group(BORROWERS)} AND {OPERATING} AND good_credit IS NOT FALSE
        AND COALESCE(guaranteed_loans_received, 0) < 3
        AND (born_on IS NULL OR born_on <= {_over(16, closes)} AND born_on > {_over(63, day)})
        AND (retires_on IS NULL OR retires_on > {literal(day)}) AND {INDIVIDUAL}"""
    ends = (_after("born_on", years=63, days=-1), _day_before("retires_on"))
    wanted = "loan_amount_wanted > 0 AND loan_amount_wanted < 300000"
    return _Benefit(
        where,
        later=f"CASE WHEN born_on > {_over(16, day)} THEN {_after('born_on', years=16)} END",
        until=_least(*(f"COALESCE({end}, {literal(closes)})" for end in ends), literal(closes)),
        value=f"CASE WHEN {wanted} THEN {_fen('loan_amount_wanted')} ELSE 30000000 END",
        maximum="CAST(30000000 AS bigint)",
    )


def _halving(day):
    return _Benefit(f"{INDIVIDUAL} AND {LIVE}", auto=True, until=literal(date(2027, 12, 31)))


def _deduction(day):
    where = f"""{_group(DEDUCTING)} AND {INDIVIDUAL} AND {LIVE} AND deduction_months_used < 36
        AND registered_on BETWEEN {_within("calendar_months", 36, day)} AND {literal(date(2027, 12, 31))}"""
    later = f"CASE WHEN registered_on > {literal(day)} THEN registered_on END"
    return _Benefit(where, auto=True, later=later, until=_end_of_months("registered_on", 36))


def _startup(day):
    supported, over = _group(SUPPORTED), _over(1, day)
    a_year, school = _after("registered_on", years=1), _after("left_school_on", years=5)
    since = _greatest(a_year, literal(day), f"CASE WHEN {supported} THEN {a_year} ELSE left_school_on END")
    where = f"""first_time_business AND {OPERATING} AND abnormal_listed IS NOT TRUE AND NOT startup_subsidy_received
        AND registered_on IS NOT NULL AND {INDIVIDUAL}
        AND ({supported} OR {_group(["graduate"])} AND NOT agri_startup_subsidy_received
            AND left_school_on >= {_within("years", 5, day)}
            AND {_greatest(a_year, "left_school_on")} <= {school}
            AND (left_school_on <= {literal(day)} OR registered_on > {over} OR {_lacks(SUPPORTED)}))"""
    return _Benefit(
        where,
        later=f"CASE WHEN {since} > {literal(day)} THEN {since} END",
        until=f"CASE WHEN NOT ({supported}) THEN {school} END",
        value="CAST(500000 AS bigint)",
    )


def _agriculture(day):
    where = f"""{_group(["graduate"])} AND {OPERATING} AND leads_agri_enterprise IS NOT FALSE
        AND agri_industry <> 'none' AND agri_activity IN ('circulation', 'planting_breeding')
        AND NOT agri_startup_subsidy_received AND NOT startup_subsidy_received"""
    return _Benefit(where, value="CAST(1000000 AS bigint)")


def _rent(day):
    where = f"""{_group(["graduate", *SUPPORTED])} AND {OPERATING} AND rents_premises
        AND premises_compliant IS NOT FALSE AND NOT rent_reduction_received AND rent_subsidy_months_received < 36
        AND registered_on >= {_within("years", 5, day)} AND {INDIVIDUAL}"""
    monthly = f"CASE WHEN monthly_rent < 500 THEN {_fen('monthly_rent')} ELSE 50000 END"
    return _Benefit(
        where,
        later=f"CASE WHEN registered_on > {literal(day)} THEN registered_on END",
        until=_after("registered_on", years=5),
        value=f"CASE WHEN monthly_rent IS NOT NULL THEN {monthly} END",
        maximum=f"({monthly}) * (36 - rent_subsidy_months_received)",
    )


def select(code, day: date, among="TRUE"):
    """The SELECT of one benefit on ``day``, over the shops that a condition names."""
    found = _benefit(code, day)
    state, later = ("2" if found.auto else "1"), found.later or "CAST(NULL AS date)"
    if found.later:
        state = f"CASE WHEN {later} IS NULL THEN {state} ELSE 3 END"
    return f"""SELECT id AS business_id, operator_id, version AS facts_version, {state} AS state,
        {later} AS eligible_from, CAST({found.until} AS {_date_type()}) AS apply_before,
        {found.value} AS value_fen, {found.maximum} AS maximum_fen
        FROM businesses_business WHERE {among} AND {found.where}"""


def count_together(codes, day: date):
    """By district and benefit: who fits on ``day`` now, of how many the value is not known, and the sums of value and
    maximum, in one reading of the register."""
    counted = []
    for code in codes:
        found = _benefit(code, day)
        shops = f"COUNT(*) FILTER (WHERE {found.where}{f' AND {found.later} IS NULL' if found.later else ''})"
        untold = f"{shops[:-1]} AND {found.value} IS NULL)" if code in ("M01b", "M05c") else "0"
        counted += [shops, untold, *(_summed(sql, shops) for sql in (found.value, found.maximum))]
    return f"SELECT district, {', '.join(counted)} FROM businesses_business GROUP BY district"


def _summed(sql, shops):
    """A sum over those counted; what is the same for all is multiplied."""
    return f"{shops} * {sql}" if sql.startswith("CAST(") else f"SUM({sql}) {shops.removeprefix('COUNT(*) ')}"


def _date_type():
    return "date" if connection.vendor == "postgresql" else "text"
