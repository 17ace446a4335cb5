"""The first account of a portal: a link that lives an hour and is good once, while no administrator stands."""

import re
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.management import CommandError, call_command

from accounts.models import AccessEvent, User

pytestmark = pytest.mark.django_db
PASSWORD = "山里的第三棵银杏树"


def link(name="first"):
    out = StringIO()
    call_command("first_admin", name, stdout=out)
    address = out.getvalue().strip()
    assert address.startswith("https://zc.example.cn/login/first/")
    return address.removeprefix("https://zc.example.cn")


def code_of(page):
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page.content.decode())[1].replace(" ", "")
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def finish(client, address, **changes):
    code = code_of(client.get(address))
    return client.post(address, {"password": PASSWORD, "password_again": PASSWORD, "code": code, **changes})


def test_password_and_second_factor_are_set_together_and_then_the_link_is_dead(client):
    address = link()

    done = finish(client, address)

    user = User.objects.get(username="first")
    assert (done.status_code, done.headers["Location"]) == (302, "/login/staff/")
    assert (user.is_superuser, user.is_staff, user.check_password(PASSWORD)) == (True, True, True)
    assert set(Authenticator.objects.filter(user=user).values_list("type", flat=True)) == {
        "totp",
        "recovery_codes",
    }
    assert client.get(address).status_code == 404
    assert list(AccessEvent.objects.order_by("pk").values_list("action", flat=True)) == [
        "first_admin_begun",
        "first_admin_set",
    ]
    with pytest.raises(CommandError, match="已经有管理员了"):
        link("second")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"password": "123456789", "password_again": "123456789"}, "密码"),
        ({"password_again": "另外一个密码另外一个"}, "两次填的密码不一样"),
        ({"code": "000000"}, "验证码"),
    ],
)
def test_what_is_wrong_sets_nothing(client, changes, problem):
    address = link()

    answer = finish(client, address, **changes)

    assert answer.status_code in (200, 400)
    assert problem in answer.content.decode()
    assert not User.objects.get(username="first").has_usable_password()
    assert not Authenticator.objects.exists()


def test_a_link_is_dead_after_an_hour_and_another_can_be_asked_for(client):
    with time_machine.travel("2026-11-24T12:00:00+08:00") as clock:
        address = link()
        clock.shift(3601)

        assert client.get(address).status_code == 404
        assert client.get(link()).status_code == 200


def test_the_name_of_somebody_else_is_refused():
    User.objects.create(username="clerk", is_staff=True)

    with pytest.raises(CommandError, match="请换一个"):
        link("clerk")
