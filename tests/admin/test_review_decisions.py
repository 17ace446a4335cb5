"""不通过, 补正 and 退回审核 as staff write them, and 回避申报."""

from types import SimpleNamespace

import pytest

from cases.actions import correcting, interests
from cases.models import Interest
from subsidies.actions import applying
from subsidies.models import Application
from tests.notifications.register import identity, open_shop, tell_of
from tests.standing import stands
from tests.subsidies import world

from .reviewing import benefit_to_review, case, defects, filed, mend, sent, signed_in, text, verdict_of

pytestmark = pytest.mark.django_db


def _begin():
    people, benefit = world.bureau(), benefit_to_review()
    return SimpleNamespace(people=people, benefit=benefit, application=filed(benefit, 1))


_begun = stands(_begin)


@pytest.fixture
def people(begun):
    return begun.people


@pytest.fixture
def benefit(begun):
    return begun.benefit


@pytest.fixture
def application(begun):
    return begun.application


# 不通过


def test_a_refusal_is_prefilled_with_words_that_the_owner_understands(people, application):
    client = signed_in(people.reviewer)
    client.post(case(application, "act"), sent(application, "refuse", **verdict_of(application, "fail", 1)))

    page = client.get(case(application, "refuse"))

    assert (
        page.context_data["form"].initial["reason"]
        == "您的租用经营场地是“是”，所以不符合“租用经营场地”这一条。"
    )


@pytest.mark.parametrize(
    ("failed", "reason", "fault"),
    [(False, "您的店没有租用经营场地。", "请至少选一条"), (True, "不行", "理由太短了")],
)
def test_a_refusal_needs_a_failed_criterion_and_a_reason(people, application, failed, reason, fault):
    world.accepted(application, people)
    application.refresh_from_db()
    row = application.judged["criteria"][1]["id"]

    answer = signed_in(people.reviewer).post(
        case(application, "refuse"),
        {"failed": [row] if failed else [], "reason": reason, "expected_version": application.version},
    )

    assert answer.status_code == 400
    assert fault in text(answer)


def test_a_refusal_is_written_and_the_criterion_marked(people, application):
    world.accepted(application, people)
    application.refresh_from_db()
    row = application.judged["criteria"][1]["id"]

    signed_in(people.reviewer).post(
        case(application, "refuse"),
        {
            "failed": [row],
            "reason": "您的店没有租用经营场地，所以不符合。",
            "expected_version": application.version,
        },
    )

    application.refresh_from_db()
    assert (application.state, application.failed) == ("refused", [row])
    assert application.verdicts[row]["verdict"] == "fail"


# 补正


def chosen(client, application):
    """The fields of the form for the material."""
    page = client.get(case(application, "correct"))
    key = next(one["key"] for one in page.context_data["choices"] if one["kind"] == "material")
    return {f"chosen-{key}": "on", f"reason-{key}": "照片不清楚，看不见文字"}


def test_a_correction_is_shown_as_the_owner_sees_it_before_it_is_sent(people, application):
    client = signed_in(people.reviewer)
    given = chosen(client, application)

    shown = client.post(case(application, "correct"), sent(application, "preview", **given))
    before = Application.objects.get(pk=application.pk).state
    client.post(case(application, "correct"), sent(application, "send", **given))

    application.refresh_from_db()
    assert "店主会这样看到" in text(shown)
    assert (before, application.state) == ("submitted", "correcting")
    assert list(application.corrections.values_list("defects__name", "defects__reason")) == [
        ("租赁合同", "照片不清楚，看不见文字")
    ]


@pytest.mark.parametrize(
    ("given", "fault"), [({}, "请至少选一项"), ({"chosen-material-0": "on"}, "请写明哪里不对")]
)
def test_a_correction_without_a_defect_or_a_reason_is_not_sent(people, application, given, fault):
    client = signed_in(people.reviewer)
    key = next(iter(chosen(client, application)))
    given = {key: "on"} if given else {}

    answer = client.post(case(application, "correct"), sent(application, "send", **given))

    assert answer.status_code == 400
    assert fault in text(answer)


def test_a_second_correction_warns(people, application):
    correcting.request_correction(application, defects(), by=people.reviewer)
    mend(application)

    page = text(signed_in(people.reviewer).get(case(application, "correct")))

    assert "这一件已经通知过 1 次补正。" in page


def test_old_and_new_stand_side_by_side(people, application):
    old = application.files.get().evidence
    correcting.request_correction(application, defects(), by=people.reviewer)
    mend(application)
    new = Application.objects.get(pk=application.pk).files.get(removed_at=None).evidence

    page = signed_in(people.reviewer).get(case(application)).content.decode()

    places = [page.index(f"/evidence/{row.public_id}/thumbnail/") for row in (old, new)]
    assert places == sorted(places)


# 退回审核 and handing back


def test_an_approver_sends_back_with_a_note(people, application):
    ready = world.recommended(application, people)

    signed_in(people.approver).post(
        case(ready, "send-back"), {"note": "合同没有盖章", "expected_version": ready.version}
    )

    ready.refresh_from_db()
    assert (ready.state, ready.reviewer) == ("reviewing", None)


def test_a_case_is_claimed_and_put_back(people, application):
    client, claimed = signed_in(people.reviewer), []
    for do in ("claim", "put_back"):
        client.post(case(application, "act"), sent(application, do))
        claimed.append(Application.objects.get(pk=application.pk).claimed_by)

    assert claimed == [people.reviewer, None]


def test_staff_have_names_in_the_history_and_owners_have_none(people, application):
    world.accepted(application, people)

    page = text(signed_in(people.reviewer).get(case(application)))

    assert "受理 tests_reviewer" in page
    assert "提交 店主" in page


def test_after_withdrawing_nothing_can_be_pressed(people, application):
    applying.withdraw(application, by=application.submitter)

    page = text(signed_in(people.reviewer).get(case(application)))

    assert "这一件现在不等您办。" in page


# 回避申报


def test_interests_are_declared_listed_and_taken_back_by_two(people):
    client = signed_in(people.reviewer)
    client.post("/admin/cases/interest/add/", {"identity": identity(1), "relation": "kin"})
    row = Interest.objects.get()
    others = signed_in(people.reviewer_2)

    lists = [one.get("/admin/cases/interest/").context_data["cl"].result_list for one in (client, others)]
    assert [list(found) for found in lists] == [[row], []]
    assert others.post(f"/admin/cases/interest/{row.pk}/end/").status_code == 302
    row.refresh_from_db()
    assert row.ended_at is None
    end, decides = f"/admin/cases/interest/{row.pk}/end/", signed_in(people.approver)
    assert "请写明为什么不用再回避" in text(client.post(end, {"because": ""}))
    assert decides.get(end).status_code == 302
    client.post(end, {"because": "已经离婚，没有往来"})
    assert "已经离婚，没有往来" in text(decides.get(end))
    assert "同意撤销" not in text(client.get(end))
    decides.post(end)
    row.refresh_from_db()
    assert (row.ended_by, row.ended_at is not None) == (people.approver, True)


def test_an_interest_needs_a_real_identity_number_and_keeps_none(people):
    client = signed_in(people.reviewer)

    wrong = client.post("/admin/cases/interest/add/", {"identity": "123", "relation": "kin"})
    client.post("/admin/cases/interest/add/", {"identity": identity(1), "relation": "kin"})

    assert wrong.status_code == 400
    assert "身份证号应为 18 位" in text(wrong)
    assert identity(1) not in str(Interest.objects.values().get())


def test_the_administrator_reads_all_interests_and_ends_none_unasked(people):
    row = interests.declare(identity(1), "kin", by=people.reviewer)
    client = signed_in(people.admin)

    assert "近亲属" in text(client.get("/admin/cases/interest/"))
    said = client.post(f"/admin/cases/interest/{row.pk}/end/", follow=True)
    row.refresh_from_db()
    assert "申报人还没有申请撤销" in text(said)
    assert row.ended_at is None


def test_a_shop_without_an_owner_of_ours_is_shown_all_the_same(people, benefit):
    shop = open_shop(5)
    tell_of(shop, "self", rents_premises=True)
    application = world.filed(benefit, shop, world.owner_of(shop))

    assert signed_in(people.reviewer).get(case(application)).status_code == 200
