"""Who would be told, before anybody is: what the preview says is what the push then does."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import agree, withdraw
from accounts.models import User
from businesses.facts import BUILT_IN_REGISTRY
from businesses.models import Binding, Business
from core.errors import Refused
from core.models import forget_editions
from eligibility import holdings
from eligibility.models import Holding
from notifications import sweep
from notifications.models import (
    Change,
    Choice,
    ContactPoint,
    Delivery,
    DeliveryItem,
    Notification,
    OptOut,
    PushRun,
)
from notifications.outside.digest_queue import gather
from notifications.outside.preferences import stop
from notifications.pushes import audience
from notifications.wording import of_many
from policies.models import BenefitVersion, PolicyDocument

from .. import register
from ..people import MORNING, push
from ..register import OLD_ENOUGH, TODAY, days_ahead, draft, months_ago, open_shop, publish, put_in_force

pytestmark = [pytest.mark.django_db(databases=["default", "postgres"]), pytest.mark.every_engine("SQL")]
IN_DISTRICT = {"all": [{"fact": "district", "op": "eq", "value": "520201"}]}


@pytest.fixture(autouse=True)
def on_each_engine(engine):
    """Every test runs on SQLite and on PostgreSQL."""


def look(version, day=None):
    forget_editions()
    version = BenefitVersion.objects.select_related("benefit__measure__document").get(pk=version.pk)
    return audience.audience_of(audience.rule_of(version), version, day or TODAY())


def steps(found):
    """{step: (minus, left)} without the word that says it is taken away."""
    return {step.label.removeprefix("减去："): (step.minus, step.left) for step in found.steps}


def bind(shop, name, *, consent=False):
    user = User.objects.begin_with_phone(f"1390000{shop.pk % 10000:04}")
    user.username, user.phone_verified_at = name, timezone.now()
    user.save()
    Binding.objects.create(business=shop, user=user)
    if consent:
        agree(user, "push")
    return user


def test_every_step_takes_away_whom_it_says():
    before = publish(criteria={"all": [{"fact": "district", "op": "in", "value": ["520203"]}]})
    shops = {place: open_shop(place, district="520201") for place in range(1, 9)}
    open_shop(9, person=8, district="520201")
    Business.objects.create(name="演示无主店", district="520201", operating_status="operating")
    sweep.relay()
    version = draft(before.benefit, criteria=IN_DISTRICT)
    holdings.hold(shops[1], before.benefit, Holding.Kind.APPLIED)
    OptOut.objects.create(operator=shops[2].operator, benefit=before.benefit)
    OptOut.objects.create(operator=shops[3].operator)
    OptOut.objects.create(operator=shops[4].operator, kind=Change.NEW)
    OptOut.objects.create(operator=shops[5].operator, kind=Change.ENDED)
    OptOut.objects.create(operator=shops[6].operator, ended_at=timezone.now())
    bind(shops[6], "first")
    bind(shops[7], "second", consent=True)

    found = look(version)

    assert steps(found) == {
        "符合这一版规则的店": (0, 10),
        "不知道经营者是谁的店": (1, 9),
        "这些店的经营者": (0, 8),
        "已享受或办理中": (1, 7),
        "结果和以前一样，不用再说": (0, 7),
        "对这个事项不感兴趣": (1, 6),
        "不想收这类消息，或全部退订": (2, 4),
        "今天已经为这一版说过": (0, 4),
        "会收到消息": (0, 4),
        "其中：绑定了店，现在就能看到": (2, 2),
        "其中：同意推送，可以发到手机": (1, 1),
    }
    assert (found.persons, found.rows, found.ended, found.emptied_by) == (4, 4, 0, "")

    put_in_force(version)
    sweep.relay()
    assert Notification.objects.filter(version=version).count() == 4


def test_a_changed_rule_over_a_city_tells_whom_the_preview_counted():
    register.load_city(90)
    published = BenefitVersion.objects.get(benefit__code="M05a")
    content = published.content
    any_of, *rest = content["criteria"]["all"]
    every = [choice.value for choice in BUILT_IN_REGISTRY["operator_groups"].choices]
    groups = any_of["any"][1] | {"value": [group for group in every if group != "migrant_worker"]}
    figures = {"grant": "6000", "operating_for": {"years": 3}}
    figures = {name: [content["parameters"][name][0] | {"value": value}] for name, value in figures.items()}
    version = draft(
        published.benefit,
        criteria={"all": [any_of | {"any": [any_of["any"][0], groups]}, *rest]},
        parameters=content["parameters"] | figures,
    )
    fits = Notification.objects.filter(benefit=published.benefit).order_by("pk")
    OptOut.objects.create(operator=fits[0].operator, benefit=published.benefit)
    OptOut.objects.create(operator=fits[1].operator, kind=Change.AMOUNT)
    holdings.hold(fits[2].business, published.benefit, Holding.Kind.ENJOYED)
    sweep.relay()
    last = Notification.objects.order_by("pk").last().pk

    found = look(version)
    put_in_force(version)
    sweep.relay()

    told = Notification.objects.filter(version=version, pk__gt=last)
    ended = told.filter(kind=Change.ENDED)
    others = told.exclude(kind=Change.ENDED)
    assert found.rows == others.count()
    assert found.persons == others.values("operator").distinct().count()
    assert found.ended == ended.values("operator").distinct().count()
    assert PushRun.objects.get(version=version, cause="policy").told == found.rows + found.ended
    assert {row.kind for row in told} == {Change.NEW, Change.SOON, Change.AMOUNT, Change.ENDED}


def test_somebody_whose_two_shops_come_out_differently_is_one_person_with_two_messages():
    open_shop(1, person=1, registered_on=months_ago(30).isoformat())
    open_shop(2, person=1, registered_on=months_ago(6).isoformat())
    version = register.add_benefit(criteria={"all": [OLD_ENOUGH]})

    found = look(version)

    assert (found.persons, found.rows) == (1, 2)
    OptOut.objects.create(operator=Business.objects.first().operator, kind=Change.SOON)
    assert (look(version).persons, look(version).rows) == (1, 1)


def test_a_version_that_is_in_force_has_nothing_more_to_tell_and_says_why():
    open_shop(1, district="520201")
    version = publish(criteria=IN_DISTRICT)
    sweep.relay()

    found = look(version)

    assert found.persons == 0
    assert found.emptied_by == ("没有人会收到消息：在“结果和以前一样，不用再说”这一步，剩下的 1 人都减掉了。")


def test_whoever_was_told_of_this_version_today_is_not_told_again():
    shop = open_shop(1, district="520201")
    version = publish(criteria=IN_DISTRICT)
    sweep.relay()
    register.tell_of(shop, district="520203")
    sweep.relay()
    shop.refresh_from_db()
    register.tell_of(shop, district="520201")

    found = look(version)

    assert steps(found)["今天已经为这一版说过"] == (1, 0)
    assert found.emptied_by.startswith("没有人会收到消息：在“今天已经为这一版说过”这一步")
    sweep.relay()
    assert register.told() == [("演示店001", "ended", TODAY()), ("演示店001", "new", TODAY())]


def test_what_left_nobody_is_named():
    version = register.add_benefit(criteria=IN_DISTRICT)
    assert look(version).emptied_by == "没有一户符合这一版规则，请核对条件。"

    Business.objects.create(name="演示无主店", district="520201", operating_status="operating")
    assert look(version).emptied_by == (
        "没有人会收到消息：在“不知道经营者是谁的店”这一步，剩下的 1 户都减掉了。"
    )

    later = draft(version.benefit, window={"from": days_ahead(10).isoformat()})
    assert look(later).emptied_by.startswith(f"{TODAY()} 这一天不在办理时间里")
    assert look(later, days_ahead(10)).emptied_by.startswith("没有人会收到消息")

    quiet = draft(version.benefit, push=False)
    assert look(quiet).emptied_by == "这个事项不逐户匹配，所以不推送。"

    PolicyDocument.objects.update(status="suspended")
    assert look(version).emptied_by == "政策文件已暂停或废止，所以没有人符合。"


def test_a_window_that_closes_ends_what_stands():
    shop = open_shop(1, district="520201")
    before = publish(criteria=IN_DISTRICT)
    sweep.relay()
    closed = draft(before.benefit, window={"to": days_ahead(-1).isoformat()})

    assert (look(closed).persons, look(closed).ended) == (0, 1)
    OptOut.objects.create(operator=shop.operator, kind=Change.ENDED)
    assert look(closed).ended == 0


def test_a_draft_that_cannot_be_read_is_refused_with_the_reason():
    version = register.add_benefit(criteria={"all": [{"fact": "no_such_fact", "op": "eq", "value": 1}]})

    with pytest.raises(Refused, match="规则还读不出来，请先改好"):
        look(version)


# Outside channels


@pytest.fixture
def reachable(settings):
    """(a draft for one shop, its owner who has agreed to pushes)."""
    settings.DEBUG = True  # every channel can be used: what is sent is shown
    shop = open_shop(1, district="520201")
    owner = bind(shop, "owner", consent=True)
    return register.add_benefit(criteria=IN_DISTRICT), owner


def channels(version):
    return {channel.label: (channel.persons, channel.full) for channel in look(version).channels}


def test_a_channel_is_used_by_whoever_has_an_address_there(reachable):
    version, owner = reachable
    address = ContactPoint.objects.create(user=owner, channel="email", address="a@example.cn")
    assert channels(version) == {"短信": (1, 0), "电子邮件": (0, 0)}  # not confirmed

    address.confirmed_at = timezone.now()
    address.save()
    assert channels(version) == {"短信": (1, 0), "电子邮件": (1, 0)}

    ContactPoint.objects.filter(channel="email").update(stopped_at=timezone.now())
    User.objects.filter(pk=owner.pk).update(phone_verified_at=None)
    assert channels(version) == {"短信": (0, 0), "电子邮件": (0, 0)}


def test_a_channel_without_a_provider_is_not_there(reachable, settings):
    settings.DEBUG = False

    assert channels(reachable[0]) == {}


def test_a_persons_own_choice_goes_before_the_default(reachable):
    version, owner = reachable

    choice = Choice.objects.create(user=owner, channel="sms", kind=Change.NEW, wanted=False)
    assert channels(version)["短信"] == (0, 0)

    choice.kind = Change.ENDED
    choice.save()
    assert channels(version)["短信"] == (1, 0)


def test_a_full_month_is_told_apart(reachable, time_machine):
    time_machine.move_to(MORNING, tick=False)
    version, owner = reachable
    now = timezone.now()
    for status in ("sent", "unknown", "sent", "failed", "dropped"):
        Delivery.objects.create(user=owner, channel="sms", status=status, due_at=now, sent_at=now)
    assert channels(version)["短信"] == (1, 0)

    Delivery.objects.create(user=owner, channel="sms", status="sending", due_at=now, claimed_at=now)
    assert channels(version)["短信"] == (0, 1)

    Delivery.objects.create(user=owner, channel="sms", due_at=now)  # waits, and takes it along
    assert channels(version)["短信"] == (1, 0)


def test_the_preview_of_a_channel_is_what_is_then_put_into_deliveries(reachable):
    version, owner = reachable
    shop = open_shop(2, district="520201")
    other = bind(shop, "other", consent=True)
    Choice.objects.create(user=other, channel="sms", kind=Change.NEW, wanted=False)
    expected = channels(version)

    put_in_force(version)
    sweep.relay()

    items = DeliveryItem.objects.values_list("channel", "user")
    assert list(items) == [("sms", owner.pk)]
    assert {label: persons for label, (persons, _) in expected.items()} == {
        "短信": 1,
        "电子邮件": 0,
    }


def takes_the_service_back(owner):
    agree(owner, "service")
    withdraw(owner, "service")


def is_switched_off(owner):
    User.objects.filter(pk=owner.pk).update(is_active=False)


def stops_the_channel(owner):
    stop(owner.pk, "sms")


def has_had_four(owner, *, hours_ago=30):
    at = timezone.now() - timedelta(hours=hours_ago)
    Delivery.objects.bulk_create(
        Delivery(user=owner, channel="sms", status="sent", due_at=at, sent_at=at, claimed_at=at)
        for _ in range(4)
    )


def has_had_four_just_now(owner):
    has_had_four(owner, hours_ago=2)


# Of the month after this one: what is published today is in force by then.
_LAST_DAY = (TODAY().replace(day=1) + timedelta(days=62)).replace(day=1) - timedelta(days=1)
END_OF_MONTH = f"{_LAST_DAY}T10:00:00+08:00"
LAST_NIGHT = f"{_LAST_DAY}T21:30:00+08:00"


@pytest.mark.parametrize(
    ("moment", "happens", "expected"),
    [
        (MORNING, takes_the_service_back, (0, 0)),
        (MORNING, is_switched_off, (0, 0)),
        (MORNING, stops_the_channel, (0, 0)),
        (MORNING, has_had_four, (0, 1)),
        (MORNING, has_had_four_just_now, (0, 1)),
        (END_OF_MONTH, has_had_four, (0, 1)),
        (END_OF_MONTH, has_had_four_just_now, (1, 0)),  # the next is due in the next month
        (LAST_NIGHT, has_had_four, (1, 0)),
    ],
)
def test_the_preview_leaves_out_whom_gathering_leaves_out(reachable, time_machine, moment, happens, expected):
    version, owner = reachable
    time_machine.move_to(moment, tick=False)
    happens(owner)

    assert channels(version)["短信"] == expected

    put_in_force(version)
    push()
    gather()
    assert DeliveryItem.objects.filter(channel="sms").count() == expected[0]


# Renderings


def test_a_preview_reads_word_for_word_like_the_message_that_comes():
    open_shop(1, person=1, registered_on=months_ago(30).isoformat())
    open_shop(2, person=2, registered_on=months_ago(6).isoformat())
    version = register.add_benefit(criteria={"all": [OLD_ENOUGH]})
    reader = User.objects.create(username="reader", is_staff=True, is_superuser=True)

    shown = audience.renderings(look(version), version, reader)
    put_in_force(version)
    sweep.relay()

    words = of_many(Notification.objects.filter(version=version))
    came = [(one.title, one.sentence, one.amount_text, one.action_label) for one in words.values()]
    assert sorted((one.title, one.sentence, one.amount_text, one.action_label) for one in shown) == sorted(
        came
    )
    assert len(came) == 2


def test_the_name_of_a_shop_is_shown_to_those_who_may_read_the_register():
    open_shop(1, district="520201")
    version = register.add_benefit(criteria=IN_DISTRICT)
    officer = User.objects.create(username="officer", is_staff=True)

    (words,) = audience.renderings(look(version), version, officer)
    assert words.sentence == "钟山区一家店符合条件，可以申请：5,000 元。"

    officer.user_permissions.add(Permission.objects.get(codename="view_business"))
    (words,) = audience.renderings(look(version), version, User.objects.get(pk=officer.pk))
    assert words.sentence == "演示店001符合条件，可以申请：5,000 元。"


def test_three_messages_are_shown_of_different_kinds_first():
    for place in range(1, 6):
        open_shop(place, registered_on=months_ago(30).isoformat())
    open_shop(6, registered_on=months_ago(6).isoformat())
    version = register.add_benefit(criteria={"all": [OLD_ENOUGH]})

    kinds = [sample.notification.kind for sample in look(version).samples]

    assert kinds == [Change.NEW, Change.SOON, Change.NEW]


def test_the_preview_takes_as_many_queries_for_many_shops_as_for_one(settings):
    settings.DEBUG = True
    open_shop(1, district="520201")
    version = register.add_benefit(criteria=IN_DISTRICT)
    rule = audience.rule_of(version)

    def count():
        audience.audience_of(rule, version, TODAY())
        with CaptureQueriesContext(connection) as queries:
            audience.audience_of(rule, version, TODAY())
        return len(queries)

    one = count()
    for place in range(2, 12):
        bind(open_shop(place, district="520201"), f"owner{place}", consent=True)
    assert (one, count()) == (4, 4)
