"""What can be done here about a benefit of the labour market (data/jobs.yaml)."""

from django.urls import reverse

from eligibility.doors import Door, opens
from policies.criteria.rules import Rule

from .settings import said


@opens
def market(rule: Rule) -> Door | None:
    found = said()["doors"].get(rule.code)
    return found and Door(found["label"], reverse(found["page"]))
