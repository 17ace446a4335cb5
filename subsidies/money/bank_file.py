"""The two files between bureau and bank, both CSV: a batch, and what the bank says came of it."""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from businesses.identifiers import account_index
from core.encryption import Unreadable
from core.errors import Invalid, Refused
from core.exports import csv_lines, unescaped
from core.facts import Misread
from core.money import in_fen, in_yuan
from core.typed import read_yuan

from ..models import Payment

HEADINGS = ("流水号", "户名", "开户银行", "账号", "金额", "用途")
ANSWERED = ("流水号", "结果", "银行流水号", "金额", "原因")
WORDS = {"成功": True, "退回": False}
MOST_BYTES = 2_000_000
MOST_ROWS = 5_000
LONGEST_CELL = 1_000
ALTERED = "流水号 {} 的收款账号在系统里被动过，这一批不能导出。请报告网络安全负责人，并取消这一批。"
NOT_TEXT = "文件打不开，请存成 CSV 再导入"


class Answer(NamedTuple):
    """What the bank says of one transfer. ``problem``: what is wrong with the row, "" where nothing is.

    ``amount_fen``: None where it was returned and none is told. What is paid is never taken without comparing.
    """

    line: int
    reference: str
    is_paid: bool
    bank_reference: str
    reason: str
    amount_fen: int | None
    problem: str = ""


def write(payments: Iterable[Payment]) -> str:
    """The text of a batch, with a byte order mark. Account numbers are in clear: whoever calls writes that down."""
    return "".join(csv_lines(HEADINGS, map(_row, payments)))


def _row(payment):
    account, application = payment.account, payment.instalment.grant.application
    title = application.benefit_version.content["title"]
    number = payment.instalment.number
    return (
        payment.reference,
        account.holder,
        account.bank,
        _number(payment),
        str(in_yuan(payment.amount_fen)),
        title if number == 1 else f"{title} 第 {number} 期",
    )


def _number(payment):
    """The account's number in clear, if it is the one that was registered there. Raises Refused."""
    account = payment.account
    try:
        number = account.number.reveal()
    except Unreadable:
        number = ""
    if account_index(number) != account.number_index or number[-4:] != account.last_four:
        raise Refused(ALTERED.format(payment.reference))
    return number


def read(content: bytes) -> list[Answer]:
    """The rows of the bank's file, each right or with its problem. Raises Invalid where the file is none at all."""
    if len(content) > MOST_BYTES:
        raise Invalid.because("file", "too_large", "文件太大，最多 2 MB，请分几份导入")
    try:
        rows = list(csv.reader(io.StringIO(_text(content), newline="")))
    except csv.Error:
        raise Invalid.because("file", "not_text", NOT_TEXT) from None
    if any(len(cell) > LONGEST_CELL for cells in rows for cell in cells):
        raise Invalid.because(
            "file", "not_text", NOT_TEXT
        )  # how long csv lets a cell be is the process's affair
    headings = [cell.strip() for cell in rows[0]] if rows else []
    if missing := [name for name in ANSWERED if name not in headings]:
        raise Invalid.because("file", "missing_columns", f"文件里缺这几列：{'、'.join(missing)}")
    if len(rows) > MOST_ROWS + 1:
        raise Invalid.because("file", "too_many_rows", f"一份最多 {MOST_ROWS} 行，请分几份导入")
    found = []
    for line, cells in enumerate(rows[1:], 2):
        if any(map(str.strip, cells)):
            values = [unescaped(cell.strip()) for cell in cells]
            padded = [*values, *[""] * (len(headings) - len(values))]
            found.append(_answer(line, dict(zip(headings, padded, strict=False))))
    if not found:
        raise Invalid.because("file", "empty", "文件里没有一行结果，请重新导出后再导入")
    return found


def _text(content):
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Invalid.because("file", "not_text", NOT_TEXT)


def _answer(line, row):
    amount, problem = _amount(row["金额"])
    if row["结果"] not in WORDS:
        problem = "“结果”要填“成功”或“退回”"
    elif WORDS[row["结果"]] and not row["银行流水号"]:
        problem = "到账的要有银行流水号"
    elif WORDS[row["结果"]] and amount is None and not problem:
        problem = "到账的要有“金额”，要和拨付的金额核对"
    elif not WORDS[row["结果"]] and not row["原因"]:
        problem = "退回的要写原因"
    elif len(row["银行流水号"]) > 60:
        problem = "银行流水号太长"
    return Answer(
        line,
        row["流水号"],
        WORDS.get(row["结果"], False),
        row["银行流水号"],
        row["原因"][:200],
        amount,
        problem,
    )


def _amount(text):
    """(fen, problem); None where it is left empty."""
    if not text:
        return None, ""
    try:
        return in_fen(Decimal(read_yuan(text))), ""
    except Misread:
        return None, "“金额”看不懂，请按元填，只用半角数字"
