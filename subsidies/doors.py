"""What can be done here about money: applied for."""

from django.urls import reverse

from eligibility.doors import Door, opens
from policies.criteria.rules import Rule


@opens
def application(rule: Rule) -> Door | None:
    """去申请: every benefit with money that is applied for."""
    applies = rule.is_money and rule.delivery == "apply"
    return Door("去申请", reverse("apply", args=[rule.code])) if applies else None
