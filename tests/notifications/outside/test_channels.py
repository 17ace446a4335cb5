"""Each way out tells what became of a message: taken, to be tried again, refused for good, or not known."""

from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from django.core import signing
from django.utils import timezone

from core.sms import NotSent, post
from notifications.models import CHANNELS, Change, Choice, ContactPoint, Delivery
from notifications.outside import channels, site
from notifications.outside.channels.base import Became, Channel, Message, TooLong
from notifications.outside.digests import Said
from notifications.outside.preferences import (
    choices_of,
    read_stop_token,
    set_choice,
    stop,
    stop_link,
    stop_token,
)
from notifications.wording import Words
from portal import environment
from tests.notifications import register
from tests.notifications.gateways import HANG_UP, MailServer
from tests.notifications.people import owner_of

WORDS = Words(
    title="试验补贴",
    sentence="演示店符合条件，可以申请：5,000 元。",
    amount_text="5,000 元",
    action_label="看怎么申请",
    action_url_path="/policies/T01a/",
    subject="您可以申请试验补贴",
    sms=("您可申请试验补贴5000元。到“政策直通车”办，不收费。",),
)
SAID = [Said(Change.NEW, WORDS)]
STOP = "https://zc.example.cn/stop/t/"


@pytest.fixture
def mail_server(settings):
    found = MailServer()
    settings.EMAIL_URL = "smtp://set"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = found.host, found.port
    settings.DEFAULT_FROM_EMAIL = "政策直通车 <no-reply@zc.example.cn>"
    yield found
    found.close()


def message(name, key="k1", to="x"):
    return channels.channel(name).message(key, to, SAID, name="张敏", stop_url=STOP)


def became(name, messages):
    return [(outcome.became, outcome.problem) for outcome in channels.channel(name).send(messages)]


def test_a_short_message_is_what_the_gateway_gets(messages):
    assert became("sms", [message("sms", to="13900000001")]) == [(Became.SENT, "")]

    assert messages.bodies == [
        {
            "id": "k1",
            "to": "13900000001",
            "text": "张师傅，您可申请试验补贴5000元。到“政策直通车”办，不收费。退订回T",
            "voice": False,
        }
    ]
    assert messages.keys == ["k1"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (200, (Became.SENT, "")),
        (202, (Became.SENT, "")),
        (302, (Became.LATER, "网关回答 302")),
        (400, (Became.LATER, "网关回答 400")),
        (401, (Became.LATER, "网关回答 401")),
        (404, (Became.REFUSED, "网关回答 404：地址不能用，或对方已退订")),
        (410, (Became.REFUSED, "网关回答 410：地址不能用，或对方已退订")),
        (422, (Became.REFUSED, "网关回答 422：地址不能用，或对方已退订")),
        (429, (Became.LATER, "网关回答 429")),
        (500, (Became.LATER, "网关回答 500")),
        (503, (Became.LATER, "网关回答 503")),
        (HANG_UP, (Became.UNKNOWN, "网关没有回答，不确定是否送达")),
    ],
)
def test_what_an_answer_means(messages, answer, expected):
    messages.answers = [answer]

    assert became("sms", [message("sms")]) == [expected]


def test_many_messages_keep_their_order(messages):
    thirty = [message("sms", key=f"k{number}", to=f"139{number:08}") for number in range(30)]
    messages.answers = []

    assert became("sms", thirty) == [(Became.SENT, "")] * 30
    assert sorted(messages.keys) == sorted(f"k{number}" for number in range(30))


def test_a_gateway_that_is_not_there_has_taken_nothing(messages, settings):
    settings.SMS_URL = "http://127.0.0.1:9/"

    assert became("sms", [message("sms")]) == [(Became.LATER, "网关连不上")]


def test_an_address_without_https_is_not_used_outside_development(settings):
    settings.DEBUG = False

    with pytest.raises(NotSent, match="SMS_URL has to be an https address") as problem:
        post("SMS", "http://sms.example.cn/", "t", {}, key="k")

    assert (problem.value.status, problem.value.maybe_sent) == (None, False)


def test_a_channel_takes_no_more_than_it_can():
    class Small(Channel):
        name, max_text = "small", 3

    with pytest.raises(TooLong, match="small: 4 > 3"):
        Small().check(Message("k", "x", "", "四个字的"))


# Mail


def test_a_mail_can_be_stopped_by_a_button_of_the_mail_program(mail_server):
    assert became("email", [message("email", key="abc", to="zhang@example.cn")]) == [(Became.SENT, "")]

    (raw,) = mail_server.mails
    found = message_from_bytes(raw)
    assert str(make_header(decode_header(found["Subject"]))) == "您可以申请试验补贴"
    assert found["To"] == "zhang@example.cn"
    assert found["Message-ID"] == "<abc@zc.example.cn>"
    assert found["List-Unsubscribe"] == f"<{STOP}>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    parts = [part.get_payload(decode=True).decode() for part in found.walk() if not part.is_multipart()]
    assert [WORDS.sentence in part for part in parts] == [True, True]
    assert [STOP in part for part in parts] == [True, True]


def test_several_mails_go_over_one_connection(mail_server):
    mails = [message("email", key=f"k{number}", to=f"z{number}@example.cn") for number in range(3)]

    assert became("email", mails) == [(Became.SENT, "")] * 3
    assert len(mail_server.mails) == 3


@pytest.mark.parametrize(
    ("recipient", "data", "expected"),
    [
        ("550 no such user", "250 ok", (Became.REFUSED, "邮件服务器回答 550：没有这个邮箱")),
        ("450 later", "250 ok", (Became.LATER, "邮件服务器回答 450")),
        ("250 ok", "554 looks like spam", (Became.FAILED, "邮件服务器回答 554")),
        ("250 ok", "451 later", (Became.LATER, "邮件服务器回答 451")),
        ("250 ok", HANG_UP, (Became.UNKNOWN, "邮件服务器断开了，不确定是否送达")),
    ],
)
def test_what_a_mail_server_says_means(mail_server, recipient, data, expected):
    mail_server.recipient, mail_server.data = recipient, data

    assert became("email", [message("email")]) == [expected]


def test_after_a_connection_is_lost_the_other_mails_wait(mail_server):
    mail_server.data = HANG_UP
    outcomes = became("email", [message("email") for _ in range(3)])

    assert [outcome for outcome, _ in outcomes] == [Became.UNKNOWN, Became.LATER, Became.LATER]


def test_a_mail_server_that_is_not_there_has_taken_nothing(mail_server, settings):
    settings.EMAIL_PORT = 9

    assert became("email", [message("email")]) == [(Became.LATER, "邮件服务器连不上")]


# Which channels there are


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"DEBUG": True}, ["sms", "email"]),
        ({}, []),
        ({"SMS_PROVIDER": "http", "SMS_URL": "https://sms.example.cn/"}, ["sms"]),
        ({"EMAIL_URL": "smtp://mail.example.cn"}, ["email"]),
    ],
)
def test_a_channel_is_used_where_it_is_set_up(settings, values, expected):
    for name, value in values.items():
        setattr(settings, name, value)

    assert channels.usable() == expected


def test_the_deployment_check_wants_links_that_work(settings):
    assert list(site.check_site(None)) == []
    settings.EMAIL_URL, settings.SITE_URL = "smtp://mail.example.cn", "http://zc.example.cn"

    (error,) = site.check_site(None)

    assert error.msg == "SITE_URL 不是 https 网址，邮件里的链接打不开。"


@pytest.mark.parametrize("text", ["nine to five", "21:00", "25:00-08:00", "21-8"])
def test_quiet_hours_that_are_none_stop_the_start(text):
    with pytest.raises(environment.ImproperlyConfigured, match="QUIET_HOURS"):
        environment.quiet_hours(text)


def test_quiet_hours_are_read(monkeypatch):
    late, early = (datetime(2026, 1, 1, hour).time() for hour in (22, 7))

    assert environment.quiet_hours("22:00-7:00") == (late, early)
    assert environment.quiet_hours("OFF") is None
    monkeypatch.setenv("WEBHOOK_ALLOW_NETS", "10.0.0.0/8,fd00::/8")
    assert [str(found) for found in environment.networks("WEBHOOK_ALLOW_NETS")] == ["10.0.0.0/8", "fd00::/8"]
    monkeypatch.setenv("WEBHOOK_ALLOW_NETS", "ten")
    with pytest.raises(environment.ImproperlyConfigured, match="WEBHOOK_ALLOW_NETS"):
        environment.networks("WEBHOOK_ALLOW_NETS")


# What somebody wants


@pytest.fixture
def user(db):
    return owner_of(register.open_shop(1))


def test_who_has_not_chosen_hears_by_the_defaults(user):
    found = choices_of(user)

    assert found.keys() == {(channel, kind) for channel, _ in CHANNELS for kind in Change.values}
    assert {kind for (channel, kind), wanted in found.items() if channel == "sms" and wanted} == {
        Change.NEW,
        Change.REMINDER,
    }
    assert {wanted for (channel, _), wanted in found.items() if channel != "sms"} == {True}


def test_a_choice_stands_until_another_is_made(user):
    set_choice(user, "sms", Change.NEW, False)
    set_choice(user, "sms", Change.NEW, True)
    set_choice(user, "sms", Change.ENDED, True)

    found = choices_of(user)
    assert (found["sms", Change.NEW], found["sms", Change.ENDED]) == (True, True)
    assert Choice.objects.count() == 2


@pytest.mark.parametrize(("channel", "kind"), [("pigeon", Change.NEW), ("sms", 99)])
def test_what_there_is_not_cannot_be_chosen(user, channel, kind):
    with pytest.raises(ValueError, match=r"pigeon|99"):
        set_choice(user, channel, kind, True)


def test_a_stopped_channel_is_started_by_wanting_something_of_it(user):
    stop(user.pk, "sms", "退订链接")
    assert {wanted for (channel, _), wanted in choices_of(user).items() if channel == "sms"} == {False}

    set_choice(user, "sms", Change.SOON, False)
    assert ContactPoint.objects.get().stopped_because == "退订链接"
    set_choice(user, "sms", Change.REMINDER, True)

    assert (ContactPoint.objects.get().stopped_at, choices_of(user)["sms", Change.REMINDER]) == (None, True)


def test_the_address_in_a_mail_names_its_channel_and_nobody_can_make_one_up(user):
    delivery = Delivery.objects.create(user=user, channel="email", due_at=timezone.now())
    link = stop_link(delivery)

    assert link.startswith("https://zc.example.cn/stop/")
    token = link.removeprefix("https://zc.example.cn/stop/").rstrip("/")
    assert read_stop_token(token) == (user.pk, "email")
    assert read_stop_token(token[:-1]) is None
    assert read_stop_token(signing.dumps([user.pk, "email"])) is None
    assert read_stop_token(stop_token(user.pk, "pigeon")) is None


def test_the_address_in_an_old_mail_still_works(user, time_machine):
    token = stop_token(user.pk, "email")
    time_machine.move_to(timezone.now() + timedelta(days=900))

    assert read_stop_token(token) == (user.pk, "email")
