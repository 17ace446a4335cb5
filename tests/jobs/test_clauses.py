"""What stands in contracts: clause by clause, for both forms and whoever signs them."""

import os
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from cases.papers import sheet
from core.data_files import read_yaml
from core.errors import Invalid
from jobs.contracts.clauses import FOLDER, FORMS, clauses_of, forms, numeral, questions_of, read_answers
from jobs.contracts.paper import paper_of
from jobs.contracts.terms import BLANK, EVERY_DAY, Terms, whole_months
from tests.pages.test_copy import BANNED, HALF_WIDTH, LONGEST_SENTENCE

from .pdf_text import text_of

SAID = Path(__file__).with_name("contracts.txt")
WEEKDAYS = 0b0011111
WORK = Terms(
    shop="老王茶叶店",
    operator="王五",
    address="水城区人民路 12 号",
    trade="采茶",
    title="采春茶",
    place="水城区玉舍镇",
    days=WEEKDAYS,
    hours=8,
    pay=Decimal("4200.00"),
    unit="month",
    from_on=date(2026, 12, 1),
    until_on=date(2027, 11, 30),
    adult_on=date(2008, 5, 1),
)
ANSWERS = {
    "labour": {"worker_name": "李四", "pay_on": 10, "probation": 1},
    "gig": {
        "worker_name": "李四",
        "result": "摘净、装筐",
        "settle": "当天结",
        "tools": "甲方出",
        "insured": "甲方买",
    },
}


def keys(form, terms, **answers):
    return [clause.key for clause in clauses_of(form, terms, ANSWERS[form] | answers)]


def clause(form, key, terms, **answers):
    """The lines of one clause."""
    found = clauses_of(form, terms, ANSWERS[form] | answers)
    return next(list(one.lines) for one in found if one.key == key)


def asked(form, terms):
    return [question.key for question in questions_of(form, terms)]


# Both forms whole


def said():
    for form in FORMS:
        for about, terms, answers in (("空白", Terms(), {}), ("填好的", WORK, ANSWERS[form])):
            yield f"== {forms()[form].title} {about}"
            for one in clauses_of(form, terms, answers):
                yield from (one.heading, *one.lines)
                yield f"  就是说：{one.plain}（{one.law}）{one.doubt}"


def test_both_contracts_say_what_was_read_and_found_right():
    """WRITE=1 writes it anew after words were changed; read what changed before you commit it."""
    text = "\n".join(said()) + "\n"
    if os.environ.get("WRITE"):
        SAID.write_text(text, "utf-8")

    assert text == SAID.read_text("utf-8")


def test_a_labour_contract_has_all_that_the_law_wants():
    """劳动合同法17条: parties, term, work and place, hours, pay, insurance, protection."""
    assert keys("labour", WORK) == [
        *("parties", "term", "probation", "work", "hours", "overtime", "pay_month", "insurance"),
        *("safety", "papers", "changes", "ending", "disputes", "signing"),
    ]


def test_a_gig_agreement_says_who_what_when_for_how_much_and_what_if():
    assert keys("gig", WORK) == [
        *("parties", "work", "result", "time", "pay_month", "tools", "safety", "insurance"),
        *("harm", "labour", "ending", "disputes", "signing"),
    ]


# Odd cases


@pytest.mark.parametrize(
    ("first_day", "is_minor"),
    [(date(2026, 11, 30), True), (date(2026, 12, 1), False), (date(2026, 12, 2), False)],
)
@pytest.mark.parametrize("form", FORMS)
def test_somebody_of_17_does_light_work_until_the_18th_birthday(form, first_day, is_minor):
    terms = replace(WORK, from_on=first_day, adult_on=date(2026, 12, 1))

    assert ("minor" in keys(form, terms)) == is_minor


def test_somebody_of_17_is_examined_and_registered():
    terms = replace(WORK, adult_on=date(2027, 1, 1))

    assert clause("labour", "minor", terms) == [
        "乙方不满 18 周岁。甲方不安排重活、有毒有害的活，也不安排夜班。",
        "甲方按规定给乙方做健康检查，到人社部门登记。",
    ]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("unit", ["hour", "day", "piece", "month"])
def test_pay_is_said_once_in_its_own_unit(form, unit):
    terms = replace(WORK, unit=unit, pay=Decimal("0.50"))

    found = [key for key in keys(form, terms) if key.startswith("pay_")]

    assert found == [f"pay_{unit}"]
    assert any("0.50 元" in line for line in clause(form, f"pay_{unit}", terms))


def test_pay_by_the_piece_keeps_to_a_fair_quota_and_the_least_wage():
    terms = replace(WORK, unit="piece", pay=Decimal("3.50"))

    assert clause("labour", "pay_piece", terms) == [
        "每件 3.50 元，每月 10 号结清上个月的，用货币付给乙方本人。",
        "一天的定额要合理，8 小时里做得完。做满了时间，工资不低于当地最低工资。",
    ]
    assert clause("gig", "pay_piece", terms) == ["每件 3.50 元，当天结，付给乙方本人。双方当面数清件数。"]


@pytest.mark.parametrize("form", FORMS)
def test_work_at_night_is_said_where_there_is_some(form):
    assert "night" not in keys(form, WORK)
    assert "night" in keys(form, replace(WORK, night=True))


@pytest.mark.parametrize(
    ("hours", "days", "unit", "is_part_time"),
    [
        (4, WEEKDAYS, "hour", True),
        (5, 0b0000111, "hour", False),  # over four hours a day
        (4, 0b0111111, "hour", True),  # 24 hours a week
        (4, EVERY_DAY, "hour", False),  # 28 hours a week
        (4, WEEKDAYS, "day", False),
        (4, WEEKDAYS, "month", False),
    ],
)
def test_part_time_is_four_hours_a_day_and_24_a_week_paid_by_the_hour(hours, days, unit, is_part_time):
    terms = replace(WORK, hours=hours, days=days, unit=unit, pay=Decimal("20.00"))

    found = keys("labour", terms, pay_every="每周", rest_day="周日")

    assert ("pay_part_time" in found) == is_part_time
    assert ("pay_every" in asked("labour", terms)) == is_part_time
    if is_part_time:
        assert found == [
            *("parties", "term_part_time", "no_probation_part_time", "work", "hours_part_time"),
            *("pay_part_time", "insurance_part_time", "safety", "papers", "changes", "ending_part_time"),
            *("disputes", "signing"),
        ]


@pytest.mark.parametrize(
    ("hours", "days", "is_long", "standard"),
    [
        (8, WEEKDAYS, False, 8),
        (9, WEEKDAYS, True, 8),
        (7, 0b0111111, False, 7),  # 42 hours a week
        (8, 0b0111111, True, 8),  # 48
        (6, EVERY_DAY, False, 6),
        (11, EVERY_DAY, True, 8),
    ],
)
def test_more_than_the_law_lets_stand_is_overtime(hours, days, is_long, standard):
    terms = replace(WORK, hours=hours, days=days)

    found = keys("labour", terms, rest_day="周日")

    assert ("overtime_agreed" in found, "overtime" in found) == (is_long, not is_long)
    hours_of = next(key for key in found if key.startswith("hours"))
    assert f"每天 {standard} 小时" in clause("labour", hours_of, terms, rest_day="周日")[0]


def test_work_on_every_day_of_the_week_names_a_day_of_rest():
    every = replace(WORK, days=EVERY_DAY)

    assert "rest_day" in asked("labour", every)
    assert "rest_day" not in asked("labour", WORK)
    assert clause("labour", "hours_every_day", every, rest_day="周三") == ["每天 8 小时，每周周三休息。"]


@pytest.mark.parametrize(
    ("until", "longest"),
    [
        (date(2027, 2, 27), 0),
        (date(2027, 2, 28), 1),  # three months
        (date(2027, 11, 29), 1),
        (date(2027, 11, 30), 2),  # a year
        (date(2029, 11, 29), 2),
        (date(2029, 11, 30), 6),  # three years
    ],
)
def test_probation_is_as_long_as_the_term_allows(until, longest):
    terms = replace(WORK, until_on=until)
    answers = {"worker_name": "李四", "pay_on": "10", "probation": str(longest + 1)}

    assert terms.longest_probation == longest
    assert ("probation" in asked("labour", terms)) == (longest > 0)
    if longest:
        with pytest.raises(Invalid, match=f"最多 {longest} 个月"):
            read_answers("labour", terms, answers)
        assert read_answers("labour", terms, answers | {"probation": str(longest)})["probation"] == longest
    else:
        assert "no_probation_short" in keys("labour", terms)


def test_no_probation_where_none_is_wanted():
    assert "probation" not in keys("labour", WORK, probation=0)


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 12, 1), date(2026, 12, 30), 0),
        (date(2026, 12, 1), date(2026, 12, 31), 1),
        (date(2026, 11, 30), date(2027, 2, 27), 2),
        (date(2026, 11, 30), date(2027, 2, 28), 3),
        (date(2027, 11, 30), date(2028, 2, 29), 3),  # a leap year
        (date(2026, 12, 15), date(2027, 3, 14), 3),
        (date(2026, 12, 15), date(2027, 3, 13), 2),
        (date(2026, 12, 31), date(2027, 2, 27), 1),
        (date(2026, 12, 31), date(2027, 2, 28), 2),
        (date(2026, 12, 1), date(2026, 12, 1), 0),
    ],
)
def test_whole_months_of_a_term(first, last, months):
    assert whole_months(first, last) == months


@pytest.mark.parametrize(
    ("lodging", "meals", "found"),
    [
        (True, True, ["lodging"]),
        (True, False, ["lodging_only"]),
        (False, True, ["meals_only"]),
        (False, False, []),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_bed_and_board_are_said_where_they_are_given(form, lodging, meals, found):
    terms = replace(WORK, lodging=lodging, meals=meals)

    assert [key for key in keys(form, terms) if key in ("lodging", "lodging_only", "meals_only")] == found


@pytest.mark.parametrize("form", FORMS)
def test_a_danger_that_was_named_stands_in_it(form):
    assert clause(form, "hazards", WORK, hazards="坡陡") == ["这份活要防：坡陡。"]
    assert "hazards" not in keys(form, WORK)


def test_whatever_the_work_each_clause_stands_at_most_once_and_nothing_is_left_open():
    one_of = (
        ("hours", "hours_every_day", "hours_part_time", "hours_blank"),
        ("overtime", "overtime_agreed", "pay_part_time"),
        ("ending", "ending_part_time"),
        ("term", "term_part_time"),
    )
    for unit, hours, days, night in product(
        ("hour", "day", "piece", "month"), (3, 8, 11), (WEEKDAYS, EVERY_DAY), (True, False)
    ):
        terms = replace(WORK, unit=unit, hours=hours, days=days, night=night)
        answers = {"pay_every": "每周", "rest_day": "周日"}
        found = keys("labour", terms, **answers)
        assert len(found) == len(set(found))
        assert [sum(key in found for key in group) for group in one_of] == [1, 1, 1, 1]
        for form in FORMS:
            text = [
                line
                for one in clauses_of(form, terms, ANSWERS[form] | answers)
                for line in one.lines
                if one.key != "parties"  # by hand: where somebody lives, the number of the card
            ]
            assert [line for line in text if BLANK in line or "{" in line] == []


# Words


@pytest.mark.parametrize("form", FORMS)
def test_contracts_speak_short_plain_sentences_and_every_clause_names_its_law(form):
    raw = read_yaml(FOLDER / f"{form}.yaml")
    texts = [
        text
        for row in [*raw["clauses"], *raw["asks"]]
        for name in ("text", "plain", "doubt", "label", "hint")
        for text in ([row[name]] if isinstance(row.get(name), str) else row.get(name, []))
    ]
    sentences = [re.sub(r"\{\w+\}|\s", "", part) for text in texts for part in re.split("[。；]", text)]

    assert [part for part in sentences if len(part) > LONGEST_SENTENCE + 4] == []
    assert [text for text in texts if HALF_WIDTH.search(text) or BANNED.search(text)] == []
    assert all(row["law"].strip() and row["plain"] for row in raw["clauses"])
    assert all(re.search(r"第.+条", row["law"]) for row in raw["clauses"])


def test_clauses_are_numbered():
    assert [numeral(number) for number in (1, 9, 10, 11, 19, 20, 21)] == [
        *("一", "九", "十", "十一", "十九", "二十", "二十一"),
    ]


def test_words_in_braces_are_only_words():
    """What people type is put in as it is, and never read as a place to fill in."""
    assert "{shop}" in clause("gig", "result", WORK, result="{shop}{0}{blank.__class__}")[0]


# What is filled in


@pytest.mark.parametrize(
    ("form", "changed", "field"),
    [
        ("labour", {"worker_name": ""}, "worker_name"),
        ("labour", {"worker_name": "李四 13812345678"}, "worker_name"),
        ("labour", {"worker_name": "520201199001011234"}, "worker_name"),
        ("labour", {"pay_on": "0"}, "pay_on"),
        ("labour", {"pay_on": "32"}, "pay_on"),
        ("labour", {"pay_on": "十号"}, "pay_on"),
        ("labour", {"probation": "3"}, "probation"),
        ("labour", {"hazards": "打 13812345678 问"}, "hazards"),
        ("gig", {"settle": "以后再说"}, "settle"),
        ("gig", {"result": ""}, "result"),
        ("gig", {"insured": ""}, "insured"),
    ],
)
def test_what_is_filled_in_is_checked_and_named(form, changed, field):
    good = {key: str(value) for key, value in ANSWERS[form].items()}
    assert read_answers(form, WORK, good) == ANSWERS[form]

    with pytest.raises(Invalid) as caught:
        read_answers(form, WORK, good | changed)

    assert [fault.field for fault in caught.value.faults] == [field]


@pytest.mark.parametrize(("day", "is_right"), [(0, False), (1, True), (31, True), (32, False)])
def test_pay_day_is_a_day_of_the_month(day, is_right):
    good = {"worker_name": "李四", "pay_on": str(day), "probation": "0"}
    if is_right:
        assert read_answers("labour", WORK, good)["pay_on"] == day
    else:
        with pytest.raises(Invalid, match="1 到 31"):
            read_answers("labour", WORK, good)


# On paper


@pytest.mark.parametrize("form", FORMS)
def test_on_paper_every_clause_stands_and_no_number_of_a_person(form):
    at = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
    paper = paper_of(form, clauses_of(form, WORK, ANSWERS[form]), "HT-00000001", at)
    content = sheet.pdf(paper)
    text = text_of(content)

    assert content == sheet.pdf(paper)
    for one in clauses_of(form, WORK, ANSWERS[form]):
        for line in (one.heading, *one.lines):
            assert re.sub(r"\s", "", line) in text
    assert "身份证号：＿＿＿＿＿＿" in text
    assert text.count("（签字") == 2
    assert re.findall(r"\d{11}", text) == []
