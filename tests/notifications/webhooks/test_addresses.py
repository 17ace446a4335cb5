"""How an event is signed and where it may go: to nobody inside, however that is spelled."""

import base64
from datetime import timedelta
from email.utils import format_datetime
from ipaddress import ip_network

import pytest
from django.utils import timezone

from core.errors import Invalid
from notifications.webhooks import posting, signing
from notifications.webhooks.addresses import NotAllowed, is_outside, parse, read_url, resolve
from tests.notifications.receiver import DRIP, Receiver, name_leads_to

# Signatures


def test_the_signature_is_that_of_the_standard():
    # The example of the Standard Webhooks specification's libraries.
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'

    found = signing.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)

    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_secrets_sign_side_by_side():
    first, second = signing.new_secret(), signing.new_secret()

    found = signing.headers([first, second], "id", 5, b"{}")["webhook-signature"]

    assert found == " ".join(signing.signature(secret, "id", 5, b"{}") for secret in (first, second))
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32


# Addresses

INSIDE = str.split(
    """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.255.0.9
    169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.254 192.0.0.8 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1
    198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 168.63.129.16 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b::a00:1
    64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1::1 2002:a9fe:a9fe::1 2001::1
    2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:db8::1 2001:10::1 3fff::1 100::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0
    fec0::1 ff02::1 5f00::1 4000::1 not-an-address 1.2.3 1.2.3.4.5
    """
)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_no_address_for_events(address):
    assert is_outside(address) is False


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "100.63.255.255",
        "172.32.0.1",
        "223.5.5.5",
        "2400:3200::1",
        "::ffff:223.5.5.5",
        "64:ff9b::df05:505",
    ],
)
def test_an_address_outside_is(address):
    assert is_outside(address) is True


def test_a_network_of_the_government_can_be_allowed(settings):
    settings.WEBHOOK_ALLOW_NETS = [ip_network("10.20.0.0/16"), ip_network("fd00:1::/32")]

    found = {
        text: is_outside(text)
        for text in ("10.20.3.4", "10.21.0.1", "fd00:1::5", "fd00:2::5", "::ffff:10.20.0.9")
    }

    assert list(found.values()) == [True, False, True, False, True]


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("http://example.cn/", "https://"),
        ("ftp://example.cn/", "https://"),
        ("//example.cn/", "https://"),
        ("https://", "https://"),
        ("https:///path", "https://"),
        ("https://user@example.cn/", "账号和密码"),
        ("https://user:secret@example.cn/", "账号和密码"),
        ("https://:@example.cn/", "账号和密码"),
        ("https://example.cn:80/", "端口"),
        ("https://example.cn:22/", "端口"),
        ("https://example.cn:99999/", "看不懂"),
        ("https://example.cn:x/", "看不懂"),
        ("https://[::1/", "看不懂"),
        ("https://exa mple.cn/", "不能有空格"),
        ("https://example.cn/\r\nX: y", "不能有空格"),
        ("https://example.cn\\@evil.cn/", "不能有空格"),
        ("https://例子.cn/", "只能用英文字母"),
        ("https://１２７.0.0.1/", "只能用英文字母"),
        (f"https://example.cn/{'a' * 500}", "最长 500"),
    ],
)
def test_an_address_that_is_no_https_address_is_refused(url, detail):
    with pytest.raises(Invalid) as problem:
        read_url(url)

    assert detail in problem.value.faults[0].detail


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "localhost", "[::1]", "0"]
)
def test_however_this_machine_is_spelled_nothing_connects_to_it(host):
    with pytest.raises(NotAllowed, match="内部网络"):
        resolve(f"https://{host}/")


def test_one_address_inside_among_several_is_enough_to_refuse(monkeypatch):
    name_leads_to(monkeypatch, "223.5.5.5", "10.0.0.1")

    with pytest.raises(NotAllowed, match="内部网络"):
        resolve("https://events.example.cn/")


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch):
    name_leads_to(monkeypatch, "223.5.5.5")

    target = resolve("https://events.example.cn:8443/a?b=c")

    assert target == ("events.example.cn", 8443, "/a?b=c", "223.5.5.5")
    assert parse("https://events.example.cn") == ("events.example.cn", 443, "/")


# Posting


def test_an_answer_that_drips_is_cut_off(receiver, monkeypatch):
    monkeypatch.setattr(posting, "SECONDS", 1)
    receiver.answers = [DRIP]

    answer = posting.post(Receiver.url, b"{}", {})

    assert answer == (None, "连不上，或没有答完", None)  # had it been waited for, there would be a 200


def test_a_day_to_come_back_is_understood(time_machine):
    time_machine.move_to("2026-11-25T10:00:00+08:00", tick=False)
    later = format_datetime(timezone.now() + timedelta(seconds=100), usegmt=False)

    assert posting._retry_after(later) == 100
    assert posting._retry_after(None) is None
