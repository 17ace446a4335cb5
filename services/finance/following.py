"""What an approval brings about by itself: institutions are asked, with the words alone, and the owner is told where to
say what they may read. Which approval, is data (data/finance.yaml)."""

import logging
from datetime import date, timedelta

from django.utils import timezone

from businesses.models import Business
from cases.models import Case
from cases.signals import moved
from cases.sweeping import sweep_step
from core.errors import Invalid, Refused
from core.money import yuan_text

from ..asking import MOST_ASKED, Ask
from ..models import Offering, Request
from .institutions import institutions_of
from .tenders import ask_institutions, settings

logger = logging.getLogger(__name__)
LOOKED_BACK = timedelta(days=30)  # for approvals of which no receiver heard
AT_ONCE = 100


def hear(sender, case: Case, verb: str, **kwargs) -> None:
    """For cases.signals.moved."""
    rule = rule_for(case)
    if rule is not None:
        follow(case, rule)


def rule_for(case: Case) -> dict | None:
    """What follows from where the case stands; None for nearly all of them."""
    for rule in settings()["follow_ups"]:
        said = (rule["procedure"], rule["outcome"])
        if (case.procedure, case.outcome) == said and case.benefit.code == rule["benefit"]:
            return rule
    return None


def follow(case: Case, rule: dict) -> Case | None:
    """Ask the institutions of the benefit that ``rule`` names, once for a case; None where nobody is asked now."""
    if Request.objects.filter(follows=case.pk).exists():
        return None
    business = Business.objects.select_related("operator").get(pk=case.business_id)
    offering = _offering_for(rule, business)
    if offering is None:
        return None
    receivers = [one.pk for one in institutions_of(offering, business) if one.may_be_asked]
    asked = Ask(words=_words(case), follows=case)
    try:
        found, is_new = ask_institutions(offering, business, asked, receivers[:MOST_ASKED], {})
    except (Invalid, Refused) as problem:  # the owner can ask for it by hand
        logger.warning("Nothing was asked after %s: %s", case.subject, problem)
        return None
    return found if is_new else None


def _offering_for(rule, business) -> Offering | None:
    """The first that the shop can ask for."""
    rows = Offering.objects.shown().filter(benefit__code=rule["ask"], kind="tender", mentor=None)
    first = rows.select_related("benefit", "handler", "provider").order_by("code").first()
    found = institutions_of(first, business) if first else []
    return next((one.offering for one in found if one.may_be_asked), None)


def _words(case) -> str:
    sum_of_it = f"，额度 {yuan_text(case.amount_fen)} 元" if case.amount_fen else ""
    return f"“{case.title}”已由{case.department.name}批准，编号 {case.number}{sum_of_it}。想请贵单位办理。"


@sweep_step("批准后接着问机构")
def follow_the_unheard(today: date) -> int:
    """The approvals of the last weeks after which nobody was asked: a receiver may have been lost."""
    since, count = timezone.now() - LOOKED_BACK, 0
    for rule in settings()["follow_ups"]:
        rows = Case.objects.filter(procedure=rule["procedure"], benefit__code=rule["benefit"])
        rows = rows.filter(outcome=rule["outcome"], decided_at__gte=since, followed_by=None)
        for case in rows.select_related("benefit", "department").order_by("pk")[:AT_ONCE]:
            count += follow(case, rule) is not None
    return count


def register() -> None:
    """Called once when the site starts."""
    moved.connect(hear)
