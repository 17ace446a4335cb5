"""The calendar a phone reads by itself: whose days are in it, who reads it, and how it is taken back."""

import re
from datetime import timedelta

import icalendar
import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from businesses.actions import give_mandate
from businesses.models import Binding, Mandate
from cases.actions import correcting, general
from cases.models import Case
from core.own_data import _parts
from notifications.models import CalendarFeed
from tests.jobs.world import person
from tests.notifications.register import GRANT, OLD_ENOUGH, open_shop, publish, tell_of
from tests.pages.shops import browser_of
from tests.services import world as services
from tests.subsidies import world as money
from tests.subsidies.world import owner_of
from tests.visits import world as visits

pytestmark = pytest.mark.django_db
PAGE = "/inbox/calendar/"
TODAY = timezone.localdate


def address_for(browser):
    """The path that the page shows, once, when an address is made."""
    shown = browser.post(PAGE, {"verb": "open"}).content.decode()
    return re.search(r"/calendar/[\w-]{43}\.ics", shown)[0]


def read(address):
    """The calendar as a phone reads it, which is signed in nowhere: ``{uid: event}``."""
    answer = Client().get(address)
    assert answer.status_code == 200
    return {str(event["UID"]): event for event in icalendar.Calendar.from_ical(answer.content).events}


def said(address):
    return [(str(event["SUMMARY"]), event["DTSTART"].dt) for event in read(address).values()]


def in_a_year():
    """A benefit that a shop gets a year after it opened."""
    return publish("T01a", criteria={"all": [OLD_ENOUGH]}, amount=GRANT)


def open_since(days_ago, place=1):
    return open_shop(place, registered_on=TODAY() - timedelta(days=days_ago))


# The days


def test_the_day_from_which_something_can_be_had_is_there_and_moves_under_the_same_name():
    in_a_year()
    shop = open_since(350)
    address = address_for(browser_of(owner_of(shop)))
    ((uid, before),) = read(address).items()

    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        tell_of(shop, registered_on=TODAY() - timedelta(days=340))
        ((again, after),) = read(address).items()

    begins = before["DTSTART"].dt
    assert str(before["SUMMARY"]).endswith("：今天起可以申请，请去看看")
    assert 14 <= (begins - TODAY()).days <= 16
    assert (again, after["DTSTART"].dt - begins) == (uid, timedelta(days=11))
    assert int(after["SEQUENCE"]) == int(before["SEQUENCE"]) + 1


@pytest.mark.parametrize(("days_open", "is_there"), [(1, True), (-1, False)])
def test_a_day_more_than_a_year_ahead_is_no_promise(days_open, is_there):
    publish("T01a", criteria={"all": [OLD_ENOUGH]}, amount=GRANT)
    shop = open_since(days_open)

    assert bool(said(address_for(browser_of(owner_of(shop))))) is is_there


@pytest.mark.parametrize(("days", "is_there"), [(0, True), (365, True), (366, False)])
def test_the_last_day_of_what_can_be_had_now_is_there_within_a_year(days, is_there):
    last = TODAY() + timedelta(days=days)
    publish("T01a", amount=GRANT, window={"from": "2026-01-01", "to": last.isoformat()})
    shop = open_since(800)

    days = said(address_for(browser_of(owner_of(shop))))

    assert [(title.partition("：")[2], on) for title, on in days] == (
        [("今天是最后一天，还没办就快去办", last)] if is_there else []
    )


def test_two_shops_of_one_owner_are_told_apart():
    in_a_year()
    first, second = open_since(350, 1), open_since(360, 2)
    owner = owner_of(first)
    Binding.objects.create(business=second, user=owner)

    titles = [title for title, _ in said(address_for(browser_of(owner)))]

    assert [re.search(r"（(.+)）$", title)[1] for title in titles] == [second.name, first.name]


def test_a_mandate_shows_the_days_of_its_shop_until_it_ends():
    in_a_year()
    shop, relative = open_since(350), person(150)
    until = TODAY() + timedelta(days=30)
    mandate = give_mandate(shop, scopes=["view"], until=until, by=owner_of(shop), phone=relative.phone)
    address = address_for(browser_of(relative))
    before = said(address)

    Mandate.objects.filter(pk=mandate.pk).update(revoked_at=timezone.now())

    assert (len(before), said(address)) == (1, [])


def test_papers_that_are_lacking_stand_on_their_last_day_until_they_are_handed_in():
    people, shop = money.bureau(), open_since(800)
    owner = owner_of(shop)
    case = money.accepted(money.filed(money.grant_of_money(), shop, owner), people)
    defects = [{"kind": "material", "name": "租赁合同", "reason": "第 2 页看不清"}]
    case = correcting.request_correction(case, defects, by=people.reviewer)
    address = address_for(browser_of(owner))
    ((uid, event),) = read(address).items()

    correcting.mend_material(case, "租赁合同", [money.evidence(shop.operator)], by=owner)
    correcting.correct(case, by=owner)

    assert uid == f"{case.public_id}-correction@policy-express"
    assert event["DTSTART"].dt == case.corrections.get().due_on
    assert str(event["SUMMARY"]) == f"最迟今天补材料：{case.title}"
    assert read(address) == {}


def test_a_booking_is_there_and_gone_when_it_is_given_up():
    hour = services.slot(services.offering("booking", "talk"))
    case, owner = services.asked(hour.offering, slot=hour)
    address = address_for(browser_of(owner))
    before = read(address)

    general.do(Case.objects.get(pk=case.pk), "excuse", {}, by=owner)

    assert list(before) == [f"{case.public_id}-1@policy-express"]
    assert read(address) == {}


def test_a_visit_is_there_once_its_day_is_set_and_gone_when_it_is_dropped():
    office, (shop, owner) = visits.bureau(), visits.shop()
    case = visits.planned(shop, office, 1, 5)
    address = address_for(browser_of(owner))
    proposed = said(address)

    visits.do(case, "set", office.officer, on=visits.day(3).isoformat())
    fixed = said(address)
    visits.do(case, "drop", office.officer, reason="不去了")

    assert (proposed, [on for _, on in fixed], said(address)) == ([], [visits.day(3)], [])


# The address


def test_the_address_is_shown_once_and_only_its_digest_is_kept():
    shop = open_since(10)
    browser = browser_of(owner_of(shop))

    address = address_for(browser)
    token = address.split("/")[-1].removesuffix(".ics")

    assert token not in browser.get(PAGE).content.decode()
    (row,) = CalendarFeed.objects.all()
    assert token not in (row.digest, str(row))
    assert len(row.digest) == 64


def test_a_new_address_ends_the_one_before():
    browser = browser_of(owner_of(open_since(10)))

    first, second = address_for(browser), address_for(browser)

    assert [Client().get(path).status_code for path in (first, second)] == [404, 200]


def test_an_address_that_is_taken_back_leads_nowhere():
    browser = browser_of(owner_of(open_since(10)))
    address = address_for(browser)

    browser.post(PAGE, {"verb": "close"})

    assert Client().get(address).status_code == 404
    assert "建立日历地址" in browser.get(PAGE).content.decode()
    assert browser.post(PAGE, {"verb": "close"}).status_code == 302


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": True}])
def test_who_is_no_owner_any_more_has_no_calendar(change):
    owner = owner_of(open_since(10))
    address = address_for(browser_of(owner))

    User.objects.filter(pk=owner.pk).update(**change)

    assert Client().get(address).status_code == 404


def test_who_closes_the_account_takes_the_address_back_and_a_copy_of_ones_data_names_it():
    owner = owner_of(open_since(10))
    address = address_for(browser_of(owner))
    part = _parts["messages"]
    exported = part.export(owner)["calendar"]

    part.erase(owner)

    assert set(exported) == {"opened_at", "read_at"}
    assert (Client().get(address).status_code, part.export(owner)["calendar"]) == (404, None)


def test_the_page_says_when_a_calendar_was_last_there():
    browser = browser_of(owner_of(open_since(10)))
    address = address_for(browser)
    before = browser.get(PAGE).content.decode()

    read(address)

    today = TODAY()
    assert "还没有日历来读过" in before
    assert (
        f"最近一次更新：{today.year} 年 {today.month} 月 {today.day} 日" in browser.get(PAGE).content.decode()
    )


def test_the_hour_of_reading_is_written_at_most_once_an_hour(django_assert_max_num_queries):
    address = address_for(browser_of(owner_of(open_since(10))))
    with time_machine.travel(timezone.now(), tick=False) as clock:
        read(address)
        first = CalendarFeed.objects.get().read_at
        clock.shift(timedelta(minutes=60))
        read(address)
        within = CalendarFeed.objects.get().read_at
        clock.shift(timedelta(seconds=1))
        read(address)

    assert within == first
    assert CalendarFeed.objects.get().read_at - first == timedelta(hours=1, seconds=1)


def test_the_address_goes_into_no_index_no_cache_and_to_no_other_site():
    answer = Client().get(address_for(browser_of(owner_of(open_since(10)))))

    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"


def test_nothing_of_a_person_and_no_amount_is_in_it():
    in_a_year()
    shop = open_since(350)
    owner = owner_of(shop)

    text = Client().get(address_for(browser_of(owner))).content.decode()

    assert [word for word in (shop.operator.name, owner.masked_phone, "5,000", "5000") if word in text] == []
