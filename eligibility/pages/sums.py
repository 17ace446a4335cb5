"""What a calculator comes to: the figure for the heading, where it goes as a bar and lines, and its working out."""

from datetime import date
from decimal import Decimal

from django.utils import timezone

from core.errors import Fault, Invalid
from core.facts import Profile
from core.money import half_up
from core.wording import day_text, number_text
from policies.criteria import tax
from policies.criteria.amounts import OrderedDeduction, read_share

from .. import wording
from ..calculators import loan_interest, tax_rules, tax_year
from ..evaluation import evaluate

ZERO = Decimal("0.00")
NEW_VAT_RULES = (
    2026  # 增值税法 and 公告2026年第10号: what older reliefs deduct from VAT is in doubt from then on
)
# 城市维护建设税法第四条；教育费附加和地方教育附加 3%、2%。
URBAN_RATES = {"city": Decimal("0.07"), "town": Decimal("0.05"), "other": Decimal("0.01")}
EDUCATION_RATE, LOCAL_EDUCATION_RATE = Decimal("0.03"), Decimal("0.02")
WHOLE_BAR = 1000


def result(headline, rows=(), *, steps=(), note="", **more) -> dict:
    """``headline``: phrases of the heading; ``rows``: of ``row``; ``steps``: its working out; ``until``: how long it
    holds; ``over``: what holds no longer; ``doubts``: what the law leaves open; ``more``: these, and what the
    template of one calculator takes."""
    lists = {"until": [], "over": [], "doubts": []}
    known = {"headline": headline, "rows": list(rows), "bar": _bar(rows), "steps": list(steps), "note": note}
    return {**lists, **known, **more}


def row(label, value, *, part="", note="", sign="") -> dict:
    """A line below the heading. ``part``: its colour in the bar, empty for what is no part of the whole."""
    return {
        "label": label,
        "value": value,
        "text": f"{sign}{number_text(value)} 元",
        "part": part,
        "note": note,
    }


def _bar(rows) -> dict | None:
    """The parts of the whole as places on a line of WHOLE_BAR; None where there is nothing to divide."""
    parts = [one for one in rows if one["part"] and one["value"] > 0]
    whole = sum((one["value"] for one in parts), ZERO)
    if not whole:
        return None
    x, drawn = 0, []
    for one in parts:
        width = round(WHOLE_BAR * one["value"] / whole)
        drawn.append({"part": one["part"], "x": x, "width": max(width - 4, 2)})
        x += width
    said = "，".join(f"{one['label']} {number_text(one['value'])} 元" for one in parts)
    return {"parts": drawn, "said": said, "whole": WHOLE_BAR}


def _profile(known, filled, day) -> Profile:
    facts = {name: value for name, value in filled.items() if name in known.registry}
    return known.registry.read_profile(facts, as_of=day)


def _yuan(value) -> str:
    return f"{number_text(value)} 元"


def _amount(known, code, filled):
    """The amount of one benefit for what was filled in, whatever the other conditions."""
    day = timezone.localdate()
    rule = known.benefits[code].in_force_on(day).rule
    day = min(day, rule.window.closes_on or day)
    return rule.amount.on(_profile(known, filled, timezone.localdate()), day, rule.title), rule


def rent(known, filled) -> dict:
    amount, _ = _amount(known, "M05c", filled)
    if not amount.maximum:
        note = "一共能领的月数已经领满，不能再领。"
        return result(["房租补贴", "已经领满，不能再领"], note=note)
    paid = Decimal(filled["monthly_rent"])
    months = int(amount.maximum / amount.value)
    rows = [
        row("每月租金", paid),
        row("每月补贴", amount.value, part="first", sign="− "),
        row("您自己付", max(paid - amount.value, ZERO), part="remains"),
        row("一共最多", amount.maximum, note=f"还能领 {months} 个月"),
    ]
    note = "租金在店里交了才补。还要符合其他条件，先查一查能不能享受。"
    said = [f"房租每月补 {_yuan(amount.value)}，", f"最多 {_yuan(amount.maximum)}"]
    return result(said, rows, steps=wording.working(amount), note=note)


def refund(known, filled) -> dict:
    today = timezone.localdate()
    is_open = known.benefits["M01b"].in_force_on(today).rule.is_open_on(today)
    amount, rule = _amount(known, "M01b", filled)
    closed, until = rule.window.closes_on, []
    if closed:
        ended = f"原政策到 {day_text(closed)}为止"
        until = [f"{ended}。" if is_open else f"{ended}，现在不能领。有没有延续，要等通知。"]
    paid = Decimal(filled["unemployment_insurance_paid_last_year"])
    rows = [
        row("去年交了", paid),
        row("可以返还" if is_open else "按到期前的比例算", amount.value, part="first"),
        row("不返还的", paid - amount.value, part="remains"),
    ]
    said = [f"失业保险费退 {_yuan(amount.value)}"]
    if not is_open:
        said = ["失业保险费现在不能退，", f"以前能退 {_yuan(amount.value)}"]
    return result(said, rows, steps=wording.working(amount), until=until)


def startup(known, filled) -> dict:
    """Both startup subsidies, with the state and date the full rules give."""
    today = timezone.localdate()
    profile = _profile(known, filled, today)
    found = [one for one in evaluate(profile, today).assessments if one.rule.code in ("M05a", "M05b")]
    sums = {one: one.rule.amount.on(profile, today, one.rule.title).value or ZERO for one in found}
    rows = [row(one.rule.title, sums[one], note=_when(one)) for one in found]
    for one, line in zip(found, rows, strict=True):
        line["text"] = line["text"] if _can_be_had(one) else ""
    note = "两项补贴只能领一个。还有别的条件没有填，先查一查最准。"
    to_be_had = [one for one in found if _can_be_had(one)]
    if not to_be_had:
        return result(["创业补贴，", "按您填的还不能领"], rows, note=note)
    best = max(to_be_had, key=lambda one: (one.state == "now", sums[one]))
    said = "现在" if best.state == "now" else f"{day_text(best.eligible_from)}起"
    return result([said, f"能领创业补贴 {_yuan(sums[best])}"], rows, note=note)


def _can_be_had(assessment) -> bool:
    return assessment.state == "now" or assessment.eligible_from is not None


def _when(assessment) -> str:
    if assessment.eligible_from:
        return f"{day_text(assessment.eligible_from)}起可以申请"
    return wording.STATE_HEADINGS[assessment.state]


def loan(known, filled) -> dict:
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
    rows = [
        row("利息合计", interest.interest, note=f"{number_text(amount.value)} 元 × {rate}% × {years} 年"),
        row(
            "财政贴息",
            interest.subsidy,
            part="first",
            sign="− ",
            note=f"实际利息的 {number_text(int(share * 100))}%",
        ),
        row("您付利息", interest.own, part="remains"),
        row("每月利息", interest.monthly, note="贴息以前，到期还本"),
    ]
    limit = wording.figure(amount.value, "limit", "最高")
    said = [f"贷款{limit['prefix']} {limit['figure']} {limit['unit']}，", f"利息您付 {_yuan(interest.own)}"]
    note = "贷款要还，不算补贴。逾期和展期不贴息。能不能贷以银行审批为准。"
    return result(said, rows, steps=wording.working(amount), note=note)


COLUMNS = ("本来要交", "其他减免", "减半", "从限额里扣", "还要交", "额度还剩")


def taxes(known, filled) -> dict:
    year = filled.get("year", timezone.localdate().year)
    vat = Decimal(filled.get("annual_vat", ZERO))
    surcharges = {
        "annual_urban_maintenance_tax": vat * URBAN_RATES[filled["place"]],
        "annual_education_surcharge": vat * EDUCATION_RATE,
        "annual_local_education_surcharge": vat * LOCAL_EDUCATION_RATE,
    }
    facts = {**filled, **{name: str(half_up(value)) for name, value in surcharges.items()}}
    profile = _profile(known, facts, date(year, 12, 31))
    found = tax_year(year, profile)
    titles = {rule.code: rule.title for rule in tax_rules(year)}
    return result(
        _tax_headline(year, found),
        _tax_rows(found),
        steps=[
            {"label": titles[code], "working": "", "value": number_text(value)}
            for code, value in found.relief.items()
        ],
        note="城建税和两项附加按增值税推算，没有考虑小额免征。以税务机关核定为准。",
        over=_over(year),
        doubts=_doubts(known, year, found),
        until=_tax_until(profile, year, found),
        table={"columns": COLUMNS, "rows": [_tax_line(line) for line in found.lines if _is_shown(line)]},
        years=_year_limits(profile, year, found),
    )


def _tax_headline(year, found) -> list:
    """Never nought alone: what is not less is said with its reason."""
    if not found.fitting:
        return [f"{year} 年", "没有能享受的减免"]
    if found.total_relief:
        return [f"{year} 年，您的税费", f"少交 {_yuan(found.total_relief)}"]
    return [f"{year} 年您本来就不用交，", "没有可以少交的"]


def _tax_rows(found) -> list:
    """What was due and where it goes; the first and the last always, the rest where there is any."""
    other, halved, deducted = (
        sum((getattr(line, name) for line in found.lines), ZERO)
        for name in ("other_relief", "halved", "deducted")
    )
    rows = [row("本来要交", found.payable + other + halved + deducted)]
    if deducted:
        limit = f"一年最多 {_yuan(found.deduction_limit)}"
        rows.append(row("先扣减", deducted, part="first", sign="− ", note=limit))
    if other:
        rows.append(row("其他减免", other, part="other", sign="− "))
    if halved:
        rows.append(row("剩下的减半", halved, part="second", sign="− "))
    return [*rows, row("还要交", found.payable, part="remains")]


def _tax_line(line) -> dict:
    cells = (line.due, line.other_relief, line.halved, line.deducted, line.payable, line.limit_left)
    return {"name": tax.LABELS[line.tax], "cells": [number_text(value) for value in cells]}


def _is_shown(line) -> bool:
    return bool(line.due) or line.tax in tax.DEDUCTED


def _tax_until(profile, year, found) -> list:
    """How long what is less stays so: the months of the deduction, the last day of the rest."""
    said, last_day = [], date(year, 12, 31)
    for rule in tax_rules(year):
        if rule.code not in found.fitting:
            continue
        if not isinstance(rule.amount, OrderedDeduction):
            said += [f"{rule.title}到 {day_text(rule.window.closes_on)}"] if rule.window.closes_on else []
        elif not profile.values.get("deduction_months_used"):
            first = profile.values["registered_on"]
            months = first.month + rule.amount.months.on(last_day) - 2
            end = f"{first.year + months // 12} 年 {months % 12 + 1} 月"
            said.append(f"扣减从 {first.year} 年 {first.month} 月到 {end}")
    return said


def _over(year) -> list:
    """The reliefs that have ended before a year."""
    return [
        f"{rule.title}执行到 {day_text(rule.window.closes_on)}，{year} 年还没有延续的通知。"
        for rule in tax_rules(year)
        if rule.window.closes_on and rule.window.closes_on.year < year
    ]


def _doubts(known, year, found) -> list:
    """What VAT rules leave open of the deduction in a year."""
    if year < NEW_VAT_RULES:
        return []
    deduction = [
        rule
        for rule in tax_rules(year)
        if rule.code in found.fitting and isinstance(rule.amount, OrderedDeduction)
    ]
    today = timezone.localdate()
    return [
        note
        for rule in deduction
        for note in known.benefits[rule.code].in_force_on(today).content.get("notes") or []
    ]


def _year_limits(profile, year, found):
    """What the fixed deduction allows in this year and those that remain of its window."""
    registered_on = profile.values.get("registered_on")
    deduction = next(
        (rule.amount for rule in tax_rules(year) if isinstance(rule.amount, OrderedDeduction)), None
    )
    if not (registered_on and deduction and found.deduction_limit):
        return []
    last_day = date(year, 12, 31)
    annual, window = deduction.annual_limit.on(last_day), deduction.months.on(last_day)
    used, limits = profile.values.get("deduction_months_used", 0), []
    while months := tax.months_in_year(registered_on, year, window, used):
        limits.append({"year": year, "limit": _yuan(tax.year_limit(annual, months))})
        year, used = year + 1, used + months
    return limits
