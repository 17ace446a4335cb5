"""Published answers: one prepares, another publishes, nobody's name is in them."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied

from cases.models import AuditEntry, Case
from core.errors import Invalid, Refused
from needs import answers
from needs.models import Answer
from tests.standing import stands
from tests.subsidies.world import all_rounder

from ..services import world
from ..services.test_kinds import do

pytestmark = pytest.mark.django_db
QUESTION, ANSWER = "下水道堵了找谁？", "打市政热线。"


def _answer():
    people, (case, _) = world.bureau(), world.asked(world.offering())
    do(case, "answer", people.reviewer, words="明天来")
    return SimpleNamespace(people=people, case=case)


_begun = stands(_answer)


@pytest.fixture
def people(begun):
    return begun.people


@pytest.fixture
def case(begun):
    return begun.case


def test_one_prepares_and_another_publishes(case, people):
    row = answers.prepare(case, f" {QUESTION} ", ANSWER, by=people.reviewer)
    answers.publish(row, by=people.approver)

    row.refresh_from_db()
    assert (row.question, row.answer, row.office, row.prepared_by, row.published_by) == (
        *(QUESTION, ANSWER, "试验局", people.reviewer, people.approver),
    )
    verbs = AuditEntry.objects.filter(subject=f"answer {row.pk}").values_list("verb", "actor")
    assert sorted(verbs) == [
        ("prepare_answer", people.reviewer.pk),
        ("publish_answer", people.approver.pk),
    ]


def test_nobody_publishes_what_they_prepared(case, people):
    everything = all_rounder(people)
    row = answers.prepare(case, QUESTION, ANSWER, by=everything)

    with pytest.raises(Refused, match="起草人以外"):
        answers.publish(row, by=everything)


@pytest.mark.parametrize("who", ["reviewer", "finance", "clerk"])
def test_publishing_and_withdrawing_take_the_right_to(case, people, who):
    row = answers.prepare(case, QUESTION, ANSWER, by=people.reviewer_2)

    for verb in (answers.publish, answers.withdraw):
        with pytest.raises(PermissionDenied):
            verb(row, by=getattr(people, who))


@pytest.mark.parametrize("who", ["approver", "finance", "stranger", "owner"])
def test_preparing_takes_the_right_to_and_a_case_of_ones_own_department(case, people, who):
    others = {
        "stranger": world.bureau("other", "别的局").reviewer,
        "owner": Case.objects.get(pk=case.pk).submitter,
    }

    with pytest.raises(PermissionDenied):
        answers.prepare(case, QUESTION, ANSWER, by=others.get(who) or getattr(people, who))


def test_only_enquiries_are_prepared(people):
    row = world.offering("booking", "mentor")
    case, _ = world.asked(row, slot=world.slot(row))

    with pytest.raises(PermissionDenied):
        answers.prepare(case, QUESTION, "", by=people.reviewer)


@pytest.mark.parametrize(
    ("question", "answer", "field"),
    [
        ("", ANSWER, "question"),
        ("堵", ANSWER, "question"),
        ("堵" * 501, ANSWER, "question"),
        (QUESTION, "堵" * 2_001, "answer"),
        ("打 13800138000 找谁？", ANSWER, "question"),
        (QUESTION, "打 13800138000", "answer"),
        ("演示店001 的下水道堵了", ANSWER, "question"),
        (QUESTION, "演示人请放心", "answer"),
    ],
)
def test_what_is_missing_too_long_or_tells_whose_it_was_is_refused(case, people, question, answer, field):
    with pytest.raises(Invalid) as refusal:
        answers.prepare(case, question, answer, by=people.reviewer)

    assert [fault.field for fault in refusal.value.faults] == [field]
    assert not Answer.objects.exists()


def test_what_was_not_answered_is_published_as_a_need_only(people):
    case, _ = world.asked(world.offering(code="again"), 2)

    with pytest.raises(Refused, match="还没有答复"):
        answers.prepare(case, QUESTION, ANSWER, by=people.reviewer)
    row = answers.publish(answers.prepare(case, QUESTION, "", by=people.reviewer), by=people.approver)

    assert list(Answer.objects.published().shared_needs()) == [row]
    assert not Answer.objects.published().answered().exists()


def test_withdrawn_it_stays_so_and_doing_it_twice_changes_nothing(case, people):
    row = answers.prepare(case, QUESTION, ANSWER, by=people.reviewer)
    answers.publish(row, by=people.approver)
    answers.publish(row, by=people.approver)
    first = answers.withdraw(row, by=people.approver).withdrawn_at

    assert answers.withdraw(row, by=people.approver).withdrawn_at == first
    with pytest.raises(Refused, match="已经撤下"):
        answers.publish(row, by=people.approver)
    assert not Answer.objects.published().exists()


def test_what_is_not_published_helps_nobody(case, people):
    row = answers.prepare(case, QUESTION, ANSWER, by=people.reviewer)
    answers.helped(row)
    answers.publish(row, by=people.approver)
    answers.helped(row)

    row.refresh_from_db()
    assert row.helped == 1


# In the admin


def add(client, case, **given):
    number = Case.objects.get(pk=case.pk).number
    return client.post(
        "/admin/needs/answer/add/", {"number": number, "question": QUESTION, "answer": ANSWER, **given}
    )


def test_staff_prepare_publish_and_withdraw_by_its_pages(client, case, people):
    client.force_login(people.reviewer)
    assert client.get("/admin/needs/answer/add/").status_code == 200
    response = add(client, case)
    row = Answer.objects.get()
    assert response.url == f"/admin/needs/answer/{row.pk}/change/"
    assert "公开</button>" not in client.get(response.url).content.decode()

    client.force_login(people.approver)
    assert "公开</button>" in client.get(response.url).content.decode()
    client.post(f"/admin/needs/answer/{row.pk}/publish/")
    row.refresh_from_db()
    published = row.published_at
    client.post(f"/admin/needs/answer/{row.pk}/withdraw/")
    row.refresh_from_db()

    assert published is not None
    assert row.withdrawn_at is not None
    assert client.get("/admin/needs/answer/").status_code == 200


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"number": "LPS-2026-00000000"}, "不归您的单位"),
        ({"question": "打 13800138000 找谁？"}, "手机号"),
        ({"answer": "演示人请放心"}, "店名或店主姓名"),
    ],
)
def test_what_will_not_do_is_shown_again_with_why(client, case, people, given, sentence):
    client.force_login(people.reviewer)

    response = add(client, case, **given)

    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert next(iter(given.values())) in response.content.decode()


def test_another_departments_case_is_not_there_to_prepare_of(client, case):
    client.force_login(world.bureau("other", "别的局").reviewer)

    assert "不归您的单位" in add(client, case).content.decode()
    assert not Answer.objects.exists()


def test_buttons_are_pressed_by_post_alone(client, case, people):
    row = answers.prepare(case, QUESTION, ANSWER, by=people.reviewer)
    client.force_login(people.approver)

    assert client.get(f"/admin/needs/answer/{row.pk}/publish/").status_code == 405
    assert client.post("/admin/needs/answer/999/publish/").status_code == 302


def test_a_request_of_two_presses_ends_published_once(client, case, people):
    row = answers.prepare(case, QUESTION, ANSWER, by=people.reviewer)
    client.force_login(people.approver)

    for _ in range(2):
        client.post(f"/admin/needs/answer/{row.pk}/publish/")

    assert AuditEntry.objects.filter(verb="publish_answer").count() == 1
