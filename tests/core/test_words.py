"""What templates make of values (core/templatetags/words.py)."""

import pytest

from core.templatetags.words import itemised

MANY = "这些人可以：高校毕业生、就业困难人员、返乡农民工、退役军人、脱贫人口、登记失业人员、残疾人"
EITHER = "（上年度月平均参保人数不超过 30 人，并且没有裁员），或者（上年度月平均参保人数超过 30 人）"


@pytest.mark.parametrize("said", ["店还在正常经营", "茶叶、果蔬、餐饮、住宿、修理的店", "", None])
def test_what_is_read_in_one_breath_stays_as_it_is(said):
    assert itemised(said) == said


def test_each_of_a_long_list_has_a_place_of_its_own():
    assert itemised(MANY) == (
        '这些人可以：<span class="items"><span>高校毕业生、</span><span>就业困难人员、</span><span>返乡农民工、</span>'
        "<span>退役军人、</span><span>脱贫人口、</span><span>登记失业人员、</span><span>残疾人</span></span>"
    )


def test_each_clause_of_a_long_condition_is_a_line():
    assert itemised(EITHER) == (
        '<span class="items lines"><span>（上年度月平均参保人数不超过 30 人，</span><span>并且没有裁员），</span>'
        "<span>或者（上年度月平均参保人数超过 30 人）</span></span>"
    )


def test_a_long_sentence_without_a_list_stays_as_it_is():
    said = "从办理个体工商户登记的当月起在三年之内按每户每年两万四千元为限额依次扣减应缴的税费"

    assert itemised(said) == said


def test_what_is_listed_is_text_and_not_markup():
    said = "、".join(["<b>茶叶</b>", *["很长的一个行业名称"] * 4])

    assert itemised(said).count("&lt;b&gt;茶叶&lt;/b&gt;、") == 1
