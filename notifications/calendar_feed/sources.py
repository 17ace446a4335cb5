"""What stands on the calendar of an owner: rooms register where their days come from."""

from collections.abc import Callable, Iterable

from core.calendar_file import Entry

# (user, absolute) -> entries; ``absolute`` makes an address of a path.
Source = Callable[[object, Callable[[str], str]], Iterable[Entry]]
_sources: list[Source] = []


def calendar_source(source: Source) -> Source:
    """Decorator of a Source. What somebody may no longer see is not in it."""
    if source not in _sources:
        _sources.append(source)
    return source


def entries_for(user, absolute) -> list[Entry]:
    """All days of ``user``, the earliest first."""
    found = [entry for source in _sources for entry in source(user, absolute)]
    return sorted(found, key=lambda entry: (f"{entry.begins:%Y%m%d}", entry.uid))
