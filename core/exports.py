"""Tables as spreadsheets read them safely, CSV and XLSX: no cell that a program would run as a formula.

A cell that starts with = + - @, a tab, a return or a full-width ＝ ＋ － ＠ is written with a ' before it (OWASP, CSV
injection), negative amounts too. So that nothing is lost, a cell that already looks so escaped gets one more;
``unescaped`` takes one away. CSV is UTF-8 with a byte order mark. In XLSX numbers and days are cells of their own kind,
which nothing runs; everything else is text, escaped as in CSV.

Both take rows as they come, and keep none.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse, StreamingHttpResponse

KINDS = ("csv", "xlsx")
ROWS_OF_A_SHEET = 1_048_576  # with the headings; more is not read by any program
BYTE_ORDER_MARK = "\ufeff"
_WOULD_RUN = re.compile("'*[=+\\-@\t\r＝＋－＠]")
_ESCAPED = re.compile("'+[=+\\-@\t\r＝＋－＠]")


def escaped(cell) -> str:
    """A cell as text; None is empty."""
    if cell is None or cell == "":
        return ""
    text = cell if type(cell) is str else str(cell)
    return "'" + text if _WOULD_RUN.match(text) else text


def unescaped(text: str) -> str:
    """What ``escaped`` was given."""
    return text[1:] if _ESCAPED.match(text) else text


class _Echo:
    """A file for csv.writer that hands every line back."""

    def write(self, line) -> str:
        return line


def csv_lines(headings: Iterable, rows: Iterable[Iterable]) -> Iterator[str]:
    """A CSV file line by line, for a file or a streaming answer."""
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK + writer.writerow([escaped(heading) for heading in headings])
    for row in rows:
        yield writer.writerow([escaped(cell) for cell in row])


# XLSX

_NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LIKE_A_CODE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # programs read _x003D_ in a cell as =


def _cell(value) -> object:
    """A value as openpyxl writes it. A text is cut at 32,767 characters, which is all that a cell holds."""
    if value is None or type(value) in (int, float, Decimal, date):
        return value
    text = escaped(value).replace("\r\n", "\n").replace("\r", "\n")
    return _LIKE_A_CODE.sub("_x005F_", _NOT_IN_XML.sub("\ufffd", text))


def write_xlsx(
    file, headings: Iterable, rows: Iterable[Iterable], *, rows_of_a_sheet: int = ROWS_OF_A_SHEET
) -> None:
    """Write a workbook to a binary ``file``, row by row. What one sheet does not hold stands on the next."""
    from openpyxl import Workbook  # a fifth of a second: only where a workbook is written

    workbook, headings = Workbook(write_only=True), [_cell(heading) for heading in headings]
    try:
        sheet = _sheet(workbook, headings)
        for place, row in enumerate(rows):
            if place and place % (rows_of_a_sheet - 1) == 0:
                sheet = _sheet(workbook, headings)
            sheet.append([_cell(value) for value in row])
    except BaseException:
        _forget(workbook)
        raise
    workbook.save(file)


def _sheet(workbook, headings) -> Any:
    """A new sheet with its headings, which stay in sight."""
    sheet = workbook.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.append(headings)
    return sheet


def _forget(workbook) -> None:
    """Rows lie in a file for each sheet until the workbook is saved; where it is not, nobody else takes them away."""
    for sheet in workbook.worksheets:
        sheet.close()
        sheet._writer.cleanup()


# Answers


def download(name: str, kind: str, headings: Iterable, rows: Iterable[Iterable]) -> StreamingHttpResponse:
    """The answer by which a browser saves ``name``.csv or ``name``.xlsx; ``kind`` is one of KINDS."""
    if kind == "xlsx":
        file = TemporaryFile()  # noqa: SIM115 - the answer closes it
        try:
            write_xlsx(file, headings, rows)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        response: StreamingHttpResponse = FileResponse(file, as_attachment=True, filename=f"{name}.xlsx")
    else:
        response = StreamingHttpResponse(csv_lines(headings, rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response
