"""Which institutions can be asked for the same: everybody whose offering is of the same benefit and kind."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import Department
from businesses.models import Business
from core.errors import Fault, Invalid
from eligibility.shop_facts import ShopFacts
from policies.catalogue import catalogue

from ..asking import MOST_ASKED
from ..catalogue.offerings import Fit, closed_because, sorted_for
from ..models import Offering


@dataclass(frozen=True)
class Institution:
    """Who gives ``offering``, whether it is for the shop, and why it cannot be asked today, empty where it can."""

    department: Department
    offering: Offering
    fit: Fit
    closed: str

    @property
    def pk(self) -> int:
        return self.department.pk

    @property
    def may_be_asked(self) -> bool:
        return self.fit.fits and not self.closed


def institutions_of(offering: Offering, business: Business) -> list[Institution]:
    """One of each, those that can be asked first; ``offering`` itself goes before others of its provider."""
    day, facts = timezone.localdate(), ShopFacts(business)
    rows = Offering.objects.shown().filter(kind=offering.kind, benefit=offering.benefit_id, mentor=None)
    rows = rows.select_related("provider", "benefit").order_by("provider__code", "code")
    profile = facts.profile_of(facts.answers, catalogue().registry, day)
    found: dict[int, Institution] = {}
    for row, fit in sorted_for(rows, profile, day):
        if row.provider_id not in found or row.pk == offering.pk:
            found[row.provider_id] = Institution(row.provider, row, fit, closed_because(row, day))
    return sorted(found.values(), key=lambda one: not one.may_be_asked)


def chosen(institutions: Iterable[Institution], wanted: Iterable[int]) -> list[Institution]:
    """Those named, by the id of the department. Raises Invalid: none, too many, one that cannot be asked."""
    known, wanted = {one.pk: one for one in institutions}, set(wanted)
    if not 1 <= len(wanted) <= MOST_ASKED:
        raise Invalid.because("receivers", "required", f"请选 1 到 {MOST_ASKED} 家机构")
    faults = []
    for pk in wanted:
        one = known.get(pk)
        if one is None:
            faults.append(Fault("receivers", "invalid_choice", "请从列出的机构里选"))
        elif not one.may_be_asked:
            faults.append(Fault("receivers", "not_eligible", f"{one.department.name}这一项您现在不能选"))
    if faults:
        raise Invalid(faults)
    return [one for pk, one in known.items() if pk in wanted]
