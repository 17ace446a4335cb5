"""A register to push to: made-up shops by hand or by the city, a benefit of our own, and what has been told."""

import copy
from datetime import date, timedelta

import time_machine
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Department, User
from businesses.identifiers import identity_check_digit
from businesses.models import Business
from businesses.register import Arrival, take_in
from core.invariants import broken
from core.models import forget_editions
from eligibility.models import Match
from eligibility.signals import version_published
from notifications import sweep
from notifications.models import Change, Notification, PushRun
from policies.models import Benefit, BenefitVersion, Measure, PolicyDocument
from portal.city import credit_code
from tests.measures import load_catalogue

TODAY = timezone.localdate
CITY_PAPER = "liupanshui-2025-draft"  # the document of the shipped file that is the city's own
ALL = {"all": []}
GRANT = {"fixed": "5000"}
IN_DISTRICT = {"fact": "district", "op": "eq", "value": "520201"}
OLD_ENOUGH = {"fact": "registered_on", "op": "at_least_ago", "value": {"years": 1}}
YOUNG_ENOUGH = {"fact": "registered_on", "op": "at_most_ago", "value": {"years": 2}}


def identity(place):
    body = f"52020119800101{place:03}"
    return body + identity_check_digit(body)


def open_shop(place, *, person=None, **facts):
    """A shop as the registry tells of it; ``person``: who stands behind it (by default somebody of its own)."""
    facts = {"district": "520201", "operating_status": "operating", **facts}
    person = place if person is None else person
    take_in(
        [
            Arrival(
                {"registry": facts},
                credit_code=credit_code("520201", place),
                identity=identity(person),
                name=f"演示店{place:03}",
                operator_name="演示人",
            )
        ],
        on=TODAY(),
    )
    return Business.objects.get(credit_code=credit_code("520201", place))


def tell_of(shop, source="registry", **facts):
    take_in([Arrival({source: facts}, business_id=shop.pk)], on=TODAY())
    shop.refresh_from_db()


def add_benefit(code="T01a", criteria=None, amount=None, **content):
    """A benefit of a document of the tests' own, with its first version still a draft."""
    document, _ = PolicyDocument.objects.get_or_create(
        code="tests", defaults={"title": "试行办法", "status": "in_force", "dated_on": date(2026, 1, 1)}
    )
    measure, created = Measure.objects.get_or_create(
        code="T01",
        defaults={
            "document": document,
            "clause": "一",
            "chapter": "一",
            "title": "试",
            "summary": "试",
            "text": "试",
        },
    )
    if created:
        department, _ = Department.objects.get_or_create(code="tests", defaults={"name": "试验局"})
        measure.lead.add(department)
    benefit = Benefit.objects.create(
        code=code,
        measure=measure,
        document=document,
        title="试验补贴",
        kind="startup_subsidy",
        delivery="apply",
    )
    return draft(benefit, criteria=criteria or ALL, amount=amount or GRANT, **content)


def draft(benefit, *, effective_from=None, **content):
    """The next version of a benefit: like the one before it, save for ``content``."""
    before = benefit.versions.order_by("-number").first()
    base = {
        "title": benefit.title,
        "kind": benefit.kind,
        "delivery": benefit.delivery,
        "summary": "试验用的补贴。",
        "who": "试验店",
        "once_per_person": False,
        "clause": "试行办法第一条",
        "parameters": {},
        "excludes": [],
        "materials": [],
        "steps": [],
        "basis": [{"document": "试行办法", "clause": "第一条", "certainty": "source"}],
        "questions": [],
        "golden": [],
    }
    content = copy.deepcopy((before.content if before else base) | content)
    forget_editions()
    return BenefitVersion.objects.create(
        benefit=benefit,
        number=before.number + 1 if before else 1,
        content=content,
        effective_from=effective_from or TODAY(),
    )


def by_two_people(first="tests_first", second="tests_second"):
    """Who proposed and who published a version, and when: two people, as the constraint asks."""
    known = {user.username: user for user in User.objects.filter(username__in=(first, second))}
    people = [known.get(name) or User.objects.create(username=name) for name in (first, second)]
    now = timezone.now()
    return {
        "proposed_by": people[0],
        "proposed_at": now,
        "publisher": people[1],
        "published_by": second,
        "published_at": now,
    }


def put_in_force(version):
    """Publish past the doors of the editor."""
    for name, value in by_two_people().items():
        setattr(version, name, value)
    version.status = BenefitVersion.Status.PUBLISHED
    version.save()
    forget_editions()
    version_published.send(BenefitVersion, version=version)
    return version


def publish(*arguments, **content):
    return put_in_force(add_benefit(*arguments, **content))


def load_city(count=120, seed=3):
    load_catalogue()
    call_command("generate_businesses", count, seed=seed, verbosity=0)
    sweep.relay()


def told():
    """{(name of the shop, kind, day)} of every inbox row."""
    names = dict(Business.objects.values_list("pk", "name"))
    rows = Notification.objects.values_list("business", "kind", "day")
    return sorted((names[shop], Change(kind).name.lower(), day) for shop, kind, day in rows)


def decisions():
    """{(benefit, shop): (state, value, maximum, from, before)} of every decision that stands."""
    rows = Match.objects.open().values_list(
        "benefit__code", "business", "state", "value_fen", "maximum_fen", "eligible_from", "apply_before"
    )
    return {row[:2]: row[2:] for row in rows}


def months_ago(months, day=None):
    day = day or TODAY()
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, 28))


def days_ahead(days):
    return TODAY() + timedelta(days=days)


def noon(day):
    """A stretch of tests at noon of ``day``."""
    return time_machine.travel(f"{day.isoformat()}T12:00:00+08:00", tick=False)


def run_of(version, cause="policy"):
    return PushRun.objects.get(version=version, cause=cause)


def not_so():
    """{invariant: problems} of what must always hold and does not."""
    return {name: found for name, found in broken() if found}
