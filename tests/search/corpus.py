"""The words and questions of owners, and what they mean: what search and 问一问 are measured by.

Written before there was a synonym table, so that the table is made for owners and not for the measure of it.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from core.data_files import read_yaml
from policies.measures_file import DEFAULT_PATH

FOLDER = Path(__file__).parent
WANTS = ("what", "how_much", "when", "why_not", "how", "where")
OUT = "out"
WHO = ("graduate", "veteran", "hardship", "migrant", "elder")
# The names that owner-surface.md §11 gives, until the catalogue holds them.
PLAIN_NAMES = {
    "M01a": "失业保险少交",
    "M01b": "退失业保险费",
    "M01c": "创业贷款",
    "M04a": "六种税、两种费减半",
    "M04b": "个人所得税减半",
    "M04c": "每年少交税",
    "M05a": "开店补贴",
    "M05b": "种养创业补贴",
    "M05c": "房租补贴",
    "M16b": "修复信用",
    "M18a": "转成公司",
    "M20a": "初次轻微，改了不罚",
}
# Pairs of names that say nothing of what a measure is about.
STOP_PAIRS = {"个体", "体工", "工商", "商户", "体户", "一次"}


@dataclass(frozen=True)
class Word:
    """``about``: one of these is among the first three hits; ``typo``: the word with one slip."""

    word: str
    about: tuple[str, ...]
    typo: str


@dataclass(frozen=True)
class Question:
    """``about``: any one of these answers it; empty out of scope. ``who``: empty for anybody."""

    ask: str
    about: tuple[str, ...]
    wants: str
    k6: bool = False
    far: bool = False
    who: str = ""


@cache
def words() -> tuple[Word, ...]:
    return tuple(Word(**row) for row in _rows("words.yaml"))


@cache
def questions() -> tuple[Question, ...]:
    return tuple(Question(**row) for row in _rows("questions.yaml"))


@cache
def names() -> dict[str, tuple[str, ...]]:
    """All that each benefit is called: its measure and itself, plainly, and in the everyday words of both."""
    found = {}
    for measure in read_yaml(DEFAULT_PATH)["measures"].values():
        for code, benefit in measure["benefits"].items():
            found[code] = (
                measure["title"],
                benefit["title"],
                PLAIN_NAMES.get(code, ""),
                *measure["keywords"],
                *(one.word for one in words() if code in one.about),
            )
    return found


def shared_pairs(ask: str, texts) -> set[str]:
    """The words of two characters, and parts of longer ones, that a question has in common with ``texts``."""
    return (_pairs(ask) & set().union(*map(_pairs, texts))) - STOP_PAIRS


def _pairs(text):
    return {one + other for run in re.findall(r"[\u4e00-\u9fff]+", text) for one, other in pairwise(run)}


def _rows(file):
    for row in read_yaml(FOLDER / file):
        about = row["about"]
        yield {**row, "about": tuple([about] if isinstance(about, str) else about or ())}
