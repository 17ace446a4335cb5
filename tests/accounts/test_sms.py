import logging

import pytest
from django.core.management import CommandError, call_command

from core import sms
from core.models import DevelopmentMessage

from .conftest import PHONE, said

MESSAGE = sms.Message("1", PHONE, "验证码123456，5分钟内有效。")
pytestmark = pytest.mark.django_db


def test_in_development_the_message_is_shown_with_the_number_masked(settings, capsys, client):
    settings.DEBUG = True

    sms.send(MESSAGE)
    sms.send(MESSAGE._replace(voice=True))

    assert capsys.readouterr().out.splitlines() == [
        "短信 138****0001：验证码123456，5分钟内有效。",
        "语音 138****0001：验证码123456，5分钟内有效。",
    ]
    assert PHONE not in str(list(DevelopmentMessage.objects.values()))
    page = said(client.get("/dev/outbox/"))
    assert page.count("验证码123456") == 2
    assert "短信，发给 138****0001" in page
    assert "语音，发给 138****0001" in page


def test_the_outbox_is_empty_at_first(settings, client):
    settings.DEBUG = True

    assert "还没有。请先在登录页获取验证码。" in said(client.get("/dev/outbox/"))


def test_outside_development_the_console_sends_nothing_and_there_is_no_outbox(client, capsys):
    with pytest.raises(sms.NotSent):
        sms.send(MESSAGE)

    assert capsys.readouterr().out == ""
    assert not DevelopmentMessage.objects.exists()
    assert client.get("/dev/outbox/").status_code == 404


@pytest.mark.parametrize("status", [302, 400, 500])
def test_what_the_gateway_does_not_take_is_not_sent(gateway, status):
    gateway.status = status

    with pytest.raises(sms.NotSent, match=f"answered {status}"):
        sms.send(MESSAGE)

    assert len(gateway.received) == 1


def test_a_gateway_that_is_not_there_is_said_without_number_or_text(gateway):
    gateway.server.shutdown()
    gateway.server.server_close()

    with pytest.raises(sms.NotSent) as problem:
        sms.send(MESSAGE)

    assert PHONE not in str(problem.value)
    assert "123456" not in str(problem.value)


def test_plain_http_is_refused_outside_development(gateway, settings):
    settings.DEBUG = False

    with pytest.raises(sms.NotSent, match="https"):
        sms.send(MESSAGE)

    assert gateway.received == []


def test_no_logger_hears_of_phone_or_code(client, gateway, caplog):
    caplog.set_level(logging.DEBUG)
    client.post("/login/", {"phone": PHONE})
    client.post("/login/code/", {"code": gateway.code()})
    gateway.status = 500
    client.post("/logout/")
    client.post("/login/", {"phone": "13800000009"})

    heard = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("django.db")
    )
    assert "A sign-in code was not sent. The SMS gateway answered 500." in heard
    assert PHONE not in heard
    assert "13800000009" not in heard
    assert gateway.code() not in heard


@pytest.mark.parametrize(
    ("provider", "url", "sentence"),
    [
        ("console", "", "SMS_PROVIDER 是 console"),
        ("http", "", "SMS_URL 不是 https 网址"),
        ("http", "http://sms.example.cn/", "SMS_URL 不是 https 网址"),
    ],
)
def test_the_deployment_check_says_when_no_code_could_be_sent(settings, provider, url, sentence):
    settings.SMS_PROVIDER, settings.SMS_URL = provider, url

    (error,) = sms.check_provider(None)
    assert sentence in error.msg
    with pytest.raises((CommandError, SystemExit), match=sentence):
        call_command("check", deploy=True)


def test_the_deployment_check_is_content_with_a_gateway(settings):
    settings.SMS_PROVIDER, settings.SMS_URL = "http", "https://sms.example.cn/send"

    assert list(sms.check_provider(None)) == []
