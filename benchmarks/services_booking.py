"""What a booking takes while many book at once: 95 of 100 within 300 ms, through the form, on PostgreSQL.

``python -m benchmarks.services_booking [--people 160] [--at-once 8] [--slots 8]``. Every shop books one of a few slots,
half of which have fewer seats than people who want one, so that half of them wait in line. As many at once as are
named, each on a connection of its own, in one process that shares this machine with the server. Ends with 1 where the
95th of a hundred is longer.
"""

import argparse
import sys
import threading
import time
from collections import Counter
from itertools import count
from statistics import median, quantiles

from benchmarks.report import Goal, print_goals, print_machine, print_table, print_title

LIMIT = 300  # ms
FEW = 5  # seats of every other slot


def measure(people, at_once, slots):
    """Milliseconds of each booking, and how many came to which state."""
    from django.db import connection
    from django.test import Client

    from services.models import ServiceCase
    from tests.notifications.register import open_shop
    from tests.services import world
    from tests.subsidies.world import owner_of

    row = world.offering("booking", "room")
    times = [world.slot(row, days=day + 2, capacity=people if day % 2 else FEW) for day in range(slots)]
    shops = [open_shop(place) for place in range(1, people + 1)]
    browsers = []
    for shop in shops:
        browsers.append(Client())
        browsers[-1].force_login(owner_of(shop))
        browsers[-1].get("/services/room/")  # what is remembered is read
    took, places, lock = [], count(), threading.Lock()

    def work():
        try:
            while True:
                with lock:
                    place = next(places)
                if place >= people:
                    return
                typed = {"shop": shops[place].public_id, "slot": times[place % slots].pk}
                begun = time.perf_counter()
                answer = browsers[place].post("/services/room/ask/", typed)
                took.append((time.perf_counter() - begun) * 1_000)
                if answer.status_code != 302:
                    raise RuntimeError(f"answered {answer.status_code}")
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, Counter(ServiceCase.objects.values_list("state", flat=True))


def run(*, people=160, at_once=8, slots=8):
    """Measure, print, and return the goals."""
    from tests.servers import empty_database

    print_title("Bookings at once")
    with empty_database("postgresql"):
        print_machine(people=people, at_once=at_once, slots=slots)
        took, states = measure(people, at_once, slots)
    p95 = quantiles(took, n=20)[-1]
    shown = (f"{median(took):.0f}", f"{p95:.0f}", f"{max(took):.0f}")
    print_table(
        ("bookings", "median ms", "p95 ms", "longest ms", "booked", "waiting"),
        [(len(took), *shown, states["booked"], states["waiting"])],
    )
    goals = [
        Goal(f"share of {people} bookings that were taken", len(took) / people, 1),
        Goal(f"ms of 95 of 100 bookings, {at_once} at once", p95, LIMIT, at_most=True),
    ]
    print_goals(goals)
    return goals


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.services_booking", description=__doc__)
    parser.add_argument("--people", type=int, default=160, help="shops, each of which books once")
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--slots", type=int, default=8)
    goals = run(**vars(parser.parse_args(arguments)))
    return 0 if all(goal.is_held for goal in goals) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
