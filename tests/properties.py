"""How many examples a property is tried with: a fifth of them where only a sample is asked for (``make test``), else
all, the same ones on every run; or FUZZ times as many new ones."""

import os

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("FUZZ", "0"))
FEWEST, ONE_IN = 10, 5
sampled = False  # tests/short_run.py says so, before a test is read


def examples(count):
    """Decorate a property. ``FUZZ=50 pytest tests/criteria`` looks for news at length."""
    enough = max(count // ONE_IN, FEWEST) if sampled else count
    return settings(
        max_examples=max(enough, count * TIMES),
        derandomize=not TIMES,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
