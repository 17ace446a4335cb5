"""What evaluations and calculators answer. Results are written by evaluation.py as plain values, since forty-five of
them a request leave no time for objects; tests/api/test_declared.py holds what is written to what stands here."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from core.api import Answer
from core.api.spelling import Code, Date, Money
from policies.criteria import tax
from policies.criteria.states import STATES

State = Literal[STATES]
Texts = list[str]


class Criterion(Answer):
    """一个条件，或一组条件。"""

    id: str
    changeable: bool
    result: Literal["pass", "fail", "wait", "unknown", "staff"]
    sentence: str
    required: Any = None
    actual: Any = None
    met_from: Date | None = None
    met_until: Date | None = None
    source: str | None = None
    clause: str | None = None
    facts: Texts
    alternatives: Annotated[list["Criterion"], Field(description="组内各项")] = None


class AmountLine(Answer):
    """金额是怎么算出来的，一行。"""

    label: str
    working: str
    value: Money


class Amount(Answer):
    """能得到多少。"""

    value: Money | None
    maximum: Money | None
    unit: Literal["once", "month", "year", "percent", "limit"] | None
    category: Literal["cash", "tax", "loan"] | None
    lines: list[AmountLine]
    missing_facts: Texts


class Result(Answer):
    """一个事项的答案。"""

    benefit: Code
    measure: str
    title: str
    version: int
    document_status: Literal["consultation", "in_force", "suspended", "repealed"]
    delivery: str
    state: State
    eligible_from: Date | None
    apply_before: Date | None
    amount: Amount
    criteria: list[Criterion]
    missing_facts: Texts
    excludes: list[Code]

    example: ClassVar = {
        "benefit": "M05a",
        "measure": "M05",
        "title": "一次性创业补贴",
        "version": 1,
        "document_status": "consultation",
        "delivery": "apply",
        "state": "soon",
        "eligible_from": "2027-01-15",
        "apply_before": None,
        "amount": {
            "value": "5000.00",
            "maximum": "5000.00",
            "unit": "once",
            "category": "cash",
            "lines": [{"label": "一次性创业补贴", "working": "定额", "value": "5000.00"}],
            "missing_facts": [],
        },
        "criteria": [
            {
                "id": "5",
                "changeable": False,
                "result": "wait",
                "sentence": "登记满 1 年",
                "required": {"years": 1},
                "actual": "2026-01-15",
                "met_from": "2027-01-15",
                "met_until": None,
                "source": "self",
                "clause": "措施一（五）",
                "facts": ["registered_on"],
            }
        ],
        "missing_facts": [],
        "excludes": ["M05b"],
    }


class CashTotal(Answer):
    """能拿到的钱。"""

    once: Money
    month: Money
    maximum: Money
    unknown: Texts


class TaxTotal(Answer):
    """能少缴的税。"""

    year: Money
    maximum: Money
    unknown: Texts


class LoanTotal(Answer):
    """能贷的款。"""

    limit: Money
    unknown: Texts


class Totals(Answer):
    """合计。"""

    cash: CashTotal
    tax: TaxTotal
    loan: LoanTotal


class Package(Answer):
    """合起来最多的一组事项，和为此放弃的。"""

    benefits: Texts
    given_up: Texts


class Option(Answer):
    """问题的一个选项。"""

    value: str
    label: str


class Question(Answer):
    """最值得再问的一个问题。"""

    fact: str
    question: str
    type: str
    choices: list[Option] | None


class EvaluationOut(Answer):
    """全部事项的答案。"""

    as_of: Date
    what_if: bool
    results: list[Result]
    totals: Totals
    package: Package
    next_question: Question | None

    example: ClassVar = {
        "as_of": "2026-11-24",
        "what_if": False,
        "results": [Result.example],
        "totals": {
            "cash": {"once": "0.00", "month": "500.00", "maximum": "18000.00", "unknown": []},
            "tax": {"year": "0.00", "maximum": "24000.00", "unknown": ["M04a", "M04b"]},
            "loan": {"limit": "300000.00", "unknown": []},
        },
        "package": {"benefits": ["M01c", "M04a", "M04b", "M04c", "M05c"], "given_up": []},
        "next_question": None,
    }


class BatchResult(Answer):
    """一批里一份的答案。"""

    ref: str
    results: list[Result]


class BatchOut(Answer):
    """一批的答案，按请求里的顺序。"""

    results: list[BatchResult]

    example: ClassVar = {"results": [{"ref": "a", "results": [Result.example]}]}


class TaxLine(Answer):
    """一个税种。"""

    tax: Literal[tuple(tax.LINES)]
    due: Money
    other_relief: Money
    halved: Money
    deducted: Money
    payable: Money
    limit_left: Money


class TaxOut(Answer):
    """一年的税，各项减免按法定顺序。"""

    year: int
    deduction_limit: Money
    lines: list[TaxLine]
    relief: Annotated[dict[str, Money], Field(description="各事项减免多少元，和合计 total")]
    payable: Money

    example: ClassVar = {
        "year": 2026,
        "deduction_limit": "24000.00",
        "lines": [
            {
                "tax": "vat",
                "due": "1200.00",
                "other_relief": "0.00",
                "halved": "0.00",
                "deducted": "1200.00",
                "payable": "0.00",
                "limit_left": "22800.00",
            }
        ],
        "relief": {"M04a": "0.00", "M04b": "0.00", "M04c": "1200.00", "total": "1200.00"},
        "payable": "0.00",
    }

    @classmethod
    def of(cls, taxes) -> "TaxOut":
        """``taxes``: calculators.TaxResult."""
        relief = {code: str(value) for code, value in sorted(taxes.relief.items())}
        return cls.of_values(
            year=taxes.year,
            deduction_limit=str(taxes.deduction_limit),
            lines=[_tax_line(line) for line in taxes.lines],
            relief={**relief, "total": str(taxes.total_relief)},
            payable=str(taxes.payable),
        )


def _tax_line(line):
    names = ("due", "other_relief", "halved", "deducted", "payable", "limit_left")
    return TaxLine.of_values(tax=line.tax, **{name: str(getattr(line, name)) for name in names})


class MatchesOut(Answer):
    """一家商户的全部事项。不分页，next 和 previous 总是 null。"""

    results: list[Result]
    next: None
    previous: None
    as_of: Date

    example: ClassVar = {"results": [Result.example], "next": None, "previous": None, "as_of": "2026-11-24"}
