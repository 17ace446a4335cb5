"""What a day of the ladder takes beside 100,000 open legs: at most 10 seconds, on both engines.

``python -m benchmarks.services_ladder [--n 1000] [--repeat 1]``. A third of the legs is old enough for the first rung,
a fifth for the second, and two in a thousand for the service centre, which is done case by case with a letter each.
Ends with 1 where it takes longer. ``--n``: shops in the register, whose owners ask.
"""

import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from benchmarks.bulk import goal, parsed, run_sizes
from benchmarks.report import print_machine, print_table

LEGS, AT_ONCE, LIMIT, SHOPS = 100_000, 1_000, 10, 1_000


def measure(*, n, repeat, base, seed, folder):
    """One size, in a process of its own. Everything it adds is taken back."""
    from benchmarks.city import enter, settings_shown, settle

    enter(folder, n=n, base=base, seed=seed)
    from django.db import connection, transaction
    from django.utils import timezone

    print_machine(rounds=repeat, **settings_shown())
    with transaction.atomic():
        send_out()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        rows = [timed(name, step, timezone.localdate()) for name, step in ladder_steps().items()]
        transaction.set_rollback(True)
    settle()
    print_table(
        ("step", "seconds", "done"), [(name, f"{took:.2f}", f"{done:,}") for name, took, done in rows]
    )
    whole = sum(took for _, took, _ in rows)
    held = goal(
        f"seconds of a day of the ladder, {LEGS:,} legs ({connection.vendor})", n, whole, LIMIT, at_most=True
    )
    return {"goals": [held], "figures": {}}


def ladder_steps():
    from cases.sweeping import STEPS

    return {name: step for name, step in STEPS.items() if step.__module__ == "services.ladder"}


def timed(name, step, today):
    begun = perf_counter()
    done = step(today)
    return name, perf_counter() - begun, done


def send_out():
    """Open needs of the register's owners, each with a leg."""
    from django.utils import timezone

    from businesses.models import Business
    from cases.models import Case
    from policies.models import Benefit, BenefitVersion
    from services.models import Leg, Request, ServiceCase
    from tests.services import world

    people, now = world.bureau(), timezone.now()
    world.bureau("govservice", "市政务服务中心")
    benefit = Benefit.objects.get(code="M14b")
    version = BenefitVersion.objects.filter(benefit=benefit, status="published").first()
    offering = world.offering(code="need", benefit=benefit)
    shops = list(Business.objects.filter(operator__isnull=False)[:SHOPS])
    for start in range(0, LEGS, AT_ONCE):  # a transaction must not stand idle while rows are made
        places = range(start, start + AT_ONCE)
        made = [
            ServiceCase(
                procedure="enquiry",
                state="open",
                number=f"LPS-BENCH-{place:08d}",
                submitted_at=now,
                business=shops[place % len(shops)],
                operator_id=shops[place % len(shops)].operator_id,
                benefit=benefit,
                benefit_version=version,
                department=people.department,
            )
            for place in places
        ]
        cases = Case.objects.bulk_create(made)
        Request.objects.bulk_create(
            Request(case=row, offering=offering, words=world.NEED, asker_key=f"operator {row.operator_id}")
            for row in cases
        )
        Leg.objects.bulk_create(
            Leg(
                request_id=row.pk,
                receiver=people.department,
                position=1,
                sent_at=now - age(place),
                waits_since=now - age(place),
            )
            for place, row in zip(places, cases, strict=True)
        )


def age(place):
    """Two in a thousand 46 days, a fifth 22, a third 10, the others 3."""
    days = 46 if place % 500 == 0 else 22 if place % 5 == 0 else 10 if place % 3 == 0 else 3
    return timedelta(days=days)


def run(**options):
    """Measure on both engines, print, and return the goals."""
    goals = run_sizes("The ladder of services", "services_ladder", **options)
    with tempfile.TemporaryDirectory() as folder:
        file = f"sqlite:///{Path(folder) / 'ladder.sqlite3'}"
        return goals + run_sizes("The same on SQLite", "services_ladder", **options | {"database": file})


if __name__ == "__main__":
    goals = run(**parsed(sys.argv[1:], "services_ladder", __doc__, n=(SHOPS,), repeat=1))
    sys.exit(not all(goal.is_held for goal in goals))
