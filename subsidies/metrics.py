"""Gauges of money."""

from core.metrics import Gauge, metrics

from .invariants import columns_equal_the_ledger


@metrics
def ledger_drift():
    wrong = sum(1 for _ in columns_equal_the_ledger())
    yield Gauge("ledger_drift", "Funds of which a column is not the sum of the ledger.", {"": wrong})
