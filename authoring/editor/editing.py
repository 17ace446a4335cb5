"""What every tab needs to know of the version being written."""

from functools import cached_property

from core.wording import number_text
from eligibility.golden_cases import Draft
from policies.criteria.durations import UNITS
from policies.models import Topic


class Editing(Draft):
    """A version with what its tabs show of it."""

    @cached_property
    def parameters(self) -> dict:
        return self.content.get("parameters") or {}

    @cached_property
    def parameter_choices(self) -> list:
        """(name, label) of the version's figures: an officer knows them by their value."""
        return [
            (name, f"参数 {place}：{figures_text(raw)}")
            for place, (name, raw) in enumerate(self.parameters.items(), 1)
        ]

    @cached_property
    def topics(self) -> dict:
        """Names of topics by code."""
        return dict(Topic.objects.values_list("code", "name"))

    @cached_property
    def conditions(self) -> dict:
        return self.content.get("conditions") or {}


def figure_text(value, unit="") -> str:
    """One stored figure as people read it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict) and len(value) == 1:
        ((unit, count),) = value.items()
        return f"{count} {UNITS.get(unit, unit)}"
    try:
        text = number_text(value)
    except ValueError:
        text = str(value)
    return f"{text} {unit or ''}".rstrip()


def figures_text(raw) -> str:
    """All the dated values of a figure in one line."""
    if not isinstance(raw, list):
        return figure_text(raw)
    return "；".join(
        f"{figure_text(row.get('value'), row.get('unit'))}{_dates(row)}"
        for row in raw
        if isinstance(row, dict)
    )


def _dates(row) -> str:
    starts, ends = row.get("from"), row.get("to")
    if starts and ends:
        return f"（{starts} 至 {ends}）"
    return f"（{starts} 起）" if starts else f"（到 {ends}）" if ends else ""
