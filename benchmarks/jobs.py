"""What it takes to match 20,000 posts with 100,000 workers, and one new post: at most 30 s and 0.5 s on PostgreSQL, 120
s and 0.5 s on SQLite; lists of what fits in 50 ms.

``python -m benchmarks.jobs [--n 1000] [--repeat 1]``. The largest trade has 15 % of both, 30 % of posts a rule of
their own. A thousand pairs that fit and a thousand that miss by one condition are looked at one by one besides. Ends
with 1 where a limit is missed or a pair comes out otherwise.
"""

import sys
import tempfile
from pathlib import Path
from random import Random
from time import perf_counter

from benchmarks.bulk import goal, parsed, run_sizes
from benchmarks.report import print_machine, print_table

POSTS, WORKERS, SHOPS = 20_000, 100_000, 1_000
LIMITS = {"postgresql": 30, "sqlite": 120}
OF_ONE, OF_A_LIST, LOOKED_AT = 0.5, 0.05, 1_000


def measure(*, n, repeat, base, seed, folder):
    """One size, in a process of its own. Everything it adds is taken back."""
    from benchmarks.city import enter, settings_shown, settle

    enter(folder, n=n, base=base, seed=seed)
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.utils import timezone

    call_command("collectstatic", verbosity=0, interactive=False)
    print_machine(rounds=repeat, **settings_shown())
    today = timezone.localdate()
    with transaction.atomic():
        populate(seed, today)
        settled()
        rows = list(timed(today))
        wrong = differences(seed, today)
        transaction.set_rollback(True)
    settle()
    print_table(
        ("what", "seconds", "result"), [(name, f"{took:.3f}", f"{found:,}") for name, took, found in rows]
    )
    print(f"Pairs looked at one by one that come out otherwise: {wrong} of {2 * LOOKED_AT:,}.")
    engine, seconds = connection.vendor, {name: took for name, took, _ in rows}
    goals = [
        goal(f"seconds to match all ({engine})", n, seconds["all"], LIMITS[engine], at_most=True),
        goal(f"seconds to match a new post ({engine})", n, seconds["a new post"], OF_ONE, at_most=True),
        goal(f"seconds for a list ({engine})", n, seconds["a list"], OF_A_LIST, at_most=True),
        goal(f"pairs that differ ({engine})", n, wrong, 0, at_most=True),
    ]
    return {"goals": goals, "figures": {}}


def populate(seed, today):
    from django.db import connection

    from tests.jobs import population

    random = Random(seed)
    population.posts(POSTS, today, random)
    population.workers(WORKERS, today, random)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def settled():
    """What PostgreSQL puts off to the commit is done: here nothing is committed, and whoever wrote the rows pays."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def timed(today):
    """(what, seconds, how many)."""
    from django.test import Client

    from jobs.models import JobMatch, Post
    from jobs.pairs import matching

    begun = perf_counter()
    kept = matching.match_all(today)
    settled()
    yield "all", perf_counter() - begun, kept
    begun = perf_counter()
    kept = matching.match_all(today)
    settled()
    yield "all once more, as every night", perf_counter() - begun, kept
    post = Post.objects.open().filter(trade="waiter").order_by("-day_fen").first()
    begun = perf_counter()
    kept = matching.match_post(post, today)
    yield "a new post", perf_counter() - begun, kept
    worker = JobMatch.objects.filter(for_worker=True).select_related("worker").first().worker
    begun = perf_counter()
    kept = matching.match_worker(worker, today)
    yield "a new worker", perf_counter() - begun, kept
    client, user = Client(), worker.user
    client.force_login(user)
    client.get("/jobs/work/")
    begun = perf_counter()
    answer = client.get("/jobs/work/")
    yield "a list", perf_counter() - begun, answer.status_code


def differences(seed, today):
    """How many of a thousand kept pairs do not fit one by one, and of a thousand that miss by one condition do."""
    from itertools import islice

    from jobs.models import JobMatch, Post, Worker
    from jobs.pairs.conditions import fit, reasons

    random = Random(seed + 1)
    kept = random.sample(list(JobMatch.objects.values_list("post", "worker")[:200_000]), LOOKED_AT)
    of_posts, of_workers = map(set, zip(*kept, strict=True))
    asked, offered = Post.objects.in_bulk(of_posts), Worker.objects.in_bulk(of_workers)
    wrong = sum(not fit(asked[post], offered[worker], today) for post, worker in kept)
    posts = list(Post.objects.order_by("?")[:300])
    workers = list(Worker.objects.order_by("?")[:3_000])
    near = (
        (post, worker)
        for post in posts
        for worker in workers
        if sum(not reason.holds for reason in reasons(post, worker, today)) == 1
    )
    misses = list(islice(near, LOOKED_AT))
    stored = set(JobMatch.objects.filter(post__in=posts).values_list("post", "worker"))
    return wrong + sum((post.pk, worker.pk) in stored for post, worker in misses) + LOOKED_AT - len(misses)


def run(**options):
    """Measure on both engines, print, and return the goals."""
    goals = run_sizes("The labour market", "jobs", **options)
    with tempfile.TemporaryDirectory() as folder:
        file = f"sqlite:///{Path(folder) / 'jobs.sqlite3'}"
        return goals + run_sizes("The same on SQLite", "jobs", **options | {"database": file})


if __name__ == "__main__":
    goals = run(**parsed(sys.argv[1:], "jobs", __doc__, n=(SHOPS,), repeat=1))
    sys.exit(not all(goal.is_held for goal in goals))
