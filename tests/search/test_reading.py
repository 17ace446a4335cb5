"""What a question wants to know, and what it says of whoever asks."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.asking.words import ANY, Asked, read, wants
from tests.properties import examples


@pytest.mark.parametrize(
    ("words", "wants"),
    [
        ("我能不能领房租补贴", ANY),
        ("有没有给退伍军人的贷款", ANY),
        ("房租补贴能补多少", "how_much"),
        ("一个月好多钱", "how_much"),
        ("上课要钱不", "how_much"),
        ("房租补贴哪天能领", "when"),
        ("好久能到账", "when"),
        ("几时截止", "when"),
        ("为什么我领不了", "why_not"),
        ("凭哪样不给我", "why_not"),
        ("去哪里办", "where"),
        ("归哪个管", "where"),
        ("开店补贴要带什么", "how"),
        ("咋个申请", "how"),
        ("房租补贴怎么没批，能补多少", "why_not"),  # why before how much
        ("去哪里交材料，多久有结果", "when"),
    ],
)
def test_what_is_wanted_is_told_by_the_words_that_say_so(words, wants):
    assert read(words).wants == wants


@pytest.mark.parametrize(
    ("words", "sums"),
    [
        ("房租 400 元能补多少", ["400"]),
        ("房租400块", ["400"]),
        ("房租 1,200.50 元", ["1200.50"]),
        ("四百块房租", ["400"]),
        ("一千二百元", ["1200"]),
        ("一千二块", ["1200"]),
        ("两千五百块", ["2500"]),
        ("一百零五元", ["105"]),
        ("十五块", ["15"]),
        ("二十万元", ["200000"]),
        ("一万二块", ["12000"]),
        ("借 20 万元", ["200000"]),
        ("借3万块", ["30000"]),
        ("租金三百块，水电五十块", ["300", "50"]),
        ("４００元", ["400"]),
        ("0 元", []),
        ("开了 3 年", []),
        ("18 岁", []),
        ("99999999999 元", []),
        # Without a unit, right after what is paid
        ("房租 400 能补多少", ["400"]),
        ("房租400能补多少", ["400"]),
        ("一个月房租 400，能补多少钱", ["400"]),
        ("房租每个月要交八百，补几年", ["800"]),
        ("房租一千二", ["1200"]),
        ("想借二十万", ["200000"]),
        ("贷款5万利息多少", ["50000"]),
        ("收入 5,000", ["5000"]),
        ("房租 10", ["10"]),
        ("房租 9", []),  # a number of something else
        ("房租一起补吗", []),
        ("房租千万别涨", []),
        ("房租十分贵", []),
        ("房租 2026 怎么算", []),
        ("房租 2026 元", ["2026"]),
        ("房租 2 次", []),
        ("房租 12 月交", []),
        ("贷款 36 期", []),
        ("贷款三年", []),
        ("缺 12 个人", []),
        ("贷款 15%", []),
        ("打 12345 问房租", []),
    ],
)
def test_sums_are_read_in_digits_and_as_they_are_spoken(words, sums):
    assert read(words).sums == tuple(map(Decimal, sums))


@pytest.mark.parametrize(
    ("words", "opened_on"),
    [
        ("2025 年 3 月 8 日开店", date(2025, 3, 8)),
        ("2025年3月8号登记的", date(2025, 3, 8)),
        ("2025年3月开的店", date(2025, 3, 1)),
        ("2025年13月开的店", None),
        ("2025年2月30日开的店", None),
        ("2025年3月毕业", None),
        ("去年开的店", None),
    ],
)
def test_since_when_the_shop_is_there_is_read_where_a_day_is_said_of_it(words, opened_on):
    assert read(words).opened_on == opened_on


@pytest.mark.parametrize(
    ("words", "groups"),
    [
        ("我是大学生，能领吗", ("graduate",)),
        ("退伍回来开店", ("veteran",)),
        ("我有残疾证", ("disabled",)),
        ("在外打工回来的", ("migrant_worker",)),
        ("进城打工的农民工", ("migrant_worker",)),
        ("我不是大学生，能领吗", ()),
        ("没当过兵能领吗", ()),
        ("不是大学生，是退伍的", ("veteran",)),
        ("开店三年", ()),
    ],
)
def test_what_somebody_is_counts_unless_it_is_denied(words, groups):
    assert read(words).groups == groups


@examples(200)
@given(st.text(max_size=120))
def test_whatever_is_asked_can_be_read(words):
    asked = read(words)

    assert asked.wants in {*wants(), ANY}
    assert [value for value in asked.sums if value <= 0] == []


@examples(200)
@given(st.integers(1, 99_999))
def test_digits_are_read_as_the_number_they_are(value):
    assert read(f"房租 {value} 元") == Asked(ANY, sums=(Decimal(value),))


@pytest.mark.parametrize(
    "words", ["能不能领", "怎么办", "多少钱", "", "？？", "12345", "我想申请补贴", "为什么"]
)
def test_words_of_asking_alone_are_about_nothing(words):
    assert read(words).is_about_nothing


@pytest.mark.parametrize("words", ["房租能不能领", "fangzu", "怎么开店", "补房租"])
def test_a_word_beside_them_is_about_something(words):
    assert not read(words).is_about_nothing
