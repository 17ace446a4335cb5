"""Questions as pages: which facts share one, how each is asked in a form, and how a filled form is read."""

import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.utils import timezone

from core.facts import Fact, Misread
from core.typed import read_day, read_whole, read_yuan
from policies import strict_yaml

DATA = Path(__file__).parents[1] / "data" / "question_pages.yaml"
NOT_KNOWN, NONE_OF_THEM, NOT_REGISTERED = "unknown", "none-of-them", "not_registered"
NOT_YET_REGISTERED = "不能晚于今天。还没登记就选“还没登记”"
NOTHING_CHOSEN = "请选一项。不确定就选“不清楚”"


@dataclass(frozen=True)
class QuestionPage:
    """Facts that are asked together. ``foremost``: the choices shown first; ``glosses``: what a choice means;
    ``opens``: the one of which the others are asked where it holds."""

    key: str
    title: str
    why: str
    facts: tuple[str, ...]
    foremost: frozenset = frozenset()
    glosses: dict = field(default_factory=dict, hash=False)
    opens: str = ""


@cache
def _written_pages() -> list:
    pages = strict_yaml.load(DATA.read_text("utf-8")).data["pages"]
    return [
        QuestionPage(
            page["key"],
            page["title"],
            page["why"],
            tuple(page["facts"]),
            frozenset(page.get("foremost", ())),
            page.get("glosses", {}),
            page.get("opens", ""),
        )
        for page in pages
    ]


def page_of(fact: Fact) -> QuestionPage:
    """The page on which a fact is asked; one of its own where none was written for it."""
    written = next((page for page in _written_pages() if fact.name in page.facts), None)
    return written or QuestionPage(_slug(fact.name), fact.question or fact.label, fact.why, (fact.name,))


def page_by_key(key, registry) -> QuestionPage | None:
    written = next((page for page in _written_pages() if page.key == key), None)
    if written:
        return written
    fact = next((fact for fact in registry.values() if _slug(fact.name) == key and fact.ask != "never"), None)
    return page_of(fact) if fact else None


def _slug(name) -> str:
    return name.replace("_", "-")


def field_of(fact, page, answers, *, error="", posted=None) -> dict:
    """One question as the form component takes it (templates/components/field.html)."""
    asked = _Asked(fact, page, answers, posted)
    return {
        "name": fact.name,
        "kind": asked.kind,
        "label": fact.question or fact.label,
        "hint": fact.why if len(page.facts) > 1 else "",
        "value": asked.value,
        "unit": fact.unit,
        "error": error,
        "options": asked.options(),
        "others": asked.others(),
    }


class _Asked:
    """How a fact is asked, with what was answered before or posted just now already filled in."""

    def __init__(self, fact, page, answers, posted) -> None:
        self.fact, self.page = fact, page
        self.kind = {"date": "date", "integer": "number", "money": "number", "set": "checkbox"}.get(
            fact.type, "radio" if fact.choices or fact.type == "bool" else "text"
        )
        if posted is not None:
            self.chosen = set(posted.getlist(fact.name)) | set(posted.getlist(f"{fact.name}-other"))
            self.value = posted.get(fact.name, "")
        else:
            self.chosen, self.value = _filled_in(fact, answers)

    def options(self) -> list:
        if self.kind in ("date", "number", "text"):
            return []
        if self.fact.type == "bool":
            rows = [("true", "是"), ("false", "不是")]
        else:
            rows = [(choice.value, choice.label) for choice in self.fact.choices]
        if self.fact.type == "set":
            rows.append((NONE_OF_THEM, "都不是"))
        rows.append((NOT_KNOWN, "不清楚"))
        foremost = self.page.foremost
        named = {choice.value for choice in self.fact.choices}
        return [
            {
                "value": value,
                "label": label,
                "gloss": self.page.glosses.get(value, ""),
                "checked": value in self.chosen,
                "more": bool(foremost) and value in named - foremost,
            }
            for value, label in rows
        ]

    def others(self) -> list:
        if self.kind not in ("date", "number", "text"):
            return []
        rows = [(NOT_REGISTERED, "还没登记")] if self.fact.name == "registered_on" else []
        rows.append((NOT_KNOWN, "不清楚"))
        return [{"value": value, "label": label, "checked": value in self.chosen} for value, label in rows]


def _filled_in(fact, answers):
    """(chosen options, text) of an earlier answer."""
    if fact.name == "registered_on" and answers.get("operating_status") == NOT_REGISTERED:
        return {NOT_REGISTERED}, ""
    if fact.name not in answers:
        return set(), ""
    answer = answers[fact.name]
    if answer is None:
        return {NOT_KNOWN}, ""
    if fact.type == "set":
        return set(answer) or {NONE_OF_THEM}, ""
    if fact.type == "bool":
        return {"true" if answer else "false"}, ""
    text = str(answer).removesuffix(".00") if fact.type == "money" else str(answer)
    return {answer} if fact.type == "choice" else set(), text


def read_field(fact, posted):
    """What a form says of one fact, as answers to keep; empty where it was left blank. Raises Misread.

    A shop that is to be registered later is not registered yet: programs may ask about a day ahead, people choose it.
    """
    other = posted.get(f"{fact.name}-other", "")
    values = [value for value in posted.getlist(fact.name) if value]
    if fact.type == "set":
        return _read_members(fact, values)
    text = values[0].strip() if values else ""
    if fact.type in ("date", "integer", "money", "code") and text:
        settled = _settled(fact, _plain(fact, text))
        if fact.name == "registered_on" and settled[fact.name] > timezone.localdate().isoformat():
            raise Misread("future", NOT_YET_REGISTERED)
        return settled
    chosen = text or other
    if not chosen:
        return {}
    if chosen == NOT_KNOWN:
        return _settled(fact, None)
    if chosen == NOT_REGISTERED and fact.name == "registered_on":
        return {"operating_status": NOT_REGISTERED, "registered_on": None}
    return _settled(fact, chosen == "true" if fact.type == "bool" and chosen in ("true", "false") else chosen)


def _read_members(fact, values) -> dict:
    if not values:
        return {}
    if NOT_KNOWN in values:
        return {fact.name: None}
    members = [value for value in values if value != NONE_OF_THEM]
    fact.read(members)
    if members and NONE_OF_THEM in values:
        raise Misread("contradiction", "选了身份就不要再选“都不是”")
    return {fact.name: members}


def _settled(fact, raw):
    if raw is not None:
        fact.read(raw)
    answers = {fact.name: raw}
    if fact.name == "registered_on":
        answers["operating_status"] = ABSENT
    return answers


ABSENT = object()


def _plain(fact, text):
    """What people type, in the spelling that facts take."""
    if fact.type == "integer":
        try:
            return read_whole(text, fact.unit)
        except Misread as problem:
            raise Misread(problem.code, f"{problem.detail}，不知道就选“不清楚”") from None
    if fact.type == "money":
        return read_yuan(text, signed=fact.signed)
    return read_day(text).isoformat() if fact.type == "date" else unicodedata.normalize("NFKC", text).strip()
