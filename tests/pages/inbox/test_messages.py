"""/inbox/: what owners are shown and do there, and that every change is a POST of their own."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts.models import User
from businesses.models import Mandate
from notifications.models import Notification, OptOut
from tests.markup import markup

from ..shops import agent_of, browser_of, day, person, store, tea_shop, text_of

pytestmark = pytest.mark.usefixtures("catalogue_loaded")
PRIVATE = {
    row.name: reverse(row.name, args=[1] if "pk" in str(row.pattern) else None)
    for row in get_resolver("notifications.urls").url_patterns
    if row.name not in ("stop", "calendar-feed")  # of whoever has the address
}


def page(browser, row, verb=""):
    return browser.get(f"/inbox/{row.pk}/{verb}")


# Who comes in


@pytest.mark.parametrize("name", PRIVATE)
def test_a_stranger_is_asked_to_sign_in(client, name):
    response = client.get(PRIVATE[name])

    assert (response.status_code, response.headers["Location"]) == (302, f"/login/?next={PRIVATE[name]}")


@pytest.mark.parametrize("name", PRIVATE)
def test_staff_are_no_owners(db, name):
    browser = browser_of(User.objects.create_user("clerk", is_staff=True))

    assert browser.get(PRIVATE[name]).status_code == 403


@pytest.mark.parametrize("verb", ["", "act/", "dismiss/", "mute/", "calendar.ics"])
def test_a_message_of_another_is_as_if_it_did_not_exist(browser, message, verb):
    row = message("M05a")
    stranger = browser_of(person(7))

    for browser in (stranger.get, stranger.post):
        theirs, missing = browser(f"/inbox/{row.pk}/{verb}"), browser(f"/inbox/999999999/{verb}")
        assert theirs.status_code == missing.status_code
        assert theirs.status_code in (404, 405)
    assert Notification.objects.filter(opened_at=None).count() == Notification.objects.count()


# What is shown


def test_unread_is_a_word_and_a_number_and_goes_when_a_message_is_opened(browser, message):
    listed, home = text_of(browser.get("/inbox/")), markup(browser.get("/"))
    count = Notification.objects.count()
    opened = page(browser, message())
    again = browser.get("/inbox/")

    assert listed.count("未读") == count + 1  # and the filter
    assert f'<b class="count">{count}<span class="vh">条未读</span></b>' in home
    assert f'<b class="count">{count - 1}<span' in markup(opened)
    assert text_of(again).count("未读") == count
    assert message().opened_at is not None


def test_looking_with_head_opens_nothing(browser, message):
    browser.head(f"/inbox/{message().pk}/")

    assert message().opened_at is None


def test_unread_messages_can_be_seen_alone(browser, message):
    page(browser, message())

    everything, unread = (text_of(browser.get(f"/inbox/{query}")) for query in ("", "?unread=1"))

    assert ("场所租赁补贴" in everything, "场所租赁补贴" in unread) == (True, False)
    Notification.objects.update(opened_at=timezone.now())
    assert "没有未读消息。" in text_of(browser.get("/inbox/?unread=1"))


def test_an_empty_inbox_says_what_will_come_and_what_is_missing_for_it(db):
    newcomer = text_of(browser_of(person(7)).get("/inbox/"))

    assert "没有新消息。有新政策符合您的情况时，我们会告诉您。" in newcomer
    assert "绑定我的店" in newcomer


@pytest.mark.parametrize("before", ["x", "-1", "1.5", "１", "9" * 19])
def test_a_place_that_is_none_is_not_found(browser, before):
    assert browser.get("/inbox/", {"before": before}).status_code == 404


def test_a_message_says_why_what_until_when_and_offers_one_button(browser, message):
    text = text_of(page(browser, message()))

    order = ["为什么收到", "能得到什么", "什么时候前", "看怎么申请", "不再提醒"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "实际每月 800 元，每月最高 500 元" in text
    assert "店面是租的 符合 您的情况：是（您填写的） 依据：措施一（五）" in text
    assert page(browser, message()).content.decode().count('<button class="btn wide">') == 1


def test_the_same_page_takes_the_same_queries_for_more_cards(browser):
    browser.get("/inbox/")
    counts = {}
    for kept in (2, None):
        if kept:
            rest = list(Notification.objects.order_by("pk").values_list("pk", flat=True)[kept:])
            Notification.objects.filter(pk__in=rest).update(opened_at=timezone.now())
        else:
            Notification.objects.update(opened_at=None)
        with CaptureQueriesContext(connection) as queries:
            shown = browser.get("/inbox/?unread=1").content.decode().count("data-message")
        counts[shown] = len(queries)

    assert len(counts) == 2
    assert len(set(counts.values())) == 1


def test_an_agent_sees_the_messages_and_no_button_that_changes_anything(shop, owner, message):
    agent = browser_of(agent_of(shop, owner, ["view"]))

    listed, opened = text_of(agent.get("/inbox/")), page(agent, message())

    assert "代办" in listed
    assert "代办，只能看" in text_of(opened)
    assert "不感兴趣" not in text_of(opened)
    assert agent.post(f"/inbox/{message().pk}/dismiss/", {"reason": "other"}).status_code == 403
    assert agent.post(f"/inbox/{message().pk}/mute/").status_code == 403
    assert agent.post(f"/inbox/{message().pk}/act/").headers["Location"] == "/policies/M05c/"
    assert (message().opened_at, message().acted_at, OptOut.objects.count()) == (None, None, 0)
    Mandate.objects.update(until=day(1))
    assert page(agent, message()).status_code == 404


def test_the_page_of_the_shop_shows_the_newest_three(browser):
    shown = browser.get("/me/").content.decode()

    assert len(re.findall("data-message", shown)) == 3
    assert "看全部消息" in shown


# What is done


def test_the_button_leads_on_and_is_noted(browser, message):
    response = browser.post(f"/inbox/{message().pk}/act/")

    assert (response.status_code, response.headers["Location"]) == (302, "/policies/M05c/")
    assert message().acted_at is not None


@pytest.mark.parametrize("verb", ["act/", "dismiss/", "mute/"])
def test_who_comes_to_a_button_by_a_link_is_led_to_the_message_and_nothing_happens(browser, message, verb):
    row = message()

    response = page(browser, row, verb)

    assert (response.status_code, response.headers["Location"]) == (302, f"/inbox/{row.pk}/")
    assert (message().acted_at, OptOut.objects.count()) == (None, 0)


def test_the_day_goes_into_a_calendar(browser, message):
    row = message("M05a")
    led = browser.post(f"/inbox/{row.pk}/act/")

    response = browser.get(led.headers["Location"])

    assert led.headers["Location"] == f"/inbox/{row.pk}/calendar.ics"
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == f'attachment; filename="policy-{row.pk}.ics"'
    assert f"UID:message-{row.pk}@testserver\r\n" in response.content.decode()
    assert "SUMMARY:一次性创业补贴：从今天起可以了\r\n" in response.content.decode()


def test_where_no_day_matters_there_is_no_calendar(browser, message):
    row = message()
    Notification.objects.filter(pk=row.pk).update(
        business=store(tea_shop(), code="92520204MA6E00019P", identity="520201198001010020")
    )

    assert page(browser, row, "calendar.ics").status_code == 404


def test_what_does_not_interest_is_put_away_and_brought_back(browser, message):
    row = message()
    without = browser.post(f"/inbox/{row.pk}/dismiss/", {"reason": "", "note": "我的话"})
    done = browser.post(f"/inbox/{row.pk}/dismiss/", {"reason": "not_needed"}, follow=True)
    listed = text_of(browser.get("/inbox/"))
    settings_page = text_of(browser.get("/inbox/preferences/"))
    silence = OptOut.objects.get()
    back = browser.post(
        f"/inbox/preferences/restore/{silence.pk}/", {"next": f"/inbox/{row.pk}/"}, follow=True
    )

    assert (without.status_code, "请选一个原因" in text_of(without)) == (400, True)
    assert 'value="我的话"' in without.content.decode()
    assert "以后不再告诉您这一项。" in text_of(done)
    assert "场所租赁补贴" not in listed
    assert "场所租赁补贴" in settings_page
    assert "恢复好了" in text_of(back)
    assert "场所租赁补贴" in text_of(browser.get("/inbox/"))


def test_a_kind_of_message_is_muted_and_brought_back_in_the_settings(browser, message):
    muted = browser.post(f"/inbox/{message().pk}/mute/", follow=True)
    silence = OptOut.objects.get()

    assert "以后不再告诉您“新的政策”这类消息。" in text_of(muted)
    assert "新的政策 （这类消息）" in text_of(browser.get("/inbox/preferences/"))
    assert browser_of(person(7)).post(f"/inbox/preferences/restore/{silence.pk}/").status_code == 404
    assert "恢复好了" in text_of(browser.post(f"/inbox/preferences/restore/{silence.pk}/", follow=True))
