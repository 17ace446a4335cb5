"""Posts of a shop that nobody has bound any more: they are stopped, whoever had it is told, and the next goes on."""

import pytest
from django.core.exceptions import PermissionDenied

from businesses import actions
from businesses.models import Binding, Business
from businesses.register import Arrival, take_in
from cases.actions import general
from cases.sweeping import sweep
from core.errors import Refused
from jobs import contacting, moderation, posting
from jobs.models import Contact, JobMatch, Post
from jobs.stopping import PASSED_ON, UNBOUND
from notifications.models import Letter
from tests.notifications.register import identity, tell_of

from . import world
from .test_moderation import clerk, held
from .world import contact, faults, post, today, work, worker

pytestmark = [
    pytest.mark.django_db(databases=["default", "postgres"]),
    pytest.mark.usefixtures("engine"),
]


def unbound(shop):
    """Its owner unbinds it."""
    binding = Binding.objects.get(business=shop, ended_at=None)
    actions.unbind(binding, by=binding.user)
    return binding.user


def passed_on(*shops):
    """The registry says that somebody else stands behind them now."""
    arrivals = [
        Arrival(
            {"registry": {}},
            credit_code=shop.credit_code,
            identity=identity(900 + shop.pk),
            operator_name="别人",
        )
        for shop in shops
    ]
    take_in(arrivals, on=today())


def bound_by(user, shop):
    Binding.objects.create(business=shop, user=user)


def stands(offered):
    row = Post.objects.get(pk=offered.pk)
    return row.state, row.because


def letters(user):
    return list(Letter.objects.filter(user=user).order_by("pk").values_list("title", "sentence"))


def test_a_shop_that_is_unbound_takes_nobody_on_until_somebody_binds_it():
    offered, card = post(), worker()
    posting.publish(offered.business, work(title="采夏茶"), by=offered.by)
    JobMatch.objects.create(post=offered, worker=card, wants_fen=1, day_fen=1, for_post=True, for_worker=True)

    owner = unbound(offered.business)

    assert [(row.state, row.because) for row in Post.objects.all()] == [("paused", UNBOUND)] * 2
    assert JobMatch.objects.count() == 0
    title = f"{offered.business.name}的招工停了"
    assert letters(owner) == [(title, "您和这家店的绑定解除了，2 条招工先停着。再绑定就可以接着招。")]
    assert faults() == []
    with pytest.raises(PermissionDenied):
        posting.resume(Post.objects.get(pk=offered.pk), by=owner)
    bound_by(owner, offered.business)
    posting.resume(Post.objects.get(pk=offered.pk), by=owner)
    assert stands(offered) == ("open", "")


def test_what_waits_for_its_shop_to_open_does_not_go_on_once_it_is_unbound():
    offered = post()
    tell_of(offered.business, "registry", operating_status="suspended")

    unbound(offered.business)
    tell_of(offered.business, "registry", operating_status="operating")

    assert stands(offered) == ("paused", UNBOUND)


def test_what_was_paused_ended_or_held_back_stays_so_once_it_is_unbound():
    rows = [post(), held(2), post(3)]
    posting.pause(rows[0], by=rows[0].by)
    posting.close(rows[2], by=rows[2].by)
    before = [stands(row) for row in rows]

    owners = [unbound(row.business) for row in rows]

    assert [stands(row) for row in rows] == before
    assert [letters(owner) for owner in owners] == [[], [], []]


def test_what_is_released_of_a_shop_that_is_unbound_waits_for_its_owner():
    offered = held()
    unbound(offered.business)

    moderation.release(offered, by=clerk())

    assert stands(offered) == ("paused", UNBOUND)


def test_what_is_released_of_a_shop_that_somebody_else_has_bound_is_open():
    offered = held()
    unbound(offered.business)
    bound_by(world.person(9), offered.business)

    moderation.release(offered, by=clerk())

    assert stands(offered) == ("open", "")


def test_the_posts_of_a_shop_that_has_passed_on_are_over_and_nobody_waits_for_them():
    case, owner, someone = contact()
    other = post(2)
    paused = posting.publish(case.business, work(title="采夏茶"), by=owner)
    posting.pause(paused, by=owner)
    read_first = posting.publish(case.business, work(words="先交押金 200 元"), by=owner)

    passed_on(case.business)
    sweep(today())

    case.refresh_from_db()
    assert [stands(row) for row in (case.contact.post, paused, read_first)] == [("closed", PASSED_ON)] * 3
    assert stands(other) == ("open", "")
    title = f"{case.business.name}的招工结束了"
    assert letters(owner) == [(title, "登记的经营者变了，3 条招工结束了。登记不对请拨 12345。")]
    assert (case.state, case.reason, Contact.objects.get().is_open) == (
        "refused",
        "这家店换了经营者，不再招了",
        False,
    )
    assert "原因：这家店换了经营者，不再招了" in letters(someone)[-1][1]
    assert faults() == []


def test_who_is_settled_with_a_shop_that_has_passed_on_stays_settled():
    case, owner, someone = contact()
    for verb, by in (("accept", owner), ("agree", owner), ("agree", someone)):
        general.do(type(case).objects.get(pk=case.pk), verb, {}, by=by)

    passed_on(case.business)
    sweep(today())

    case.refresh_from_db()
    assert case.state == "agreed"


def test_nobody_new_asks_a_shop_that_is_unbound_and_whoever_asked_waits_for_the_next_owner():
    case, *_ = contact()
    unbound(case.business)

    with pytest.raises(Refused, match="不招人"):
        contacting.ask_shop(worker(2).user, case.contact.post)
    assert Contact.objects.get().is_open


def test_a_shop_whose_owner_becomes_known_by_number_keeps_its_posts():
    offered = post()
    Business.objects.filter(pk=offered.business_id).update(operator=None)

    passed_on(offered.business)

    assert stands(offered) == ("open", "")
