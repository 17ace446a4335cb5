"""Several messages as one on an outside channel: a short message, a mail. The words are wording.py's."""

from typing import NamedTuple

from django.template.loader import render_to_string

from ..models import Change
from ..wording import Words

SIGNATURE = "【六盘水个体服务】"  # the gateway puts it in front
LONGEST_WITH_SIGNATURE = 54
LONGEST_SMS = LONGEST_WITH_SIGNATURE - len(SIGNATURE)
LONGEST_LETTER_SMS = 70 - len(SIGNATURE)  # one segment; what is said of a case needs no way to stop it
STOP = "退订回T"
LISTED_IN_MAIL = 10
COMPOUND_SURNAMES = frozenset(
    [
        *("欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐"),
        *("司徒", "东方", "长孙", "宇文", "端木", "百里", "东郭", "南宫", "西门", "申屠"),
    ]
)


class Said(NamedTuple):
    """One message of a digest: its kind of change, None for a letter, and its words."""

    kind: int | None
    words: Words


def greeting(name: str) -> str:
    """“张师傅，”; empty where the surname cannot be told."""
    if "·" in name or not 2 <= len(name) <= 4:
        return ""
    return f"{name[:2] if name[:2] in COMPOUND_SURNAMES else name[0]}师傅，"


def sms_text(said: list[Said], name: str) -> str:
    """At most LONGEST_SMS characters: the fullest of the words that fit."""
    candidates = list(said[0].words.sms) if len(said) == 1 else []
    for clause in [*candidates, f"{_counted(said, '')}。到“政策直通车”看，不收费。"]:
        for hello in (greeting(name), ""):
            text = f"{hello}{clause}{STOP}"
            if len(text) <= LONGEST_SMS:
                return text
    return f"您有{len(said)}条政策消息。到“政策直通车”看，不收费。{STOP}"


def letter_sms(text: str, name: str) -> str:
    """What is said of a case, with a greeting where it fits."""
    hello = greeting(name)
    return f"{hello}{text}" if len(hello) + len(text) <= LONGEST_LETTER_SMS else text


def subject(said: list[Said]) -> str:
    return said[0].words.subject if len(said) == 1 else _counted(said, " ")


def _counted(said, space) -> str:
    """“您有 3 项新政策可以享受，1 项快到期”."""
    kinds = [one.kind for one in said]
    new, due = kinds.count(Change.NEW), kinds.count(Change.REMINDER)
    other = len(kinds) - new - due
    parts = []
    if new:
        parts.append(f"您有{space}{new}{space}项新政策可以享受")
    if due:
        parts.append(f"{'' if parts else '您有'}{space if not parts else ''}{due}{space}项快到日子")
    if other:
        parts.append(f"{'' if parts else '您有'}{space if not parts else ''}{other}{space}项有变化")
    return "，".join(parts)


def mail(said: list[Said], site: str, stop_url: str) -> tuple[str, str]:
    """(text, html) of a mail."""
    context = {
        "subject": subject(said),
        "items": [
            {
                "words": one.words,
                "url": f"{site}{one.words.action_url_path}",
                "rate_url": one.words.rate_url_path and f"{site}{one.words.rate_url_path}",
            }
            for one in said[:LISTED_IN_MAIL]
        ],
        "left": max(len(said) - LISTED_IN_MAIL, 0),
        "inbox_url": f"{site}/inbox/",
        "stop_url": stop_url,
    }
    return (
        render_to_string("notifications/mail.txt", context).strip() + "\n",
        render_to_string("notifications/mail.html", context),
    )
