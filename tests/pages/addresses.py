"""Every public address with the status it answers, as shown to somebody who has answered nothing."""

from businesses.facts import BUILT_IN_REGISTRY
from eligibility.pages.calculators import CALCULATORS
from eligibility.pages.questions import page_of

MEASURES = [f"M{number:02}" for number in range(1, 22)]
# With money and without, closed, without a door, of nobody's certificate and of many.
BENEFITS = ("M01b", "M01c", "M04c", "M05c", "M14a", "M20a")
QUESTIONS = list(
    dict.fromkeys(page_of(fact).key for fact in BUILT_IN_REGISTRY.values() if fact.ask != "never")
)
FILLED = {
    "rent": "monthly_rent=800&rent_subsidy_months_received=6",
    "startup": "operator_groups=veteran&registered_on=2026-01-15&first_time_business=true",
    "tax": "annual_taxable_income=120000&annual_vat=5000&place=city&operator_groups=self_employed_veteran"
    "&registered_on=2026-01-15",
    "refund": "unemployment_insurance_paid_last_year=2000",
    "loan": "amount=300000&years=3&rate=4.5",
}
PAGES = {
    "/": 200,
    "/policies/": 200,
    "/policies/?q=房租": 200,
    "/policies/?delivery=apply&topic=money": 200,
    "/policies/?q=没有这样的政策": 200,
    **{f"/policies/{code}/": 200 for code in MEASURES},
    **{f"/policies/{code}/": 200 for code in BENEFITS},
    "/policies/M99/": 404,
    "/policies/M05z/": 404,
    "/ask/": 200,
    "/ask/?q=房租 400 元能补多少": 200,
    "/ask/?q=失业金怎么领": 200,
    "/check/": 200,
    **{f"/check/q/{key}/": 200 for key in QUESTIONS},
    "/check/q/none/": 404,
    "/check/results/?shared=altered": 404,
    "/calc/": 200,
    **{f"/calc/{key}/": 200 for key in CALCULATORS},
    **{f"/calc/{key}/?{query}": 200 for key, query in FILLED.items()},
    **{f"/calc/{key}/?{query.partition('=')[0]}=": 400 for key, query in FILLED.items()},
    "/calc/none/": 404,
    "/services/": 200,
    "/services/?day=2026-13-40": 400,
    "/services/none/": 404,
    "/services/board/": 200,
    "/services/conversion/compare/": 200,
    "/services/conversion/compare/?profit=200000": 200,
    "/services/conversion/compare/?profit=many": 400,
    "/selfcheck/conversion/": 200,
    "/selfcheck/conversion/?taxes_settled=false": 200,
    "/selfcheck/rights/": 200,
    "/selfcheck/rights/?minor=true&corrected=false&harm=slight&first_time=false&faultless=false": 200,
    "/selfcheck/rights/?first_time=true&harm=slight&corrected=true": 200,
    "/selfcheck/eia/": 200,
    "/selfcheck/eia/?listed=report_book": 200,
    "/selfcheck/injury/": 200,
    "/selfcheck/injury/?relation=staff&insured=false&days=31": 200,
    "/selfcheck/injury/?days=many": 400,
    "/selfcheck/none/": 404,
    "/jobs/": 200,
    "/jobs/?trade=tea_picking&county=520204": 200,
    "/jobs/season/": 200,
    "/jobs/season/?county=520281": 200,
    "/jobs/contracts/": 200,
    "/jobs/contracts/labour/": 200,
    "/jobs/contracts/gig/": 200,
    "/jobs/contracts/marriage/": 404,
    "/needs/": 200,
    "/needs/answers/": 200,
    "/needs/answers/?q=没有这样的事": 200,
    "/needs/answers/999/": 404,
    "/a/wrong/": 404,
    "/f/wrong/": 404,
    "/effect/": 200,
    "/help/": 200,
    "/offline/": 200,
    "/privacy/": 200,
    "/a11y/": 200,
    "/a11y/prefs/": 200,
    "/login/": 200,
    "/login/staff/": 200,
    "/login/inactive/": 403,
    "/login/staff/password/MQ/wrong/": 404,
    "/dev/outbox/": 404,
    "/stop/wrong/": 404,
    "/calendar/wrong.ics": 404,
    "/nothing/here/": 404,
}
# For people who write programs: the names of commands and fields are in their spelling.
FOR_PROGRAMMERS = {"/dev/": 200}
