"""When a post and a worker fit. Each condition stands here once, as SQL for all pairs and as a test and two sentences
for one pair; what a post asks besides is its own rule (requirements.py).

In SQL ``p`` is a post and ``w`` a worker, both as matching.py lays them out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from core.money import yuan_text
from core.wording import day_text

from ..models import Post, Worker
from ..models.posts import WEEKDAYS
from ..trades import label_of, place_of
from .requirements import judged


@dataclass(frozen=True)
class Condition:
    """``sql`` is empty for what the search itself goes by. ``fits``, ``lacks``: the sentence of a pair that does and of
    one that does not, which says how far off it is."""

    key: str
    sql: str
    holds: Callable[[Post, Worker], bool]
    fits: Callable[[Post, Worker], str]
    lacks: Callable[[Post, Worker], str]


def _missing_days(post, worker) -> str:
    return "、".join(label for place, label in enumerate(WEEKDAYS) if post.days & ~worker.days & 1 << place)


def _span(row) -> str:
    return f"{day_text(row.from_on)}到 {day_text(row.until_on)}"


CONDITIONS = (
    Condition(
        "trade",
        "",
        lambda p, w: p.trade in w.trades,
        lambda p, w: f"会做{label_of(p.trade)}",
        lambda p, w: f"没有写会做{label_of(p.trade)}",
    ),
    Condition(
        "county",
        "",
        lambda p, w: p.county in w.counties,
        lambda p, w: f"愿意去{place_of(p.county)}",
        lambda p, w: f"没有写愿意去{place_of(p.county)}",
    ),
    Condition(
        "pay",
        "w.day_fen <= p.day_fen",
        lambda p, w: w.wants_fen <= p.day_fen,
        lambda p, w: f"一天 {yuan_text(p.day_fen)} 元，够得上想要的 {yuan_text(w.wants_fen)} 元",
        lambda p, w: f"日薪少 {yuan_text(w.wants_fen - p.day_fen)} 元",
    ),
    Condition(
        "dates",
        "w.from_on <= p.until_on AND w.until_on >= p.from_on",
        lambda p, w: w.from_on <= p.until_on and w.until_on >= p.from_on,
        lambda p, w: f"{_span(w)}有空",
        lambda p, w: f"{_span(p)}没有空",
    ),
    Condition(
        "days",
        "p.days & w.days = p.days",
        lambda p, w: p.days & w.days == p.days,
        lambda p, w: f"{p.days_label}都能来",
        lambda p, w: f"{_missing_days(p, w)}来不了",
    ),
    Condition(
        "hours",
        "p.hours <= w.hours",
        lambda p, w: p.hours <= w.hours,
        lambda p, w: f"一天 {p.hours} 小时，可以",
        lambda p, w: f"一天多 {p.hours - w.hours} 小时",
    ),
    Condition(
        "lodging",
        "w.lodging <= p.lodging",
        lambda p, w: p.lodging or not w.needs_lodging,
        lambda p, w: "包住" if p.lodging else "不用包住",
        lambda p, w: "不包住",
    ),
    Condition(
        "season",
        "w.season <= p.season",
        lambda p, w: p.season or not w.only_season,
        lambda p, w: "是季节活" if p.season else "长短活都行",
        lambda p, w: "不是季节活",
    ),
    Condition(
        "adult",
        "(p.is_hard = 0 OR w.adult_on <= p.from_on)",
        lambda p, w: not p.is_hard or w.adult_on <= p.from_on,
        lambda p, w: "年龄可以做",
        lambda p, w: "开工时不满 18 周岁，重活和夜班不能做",
    ),
)
SQL = " AND ".join(condition.sql for condition in CONDITIONS if condition.sql)


@dataclass(frozen=True)
class Reason:
    """One condition of a pair: ``key`` of it, or of the post's own rule ``rule``; whether it ``holds``; its
    sentence."""

    key: str
    holds: bool
    sentence: str


def reasons(post: Post, worker: Worker, day: date) -> list[Reason]:
    """All conditions of a pair on ``day``, in order."""
    found = []
    for condition in CONDITIONS:
        holds = condition.holds(post, worker)
        say = condition.fits if holds else condition.lacks
        found.append(Reason(condition.key, holds, say(post, worker)))
    for row in judged(post.requirements, worker, day):
        holds = row["result"] == "pass"
        unknown = "，您还没有填" if row["result"] == "unknown" else ""
        found.append(Reason("rule", holds, f"要求{row['sentence']}{unknown}"))
    return found


def fit(post: Post, worker: Worker, day: date) -> bool:
    return all(reason.holds for reason in reasons(post, worker, day))


def lacking(found: list[Reason]) -> str:
    """“差一条：日薪少 20 元”; empty where nothing lacks."""
    gaps = [reason.sentence for reason in found if not reason.holds]
    return f"差{len(gaps) if len(gaps) > 1 else '一'}条：{'；'.join(gaps)}" if gaps else ""
