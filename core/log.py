"""No phone, identity number or bank account reaches a log, whoever wrote the line (个人信息保护法 §51)."""

import logging
import re
import traceback

MASK = "***"
# A longer kind stands before a shorter one that it contains. Phones also in the groups people write them in.
_NUMBERS = re.compile(
    r"(?<![0-9])(?:"
    r"[0-9]{17}[0-9Xx]"
    r"|[0-9]{12,32}"
    r"|(?:\+?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}"
    r")(?![0-9])"
)
_TYPED = re.compile(r"([?&](?:q|term)=)[^&\s\"#]+")


def masked(text: str) -> str:
    return _NUMBERS.sub(MASK, text)


class MaskSearches(logging.Filter):
    """For lines that name addresses: what was typed into a search is nobody's affair, in whatever digits."""

    def filter(self, record) -> bool:
        record.msg, record.args = _TYPED.sub(rf"\1{MASK}", record.getMessage()), ()
        return True


class RefusalsAreALine(logging.Filter):
    """A request that was refused is a line: by which way through the program helps nobody, and takes longer to write
    than many a page. What is a fault keeps it."""

    def filter(self, record) -> bool:
        if record.levelno < logging.ERROR:
            record.exc_info = record.exc_text = None
        return True


class MaskNumbers(logging.Filter):
    """Masks a record in place: its message with the arguments put in, its exception and its stack."""

    def filter(self, record) -> bool:
        try:
            message = record.getMessage()
        except (TypeError, ValueError):  # arguments that do not fit: logging itself reports those
            message = f"{record.msg} {record.args}"
        record.msg, record.args = masked(message), ()
        if record.exc_info and record.exc_info[1] and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        if record.exc_text:
            record.exc_text = masked(record.exc_text)
        if record.stack_info:
            record.stack_info = masked(record.stack_info)
        return True
