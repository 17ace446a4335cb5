"""Slots from data: the same times week after week, by the clock of the city. Nothing is made twice.

``{on: [tue, thu], from: "09:00", until: "11:00", minutes: 30, capacity: 1, weeks: 4}``; a class of several evenings a
week is one slot with ``as_one: true``; ``minimum`` with ``decide_days`` before it begins.
"""

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from core.errors import Fault, Invalid

from ..models import Offering, Slot

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST = 200
SPACE = uuid.UUID("b0f6f6c2-54c8-4a2b-9e0a-6a3c9a7d5e11")  # of the names of series
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
# Of the numbers: (least, most, what is said of it)
NUMBERS = {
    "minutes": (5, 24 * 60, "每场几分钟"),
    "capacity": (1, 1_000, "名额"),
    "weeks": (1, 52, "几周"),
    "minimum": (0, 1_000, "最少几人开班"),
    "decide_days": (1, 30, "提前几天定"),
}
NAMES = {"on", "from", "until", "place", "as_one", *NUMBERS}


@dataclass(frozen=True)
class Series:
    """When, as written; ``minutes`` is the length of each, all from ``begins`` to ``ends`` where it is left out."""

    on: tuple[int, ...]
    begins: time
    ends: time
    minutes: int
    capacity: int
    weeks: int
    place: str = ""
    minimum: int = 0
    decide_days: int = 2
    as_one: bool = False

    @classmethod
    def of(cls, said: Mapping) -> "Series":
        """Raises Invalid naming every line that is wrong."""
        faults = [Fault(name, "unknown", f"没有“{name}”这个写法") for name in said if name not in NAMES]
        on, begins, ends = _days(said, faults), _clock(said, "from", faults), _clock(said, "until", faults)
        if begins and ends and ends <= begins:
            faults.append(Fault("until", "out_of_order", "until：结束要晚于开始"))
        length = _minutes(begins, ends) if begins and ends and ends > begins else 5
        default = {"minutes": length, "weeks": 1, "minimum": 0, "decide_days": 2}
        numbers = {name: _number(said, name, default.get(name), faults) for name in NUMBERS}
        if not faults:
            faults += _do_not_fit(numbers, length)
        if faults:
            raise Invalid(faults)
        more = {"place": str(said.get("place") or ""), "as_one": said.get("as_one") is True}
        found = cls(on, begins, ends, **numbers, **more)
        if found.count > MOST:
            raise Invalid.because("weeks", "too_many", f"weeks：一共 {found.count} 场，一次最多 {MOST} 场")
        return found

    @property
    def count(self) -> int:
        """How many slots it makes."""
        return self.weeks if self.as_one else self.weeks * len(self.on) * len(self._starts())

    def _starts(self) -> list[int]:
        """Minutes after midnight at which one begins, those that end in time."""
        first, last = _after_midnight(self.begins), _after_midnight(self.ends)
        return list(range(first, last - self.minutes + 1, self.minutes))

    def times(self, today: date) -> Iterator[list[tuple[datetime, datetime]]]:
        """The sessions of each slot, from the day after ``today`` on."""
        days = [today + timedelta(days=ahead) for ahead in range(1, 7 * self.weeks + 1)]
        for first in range(0, len(days), 7):
            week = [
                self._session(day, start)
                for day in days[first : first + 7]
                if day.weekday() in self.on
                for start in self._starts()
            ]
            yield from [week] if self.as_one else [[session] for session in week]

    def _session(self, day, start) -> tuple[datetime, datetime]:
        begins = datetime.combine(day, time(start // 60, start % 60), timezone.get_default_timezone())
        return begins, begins + timedelta(minutes=self.minutes)


def _after_midnight(clock) -> int:
    return clock.hour * 60 + clock.minute


def _minutes(begins, ends) -> int:
    return _after_midnight(ends) - _after_midnight(begins)


def _days(said, faults) -> tuple[int, ...]:
    names = said.get("on")
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list | tuple) or not names or not set(map(str, names)) <= set(DAYS):
        faults.append(Fault("on", "invalid", f"on：请写星期几，例如 [tue, thu]，只能用 {'、'.join(DAYS)}"))
        return ()
    return tuple(sorted({DAYS.index(name) for name in names}))


def _clock(said, name, faults) -> time | None:
    found = _CLOCK.fullmatch(str(said.get(name) or ""))
    if not found:
        faults.append(Fault(name, "invalid", f"{name}：请写成 09:00 这样的时间"))
        return None
    return time(int(found[1]), int(found[2]))


def _number(said, name, default, faults) -> int:
    least, most, words = NUMBERS[name]
    value = said.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        faults.append(Fault(name, "invalid", f"{name}：{words}请填 {least} 到 {most} 的整数"))
        return least
    return value


def _do_not_fit(numbers, length) -> Iterator[Fault]:
    if numbers["minutes"] > length:
        yield Fault("minutes", "too_long", f"minutes：从 from 到 until 只有 {length} 分钟")
    if numbers["minimum"] > numbers["capacity"]:
        yield Fault("minimum", "too_many", "minimum：最少开班人数不能多于名额")


@transaction.atomic
def make_slots(offering: Offering, **said) -> int:
    """The slots of a series, ``said`` as Series reads it; how many are new. One that begins when another of the
    offering does is there already, also where that was cancelled. Raises Invalid."""
    series = Series.of(said)
    times = list(series.times(timezone.localdate()))
    there = set(Slot.objects.filter(offering=offering).values_list("starts_at", flat=True))
    name = uuid.uuid5(SPACE, f"{offering.code} {sorted(series.on)} {series.begins} {series.ends}")
    rows = [_slot(offering, series, name, sessions) for sessions in times if sessions[0][0] not in there]
    return len(Slot.objects.bulk_create(rows))


def _slot(offering, series, name, sessions) -> Slot:
    begins = sessions[0][0]
    return Slot(
        offering=offering,
        starts_at=begins,
        ends_at=sessions[-1][1],
        sessions=[[start.isoformat(), end.isoformat()] for start, end in sessions if len(sessions) > 1],
        place=series.place,
        capacity=series.capacity,
        minimum=series.minimum,
        decide_at=begins - timedelta(days=series.decide_days) if series.minimum else None,
        series=name,
    )
