"""What a monitoring system reads at /metrics: gauges that the database tells at that moment.

Nothing is counted in memory, so every process says the same. Rooms register sources.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

PREFIX = "zhengce_"


@dataclass(frozen=True)
class Gauge:
    """``values``: by what ``label`` says; without a label one value under ""."""

    name: str
    meaning: str
    values: dict[str, float]
    label: str = ""


_sources: list[Callable[[], Iterable[Gauge]]] = []


def metrics(source) -> Callable:
    """Decorator: whatever gauges ``source()`` gives stand at /metrics."""
    _sources.append(source)
    return source


class _Everything:
    def collect(self) -> Iterator:
        for source in _sources:
            for gauge in source():
                name = PREFIX + gauge.name
                family = GaugeMetricFamily(name, gauge.meaning, labels=[gauge.label] if gauge.label else [])
                for value, number in gauge.values.items():
                    family.add_metric([value] if gauge.label else [], number)
                yield family


_registry = CollectorRegistry(auto_describe=False)  # else it would ask the database when it is imported
_registry.register(_Everything())


def exposition() -> bytes:
    """All gauges in the text format of Prometheus."""
    return generate_latest(_registry)
