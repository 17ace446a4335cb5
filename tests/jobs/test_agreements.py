"""A contract of two who talk: drawn up, filled in, confirmed by each for themself, sent to be looked at."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.models import AccessEvent
from cases.actions import general
from cases.evidence import wallet
from cases.models import Evidence
from core.errors import Invalid, Refused
from jobs.contracts import agreeing
from jobs.models import Agreement, Post
from notifications.models import Letter
from portal.demo_services import load_mentor
from services.catalogue.loading import load_offerings
from tests.measures import load_catalogue
from tests.notifications.register import tell_of
from tests.subsidies.world import owner_of

from .pdf_text import text_of
from .test_contacts import agent_of, do, letters_of, letters_of_shop
from .world import contact, faults, post, today, worker

pytestmark = pytest.mark.django_db
SAID = {"worker_name": "李四", "pay_on": "10", "rest_day": "周日", "hazards": "坡陡"}
GIG = {"worker_name": "李四", "result": "摘净", "settle": "当天结", "tools": "甲方出", "insured": "甲方买"}


def talking(**more):
    """Two who talk: the case, the owner, the worker."""
    case, owner, someone = contact(**more)
    return do(case, "accept", owner), owner, someone


def drawn(form="labour", **more):
    case, owner, someone = talking(**more)
    return agreeing.draw_up(case, form, by=owner), owner, someone


def filled(form="labour", **more):
    row, owner, someone = drawn(form, **more)
    return agreeing.fill_in(row, SAID if form == "labour" else GIG, by=someone), owner, someone


def settled(form="labour", **more):
    row, owner, someone = filled(form, **more)
    agreeing.confirm(row, by=owner)
    return agreeing.confirm(row, by=someone), owner, someone


def stored(row):
    return Agreement.objects.get(pk=row.pk)


def lines_of(row):
    return [line for clause in agreeing.text_of(row) for line in clause.lines]


# Drawn up and filled in


def test_a_contract_is_filled_from_the_post_the_shop_and_the_worker():
    row, _, _ = filled()

    text = "".join(lines_of(row))
    assert row.contact.post.business.name in text
    assert row.contact.post.business.operator.name in text
    assert "乙方（劳动者）：李四" in text
    assert "每天 150 元，每月 10 号" in text
    assert "采茶（采春茶），地点在水城区" in text
    assert "每天 8 小时，每周周日休息" in text
    assert "坡陡" in text


def test_drawn_up_twice_is_drawn_up_once():
    row, _, someone = drawn()

    assert agreeing.draw_up(row.contact.case, "labour", by=someone) == row
    assert Agreement.objects.count() == 1


def test_another_form_is_another_contract_and_keeps_the_name():
    row, owner, _ = filled()

    other = agreeing.draw_up(row.contact.case, "gig", by=owner)

    assert (other.pk, other.form, other.answers, other.version) == (
        row.pk,
        "gig",
        {"worker_name": "李四"},
        row.version + 1,
    )


def test_what_cannot_be_is_refused_and_nothing_changes():
    row, owner, someone = filled()
    before = stored(row)

    with pytest.raises(Refused):
        agreeing.draw_up(row.contact.case, "marriage", by=owner)
    with pytest.raises(Invalid, match="1 到 31"):
        agreeing.fill_in(row, SAID | {"pay_on": "40"}, by=someone)
    with pytest.raises(Invalid):
        agreeing.fill_in(row, SAID | {"worker_name": "13812345678"}, by=someone)

    assert (stored(row).answers, stored(row).version) == (before.answers, before.version)


@pytest.mark.parametrize("verb", ["refuse", "withdraw"])
def test_only_of_two_who_talk_is_one_drawn_up(verb):
    case, owner, someone = contact()
    with pytest.raises(Refused, match="两边愿意谈了"):
        agreeing.draw_up(case, "labour", by=owner)
    case = do(case, verb, owner if verb == "refuse" else someone, reason="不去了")

    with pytest.raises(Refused, match="两边愿意谈了"):
        agreeing.draw_up(case, "labour", by=someone)


def test_when_the_two_have_parted_nothing_is_changed_or_confirmed():
    row, owner, someone = filled()
    do(row.contact.case, "refuse", owner, reason="不招了")

    with pytest.raises(Refused):
        agreeing.fill_in(row, SAID | {"pay_on": "11"}, by=someone)
    with pytest.raises(Refused):
        agreeing.confirm(row, by=someone)
    assert stored(row).version == row.version


def test_somebody_under_18_makes_no_contract_for_hard_work_or_at_night():
    case, owner, _ = talking()
    card = case.contact.worker
    type(card).objects.filter(pk=card.pk).update(adult_on=today() + timedelta(days=30))
    for change in ({"night": True}, {"is_hard": True}):
        Post.objects.filter(pk=case.contact.post_id).update(**{"night": False, "is_hard": False} | change)
        with pytest.raises(Refused, match="18 周岁"):
            agreeing.draw_up(type(case).objects.get(pk=case.pk), "labour", by=owner)
    Post.objects.filter(pk=case.contact.post_id).update(night=False, is_hard=False)

    row = agreeing.draw_up(type(case).objects.get(pk=case.pk), "labour", by=owner)

    assert "minor" in [clause.key for clause in agreeing.text_of(row)]


# Confirmed


def test_each_side_confirms_for_itself_and_both_read_the_same():
    row, owner, someone = filled()

    first = agreeing.confirm(row, by=owner)
    assert (first.confirmed_by_shop, first.confirmed_by_worker, first.is_settled) == (owner, None, False)
    text = first.text
    second = agreeing.confirm(row, by=someone)

    assert (second.confirmed_by_shop, second.confirmed_by_worker, second.is_settled) == (owner, someone, True)
    assert second.text == text != []
    assert letters_of(someone)[-1] == "对方确认了劳动合同"
    assert letters_of_shop(row.contact.case)[-1] == "合同两边都确认了"
    actions = AccessEvent.objects.filter(action="agreement_confirmed").order_by("pk")
    assert list(actions.values_list("user", flat=True)) == [owner.pk, someone.pk]
    assert faults() == []


def test_what_was_asked_of_whoever_has_confirmed_wants_nothing_more():
    row, owner, someone = filled()
    agreeing.confirm(row, by=owner)
    wanting = Letter.objects.filter(user=someone, title="对方确认了劳动合同")
    assert [letter.needs_action for letter in wanting] == [True]

    agreeing.confirm(row, by=someone)

    assert [letter.needs_action for letter in wanting.all()] == [False]


def test_when_the_two_have_parted_nobody_is_asked_to_confirm_any_more():
    row, owner, someone = filled()
    agreeing.confirm(row, by=owner)

    do(row.contact.case, "refuse", someone, reason="不去了")

    wanting = Letter.objects.filter(user=someone, title="对方确认了劳动合同")
    assert [letter.needs_action for letter in wanting] == [False]


def test_confirmed_twice_is_confirmed_once():
    row, owner, _ = filled()
    first = agreeing.confirm(row, by=owner)

    again = agreeing.confirm(row, by=owner)

    assert again.confirmed_by_shop_at == first.confirmed_by_shop_at


def test_what_the_first_confirmed_stays_though_the_post_is_changed():
    row, owner, someone = filled()
    agreeing.confirm(row, by=owner)
    Post.objects.filter(pk=row.contact.post_id).update(pay_fen=99_00, day_fen=99_00)

    agreeing.confirm(row, by=someone)

    assert any("每天 150 元" in line for line in lines_of(stored(row)))


def test_a_post_that_wants_more_answers_is_filled_in_first():
    row, owner, _ = filled()
    Post.objects.filter(pk=row.contact.post_id).update(unit="hour", hours=3, days=0b0011111)

    with pytest.raises(Refused, match="还没填完：多久结一次工钱"):
        agreeing.confirm(row, by=owner)


def test_what_is_not_filled_in_is_not_confirmed():
    row, owner, _ = drawn()

    with pytest.raises(Refused, match="还没填完：乙方姓名、每月几号发工资、每周哪天休息"):
        agreeing.confirm(row, by=owner)
    assert stored(row).text == []


def test_any_change_takes_both_confirmations_back_and_says_so():
    row, owner, someone = settled()

    changed = agreeing.fill_in(row, SAID | {"pay_on": "15"}, by=someone)

    assert (changed.confirmed_by_shop, changed.confirmed_by_worker) == (None, None)
    assert (changed.text, changed.is_settled, changed.version) == ([], False, row.version + 1)
    assert letters_of_shop(row.contact.case)[-1] == "合同改了，请再看一遍"
    assert letters_of(someone)[-1] != "合同改了，请再看一遍"  # who did it is not told
    agreeing.confirm(changed, by=owner)
    assert agreeing.confirm(changed, by=someone).is_settled


def test_saying_the_same_again_takes_nothing_back():
    row, owner, _ = settled()

    same = agreeing.fill_in(row, SAID, by=owner)

    assert (same.is_settled, same.version) == (True, row.version)


def test_filling_in_anew_after_the_post_changed_takes_the_confirmation_back():
    row, owner, _ = filled()
    agreeing.confirm(row, by=owner)
    Post.objects.filter(pk=row.contact.post_id).update(pay_fen=99_00, day_fen=99_00)

    changed = agreeing.fill_in(row, SAID, by=owner)

    assert (changed.text, changed.confirmed_by_shop) == ([], None)
    assert any("每天 99 元" in line for line in lines_of(changed))


def test_whoever_read_something_else_does_not_confirm_this():
    row, owner, someone = filled()
    seen = row.version
    agreeing.fill_in(row, SAID | {"pay_on": "20"}, by=owner)

    for act in (
        lambda: agreeing.confirm(row, by=someone, expected_version=seen),
        lambda: agreeing.fill_in(row, SAID, by=someone, expected_version=seen),
    ):
        with pytest.raises(Refused, match="这份合同"):
            act()


def test_a_mandate_prepares_and_does_not_confirm():
    case, _, _ = talking()
    agent = agent_of(case)

    row = agreeing.fill_in(agreeing.draw_up(case, "labour", by=agent), SAID, by=agent)

    with pytest.raises(Refused, match="店主本人"):
        agreeing.confirm(row, by=agent)
    assert stored(row).text == []


def test_nobody_else_touches_it():
    row, _, _ = settled()

    for user in (worker(9).user, owner_of(post(7).business)):
        for act in (
            lambda user=user: agreeing.draw_up(row.contact.case, "gig", by=user),
            lambda user=user: agreeing.fill_in(row, SAID, by=user),
            lambda user=user: agreeing.confirm(row, by=user),
            lambda user=user: agreeing.file(row, by=user),
        ):
            with pytest.raises((PermissionDenied, Refused)):
                act()
        assert not Agreement.objects.visible_to(user).exists()
    assert stored(row).version == row.version


def test_a_shop_that_is_not_open_signs_nothing():
    row, owner, _ = filled()
    tell_of(row.contact.post.business, "registry", operating_status="suspended")

    with pytest.raises(Refused, match="不是正常经营"):
        agreeing.confirm(row, by=owner)


# What can never be


@pytest.mark.parametrize(
    "values",
    [
        {"confirmed_by_shop": None},
        {"confirmed_by_worker_at": None},
        {"text": []},
        {"form": "marriage"},
        {"confirmed_by_worker": "owner"},
    ],
)
def test_the_database_refuses_what_can_never_be(values):
    row, owner, _ = settled()
    values = {name: owner if value == "owner" else value for name, value in values.items()}

    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=row.pk).update(**values)


def test_what_nobody_confirmed_has_no_kept_text():
    row, _, _ = filled()

    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=row.pk).update(text=[{"key": "parties"}])


# Filed


@pytest.fixture
def services(settings, tmp_path):
    settings.PRIVATE_FOLDER = str(tmp_path)
    load_catalogue()
    load_mentor()
    load_offerings(demo=True)


def test_what_both_confirmed_is_sent_to_be_looked_at_with_the_paper(services):
    row, owner, _ = settled()

    case = agreeing.file(row, by=owner)

    assert (case.request.offering.code, case.department.code, case.state) == (
        "contract-filing",
        "hrss",
        "open",
    )
    assert case.request.said == {"form": "劳动合同"}
    (number,) = case.messages.get().files
    text = text_of(wallet.read(Evidence.objects.get(public_id=number)))
    assert "乙方（劳动者）：李四" in text
    assert stored(row).filed == case
    assert agreeing.file(row, by=owner) == case
    assert faults() == []


def test_only_the_shop_sends_it_and_only_when_both_confirmed(services):
    row, owner, someone = filled()
    agreeing.confirm(row, by=owner)
    with pytest.raises(Refused, match="两边都确认了"):
        agreeing.file(row, by=owner)
    agreeing.confirm(row, by=someone)

    with pytest.raises(PermissionDenied):
        agreeing.file(row, by=someone)
    assert agreeing.file(row, by=agent_of(row.contact.case)).pk


def test_while_it_is_looked_at_it_is_not_changed(services):
    row, owner, someone = settled()
    case = agreeing.file(row, by=owner)
    with pytest.raises(Refused, match="已经送去审核"):
        agreeing.fill_in(row, SAID | {"pay_on": "15"}, by=someone)

    general.do(case, "withdraw", {}, by=owner)
    changed = agreeing.fill_in(row, SAID | {"pay_on": "15"}, by=someone)

    assert (changed.filed, changed.is_settled) == (None, False)


def test_what_was_withdrawn_is_sent_again(services):
    row, owner, _ = settled()
    first = agreeing.file(row, by=owner)
    general.do(first, "withdraw", {}, by=owner)

    second = agreeing.file(row, by=owner)

    assert second != first
    assert stored(row).filed == second


def test_where_nobody_looks_at_contracts_that_is_said():
    row, owner, _ = settled()

    with pytest.raises(Refused):
        agreeing.file(row, by=owner)


def test_a_gig_agreement_is_filed_as_one(services):
    row, owner, _ = settled("gig")

    assert agreeing.file(row, by=owner).request.said == {"form": "零工协议"}


# At once


in_parallel = [
    pytest.mark.django_db(databases=["default", "postgres"], transaction=True),
    pytest.mark.every_engine("locks"),
]


class TestAtOnce:
    pytestmark = in_parallel

    def test_both_confirm_at_once_and_both_count(self, at_once):
        row, owner, someone = filled()

        answers = at_once(
            [
                lambda: agreeing.confirm(
                    Agreement.objects.get(pk=row.pk), by=owner, expected_version=row.version
                ),
                lambda: agreeing.confirm(
                    Agreement.objects.get(pk=row.pk), by=someone, expected_version=row.version
                ),
            ]
        )

        assert [type(answer).__name__ for answer in answers] == ["Agreement", "Agreement"]
        assert stored(row).is_settled
        assert Letter.objects.filter(title="合同两边都确认了").count() == 1

    def test_a_change_and_a_confirmation_at_once_leave_nothing_confirmed_that_was_not_read(self, at_once):
        row, owner, someone = filled()

        answers = at_once(
            [
                lambda: agreeing.confirm(
                    Agreement.objects.get(pk=row.pk), by=owner, expected_version=row.version
                ),
                lambda: agreeing.fill_in(
                    Agreement.objects.get(pk=row.pk), SAID | {"pay_on": "15"}, by=someone
                ),
            ]
        )

        assert {type(answer).__name__ for answer in answers} <= {"Agreement", "Refused"}
        left = stored(row)
        assert (left.answers["pay_on"], left.confirmed_by_shop, left.text) == (15, None, [])
        assert left.version == row.version + 1

    def test_drawn_up_by_both_at_once_is_drawn_up_once(self, at_once):
        case, owner, someone = talking()

        answers = at_once(
            [
                lambda: agreeing.draw_up(case, "labour", by=owner),
                lambda: agreeing.draw_up(case, "labour", by=someone),
            ]
        )

        assert [type(answer).__name__ for answer in answers] == ["Agreement", "Agreement"]
        assert Agreement.objects.count() == 1
