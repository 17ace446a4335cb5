"""问一问: how often the right thing is answered, what is declined, and that no figure is made up."""

import re
from collections import Counter

import pytest
from django.utils import timezone

from eligibility.answers import AnonymousBook
from eligibility.asking.answering import LONGEST, Answer, NoAnswer, answer
from policies.catalogue import catalogue

from .corpus import OUT, questions

OWN = [one for one in questions() if not one.k6]
IN_SCOPE = [one for one in questions() if one.about]
OUT_OF_SCOPE = [one for one in questions() if one.wants == OUT]


@pytest.fixture
def ask(catalogue_loaded):
    known, today = catalogue(), timezone.localdate()

    def answered(words, **answers):
        return answer(words, known, today, AnonymousBook(answers))

    return answered


def is_right(reply, one) -> bool:
    return isinstance(reply, Answer) and reply.code in one.about


def share(ask, asked) -> float:
    return sum(is_right(ask(one.ask), one) for one in asked) / len(asked)


# The measures of the corpus


def test_of_the_60_questions_of_k6_nine_in_ten_are_answered_with_the_right_thing(ask):
    assert share(ask, [one for one in questions() if one.k6]) >= 0.9


def test_of_all_questions_17_in_20_are_answered_with_the_right_thing(ask):
    assert share(ask, IN_SCOPE) >= 0.85


def test_of_questions_that_share_no_word_with_any_name_four_in_five_are(ask):
    assert share(ask, [one for one in IN_SCOPE if one.far]) >= 0.8


def test_out_of_scope_19_in_20_are_declined(ask):
    assert sum(isinstance(ask(one.ask), NoAnswer) for one in OUT_OF_SCOPE) / len(OUT_OF_SCOPE) >= 0.95


# Figures (0 wrong numbers)


def figures_of(texts) -> set:
    found = {figure for text in texts for figure in re.findall(r"\d[\d,.]*", text)}
    return {figure.replace(",", "").strip(".").lstrip("0") for figure in found}


def sources_of(reply) -> set:
    """Every figure that the published text of the benefit, or its own working, holds."""
    known = catalogue()
    version = known.benefits[reply.code].in_force_on(timezone.localdate())
    working = [text for line in reply.working for text in line.values()]
    return figures_of([str(version.content), *working, *_sentences(version)])


def _sentences(version):
    from policies.criteria.sentence import sentence

    return [sentence(node, timezone.localdate()) for node in version.rule.criteria.children]


def test_no_figure_in_any_answer_is_other_than_the_rule_or_the_text_gives(ask):
    made_up = {}
    for one in questions():
        reply = ask(one.ask)
        if isinstance(reply, Answer):
            told = figures_of(reply.sentences) - {"12345"} - figures_of([one.ask])
            strange = told - sources_of(reply)
            if strange:
                made_up[one.ask] = (strange, reply.sentences)

    assert made_up == {}


def test_every_answer_is_short_and_leads_somewhere(ask):
    replies = [ask(one.ask) for one in questions()]
    answers = [reply for reply in replies if isinstance(reply, Answer)]
    longest = max(len("".join(reply.sentences[1:])) for reply in answers if len(reply.sentences) > 1)

    assert longest <= LONGEST
    assert [
        reply.code for reply in answers if not (reply.sentences and reply.clause and reply.action["url"])
    ] == []
    assert [text for reply in answers for text in reply.sentences if not text.endswith(("。", "？"))] == []


# What is answered


def said(reply) -> str:
    return "".join(reply.sentences)


def test_a_sum_in_the_question_is_worked_out_by_the_rule(ask):
    reply = ask("房租 400 元能补多少？")

    assert (reply.code, reply.title, reply.official) == ("M05c", "房租补贴", "场所租赁补贴")
    assert reply.sentences[0] == "按您说的，400 元/月。"
    assert reply.assumed == ["实际月租金按“400 元”算"]
    assert [line["value"] for line in reply.working] == ["400 元", "14,400 元"]
    assert reply.url == "/policies/M05c/"


@pytest.mark.parametrize(
    ("rent", "first"), [("300", "300"), ("499", "499"), ("500", "500"), ("501", "500"), ("2000", "500")]
)
def test_a_rent_around_the_cap_gets_what_the_rule_gives(ask, rent, first):
    assert ask(f"房租{rent}块能补多少").sentences[0] == f"按您说的，{first} 元/月。"


def test_without_a_sum_the_published_amount_is_told(ask):
    assert ask("房租补贴能补多少").sentences[0] == "每月最高 500 元。"


def test_what_to_bring_names_the_papers_that_are_uploaded(ask):
    assert said(ask("房租补贴要带什么")).startswith("在这里填，带上身份证、毕业证、退役证件、就业创业证等。")


def test_why_not_names_what_fails_where_it_is_known(ask):
    reply = ask("为什么我领不了开店补贴", registered_on="2020-01-15", operator_groups=["poverty_alleviated"])

    assert reply.code == "M05a"
    assert "要这些都满足" not in said(reply)


def test_why_not_names_the_conditions_where_nothing_is_known(ask):
    assert "要这些都满足" in said(ask("为什么我领不了开店补贴"))


def test_what_comes_by_itself_says_so(ask):
    assert said(ask("六税两费减半怎么申请")).startswith("不用申请，报税或缴费时自动享受。")


def test_a_closed_window_says_so_and_gives_no_amount(ask):
    reply = ask("稳岗返还能退多少")

    assert "原政策到 2025 年 12 月 31 日为止" in said(reply)
    assert reply.action["label"] == "看办事指南"


def test_exactly_one_question_is_asked_back_where_an_answer_would_decide(ask):
    reply = ask("我是退伍军人，能领开店补贴吗")

    assert reply.missing is not None
    assert reply.assumed != []


def test_what_was_answered_before_stands_against_what_a_question_says(ask):
    reply = ask("退伍军人能领开店补贴吗", operator_groups=["graduate"])

    assert [text for text in reply.assumed if "退役军人" in text] == []


@pytest.mark.parametrize("words", ["失业金怎么领", "明天天气怎么样", "隔壁店领了多少钱"])
def test_what_is_none_of_our_business_is_declined(ask, words):
    assert isinstance(ask(words), NoAnswer)


@pytest.mark.parametrize("one", ["能不能领", "多少", "", "？？？", "的的的的", "1234567890"])
def test_words_about_nothing_get_no_answer(ask, one):
    assert isinstance(ask(one), NoAnswer)


def test_all_things_wanted_are_told_apart_well_enough(ask):
    """Of what is answered rightly, what was wanted is read as the corpus says for two in three."""
    from eligibility.asking.words import read

    right = Counter(read(one.ask).wants == one.wants for one in IN_SCOPE)
    assert right[True] / right.total() >= 0.66
