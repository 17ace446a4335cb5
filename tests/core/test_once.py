"""What a page asks again and again is asked once, and nothing of it outlives the page."""

from types import SimpleNamespace

import pytest

from core.once import AnswersForOnePage, once

ASKED = []


@once
def shops_of(row):
    ASKED.append(("shops", row.pk))
    return row.pk


@once
def people_of(row):
    ASKED.append(("people", row.pk))
    return -row.pk


@pytest.fixture
def page(rf):
    """Opens a page that asks each of both functions twice of two rows; what was asked of the database."""
    rows = [SimpleNamespace(pk=pk) for pk in (1, 2)]

    def view(request):
        return [function(row) for _ in range(2) for row in rows for function in (shops_of, people_of)]

    def open_page(method="get"):
        ASKED.clear()
        answers = AnswersForOnePage(view)(getattr(rf, method)("/"))
        assert answers == [1, -1, 2, -2] * 2
        return list(ASKED)

    return open_page


EACH = [("shops", 1), ("people", 1), ("shops", 2), ("people", 2)]


def test_each_row_is_asked_once_by_each_function_and_again_by_the_next_page(page):
    assert [page(), page()] == [EACH, EACH]


def test_a_request_that_changes_something_asks_every_time(page):
    assert page("post") == EACH * 2


def test_outside_of_a_page_it_is_asked_every_time(page):
    page()
    ASKED.clear()

    assert [shops_of(SimpleNamespace(pk=1)), shops_of(SimpleNamespace(pk=1))] == [1, 1]
    assert ASKED == [("shops", 1)] * 2


def test_a_page_that_fails_leaves_nothing_behind(rf, page):
    def broken(request):
        shops_of(SimpleNamespace(pk=1))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        AnswersForOnePage(broken)(rf.get("/"))

    assert page() == EACH
