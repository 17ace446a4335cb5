"""Files as bureaus send them, CSV and XLSX, read row by row in constant memory.

``survey`` looks a file over once, by bytes, and refuses what cannot be a table before a trace of it is kept;
``read_table`` then yields its rows. Whatever is wrong with the file as a whole is a ``Refused`` that says what to do;
what is wrong with one row is a ``BadRow`` in that row's place.
"""

import codecs
import csv
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from core.errors import Refused
from core.log import masked

MOST_COLUMNS = 500
LONGEST_LINE = 1_000_000  # bytes
LONGEST_HEADING = 80
# openpyxl keeps all distinct texts of a workbook in memory, about ten bytes for one of the file.
MOST_UNPACKED = 1_500_000_000
MOST_SHARED_TEXT = 20_000_000
MOST_LINES = 1_048_576  # of a worksheet, by the format
ENCODINGS = {"utf-8-sig": "UTF-8", "gb18030": "GB18030"}
_BLOCK = 1 << 20
_TAIL = 2 * LONGEST_LINE


class Form(NamedTuple):
    """How a file is written. ``lines``: about how many rows, or None. ``separator`` is empty for XLSX."""

    kind: str
    encoding: str = ""
    separator: str = ""
    lines: int | None = None


class Row(NamedTuple):
    """``number`` counts rows from 1, ``line`` is the place in the file. Cells are text, stripped; empty is unsaid.

    ``numeric``: places of cells that XLSX holds as numbers, whose long ones have lost digits.
    """

    number: int
    line: int
    cells: list
    numeric: frozenset = frozenset()


class BadRow(NamedTuple):
    """A row that cannot be split into the columns of the heading."""

    number: int
    line: int
    code: str
    detail: str


def survey(path: Path) -> Form:
    """How the file at ``path`` is written. Raises ``Refused`` where it is no table that can be read."""
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise Refused("文件是空的。请重新导出一份再上传。")
    if start.startswith(b"PK\x03\x04"):
        return _survey_workbook(path)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("这是旧的 .xls 或加了密码的表格。请去掉密码，另存为 .xlsx 或 CSV。")
    return _survey_text(path)


def _survey_text(path):
    encoding, lines, quotes = _decode_all(path)
    heading = _first_line(path, encoding)
    if not heading.strip():
        raise Refused("第 1 行是空的。第 1 行应是表头，写明每一列是什么。")
    separator = max(",;\t", key=lambda mark: heading.count(mark))
    if separator not in heading:
        separator = ","
    csv.field_size_limit(LONGEST_LINE)
    try:
        width = len(next(csv.reader([heading], delimiter=separator)))
    except csv.Error:
        raise Refused("第 1 行的表头读不出来，引号没有配对。请核对导出的格式。") from None
    if width > MOST_COLUMNS:
        raise Refused(f"表头有 {width} 列，最多 {MOST_COLUMNS} 列。请只留要导入的列。")
    _refuse_half_a_file(path, encoding, separator, width, quotes)
    return Form("csv", encoding, separator, max(lines, 0))


def _decode_all(path):
    """(encoding, lines after the first, quotation marks), by strict decoding of every byte."""
    stops = {}
    for encoding in ENCODINGS:
        line, quotes, since = 1, 0, 0
        decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                if 0 in block:
                    raise Refused(_zero_bytes(path, line, block))
                since = _refuse_long_line(block, since, line)
                try:
                    decoder.decode(block)
                except UnicodeDecodeError as problem:
                    # ``problem.object`` may begin with a few bytes left over from the block before.
                    start = problem.start - (len(problem.object) - len(block))
                    stops[encoding] = line + block[: max(start, 0)].count(b"\n")
                    break
                line += block.count(b"\n")
                quotes += block.count(b'"')
                last = block[-1:]
            else:
                try:
                    decoder.decode(b"", final=True)
                except UnicodeDecodeError:
                    stops[encoding] = line
                    continue
                return encoding, line - 1 - (last == b"\n"), quotes
    raise Refused(
        f"第 {max(stops.values())} 行不是 UTF-8，也不是 GB18030 编码，文件可能损坏。请另存为“CSV UTF-8”再上传。"
    )


def _zero_bytes(path, line, block) -> str:
    with path.open("rb") as file:
        start = file.read(2)
    if start in (b"\xff\xfe", b"\xfe\xff"):
        return "文件是 UTF-16 编码。请另存为“CSV UTF-8”再上传。"
    place = line + block[: block.index(0)].count(b"\n")
    return f"第 {place} 行有空字节，不是文本文件，或者已经损坏。请重新导出一份。"


def _refuse_long_line(block, since, line):
    """Bytes since the last line break after ``block``; ``since`` before it."""
    first = block.find(b"\n")
    if first < 0 and b"\r" in block:  # line breaks of old Macs
        return len(block) - block.rindex(b"\r")
    if since + (first if first >= 0 else len(block)) > LONGEST_LINE:
        raise Refused(f"第 {line} 行超过 1 MB，不像表格里的一行。请核对导出的格式。")
    return len(block) - block.rindex(b"\n") if first >= 0 else since + len(block)


def _first_line(path, encoding):
    with path.open(encoding=encoding, newline="") as file:
        return file.readline().rstrip("\r\n")


def _refuse_half_a_file(path, encoding, separator, width, quotes) -> None:
    """A transfer that broke off ends within a quoted cell, or in a last line that is too short and has no end."""
    if quotes % 2:
        raise Refused("文件像是只传了一半：引号没有配对。请重新导出，传完再导入。")
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _TAIL, 0))
        tail = file.read()
    if tail.endswith((b"\n", b"\r")):
        return
    lines = tail.splitlines(keepends=True)
    last = b""
    while lines and (not last or last.count(b'"') % 2):
        last = lines.pop() + last
    if not lines:  # the heading alone
        return
    try:
        cells = next(csv.reader([last.decode(encoding)], delimiter=separator))
    except (UnicodeDecodeError, csv.Error, StopIteration):
        return
    if len(cells) < width:
        raise Refused(
            f"文件像是只传了一半：最后一行只有 {len(cells)} 列，表头有 {width} 列。请重新导出，传完再导入。"
        )


def _survey_workbook(path):
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if not any(part.filename.startswith("xl/worksheets/") for part in parts):
                raise Refused("这个压缩文件不是表格。请上传 .xlsx 或 CSV 文件。")
            if sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Refused("这个表格解开后太大。请另存为 CSV 再上传。")
            for part in parts:
                if part.filename == "xl/sharedStrings.xml" and part.file_size > MOST_SHARED_TEXT:
                    raise Refused("这个表格里的文字太多，按 .xlsx 读会占满内存。请另存为 CSV 再上传。")
                _refuse_entities(archive, part)
            broken = archive.testzip()
    except Refused:
        raise
    except Exception:  # noqa: BLE001 - as many kinds as there are ways to be broken
        broken = "?"
    if broken:
        raise Refused("文件像是只传了一半，或者已经损坏，打不开。请重新导出一份。")
    return Form("xlsx")


def _refuse_entities(archive, part) -> None:
    """Workbooks need no document type; one that has it tries to pull something in."""
    if part.filename.endswith((".xml", ".rels")):
        with archive.open(part) as file:
            start = file.read(4096)
        if b"<!DOCTYPE" in start or b"<!ENTITY" in start or b"\0" in start:
            raise Refused("这个表格里有不该有的外部引用，不能导入。请另存为 CSV 再上传。")


def read_headings(path: Path, form: Form) -> list[str]:
    """The first row. Raises ``Refused`` for an empty, overlong or repeated heading."""
    with closing(_raw_rows(path, form)) as rows:
        first = next(rows, None)
    if first is None:
        raise Refused("文件是空的。请重新导出一份再上传。")
    if isinstance(first[1], BadRow):
        raise Refused("第 1 行的表头读不出来，引号没有配对。请核对导出的格式。")
    headings = [" ".join(cell.split()) for cell in first[1]]
    while headings and not headings[-1]:
        headings.pop()
    if not headings:
        raise Refused("第 1 行是空的。第 1 行应是表头，写明每一列是什么。")
    if len(headings) > MOST_COLUMNS:
        raise Refused(f"表头有 {len(headings)} 列，最多 {MOST_COLUMNS} 列。请只留要导入的列。")
    if "" in headings:
        raise Refused(f"表头第 {headings.index('') + 1} 列没有名字。请写上名字，或删去这一列。")
    if any(masked(heading) != heading for heading in headings):
        raise Refused("第 1 行不像表头，里面有号码。第 1 行应写明每一列是什么。")
    if any(len(heading) > LONGEST_HEADING for heading in headings):
        raise Refused("第 1 行不像表头，有一格特别长。第 1 行应写明每一列是什么。")
    twice = next((heading for heading in headings if headings.count(heading) > 1), None)
    if twice:
        raise Refused(f"表头里“{twice}”出现了两次。请改名或删去其中一列。")
    return headings


def read_table(path: Path, form: Form, width: int, *, after=0) -> Iterator[Row | BadRow]:
    """The rows after the heading, those up to number ``after`` skipped. Empty rows count but are left out."""
    with closing(_raw_rows(path, form)) as rows:
        numbered = islice(enumerate(rows), 1 + after, None)
        for number, (line, cells, numeric) in numbered:
            if isinstance(cells, BadRow):
                yield cells._replace(number=number, line=line)
                continue
            count = len(cells)
            if count != width:
                if not any(cells):
                    continue
                if count < width and form.kind == "xlsx":  # XLSX leaves out empty cells at the end
                    cells = [*cells, *[""] * (width - count)]
                elif count < width:
                    yield BadRow(
                        number, line, "short_row", f"这一行只有 {count} 列，表头有 {width} 列，可能错位了"
                    )
                    continue
                elif any(cells[width:]):
                    yield BadRow(
                        number, line, "long_row", f"这一行有 {count} 列，表头只有 {width} 列，可能错位了"
                    )
                    continue
            elif not any(cells):
                continue
            yield Row(number, line, cells, numeric)


def _raw_rows(path, form):
    return _text_rows(path, form) if form.kind == "csv" else _workbook_rows(path)


_NONE = frozenset()


def _text_rows(path, form):
    csv.field_size_limit(LONGEST_LINE)
    with path.open(encoding=form.encoding, newline="") as file:
        reader = csv.reader(file, delimiter=form.separator, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield line, BadRow(0, line, "broken_row", "这一行的引号没有配对，读不出来"), _NONE
                continue
            yield line, [cell.strip() for cell in cells], _NONE


def _workbook_rows(path):
    from openpyxl import load_workbook

    line = 0
    try:
        # Opened here: from a path openpyxl takes names that end in .xlsx alone, and kept files have none.
        with (
            path.open("rb") as file,
            closing(load_workbook(file, read_only=True, data_only=False, keep_links=False)) as book,
        ):
            sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
            if sheet is None:
                raise Refused("这个表格里没有工作表。请重新导出一份。")
            sheet.reset_dimensions()  # what the file says of its size may be wrong, or a trap
            for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
                if line > MOST_LINES:
                    raise Refused("这个表格的行数超过 .xlsx 的上限，可能已经损坏。请另存为 CSV 再上传。")
                if len(values) > MOST_COLUMNS and any(value is not None for value in values[MOST_COLUMNS:]):
                    raise Refused(f"第 {line} 行超过 {MOST_COLUMNS} 列。请只留要导入的列。")
                values = values[:MOST_COLUMNS]
                numeric = frozenset(
                    place
                    for place, value in enumerate(values)
                    if isinstance(value, int | float) and not isinstance(value, bool)
                )
                yield line, [_as_text(value) for value in values], numeric
    except Refused:
        raise
    except Exception:  # noqa: BLE001 - openpyxl raises whatever the broken part leads it to
        what = "读到一半坏了" if line else "打不开，可能已经损坏"
        raise Refused(f"这个表格{what}。请在表格软件里另存一份再上传。") from None


def _as_text(value):
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        # Spreadsheets show 15 digits; more are noise of binary fractions.
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    return str(value)
