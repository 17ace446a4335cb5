"""CSV cells that no spreadsheet runs, from which the text comes back whole."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exports import csv_lines, escaped, unescaped

MARKS = "=+-@\t\r＝＋－＠"


@given(st.text())
def test_every_text_comes_back(text):
    assert unescaped(escaped(text)) == text


@given(st.sampled_from(MARKS), st.text(), st.integers(0, 3))
def test_nothing_that_is_written_begins_with_a_mark(mark, text, quotes):
    written = escaped("'" * quotes + mark + text)

    assert written == "'" + "'" * quotes + mark + text
    assert written[0] == "'"


@pytest.mark.parametrize("text", ["", "演示店", "a=b", "'店'", "1-2", "0.00"])
def test_other_cells_are_left_alone(text):
    assert escaped(text) == text


@given(st.lists(st.lists(st.text(), min_size=3, max_size=3)))
def test_a_file_is_read_back_as_it_was_written(rows):
    file = "".join(csv_lines(["a", "b", "c"], rows))

    read = list(csv.reader(io.StringIO(file, newline="")))

    assert file.startswith("\ufeff")
    assert [[unescaped(cell) for cell in row] for row in read[1:]] == rows


def test_nothing_is_an_empty_cell():
    assert list(csv_lines(["a", "b"], [[None, 0]])) == ["\ufeffa,b\r\n", ",0\r\n"]
