"""The queue: who gets which file next, for how long, and that two people never get the same."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases import queue
from cases.actions import interests
from core.errors import Refused
from subsidies.actions import applying, reviewing
from subsidies.actions.passing import pass_on
from subsidies.models import Application
from tests.core.test_idempotency import begin  # noqa: F401
from tests.notifications.register import identity, open_shop

from ..subsidies import world

in_parallel = pytest.mark.django_db(databases=["default", "postgres"], transaction=True)
CLERKS, FILES = 4, 6


def filed(benefit, *places):
    shops = [open_shop(place) for place in places]
    return [world.filed(benefit, shop, world.owner_of(shop)) for shop in shops]


@pytest.fixture
def people(db):
    return world.bureau()


def test_the_earliest_due_comes_first_and_what_is_promised_for_no_day_last(people):
    undated, late, early = filed(world.grant_of_money(), 1, 2, 3)
    Application.objects.filter(pk=undated.pk).update(due_on=None)
    Application.objects.filter(pk=early.pk).update(due_on=late.due_on - timedelta(days=1))

    taken = [queue.take_next(user).pk for user in (people.reviewer, people.reviewer_2, people.admin)]

    assert taken == [early.pk, late.pk, undated.pk]


def test_each_role_takes_what_waits_for_it(people):
    submitted, recommended = filed(world.grant_of_money(), 1, 2)
    world.recommended(recommended, people)

    assert queue.take_next(people.reviewer_2) == submitted
    assert queue.take_next(people.approver) == recommended
    assert queue.take_next(people.finance) is None


def test_whoever_has_one_gets_that_one_again(people):
    first, _ = filed(world.grant_of_money(), 1, 2)

    assert [queue.take_next(people.reviewer) for _ in range(2)] == [first, first]


def test_a_claim_runs_out(people, time_machine):
    time_machine.move_to("2026-11-25T10:00:00+08:00", tick=False)
    [application] = filed(world.grant_of_money(), 1)
    queue.take_next(people.reviewer)

    found = []
    for minutes in (19, 2):
        time_machine.shift(timedelta(minutes=minutes))
        found.append(queue.take_next(people.reviewer_2))

    assert found == [None, application]


def test_while_somebody_has_it_nobody_else_acts_on_it(people):
    [application] = filed(world.grant_of_money(), 1)
    queue.claim(application, by=people.reviewer)

    for act in (reviewing.accept, queue.claim, pass_on):
        with pytest.raises(Refused, match="tests_reviewer 正在办这一件"):
            act(application, by=people.reviewer_2)


def test_what_a_clerk_does_is_done_by_somebody(people):
    [application] = filed(world.grant_of_money(), 1)

    for act in (
        reviewing.accept,
        reviewing.recommend,
        lambda case, by: reviewing.set_verdicts(case, {}, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act(application, by=None)


def test_putting_back_frees_only_ones_own(people):
    [application] = filed(world.grant_of_money(), 1)
    queue.claim(application, by=people.reviewer)

    queue.put_back(application, by=people.reviewer_2)
    held = Application.objects.get(pk=application.pk).claimed_by
    queue.put_back(application, by=people.reviewer)

    assert (held, Application.objects.get(pk=application.pk).claimed_by) == (people.reviewer, None)


def test_the_queue_gives_nobody_what_they_must_not_touch(people):
    kin, free = filed(world.grant_of_money(), 1, 2)
    interests.declare(identity(1), "kin", by=people.reviewer)

    assert queue.take_next(people.reviewer) == free
    assert kin not in queue.queue_for(people.reviewer)


def test_an_interest_taken_back_frees_what_is_filed_later_not_what_was_filed_meanwhile(people):
    benefit = world.grant_of_money(once_per_person=False)
    interest = interests.declare(identity(1), "kin", by=people.reviewer)
    [meanwhile] = filed(benefit, 1)
    interests.ask_to_end(interest, "已经离婚，没有往来", by=people.reviewer)
    assert meanwhile not in queue.queue_for(people.reviewer)

    interests.end(interest, by=people.approver)

    assert meanwhile not in queue.queue_for(people.reviewer)
    applying.withdraw(meanwhile, by=meanwhile.submitter)
    [later] = filed(benefit, 1)
    assert queue.take_next(people.reviewer) == later


def test_an_interest_is_declared_once(people):
    interests.declare(identity(1), "kin", by=people.reviewer)

    with pytest.raises(Refused, match="您已经申报过这个人"):
        interests.declare(f" {identity(1).lower()} ", "other", by=people.reviewer)


def test_an_interest_is_taken_back_by_two(people):
    row = interests.declare(identity(1), "kin", by=people.approver)

    with pytest.raises(PermissionDenied):
        interests.ask_to_end(row, "已经离婚，没有往来", by=people.approver_2)
    with pytest.raises(Refused, match="还没有申请撤销"):
        interests.end(row, by=people.approver_2)
    interests.ask_to_end(row, "已经离婚，没有往来", by=people.approver)
    others = world.bureau("others", "别的局")
    for who in (people.approver, people.reviewer, people.finance, others.approver):
        with pytest.raises(PermissionDenied):
            interests.end(row, by=who)
    assert interests.end(row, by=people.approver_2).ended_by == people.approver_2


@in_parallel
def test_two_clerks_at_once_never_get_the_same(begin):  # noqa: F811
    people = world.bureau()
    applications = filed(world.grant_of_money(), *range(1, FILES + 1))
    clerks = [_clerk(people, place) for place in range(CLERKS)]
    barrier, taken = threading.Barrier(CLERKS), []

    def work(clerk):
        barrier.wait()
        taken.append(queue.take_next(clerk).pk)

    for thread in [begin(lambda clerk=clerk: work(clerk)) for clerk in clerks]:
        thread.join()

    assert sorted(taken) == sorted({*taken})
    assert len(taken) == CLERKS
    assert {*taken} <= {application.pk for application in applications}


@in_parallel
def test_of_two_who_accept_at_once_one_is_told_that_it_has_changed(begin):  # noqa: F811
    people = world.bureau()
    [application] = filed(world.grant_of_money(), 1)
    barrier, heard = threading.Barrier(2), []

    def work(clerk):
        barrier.wait()
        try:
            heard.append(reviewing.accept(application, by=clerk, expected_version=application.version).state)
        except Refused as refusal:
            heard.append(str(refusal))

    for thread in [begin(lambda who=who: work(who)) for who in (people.reviewer, people.reviewer_2)]:
        thread.join()

    assert sorted(heard) == ["reviewing", "这一件刚刚有变动。请刷新页面，看过新的内容再办。"]


def _clerk(people, place):
    from accounts.models import User

    clerk = User.objects.create(username=f"clerk_{place}", is_staff=True, department=people.department)
    clerk.groups.set(people.reviewer.groups.all())
    return clerk
