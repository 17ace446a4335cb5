"""What an application's version says of its shop on a day: the same rows as on every other page."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils import timezone

from businesses.models import Business
from businesses.register import Said, said_of
from businesses.registry import business_registry
from businesses.rules import may_state
from core.facts import Fact, Registry
from core.money import in_fen
from eligibility.evaluation import Evaluation
from eligibility.shop_facts import ShopFacts
from policies.catalogue import catalogue, read_version
from policies.criteria.rules import Rule
from policies.criteria.states import Assessment, assess_all
from policies.criteria.tree import leaves
from policies.models import BenefitVersion

from .models import Case


def rule_of(version: BenefitVersion) -> Rule:
    """The rule of any version that applications may have been filed under, also of one withdrawn since."""
    known = catalogue()
    benefit = known.benefits[version.benefit.code]
    found = next((one.rule for one in benefit.versions if one.pk == version.pk), None)
    return found or read_version(version, known.registry)


@dataclass(eq=False)
class Judged:
    """A shop assessed for one benefit version on ``day``, with ``answers`` on top of what its owner has said before."""

    rule: Rule
    found: Assessment
    book: ShopFacts
    day: date

    @cached_property
    def as_json(self) -> dict:
        """{as_of, state, criteria, amount, missing_facts}, as the API shows them."""
        row = Evaluation(catalogue(), self.found.profile, self.day, [self.found]).result_of(self.found)
        kept = ("state", "criteria", "amount", "missing_facts")
        return {"as_of": self.day.isoformat(), **{name: row[name] for name in kept}}

    @property
    def registry(self) -> Registry:
        return catalogue().registry

    @property
    def criteria(self) -> list[dict]:
        return self.as_json["criteria"]

    @property
    def fits(self) -> bool:
        return self.found.state in ("now", "auto")

    @property
    def missing(self) -> list[str]:
        """Facts without which neither the state nor the amount is known."""
        return list(dict.fromkeys([*self.found.missing_facts, *(self.found.amount.missing or ())]))

    def failing(self) -> list[dict]:
        return [row for row in self.criteria if row["result"] == "fail"]

    @cached_property
    def amount(self) -> object:
        """What it comes to, also where a criterion is not met: who goes against the machine has to see the figure."""
        rule, found = self.rule, self.found
        if found.amount.value is None and rule.is_money and not rule.is_tax:
            return rule.amount.on(found.profile, self.day, rule.title)
        return found.amount

    @property
    def money(self) -> dict:
        """The amounts of an Case: category, amount_fen, and of a monthly benefit monthly_fen and months."""
        amount = self.amount
        if amount.value is None:
            return {
                "category": amount.category or "cash",
                "amount_fen": None,
                "monthly_fen": None,
                "months": None,
            }
        if amount.unit != "month":
            return {
                "category": amount.category,
                "amount_fen": in_fen(amount.value),
                "monthly_fen": None,
                "months": None,
            }
        months = int(amount.maximum / amount.value) if amount.value else 0
        return {
            "category": amount.category,
            "amount_fen": in_fen(amount.value) * months,
            "monthly_fen": in_fen(amount.value),
            "months": months,
        }


def judge(
    business: Business,
    version: BenefitVersion,
    answers: dict,
    day: date,
    closed=frozenset(),
    said: Said | None = None,
) -> Judged:
    """Assess a shop by one version. Its own case does not count as having the benefit already.

    ``closed``: codes of documents that nothing can be had by for now; what was filed in time is judged without.
    ``said``: what was read of the shop before, for one of many.
    """
    known, rule = catalogue(), rule_of(version)
    book = ShopFacts(business, said)
    profile = book.profile_of({**book.answers, **answers}, known.registry, day)
    return Judged(rule, assess_all([rule], profile, day, closed_documents=closed)[0], book, day)


def judge_draft(case: Case, today: date) -> Judged:
    """A draft judged as it would be if it were handed in today."""
    closed = catalogue().closed_documents
    return judge(case.business, case.benefit_version, case.answers, today, closed)


def judge_filed(case: Case, said: Said | None = None) -> Judged:
    """An case judged as of the day it was handed in, by what is known now."""
    row = case
    return judge(row.business, row.benefit_version, row.answers, filed_on(row), said=said)


def judge_each(applications: list[Case]) -> dict[int, Judged]:
    """``{id: judge_filed}`` of many, in two queries for all of them."""
    said = said_of({row.business_id: row.business for row in applications}.values())
    return {row.pk: judge_filed(row, said[row.business_id]) for row in applications}  # type: ignore[index]  # each has one


def filed_on(case: Case) -> date:
    return timezone.localtime(case.submitted_at).date()


def asked_facts(judged: Judged) -> list[Fact]:
    """The facts that the owner is asked for or may correct on the form, in the order of the rule, amounts last."""
    registry = business_registry()
    names = dict.fromkeys([*judged.rule.program.fact_names, *judged.rule.amount.facts])
    return [
        registry[name]
        for name in names
        if name in registry and may_state(registry[name]) and not judged.book.is_settled(registry[name])
    ]


def received_facts(rule: Rule) -> list[Fact]:
    """The facts by which the rule knows that somebody has received the benefit, which a payment makes true."""
    return [leaf.facts[0] for leaf in leaves(rule.criteria) if leaf.held and len(leaf.facts) == 1]


def judged_columns(judged: Judged, starts_on: date) -> dict:
    """What was judged, and the amounts that follow from it, as columns of a case."""
    money = judged.money
    return {"judged": judged.as_json, **money, "starts_on": starts_on if money["months"] else None}


def first_of(day: date) -> date:
    return day.replace(day=1)
