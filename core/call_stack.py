"""Room for the frames of what is called.

Python keeps the frames of a thread in pieces of 16 KB. Where a call crosses the end of one, the next is asked of the
system and given back when the call returns: a loop that happens to stand there pays ten microseconds a call. Whether a
page meets that hangs on how deep in a server, or in a test, it begins: a page took up to four times as long, over all
depths a quarter longer (python/cpython#142183; 3.11 and 3.12 have it for good, 3.13 and 3.14 up to the spring of 2026).
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Returned = TypeVar("Returned")

_SLOTS = 1 << 15  # of 8 bytes; the piece has 512 KB, and its rest holds more than a thousand usual frames


def _call(function: Callable[..., Returned], *arguments: object, **named: object) -> Returned:
    return function(*arguments, **named)


# A frame that says it needs so much brings a piece that large, which what it calls shares; what nobody touches of it
# costs nothing.
_call.__code__ = _call.__code__.replace(co_stacksize=_SLOTS)


def with_room(function: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """Decorator: what ``function`` calls, however deep, finds room for its frames. Where a request begins; once is
    enough."""

    @wraps(function)
    def inside(*arguments: Given.args, **named: Given.kwargs) -> Returned:
        return _call(function, *arguments, **named)

    return inside
