"""The inbox: one card for each benefit, why a message came, what is so today, and what its owner does with it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import agree, has_agreed, withdraw
from accounts.models import User
from businesses.models import Binding, Mandate
from core import own_data
from core.errors import Invalid, Refused
from eligibility import holdings, publishing
from notifications import actions, days, inbox, reading, relaying
from notifications.models import Change, Choice, Notification, Reach, Silence
from notifications.preferences import choices_of

from . import register
from .register import TODAY, draft, months_ago, noon, open_shop, publish, put_in_force, tell_of

pytestmark = pytest.mark.django_db(databases=["default", "postgres"])
FEW = {"fact": "employees", "op": "lte", "value": 5, "clause": "第二条"}
OLD_ENOUGH = {"fact": "registered_on", "op": "at_least_ago", "value": {"years": 1}, "clause": "第三条"}
YOUNG_ENOUGH = {"fact": "registered_on", "op": "at_most_ago", "value": {"years": 2}}
RENT = {
    "monthly_capped": {
        "cap": "500",
        "months": 36,
        "fact": "monthly_rent",
        "used": "rent_subsidy_months_received",
    }
}


@pytest.fixture(autouse=True)
def on_each_engine(engine):
    """Every test runs on SQLite and on PostgreSQL."""


def owner_of(shop, number=1):
    user = User.objects.begin_with_phone(f"1390000{number:04}")
    User.objects.filter(pk=user.pk).update(phone_verified_at=timezone.now())
    user.refresh_from_db()
    Binding.objects.create(business=shop, user=user)
    return user


def agent_of(shop, owner, *scopes, number=9):
    agent = User.objects.begin_with_phone(f"1390000{number:04}")
    Mandate.objects.create(
        business=shop, given_by=owner, agent=agent, scopes=list(scopes), until=TODAY() + timedelta(days=9)
    )
    return agent


def newest(shop):
    return (
        Notification.objects.select_related("business", "benefit", "run").filter(business=shop).latest("pk")
    )


def read_by(user, shop):
    return reading.read(newest(shop), user)


def cards(user, **options):
    return [(card.title, card.kind_label) for card in inbox.page_of(user, **options).cards]


# Cards


def test_of_each_benefit_the_newest_message_is_a_card_and_older_ones_are_under_it():
    shop = open_shop(1, employees=2)
    owner = owner_of(shop)
    publish(criteria={"all": [FEW]})
    relaying.relay()
    tell_of(shop, employees=9)
    relaying.relay()

    (card,) = inbox.page_of(owner).cards

    assert (card.kind_label, [older["kind_label"] for older in card.older]) == ("不再符合", ["新的政策"])
    assert (card.is_unread, inbox.unread_count(owner)) == (True, 1)


def test_cards_come_newest_first_by_day_and_go_on_page_by_page():
    shop = open_shop(1)
    owner = owner_of(shop)
    for code in ("T01a", "T01b", "T01c"):
        publish(code, title=f"补贴{code}")
    relaying.relay()
    Notification.objects.filter(benefit__code="T01a").update(created_at=timezone.now() - timedelta(days=2))

    first = inbox.page_of(owner, size=2)
    second = inbox.page_of(owner, size=2, before=first.next)

    assert [card.title for card in first.cards] == ["补贴T01c", "补贴T01b"]
    assert [card.title for card in second.cards] == ["补贴T01a"]
    assert second.next is None
    assert [day for day, _ in inbox.page_of(owner).days] == [TODAY(), TODAY() - timedelta(days=2)]


def test_several_shops_are_named_and_one_is_not():
    first, second = open_shop(1), open_shop(2)
    owner = owner_of(first)
    Binding.objects.create(business=second, user=owner)
    publish()
    relaying.relay()

    both = {card.shop for card in inbox.page_of(owner).cards}
    Binding.objects.filter(business=second).update(ended_at=timezone.now())

    assert both == {"演示店001", "演示店002"}
    assert [card.shop for card in inbox.page_of(owner).cards] == [""]


def test_a_message_of_another_is_nobodys_card():
    open_shop(1)
    owner = owner_of(open_shop(2), 2)
    publish()
    relaying.relay()

    assert cards(owner) == [("试验补贴", "新的政策")]
    assert Notification.objects.count() == 2
    assert list(Notification.objects.visible_to(User.objects.create(username="clerk", is_staff=True))) == []


def test_what_is_about_a_shop_that_was_taken_out_of_the_register_is_gone():
    first, second = open_shop(1), open_shop(2, person=1, employees=2)
    owner = owner_of(first)
    publish("T01a", title="留下的")
    publish("T01b", criteria={"all": [FEW]})
    relaying.relay()
    both = len(cards(owner))

    second.delete()

    assert (both, cards(owner), inbox.unread_count(owner)) == (2, [("留下的", "新的政策")], 1)


def test_who_binds_a_shop_after_another_does_not_read_what_the_other_was_told():
    shop = open_shop(1)
    owner_of(shop)
    publish()
    relaying.relay()
    Binding.objects.update(ended_at=timezone.now())
    shop.operator = open_shop(2).operator
    shop.save()

    newcomer = owner_of(shop, 2)

    assert cards(newcomer) == []


def test_an_agent_reads_what_is_about_the_shop_of_the_mandate_and_changes_nothing():
    shop = open_shop(1)
    owner, other = owner_of(shop), open_shop(2, person=1)
    publish("T01a")
    publish("T01b", criteria={"all": [{"fact": "district", "op": "eq", "value": "520203"}]})
    tell_of(other, district="520203")
    relaying.relay()
    agent, blind = agent_of(shop, owner, "view"), agent_of(shop, owner, "answer", number=8)
    row = newest(shop)

    (card,) = inbox.page_of(agent).cards
    assert (card.id, card.is_mine, card.is_unread) == (row.pk, False, False)
    assert (inbox.unread_count(agent), cards(agent, unread=True), cards(blind)) == (0, [], [])
    for verb in (
        lambda: actions.open_message(row, by=agent),
        lambda: actions.act(row, by=agent),
        lambda: actions.dismiss(row, "not_needed", by=agent),
        lambda: actions.mute(row, by=agent),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    row.refresh_from_db()
    assert (row.opened_at, row.acted_at, Silence.objects.count()) == (None, None, 0)


@pytest.mark.parametrize("count", [1, 3, 20])
def test_an_inbox_takes_as_many_queries_for_one_card_as_for_twenty(count):
    shop = open_shop(1)
    owner = owner_of(shop)
    for place in range(count):
        publish(f"T{place:02}a")
    relaying.relay()
    inbox.page_of(owner)

    with CaptureQueriesContext(connection) as queries:
        found = inbox.page_of(owner).cards

    # bindings; bindings and mandates of who may see messages, and letters; both; older ones, shops, decisions, names
    assert (len(found), len(queries)) == (count, 12)


def test_the_number_of_unread_messages_is_asked_for_once_and_in_one_query(rf):
    shop = open_shop(1)
    request = rf.get("/")
    request.user = owner_of(shop)
    publish("T01a")
    publish("T01b")
    relaying.relay()

    with CaptureQueriesContext(connection) as queries:
        counts = [inbox.unread_of(request), inbox.unread_of(request)]

    assert (counts, len(queries)) == ([2, 2], 1)


# Why it came


def test_a_changed_fact_is_told_from_what_to_what_with_its_source_and_clause():
    shop = open_shop(1, employees=9, sells_online=False)
    owner = owner_of(shop)
    publish(criteria={"all": [FEW, OLD_ENOUGH]})
    relaying.relay()
    tell_of(shop, employees=3, sells_online=True, registered_on=months_ago(14).isoformat())
    relaying.relay()

    reason = read_by(owner, shop).reason

    assert reason.says == "您店铺的信息有变化。"
    assert [
        (fact["label"], fact["before"], fact["after"], fact["source"], fact["on"]) for fact in reason.facts
    ] == [
        (
            "登记日期",
            "还不知道",
            f"{months_ago(14).year} 年 {months_ago(14).month} 月 {months_ago(14).day} 日",
            "市场监管登记",
            TODAY(),
        ),
        ("从业人数（含经营者）", "9 人", "3 人", "市场监管登记", TODAY()),
    ]
    assert [(row["own"], row["clause"], row["result"]) for row in reason.rows] == [
        ("3 人（市场监管登记）", "第二条", "pass"),
        (reason.facts[0]["after"] + "（市场监管登记）", "第三条", "pass"),
    ]


def test_what_changed_before_the_message_before_is_not_told_again():
    shop = open_shop(1, employees=9)
    owner = owner_of(shop)
    publish(criteria={"all": [FEW]})
    relaying.relay()
    for employees in (3, 8):
        tell_of(shop, employees=employees)
        relaying.relay()

    (fact,) = read_by(owner, shop).reason.facts

    assert (fact["before"], fact["after"], newest(shop).kind) == ("3 人", "8 人", Change.ENDED)


def test_a_shop_that_is_new_in_the_register_is_told_so():
    publish(criteria={"all": [FEW, OLD_ENOUGH]})
    relaying.relay()
    shop = open_shop(1, employees=2, registered_on=months_ago(3).isoformat())
    owner = owner_of(shop)
    relaying.relay()

    reason = read_by(owner, shop).reason

    assert (reason.says, reason.facts) == ("第一次按您店铺的信息查这项政策。", [])
    assert [row["result"] for row in reason.rows] == ["wait"]
    assert [row["result"] for row in reason.folded] == ["pass"]


def test_a_day_that_came_names_the_criterion_whose_date_it_is():
    shop = open_shop(1, employees=2, registered_on=months_ago(11).isoformat())
    owner = owner_of(shop)
    publish(criteria={"all": [FEW, OLD_ENOUGH]})
    relaying.relay()
    day = months_ago(11).replace(year=months_ago(11).year + 1)

    with noon(day + timedelta(days=1)):  # a missed day is caught up
        days.follow_the_day()
        relaying.relay()
        reason = read_by(owner, shop).reason

    assert [(row["sentence"], row["met_from"], row["clause"]) for row in reason.rows] == [
        ("登记满 1 年", day.isoformat(), "第三条")
    ]
    assert newest(shop).run.cause == "calendar"


def test_a_stretch_that_ended_names_its_last_day():
    shop = open_shop(1, registered_on=months_ago(23).isoformat())
    owner = owner_of(shop)
    publish(criteria={"all": [YOUNG_ENOUGH]})
    relaying.relay()
    last = months_ago(23).replace(year=months_ago(23).year + 2)

    with noon(last + timedelta(days=1)):
        days.follow_the_day()
        relaying.relay()
        found = read_by(owner, shop)

    assert found.row.kind == Change.ENDED
    assert found.reason.says == f"有一项条件只到 {last.year} 年 {last.month} 月 {last.day} 日。"
    assert [row["sentence"] for row in found.reason.rows] == ["登记在 2 年以内"]


def test_a_reminder_counts_the_days_and_is_over_when_they_are():
    shop = open_shop(1, registered_on=months_ago(23).isoformat())
    owner = owner_of(shop)
    publish(criteria={"all": [YOUNG_ENOUGH]})
    relaying.relay()
    last = months_ago(23).replace(year=months_ago(23).year + 2)

    with noon(last - timedelta(days=9)):
        days.follow_the_day()
        found = read_by(owner, shop)
        notes = [card.note for card in inbox.page_of(owner).cards]
    with noon(last + timedelta(days=1)):
        later = read_by(owner, shop)
        later_notes = [card.note for card in inbox.page_of(owner).cards]

    day = f"{last.year} 年 {last.month} 月 {last.day} 日"
    assert found.reason.says == f"您能办到 {day}为止，还剩 9 天。"
    assert (found.changed, found.comes_on, notes) == ("", last, [""])
    assert (later.changed, later_notes) == ("消息里说的日子已经过了。", [inbox.OVER])


def test_a_new_policy_is_told_as_new_and_a_new_version_by_what_differs():
    shop = open_shop(1, employees=2, registered_on=months_ago(3).isoformat())
    owner = owner_of(shop)
    first = publish(criteria={"all": [OLD_ENOUGH, {"fact": "sells_online", "op": "eq", "value": False}]})
    tell_of(shop, sells_online=False)
    relaying.relay()
    new = read_by(owner, shop).reason.says
    put_in_force(draft(first.benefit, criteria={"all": [FEW]}))
    relaying.relay()

    reason = read_by(owner, shop).reason

    assert new == "这项政策新发布。"
    assert reason.says == "政策有了新的一版：第 2 版。"
    assert [(row["sentence"], row["own"]) for row in reason.rows] == [
        ("从业人数（含经营者）不超过 5 人", "2 人（市场监管登记）")
    ]
    assert reason.gone == ["登记满 1 年", "没有线上经营"]


def test_another_amount_is_told_with_what_it_was():
    shop = open_shop(1, monthly_rent="450.00")
    owner = owner_of(shop)
    first = publish(amount=RENT)
    relaying.relay()
    put_in_force(draft(first.benefit, amount={"monthly_capped": {**RENT["monthly_capped"], "cap": "300"}}))
    relaying.relay()

    found = read_by(owner, shop)

    assert found.row.kind == Change.AMOUNT
    assert (found.amount.before, found.amount.label["figure"], found.amount.label["unit"]) == (
        "450 元/月",
        "300",
        "元/月",
    )
    assert found.reason.says == "政策有了新的一版：第 2 版。条件没有变。金额的算法变了。"
    assert found.amount.working[0]["value"] == "300 元"


# Whether it still holds


def test_what_a_message_said_and_is_no_longer_so_is_said():
    shop = open_shop(1, employees=2)
    owner = owner_of(shop)
    publish(criteria={"all": [FEW]})
    relaying.relay()
    row = newest(shop)
    assert (reading.read(row, owner).changed, [card.note for card in inbox.page_of(owner).cards]) == (
        "",
        [""],
    )

    tell_of(shop, employees=9)
    found = reading.read(row, owner)

    assert found.changed.endswith("后来有更新。现在是：暂不符合。")
    assert (found.action_label, found.amount) == ("看这项政策", None)
    relaying.relay()
    assert inbox.standing_of([row]) == {row.pk: inbox.CHANGED}


def test_why_a_message_came_is_told_by_what_was_so_then():
    shop = open_shop(1, employees=2, registered_on=months_ago(14).isoformat())
    owner = owner_of(shop)
    publish(criteria={"all": [FEW, OLD_ENOUGH]})
    relaying.relay()
    row = newest(shop)
    before = reading.read(row, owner).reason
    for employees in (9, 12):
        tell_of(shop, employees=employees)

    after = reading.read(row, owner)

    assert after.reason == before
    assert after.reason.folded[0]["own"] == "2 人（市场监管登记）"
    assert after.state == "no"


def test_a_newer_version_that_still_fits_is_said_to_be_newer():
    shop = open_shop(1, employees=2)
    owner = owner_of(shop)
    first = publish(criteria={"all": [FEW]})
    relaying.relay()
    row = newest(shop)
    put_in_force(draft(first.benefit, summary="改了一句话。"))
    relaying.relay()

    assert reading.read(row, owner).changed.endswith("后来政策有了第 2 版。下面按新的一版写。")


def test_a_withdrawn_policy_is_said_to_be_and_offers_nothing():
    shop = open_shop(1)
    owner = owner_of(shop)
    version = publish()
    relaying.relay()
    row = newest(shop)
    officer = User.objects.create(username="admin", is_staff=True, is_superuser=True)
    publishing.withdraw(version, by=officer, reason="试")
    relaying.relay()

    found, card = reading.read(row, owner), inbox.page_of(owner).cards[0]

    assert found.changed == "这项政策已撤回，这条消息不再有效。"
    assert (found.action_label, found.action_url) == ("看看别的政策", "/policies/")
    assert found.reason.says == "当时的这一版政策已经撤回，条件不再适用。"
    assert card.note == inbox.WITHDRAWN


def test_a_suspended_document_is_told_on_every_card_under_it():
    shop = open_shop(1)
    owner = owner_of(shop)
    version = publish()
    relaying.relay()
    document = version.benefit.measure.document
    document.status = "suspended"
    document.save()
    register.forget_editions()

    assert [card.note for card in inbox.page_of(owner).cards] == [inbox.SUSPENDED]
    assert read_by(owner, shop).changed == "这项政策已暂停或废止，现在不能办。"


def test_what_is_held_already_needs_nothing_more():
    shop = open_shop(1)
    owner = owner_of(shop)
    version = publish()
    relaying.relay()
    holdings.hold(shop, version.benefit, "applied")

    assert read_by(owner, shop).changed == "您已经享受这一项，或者正在办，不用再办。"


def test_of_a_shop_that_is_bound_no_more_no_fact_is_told():
    first, second = open_shop(1, employees=2), open_shop(2, person=1, employees=3)
    owner = owner_of(second)
    publish(criteria={"all": [FEW]})
    relaying.relay()

    found = read_by(owner, first)

    assert (found.is_mine, found.shop, found.reason, found.amount) == (True, None, None, None)


def test_what_comes_later_offers_its_day_for_the_calendar():
    shop = open_shop(1, registered_on=months_ago(11).isoformat())
    owner = owner_of(shop)
    publish(criteria={"all": [OLD_ENOUGH]})
    relaying.relay()

    found = read_by(owner, shop)

    day = months_ago(11).replace(year=months_ago(11).year + 1)
    assert (found.comes_on, found.calendar_title) == (day, "试验补贴：从今天起可以了")
    assert (found.action_label, found.action_url) == ("加到日历", f"/inbox/{found.row.pk}/calendar.ics")
    assert (
        found.when[0] == f"{day.year} 年 {day.month} 月 {day.day} 日起可以，还有 {(day - TODAY()).days} 天。"
    )


# What is done with it


@pytest.fixture
def told(engine):
    """(owner, their message)."""
    shop = open_shop(1)
    owner = owner_of(shop)
    publish()
    relaying.relay()
    return owner, newest(shop)


def test_a_message_is_opened_and_acted_on_once(told):
    owner, row = told

    assert (actions.open_message(row, by=owner), actions.open_message(row, by=owner)) == (True, False)
    opened = Notification.objects.get().opened_at
    assert (actions.act(row, by=owner), actions.act(row, by=owner)) == (True, False)
    row = Notification.objects.get()
    assert (row.opened_at, row.acted_at is not None, inbox.unread_count(owner)) == (opened, True, 0)


def test_who_acts_has_opened(told):
    owner, row = told

    actions.act(row, by=owner)

    assert Notification.objects.get().opened_at is not None


def test_what_does_not_interest_is_not_told_again_until_it_is_undone(told):
    owner, row = told

    silence = actions.dismiss(row, "not_needed", " 我不租店 ", by=owner)
    again = actions.dismiss(row, "other", by=owner)

    assert (silence.pk, silence.reason, silence.note, silence.by) == (
        again.pk,
        "not_needed",
        "我不租店",
        owner,
    )
    assert (cards(owner), inbox.unread_count(owner)) == ([], 0)
    put_in_force(draft(row.benefit, amount={"fixed": "6000"}))
    relaying.relay()
    assert Notification.objects.count() == 1
    actions.undo(silence, by=owner)
    assert cards(owner) == [("试验补贴", "新的政策")]
    assert Silence.objects.get().ended_at is not None


@pytest.mark.parametrize(
    ("reason", "note", "code"),
    [
        ("", "", "invalid_choice"),
        ("no", "", "invalid_choice"),
        ("other", "长" * 201, "too_long"),
        ("other", "打 13800000001", "number_in_text"),
    ],
)
def test_a_reason_that_is_none_and_a_note_with_a_number_are_refused(told, reason, note, code):
    owner, row = told

    with pytest.raises(Invalid) as refused:
        actions.dismiss(row, reason, note, by=owner)

    assert [fault.code for fault in refused.value.faults] == [code]
    assert Silence.objects.count() == 0


def test_a_kind_that_is_muted_is_not_told_of_any_benefit(told):
    owner, row = told

    actions.mute(row, by=owner)
    publish("T01b")
    relaying.relay()

    assert Notification.objects.count() == 1
    assert [silence.kind for silence in actions.silences_of(owner)] == [Change.NEW]


def test_a_silence_of_another_is_not_theirs_to_end(told):
    owner, row = told
    silence = actions.dismiss(row, "done_elsewhere", by=owner)

    with pytest.raises(PermissionDenied):
        actions.undo(silence, by=owner_of(open_shop(2), 2))

    assert Silence.objects.get().ended_at is None


# Pushes as a whole


def test_whoever_is_asked_says_yes_or_no_and_is_not_asked_again(told):
    owner, _ = told
    other = owner_of(open_shop(2), 2)
    assert not actions.has_answered(owner)

    actions.turn_on(owner)
    actions.decline(other)

    assert (actions.has_answered(owner), actions.has_answered(other)) == (True, True)
    assert (has_agreed(owner, "push"), has_agreed(other, "push")) == (True, False)
    assert [wanted for (channel, _), wanted in choices_of(other).items() if channel == "sms"] == [False] * 5
    with pytest.raises(Refused):
        actions.decline(owner)


def test_who_said_no_and_then_yes_hears_what_anybody_hears(told):
    owner, _ = told
    actions.decline(owner)

    actions.turn_on(owner)

    assert [kind for (channel, kind), wanted in choices_of(owner).items() if channel == "sms" and wanted] == [
        Change.NEW,
        Change.REMINDER,
    ]


def test_stopping_everything_takes_back_the_agreement_and_ends_messages_in_the_inbox(told):
    owner, _ = told
    actions.turn_on(owner)

    actions.stop_all(owner)
    actions.stop_all(owner)
    publish("T01b")
    relaying.relay()

    assert (has_agreed(owner, "push"), actions.is_stopped(owner)) == (False, True)
    assert (Silence.objects.count(), Notification.objects.count()) == (1, 1)
    actions.turn_on(owner)
    publish("T01c")
    relaying.relay()
    assert (has_agreed(owner, "push"), actions.is_stopped(owner)) == (True, False)
    assert Notification.objects.count() == 2


def test_taking_the_agreement_back_elsewhere_stops_the_inbox_too(told):
    owner, _ = told
    agree(owner, "push")

    withdraw(owner, "push")

    assert actions.is_stopped(owner)


def test_the_silence_over_everything_is_ended_by_agreeing_and_by_nothing_else(told):
    owner, _ = told
    actions.stop_all(owner)

    with pytest.raises(Refused):
        actions.undo(Silence.objects.get(), by=owner)

    assert actions.is_stopped(owner)


# One's own data


def test_the_export_holds_messages_wishes_and_addresses_and_leaving_forgets_them(told):
    owner, row = told
    actions.dismiss(row, "other", "用不上", by=owner)
    Reach.objects.create(user=owner, channel="email", address="zhang@example.cn")
    actions.decline(owner)

    found = own_data.export_all(owner)["messages"]

    assert [(one["benefit"], one["kind"], one["day"]) for one in found["messages"]] == [
        ("T01a", "new", TODAY().isoformat())
    ]
    assert [(one["benefit"], one["reason"], one["note"]) for one in found["silences"]] == [
        ("T01a", "other", "用不上")
    ]
    assert [one["address"] for one in found["reached_at"]] == ["zhang@example.cn"]
    assert {(one["channel"], one["wanted"]) for one in found["choices"]} == {("sms", False)}
    own_data.erase_all(owner)
    assert (Reach.objects.count(), Choice.objects.count()) == (0, 0)
    assert list(Silence.objects.values_list("by", "note", "ended_at")) == [(None, "", None)]
