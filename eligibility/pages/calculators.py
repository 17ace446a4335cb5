"""Calculators: a few figures in, the sum and its working out. GET forms, so a result can be shared."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from core.errors import Fault, Invalid
from core.facts import Choice, Fact, Misread, Profile
from core.money import half_up
from core.wording import day_text, number_text
from policies.catalogue import catalogue
from policies.criteria import tax
from policies.criteria.amounts import OrderedDeduction, read_share

from .. import wording
from ..answers import book_of
from ..calculators import loan_interest, tax_rules, tax_year
from ..evaluation import evaluate
from .questions import ABSENT, NOT_KNOWN, QuestionPage, field_of, read_field

ZERO = Decimal("0.00")
NEW_VAT_RULES = (
    2026  # 增值税法 and 公告2026年第10号: what older reliefs deduct from VAT is in doubt from then on
)

YEAR = Fact("year", "integer", "算哪一年", question="算哪一年的税？", unit="年")
PLACE = Fact(
    "place",
    "choice",
    "店在哪里",
    question="店在哪里？",
    why="城市维护建设税的税率和地方有关。",
    choices=(
        Choice("city", "城区（7%）"),
        Choice("town", "县城或镇（5%）"),
        Choice("other", "其他地方（1%）"),
    ),
)
LOAN = Fact("amount", "money", "贷款额度", question="想贷多少？", unit="元")
LOAN_YEARS = Fact("years", "integer", "贷款年数", question="贷几年？", unit="年")
LOAN_RATE = Fact(
    "rate",
    "money",
    "年利率",
    question="年利率是多少？",
    why="以银行审批为准，例如 4.5 就是每年 4.5%。",
    unit="%",
)
# 城市维护建设税法第四条；教育费附加和地方教育附加 3%、2%。
URBAN_RATES = {"city": Decimal("0.07"), "town": Decimal("0.05"), "other": Decimal("0.01")}
EDUCATION_RATE, LOCAL_EDUCATION_RATE = Decimal("0.03"), Decimal("0.02")


@dataclass(frozen=True)
class Calculator:
    """``facts``: names from the fact list, or facts of its own. ``required``: names that must be filled.

    ``benefits``: those whose results lead here; the first is the one whose version is named.
    """

    key: str
    title: str
    summary: str
    benefits: tuple
    facts: tuple
    required: tuple
    compute: object
    template: str = "calc/calculator.html"


def index(request) -> HttpResponse:
    cards = [
        {"title": row.title, "summary": row.summary, "url": reverse("calculator", args=[row.key])}
        for row in CALCULATORS.values()
    ]
    return render(request, "calc/index.html", {"calculators": cards})


def calculator(request, key) -> HttpResponse:
    """One calculator: its form, and the result once something was asked."""
    chosen = CALCULATORS.get(key)
    if chosen is None:
        raise Http404
    known = catalogue()
    facts = [fact if isinstance(fact, Fact) else known.registry[fact] for fact in chosen.facts]
    filled, errors, result = {}, {}, None
    if request.GET:
        filled, errors = _read(facts, chosen.required, request.GET)
        if not errors:
            try:
                result = chosen.compute(known, filled)
            except Invalid as problem:
                errors = {fault.field.rpartition(".")[2]: fault.detail for fault in problem.faults}
    page = QuestionPage(key, chosen.title, "", tuple(fact.name for fact in facts))
    posted = request.GET if request.GET else None
    answers = {} if posted else book_of(request).answers
    fields = [_field(chosen, fact, page, answers, errors.get(fact.name, ""), posted) for fact in facts]
    clause = known.benefits[chosen.benefits[0]].versions[0].content["clause"]
    context = {
        "calculator": {
            "key": key,
            "title": chosen.title,
            "summary": chosen.summary,
            "clause": clause,
            "fields": fields,
        },
        "errors": [{"anchor": name, "message": message} for name, message in errors.items()],
        "result": result and {**result, "version_label": _version_label(known, chosen.benefits[0])},
    }
    return render(request, chosen.template, context, status=400 if errors else 200)


def _field(chosen, fact, page, answers, error, posted):
    """A field with what was answered elsewhere filled in. Who must fill it is not offered 不清楚."""
    field = field_of(fact, page, answers, error=error, posted=posted)
    if fact.name in chosen.required:
        for rows in ("options", "others"):
            field[rows] = [option for option in field[rows] if option["value"] != NOT_KNOWN]
    return field


def _read(facts, required, query):
    """(values by name, messages by name). What is left blank is unknown."""
    filled, errors = {}, {}
    for fact in facts:
        try:
            read = read_field(fact, query)
        except Misread as problem:
            errors[fact.name] = f"{fact.label}：{problem.detail}"
            continue
        filled |= {name: value for name, value in read.items() if value is not ABSENT and value is not None}
        if fact.name in required and fact.name not in filled:
            errors[fact.name] = f"请填写{fact.label}"
    return filled, errors


def _version_label(known, code) -> str:
    version = known.benefits[code].in_force_on(timezone.localdate())
    return f"按 {code} 第 {version.rule.number} 版规则计算"


def _profile(known, filled, day) -> Profile:
    facts = {name: value for name, value in filled.items() if name in known.registry}
    return known.registry.read_profile(facts, as_of=day)


def _yuan(value) -> str:
    return f"{number_text(value)} 元"


def _amount(known, code, filled, label):
    """The amount of one benefit for what was filled in, whatever the other conditions."""
    day = timezone.localdate()
    rule = known.benefits[code].in_force_on(day).rule
    day = min(day, rule.window.closes_on or day)
    amount = rule.amount.on(_profile(known, filled, timezone.localdate()), day, rule.title)
    figures = [{"label": label, **wording.figure(amount.value, amount.unit)}]
    return amount, figures, rule


def _rent(known, filled) -> dict:
    amount, figures, _ = _amount(known, "M05c", filled, "每月补贴")
    if not amount.maximum:
        figures = [{"label": "还能领", "prefix": "", "figure": "0", "unit": "元"}]
        return {"figures": figures, "lines": [], "note": "一共能领的月数已经领满，不能再领。"}
    figures.append({"label": "一共最多", **wording.figure(amount.maximum, "once", "最多")})
    note = "租金在店里交了才补。还要符合其他条件，先查一查能不能享受。"
    return {"figures": figures, "lines": wording.working(amount), "note": note}


def _refund(known, filled) -> dict:
    today = timezone.localdate()
    is_open = known.benefits["M01b"].in_force_on(today).rule.is_open_on(today)
    label = "可以返还" if is_open else "按到期前的比例算"
    amount, figures, rule = _amount(known, "M01b", filled, label)
    closed, note = rule.window.closes_on, ""
    if closed:
        until = f"原政策到 {day_text(closed)}为止"
        note = f"{until}。" if is_open else f"{until}，现在不能领。有没有延续，要等通知。"
    return {"figures": figures, "lines": wording.working(amount), "note": note}


def _startup(known, filled) -> dict:
    """Both startup subsidies, with the state and date the full rules give."""
    today = timezone.localdate()
    evaluation = evaluate(_profile(known, filled, today), today)
    figures, lines = [], []
    for assessment in evaluation.assessments:
        if assessment.rule.code not in ("M05a", "M05b"):
            continue
        state = wording.STATE_HEADINGS[assessment.state]
        if assessment.amount.value is not None and assessment.state in ("now", "soon"):
            figures.append(
                {
                    "label": f"{assessment.rule.title}（{state}）",
                    **wording.figure(assessment.amount.value, "once"),
                }
            )
        when = f"{day_text(assessment.eligible_from)}起可以申请" if assessment.eligible_from else state
        lines.append(
            {"label": assessment.rule.title, "working": when, "value": _yuan(assessment.amount.value or ZERO)}
        )
    note = "两项补贴只能领一个。还有别的条件没有填，先查一查最准。"
    return {"figures": figures, "lines": lines, "note": note}


def _loan(known, filled) -> dict:
    today = timezone.localdate()
    principal, years, rate = filled["amount"], filled["years"], filled["rate"]
    profile = known.registry.read_profile({"loan_amount_wanted": principal}, as_of=today)
    rule = known.benefits["M01c"].in_force_on(today).rule
    amount = rule.amount.on(profile, today, rule.title)
    longest, share = rule.parameters["longest_years"].on(today), rule.parameters["interest_subsidy"].on(today)
    share = read_share(share) if share else ZERO
    faults = []
    if not 1 <= years <= longest:
        faults.append(Fault("years", "out_of_range", f"贷款年数：应是 1 到 {longest} 年"))
    if not 0 < Decimal(rate) <= 36:
        faults.append(Fault("rate", "out_of_range", "年利率：应大于 0，不超过 36"))
    if faults:
        raise Invalid(faults)
    interest = loan_interest(amount.value, Decimal(rate), years, share)
    value = number_text(amount.value)
    lines = [
        *wording.working(amount),
        {
            "label": "利息合计",
            "working": f"{value} 元 × {rate}% × {years} 年",
            "value": _yuan(interest.interest),
        },
        {
            "label": "财政贴息",
            "working": f"实际利息的 {number_text(int(share * 100))}%",
            "value": _yuan(interest.subsidy),
        },
        {"label": "您付利息", "working": "利息合计 − 财政贴息", "value": _yuan(interest.own)},
        {"label": "每月利息", "working": "贴息以前，到期还本", "value": _yuan(interest.monthly)},
    ]
    figures = [
        {"label": "能贷", **wording.figure(amount.value, "limit", "最高")},
        {"label": "您付利息", **wording.figure(interest.own, "once")},
    ]
    return {
        "figures": figures,
        "lines": lines,
        "note": "贷款要还，不算补贴。逾期和展期不贴息。能不能贷以银行审批为准。",
    }


def _taxes(known, filled) -> dict:
    year = filled.get("year", timezone.localdate().year)
    vat = Decimal(filled.get("annual_vat", ZERO))
    surcharges = {
        "annual_urban_maintenance_tax": vat * URBAN_RATES[filled["place"]],
        "annual_education_surcharge": vat * EDUCATION_RATE,
        "annual_local_education_surcharge": vat * LOCAL_EDUCATION_RATE,
    }
    facts = {**filled, **{name: str(half_up(value)) for name, value in surcharges.items()}}
    profile = _profile(known, facts, date(year, 12, 31))
    taxes = tax_year(year, profile)
    figures = [
        {"label": "一年少交", **wording.figure(taxes.total_relief, "once")},
        {"label": "还要交", **wording.figure(taxes.payable, "once")},
    ]
    if not taxes.fitting:
        figures = [{"label": f"{year} 年", "prefix": "", "figure": "没有", "unit": "能享受的减免"}]
    titles = {rule.code: rule.title for rule in tax_rules(year)}
    lines = [
        {"label": titles[code], "working": "", "value": number_text(value)}
        for code, value in taxes.relief.items()
    ]
    columns = ["本来要交", "其他减免", "减半", "从限额里扣", "还要交", "额度还剩"]
    rows = [
        {
            "name": tax.LABELS[line.tax],
            "cells": [
                number_text(value)
                for value in (
                    line.due,
                    line.other_relief,
                    line.halved,
                    line.deducted,
                    line.payable,
                    line.limit_left,
                )
            ],
        }
        for line in taxes.lines
        if line.due or line.tax in tax.DEDUCTED
    ]
    return {
        "figures": figures,
        "lines": lines,
        "note": "城建税和两项附加按增值税推算，没有考虑小额免征。以税务机关核定为准。",
        "doubts": _doubts(known, year, taxes),
        "table": {"columns": columns, "rows": rows},
        "years": _year_limits(profile, year, taxes),
    }


def _doubts(known, year, taxes):
    """What is not sure about a year's reliefs: those that are over by then, and what VAT rules leave open."""
    said = []
    for rule in tax_rules(year):
        last = rule.window.closes_on
        if last and last.year < year:
            said.append(f"{rule.title}执行到 {day_text(last)}，{year} 年还没有延续的通知。")
        elif (
            rule.code in taxes.fitting and year >= NEW_VAT_RULES and isinstance(rule.amount, OrderedDeduction)
        ):
            said += known.benefits[rule.code].in_force_on(timezone.localdate()).content.get("notes") or []
    return said


def _year_limits(profile, year, taxes):
    """What the fixed deduction allows in this year and those that remain of its window."""
    registered_on = profile.values.get("registered_on")
    deduction = next(
        (rule.amount for rule in tax_rules(year) if isinstance(rule.amount, OrderedDeduction)), None
    )
    if not (registered_on and deduction and taxes.deduction_limit):
        return []
    last_day = date(year, 12, 31)
    annual, window = deduction.annual_limit.on(last_day), deduction.months.on(last_day)
    used, limits = profile.values.get("deduction_months_used", 0), []
    while months := tax.months_in_year(registered_on, year, window, used):
        limits.append({"year": year, "limit": _yuan(tax.year_limit(annual, months))})
        year, used = year + 1, used + months
    return limits


_ROWS = (
    Calculator(
        "rent",
        "场所租赁补贴",
        "填月租和已领月数，看每月补多少、一共最多补多少。",
        ("M05c",),
        ("monthly_rent", "rent_subsidy_months_received"),
        ("monthly_rent",),
        _rent,
    ),
    Calculator(
        "startup",
        "创业补贴",
        "填身份和登记日期，看哪一项能领、什么时候能领。",
        ("M05a", "M05b"),
        (
            "operator_groups",
            "left_school_on",
            "registered_on",
            "first_time_business",
            "startup_subsidy_received",
            "agri_industry",
            "agri_activity",
            "agri_startup_subsidy_received",
        ),
        ("operator_groups", "registered_on"),
        _startup,
    ),
    Calculator(
        "tax",
        "税费减免",
        "把减半和定额扣减放在一起，按法定顺序算一年少交多少。",
        ("M04c", "M04a", "M04b"),
        (
            YEAR,
            "annual_taxable_income",
            "annual_vat",
            PLACE,
            "other_income_tax_relief",
            "operator_groups",
            "registered_on",
            "deduction_months_used",
        ),
        ("annual_taxable_income", "place"),
        _taxes,
        "calc/tax.html",
    ),
    Calculator(
        "refund",
        "稳岗返还",
        "填去年实际交的失业保险费，看返还多少。",
        ("M01b",),
        ("unemployment_insurance_paid_last_year",),
        ("unemployment_insurance_paid_last_year",),
        _refund,
    ),
    Calculator(
        "loan",
        "创业担保贷款",
        "填额度、年数和利率，看利息谁来付、您付多少。",
        ("M01c",),
        (LOAN, LOAN_YEARS, LOAN_RATE),
        ("amount", "years", "rate"),
        _loan,
    ),
)
CALCULATORS = {row.key: row for row in _ROWS}


def calculator_url(code):
    """Where the money of a benefit can be worked out; None where there is nothing to work out."""
    calculator = next((row for row in _ROWS if code in row.benefits), None)
    return calculator and reverse("calculator", args=[calculator.key])
