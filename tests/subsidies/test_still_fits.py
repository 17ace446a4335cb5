"""What was right when it was recommended is asked again before it is approved, countersigned and paid, each time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import Invalid, Refused
from subsidies.actions import approving, paying, reviewing
from subsidies.checks import risks
from subsidies.models import Application, Instalment, Payment
from tests.notifications.register import noon, open_shop, tell_of

from . import world

both_engines = pytest.mark.django_db(databases=["default", "postgres"])
IN_DISTRICT = {"fact": "district", "op": "in", "value": ["520201"], "clause": "第一条", "origin": "source"}
OPERATING = {
    "fact": "operating_status",
    "op": "eq",
    "value": "operating",
    "clause": "第二条",
    "origin": "source",
}


@pytest.fixture
def people(db):
    return world.bureau()


def opened(amount="5000", criteria=(IN_DISTRICT, OPERATING), **content):
    benefit = world.grant_of_money(amount=amount, criteria={"all": list(criteria)}, **content)
    world.envelope(benefit)
    shop = open_shop(1, district="520201", operating_status="operating")
    return world.filed(benefit, shop, world.owner_of(shop))


def fresh(application):
    return Application.objects.get(pk=application.pk)


# What the registry tells meanwhile, and the word with which it is refused


def moves_away(shop):
    tell_of(shop, district="520203")


def is_struck_off(shop):
    tell_of(shop, operating_status="deregistered")


def is_revoked(shop):
    tell_of(shop, operating_status="revoked")


turns = pytest.mark.parametrize(
    "turn", [moves_away, is_struck_off, is_revoked], ids=lambda turn: turn.__name__
)
# Whether the rule asks for it or not: a shop that is gone is given nothing, one that moved is looked at again.
rules = pytest.mark.parametrize(
    "criteria", [(IN_DISTRICT, OPERATING), ()], ids=["asked for", "not asked for"]
)


@rules
@turns
def test_what_turned_after_it_was_recommended_is_not_approved(people, turn, criteria):
    application = opened(criteria=criteria)
    world.recommended(application, people)
    turn(application.business)

    with pytest.raises(Refused, match="退回审核"):
        approving.approve(fresh(application), by=people.approver)


@rules
@turns
def test_what_turned_after_the_first_approval_is_not_countersigned(people, turn, criteria):
    application = opened("10000", criteria=criteria)
    world.recommended(application, people)
    approving.approve(fresh(application), by=people.approver)
    turn(application.business)

    with pytest.raises(Refused, match="退回审核"):
        approving.approve(fresh(application), by=people.approver_2)


@both_engines
@pytest.mark.parametrize("turn", [moves_away, is_struck_off], ids=lambda turn: turn.__name__)
def test_what_turned_after_it_was_approved_is_not_paid(engine, turn):
    people = world.bureau()
    application = opened()
    world.approved(application, people)
    turn(application.business)

    prepared = paying.prepare(people.department, by=people.finance)

    assert prepared.batch is None
    assert len(prepared.left_out) == 1
    assert Payment.objects.count() == 0
    if turn is moves_away:
        assert prepared.left_out[0].because == "批准以后，“所在县区是钟山区”不再符合。已退回审核。"
        assert fresh(application).state == "reviewing"


def test_what_turned_after_the_batch_was_prepared_stops_the_batch(people):
    application = opened()
    world.approved(application, people)
    batch = paying.prepare(people.department, by=people.finance).batch
    moves_away(application.business)

    with pytest.raises(Refused, match="编制以后变了"):
        paying.approve(batch, by=people.finance_2, ticked=[row.pk for row in batch.payments.all()])


def test_what_turned_goes_on_with_a_note_and_a_second_person_alone(people):
    application = opened()
    world.recommended(application, people)
    moves_away(application.business)
    reviewing.send_back(fresh(application), by=people.approver, note="店搬走了，再核对")
    verdicts = {"1": {"verdict": "pass", "note": "按提交那天"}}

    found = reviewing.set_verdicts(fresh(application), verdicts, by=people.reviewer)
    with pytest.raises(Invalid, match="写明理由"):
        reviewing.recommend(found, by=people.reviewer)
    reviewing.recommend(fresh(application), by=people.reviewer, override_note="提交时在区内，照规定应给")

    assert fresh(application).district == "520203"
    assert approving.approve(fresh(application), by=people.approver_2).state == "countersigning"
    assert approving.approve(fresh(application), by=people.approver_3).state == "approved"
    assert paying.prepare(people.department, by=people.finance).batch.count == 1


def test_a_shop_that_is_gone_is_recommended_by_nobody(people):
    application = opened(criteria=())
    reviewing.accept(application, by=people.reviewer)
    is_struck_off(application.business)

    with pytest.raises(Refused, match="店已经注销或被吊销"):
        reviewing.recommend(fresh(application), by=people.reviewer)


# After the first payment


def paid_in_part(people, *criteria):
    """A grant of rent, of which the first part is paid and the second is claimed and checked."""
    benefit = world.grant_of_rent(criteria={"all": [IN_DISTRICT, *criteria]})
    day = timezone.localdate()
    for year in range(day.year, day.year + 4):
        world.envelope(benefit, year=year)
    shop = world.shop_with_rent(1, district="520201")
    tell_of(shop, "self", startup_subsidy_received=False)
    application = world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)
    Application.objects.filter(pk=application.pk).update(state="paid", paid_at=timezone.now())
    first, second = application.grants.get().instalments.order_by("number")[:2]
    Instalment.objects.filter(pk=first.pk).update(status="cancelled")
    Instalment.objects.filter(pk=second.pk).update(status="due")
    return fresh(application)


def test_of_a_grant_paid_in_part_what_turned_waits_for_a_reviewer_and_a_second_person(people):
    application = paid_in_part(people)
    moves_away(application.business)

    left_out = paying.prepare(people.department, by=people.finance).left_out
    assert [row.because for row in left_out] == [
        "批准以后，“所在县区是钟山区”不再符合。请审核员打开这一件核对后再拨。"
    ]
    flag = application.risks.get()
    with pytest.raises(Invalid):
        risks.clear(fresh(application), flag.pk, "judged", "看过了，没有问题", by=people.reviewer)
    risks.clear(fresh(application), flag.pk, "goes_on", "只是办公地址变了", by=people.reviewer)
    batch = paying.prepare(people.department, by=people.finance).batch
    payment = batch.payments.get()
    with pytest.raises(Refused, match="没有核对"):
        paying.approve(batch, by=people.finance_2)
    [looked] = paying.look_over(batch)
    assert "批准以后有一条不再符合，审核人说可以继续拨：只是办公地址变了" in looked.flags
    assert paying.approve(batch, by=people.finance_2, ticked=[payment.pk]).status == "approved"


def test_to_have_received_it_is_no_news(people):
    """The rule asks that it was not received; after the first payment it was."""
    received = {"fact": "startup_subsidy_received", "op": "eq", "value": False, "held": True}
    application = paid_in_part(people, {**received, "clause": "第三条", "origin": "source"})
    tell_of(application.business, "hrss", startup_subsidy_received=True)

    assert paying.prepare(people.department, by=people.finance).batch.count == 1


# Sums


def granted(people, place, amount, day, person=1):
    """Of one person, granted on ``day`` under a benefit of its own."""
    code = f"T01{'acdefgh'[place]}"
    with noon(day):
        benefit = world.grant_of_money(code, amount=amount, criteria={"all": []})
        world.envelope(benefit)
        shop = open_shop(place + 1, person=person)
        application = world.filed(benefit, shop, world.owner_of(shop))
        world.recommended(application, people)
        return approving.approve(fresh(application), by=people.approver)


def test_three_grants_of_9999_to_one_person_are_not_passed_by_one_approver_each(people):
    today = timezone.localdate()

    states = [granted(people, place, "9999", today).state for place in range(3)]

    assert states == ["approved", "countersigning", "countersigning"]


def test_a_loan_is_no_money_given_and_does_not_count(people):
    today = timezone.localdate()
    loan = granted(people, 0, "9999", today)
    Application.objects.filter(pk=loan.pk).update(category="loan")

    assert granted(people, 1, "9999", today).state == "approved"


def test_grants_of_other_people_do_not_count(people):
    today = timezone.localdate()

    assert granted(people, 0, "9999", today).state == "approved"
    assert granted(people, 1, "9999", today, person=2).state == "approved"


@pytest.mark.parametrize(("days", "state"), [(-1, "countersigning"), (0, "approved"), (1, "approved")])
def test_what_was_granted_twelve_months_ago_counts_no_more(people, days, state):
    """The day before the twelve months are over, the day, and the day after."""
    first = timezone.localdate()
    granted(people, 0, "9999", first)

    with noon(first):
        over = first.replace(year=first.year + 1)
    assert granted(people, 1, "9999", over + timedelta(days=days)).state == state


def test_the_sum_is_exactly_at_the_line(people):
    today = timezone.localdate()
    granted(people, 0, "4000", today)

    assert granted(people, 1, "5999.99", today).state == "approved"
    assert granted(people, 2, "0.01", today).state == "countersigning"
