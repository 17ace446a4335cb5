"""Passwords that are easy to guess are refused, with what to do instead."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.signing_in.passwords import MESSAGE


def refused(password, **person):
    try:
        validate_password(password, User(**person))
    except ValidationError as problem:
        return problem.messages
    return []


@pytest.mark.parametrize(
    "password",
    [
        "Password123!",
        "123456789012",
        "aaaaaaaaaaaa",
        "P@ssw0rd2026",
        "qwertyuiop12",
        "Liupanshui2026",
        "zhangwei2026",
    ],
)
def test_what_is_easy_to_guess_is_refused(password):
    assert MESSAGE in refused(password, username="zhangwei", email="zhangwei@example.cn")


@pytest.mark.parametrize(
    "password", ["four-quiet-horses-walk", "山羊书桌小雨南京路", "x" * 40 + "a horse 8 table", "kT9#vQ2m!xLz"]
)
def test_what_is_hard_to_guess_is_taken(password):
    assert refused(password, username="zhangwei") == []


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["Password123!", "123456789012", "aaaaaaaaaaaa"])
def test_changing_ones_own_password_holds_to_it(client, staff, password):
    from .conftest import PASSWORD

    client.force_login(staff)
    page = client.post(
        "/admin/password_change/",
        {"old_password": PASSWORD, "new_password1": password, "new_password2": password},
    )

    staff.refresh_from_db()
    assert (MESSAGE in page.content.decode(), staff.check_password(PASSWORD)) == (True, True)
