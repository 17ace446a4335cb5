"""Faults planted one by one: each breaks the invariants that are about it, and no other."""

from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts.models import User
from core.invariants import broken
from eligibility.models import Holding, Match
from notifications import sweep
from notifications.models import Delivery, DeliveryItem, Letter, Notification, PushChunk, PushRun

from .register import TODAY, open_shop, publish

pytestmark = pytest.mark.django_db(databases=["default", "postgres"])
NOWHERE = 10**9
ITSELF = "存下的每个匹配结果，重新计算还是它自己"
ONE_MATCH = "每家店每个事项只有一个匹配结果"
MATCH_LEADS = "匹配结果所指的商户、经营者、事项和版本都在"
NOT_HELD = "已经在办或已享受的事项，不再列为可以享受"
HOLDER = "已办事项记在这家店现在的经营者名下"
IN_ORDER = "关闭的匹配结果，关闭日不早于决定日"
ONE_MESSAGE = "每位经营者对每个版本的每次变化只有一条消息"
MESSAGE_LEADS = "消息所指的经营者、商户、事项、版本和批次都在"
NOBODY_FORGOTTEN = "符合的店主都有消息，不想收的除外"
COUNTS = "推送批次的各项数目等于各段之和，写入的消息都在"
LEDGER = "做完的批次没有漏掉的段，各段首尾相接"
OUTSIDE = "对外发送的每一项都有消息和发送记录，同一人同一渠道"
LETTERS = "办件进度的经营者和商户都在，在一个渠道上只告诉一个人一次"


def not_so():
    return {name for name, found in broken() if found}


def pushed():
    """Two shops that fit and one that does not, all done and told."""
    for place, employees in enumerate((2, 3, 9), 1):
        open_shop(place, employees=employees)
    version = publish(criteria={"all": [{"fact": "employees", "op": "lte", "value": 5}]})
    sweep.relay()
    assert not_so() == set()
    return version


def one_less_told():
    """The counters agree with a message that is no longer there."""
    PushRun.objects.filter(told=2).update(told=1)
    PushChunk.objects.filter(told=2).update(told=1)


def lost_match():
    Match.objects.first().delete()


def altered_amount():
    Match.objects.filter(pk=Match.objects.first().pk).update(value_fen=1)


def wrong_state():
    Match.objects.filter(pk=Match.objects.first().pk).update(state=Match.State.SOON)


def wrong_operator():
    first, second = Match.objects.order_by("pk")
    Match.objects.filter(pk=first.pk).update(operator=second.operator_id)


def match_that_should_be_closed():
    _match(business_id=_third_shop(), decided_on=TODAY())


def match_of_a_missing_shop():
    _match(business_id=NOWHERE, decided_on=TODAY())


def match_closed_before_it_was_made():
    _match(business_id=_third_shop(), decided_on=TODAY(), closed_on=TODAY() - timedelta(days=1))


def _third_shop():
    return Match._meta.get_field("business").related_model.objects.get(employees=9).pk


def _match(**columns):
    like = Match.objects.first()
    Match.objects.create(
        benefit_id=like.benefit_id, version_id=like.version_id, facts_version=1, state=1, **columns
    )


def offered_though_held():
    match = Match.objects.first()
    _hold(match, operator_id=match.operator_id, kind="granted")


def holding_of_a_person_that_nobody_is():
    _hold(Match.objects.first(), kind="declined", for_person=True)


def _hold(match, **columns):
    Holding.objects.create(
        business_id=match.business_id, benefit_id=match.benefit_id, since=TODAY(), **columns
    )


def lost_message():
    Notification.objects.first().delete()
    one_less_told()


def message_about_a_missing_shop():
    Notification.objects.filter(pk=Notification.objects.first().pk).update(business=NOWHERE)


def message_of_a_missing_run():
    PushRun.objects.filter(told=2).update(told=1)
    PushChunk.objects.filter(told=2).update(told=1)
    Notification.objects.filter(pk=Notification.objects.first().pk).update(run=NOWHERE)


def counter_of_a_run_off_by_one():
    PushRun.objects.update(matched=3)


def message_that_no_run_has_counted():
    one_less_told()


def chunk_undone_in_a_run_that_is_done():
    PushChunk.objects.filter(lo=-1).update(done_at=None)


def chunk_missing_from_the_ledger():
    PushChunk.objects.filter(lo=-1).delete()


def ledger_that_ends_too_early():
    PushChunk.objects.filter(hi=None).exclude(lo=-1).update(hi=NOWHERE)


def item_without_a_delivery():
    _item(delivery_id=NOWHERE, notification=Notification.objects.first())


def item_of_somebody_elses_delivery():
    other = User.objects.create(username="乙")
    _item(delivery=_delivery(other), notification=Notification.objects.first())


def item_without_a_message():
    user = User.objects.create(username="甲")
    _item(delivery=_delivery(user), notification_id=NOWHERE, user=user)


def sent_and_nobody_knows_when():
    _delivery(User.objects.create(username="甲"), status="sent", tries=1)


def _item(**columns):
    user = columns.pop("user", None) or User.objects.create(username="丙")
    DeliveryItem.objects.create(user=user, channel="sms", **columns)


def _delivery(user, **columns):
    return Delivery.objects.create(user=user, channel="sms", due_at=timezone.now(), **columns)


def _letter(**columns):
    match = Match.objects.filter(operator__isnull=False).first()
    given = {"operator_id": match.operator_id, "business_id": match.business_id, **columns}
    return Letter.objects.create(key="k", title="进度", sentence="已收到。", **given)


def letter_about_a_missing_shop():
    _letter(business_id=NOWHERE)


def letter_to_nobody():
    _letter(operator_id=NOWHERE)


def delivery_of_a_missing_letter():
    _delivery(User.objects.first(), letter_id=NOWHERE)


def letter_in_a_digest():
    delivery = _delivery(User.objects.first(), letter=_letter())
    DeliveryItem.objects.create(
        delivery=delivery, notification=Notification.objects.first(), user=delivery.user, channel="sms"
    )


def letter_that_came_twice():
    user, letter = User.objects.first(), _letter()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX letter_delivered_once")
    for _ in range(2):
        _delivery(user, letter=letter)


PLANTED = {
    lost_match: {ITSELF},
    altered_amount: {ITSELF},
    wrong_state: {ITSELF},
    wrong_operator: {ITSELF},
    match_that_should_be_closed: {ITSELF},
    match_of_a_missing_shop: {MATCH_LEADS},
    match_closed_before_it_was_made: {IN_ORDER},
    offered_though_held: {NOT_HELD, ITSELF},
    holding_of_a_person_that_nobody_is: {HOLDER},
    lost_message: {NOBODY_FORGOTTEN},
    message_about_a_missing_shop: {MESSAGE_LEADS},
    message_of_a_missing_run: {MESSAGE_LEADS},
    counter_of_a_run_off_by_one: {COUNTS},
    message_that_no_run_has_counted: {COUNTS},
    chunk_undone_in_a_run_that_is_done: {LEDGER},
    chunk_missing_from_the_ledger: {LEDGER},
    ledger_that_ends_too_early: {LEDGER},
    item_without_a_delivery: {OUTSIDE},
    item_of_somebody_elses_delivery: {OUTSIDE},
    item_without_a_message: {OUTSIDE},
    sent_and_nobody_knows_when: {OUTSIDE},
    letter_about_a_missing_shop: {LETTERS},
    letter_to_nobody: {LETTERS},
    delivery_of_a_missing_letter: {LETTERS},
    letter_in_a_digest: {LETTERS},
    letter_that_came_twice: {LETTERS},
}


@pytest.mark.crawl
@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_fault_breaks_what_is_about_it_and_nothing_else(plant, engine):
    pushed()

    plant()

    assert not_so() == PLANTED[plant]


@pytest.fixture
def on_postgres(db):
    """Only there can a constraint be taken away and put back within the transaction of a test."""
    default = connections["default"]
    connections["default"] = connections["postgres"]
    yield
    connections["default"] = default


@pytest.mark.parametrize(
    ("model", "constraint", "name"),
    [(Notification, "notification_once", ONE_MESSAGE), (Match, "match_once", ONE_MATCH)],
    ids=["message", "match"],
)
def test_a_double_that_got_past_the_constraint_is_found(model, constraint, name, on_postgres):
    pushed()
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT {constraint}')

    row = model.objects.first()
    row.pk = None
    row.save()
    if model is Notification:
        PushRun.objects.update(told=3)
        PushChunk.objects.filter(told=2).update(told=3)

    assert not_so() == {name}


def test_every_invariant_of_decisions_and_pushes_has_a_fault_that_breaks_it():
    planted = {ONE_MESSAGE, ONE_MATCH}.union(*PLANTED.values())
    of_these_rooms = {
        name
        for name, check in _registered().items()
        if check.__module__ in ("eligibility.invariants", "notifications.invariants")
    }

    assert planted == of_these_rooms


def _registered():
    from core import invariants

    return invariants._invariants


@pytest.mark.django_db(databases=["default", "postgres"], transaction=True)
def test_a_decision_that_is_not_so_is_found_outside_of_a_transaction_as_by_the_command(engine):
    pushed()
    Match.objects.filter(business__employees=2).update(value_fen=1)

    assert not_so() == {ITSELF}
