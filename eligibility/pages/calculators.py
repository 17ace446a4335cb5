"""Calculators: a few figures in, the sum and its working out. GET forms, so a result can be shared."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from businesses.facts import SELF, SOURCES
from core.errors import Invalid
from core.facts import Choice, Fact, Misread
from core.typed import read_day
from core.wording import day_text
from policies import strict_yaml
from policies.catalogue import catalogue

from ..answers import ShopBook, book_of, chosen_shop
from . import sums
from .questions import ABSENT, NOT_KNOWN, QuestionPage, field_of, page_of, read_field

WHERE_FOUND = Path(__file__).parents[1] / "data" / "where_figures_stand.yaml"

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


@dataclass(frozen=True)
class Calculator:
    """``facts``: names from the fact list, or facts of its own. ``required``: names that must be filled.

    ``front``: those of the others that are asked at once too. ``benefits``: those whose results lead here; the first is
    the one whose version is named.
    """

    key: str
    title: str
    summary: str
    benefits: tuple
    facts: tuple
    required: tuple
    compute: object
    front: tuple = ()
    template: str = "calc/calculator.html"


def index(request) -> HttpResponse:
    return render(request, "calc/index.html", {"calculators": _cards()})


def _cards(besides=None) -> list:
    return [
        {"title": row.title, "summary": row.summary, "url": reverse("calculator", args=[row.key])}
        for row in CALCULATORS.values()
        if row.key != besides
    ]


def calculator(request, key) -> HttpResponse:
    """One calculator: the result once something was asked, or where all it needs is known; and its form below."""
    chosen = CALCULATORS.get(key)
    if chosen is None:
        raise Http404
    known = catalogue()
    facts = [fact if isinstance(fact, Fact) else known.registry[fact] for fact in chosen.facts]
    filled, errors, result = {}, {}, None
    if request.GET:
        filled, errors = _read(facts, chosen.required, request.GET)
        if not errors:
            result, errors = _worked_out(chosen, known, filled)
    form = _Form(chosen, facts, _book(request), request.GET or None, errors)
    if not request.GET and form.known.keys() >= set(chosen.required):
        result, _ = _worked_out(chosen, known, form.known)
    context = {
        "calculator": {
            "key": key,
            "title": chosen.title,
            "summary": chosen.summary,
            "clause": known.benefits[chosen.benefits[0]].versions[0].content["clause"],
            **form.parts(),
        },
        "others": _cards(besides=key),
        "has_answers": bool(form.book.answers),
        "errors": [{"anchor": name, "message": message} for name, message in errors.items()],
        "result": result and {**result, "version_label": _version_label(known, chosen.benefits[0])},
    }
    return render(request, chosen.template, context, status=400 if errors else 200)


def _worked_out(chosen, known, filled):
    """(result or None, messages by name)."""
    try:
        return chosen.compute(known, filled), {}
    except Invalid as problem:
        return None, {fault.field.rpartition(".")[2]: fault.detail for fault in problem.faults}


def _book(request):
    """What is known of whoever asks: answers in this browser, else the shop of the person signed in."""
    book = book_of(request)
    shop = None if book.shop or book.answers else chosen_shop(request)
    return ShopBook(shop, request.user) if shop else book


@cache
def _where_found() -> dict:
    return strict_yaml.load(WHERE_FOUND.read_text("utf-8")).data


class _Form:
    """The fields of a calculator, with what is known filled in. ``posted``: the form as it was sent, or None."""

    def __init__(self, chosen, facts, book, posted, errors) -> None:
        self.chosen, self.facts, self.book = chosen, facts, book
        self.posted, self.errors = posted, errors
        self.known = {fact.name: value for fact in facts if (value := self._known(fact)) is not None}

    def parts(self) -> dict:
        """``{fields, more, known_words}``: what is asked at once; what is folded away, being known or no must; the
        known in words."""
        fields = {fact.name: self._field(fact) for fact in self.facts}
        folded = [fact for fact in self.facts if self._is_folded(fact)]
        first = [fact for fact in self.facts if fact not in folded]
        return {
            "fields": [fields[fact.name] for fact in first],
            "more": [fields[fact.name] for fact in folded],
            "is_more_open": any(fact.name in self.errors for fact in folded),
            "known_words": [words for fact in folded if (words := self._words(fact, fields[fact.name]))],
        }

    def _is_folded(self, fact) -> bool:
        if fact.name not in self.chosen.required:
            return fact.name not in self.chosen.front
        return fact.name not in self.chosen.front and fact.name not in self.errors and self._is_filled(fact)

    def _is_filled(self, fact) -> bool:
        return bool(self.posted.get(fact.name)) if self.posted else fact.name in self.known

    def _known(self, fact):
        """What departments know of it, or what was answered; of a set both."""
        best, own = self.book.known(fact.name), self.book.answers.get(fact.name)
        if best is None:
            return own
        return [*best.value["yes"], *(own or [])] if fact.type == "set" else best.value

    def _field(self, fact) -> dict:
        """Who must fill it is not offered 不清楚. It says where the figure stands, and where this one is from."""
        page = QuestionPage(self.chosen.key, "", "", ())
        if isinstance(fact, Fact) and fact.name in catalogue().registry:
            page = page_of(fact)
        answers = {} if self.posted else self.known
        field = field_of(fact, page, answers, error=self.errors.get(fact.name, ""), posted=self.posted)
        field["hint"] = "".join(filter(None, [_where_found().get(fact.name, fact.why), self._source(fact)]))
        if fact.name in self.chosen.required:
            for rows in ("options", "others"):
                field[rows] = [option for option in field[rows] if option["value"] != NOT_KNOWN]
        return field

    def _source(self, fact) -> str:
        if self.posted or fact.name not in self.known:
            return ""
        best = self.book.known(fact.name)
        if best is None or best.source == SELF or not best.on:
            return "已按您填过的带出来。"
        return f"已按{SOURCES[best.source]} {day_text(date.fromisoformat(best.on))}的数带出来。"

    def _words(self, fact, field) -> str:
        """What is filled in, as one says it; empty where nothing is."""
        chosen = [option["label"] for option in field["options"] if option["checked"]]
        if field["kind"] in ("radio", "checkbox"):
            if fact.type == "bool":
                return f"{fact.label}：{chosen[0]}" if chosen else ""
            return "、".join(chosen)
        if field["kind"] == "date" and field["value"] and not field["error"]:
            return f"{fact.label} {day_text(read_day(field['value']))}"
        return f"{fact.label} {field['value']}" if field["value"] else ""


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


_ROWS = (
    Calculator(
        "rent",
        "房租能补多少",
        "填月租和已领月数，看每月补多少、一共最多补多少。",
        ("M05c",),
        ("monthly_rent", "rent_subsidy_months_received"),
        ("monthly_rent",),
        sums.rent,
        ("monthly_rent", "rent_subsidy_months_received"),
    ),
    Calculator(
        "startup",
        "开店、种养能领多少",
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
        sums.startup,
    ),
    Calculator(
        "tax",
        "税费能少交多少",
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
        sums.taxes,
        ("annual_taxable_income", "annual_vat"),
        "calc/tax.html",
    ),
    Calculator(
        "refund",
        "失业保险费能退多少",
        "填去年实际交的失业保险费，看返还多少。",
        ("M01b",),
        ("unemployment_insurance_paid_last_year",),
        ("unemployment_insurance_paid_last_year",),
        sums.refund,
        ("unemployment_insurance_paid_last_year",),
    ),
    Calculator(
        "loan",
        "创业贷款的利息谁付",
        "填额度、年数和利率，看利息谁来付、您付多少。",
        ("M01c",),
        (LOAN, LOAN_YEARS, LOAN_RATE),
        ("amount", "years", "rate"),
        sums.loan,
        ("amount", "years", "rate"),
    ),
)
CALCULATORS = {row.key: row for row in _ROWS}


def calculator_url(code):
    """Where the money of a benefit can be worked out; None where there is nothing to work out."""
    calculator = next((row for row in _ROWS if code in row.benefits), None)
    return calculator and reverse("calculator", args=[calculator.key])
