"""Why a message came, told by what was so then, and what is so of it today."""

from datetime import timedelta

import pytest

from accounts.models import User
from eligibility import holdings, publishing
from notifications import sweep
from notifications.inbox import cards, reading
from notifications.models import Change
from notifications.pushes import calendar_run
from notifications.truth import decisions_on

from .. import register
from ..readers import newest, owner_of, read_by
from ..register import TODAY, YOUNG_ENOUGH, draft, months_ago, noon, open_shop, publish, put_in_force, tell_of

pytestmark = pytest.mark.django_db(databases=["default", "postgres"])
FEW = {"fact": "employees", "op": "lte", "value": 5, "clause": "第二条"}
OLD_ENOUGH = {"fact": "registered_on", "op": "at_least_ago", "value": {"years": 1}, "clause": "第三条"}
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


# Why it came


def test_a_changed_fact_is_told_from_what_to_what_with_its_source_and_clause():
    shop = open_shop(1, employees=9, sells_online=False)
    owner = owner_of(shop)
    publish(criteria={"all": [FEW, OLD_ENOUGH]})
    sweep.relay()
    tell_of(shop, employees=3, sells_online=True, registered_on=months_ago(14).isoformat())
    sweep.relay()

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
    sweep.relay()
    for employees in (3, 8):
        tell_of(shop, employees=employees)
        sweep.relay()

    (fact,) = read_by(owner, shop).reason.facts

    assert (fact["before"], fact["after"], newest(shop).kind) == ("3 人", "8 人", Change.ENDED)


def test_a_shop_that_is_new_in_the_register_is_told_so():
    publish(criteria={"all": [FEW, OLD_ENOUGH]})
    sweep.relay()
    shop = open_shop(1, employees=2, registered_on=months_ago(3).isoformat())
    owner = owner_of(shop)
    sweep.relay()

    reason = read_by(owner, shop).reason

    assert (reason.says, reason.facts) == ("第一次按您店铺的信息查这项政策。", [])
    assert [row["result"] for row in reason.rows] == ["wait"]
    assert [row["result"] for row in reason.folded] == ["pass"]


def test_a_day_that_came_names_the_criterion_whose_date_it_is():
    shop = open_shop(1, employees=2, registered_on=months_ago(11).isoformat())
    owner = owner_of(shop)
    publish(criteria={"all": [FEW, OLD_ENOUGH]})
    sweep.relay()
    day = months_ago(11).replace(year=months_ago(11).year + 1)

    with noon(day + timedelta(days=1)):  # a missed day is caught up
        calendar_run.follow_the_day()
        sweep.relay()
        reason = read_by(owner, shop).reason

    assert [(row["sentence"], row["met_from"], row["clause"]) for row in reason.rows] == [
        ("登记满 1 年", day.isoformat(), "第三条")
    ]
    assert newest(shop).run.cause == "calendar"


def test_a_stretch_that_ended_names_its_last_day():
    shop = open_shop(1, registered_on=months_ago(23).isoformat())
    owner = owner_of(shop)
    publish(criteria={"all": [YOUNG_ENOUGH]})
    sweep.relay()
    last = months_ago(23).replace(year=months_ago(23).year + 2)

    with noon(last + timedelta(days=1)):
        calendar_run.follow_the_day()
        sweep.relay()
        found = read_by(owner, shop)

    assert found.row.kind == Change.ENDED
    assert found.reason.says == f"有一项条件只到 {last.year} 年 {last.month} 月 {last.day} 日。"
    assert [row["sentence"] for row in found.reason.rows] == ["登记在 2 年以内"]


def test_a_reminder_counts_the_days_and_is_over_when_they_are():
    shop = open_shop(1, registered_on=months_ago(23).isoformat())
    owner = owner_of(shop)
    publish(criteria={"all": [YOUNG_ENOUGH]})
    sweep.relay()
    last = months_ago(23).replace(year=months_ago(23).year + 2)

    with noon(last - timedelta(days=9)):
        calendar_run.follow_the_day()
        found = read_by(owner, shop)
        notes = [card.note for card in cards.page_of(owner).cards]
    with noon(last + timedelta(days=1)):
        later = read_by(owner, shop)
        later_notes = [card.note for card in cards.page_of(owner).cards]

    day = f"{last.year} 年 {last.month} 月 {last.day} 日"
    assert found.reason.says == f"您能办到 {day}为止，还剩 9 天。"
    assert (found.changed, found.comes_on, notes) == ("", last, [""])
    assert (later.changed, later_notes) == ("消息里说的日子已经过了。", [cards.OVER])


def test_a_new_policy_is_told_as_new_and_a_new_version_by_what_differs():
    shop = open_shop(1, employees=2, registered_on=months_ago(3).isoformat())
    owner = owner_of(shop)
    first = publish(criteria={"all": [OLD_ENOUGH, {"fact": "sells_online", "op": "eq", "value": False}]})
    tell_of(shop, sells_online=False)
    sweep.relay()
    new = read_by(owner, shop).reason.says
    put_in_force(draft(first.benefit, criteria={"all": [FEW]}))
    sweep.relay()

    reason = read_by(owner, shop).reason

    assert new == "这项政策新发布。"
    assert reason.says == "政策有了新的一版：第 2 版。"
    assert [(row["sentence"], row["own"]) for row in reason.rows] == [
        ("从业人数（含经营者）不超过 5 人", "2 人（市场监管登记）")
    ]
    assert reason.gone == ["登记满 1 年", "没有在网上卖货或接单"]


def test_another_amount_is_told_with_what_it_was():
    shop = open_shop(1, monthly_rent="450.00")
    owner = owner_of(shop)
    first = publish(amount=RENT)
    sweep.relay()
    put_in_force(draft(first.benefit, amount={"monthly_capped": {**RENT["monthly_capped"], "cap": "300"}}))
    sweep.relay()

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
    sweep.relay()
    row = newest(shop)
    assert (reading.read(row, owner).changed, [card.note for card in cards.page_of(owner).cards]) == (
        "",
        [""],
    )

    tell_of(shop, employees=9)
    found = reading.read(row, owner)

    assert found.changed.endswith("后来有更新。现在是：暂不符合。")
    assert (found.action_label, found.amount) == ("看这项政策", None)
    sweep.relay()
    assert cards.standing_of([row], decisions_on([row])) == {row.pk: cards.CHANGED}


def test_why_a_message_came_is_told_by_what_was_so_then():
    shop = open_shop(1, employees=2, registered_on=months_ago(14).isoformat())
    owner = owner_of(shop)
    publish(criteria={"all": [FEW, OLD_ENOUGH]})
    sweep.relay()
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
    sweep.relay()
    row = newest(shop)
    put_in_force(draft(first.benefit, summary="改了一句话。"))
    sweep.relay()

    assert reading.read(row, owner).changed.endswith("后来政策有了第 2 版。下面按新的一版写。")


def test_a_withdrawn_policy_is_said_to_be_and_offers_nothing():
    shop = open_shop(1)
    owner = owner_of(shop)
    version = publish()
    sweep.relay()
    row = newest(shop)
    officer = User.objects.create(username="admin", is_staff=True, is_superuser=True)
    publishing.withdraw(version, by=officer, reason="试")
    sweep.relay()

    found, card = reading.read(row, owner), cards.page_of(owner).cards[0]

    assert found.changed == "这项政策已撤回，这条消息不再有效。"
    assert (found.action_label, found.action_url) == ("看看别的政策", "/policies/")
    assert found.reason.says == "当时的这一版政策已经撤回，条件不再适用。"
    assert card.note == cards.WITHDRAWN


def test_a_suspended_document_is_told_on_every_card_under_it():
    shop = open_shop(1)
    owner = owner_of(shop)
    version = publish()
    sweep.relay()
    document = version.benefit.measure.document
    document.status = "suspended"
    document.save()
    register.forget_editions()

    assert [card.note for card in cards.page_of(owner).cards] == [cards.SUSPENDED]
    assert read_by(owner, shop).changed == "这项政策已暂停或废止，现在不能办。"


def test_what_is_held_already_needs_nothing_more():
    shop = open_shop(1)
    owner = owner_of(shop)
    version = publish()
    sweep.relay()
    holdings.hold(shop, version.benefit, "applied")

    assert read_by(owner, shop).changed == "您已经享受这一项，或者正在办，不用再办。"


def test_of_a_shop_that_is_bound_no_more_no_fact_is_told():
    first, second = open_shop(1, employees=2), open_shop(2, person=1, employees=3)
    owner = owner_of(second)
    publish(criteria={"all": [FEW]})
    sweep.relay()

    found = read_by(owner, first)

    assert (found.is_mine, found.shop, found.reason, found.amount) == (True, None, None, None)


def test_what_comes_later_offers_its_day_for_the_calendar():
    shop = open_shop(1, registered_on=months_ago(11).isoformat())
    owner = owner_of(shop)
    publish(criteria={"all": [OLD_ENOUGH]})
    sweep.relay()

    found = read_by(owner, shop)

    day = months_ago(11).replace(year=months_ago(11).year + 1)
    assert (found.comes_on, found.calendar_title) == (day, "试验补贴：从今天起可以了")
    assert (found.action_label, found.action_url) == ("加到日历", f"/inbox/{found.row.pk}/calendar.ics")
    assert (
        found.when[0] == f"{day.year} 年 {day.month} 月 {day.day} 日起可以，还有 {(day - TODAY()).days} 天。"
    )
