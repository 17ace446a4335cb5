"""How many examples a property is tried with: the same ones on every run, or FUZZ times as many new ones."""

import os

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("FUZZ", "0"))


def examples(count):
    """Decorate a property. ``FUZZ=50 pytest tests/criteria`` looks for news at length."""
    return settings(
        max_examples=count * max(TIMES, 1),
        derandomize=not TIMES,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
