"""Figures that the government changes, as dated rows.

A parameter is a bare value (one row without from and to) or a list of rows ``{from, to, value, unverified?, …}``. The
row in force on the day counts; of overlapping rows the one with the later ``from``. Unverified rows count only where
they are switched on. Legal dates, so a row may be retroactive.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from core.facts import Misread, read_date

ROW_KEYS = {"from", "to", "value", "unverified", "unit", "clause", "origin", "note"}


@dataclass(frozen=True)
class Row:
    """One value and the days on which it is in force, both inclusive; None is open."""

    value: object
    starts_on: date | None = None
    ends_on: date | None = None

    def in_force_on(self, day) -> bool:
        return (self.starts_on is None or self.starts_on <= day) and (
            self.ends_on is None or day <= self.ends_on
        )


class Parameter:
    """A named figure of one benefit version."""

    def __init__(self, name, rows) -> None:
        self.name = name
        self.rows = sorted(rows, key=lambda row: row.starts_on or date.min)
        self.always = len(self.rows) == 1 and self.rows[0].starts_on is None and self.rows[0].ends_on is None

    def __eq__(self, other) -> bool:
        return isinstance(other, Parameter) and (self.name, self.rows) == (other.name, other.rows)

    def __hash__(self):
        return hash((self.name, len(self.rows)))

    @classmethod
    def read(cls, name, raw, *, unverified=False):
        """From file content. Raises ValueError naming the row. ``unverified`` switches unverified rows on."""
        if not isinstance(raw, list):
            return cls(name, [Row(raw)])
        rows = []
        for number, row in enumerate(raw, 1):
            if not isinstance(row, dict) or "value" not in row or not set(row) <= ROW_KEYS:
                raise ValueError(f"参数 {name} 第 {number} 行应写成 {{from, to, value}}")
            try:
                starts_on, ends_on = (read_date(row[key]) if row.get(key) else None for key in ("from", "to"))
            except Misread as problem:
                raise ValueError(f"参数 {name} 第 {number} 行：{problem.detail}") from None
            if starts_on and ends_on and starts_on > ends_on:
                raise ValueError(f"参数 {name} 第 {number} 行的结束日早于开始日")
            if unverified or not row.get("unverified"):
                rows.append(Row(row["value"], starts_on, ends_on))
        return cls(name, rows)

    def read_values(self, reader):
        """This parameter with every value read by ``reader``, which raises ValueError."""
        return Parameter(self.name, [Row(reader(row.value), row.starts_on, row.ends_on) for row in self.rows])

    def on(self, day):
        """The value in force on ``day``, or None."""
        if self.always:
            return self.rows[0].value
        return next((row.value for row in reversed(self.rows) if row.in_force_on(day)), None)

    def change_days(self):
        """Days on which the value may become another."""
        for row in self.rows:
            if row.starts_on:
                yield row.starts_on
            if row.ends_on:
                yield row.ends_on + timedelta(days=1)


def constant(value):
    """A value that never changes, in the shape of a parameter."""
    return Parameter("", [Row(value)])
