"""只能领一个: of two benefits that exclude each other a person gets one, whichever shop it is for and however fast the
two are asked for, and paying one stops the other."""

import threading

import pytest

from businesses.models import Binding
from core.errors import Refused
from policies.models import Benefit
from subsidies.actions import applying, approving, paying
from subsidies.checks import exclusive
from subsidies.models import Application
from tests.core.test_idempotency import begin  # noqa: F401
from tests.notifications.register import TODAY, draft, open_shop, put_in_force

from . import world

both_engines = pytest.mark.django_db(databases=["default", "postgres"])
in_parallel = pytest.mark.django_db(databases=["default", "postgres"], transaction=True)
pytestmark = pytest.mark.every_engine("money")


def two_benefits(**content):
    """Of which each names the other."""
    first = world.grant_of_money("T01a", once_per_person=False, **content)
    second = world.grant_of_money("T01c", once_per_person=False, excludes=["T01a"], **content)
    for benefit in (first, second):
        world.envelope(benefit)
    return first, second


def two_shops():
    """Of one person, bound by the same user."""
    shops = [open_shop(1), open_shop(2, person=1)]
    owner = world.owner_of(shops[0])
    Binding.objects.get_or_create(business=shops[1], user=owner)
    return shops, owner


@both_engines
@pytest.mark.parametrize("places", [(0, 0), (0, 1)], ids=["one shop", "two shops"])
def test_of_two_that_exclude_each_other_the_second_is_not_filed(engine, places):
    world.bureau()
    benefits, (shops, owner) = two_benefits(), two_shops()
    drafts = [
        world.draft(benefit, shops[place], owner) for benefit, place in zip(benefits, places, strict=True)
    ]
    applying.submit(drafts[0], by=owner)

    with pytest.raises(Refused, match="只能领一个"):
        applying.submit(drafts[1], by=owner)


@in_parallel
@pytest.mark.parametrize("places", [(0, 0), (0, 1)], ids=["one shop", "two shops"])
def test_of_two_that_are_filed_at_once_one_is_accepted(begin, places):  # noqa: F811
    world.bureau()
    benefits, (shops, owner) = two_benefits(), two_shops()
    drafts = [
        world.draft(benefit, shops[place], owner) for benefit, place in zip(benefits, places, strict=True)
    ]
    barrier, heard = threading.Barrier(2), []

    def work(draft):
        barrier.wait()
        try:
            heard.append(applying.submit(draft, by=owner).state)
        except Refused as refusal:
            heard.append("只能领一个" in str(refusal))

    for thread in [begin(lambda one=one: work(one)) for one in drafts]:
        thread.join()

    assert sorted(heard, key=str) == [True, "submitted"]


def _exclude_from_now_on():
    put_in_force(draft(Benefit.objects.get(code="T01c"), excludes=["T01a"]))


def both_recommended(people, places=(0, 0)):
    """As it was when nothing excluded the other yet; the rule that does so is published afterwards."""
    first, second = (world.grant_of_money(code, once_per_person=False) for code in ("T01a", "T01c"))
    for benefit in (first, second):
        world.envelope(benefit)
    shops, owner = two_shops()
    cases = [
        world.recommended(world.filed(benefit, shops[place], owner), people)
        for benefit, place in zip((first, second), places, strict=True)
    ]
    _exclude_from_now_on()
    return cases


@both_engines
@pytest.mark.parametrize("places", [(0, 0), (0, 1)], ids=["one shop", "two shops"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["first first", "second first"])
def test_of_two_that_exclude_each_other_one_is_approved(engine, places, order):
    people = world.bureau()
    cases = both_recommended(people, places)
    approving.approve(cases[order[0]], by=people.approver)

    with pytest.raises(Refused, match="只能领一个"):
        approving.approve(cases[order[1]], by=people.approver)


@in_parallel
def test_of_two_that_are_approved_at_once_one_is(begin):  # noqa: F811
    people = world.bureau()
    cases = both_recommended(people)
    barrier, heard = threading.Barrier(2), []

    def work(case, who):
        barrier.wait()
        try:
            heard.append(approving.approve(case, by=who).state)
        except Refused as refusal:
            heard.append("只能领一个" in str(refusal))

    threads = [
        begin(lambda pair=pair: work(*pair))
        for pair in zip(cases, (people.approver, people.approver_2), strict=True)
    ]
    for thread in threads:
        thread.join()

    assert sorted(heard, key=str) == [True, "approved"]


def both_approved(people):
    """Both were granted before anything said that they exclude each other."""
    first, second = (world.grant_of_money(code, once_per_person=False) for code in ("T01a", "T01c"))
    for benefit in (first, second):
        world.envelope(benefit)
    shops, owner = two_shops()
    cases = [world.approved(world.filed(benefit, shops[0], owner), people) for benefit in (first, second)]
    _exclude_from_now_on()
    return cases


@both_engines
def test_paying_one_stops_the_other(engine):
    people = world.bureau()
    first, second = both_approved(people)

    prepared = paying.prepare(people.department, by=people.finance)

    assert [payment.instalment.grant.application for payment in prepared.batch.payments.all()] == [first]
    assert [row.because for row in prepared.left_out] == [
        "这个人已经领了另一项，两项只能领一个。已退回审核。"
    ]
    assert Application.objects.get(pk=second.pk).state == "reviewing"
    assert (
        paying.approve(
            prepared.batch,
            by=people.finance_2,
            ticked=[payment.pk for payment in prepared.batch.payments.all()],
        ).status
        == "approved"
    )


def test_nothing_is_looked_up_where_nothing_is_excluded(db, django_assert_num_queries):
    people = world.bureau()
    benefit = world.grant_of_money()
    world.envelope(benefit)
    shop = open_shop(1)
    case = world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)

    with django_assert_num_queries(0):
        assert list(exclusive.paid_beside([case], TODAY())) == []
