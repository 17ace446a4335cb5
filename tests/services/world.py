"""A city that offers services: bureaus, banks, a school, a mentor, shops with owners, and offerings as a test wants
them."""

from datetime import timedelta
from types import SimpleNamespace

from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import Department, User
from core.invariants import broken
from policies.models import Benefit
from services.asking import Ask, ask
from services.finance import tenders
from services.models import Leg, Offering, ServiceCase, Slot
from tests.notifications.register import open_shop, publish, tell_of
from tests.subsidies import world as money
from tests.subsidies.world import owner_of

OPERATING = {"fact": "operating_status", "op": "eq", "value": "operating"}
NEED = "店门口的下水道堵了，找了几次没有人管"


def benefit(code="T14b") -> Benefit:
    """Something without money in force, led by the bureau ``tests``."""
    found = Benefit.objects.filter(code=code).first()
    return found or publish(code, amount={"none": {}}, kind="service", delivery="service").benefit


def institution(code, name, kind="bank", role="机构专员") -> SimpleNamespace:
    """An institution with two who answer for it."""
    department, _ = Department.objects.get_or_create(code=code, defaults={"name": name, "kind": kind})
    people = [_staff(f"{code}_{place}", department, role) for place in ("one", "two")]
    return SimpleNamespace(department=department, officer=people[0], other=people[1])


def _staff(username, department, *roles) -> User:
    user, created = User.objects.get_or_create(
        username=username, defaults={"is_staff": True, "department": department}
    )
    if created:
        user.groups.set(Group.objects.filter(name__in=roles))
    return user


def bureau(code="tests", name="试验局") -> SimpleNamespace:
    """A bureau with its people, and ``clerk``, who files for others."""
    people = money.bureau(code, name)
    people.clerk = _staff(f"{code}_clerk", people.department, "服务专员")
    return people


def offering(kind="enquiry", code="ask", *, handler=None, **more) -> Offering:
    """An offering that is published; of the bureau ``tests`` unless somebody else gives it."""
    handler = handler or bureau().department
    given = {} if "mentor" in more else {"provider": handler}
    fields = {
        "kind": kind,
        "benefit": benefit(),
        "title": "试验服务",
        "summary": "试一试",
        "handler": handler,
        "status": Offering.Status.PUBLISHED,
        **given,
        **more,
    }
    return Offering.objects.create(code=code, **fields)


def slot(row, days=3, *, capacity=1, hours=1, **more) -> Slot:
    starts_at = timezone.now() + timedelta(days=days)
    return Slot.objects.create(
        offering=row,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=hours),
        capacity=capacity,
        **more,
    )


def asked(row, place=1, **fields):
    """A request of the shop at ``place``, by its owner."""
    shop = open_shop(place)
    owner = owner_of(shop)
    return ask(row, shop, Ask(**{"words": NEED, **fields}), by=owner), owner


def faults():
    """Everything that is not as it must always be."""
    return [fault for _, found in broken() for fault in found]


SHARES = ["shop_name", "monthly_rent"]


def bank(letter="a", name="甲", *, shares=SHARES, kind="bank", code="T02a", **more) -> SimpleNamespace:
    """An institution with its people, and its offering of a loan, which others offer as well."""
    found = institution(f"bank_{letter}", f"演示银行{name}", kind)
    found.offering = offering(
        "tender",
        f"loan-{letter}",
        handler=bureau().department,
        benefit=benefit(code),
        provider=found.department,
        title="试验贷款",
        shares=shares,
        **more,
    )
    return found


def shop_that_rents(place=1, rent="800.00"):
    """A shop and its owner, who have said what rent they pay."""
    shop = open_shop(place)
    tell_of(shop, "self", rents_premises=True, monthly_rent=rent)
    return shop, owner_of(shop)


def digest(shop, one) -> str:
    """Of what the owner is asked to agree to for an institution."""
    rows = tenders.institutions_of(one.offering, shop)
    return tenders.notice_for(shop, next(row for row in rows if row.pk == one.department.pk)).digest


def tender(shop, owner, *banks, agreed=(), **asked) -> ServiceCase:
    """Several asked at once; those in ``agreed`` may read."""
    said = {one.department.pk: digest(shop, one) for one in agreed}
    fields = {"words": "想借钱进一批春茶", **asked}
    ids = [one.department.pk for one in banks]
    case, _ = tenders.ask_institutions(
        banks[0].offering, shop, Ask(**fields), ids, said, by=owner, is_fresh=True
    )
    return ServiceCase.objects.get(pk=case.pk)


def leg_of(case, one) -> Leg:
    return Leg.objects.get(request=case.pk, receiver=one.department)


def browser_of(user, fresh=True) -> Client:
    """A browser in which somebody has signed in, a moment or long ago."""
    client = Client()
    client.force_login(user)
    if not fresh:
        session = client.session
        session["proved_at"] = 0
        session.save()
    return client
