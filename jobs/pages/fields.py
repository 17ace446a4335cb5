"""The two forms of the room as fields: what each control is called, what was typed, what is wrong with it."""

from collections.abc import Iterable, Mapping

from core.errors import Fault
from core.money import yuan_text

from ..facts import CERTIFICATES
from ..models import Post, Worker
from ..models.posts import EVERY_DAY, WEEKDAYS
from ..pairs.requirements import parted
from ..settings import said
from ..trades import counties, grouped

DAYS = [(str(place), label) for place, label in enumerate(WEEKDAYS, 1)]


class Form:
    """``typed``: what was sent, or what stands, by name; ``faults``: what is wrong, by field."""

    def __init__(self, typed: Mapping, faults: Iterable[Fault] = ()) -> None:
        self.typed = typed
        self.faults = list(faults)
        self.said = {fault.field: fault.detail for fault in self.faults}

    @property
    def errors(self) -> list[dict]:
        return [{"anchor": fault.field, "message": fault.detail} for fault in self.faults]

    def line(self, name, label, hint="", kind="text", unit="", inputmode="text") -> dict:
        return {
            "name": name,
            "kind": kind,
            "label": label,
            "hint": hint,
            "unit": unit,
            "value": self.typed.get(name) or "",
            "error": self.said.get(name, ""),
            "type": "text",
            "inputmode": inputmode,
            "autocomplete": "off",
            "others": [],
            "options": [],
        }

    def day(self, name, label, hint="") -> dict:
        return self.line(name, label, hint, kind="date")

    def number(self, name, label, hint="", unit="") -> dict:
        return self.line(name, label, hint, kind="number", unit=unit)

    def several(self, name, label, options, hint="", kind="checkbox") -> dict:
        chosen = self._list(name)
        rows = [
            {"value": value, "label": text, "gloss": "", "checked": value in chosen, "more": False}
            for value, text in options
        ]
        return self.line(name, label, hint, kind=kind) | {"options": rows}

    def one(self, name, label, options, hint="") -> dict:
        return self.several(name, label, options, hint, kind="radio")

    def yes(self, *pairs, label) -> dict:
        """Boxes that each stand for a field of their own: ``(name, words)``."""
        rows = [
            {"name": name, "label": words, "checked": str(self.typed.get(name, "")) in ("on", "true", "True")}
            for name, words in pairs
        ]
        return {"kind": "boxes", "label": label, "boxes": rows}

    def choice(self, name, label, groups, hint="") -> dict:
        """A list to choose one from, ``[(group, [(value, label)])]``."""
        return self.line(name, label, hint, kind="select") | {"groups": groups}

    def grouped(self, name, label, groups, hint="") -> dict:
        """Boxes of one field under headings, ``[(heading, [(value, label)])]``. The first has the id of the field."""
        chosen, first = self._list(name), groups[0][1][0][0]
        rows = [
            (
                heading,
                [
                    {
                        "id": name if value == first else f"{name}-{value}",
                        "value": value,
                        "label": text,
                        "checked": value in chosen,
                    }
                    for value, text in options
                ],
            )
            for heading, options in groups
        ]
        return self.line(name, label, hint, kind="grouped") | {"groups": rows}

    def _list(self, name) -> list[str]:
        raw = self.typed.getlist(name) if hasattr(self.typed, "getlist") else self.typed.get(name, [])
        return [str(one) for one in (raw if isinstance(raw, list | tuple) else [raw])]


def _counties() -> list[tuple[str, str]]:
    return [(county.code, county.label) for county in counties().values()]


def _certificates() -> list[tuple[str, str]]:
    return [(choice.value, choice.label) for choice in CERTIFICATES]


def post_sections(form: Form) -> list[dict]:
    """``[{title, fields}]`` of the form for work that a shop offers."""
    units = [(unit, row["label"]) for unit, row in said()["pay"].items()]
    return [
        {
            "title": "什么活",
            "fields": [
                form.choice("trade", "工种", grouped()),
                form.line("title", "一句话说清楚", "例如：采春茶，按天结。不要写电话，谈的时候再给。"),
                form.line("words", "还要说明的（可以不填）", kind="long"),
                form.number("people", "要几个人", unit="人"),
            ],
        },
        {
            "title": "在哪里，什么时候",
            "fields": [
                form.choice("county", "县区", [("六盘水和周边", _counties())]),
                form.line("place", "具体地点（可以不填）", "写到乡镇、村就行。"),
                form.day("from_on", "从哪天"),
                form.day("until_on", "到哪天"),
                form.several("days", "一周哪几天（都要就不用选）", DAYS),
                form.number("hours", "一天几小时", unit="小时"),
            ],
        },
        {
            "title": "工钱和吃住",
            "fields": [
                form.one("unit", "工钱怎么算", units),
                form.number("pay", "多少钱", unit="元"),
                form.number("pieces", "一天大约能做多少件", "按件算的才填，好算出一天多少钱。", unit="件"),
                form.yes(
                    ("meals", "包吃"),
                    ("lodging", "包住"),
                    ("season", "季节活，忙完就散"),
                    ("night", "要上夜班（晚上 10 点到早上 6 点）"),
                    label="有的就选上",
                ),
            ],
        },
        {
            "title": "对人的要求（没有就不填）",
            "fields": [
                form.number("least_age", "最小多少岁", "不满 16 岁的不能来干活。", unit="岁"),
                form.number("experience", "干过几年", unit="年"),
                form.several("certificates", "要有的证", _certificates()),
                form.yes(("needs_tools", "要自带工具"), label="工具"),
            ],
        },
    ]


def worker_sections(form: Form) -> list[dict]:
    """``[{title, fields}]`` of the form for somebody who looks for work."""
    return [
        {
            "title": "您",
            "fields": [
                form.line("shown_name", "怎么称呼您", "店里先看到这个称呼，不用写全名，例如：小李。"),
                form.day("born_on", "出生日期", "只用来看能不能做重活、夜班，不给别人看。"),
            ],
        },
        {
            "title": "会做什么，去哪里",
            "fields": [
                form.grouped("trades", "会做的活（最多 8 样）", grouped()),
                form.several("counties", "愿意去的地方（最多 8 个）", _counties()),
            ],
        },
        {
            "title": "什么时候，多少钱",
            "fields": [
                form.day("from_on", "从哪天有空"),
                form.day("until_on", "到哪天有空"),
                form.several("days", "一周哪几天（哪天都行就不用选）", DAYS),
                form.number("hours", "一天最多几小时", unit="小时"),
                form.number("wants", "一天最少要多少钱", unit="元"),
            ],
        },
        {
            "title": "您的本事和想法",
            "fields": [
                form.number("experience", "这一行干过几年", unit="年"),
                form.several("certificates", "有的证", _certificates()),
                form.yes(
                    ("has_tools", "自带工具"),
                    ("needs_lodging", "要包住"),
                    ("only_season", "只做季节活"),
                    label="有的就选上",
                ),
            ],
        },
    ]


def _days(mask: int) -> list[str]:
    return [] if mask == EVERY_DAY else [value for place, (value, _) in enumerate(DAYS) if mask >> place & 1]


def typed_post(post: Post) -> dict:
    """What the form shows of a post that stands."""
    leaves = {fact: node["value"] for fact, node in parted(post.requirements)[0].items()}
    return {
        **{
            name: getattr(post, name)
            for name in ("trade", "title", "words", "county", "place", "people", "hours")
        },
        **{name: getattr(post, name) for name in ("unit", "pieces", "night", "lodging", "meals", "season")},
        "from_on": post.from_on.isoformat(),
        "until_on": post.until_on.isoformat(),
        "days": _days(post.days),
        "pay": yuan_text(post.pay_fen).replace(",", ""),
        "least_age": (leaves.get("born_on") or {}).get("years", ""),
        "experience": leaves.get("experience", ""),
        "certificates": leaves.get("certificates", []),
        "needs_tools": leaves.get("has_tools", ""),
    }


def typed_worker(worker: Worker) -> dict:
    """What the form shows of a card that stands."""
    flags = ("has_tools", "needs_lodging", "only_season")
    return {
        **{name: getattr(worker, name) for name in ("shown_name", "trades", "counties", "hours", *flags)},
        **{name: getattr(worker, name).isoformat() for name in ("born_on", "from_on", "until_on")},
        "experience": worker.experience,
        "days": _days(worker.days),
        "wants": yuan_text(worker.wants_fen).replace(",", ""),
        "certificates": [
            choice.value for place, choice in enumerate(CERTIFICATES) if worker.certificates_yes >> place & 1
        ],
    }
