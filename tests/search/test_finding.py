"""What is found by the words that owners use: everyday words, slips, pinyin, whole sentences."""

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from eligibility.loading import load_measures
from policies.catalogue import catalogue
from policies.measures_file import DEFAULT_PATH
from policies.models import Benefit, SearchWord
from policies.search.elsewhere import everything_elsewhere
from policies.search.finding import Found, find
from policies.search.folding import initials_of, is_one_slip, pinyin_of, sound_of, squeezed
from policies.search.words import shipped_words
from tests.properties import examples

from .corpus import words

FIRST = 3
ENOUGH = 0.95


@pytest.fixture
def search(catalogue_loaded):
    def found(typed, **how):
        return find(catalogue(), typed, timezone.localdate(), **how)

    return found


# The everyday words (S9)


def spelled_apart(word):
    return " ".join(lazy_pinyin(word))


SPELLINGS = {
    "as it is": lambda one: one.word,
    "with one slip": lambda one: one.typo,
    "in pinyin": lambda one: pinyin_of(one.word),
    "in pinyin, apart": lambda one: spelled_apart(one.word),
    "in a sentence": lambda one: f"我想问一下{one.word}的事",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_everyday_word_finds_what_is_meant_among_the_first_three(search, spelling):
    found = {one.word: search(SPELLINGS[spelling](one)).codes for one in words()}
    missed = [one.word for one in words() if not set(one.about) & set(found[one.word][:FIRST])]

    assert [word for word, codes in found.items() if not codes] == []
    assert len(missed) / len(words()) <= 1 - ENOUGH, missed


@pytest.mark.parametrize(
    ("word", "codes"),
    [
        ("退伍", {"M04c", "M05c", "M05a", "M01c", "M02b"}),
        ("退役", {"M04c", "M05c", "M05a", "M01c", "M02b"}),
        ("毕业生", {"M05c", "M05a", "M01c"}),
        ("大学生", {"M05c", "M05a"}),
        ("农民工", {"M05c", "M05a", "M01c"}),
        ("返乡", {"M05c", "M05a"}),
        ("就业困难", {"M05c", "M05a"}),
        ("残疾人", {"M05c", "M05a"}),
        ("低保户", {"M04c", "M05a"}),
    ],
)
def test_what_somebody_is_finds_all_that_is_for_them(search, word, codes):
    assert codes - set(search(word).codes) == set()


@pytest.mark.parametrize("word", ["退伍", "毕业生", "农民工"])
def test_a_word_that_stands_for_several_is_another_name_of_none(search, word):
    assert search(word).by == ""


def test_initials_find_most_words_and_something_for_each(search):
    found = {one.word: search(initials_of(one.word)).codes for one in words()}
    missed = [one.word for one in words() if not set(one.about) & set(found[one.word][:FIRST])]

    assert [word for word, codes in found.items() if not codes] == []
    assert len(missed) / len(words()) <= 0.1, missed  # two letters stand for many words


# What a page says of how it was found (S4, S5, S7)


@pytest.mark.parametrize(
    ("typed", "first", "by", "corrected"),
    [
        ("房租", "M05c", "", False),
        ("租门面", "M05c", "房租补贴", False),
        ("当兵", "M05a", "开店补贴", False),
        ("房祖", "M05c", "房租", True),
        ("贷欵", "M01c", "贷款", True),
        ("租凭", "M05c", "租赁", True),
        ("fangzu", "M05c", "房租", True),
        ("fang zu", "M05c", "房租", True),
        ("FANGZU", "M05c", "房租", True),
        ("ｆａｎｇｚｕ", "M05c", "房租", True),
        ("fz", "M05c", "房租", True),
        ("hangzu", "M05c", "房租", True),  # h for f
    ],
)
def test_it_is_said_by_which_word_something_was_found(search, typed, first, by, corrected):
    found = search(typed)

    assert (found.codes[0], found.by, found.corrected) == (first, by, corrected)


def test_what_was_typed_is_looked_for_as_it_stands_where_somebody_wants_that(search):
    assert search("房祖").corrected
    assert not search("房祖", exactly=True).corrected


def test_where_nothing_is_found_three_words_are_named_that_find_something(search):
    found = search("鲲鹏")

    assert (found.codes, len(found.nearest), len(set(found.nearest))) == ((), 3, 3)
    assert [word for word in found.nearest if not search(word).codes] == []


@pytest.mark.parametrize("typed", ["", " ", "？！", "　"])
def test_nothing_typed_finds_nothing(search, typed):
    assert search(typed) == Found(())


def test_the_longest_word_at_a_place_counts(search):
    # 退社保 is money back, 社保 alone is both.
    assert search("退社保").codes[0] == "M01b"


def test_only_what_is_near_the_best_is_found(search):
    assert "M21a" not in search("房租").codes


@examples(200)
@given(typed=st.text(max_size=80))
def test_whatever_is_typed_finds_benefits_of_the_catalogue_or_nothing(whole_catalogue, typed):
    found = find(whole_catalogue, typed, timezone.localdate())

    assert set(found.codes) <= set(whole_catalogue.benefits)
    assert len(set(found.codes)) == len(found.codes)
    assert not (found.codes and found.nearest)


@pytest.fixture(scope="module")
def whole_catalogue(_measures, django_db_blocker):
    with django_db_blocker.unblock():
        known = catalogue()
        find(known, "房租", timezone.localdate())  # what it reads is read here
        yield known


# What is done elsewhere (S8)


@pytest.mark.crawl
@pytest.mark.parametrize("one", everything_elsewhere(), ids=lambda one: one.title)
def test_what_is_done_elsewhere_is_told_with_who_does_it_however_it_is_asked(search, one):
    asked = [*one.words, *one.asks]
    told = [typed for typed in asked if search(typed).elsewhere is not None]

    assert len(told) / len(asked) >= ENOUGH, sorted(set(asked) - set(told))


def test_what_is_done_elsewhere_says_who_does_it_in_a_few_words():
    rows = everything_elsewhere()

    assert [one.title for one in rows if not one.who.endswith("。") or len(one.who) > 60] == []
    assert len({one.title for one in rows}) == len(rows)


@pytest.mark.parametrize(
    ("typed", "title"), [("失业金", "失业保险金"), ("公租房申请", "住房保障"), ("社保卡挂失", "养老和社保卡")]
)
def test_an_unmistakable_word_is_enough(search, typed, title):
    assert search(typed).elsewhere.title == title


def test_no_everyday_word_is_sent_elsewhere(search):
    assert [one.word for one in words() if search(one.word).elsewhere] == []


def test_no_shipped_way_of_asking_is_sent_elsewhere_for_certain(search):
    """Of 2,200 words and ways of asking for what is done here, next to none is taken for something else."""
    asked = [word for many in shipped_words().values() for word in many]
    wrong = [word for word in asked if search(word).elsewhere]

    assert len(wrong) / len(asked) <= 0.01, wrong


# The words that officers edit


def test_every_benefit_has_everyday_words(catalogue_loaded):
    assert Benefit.objects.filter(search_words=None).count() == 0
    assert set(shipped_words()) == set(Benefit.objects.values_list("code", flat=True))


def test_a_word_that_an_officer_adds_is_found_from_then_on(search):
    assert search("螺蛳粉").codes == ()

    SearchWord.objects.create(word="螺蛳粉", benefit=Benefit.objects.get(code="M15b"))

    assert search("螺蛳粉").codes == ("M15b",)


def test_a_word_that_is_deleted_is_found_no_more(search):
    word = SearchWord.objects.create(word="螺蛳粉", benefit=Benefit.objects.get(code="M15b"))
    assert search("螺蛳粉").codes == ("M15b",)

    word.delete()

    assert search("螺蛳粉").codes == ()


def test_a_word_that_is_switched_off_finds_nothing_and_stays_off_at_the_next_load(search):
    SearchWord.objects.create(word="螺蛳粉", benefit=Benefit.objects.get(code="M15b"))
    off = SearchWord.objects.create(word="酸汤鱼", benefit=Benefit.objects.get(code="M15b"))
    word = SearchWord.objects.get(word="房东", benefit__code="M05c")
    for one in (word, off):
        one.is_used = False
        one.save()

    load_measures(DEFAULT_PATH)

    word.refresh_from_db()
    assert word.is_used is False
    assert search("酸汤鱼").codes == ()
    assert search("螺蛳粉").codes == ("M15b",)
    assert SearchWord.objects.filter(word="房东").count() == 1


# Folding


@pytest.mark.parametrize(
    ("word", "typed", "is_slip"),
    [
        ("房租", "房祖", True),
        ("租赁合同", "租赁合", True),
        ("租赁", "租租赁", True),
        ("税收", "收税", True),
        ("房租", "房租", False),
        ("房租", "茶叶", False),
        ("租赁合同", "租赁", False),
        ("直播带货", "播直货带", False),
    ],
)
def test_one_slip_is_one_character_or_two_that_changed_places(word, typed, is_slip):
    assert (is_one_slip(word, typed), is_one_slip(typed, word)) == (is_slip, is_slip)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("zhang", "zan"),
        ("chen", "ceng"),
        ("shi", "si"),
        ("nan", "lan"),
        ("lü", "lv"),
        ("fu", "hu"),
        ("jin", "jing"),
    ],
)
def test_sounds_that_people_mix_up_are_one(one, other):
    assert sound_of(one) == sound_of(other)


@examples(200)
@given(st.text(max_size=40))
def test_squeezing_twice_is_squeezing_once(text):
    assert squeezed(squeezed(text)) == squeezed(text)
