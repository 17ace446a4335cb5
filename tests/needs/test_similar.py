"""Needs that are alike are found by pairs of characters, and nothing of anybody else."""

import pytest

from needs import answers, routing, similar
from needs.models import Gram
from tests.services import world
from tests.services.test_kinds import do

from .asking import ANSWER, QUESTION, answered, owner_at, published

pytestmark = pytest.mark.django_db


def test_pairs_leave_out_what_says_nothing():
    assert similar.pairs_of("店门口的下水道，堵了！") == {"店门", "门口", "口下", "下水", "水道"}
    assert similar.pairs_of("，。！") == set()


def test_a_published_answer_to_much_the_same_is_found_and_one_to_something_else_is_not(general):
    case = answered(general)
    row = published(case, general[1])
    published(case, general[1], "营业执照怎么变更？", "网上办。")

    assert similar.answers_like(world.NEED) == [row]
    assert similar.answers_like("想学做直播") == []
    assert similar.answers_like("，。") == []


@pytest.mark.parametrize(
    ("shared", "found"), [(3, False), (4, True), (5, True)]
)  # of 10 pairs: 0.3, 0.4 and 0.5 of the smaller are below and above 0.45
def test_what_is_alike_begins_at_045(general, shared, found):
    letters = "abcdefghijk"  # ten pairs
    published(answered(general), general[1], letters)
    words = letters[: shared + 1 + (shared == 4)] + "甲乙丙丁戊己庚辛壬癸"

    likeness = len(similar.pairs_of(letters) & similar.pairs_of(words)) / 10

    assert (likeness >= similar.ALIKE_FROM) is found
    assert bool(similar.answers_like(words)) is found


def test_what_is_not_published_or_withdrawn_again_is_not_found(general):
    case, people = answered(general), general[1]
    draft = answers.prepare(case, QUESTION, ANSWER, by=people.reviewer)
    before = similar.answers_like(world.NEED)
    answers.publish(draft, by=people.approver)
    after = similar.answers_like(world.NEED)
    answers.withdraw(draft, by=people.approver)

    assert (before, after, similar.answers_like(world.NEED)) == ([], [draft], [])
    assert not Gram.objects.filter(answer=draft).exists()


def test_ones_own_open_request_is_found_and_nobody_elses(general):
    shop, owner = owner_at()
    case = routing.send(world.NEED, "other", shop, by=owner)
    other, _ = owner_at(2)

    assert [row.pk for row in similar.own_requests_like(QUESTION, f"operator {shop.operator_id}")] == [
        case.pk
    ]
    assert similar.own_requests_like(QUESTION, f"operator {other.operator_id}") == []


def test_words_of_a_request_are_forgotten_when_it_closes_and_known_again_when_it_opens(
    general, django_capture_on_commit_callbacks
):
    shop, owner = owner_at()
    case, people = routing.send(world.NEED, "other", shop, by=owner), general[1]
    do(case, "answer", people.reviewer, words=ANSWER)
    kept = Gram.objects.filter(request=case.pk).count()
    with django_capture_on_commit_callbacks(execute=True):
        do(case, "solve", owner)
    closed = Gram.objects.filter(request=case.pk).count()
    with django_capture_on_commit_callbacks(execute=True):
        do(case, "reopen", owner, words="还是堵着")

    assert (closed, Gram.objects.filter(request=case.pk).count()) == (0, kept)
    assert kept == len(similar.pairs_of(world.NEED))
