"""What shops and people already have: written here by rooms that grant and pay, read by evaluation and pushes."""

from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from businesses.models import Business
from policies.catalogue import catalogue
from policies.models import Benefit

from .models import Holding
from .signals import holdings_changed


@transaction.atomic
def hold(
    business: Business, benefit: Benefit, kind: str, *, since: date | None = None, until: date | None = None
) -> Holding:
    """Write down that a shop has applied for, been granted, enjoyed or been refused a benefit.

    What stood for this shop and benefit becomes the new kind. Where the version in force gives the benefit once per
    person it counts for all shops of the operator.
    """
    since = since or timezone.localdate()
    version = catalogue().benefits[benefit.code].in_force_on(since)
    values = {
        "operator_id": business.operator_id,
        "kind": kind,
        "for_person": bool(version and version.rule.once_per_person),
        "until": until,
    }
    holding = Holding.objects.live().select_for_update().filter(business=business, benefit=benefit).first()
    if holding is None:
        holding = Holding(business=business, benefit=benefit, since=since)
    for name, value in values.items():
        setattr(holding, name, value)
    holding.save()
    _tell(holding)
    return holding


@transaction.atomic
def release(holding: Holding) -> None:
    """Take a holding back that should not have been: an application withdrawn before it was decided."""
    holding.delete()
    _tell(holding)


def _tell(holding) -> None:
    shops = Business.objects.filter(pk=holding.business_id)
    if holding.for_person and holding.operator_id:
        shops = Business.objects.filter(operator=holding.operator_id)
    ids = list(shops.values_list("pk", flat=True))
    benefits = in_the_way_of(holding.benefit_id, timezone.localdate())
    holdings_changed.send(Holding, benefits=benefits, businesses=ids)


def in_the_way_of(benefit_id: int, day: date) -> frozenset[int]:
    """Ids of the benefits of which a live holding keeps somebody from this one: itself, and those that it excludes."""
    known = catalogue()
    benefit = known.by_id.get(benefit_id)
    excluded = known.exclusions_on(day).get(benefit.code, ()) if benefit else ()
    return frozenset({benefit_id, *(known.benefits[code].pk for code in excluded if code in known.benefits)})


def holders_of(benefit_id: int, shops: list[Business], day: date) -> set[int]:
    """Ids of those among ``shops`` that cannot have a benefit on ``day`` because they hold it, or one it excludes."""
    live = Holding.objects.live(day).filter(benefit__in=in_the_way_of(benefit_id, day))
    holders = live.filter(Q(business__in=shops) | Q(operator__in=[shop.operator_id for shop in shops]))
    holding = set(holders.values_list("business", "operator", "for_person"))
    of_shops = {business for business, _, _ in holding}
    of_people = {operator for _, operator, for_person in holding if for_person}
    return {shop.pk for shop in shops if shop.pk in of_shops or shop.operator_id in of_people}


def held_where(benefit_id: int, day: date) -> Q | None:
    """What is so of the shops that cannot have a benefit on ``day`` because they hold it, or one it excludes; None
    where that is none."""
    live = Holding.objects.live(day).filter(benefit__in=in_the_way_of(benefit_id, day))
    if not live.exists():
        return None
    for_person = live.filter(for_person=True, operator=OuterRef("operator"))
    return Q(Exists(live.filter(business=OuterRef("pk")))) | Q(Exists(for_person))


def held_by(business: Business, day: date | None = None, kinds=Holding.Kind.values) -> frozenset[str]:
    """Codes of the benefits that count as held for a shop on ``day`` (today), in one of these ways."""
    mine = Q(business=business)
    if business.operator_id:
        mine |= Q(operator=business.operator_id, for_person=True)
    live = Holding.objects.live(day).filter(mine, kind__in=kinds)
    return frozenset(live.values_list("benefit__code", flat=True))
