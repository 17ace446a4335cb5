"""Frames of calls, and the pieces of memory they stand in (core/call_stack.py)."""

import resource

import pytest

from core.call_stack import with_room

DEPTHS = range(600)  # some pieces of 16 KB


def _leaf():
    pass


_leaf.__code__ = _leaf.__code__.replace(co_stacksize=60)  # larger than a step down: some depth meets each end


def _pages_faulted(depth):
    """How often memory was asked for while something that stands so deep is called a thousand times."""
    if depth:
        return _pages_faulted(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(1000):
        _leaf()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_no_depth_makes_a_call_ask_for_memory():
    met = with_room(lambda: {depth for depth in DEPTHS if _pages_faulted(depth) >= 1000})()

    assert met == set()


def test_what_is_given_room_is_called_as_it_is_and_says_what_it_is():
    @with_room
    def divide(number, *, by):
        """A quotient."""
        return number / by

    assert (divide(6, by=3), divide.__name__, divide.__doc__) == (2, "divide", "A quotient.")
    with pytest.raises(ZeroDivisionError):
        divide(1, by=0)
