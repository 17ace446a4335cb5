"""What pushes have come to: every figure equals what a walk over the rows says, in a fixed number of queries."""

from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from businesses.models import Binding, Business, Operator
from eligibility import holdings
from eligibility.models import Holding, Match
from notifications import sweep
from notifications.models import (
    ChannelState,
    Delivery,
    DeliveryItem,
    KillSwitch,
    Notification,
    OptOut,
    Outbox,
    PushChunk,
    PushRun,
    Touched,
    Withheld,
)
from notifications.pushes import monitoring, runs
from notifications.pushes.uptake import HEADINGS, NO_DISTRICT, uptake
from policies.models import BenefitVersion

from .. import register
from ..register import TODAY, open_shop, publish

pytestmark = pytest.mark.django_db(databases=["default", "postgres"])
IN_DISTRICT = {"all": [{"fact": "district", "op": "eq", "value": "520201"}]}
TAKEN = {
    "applied": {"applied", "granted", "enjoyed"},
    "granted": {"granted", "enjoyed"},
    "paid": {"enjoyed"},
}


@pytest.fixture(autouse=True)
def on_each_engine(engine):
    """Every test runs on SQLite and on PostgreSQL."""


def bind(operator, place):
    user = User.objects.create(username=f"owner{place}")
    Binding.objects.create(business=operator.businesses.order_by("pk").first(), user=user)


@pytest.fixture
def city():
    """A city that was told, and people who have done all kinds of things since."""
    register.load_city(90)
    kinds = [Holding.Kind.APPLIED, Holding.Kind.GRANTED, Holding.Kind.ENJOYED, Holding.Kind.DECLINED]
    for place, operator in enumerate(Operator.objects.filter(businesses__isnull=False).order_by("pk")[:48]):
        mine = Notification.objects.filter(operator=operator)
        if place % 2 == 0:
            bind(operator, place)
        if place % 3 == 0:
            mine.update(opened_at=timezone.now())
        if place % 6 == 0:
            mine.update(acted_at=timezone.now())
        if place % 4 == 0:
            for match in Match.objects.open().filter(operator=operator).select_related("business", "benefit"):
                since = TODAY() - timedelta(days=40) if place % 12 == 0 else None
                holdings.hold(match.business, match.benefit, kinds[place // 4 % 4], since=since)
    sweep.relay()


def funnel_by_walking(**which):
    """{stage: persons}, message by message."""
    bound = set(Binding.objects.filter(ended_at=None).values_list("operator", flat=True))
    held = defaultdict(list)
    for holding in Holding.objects.all():
        held[holding.operator_id, holding.benefit_id].append(holding)
    found = defaultdict(set)
    for message in Notification.objects.filter(**which).exclude(kind=4):
        person, told_on = message.operator_id, timezone.localtime(message.created_at).date()
        found["told"].add(person)
        if person in bound or message.opened_at:
            found["bound"].add(person)
        for stage in ("opened", "acted"):
            if getattr(message, f"{stage}_at"):
                found[stage].add(person)
        for holding in held[person, message.benefit_id]:
            for stage, kinds in TAKEN.items():
                if holding.kind in kinds and holding.since >= told_on:
                    found[stage].add(person)
    return found


def test_the_funnel_of_every_version_equals_a_walk_over_its_messages(city):
    versions = list(BenefitVersion.objects.filter(push_runs__isnull=False).distinct())

    found = monitoring.funnels(version.pk for version in versions)

    expected = {}
    for version in versions:
        walked = funnel_by_walking(version=version)
        standing = Match.objects.open().filter(version=version, operator__isnull=False)
        walked["matched"] = walked["told"] | set(standing.values_list("operator", flat=True))
        expected[version.pk] = {stage: len(walked[stage]) for stage in monitoring.STAGES}
    assert found == expected
    totals = {stage: sum(counts[stage] for counts in found.values()) for stage in monitoring.STAGES}
    assert min(totals.values()) > 0
    assert len(set(totals.values())) > 5


def test_the_funnel_of_a_run_equals_a_walk_over_its_messages(city):
    for run in PushRun.objects.exclude(scope=PushRun.REMINDERS):
        walked = funnel_by_walking(run=run)

        stages = {stage: len(walked[stage]) for stage in list(monitoring.STAGES)[1:]}
        assert monitoring.funnel_of_run(run) == {"matched": run.matched, **stages}


def test_somebody_told_twice_of_one_version_is_one_person():
    first, second = (open_shop(place, person=1, district="520201") for place in (1, 2))
    version = publish(criteria=IN_DISTRICT)
    sweep.relay()
    register.tell_of(second, district="520203")
    register.tell_of(second, district="520201")
    sweep.relay()
    Notification.objects.create(
        operator=first.operator,
        business=first,
        benefit=version.benefit,
        version=version,
        run=PushRun.objects.first(),
        kind=5,
        day=TODAY(),
    )

    counts = monitoring.funnels([version.pk])[version.pk]

    assert (counts["matched"], counts["told"]) == (1, 1)


def test_what_has_ended_is_no_part_of_a_funnel():
    shop = open_shop(1, district="520201")
    version = publish(criteria=IN_DISTRICT)
    OptOut.objects.create(operator=shop.operator, kind=1)
    sweep.relay()
    register.tell_of(shop, district="520203")
    sweep.relay()

    assert register.told() == [("演示店001", "ended", TODAY())]
    assert set(monitoring.funnels([version.pk])[version.pk].values()) == {0}


def test_shares_are_of_the_first_step_and_there_are_none_of_nothing():
    stages = monitoring.as_stages({"matched": 8, "told": 6, "bound": 1})
    nothing = monitoring.as_stages({"matched": 0, "told": 0})

    assert [(stage.label, stage.count, stage.share) for stage in stages] == [
        ("符合", 8, 100.0),
        ("写入消息", 6, 75.0),
        ("绑定了店，看得到", 1, 12.5),
    ]
    assert [stage.share for stage in nothing] == [None, None]


def count_queries(call):
    call()
    with CaptureQueriesContext(connection) as queries:
        call()
    return len(queries)


def test_figures_take_as_many_queries_for_a_city_as_for_one_shop(city):
    one = BenefitVersion.objects.filter(push_runs__isnull=False).first()
    many = list(BenefitVersion.objects.values_list("pk", flat=True))

    assert count_queries(lambda: monitoring.funnels([one.pk])) == 3
    assert count_queries(lambda: monitoring.funnels(many)) == 3
    assert count_queries(uptake) == 1
    assert count_queries(monitoring.alarms) == 7
    assert count_queries(lambda: monitoring.deliveries(version=one)) == 1
    run = PushRun.objects.filter(cause="policy").first()
    assert count_queries(lambda: monitoring.progress(run)) == 3


# 应享未享


def test_what_nobody_has_taken_up_equals_a_walk_over_the_decisions(city):
    told, opened = defaultdict(set), defaultdict(set)
    for message in Notification.objects.exclude(kind=4):
        told[message.benefit_id].add(message.operator_id)
        if message.opened_at:
            opened[message.benefit_id].add(message.operator_id)
    bound = set(Binding.objects.filter(ended_at=None).values_list("operator", flat=True))
    shops, fen, persons = Counter(), Counter(), defaultdict(set)
    labels = dict(Business._meta.get_field("district").choices)
    for match in Match.objects.open().filter(state=1).select_related("business", "benefit"):
        place = match.benefit, labels.get(match.business.district, NO_DISTRICT)
        shops[place] += 1
        monthly = match.benefit.code == "M05c"
        fen[place] += match.maximum_fen if monthly else match.value_fen or match.maximum_fen
        persons[place].add(match.operator_id)
    expected = {}
    for (benefit, district), people in persons.items():
        people.discard(None)
        counts = (len(people & some) for some in (people, told[benefit.pk], bound, opened[benefit.pk]))
        place = benefit, district
        expected[benefit.code, district] = (shops[place], fen[place], *counts)

    found = {
        (row.benefit, row.district): (row.shops, row.fen, row.operators, row.told, row.bound, row.opened)
        for row in uptake()
    }

    assert found == expected
    assert len(found) > 5


def test_whoever_applies_is_no_longer_counted_as_not_having_taken_it_up():
    shop = open_shop(1, district="520201")
    version = publish(criteria=IN_DISTRICT)
    sweep.relay()
    (before,) = uptake()

    holdings.hold(shop, version.benefit, Holding.Kind.APPLIED)
    sweep.relay()

    assert (before.shops, before.yuan, before.unit, before.district) == (1, "5,000", "元", "钟山区")
    assert uptake() == []


def test_a_line_of_the_file_has_a_cell_for_each_heading():
    open_shop(1, district="520201")
    publish(criteria=IN_DISTRICT)
    sweep.relay()

    (row,) = uptake()

    assert dict(zip(HEADINGS, row.cells, strict=True)) == {
        "事项编号": "T01a",
        "事项": "试验补贴",
        "县区": "钟山区",
        "应享未享（户）": 1,
        "金额": 5000,
        "单位": "元",
        "经营者（人）": 1,
        "写入消息（人）": 1,
        "绑定了店（人）": 0,
        "打开消息（人）": 0,
    }


# Progress and what was sent


def test_progress_is_the_ledgers(monkeypatch):
    monkeypatch.setattr(runs, "CHUNK", 2)
    for place in range(1, 6):
        open_shop(place, district="520201")
    publish(criteria=IN_DISTRICT)
    run, begun = PushRun.objects.get(), timezone.now() - timedelta(seconds=10)
    PushRun.objects.filter(pk=run.pk).update(created_at=begun)
    run.refresh_from_db()
    operators = list(Operator.objects.order_by("pk").values_list("pk", flat=True))
    done = run.chunks.filter(lo__gte=0).order_by("lo")[:2]
    for place, chunk in enumerate(done):
        chunk.done_at, chunk.told = begun + timedelta(seconds=place + 1), 3
        chunk.save()
    inside = [pk for pk in operators if pk < done[1].hi]

    found = monitoring.progress(run)

    assert (found.chunks, found.done, found.shops, found.told) == (run.chunks.count(), 2, 5, 6)
    assert found.shops_done == len(inside)
    assert found.rate == max(round(len(inside) / 2), 1)
    assert found.left == round((5 - len(inside)) / (len(inside) / 2))


def test_a_chunk_that_did_not_work_is_told_with_its_reason():
    publish(criteria=IN_DISTRICT)
    run = PushRun.objects.get()
    for lo in (10, 20):
        PushChunk.objects.create(run=run, lo=lo, tries=lo // 10, problem="磁盘已满")
    PushChunk.objects.create(run=run, lo=30, tries=1, problem="磁盘已满", done_at=timezone.now())

    assert monitoring.failures(run) == [{"problem": "磁盘已满", "count": 2, "tries": 2}]


def test_what_was_sent_is_counted_once_by_channel_state_and_reason():
    shop = open_shop(1, district="520201")
    versions = [publish(code, criteria=IN_DISTRICT) for code in ("T01a", "T01b")]
    sweep.relay()
    user, now = User.objects.create(username="owner"), timezone.now()
    sent = Delivery.objects.create(
        user=user, channel="sms", status="failed", problem="号码不存在", due_at=now
    )
    other = Delivery.objects.create(user=user, channel="email", status="sent", due_at=now)
    for delivery in (sent, other):
        for message in Notification.objects.filter(operator=shop.operator)[: 2 if delivery == sent else 1]:
            DeliveryItem.objects.create(
                delivery=delivery, notification=message, user=user, channel=delivery.channel
            )

    found = [monitoring.deliveries(version=version) for version in versions]

    failed = {"channel": "短信", "status": "没有送达", "problem": "号码不存在", "count": 1}
    mail = {"channel": "电子邮件", "status": "已发送", "problem": "", "count": 1}
    newest = Notification.objects.first().version_id
    assert found == [[mail, failed] if version.pk == newest else [failed] for version in versions]


def test_what_was_held_back_is_added_up_over_thirty_days():
    for days, count in ((0, 3), (29, 4), (30, 100)):
        day = TODAY() - timedelta(days=days)
        Withheld.objects.create(day=day, channel="sms", reason="cap", count=count)

    assert monitoring.withheld() == [{"channel": "短信", "reason": "超过每月条数", "count": 7}]


# Alarms


def alarms():
    return [alarm.text for alarm in monitoring.alarms()]


def long_ago(minutes):
    return timezone.now() - timedelta(minutes=minutes, seconds=5)


def test_all_is_well_where_people_were_told():
    open_shop(1, district="520201")
    publish(criteria=IN_DISTRICT)
    sweep.relay()

    assert alarms() == []


def test_a_version_that_reached_nobody_it_matched_is_an_alarm():
    shop = open_shop(1, district="520201")
    version = publish(criteria=IN_DISTRICT)
    OptOut.objects.create(operator=shop.operator)
    sweep.relay()

    (alarm,) = monitoring.alarms()

    run = PushRun.objects.get()
    assert alarm.text == f"{version}，政策变化（{TODAY()}）：有 1 户符合，却没有一个人收到消息。"
    assert alarm.url == f"/admin/notifications/pushrun/{run.pk}/change/"
    PushRun.objects.update(quiet=True)
    assert alarms() == []


def test_shops_that_nobody_is_known_to_stand_behind_are_no_alarm():
    Business.objects.create(
        name="演示无主店", credit_code=None, district="520201", operating_status="operating"
    )
    version = publish(criteria=IN_DISTRICT)
    sweep.relay()

    assert PushRun.objects.get().changed == 1
    assert alarms() == []
    assert monitoring.shops_without_operator([version.pk]) == {version.pk: 1}


def test_a_run_that_does_not_move_is_an_alarm_and_one_that_waits_to_be_resumed_is_not():
    version = publish(criteria=IN_DISTRICT)
    PushRun.objects.update(created_at=long_ago(30))
    name = f"{version}，政策变化（{TODAY()}）"

    assert alarms() == [f"{name}：已经 30 分钟没有进展。请看后台任务是否在运行。"]
    PushChunk.objects.filter(pk=PushChunk.objects.first().pk).update(done_at=long_ago(9))
    assert alarms() == []
    PushChunk.objects.update(done_at=None)
    PushRun.objects.update(status="paused")
    assert alarms() == []


def test_a_run_with_chunks_that_cannot_be_done_is_an_alarm():
    version = publish(criteria=IN_DISTRICT)
    PushRun.objects.update(status="failed")

    assert alarms() == [f"{version}，政策变化（{TODAY()}）：有几段没有做完。请看原因，改好后点“继续”。"]


def test_an_outbox_that_nobody_empties_is_an_alarm():
    shop = open_shop(1, district="520201")
    publish(criteria=IN_DISTRICT)
    sweep.relay()
    Touched.objects.create(shops=[shop.pk], at=long_ago(11))
    user = User.objects.create(username="owner")
    Outbox.objects.create(user=user, notification=Notification.objects.get())
    Notification.objects.update(created_at=long_ago(12))

    assert alarms() == [
        "店铺信息变了，11 分钟还没有重新核对。请看后台任务是否在运行。",
        "有消息等了 12 分钟还没有排进对外发送。请看后台任务是否在运行。",
    ]
    Touched.objects.update(at=long_ago(9))
    Notification.objects.update(created_at=long_ago(9))
    assert alarms() == []


def test_the_kill_switch_is_an_alarm_after_an_hour_and_explains_why_nothing_moves():
    publish(criteria=IN_DISTRICT)
    PushRun.objects.update(created_at=long_ago(90))
    KillSwitch.objects.create(reason="短信内容有误", at=long_ago(59))

    assert alarms() == []
    KillSwitch.objects.update(at=long_ago(61))
    (alarm,) = monitoring.alarms()
    since = timezone.localtime(KillSwitch.objects.get().at)
    assert alarm.text == f"推送总开关从 {since:%m-%d %H:%M} 起一直停着，原因：短信内容有误。"
    assert alarm.url == "/admin/notifications/pushrun/switch/"


def test_a_channel_that_rests_is_an_alarm_until_it_tries_again():
    until = timezone.now() + timedelta(minutes=5)
    ChannelState.objects.create(channel="sms", failures=10, rests_until=until, problem="对方没有回应")

    assert alarms() == [
        f"短信连续 10 次没有发出，原因：对方没有回应。到 {timezone.localtime(until):%H:%M} 再试。"
    ]
    ChannelState.objects.update(rests_until=long_ago(1))
    assert alarms() == []
