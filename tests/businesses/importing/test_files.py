"""Files that are no table are refused in words, before a trace of them is kept; others are read row by row."""

import csv
import io
import tracemalloc
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from businesses.importing import files
from core.errors import Refused

GOOD = "统一社会信用代码,名称\n92520201MA6E00019C,演示店\n"


def written(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path):
    with pytest.raises(Refused) as refused:
        form = files.survey(path)
        list(files.read_table(path, form, len(files.read_headings(path, form))))
    return str(refused.value)


def rows_of(path):
    form = files.survey(path)
    headings = files.read_headings(path, form)
    return headings, list(files.read_table(path, form, len(headings)))


BROKEN = {
    "empty": (b"", "文件是空的。请重新导出一份再上传。"),
    "no heading": (b"\n1,2\n", "第 1 行是空的。第 1 行应是表头，写明每一列是什么。"),
    "cut in the last row": (
        "甲,乙,丙\n1,2,3\n1,2".encode(),
        "文件像是只传了一半：最后一行只有 2 列，表头有 3 列。请重新导出，传完再导入。",
    ),
    "cut within quotes": (
        '甲,乙\n1,"2'.encode(),
        "文件像是只传了一半：引号没有配对。请重新导出，传完再导入。",
    ),
    "zero bytes": (b"a,b\n1,2\n1,\0\n", "第 3 行有空字节，不是文本文件，或者已经损坏。请重新导出一份。"),
    "UTF-16": (GOOD.encode("utf-16"), "文件是 UTF-16 编码。请另存为“CSV UTF-8”再上传。"),
    "no encoding": (
        "甲,乙\n好,1\n".encode() + b"x,\xff\xff\n",
        "第 3 行不是 UTF-8，也不是 GB18030 编码，文件可能损坏。请另存为“CSV UTF-8”再上传。",
    ),
    "endless line": (b"a,b\n1," + b"x" * 1_100_000, "第 2 行超过 1 MB，不像表格里的一行。请核对导出的格式。"),
    "a million columns": (
        b"a" + b",a" * 400_000,
        "表头有 400001 列，最多 500 列。请只留要导入的列。",
    ),
    "a heading without an end": (
        b"a," + b"x" * 200_000 + b"\n1,2\n",
        "第 1 行不像表头，有一格特别长。第 1 行应写明每一列是什么。",
    ),
    "heading twice": ("甲,乙,甲\n1,2,3\n".encode(), "表头里“甲”出现了两次。请改名或删去其中一列。"),
    "heading without a name": ("甲,,丙\n1,2,3\n".encode(), "表头第 2 列没有名字。请写上名字，或删去这一列。"),
    "old workbook": (
        b"\xd0\xcf\x11\xe0rest",
        "这是旧的 .xls 或加了密码的表格。请去掉密码，另存为 .xlsx 或 CSV。",
    ),
    "half a workbook": (b"PK\x03\x04half", "文件像是只传了一半，或者已经损坏，打不开。请重新导出一份。"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_table_is_refused_in_words(tmp_path, what):
    content, sentence = BROKEN[what]
    csv.field_size_limit(131_072)  # as a process begins

    assert refusal(written(tmp_path, content)) == sentence


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_encoding_separator_and_line_break_reads_the_same(tmp_path, encoding, separator, ending):
    text = GOOD.replace(",", separator).replace("\n", ending)

    headings, rows = rows_of(written(tmp_path, text.encode(encoding)))

    assert headings == ["统一社会信用代码", "名称"]
    assert rows == [files.Row(1, 2, ["92520201MA6E00019C", "演示店"])]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_rare_characters_arrive_as_they_were_written(tmp_path, encoding):
    _, rows = rows_of(written(tmp_path, "姓名,乙\n演示䶮𬭎,1\n".encode(encoding)))

    assert rows[0].cells[0] == "演示䶮𬭎"


def test_a_row_that_does_not_fit_the_heading_is_reported_and_the_next_is_read(tmp_path):
    _, rows = rows_of(written(tmp_path, 'a,b\n1\n1,2,3\n"x"y,2\n\n1,2\n'))

    assert [(row.number, row.line, getattr(row, "code", "")) for row in rows] == [
        (1, 2, "short_row"),
        (2, 3, "long_row"),
        (3, 4, "broken_row"),
        (5, 6, ""),
    ]
    assert rows[-1].cells == ["1", "2"]


def test_a_cell_with_line_breaks_keeps_the_line_numbers_right(tmp_path):
    _, rows = rows_of(written(tmp_path, 'a,b\n"1\n1\n1",2\n3,4\n'))

    assert [(row.number, row.line) for row in rows] == [(1, 2), (2, 5)]


def test_reading_goes_on_after_any_row(tmp_path):
    path = written(tmp_path, "a,b\n" + "".join(f"{number},x\n" for number in range(1, 9)))
    form = files.survey(path)

    assert [row.cells[0] for row in files.read_table(path, form, 2, after=5)] == ["6", "7", "8"]


@given(
    rows=st.lists(
        st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=6), min_size=2, max_size=2),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_was_written_is_read_or_refused_in_words(tmp_path_factory, rows):
    import csv

    out = io.StringIO()
    csv.writer(out).writerows([["a", "b"], *rows])
    path = written(tmp_path_factory.mktemp("csv"), out.getvalue())

    _, found = rows_of(path)

    assert [row.cells for row in found] == [row for row in rows if any(row)]


@given(content=st.binary(max_size=200))
def test_no_file_ends_in_a_stack_trace(tmp_path_factory, content):
    path = written(tmp_path_factory.mktemp("any"), content)
    try:
        rows_of(path)
    except Refused as refused:
        assert str(refused).endswith("。")


def test_a_big_file_is_read_in_constant_memory(tmp_path):
    path = tmp_path / "big"
    with path.open("w", encoding="gb18030") as file:
        file.write("代码,店名,备注\n")
        for number in range(200_000):
            file.write(f"92520201MA{number:06d}XX,演示店{number},{'长' * 20}\n")
    size = path.stat().st_size

    tracemalloc.start()
    form = files.survey(path)
    count = sum(1 for _ in files.read_table(path, form, 3))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (count, form.encoding, form.lines) == (200_000, "gb18030", 200_000)
    assert size > 14_000_000
    assert peak < 8_000_000


# Workbooks


def workbook(tmp_path, rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    path = tmp_path / "book.xlsx"
    book.save(path)
    book.close()
    return path


def test_a_workbook_gives_dates_numbers_and_formulas_as_text(tmp_path):
    path = workbook(
        tmp_path,
        [
            ["代码", "日期", "金额", "数", "公式", "是否"],
            ["x", date(2026, 1, 15), 800.5, 12.0, "=1+1", True],
            ["y", datetime(2026, 1, 15, 8, 30), 46037, 0.1 + 0.2, None, False],
            ["z"],
        ],
    )

    _, rows = rows_of(path)

    assert [row.cells for row in rows] == [
        ["x", "2026-01-15", "800.5", "12", "=1+1", "true"],
        ["y", "2026-01-15 08:30:00", "46037", "0.3", "", "false"],
        ["z", "", "", "", "", ""],
    ]
    assert [row.numeric for row in rows] == [{2, 3}, {2, 3}, frozenset()]


def test_a_workbook_of_too_many_columns_is_refused(tmp_path):
    path = workbook(tmp_path, [[f"列{place}" for place in range(600)]])

    assert refusal(path) == "第 1 行超过 500 列。请只留要导入的列。"


def altered(tmp_path, path, name, change):
    """The workbook with one part changed."""
    target = tmp_path / "altered.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            new.writestr(part.filename, change(content) if part.filename == name else content)
    return target


def test_a_workbook_that_pulls_something_in_is_refused(tmp_path):
    entity = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    path = altered(
        tmp_path, workbook(tmp_path, [["a"], [1]]), "xl/worksheets/sheet1.xml", lambda part: entity + part
    )

    assert refusal(path) == "这个表格里有不该有的外部引用，不能导入。请另存为 CSV 再上传。"


def test_a_workbook_that_would_fill_the_memory_is_refused(tmp_path):
    path = workbook(tmp_path, [["a"], ["b"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * (files.MOST_SHARED_TEXT + 1))

    assert refusal(path) == "这个表格里的文字太多，按 .xlsx 读会占满内存。请另存为 CSV 再上传。"


def test_a_workbook_that_lies_about_its_size_is_read_as_it_is(tmp_path):
    path = altered(
        tmp_path,
        workbook(tmp_path, [["a", "b"], [1, 2]]),
        "xl/worksheets/sheet1.xml",
        lambda part: part.replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"'),
    )

    assert rows_of(path)[1] == [files.Row(1, 2, ["1", "2"], frozenset({0, 1}))]


def test_any_other_archive_is_no_workbook(tmp_path):
    path = tmp_path / "file"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "x")

    assert refusal(path) == "这个压缩文件不是表格。请上传 .xlsx 或 CSV 文件。"


@pytest.mark.parametrize("cut", [200, 1_000, 3_000])
def test_half_a_workbook_is_refused(tmp_path, cut):
    content = workbook(tmp_path, [["a", "b"], [1, 2]]).read_bytes()

    assert refusal(written(tmp_path, content[:cut])).startswith("文件像是只传了一半")


def rewritten(source, part, old, new):
    """The workbook ``source`` with ``old`` replaced in one of its parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as archive, zipfile.ZipFile(made, "w") as again:
        for name in archive.namelist():
            content = archive.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new)
            again.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/worksheets/sheet1.xml", b'<c r="A2"', b'<c r="A2" s="99"'),
        ("xl/worksheets/sheet1.xml", b'<c r="A2"', b'<c r="A2" s="99999999999999999999"'),
        ("xl/worksheets/sheet1.xml", b'<c r="A2"', b'<c r="A2" s="x"'),
        ("xl/worksheets/sheet1.xml", b"<v>1</v>", b"<v>1e999999999</v>"),
        ("xl/worksheets/sheet1.xml", b"<v>1</v>", b"<v>99999999999</v>"),
        ("xl/styles.xml", b'fontId="0"', b'fontId="99"'),
        ("xl/styles.xml", b'fontId="0"', b'fontId="99999999999999999999"'),
        ("xl/styles.xml", b'xfId="0"', b'xfId="99"'),
        ("xl/styles.xml", b"<cellXfs", b"<cellXfz"),
        ("xl/styles.xml", b'numFmtId="0"', b'numFmtId="-7"'),
        ("xl/workbook.xml", b"<sheets>", b"<sheetz>"),
    ],
)
def test_a_workbook_broken_inside_is_read_or_refused_in_words(tmp_path, part, old, new):
    book = Workbook()
    book.active.append(["甲", "乙"])
    book.active.append([1, 2])
    made = io.BytesIO()
    book.save(made)
    path = written(tmp_path, rewritten(made.getvalue(), part, old, new))

    try:
        told = rows_of(path)[1][0].cells[1]
    except Refused as refused:
        told = str(refused)

    assert told in (
        "2",
        "这个表格打不开，可能已经损坏。请在表格软件里另存一份再上传。",
        "这个表格读到一半坏了。请在表格软件里另存一份再上传。",
    )
