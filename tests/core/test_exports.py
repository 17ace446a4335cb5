"""Cells of CSV and XLSX that no spreadsheet runs, from which the text comes back whole."""

import csv
import io
import tempfile
import tracemalloc
from datetime import date, datetime
from decimal import Decimal
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from core.exports import csv_lines, download, escaped, unescaped, write_xlsx

MARKS = "=+-@\t\r＝＋－＠"
PRINTED = st.text(st.characters(exclude_categories=["C", "Z"]))


def workbook(headings, rows, **options):
    file = io.BytesIO()
    write_xlsx(file, headings, rows, **options)
    return file


def sheets(file):
    return [[list(row) for row in sheet.iter_rows()] for sheet in load_workbook(file).worksheets]


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


# XLSX


@settings(deadline=None)
@given(st.lists(st.lists(PRINTED, min_size=2, max_size=2)))
def test_a_workbook_is_read_back_as_it_was_written(rows):
    (found,) = sheets(workbook(["a", "b"], rows))

    assert [[unescaped(unescape(cell.value or "")) for cell in row] for row in found] == [["a", "b"], *rows]


@settings(deadline=None)
@given(st.sampled_from(MARKS), PRINTED)
def test_nothing_in_a_workbook_is_a_formula(mark, text):
    (found,) = sheets(workbook([mark + text], [[mark + text], ["'" + mark + text]]))

    cells = [row[0] for row in found]
    assert [cell.data_type for cell in cells] == ["s", "s", "s"]
    assert {cell.value[0] for cell in cells} == {"'"}


@pytest.mark.parametrize(
    ("value", "read", "kind"),
    [
        (7, 7, "n"),
        (-7, -7, "n"),
        (Decimal("-380.50"), -380.5, "n"),
        (0.5, 0.5, "n"),
        (date(2026, 7, 1), datetime(2026, 7, 1), "d"),
        (None, None, "n"),
        (True, "True", "s"),
        ("007", "007", "s"),
        ("-7", "'-7", "s"),
        ("a\x00\x0b\ufffeb", "a\ufffd\ufffd\ufffdb", "s"),
        ("a\r\nb\rc", "a\nb\nc", "s"),
    ],
)
def test_numbers_and_days_keep_their_kind_and_the_rest_is_text(value, read, kind):
    (found,) = sheets(workbook(["a", "b"], [[value, "end"]]))

    assert (found[1][0].value, found[1][0].data_type) == (read, kind)


def test_a_text_that_looks_like_a_code_of_a_sign_is_not_read_as_one():
    """Programs read _x003D_ as =; what is written says that it is not meant."""
    with ZipFile(workbook(["a"], [["_x003D_1+1"]])) as file:
        sheet = file.read("xl/worksheets/sheet1.xml").decode()

    assert "_x005F_x003D_1+1" in sheet


def test_what_a_sheet_does_not_hold_stands_on_the_next():
    found = sheets(workbook(["n"], ([number] for number in range(5)), rows_of_a_sheet=3))

    assert [[row[0].value for row in sheet] for sheet in found] == [["n", 0, 1], ["n", 2, 3], ["n", 4]]


def test_a_workbook_without_rows_has_its_headings():
    assert [[[cell.value for cell in row] for row in sheet] for sheet in sheets(workbook(["a"], []))] == [
        [["a"]]
    ]


def test_rows_that_break_off_leave_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows():
        yield [1]
        raise LookupError("gone")

    with pytest.raises(LookupError):
        download("name", "xlsx", ["a"], rows())

    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_rows(tmp_path):
    def peak(count):
        with (tmp_path / "file.xlsx").open("wb") as file:
            tracemalloc.start()
            write_xlsx(file, ["a", "b"], ([f"店 {number}", number] for number in range(count)))
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return found

    peak(10)

    assert peak(4_000) < peak(400) + 200_000


@pytest.mark.django_db  # closing an answer looks after the connections
@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_a_download_is_saved_under_its_name(kind, media_type):
    response = download("cases-2026", kind, ["a"], [[1]])
    body = b"".join(response.streaming_content)
    response.close()

    assert response["Content-Type"] == media_type
    assert response["Content-Disposition"] == f'attachment; filename="cases-2026.{kind}"'
    assert response["Cache-Control"] == "no-store"
    assert body.startswith(b"PK" if kind == "xlsx" else "\ufeffa".encode())
