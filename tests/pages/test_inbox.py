"""/inbox/ and /stop/: what owners are shown, what they are asked, and that every change is a POST of their own."""

import re

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts.actions import has_agreed
from accounts.models import User
from businesses.models import Business, Mandate
from core.models import forget_editions
from notifications import addresses, relaying
from notifications.models import Choice, Delivery, Notification, Reach, Silence
from notifications.preferences import stop_token

from .shops import agent_of, browser_of, day, owner_of, person, store, tea_shop
from .test_me import text_of

pytestmark = pytest.mark.usefixtures("catalogue_loaded")
PRIVATE = {
    row.name: reverse(row.name, args=[1] if "pk" in str(row.pattern) else None)
    for row in get_resolver("notifications.urls").url_patterns
    if row.name != "stop"
}


@pytest.fixture(scope="module")
def _told(_measures, django_db_blocker):
    """A shop to which everything was pushed, once a module in a transaction around its tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        forget_editions()
        found = store(tea_shop())
        relaying.relay()
        yield found.pk
        transaction.set_rollback(True)


@pytest.fixture
def shop(_told, db):
    return Business.objects.get(pk=_told)


@pytest.fixture
def owner(shop):
    user = owner_of(shop)
    User.objects.filter(pk=user.pk).update(phone_verified_at=timezone.now())
    return User.objects.get(pk=user.pk)


@pytest.fixture
def browser(owner):
    return browser_of(owner)


@pytest.fixture
def message(shop):
    """The message about the rent subsidy; ``message("M05a")`` of another benefit."""

    def find(code="M05c"):
        return Notification.objects.get(benefit__code=code, business=shop)

    return find


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
    listed, home = text_of(browser.get("/inbox/")), browser.get("/").content.decode()
    count = Notification.objects.count()
    opened = page(browser, message())
    again = browser.get("/inbox/")

    assert listed.count("未读") == count + 1  # and the filter
    assert f'<b class="count">{count}<span class="vh"> 条未读</span></b>' in home
    assert f'<b class="count">{count - 1}<span' in opened.content.decode()
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
    assert "租用经营场地 符合 您的情况：是（您填写的） 依据：措施一（五）" in text
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
    assert agent.post(f"/inbox/{message().pk}/act/").headers["Location"] == "/policies/M05/#M05c"
    assert (message().opened_at, message().acted_at, Silence.objects.count()) == (None, None, 0)
    Mandate.objects.update(until=day(1))
    assert page(agent, message()).status_code == 404


def test_the_page_of_the_shop_shows_the_newest_three(browser):
    shown = browser.get("/me/").content.decode()

    assert len(re.findall("data-message", shown)) == 3
    assert "看全部消息" in shown


# What is done


def test_the_button_leads_on_and_is_noted(browser, message):
    response = browser.post(f"/inbox/{message().pk}/act/")

    assert (response.status_code, response.headers["Location"]) == (302, "/policies/M05/#M05c")
    assert message().acted_at is not None


@pytest.mark.parametrize("verb", ["act/", "dismiss/", "mute/"])
def test_who_comes_to_a_button_by_a_link_is_led_to_the_message_and_nothing_happens(browser, message, verb):
    row = message()

    response = page(browser, row, verb)

    assert (response.status_code, response.headers["Location"]) == (302, f"/inbox/{row.pk}/")
    assert (message().acted_at, Silence.objects.count()) == (None, 0)


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
    silence = Silence.objects.get()
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
    silence = Silence.objects.get()

    assert "以后不再告诉您“新的政策”这类消息。" in text_of(muted)
    assert "新的政策 （这类消息）" in text_of(browser.get("/inbox/preferences/"))
    assert browser_of(person(7)).post(f"/inbox/preferences/restore/{silence.pk}/").status_code == 404
    assert "恢复好了" in text_of(browser.post(f"/inbox/preferences/restore/{silence.pk}/", follow=True))


# Being asked


@pytest.mark.parametrize("address", ["/inbox/", "/me/", "/inbox/preferences/"])
def test_pushes_are_asked_for_once_and_nothing_is_ticked(browser, owner, address):
    asked = browser.get(address).content.decode()
    nothing = browser.post("/inbox/preferences/consent/", {"next": address}, follow=True)
    said_no = browser.post("/inbox/preferences/consent/", {"push": "no", "next": address}, follow=True)

    boxes = re.findall(r'<input type="radio"[^>]*name="push"[^>]*>', asked)
    assert (len(boxes), [box for box in boxes if "checked" in box]) == (2, [])
    assert "请先选一项" in text_of(nothing)
    assert 'name="push" value="yes" type' not in text_of(said_no)
    assert "要我们告诉您吗" not in text_of(said_no)
    assert has_agreed(owner, "push") is False


def test_who_agrees_is_pushed_to_and_who_stops_is_not(browser, owner):
    browser.post("/inbox/preferences/consent/", {"push": "yes"})
    agreed = has_agreed(owner, "push")
    stopped = browser.post("/inbox/preferences/stop/", follow=True)
    listed = text_of(browser.get("/inbox/"))
    again = browser.post(
        "/inbox/preferences/consent/", {"push": "yes", "next": "/inbox/preferences/"}, follow=True
    )

    assert agreed
    assert "推送全部停了" in text_of(stopped)
    assert "推送全部停了，不会有新消息" in listed
    assert "推送开着。" in text_of(again)
    assert (has_agreed(owner, "push"), Silence.objects.filter(ended_at=None).count()) == (True, 0)


def test_the_way_back_from_a_form_stays_on_the_site(browser):
    response = browser.post(
        "/inbox/preferences/consent/", {"push": "no", "next": "https://elsewhere.example/"}
    )

    assert response.headers["Location"] == "/inbox/"


def test_whoever_has_no_shop_is_not_asked(db):
    assert "要我们告诉您吗" not in text_of(browser_of(person(7)).get("/inbox/preferences/"))


# Settings


def test_what_is_ticked_is_sent_and_what_is_not_is_not(browser, owner):
    before = browser.get("/inbox/preferences/").content.decode()
    browser.post("/inbox/preferences/", {"sms-2": "1", "sms-5": "1", "email-1": "1"})
    after = browser.get("/inbox/preferences/").content.decode()

    def ticked(page):
        return re.findall(r'<input type="checkbox" id="([a-z]+-\d)"[^>]* checked>', page)

    assert (ticked(before), ticked(after)) == (["sms-1", "sms-5"], ["sms-2", "sms-5"])
    assert list(Choice.objects.order_by("kind").values_list("channel", "kind", "wanted")) == [
        ("sms", 1, False),
        ("sms", 2, True),
    ]


def test_the_page_says_what_is_sent_and_how_often(browser):
    text = text_of(browser.get("/inbox/preferences/"))

    assert "短信：一天最多一次，几项合在一起；一个月最多 4 次。" in text
    assert "晚上 9 点到早上 8 点不打扰" in text


def code_in(message):
    return re.search(r"验证码 (\d{6})", message.body)[1]


def test_an_e_mail_address_is_proved_by_a_code_and_kept_sealed(browser, owner):
    asked = browser.post("/inbox/preferences/email/", {"email": " Zhang@example.cn "}, follow=True)
    (sent,) = mail.outbox
    wrong = browser.post(
        "/inbox/preferences/email/", {"code": "000000" if code_in(sent) != "000000" else "1" * 6}
    )
    right = browser.post("/inbox/preferences/email/", {"code": code_in(sent)}, follow=True)

    reach = Reach.objects.get()
    assert (sent.to, sent.subject) == (["Zhang@example.cn"], addresses.SUBJECT)
    assert "Z***@example.cn （还没确认）" in text_of(asked).replace("Z***@example.cn（", "Z***@example.cn （")
    assert (wrong.status_code, "验证码不对，请看清楚再填" in text_of(wrong)) == (409, True)
    assert "邮箱确认好了。" in text_of(right)
    assert reach.confirmed_at is not None
    assert reach.address.reveal() == "Zhang@example.cn"
    assert "Zhang@" not in right.content.decode() + str(dict(browser.session))
    assert "email-1" in right.content.decode()
    browser.post("/inbox/preferences/email/", {"remove": "1"})
    assert Reach.objects.count() == 0


@pytest.mark.parametrize(
    "email", ["", "zhang", "zhang@", "a@b", "张 三@example.cn", "z" * 250 + "@example.cn"]
)
def test_what_is_no_address_is_refused_at_its_field(browser, email):
    response = browser.post("/inbox/preferences/email/", {"email": email})

    assert response.status_code == 400
    assert '<a href="#email">' in response.content.decode()
    assert (len(mail.outbox), Reach.objects.count()) == (0, 0)


def test_a_code_for_one_address_does_not_prove_another(browser):
    browser.post("/inbox/preferences/email/", {"email": "first@example.cn"})
    first = code_in(mail.outbox[0])
    session = browser.session["email_code"]
    browser.post("/inbox/preferences/email/", {"email": "second@example.cn"})
    kept = browser.session
    kept["email_code"] = session
    kept.save()

    response = browser.post("/inbox/preferences/email/", {"code": first})

    assert response.status_code == 409
    assert Reach.objects.get().confirmed_at is None


def test_a_code_is_good_for_half_an_hour(browser, time_machine):
    time_machine.move_to("2026-11-24T10:00:00+08:00", tick=False)
    browser.post("/inbox/preferences/email/", {"email": "zhang@example.cn"})
    time_machine.shift(30 * 60 + 1)

    response = browser.post("/inbox/preferences/email/", {"code": code_in(mail.outbox[0])})

    assert "验证码过期了" in text_of(response)


def test_nobody_guesses_a_code_or_floods_an_address(browser):
    for _ in range(addresses.CODES_OF_PERSON.times):
        browser.post("/inbox/preferences/email/", {"email": "zhang@example.cn"})
    flooded = browser.post("/inbox/preferences/email/", {"email": "zhang@example.cn"})
    for _ in range(addresses.TRIES.times):
        browser.post("/inbox/preferences/email/", {"code": "000000"})
    right = browser.post("/inbox/preferences/email/", {"code": code_in(mail.outbox[-1])})

    assert (flooded.status_code, len(mail.outbox)) == (409, addresses.CODES_OF_PERSON.times)
    assert "试的次数太多" in text_of(right)
    assert Reach.objects.get().confirmed_at is None


# Stopping without signing in


def stop_address(user, channel="sms"):
    return f"/stop/{stop_token(user.pk, channel)}/"


def test_one_tap_stops_a_channel_without_signing_in(client, owner):
    Delivery.objects.create(user=owner, channel="sms", due_at=timezone.now())
    shown = client.get(stop_address(owner))
    untouched = Reach.objects.count()
    done = client.post(stop_address(owner))

    assert "发给 139****0001" in text_of(shown)
    assert untouched == 0
    assert "已经停了" in text_of(done)
    assert Reach.objects.get().stopped_at is not None
    assert Delivery.objects.get().status == "dropped"
    assert "no-store" in shown.headers["Cache-Control"]


def test_a_mail_program_stops_with_one_click_and_no_cookie(owner):
    Reach.objects.create(user=owner, channel="email", address="zhang@example.cn", confirmed_at=timezone.now())
    program = Client(enforce_csrf_checks=True)

    response = program.post(stop_address(owner, "email"), {"List-Unsubscribe": "One-Click"})
    again = program.post(stop_address(owner, "email"), {"List-Unsubscribe": "One-Click"})

    assert (response.status_code, again.status_code) == (200, 200)
    assert "z***@example.cn" in text_of(response)
    assert "zhang@" not in response.content.decode()
    assert Reach.objects.get().stopped_at is not None


@pytest.mark.parametrize("token", ["x", "a:b:c", "%00", "WzEsInNtcyJd:1:2"])
def test_a_wrong_link_gets_a_clear_page_and_stops_nothing(client, owner, token):
    response = client.post(f"/stop/{token}/")

    assert (response.status_code, "这个链接不对" in text_of(response)) == (404, True)
    assert Reach.objects.count() == 0


def test_a_link_whose_letters_were_changed_is_a_wrong_one(client, owner):
    token = stop_token(owner.pk, "sms")

    assert client.post(f"/stop/{token[:-1]}{'a' if token[-1] != 'a' else 'b'}/").status_code == 404
    assert Reach.objects.count() == 0


def test_the_link_of_an_account_that_is_closed_stops_nobody(client, owner):
    User.objects.filter(pk=owner.pk).update(is_active=False)

    assert client.post(stop_address(owner)).status_code == 404
