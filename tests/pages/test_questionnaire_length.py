"""Few questions: counted over made-up owners who know all their answers."""

from random import Random
from statistics import median

import pytest
from django.core.management import call_command
from django.utils import timezone

from businesses.models import Business, Operator
from businesses.synthetic import generate_profile
from eligibility.evaluation import evaluate
from policies.catalogue import catalogue
from portal.management.commands.measure_questionnaire import _asked, anonymous_pages, bound_pages


@pytest.fixture(scope="module")
def anonymous(_measures):
    return sorted(anonymous_pages(200, 1, timezone.localdate()))


@pytest.fixture(scope="module")
def bound(_measures, django_db_blocker):
    with django_db_blocker.unblock():
        return sorted(bound_pages(400, 1, timezone.localdate()))


def test_half_of_those_who_are_not_signed_in_are_done_after_four_pages(anonymous):
    assert median(anonymous) <= 4


def test_nine_in_ten_of_them_are_done_after_five_pages(anonymous):
    assert anonymous[int(len(anonymous) * 0.9)] <= 5


def test_none_of_them_sees_more_than_eight_pages(anonymous):
    assert max(anonymous) <= 8
    assert min(anonymous) >= 1


def test_half_of_those_who_have_bound_a_shop_are_asked_nothing(bound):
    assert median(bound) == 0


def test_nine_in_ten_of_them_are_asked_two_pages_at_most(bound):
    assert bound[int(len(bound) * 0.9)] <= 2


def test_somebody_with_a_shop_is_asked_something(bound):
    assert max(bound) >= 1


@pytest.mark.usefixtures("_measures")
def test_no_money_stays_open_that_an_answer_could_decide():
    today, known = timezone.localdate(), catalogue()
    askable = {name for name, fact in known.registry.items() if fact.ask != "never"}
    left = set()
    for seed in range(60):
        answers, owner = {}, generate_profile(Random(seed), today, unknown_share=0)
        list(_asked(lambda told: known.registry.read_profile(told, as_of=today), answers, owner, today))
        found = evaluate(known.registry.read_profile(answers, as_of=today), today).assessments
        left |= {
            (one.rule.code, name)
            for one in found
            if one.state == "unknown"
            for name in set(one.missing_facts) & askable - answers.keys()
        }
    assert left == set()


@pytest.mark.django_db
@pytest.mark.usefixtures("_measures")
def test_measuring_says_both_and_leaves_nothing_in_the_register(capsys):
    call_command("measure_questionnaire", 20)
    said = capsys.readouterr().out.splitlines()
    assert [line.partition("（")[0] for line in said] == ["没登录的人", "绑定了店的人"]
    assert all("（20 位）：中位数" in line for line in said)
    assert (Business.objects.count(), Operator.objects.count()) == (0, 0)
