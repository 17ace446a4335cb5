"""CSV as spreadsheets read it safely: UTF-8 with a byte order mark, and no cell that a program would run as a formula.

A cell that starts with = + - @, a tab, a return or a full-width ＝ ＋ － ＠ is written with a ' before it (OWASP, CSV
injection), negative amounts too. So that nothing is lost, a cell that already looks so escaped gets one more;
``unescaped`` takes one away.
"""

import csv
import re
from collections.abc import Iterable, Iterator

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

    def write(self, line):
        return line


def csv_lines(headings: Iterable, rows: Iterable[Iterable]) -> Iterator[str]:
    """A CSV file line by line, for a file or a streaming answer."""
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK + writer.writerow([escaped(heading) for heading in headings])
    for row in rows:
        yield writer.writerow([escaped(cell) for cell in row])
