"""What the administrator does about second factors."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import AccessEvent, User
from accounts.signing_in import second_factors
from core.errors import Refused

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db
NEW = b"n" * 32


@pytest.fixture
def administrator(db):
    return User.objects.create_superuser("administrator", password=PASSWORD)


def test_the_administrator_takes_away_a_lost_factor_and_ends_every_sign_in(
    officer, administrator, time_machine
):
    time_machine.move_to(1_795_500_000, tick=False)
    in_use = Client()
    in_use.post("/login/staff/", {"login": "officer", "password": PASSWORD})
    in_use.post("/login/staff/code/", {"code": officer.code(1_795_500_000)})
    client = Client()
    client.force_login(administrator)

    response = client.post(
        "/admin/accounts/user/",
        {"action": "reset_second_factors", "_selected_action": [officer.user.pk, administrator.pk]},
        follow=True,
    )

    said = [str(message) for message in response.context["messages"]]
    assert sorted(said) == [
        "administrator：自己的第二重验证请别的管理员清除，或在“登录与安全”里关闭。",
        "officer：已清除第二重验证。",
    ]
    assert (Authenticator.objects.count(), UserSession.objects.count()) == (0, 0)
    assert in_use.get("/me/security/").status_code == 302
    assert AccessEvent.objects.first().action == "second_factor_reset"


def test_nobody_else_may(officer):
    with pytest.raises(PermissionDenied):
        second_factors.reset(officer.user, by=User.objects.create_user("clerk", is_staff=True))

    assert Authenticator.objects.count() == 2


def test_where_there_is_none_that_is_said(staff, administrator):
    with pytest.raises(Refused, match="没有打开第二重验证"):
        second_factors.reset(staff, by=administrator)


@pytest.mark.django_db(databases="__all__")
def test_secrets_come_under_the_current_key_and_the_old_key_can_go(engine, settings, capsys):
    from allauth.mfa.totp.internal.auth import TOTP

    user = User.objects.create_user("officer", password=PASSWORD, is_staff=True)
    TOTP.activate(user, "ABCDEFGHIJKLMNOP")
    settings.ENCRYPTION_KEYS = {"new": NEW} | settings.ENCRYPTION_KEYS

    call_command("rotate_keys")
    call_command("rotate_keys")
    settings.ENCRYPTION_KEYS = {"new": NEW}

    kept = Authenticator.objects.get().data["secret"]
    assert second_factors.SecondFactorAdapter().decrypt(kept) == "ABCDEFGHIJKLMNOP"
    assert [line for line in capsys.readouterr().out.splitlines() if "第二重验证" in line] == [
        "第二重验证：换了 1 个，现在都用密钥 new",
        "第二重验证：换了 0 个，现在都用密钥 new",
    ]


def test_without_the_old_key_it_says_what_to_do(officer, settings):
    settings.ENCRYPTION_KEYS = {"new": NEW}

    with pytest.raises(CommandError, match="请把旧密钥补进 ENCRYPTION_KEYS 后再运行"):
        call_command("rotate_keys")
