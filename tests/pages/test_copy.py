"""House rules for every Chinese word of ours: punctuation, plain speech, short sentences, no English."""

import ast
import html
import re
from pathlib import Path

import pytest

from core.data_files import read_yaml
from tests.settings import BASE_DIR

from .addresses import PAGES
from .owners import answers_cookie, typical_owners

HAN = "\u4e00-\u9fff"
HALF_WIDTH = re.compile(rf"[{HAN}][,:;?()!]|[,:;?()!][{HAN}]")
# What to write instead stands in ux.md §4.1.
BANNED = re.compile("用户|申请人|近期|尽快|相关部门|予以|该户|逾期不候|系统异常|请联系管理员|！|成功|失败")
LONGEST_SENTENCE = 40
# Letters that people know: a percentage's name, and the codes of our own benefits.
LATIN = re.compile(r"\b(?:LPR|M\d\d[a-z]?)\b")
# The texts of measures.yaml that are ours. The others quote documents.
OURS = {"title", "summary", "who", "note", "question", "answer", "advice", "interpretation", "window_note",
        "amount_open", "notes", "name", "fee"}  # fmt: skip
QUOTED = {"golden", "text", "preamble", "departments"}
ROOMS = (
    *("core", "businesses", "policies", "eligibility", "authoring", "notifications", "portal", "accounts"),
    *("subsidies", "services", "needs", "jobs", "visits"),
)
# Sentences for people who write rules, set the portal up, or read code; and what banks write into their files.
NOT_FOR_OWNERS = {
    *("policies/criteria", "portal/settings.py", "portal/environment.py", "portal/starting.py"),
    *("accounts/first_admin.py", "accounts/management"),
    "core/typed.py",  # its patterns know how days are written; its words are read by test_one_reading.py
    "subsidies/money/bank_file.py",
}


def measures_texts():
    data = read_yaml(Path(BASE_DIR) / "policies/data/measures.yaml")
    return list(_ours(data))


def _ours(node, key=""):
    if isinstance(node, dict):
        for inner, value in node.items():
            if inner not in QUOTED:
                yield from _ours(value, inner)
    elif isinstance(node, list):
        for value in node:
            yield from _ours(value, key)
    elif isinstance(node, str) and key in OURS:
        yield node


def question_texts():
    pages = read_yaml(Path(BASE_DIR) / "eligibility/data/question_pages.yaml")["pages"]
    from businesses.facts import BUILT_IN

    texts = [page[key] for page in pages for key in ("title", "why")]
    for fact in BUILT_IN:
        texts += [fact.label, fact.question, fact.why, fact.no, *(choice.label for choice in fact.choices)]
    return list(filter(None, texts))


def template_texts():
    for path in sorted((Path(BASE_DIR) / "templates").rglob("*.html")):
        text = re.sub(
            r"\{%\s*comment.*?endcomment\s*%\}|\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL
        )
        text = re.sub(r"\{\{.*?\}\}", "某", re.sub(r"\{%.*?%\}", "\n", text))
        yield from filter(None, map(str.strip, re.sub(r"<[^>]+>", "\n", text).split("\n")))


def message_texts():
    """Chinese strings of the code that owners can meet, docstrings left out."""
    for room in ROOMS:
        for path in sorted((Path(BASE_DIR) / room).rglob("*.py")):
            place = str(path.relative_to(BASE_DIR))
            if "migrations" in place or any(place.startswith(other) for other in NOT_FOR_OWNERS):
                continue
            tree = ast.parse(path.read_text("utf-8"))
            docstrings = {
                id(node.body[0].value)
                for node in ast.walk(tree)
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
                and node.body
                and isinstance(node.body[0], ast.Expr)
            }
            strings = [
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in docstrings
            ]
            # Lists of choices, and what to type into them, are in the spelling of programs.
            typed = re.compile(rf"[a-z0-9值]:[{HAN}]")
            yield from (
                re.sub(r"{\w*}", "某", text)
                for text in strings
                if re.search(f"[{HAN}]", text) and not typed.search(text)
            )


SOURCES = {
    "measures.yaml": measures_texts,
    "questions": question_texts,
    "templates": template_texts,
    "messages": message_texts,
}


@pytest.fixture(scope="module", params=SOURCES)
def texts(request):
    found = list(SOURCES[request.param]())
    assert len(found) > 50
    return found


def test_punctuation_beside_chinese_is_full_width(texts):
    assert [text for text in texts if HALF_WIDTH.search(text)] == []


def test_no_word_of_the_office_or_the_machine(texts):
    assert [text for text in texts if BANNED.search(text)] == []


def test_sentences_are_short(texts):
    sentences = [part for text in texts for part in re.split("[。？！；\n]", text)]

    assert [part for part in sentences if len(re.sub(r"\s", "", part)) > LONGEST_SENTENCE] == []


def test_every_rendered_page_is_chinese_throughout(client, catalogue_loaded):
    english = {}
    for address in PAGES:
        for word in _english(client.get(address)):
            english.setdefault(word, address)
    for owner in typical_owners().values():
        client.cookies["answers"] = answers_cookie(owner)
        for address in (
            "/check/results/",
            "/policies/M01b/",
            "/policies/M04b/",
            "/policies/M05a/",
            "/policies/M05c/",
        ):
            for word in _english(client.get(address)):
                english.setdefault(word, address)

    assert english == {}


def _english(response):
    page = response.content.decode()
    shown = page[page.index("<title") :]
    shown += "".join(re.findall(r'(?:aria-label|placeholder|alt|name="description" content)="([^"]*)"', page))
    return re.findall(r"[A-Za-z]{2,}", LATIN.sub("", html.unescape(re.sub(r"<[^>]+>", " ", shown))))


def test_the_rules_see_what_they_forbid():
    assert HALF_WIDTH.search("请填写,谢谢")
    assert BANNED.search("提交成功")
    assert re.findall(r"[A-Za-z]{2,}", LATIN.sub("", "M05a 的 LPR is")) == ["is"]
