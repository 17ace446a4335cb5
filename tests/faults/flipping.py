"""Shops' facts flip back and forth, people change, versions follow one another, and all is pushed and followed at once.

``python -m tests.faults.flipping SECONDS SEED`` prints as JSON what is wrong at the end; run by test_flipping.py.
"""

import json
import logging
import random
import sys
import threading
import time
from collections import Counter

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from businesses.models import Business  # noqa: E402
from businesses.register import Arrival, take_in  # noqa: E402
from core.background import wait_for_threads  # noqa: E402
from core.invariants import broken  # noqa: E402
from eligibility import verifying  # noqa: E402
from notifications import sweep  # noqa: E402
from notifications.models import Notification, PushRun, Touched  # noqa: E402
from portal.city import credit_code  # noqa: E402
from tests.faults.portal import identity  # noqa: E402
from tests.notifications import register  # noqa: E402

SHOPS, PEOPLE = 40, 30
RENT = {
    "monthly_capped": {
        "cap": "500", "months": 36, "fact": "monthly_rent", "used": "rent_subsidy_months_received",
    }
}  # fmt: skip
errors: list[str] = []
done = Counter()


def flip(chance):
    """One to five shops say something else, and now and then somebody else stands behind one."""
    places = chance.sample(range(SHOPS), chance.randint(1, 5))
    take_in([_arrival(chance, place) for place in places], on=timezone.localdate())
    done["flips"] += len(places)


def _arrival(chance, place):
    facts = {"employees": chance.choice([2, 4, 6, 9]), "monthly_rent": chance.choice(["300.00", "450.00"])}
    person = chance.randrange(PEOPLE) if chance.random() < 0.1 else None
    return _behind(place, person, **facts)


def _behind(place, person, **facts):
    return Arrival(
        {"registry": {"district": "520201", "operating_status": "operating", **facts}},
        credit_code=credit_code("520201", place),
        identity=None if person is None else identity(person),
        name=f"演示店{place:03}",
        operator_name=None if person is None else "演示人",
    )


def publish(chance):
    with transaction.atomic():
        benefit = chance.choice(benefits)
        few = {"fact": "employees", "op": "lte", "value": chance.choice([3, 5, 7])}
        amount = chance.choice([RENT, {"fixed": "5000"}])
        register.put_in_force(register.draft(benefit, criteria={"all": [few]}, amount=amount))
    done["versions"] += 1
    time.sleep(0.2)


def relay(chance):
    sweep.relay(seconds=1)
    done["relays"] += 1


def keep_on(work, seed, until):
    chance = random.Random(seed)
    while time.monotonic() < until:
        try:
            work(chance)
        except Exception as problem:  # said at the end
            errors.append(f"{work.__name__}: {problem!r}")
    connection.close()


def open_everything():
    for person in range(PEOPLE):  # whoever may come to stand behind a shop is known beforehand
        take_in([_behind(person % SHOPS, person)], on=timezone.localdate())
    for place in range(SHOPS):
        register.open_shop(place, employees=place % 10, monthly_rent="300.00")
    return [register.publish(code, amount=RENT).benefit for code in ("T01a", "T01b")]


def come_to_rest():
    wait_for_threads()
    while PushRun.objects.unfinished().exists() or Touched.objects.exists():
        sweep.relay()
        wait_for_threads()


def main(seconds, seed):
    logging.getLogger("notifications").setLevel(logging.CRITICAL)
    until = time.monotonic() + seconds
    works = [flip, flip, flip, publish, relay, relay]
    threads = [
        threading.Thread(target=keep_on, args=(work, seed * 100 + number, until))
        for number, work in enumerate(works)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    come_to_rest()
    subjects = list(verifying.subjects())
    print(
        json.dumps(
            {
                "by statement": {row.benefit_id: verifying.wrong_by_statement(row) for row in subjects},
                "one by one": {row.benefit_id: list(verifying.wrong_one_by_one(row)) for row in subjects},
                "broken": {name: found for name, found in broken() if found},
                "errors": errors[:5],
                "done": {**done, "messages": Notification.objects.count(), "shops": Business.objects.count()},
            },
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    benefits = open_everything()
    main(float(sys.argv[1]), int(sys.argv[2]))
