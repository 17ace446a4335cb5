"""What the list of services takes beside many of them: at most 50 ms of server time at 1,000 offerings.

``python -m benchmarks.services [--n 10000] [--repeat 20]``. In one process through Django's test client, the catalogue
in memory as in every process that has answered before. Half of the offerings have criteria, of which forty differ, and
two of five have times. Ends with 1 where the median is longer. ``--n``: shops in the register.
"""

import sys
from datetime import timedelta

from benchmarks.bulk import goal, parsed, run_sizes
from benchmarks.pages import LIMIT, ask
from benchmarks.report import print_machine, print_table

OFFERINGS, SHOPS, RULES, TIMES = 1_000, 10_000, 40, 20
KINDS = ("enrolment", "tender", "enquiry", "booking", "checklist")
ADDRESSES = ("/services/", "/services/?need=learn&page=3", "/services/?county=520201", "/services/o0/")


def measure(*, n, repeat, base, seed, folder):
    """One size, in a process of its own. Everything it adds is taken back."""
    from benchmarks.city import enter, settings_shown, settle

    enter(folder, n=n, base=base, seed=seed)
    from django.core.management import call_command
    from django.db import connection, transaction

    call_command("collectstatic", verbosity=0, interactive=False)
    print_machine(rounds=repeat, **settings_shown())
    with transaction.atomic():
        own, anybody = browsers()
        offer()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        rows = [
            (f"{path} ({who})", *ask(browser, path, repeat))
            for path in ADDRESSES
            for who, browser in (("a shop", own), ("anybody", anybody))
        ]
        transaction.set_rollback(True)
    settle()
    rows.sort(key=lambda row: -row[1])
    print_table(
        ("page", "median ms", "p95 ms", "queries"),
        [(page, f"{mid:.1f}", f"{p95:.1f}", many) for page, mid, p95, many in rows],
    )
    slowest, milliseconds, *_ = rows[0]
    held = goal(f"ms of {slowest}, {OFFERINGS:,} offerings", n, milliseconds, LIMIT, at_most=True)
    return {"goals": [held], "figures": {}}


def browsers():
    """Of the owner of a shop of the register, and of somebody who is not signed in."""
    from django.test import Client

    from businesses.models import Business
    from tests.subsidies.world import owner_of

    own = Client()
    shop = Business.objects.filter(operator__isnull=False).select_related("operator").order_by("pk").first()
    own.force_login(owner_of(shop))
    return own, Client()


def offer():
    """The offerings, and their times."""
    from django.utils import timezone

    from policies.models import Benefit
    from services.models import Offering, Slot
    from tests.services import world

    handler, benefit = world.bureau().department, Benefit.objects.get(code="M14b")
    rows = Offering.objects.bulk_create(
        Offering(
            code=f"o{place}",
            kind=KINDS[place % len(KINDS)],
            benefit=benefit,
            title=f"服务 {place}",
            summary="上门教，学会为止",
            provider=handler,
            handler=handler,
            district="520201" if place % 3 else "",
            criteria=criteria_of(place) if place % 2 else None,
            status=Offering.Status.PUBLISHED,
        )
        for place in range(OFFERINGS)
    )
    first = timezone.now() + timedelta(days=1)
    Slot.objects.bulk_create(
        Slot(
            offering=row,
            starts_at=first + timedelta(hours=hour),
            ends_at=first + timedelta(hours=hour + 1),
            capacity=3,
        )
        for row in rows
        if row.kind in ("enrolment", "booking")
        for hour in range(TIMES)
    )


def criteria_of(place):
    """Open for some years: one of forty rules."""
    age = {"fact": "registered_on", "op": "at_least_ago", "value": {"months": place % RULES + 1}}
    return {"all": [{"fact": "operating_status", "op": "eq", "value": "operating"}, age]}


def run(**options):
    """Measure, print, and return the goals."""
    return run_sizes("Services", "services", **options)


if __name__ == "__main__":
    goals = run(**parsed(sys.argv[1:], "services", __doc__, n=(SHOPS,), repeat=20))
    sys.exit(not all(goal.is_held for goal in goals))
