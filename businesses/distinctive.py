"""名特优新: the yearly list of distinctive shops (国市监注发〔2024〕10号), and what rules read of it.

- One listing is one shop in one class (知名, 特色, 优质, 新兴), from 1 January for three years, prolonged once.
- From 成长型 and 发展型 only, unless a department recommends the shop, or its operator is a veteran, graduate, disabled
  or a returning migrant worker, for whom the rules are relaxed (domain-facts §4; some places set no bar for them).
- Not within two years of a published fine or heavier, nor where the operator is 失信被执行人.

The set ``distinctive_classes`` of a shop is derived from its standing listings: known as soon as it has ever had one.
"""

from datetime import date, timedelta

from celery import shared_task
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.access import record
from core.errors import Refused

from .business_types import latest_start
from .facts import BUILT_IN_REGISTRY
from .models import Business, DistinctiveListing
from .signals import facts_changed

VALID_YEARS = 3
BARRED_YEARS = 2
RELAXED_FOR = ("veteran", "graduate", "disabled", "returning_migrant_worker")
_CLASSES = BUILT_IN_REGISTRY["distinctive_classes"]
_GROUPS = BUILT_IN_REGISTRY["operator_groups"]


def _require(by, verb) -> None:
    if not by.has_perm(f"businesses.{verb}_distinctivelisting"):
        raise PermissionDenied


def bars(business: Business, *, recommended: bool, today: date) -> list[str]:
    """Every reason in Chinese why the shop cannot be listed today; empty means that it can."""
    found = []
    penalty = business.published_penalty_on
    # 近 2 年内 includes the day itself: the bar ends the day after.
    if penalty is not None and penalty > latest_start(BARRED_YEARS, today - timedelta(days=1)):
        found.append(f"{penalty} 公示了罚款以上的处罚，还不满 {BARRED_YEARS} 年。")
    if business.judgment_debtor:
        found.append("经营者是失信被执行人。")
    if business.operating_status not in (None, "operating"):
        found.append("这家店不在正常经营状态。")
    relaxed = (business.operator_groups_yes or 0) & _GROUPS.mask(RELAXED_FOR)
    if business.business_type not in ("growth", "development") and not recommended and not relaxed:
        found.append("这家店不是成长型或发展型。有部门推荐的，请填推荐部门。")
    return found


@transaction.atomic
def list_business(
    business: Business,
    listed_as: str,
    *,
    by,
    basis: str,
    year: int | None = None,
    recommended_by=None,
    today: date | None = None,
) -> DistinctiveListing:
    """Put a shop on the list of ``year`` (default: the next), from its 1 January. Raises Refused with every bar."""
    _require(by, "add")
    today = today or timezone.localdate()
    business = Business.objects.select_for_update(of=("self",)).get(pk=business.pk)
    since = date(year or today.year + 1, 1, 1)
    problems = bars(business, recommended=recommended_by is not None, today=today)
    if not basis.strip():
        problems.append("请写明依据，例如认定文件的文号。")
    if not today.year <= since.year <= today.year + 1:
        problems.append(f"只能列入 {today.year} 年或 {today.year + 1} 年的名录。")
    if _standing(business).filter(listed_as=listed_as).exists():
        problems.append(f"已经在“{_CLASSES.label_of(listed_as)}”名录里。")
    if problems:
        raise Refused("".join(problems))
    listing = DistinctiveListing.objects.create(
        business=business,
        listed_as=listed_as,
        since=since,
        until=_last_day(since.year),
        recommended_by=recommended_by,
        basis=basis.strip(),
        added_by=by,
    )
    record(by, "distinctive-list", f"business {business.pk}", listed_as=listed_as, since=since.isoformat())
    _write_fact([business.pk], today)
    return listing


def _last_day(first_year):
    return date(first_year + VALID_YEARS - 1, 12, 31)


@transaction.atomic
def remove(listing: DistinctiveListing, *, by, reason: str, today: date | None = None) -> DistinctiveListing:
    """Take a shop off the list, for a reason. Raises Refused where it is off already."""
    _require(by, "change")
    listing = _locked(listing)
    if not reason.strip():
        raise Refused("请写明移出的原因。")
    today = today or timezone.localdate()
    listing.ended_on, listing.ended_because = today, reason.strip()
    listing.save(update_fields=["ended_on", "ended_because"])
    record(by, "distinctive-remove", f"business {listing.business_id}", reason=reason.strip()[:200])
    _write_fact([listing.business_id], today)
    return listing


@transaction.atomic
def extend(listing: DistinctiveListing, *, by, today: date | None = None) -> DistinctiveListing:
    """Prolong by three years, once, in the last year and after the same examination."""
    _require(by, "change")
    listing = _locked(listing)
    today = today or timezone.localdate()
    problems = []
    if listing.until != _last_day(listing.since.year):
        problems.append("只能延长一次，这一条已经延长过。")
    elif today.year < listing.until.year:
        problems.append(f"到最后一年才能延长，请在 {listing.until.year} 年内办理。")
    business = Business.objects.get(pk=listing.business_id)
    problems += bars(business, recommended=listing.recommended_by_id is not None, today=today)
    if problems:
        raise Refused("".join(problems))
    listing.until = _last_day(listing.since.year + VALID_YEARS)
    listing.save(update_fields=["until"])
    record(by, "distinctive-extend", f"business {listing.business_id}", until=listing.until.isoformat())
    return listing


def _locked(listing):
    """The row under lock, shop first as everywhere. Raises Refused where the listing has ended."""
    Business.objects.select_for_update(of=("self",)).get(pk=listing.business_id)
    listing = DistinctiveListing.objects.select_for_update(of=("self",)).get(pk=listing.pk)
    if listing.ended_on is not None:
        raise Refused(f"这一条已在 {listing.ended_on} 移出。")
    return listing


def _standing(business):
    return DistinctiveListing.objects.filter(business=business, ended_on=None)


def _write_fact(ids, today) -> None:
    """Bring the derived columns of shops in line with their listings, and tell who listens."""
    listings = DistinctiveListing.objects.filter(business__in=ids, ended_on=None, since__lte=today)
    standing: dict[int, set] = {pk: set() for pk in ids}
    for pk, listed_as in listings.values_list("business", "listed_as"):
        standing[pk].add(listed_as)
    shops = Business.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
    changes = {}
    for shop in shops.only("distinctive_classes_yes", "distinctive_classes_known"):
        yes = _CLASSES.mask(standing[shop.pk])
        if (shop.distinctive_classes_yes, shop.distinctive_classes_known) != (yes, _CLASSES.everything):
            changes[shop.pk] = {"distinctive_classes": (_shown(shop), _CLASSES.members(yes))}
            Business.objects.filter(pk=shop.pk).update(
                distinctive_classes_yes=yes,
                distinctive_classes_known=_CLASSES.everything,
                version=F("version") + 1,
                updated_at=timezone.now(),
            )
    if changes:
        facts_changed.send(Business, changes=changes, created=[], run_id=None)


def _shown(shop):
    known = shop.distinctive_classes_known
    return _CLASSES.members(shop.distinctive_classes_yes or 0) if known else None


def follow_the_calendar(today: date | None = None) -> int:
    """End what has expired, begin what starts today, and say how many listings ended. Again: nothing."""
    today = today or timezone.localdate()
    expired = DistinctiveListing.objects.filter(ended_on=None, until__lt=today)
    turned = Q(ended_on=None) & (Q(until__lt=today) | Q(since__lte=today))
    ids = list(
        DistinctiveListing.objects.filter(turned).order_by("business").values_list("business", flat=True)
    )
    with transaction.atomic():
        ended = expired.update(ended_on=today, ended_because="有效期满")
        _write_fact(sorted(set(ids)), today)
    return ended


@shared_task
def follow_the_list() -> None:
    """Daily."""
    follow_the_calendar()
