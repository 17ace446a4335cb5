"""A task for each message, the usual way: a Celery application of its own, one worker, Redis between.

``benchmarks/delivery.py`` compares with it. What a task does stands in benchmarks/delivery.py.
"""

import os
import subprocess
import sys
import time
from contextlib import contextmanager

import django
from celery import Celery
from celery.signals import worker_process_init

django.setup()

app = Celery("benchmarks.tasks", broker=os.environ.get("BENCHMARK_BROKER"))
app.conf.task_ignore_result = True
app.conf["CELERY_DB_REUSE_MAX"] = (
    1_000_000  # else each task opens a connection of its own, which takes longer than it
)
LONGEST = 60  # seconds until some tasks have to be done


@worker_process_init.connect
def prepare(**_):
    from benchmarks import delivery

    delivery.instant_channel()
    delivery.set_terms(delivery.AT_ONCE)


@app.task
def send(pk):
    from benchmarks.delivery import send_one

    send_one(pk)


@app.task
def mark(pk):
    from benchmarks.delivery import mark_one

    mark_one(pk)


def each(task, rows):
    """Ask for a task for each of ``rows``, and wait until all are done."""
    from benchmarks.delivery import sent

    for pk in rows:
        task.delay(pk)
    until = time.monotonic() + LONGEST
    while sent() < len(rows):
        if time.monotonic() > until:
            raise RuntimeError("The worker has not done its tasks.")
        time.sleep(0.02)


@contextmanager
def worker():
    """Redis and one worker with one process, for as long as it lasts."""
    from tests.servers import ThrowAwayRedis

    redis = ThrowAwayRedis().start()
    broker = f"redis+socket://{redis.socket}"
    app.conf.broker_url = broker
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "benchmarks.tasks", "worker", "-c", "1"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR"]
    here = {"BENCHMARK_BROKER": broker, "DATABASE_ROLES": "off"}  # a worker would refuse so powerful a role
    process = subprocess.Popen([*command, *quiet], env=os.environ | here, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()
        redis.stop()
