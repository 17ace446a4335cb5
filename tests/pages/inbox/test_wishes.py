"""What owners are asked, set and stop: pushes, channels, an address for mail, one tap without signing in."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.actions import has_agreed
from accounts.models import User
from notifications.models import Choice, ContactPoint, Delivery, OptOut
from notifications.outside import addresses
from notifications.outside.preferences import stop_token
from tests.markup import markup

from ..shops import browser_of, person, text_of

pytestmark = pytest.mark.usefixtures("catalogue_loaded")


# Being asked


@pytest.mark.parametrize("address", ["/inbox/", "/me/", "/inbox/preferences/"])
def test_pushes_are_asked_for_once_and_nothing_is_ticked(browser, owner, address):
    asked = markup(browser.get(address))
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
    assert (has_agreed(owner, "push"), OptOut.objects.filter(ended_at=None).count()) == (True, 0)


def test_the_way_back_from_a_form_stays_on_the_site(browser):
    response = browser.post(
        "/inbox/preferences/consent/", {"push": "no", "next": "https://elsewhere.example/"}
    )

    assert response.headers["Location"] == "/inbox/"


def test_whoever_has_no_shop_is_not_asked(db):
    assert "要我们告诉您吗" not in text_of(browser_of(person(7)).get("/inbox/preferences/"))


# Settings


def test_what_is_ticked_is_sent_and_what_is_not_is_not(browser, owner):
    before = markup(browser.get("/inbox/preferences/"))
    browser.post("/inbox/preferences/", {"sms-2": "1", "sms-5": "1", "email-1": "1"})
    after = markup(browser.get("/inbox/preferences/"))

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

    reach = ContactPoint.objects.get()
    assert (sent.to, sent.subject) == (["Zhang@example.cn"], addresses.SUBJECT)
    assert "Z***@example.cn （还没确认）" in text_of(asked).replace("Z***@example.cn（", "Z***@example.cn （")
    assert (wrong.status_code, "验证码不对，请看清楚再填" in text_of(wrong)) == (409, True)
    assert "邮箱确认好了。" in text_of(right)
    assert reach.confirmed_at is not None
    assert reach.address.reveal() == "Zhang@example.cn"
    assert "Zhang@" not in right.content.decode() + str(dict(browser.session))
    assert "email-1" in right.content.decode()
    browser.post("/inbox/preferences/email/", {"remove": "1"})
    assert ContactPoint.objects.count() == 0


@pytest.mark.parametrize(
    "email", ["", "zhang", "zhang@", "a@b", "张 三@example.cn", "z" * 250 + "@example.cn"]
)
def test_what_is_no_address_is_refused_at_its_field(browser, email):
    response = browser.post("/inbox/preferences/email/", {"email": email})

    assert response.status_code == 400
    assert '<a href="#email">' in response.content.decode()
    assert (len(mail.outbox), ContactPoint.objects.count()) == (0, 0)


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
    assert ContactPoint.objects.get().confirmed_at is None


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
    assert ContactPoint.objects.get().confirmed_at is None


# Stopping without signing in


def stop_address(user, channel="sms"):
    return f"/stop/{stop_token(user.pk, channel)}/"


def test_one_tap_stops_a_channel_without_signing_in(client, owner):
    Delivery.objects.create(user=owner, channel="sms", due_at=timezone.now())
    shown = client.get(stop_address(owner))
    untouched = ContactPoint.objects.count()
    done = client.post(stop_address(owner))

    assert "发给 139****0001" in text_of(shown)
    assert untouched == 0
    assert "已经停了" in text_of(done)
    assert ContactPoint.objects.get().stopped_at is not None
    assert Delivery.objects.get().status == "dropped"
    assert "no-store" in shown.headers["Cache-Control"]


def test_a_mail_program_stops_with_one_click_and_no_cookie(owner):
    ContactPoint.objects.create(
        user=owner, channel="email", address="zhang@example.cn", confirmed_at=timezone.now()
    )
    program = Client(enforce_csrf_checks=True)

    response = program.post(stop_address(owner, "email"), {"List-Unsubscribe": "One-Click"})
    again = program.post(stop_address(owner, "email"), {"List-Unsubscribe": "One-Click"})

    assert (response.status_code, again.status_code) == (200, 200)
    assert "z***@example.cn" in text_of(response)
    assert "zhang@" not in response.content.decode()
    assert ContactPoint.objects.get().stopped_at is not None


@pytest.mark.parametrize("token", ["x", "a:b:c", "WzEsInNtcyJd:1:2"])
def test_a_wrong_link_gets_a_clear_page_and_stops_nothing(client, owner, token):
    response = client.post(f"/stop/{token}/")

    assert (response.status_code, "这个链接不对" in text_of(response)) == (404, True)
    assert ContactPoint.objects.count() == 0


def test_a_link_whose_letters_were_changed_is_a_wrong_one(client, owner):
    token = stop_token(owner.pk, "sms")

    assert client.post(f"/stop/{token[:-1]}{'a' if token[-1] != 'a' else 'b'}/").status_code == 404
    assert ContactPoint.objects.count() == 0


def test_the_link_of_an_account_that_is_closed_stops_nobody(client, owner):
    User.objects.filter(pk=owner.pk).update(is_active=False)

    assert client.post(stop_address(owner)).status_code == 404
