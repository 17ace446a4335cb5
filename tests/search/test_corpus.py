"""The corpus is what it says it is, so that a share of it that is right means something."""

import re
from collections import Counter

import pytest

from .corpus import OUT, WANTS, WHO, names, questions, shared_pairs, words

OWN = [one for one in questions() if not one.k6]
IN_SCOPE = [one for one in questions() if one.about]
FAR = [one for one in questions() if one.far]
LONGEST_QUESTION = 60
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def folded(text):
    return re.sub(r"[\W_]+", "", text).casefold()


def is_one_slip(word, typo):
    """One character is another, or two neighbours changed places."""
    if len(word) != len(typo):
        return False
    apart = [place for place, pair in enumerate(zip(word, typo, strict=True)) if pair[0] != pair[1]]
    if len(apart) == 2:
        first, second = apart
        return second == first + 1 and word[first] + word[second] == typo[second] + typo[first]
    return len(apart) == 1


# Words


def test_the_67_everyday_words_are_there_once():
    assert len({one.word for one in words()}) == len(words()) == 67


def test_every_word_finds_a_benefit_of_the_catalogue():
    assert [one.word for one in words() if not one.about or not set(one.about) <= names().keys()] == []


def test_every_word_has_one_slip_that_is_no_other_word():
    known = {one.word for one in words()}

    assert [one.typo for one in words() if not is_one_slip(one.word, one.typo) or one.typo in known] == []


# Questions


def test_there_are_the_60_of_k6_and_200_of_our_own():
    assert len(questions()) - len(OWN) == 60
    assert len(OWN) >= 200


def test_no_two_questions_are_the_same():
    asked = Counter(folded(one.ask) for one in questions())

    assert [ask for ask, times in asked.items() if times > 1] == []


def test_every_question_is_about_benefits_of_the_catalogue_or_out_of_scope():
    assert [one.ask for one in questions() if not set(one.about) <= names().keys()] == []
    assert [one.ask for one in questions() if (one.wants == OUT) != (not one.about)] == []


def test_questions_want_and_are_asked_by_what_is_known():
    assert {one.wants for one in questions()} == {*WANTS, OUT}
    assert {one.who for one in questions()} == {*WHO, ""}


def test_every_benefit_is_asked_about_at_least_twice():
    asked = Counter(code for one in questions() for code in one.about)

    assert [code for code in names() if asked[code] < 2] == []


def test_every_benefit_is_once_the_only_right_answer():
    alone = {one.about[0] for one in questions() if len(one.about) == 1}

    # M02d is M01c once more: whoever asks for one is right with the other.
    assert sorted(names().keys() - alone) == ["M01c", "M02d"]


@pytest.mark.parametrize("wants", WANTS)
def test_each_thing_wanted_is_asked_for_often_enough_to_measure(wants):
    assert len([one for one in IN_SCOPE if one.wants == wants]) >= 30


@pytest.mark.parametrize("who", WHO)
def test_owners_of_every_kind_ask(who):
    assert len([one for one in questions() if one.who == who]) >= 10


def test_30_questions_are_out_of_scope():
    assert len([one for one in OWN if one.wants == OUT]) >= 30


def test_questions_are_as_short_as_one_says_them_and_hold_no_phone_number():
    assert [one.ask for one in questions() if not 3 < len(one.ask) <= LONGEST_QUESTION] == []
    assert [one.ask for one in questions() if re.search(r"\d{7}", one.ask)] == []


# Far


def test_more_than_half_of_our_own_in_scope_are_far():
    assert len(FAR) >= 100
    assert len(FAR) * 2 > len([one for one in OWN if one.about])


def test_far_questions_share_no_word_with_what_they_are_about():
    shared = {one.ask: shared_pairs(one.ask, [n for code in one.about for n in names()[code]]) for one in FAR}

    assert {ask: pairs for ask, pairs in shared.items() if pairs} == {}


def test_far_questions_are_our_own_in_chinese_and_in_scope():
    """Pinyin and slips of a name are near it, though they share no character."""
    assert [one.ask for one in FAR if one.k6 or not one.about or len(CHINESE.findall(one.ask)) < 8] == []


def test_a_question_with_the_name_in_it_is_not_far():
    assert shared_pairs("房租 400 元能补多少？", names()["M05c"]) == {"房租"}
    assert shared_pairs("铺子每月给人家六百五，政府帮出好多", names()["M05c"]) == set()
    assert shared_pairs("个体户一次", names()["M05a"]) == set()
