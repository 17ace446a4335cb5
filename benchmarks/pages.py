"""Every page of somebody signed in as an owner, beside a whole city: each at most 50 ms of server time.

``python -m benchmarks.pages [--n 300000] [--repeat 20]``. In one process through Django's test client, the catalogue
in memory as in every process that has answered before. The owner has a shop, messages, cases and pictures, and so has
everybody else (benchmarks/crowd.py). Ends with 1 where the median of a page is longer. Files are timed as well, but
are no pages: a letter as a PDF is set each time.
"""

import sys
import time
from statistics import median

from benchmarks.bulk import goal, parsed, run_sizes
from benchmarks.crowd import crowd
from benchmarks.report import print_machine, print_table

LIMIT = 50.0
SHOPS = 300_000
FILES = (".pdf", ".ics", "/file/")


def measure(*, n, repeat, base, seed, folder):
    """One size, in a process of its own. Everything it adds to the register is taken back."""
    from benchmarks.city import enter, settings_shown, settle

    enter(folder, n=n, base=base, seed=seed)
    from django.core.management import call_command
    from django.db import transaction

    call_command("collectstatic", verbosity=0, interactive=False)
    print_machine(rounds=repeat, **settings_shown())
    with transaction.atomic():
        addresses, browser = owner_in_a_crowd(folder)
        rows = [(f"/{address}", *ask(browser, path, repeat)) for address, path in addresses.items()]
        transaction.set_rollback(True)
    settle()
    rows.sort(key=lambda row: -row[1])
    print_table(
        ("page", "median ms", "p95 ms", "queries", "of the limit"),
        [(page, f"{mid:.1f}", f"{p95:.1f}", many, f"{mid / LIMIT:.2f}") for page, mid, p95, many in rows],
    )
    slowest, milliseconds, *_ = next(row for row in rows if not row[0].endswith(FILES))
    held = goal(f"ms of the slowest page of an owner, {slowest}", n, milliseconds, LIMIT, at_most=True)
    return {"goals": [held], "figures": {}}


def owner_in_a_crowd(folder):
    """(``{address: path}`` of the pages that an owner is shown, the owner's browser)."""
    from django.conf import settings
    from django.db import connection
    from django.test import override_settings

    from tests.authz import matrix, world

    settings.PRIVATE_FOLDER, settings.UPLOAD_SCANNER = folder, ""
    with override_settings(DEBUG=True):  # the people of the demonstration exist nowhere else
        rows = world.build()
    crowd(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    paths = {address: matrix.filled(address, rows) for address in matrix.pages_of("owner")}
    return paths, world.browser("owner")


def ask(browser, path, repeat):
    """(median ms, p95 ms, queries) of one address."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser.get(path)
    with CaptureQueriesContext(connection) as captured:
        browser.get(path)
        queries = len(captured)
    times = []
    for _ in range(repeat):
        begun = time.perf_counter()
        b"".join(browser.get(path))
        times.append((time.perf_counter() - begun) * 1e3)
    return median(times), sorted(times)[int(0.95 * (repeat - 1))], queries


def run(**options):
    """Measure, print, and return the goals."""
    return run_sizes("Pages of an owner", "pages", **options)


if __name__ == "__main__":
    goals = run(**parsed(sys.argv[1:], "pages", __doc__, n=(SHOPS,), repeat=20))
    sys.exit(not all(goal.is_held for goal in goals))
