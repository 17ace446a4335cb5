from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User


def demo(settings, debug=True):
    settings.DEBUG = debug
    written = StringIO()
    call_command("demo", stdout=written)
    return written.getvalue()


def test_demo_accounts_are_refused_where_debug_is_off(settings, catalogue_loaded):
    with pytest.raises(CommandError, match="只能在 DEBUG 打开时建立"):
        demo(settings, debug=False)

    assert (User.objects.count(), Group.objects.count()) == (0, 0)


def test_demo_says_which_accounts_there_are(settings, catalogue_loaded):
    written = demo(settings)

    assert "demo-2026" in written
    for username in ("admin", "hr_policy", "hr_policy_2", "auditor"):
        assert username in written


def test_a_second_demo_changes_nothing(settings, catalogue_loaded):
    demo(settings)
    changed = User.objects.get(username="auditor")
    changed.set_password("my-own-password")
    changed.save()
    before = (
        list(User.objects.order_by("pk").values()),
        list(Group.objects.values_list("name", "permissions")),
    )

    demo(settings)

    assert before == (
        list(User.objects.order_by("pk").values()),
        list(Group.objects.values_list("name", "permissions")),
    )


@pytest.mark.parametrize(
    ("username", "department", "superuser"),
    [
        ("admin", None, True),
        ("hr_policy", "hrss", False),
        ("hr_policy_2", "hrss", False),
        ("auditor", None, False),
    ],
)
def test_every_demo_account_can_sign_in_to_the_admin(demo_accounts, username, department, superuser):
    client = Client()

    response = client.post("/admin/login/?next=/admin/", {"username": username, "password": "demo-2026"})

    assert (response.status_code, response.headers["Location"]) == (302, "/admin/")
    user = User.objects.get(username=username)
    assert (user.is_staff, user.is_superuser, user.department and user.department.code) == (
        True,
        superuser,
        department,
    )
