"""Answers for everybody: searched, narrowed, withdrawn."""

import pytest

from needs import answers
from needs.models import Answer

from .asking import ANSWER, QUESTION, answered, owner_at, published, type_

pytestmark = pytest.mark.django_db


def test_published_answers_are_searched_narrowed_and_paged(client, general):
    case, people = answered(general), general[1]
    rows = [published(case, people, f"第 {number} 个问题", f"办法 {number}") for number in range(21)]
    Answer.objects.filter(pk=rows[0].pk).update(topic="tax")

    first, second = client.get("/needs/answers/"), client.get("/needs/answers/?page=2")
    found = client.get("/needs/answers/?q=第 7").content.decode()

    assert (len(first.context["page"]), len(second.context["page"])) == (20, 1)
    assert ("第 7 个问题" in found, "第 8 个问题" in found) == (True, False)
    assert [row.pk for row in client.get("/needs/answers/?topic=tax").context["page"]] == [rows[0].pk]
    assert client.get("/needs/answers/?page=x&topic=none").status_code == 200


def test_one_answer_has_a_page_while_it_is_published(client, general):
    row = published(answered(general), general[1])
    shown = client.get(f"/needs/answers/{row.pk}/").status_code
    answers.withdraw(row, by=general[1].approver)

    assert (shown, client.get(f"/needs/answers/{row.pk}/").status_code) == (200, 404)


def test_a_need_without_an_answer_has_no_page(client, general, shared):
    assert client.get(f"/needs/answers/{shared[1].pk}/").status_code == 404
    assert list(client.get("/needs/answers/").context["page"]) == []


@pytest.mark.parametrize("count", [1, 4])
def test_pages_ask_the_same_number_of_queries_however_much_is_found(
    client, general, count, django_assert_max_num_queries
):
    case, people = answered(general), general[1]
    for number in range(count):
        published(case, people, f"{QUESTION}{number}", ANSWER)
    _shop, owner = owner_at()
    client.force_login(owner)
    type_(client)

    for address, most in (("/needs/similar/", 16), ("/needs/answers/", 10), ("/needs/send/", 14)):
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200
