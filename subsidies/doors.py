"""What can be done here about money: applied for, by owners and by a clerk for them."""

from django.urls import reverse
from django.utils import timezone

from cases.admin import assisting
from eligibility.doors import Door, opens
from policies.catalogue import catalogue
from policies.criteria.rules import Rule


@opens
def application(rule: Rule) -> Door | None:
    """去申请: every benefit with money that is applied for."""
    applies = rule.is_money and rule.delivery == "apply"
    return Door("去申请", reverse("apply", args=[rule.code])) if applies else None


@assisting.doors
def applications(row) -> list[dict]:
    """Everything that a clerk may apply for on behalf of whoever is in front of them."""
    found = [
        (rule.title, door)
        for rule in catalogue().rules_on(timezone.localdate())
        if (door := application(rule))
    ]
    return [{"title": title, "url": door.url, "group": "补贴和贷款"} for title, door in found]
