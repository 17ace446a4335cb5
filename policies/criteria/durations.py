"""Periods of calendar time, counted as 民法典 §201–202 count them.

D + p is the corresponding day, or the last day of that month where it does not exist (29 Feb 2024 + 1 year is
28 Feb 2025). ``calendar_months`` counts whole months with the date's own month as month 1, and ends on the last day.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

UNITS = {"years": "年", "months": "个月", "days": "天", "calendar_months": "个月"}
SHORTEST = {"years": 1, "months": 1, "days": 0, "calendar_months": 1}
LONGEST = {"years": 100, "months": 1200, "days": 36500, "calendar_months": 1200}


def _month_end(year, month):
    return date(year, month, monthrange(year, month)[1])


@dataclass(frozen=True)
class Duration:
    """``count`` of one ``unit``: years, months, days or calendar_months."""

    unit: str
    count: int

    @classmethod
    def read(cls, raw):
        """A mapping such as ``{"years": 1}``. Raises ValueError with what is wrong."""
        if not isinstance(raw, dict) or len(raw) != 1:
            raise ValueError("期限请写成 {years: 1}、{months: 6}、{days: 30} 或 {calendar_months: 36}")
        ((unit, count),) = raw.items()
        if unit not in UNITS:
            raise ValueError(f"期限单位只能是 {'、'.join(UNITS)}")
        least, most = SHORTEST[unit], LONGEST[unit]
        if isinstance(count, bool) or not isinstance(count, int) or not least <= count <= most:
            raise ValueError(f"期限应是 {least} 到 {most} 的整数")
        return cls(unit, count)

    def write(self) -> dict:
        return {self.unit: self.count}

    def __str__(self) -> str:
        return f"{self.count} {UNITS[self.unit]}"

    def after(self, start: date) -> date:
        """``start`` + this period; the last day of year 9999 where that lies beyond the calendar."""
        if self.unit == "years":
            try:
                return start.replace(year=start.year + self.count)
            except ValueError:  # 29 February, or beyond the calendar: worked out below.
                pass
        if self.unit == "days":
            return start + timedelta(days=min(self.count, (date.max - start).days))
        months = {"years": 12 * self.count, "months": self.count, "calendar_months": self.count - 1}[
            self.unit
        ]
        year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
        if year > 9999:
            return date.max
        end = _month_end(year, month + 1)
        if self.unit == "calendar_months" or start.day >= end.day:
            return end
        return end.replace(day=start.day)

    def latest_start_over_by(self, day: date) -> date | None:
        """The latest D with D + p ≤ ``day``: one constant to compare a bare column with. None if there is none."""
        return _last_start(self, day)

    def earliest_start_reaching(self, day: date) -> date:
        """The earliest D with D + p ≥ ``day``. Subtracting p from the day is wrong at month ends."""
        before = _last_start(self, day - timedelta(days=1)) if day > date.min else None
        return before + timedelta(days=1) if before else date.min


@lru_cache(maxsize=4096)
def _last_start(duration, day):
    # D + p never falls as D rises, so the last D that is over by the day is found by halving.
    low, high = date.min.toordinal(), day.toordinal()
    if duration.after(date.min) > day:
        return None
    while low < high:
        middle = (low + high + 1) // 2
        if duration.after(date.fromordinal(middle)) <= day:
            low = middle
        else:
            high = middle - 1
    return date.fromordinal(low)
