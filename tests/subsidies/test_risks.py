"""风险提示: what may be the same case is looked at, with a note, before it goes on; one gate for every door."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Department
from businesses.models import PaymentAccount
from cases.models import AuditEntry
from core.errors import Invalid, Refused
from policies.models import Benefit
from subsidies.actions import applying, approving, passing, reviewing
from subsidies.checks import risks
from subsidies.models import Application, RiskFlag
from tests.notifications.register import open_shop, tell_of
from tests.standing import BOTH, stands

from . import world

pytestmark = pytest.mark.django_db(databases=["default", "postgres"])
ADDRESS = "钟山大道 8 号"
NOTE = "电话核实过，是夫妻两个人"


def _grant():
    world.bureau()
    world.envelope(world.grant_of_money(criteria=world.IN_DISTRICT))


_granted = stands(_grant, BOTH)


@pytest.fixture
def people(_granted, engine):
    return world.bureau()


@pytest.fixture
def benefit(people):
    return Benefit.objects.get()


def filed(benefit, place=1, **more):
    shop = world.shop_with_rent(place)
    for name, value in more.items():
        setattr(shop, name, value)
    shop.save(update_fields=list(more) or None)
    return world.filed(benefit, shop, world.owner_of(shop))


def pair_on_one_account(benefit):
    """Two cases of two people who are paid to one account; the first, as it is found to be when it is looked at."""
    first, second = filed(benefit, 1), filed(benefit, 2)
    second.account.number_index = first.account.number_index
    second.account.save(update_fields=["number_index"])
    return first, second


def flags(application):
    return [(row.kind, row.other_case_id, row.outcome) for row in risks.refresh(*_judged(application)) if row]


def _judged(application):
    from cases.assessment import judge_filed

    application = Application.objects.get(pk=application.pk)
    return application, judge_filed(application)


def cleared(application, people, outcome, note=NOTE):
    (flag,) = risks.refresh(*_judged(application))
    return risks.clear(application, flag.pk, outcome, note, by=people.reviewer)


# What is found


def test_an_account_that_is_also_somebody_elses_is_flagged_and_leads_to_their_case(benefit):
    first, second = pair_on_one_account(benefit)

    assert flags(first) == [("account", second.pk, "")]


def test_an_account_that_was_somebody_elses_once_is_not(benefit):
    first, second = pair_on_one_account(benefit)
    second.account.ended_at = timezone.now()
    second.account.save(update_fields=["ended_at"])

    assert flags(first) == []


def test_the_same_address_for_the_same_benefit_is_flagged_when_the_second_is_filed(benefit):
    first = filed(benefit, 1, address=ADDRESS)
    second = filed(benefit, 2, address=ADDRESS.replace(" ", ""))

    assert list(second.risks.values_list("kind", "other_case")) == [("address", first.pk)]


def test_the_same_address_for_another_benefit_is_not(benefit):
    filed(benefit, 1, address=ADDRESS)
    other = world.grant_of_money("T01b")
    world.envelope(other)

    assert filed(other, 2, address=ADDRESS).risks.count() == 0


@pytest.mark.parametrize(("days", "is_found"), [(365, True), (366, True), (367, False)])
def test_who_applied_for_the_same_within_a_year_is_flagged(benefit, people, days, is_found):
    before = world.refused(filed(benefit, 1), people)
    moment = timezone.now() - timedelta(days=days) + timedelta(minutes=1)
    Application.objects.filter(pk=before.pk).update(submitted_at=moment)

    again = world.filed(benefit, before.business, before.submitter)

    assert flags(again) == ([("person", before.pk, "")] if is_found else [])


def test_who_took_theirs_back_is_not(benefit):
    before = filed(benefit, 1)
    applying.withdraw(before, by=before.submitter)

    assert flags(world.filed(benefit, before.business, before.submitter)) == []


def test_what_held_at_filing_and_does_not_any_more_is_flagged_and_the_other_way_round_not(benefit):
    row = filed(benefit, 1)
    assert flags(row) == []

    tell_of(row.business, "registry", district="520203")
    assert flags(row) == [("changed", None, "")]

    tell_of(row.business, "registry", district="520201")
    assert flags(row) == []  # nobody has looked, and it is so no more


# What stops


def test_nothing_is_recommended_before_somebody_has_looked_and_said_why(benefit, people):
    first, _second = pair_on_one_account(benefit)
    first = world.accepted(first, people)
    with pytest.raises(Refused, match="“同一账户”还没有核对"):
        reviewing.recommend(first, by=people.reviewer)

    cleared(first, people, "family")

    assert reviewing.recommend(first, by=people.reviewer).state == "recommended"


@pytest.mark.parametrize("outcome", ["mistyped", "borrowed"])
def test_what_is_no_family_is_not_recommended(benefit, people, outcome):
    first, _ = pair_on_one_account(benefit)
    first = world.accepted(first, people)
    cleared(first, people, outcome)

    with pytest.raises(Refused, match="不能建议批准"):
        reviewing.recommend(first, by=people.reviewer)


def test_an_account_is_looked_at_by_the_approver_too(benefit, people):
    first, _ = pair_on_one_account(benefit)
    first = world.accepted(first, people)
    flag = cleared(first, people, "family")
    first = reviewing.recommend(first, by=people.reviewer)
    with pytest.raises(Refused, match="“同一账户”要审批人也核对一遍"):
        approving.approve(first, by=people.approver)

    done = approving.approve(first, by=people.approver, confirmed=[flag.pk])

    flag.refresh_from_db()
    assert (done.state, flag.confirmed_by_id) == ("approved", people.approver.pk)
    said = AuditEntry.objects.filter(case=first.pk, verb__in=["clear_risk", "confirm_risk"])
    assert list(said.order_by("sequence").values_list("verb", "actor")) == [
        ("clear_risk", people.reviewer.pk),
        ("confirm_risk", people.approver.pk),
    ]


def test_an_address_is_looked_at_once(benefit, people):
    filed(benefit, 1, address=ADDRESS)
    second = world.accepted(filed(benefit, 2, address=ADDRESS), people)
    cleared(second, people, "shared")

    second = reviewing.recommend(second, by=people.reviewer)

    assert approving.approve(second, by=people.approver).state == "approved"


def test_what_turns_up_after_it_was_recommended_stops_the_approval(benefit, people):
    first = world.recommended(filed(benefit, 1, address=ADDRESS), people)
    filed(benefit, 2, address=ADDRESS)

    with pytest.raises(Refused, match="出现了新的风险提示"):
        approving.approve(first, by=people.approver)


def test_what_has_changed_is_looked_at_with_its_criterion(benefit, people):
    row = world.accepted(filed(benefit, 1), people)
    tell_of(row.business, "registry", district="520203")
    criterion = row.judged["criteria"][0]["id"]
    assert flags(row) == [("changed", None, "")]

    row = reviewing.set_verdicts(
        row, {criterion: {"verdict": "pass", "note": "店没有搬"}}, by=people.reviewer
    )
    assert flags(row) == [("changed", None, "judged")]
    row = reviewing.set_verdicts(row, {criterion: None}, by=people.reviewer)

    assert flags(row) == [("changed", None, "")]


def test_of_several_at_once_none_that_was_ever_flagged_goes_on(benefit, people):
    filed(benefit, 1, address=ADDRESS)
    second = world.accepted(filed(benefit, 2, address=ADDRESS), people)
    cleared(second, people, "shared")

    with pytest.raises(Refused, match="不能批量通过"):
        passing.pass_on(second, by=people.reviewer, only_clean=True)

    assert passing.pass_on(second, by=people.reviewer).state == "recommended"


def test_what_was_looked_at_stays_when_it_is_so_no_more(benefit, people):
    first = filed(benefit, 1, address=ADDRESS)
    second = world.accepted(filed(benefit, 2, address=ADDRESS), people)
    cleared(second, people, "shared")

    applying.withdraw(first, by=first.submitter)

    assert flags(second) == [("address", first.pk, "shared")]


# Who, and how


@pytest.mark.parametrize(
    ("outcome", "note", "words"),
    [("", NOTE, "请选一个结论"), ("family", "", "至少 4 个字"), ("shared", NOTE, "请选一个结论")],
)
def test_a_conclusion_needs_its_reason(benefit, people, outcome, note, words):
    first, _ = pair_on_one_account(benefit)
    first = world.accepted(first, people)

    with pytest.raises(Invalid, match=words):
        cleared(first, people, outcome, note)

    assert flags(first)[0][2] == ""


def test_only_who_reviews_the_case_looks_at_it_and_only_while_it_is_reviewed(benefit, people):
    first, _ = pair_on_one_account(benefit)
    (flag,) = risks.refresh(*_judged(first))
    for stranger in (people.approver, people.finance, first.submitter):
        with pytest.raises(PermissionDenied):
            risks.clear(first, flag.pk, "family", NOTE, by=stranger)

    first = world.accepted(first, people)
    risks.clear(first, flag.pk, "family", NOTE, by=people.reviewer)
    first = reviewing.recommend(first, by=people.reviewer)
    with pytest.raises(Refused, match="不在审核中"):
        risks.clear(first, flag.pk, "borrowed", NOTE, by=people.reviewer)


def test_a_flag_of_another_case_is_not_found_and_a_page_overtaken_is_refused(benefit, people):
    first, second = pair_on_one_account(benefit)
    (flag,) = risks.refresh(*_judged(first))
    with pytest.raises(Refused, match="已经不在了"):
        risks.clear(second, flag.pk, "family", NOTE, by=people.reviewer)

    with pytest.raises(Refused):
        risks.clear(first, flag.pk, "family", NOTE, by=people.reviewer, expected_version=first.version + 9)


def test_the_database_keeps_no_conclusion_without_person_and_note_and_no_second_look_by_the_first(
    benefit, people, engine
):
    first, _ = pair_on_one_account(benefit)
    (flag,) = risks.refresh(*_judged(first))
    rows = RiskFlag.objects.filter(pk=flag.pk)
    for wrong in (
        {"outcome": "family"},
        {"outcome": "family", "note": "", "cleared_by": people.reviewer, "cleared_at": timezone.now()},
        {"confirmed_by": people.approver, "confirmed_at": timezone.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(
            outcome="family", note=NOTE, cleared_by=people.reviewer, cleared_at=timezone.now(),
            confirmed_by=people.reviewer, confirmed_at=timezone.now(),
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        RiskFlag.objects.create(application=first, kind=flag.kind, other=flag.other)


def test_a_shop_that_nobody_else_is_like_is_flagged_for_nothing(benefit, people):
    open_shop(7, address=ADDRESS)

    assert world.approved(filed(benefit, 1, address=ADDRESS), people).state == "approved"
    assert RiskFlag.objects.count() == 0


# What was looked at, and what is so no more


def second_account(owner, shop, number):
    return world.another_account(shop, owner, number)


def test_an_account_changed_after_filing_is_looked_at_before_it_is_recommended(benefit, people):
    first, second = filed(benefit, 1), world.accepted(filed(benefit, 2), people)
    shared = second_account(second.submitter, second.business, "6222020200007777")
    PaymentAccount.objects.filter(pk=first.account_id).update(number_index=shared.number_index)
    with pytest.raises(Refused, match="“同一账户”还没有核对"):
        reviewing.recommend(second, by=people.reviewer)

    cleared(second, people, "family")

    assert reviewing.recommend(second, by=people.reviewer).account_id == shared.pk


def test_an_account_that_was_mistyped_and_mended_stops_nothing_more(benefit, people):
    first, _ = pair_on_one_account(benefit)
    first = world.accepted(first, people)
    cleared(first, people, "mistyped")

    second_account(first.submitter, first.business, "6222020200007777")

    assert reviewing.recommend(first, by=people.reviewer).state == "recommended"


def test_what_was_said_of_one_account_is_not_said_of_the_next(benefit, people):
    first, second = pair_on_one_account(benefit)
    first = world.accepted(first, people)
    cleared(first, people, "family")

    shared = second_account(first.submitter, first.business, "6222020200007777")
    PaymentAccount.objects.filter(pk=second.account_id).update(number_index=shared.number_index)

    with pytest.raises(Refused, match="“同一账户”还没有核对"):
        reviewing.recommend(first, by=people.reviewer)


def test_back_in_review_an_approver_looks_again(benefit, people):
    first, _ = pair_on_one_account(benefit)
    first = world.accepted(first, people)
    flag = cleared(first, people, "family")
    first = reviewing.recommend(first, by=people.reviewer)
    first = approving.approve(first, by=people.approver, confirmed=[flag.pk])
    first = reviewing.send_back(first, note="再核对一次金额", by=people.approver_2)
    first = reviewing.recommend(first, by=people.reviewer)

    with pytest.raises(Refused, match="审批人也核对一遍"):
        approving.approve(first, by=people.approver)


def test_what_changes_again_after_it_was_recommended_stops_the_approval(benefit, people):
    row = world.accepted(filed(benefit, 1), people)
    criterion = row.judged["criteria"][0]["id"]
    tell_of(row.business, "registry", district="520203")
    assert flags(row) == [("changed", None, "")]
    row = reviewing.set_verdicts(
        row, {criterion: {"verdict": "pass", "note": "店没有搬"}}, by=people.reviewer
    )
    tell_of(row.business, "registry", district="520201")
    row = reviewing.recommend(row, by=people.reviewer)
    tell_of(row.business, "registry", district="520203")

    with pytest.raises(Refused, match="出现了新的风险提示"):
        approving.approve(row, by=people.approver)


def test_who_wrote_that_a_paper_does_not_apply_is_not_passed_with_others(benefit, people):
    shop = world.shop_with_rent(1)
    owner = world.owner_of(shop)
    draft = applying.excuse(applying.begin(shop, benefit, by=owner), "租赁合同", "房子是自己的", by=owner)
    row = applying.submit(applying.declare(draft, by=owner), by=owner)

    with pytest.raises(Refused, match="不交材料的理由"):
        passing.pass_on(row, by=people.reviewer, only_clean=True)


def test_an_earlier_case_is_found_however_many_others_lie_between(benefit, people):
    before = world.refused(filed(benefit, 1), people)
    other = world.grant_of_money("T01b", materials=[])
    world.envelope(other)
    for _ in range(22):
        between = world.filed(other, before.business, before.submitter)
        applying.withdraw(between, by=before.submitter)

    again = world.filed(benefit, before.business, before.submitter)

    assert flags(again) == [("person", before.pk, "")]


def test_a_case_of_another_bureau_is_named_to_nobody(benefit, people):
    first, second = pair_on_one_account(benefit)
    Application.objects.filter(pk=second.pk).update(
        department=Department.objects.get_or_create(code="market", defaults={"name": "市场监管局"})[0]
    )

    assert flags(first) == [("account", None, "")]
