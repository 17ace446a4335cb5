"""Few questions: counted over two hundred made-up owners who know all their answers."""

from random import Random
from statistics import median

import pytest
from django.utils import timezone

from businesses.synthetic import generate_profile
from eligibility.management.commands.measure_questionnaire import Command


@pytest.fixture(scope="module")
def lengths(_measures):
    random, today, command = Random(1), timezone.localdate(), Command()
    return [command._pages(generate_profile(random, today, unknown_share=0), today) for _ in range(200)]


def test_half_the_owners_are_done_after_five_pages(lengths):
    assert median(lengths) <= 5


def test_nine_in_ten_are_done_after_eight_pages(lengths):
    assert sorted(lengths)[int(len(lengths) * 0.9)] <= 8


def test_nobody_sees_more_than_eleven_pages(lengths):
    assert max(lengths) <= 11
    assert min(lengths) >= 1
