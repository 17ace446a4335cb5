"""How long a sign-in lasts, where it can be ended, and that no cache keeps what was shown in it."""

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User
from accounts.signing_in.session_store import digest

from .conftest import OTHER_PHONE, PASSWORD, PHONE, said

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = 60, 3600, 86400
NOW = 1_795_500_000


def stays_in(client, time_machine, moments):
    """Whether a page still knows the person at each of the moments, in seconds after signing in."""
    answers = []
    for moment in moments:
        time_machine.move_to(NOW + moment, tick=False)
        answers.append(client.get("/me/security/").status_code == 200)
    return answers


@pytest.fixture
def staff_client(staff, time_machine):
    time_machine.move_to(NOW, tick=False)
    client = Client()
    client.post("/login/staff/", {"login": "officer", "password": PASSWORD})
    return client


@pytest.fixture
def owner_client(gateway, time_machine, db):
    time_machine.move_to(NOW, tick=False)
    client = Client()
    client.post("/login/", {"phone": PHONE})
    client.post("/login/code/", {"code": gateway.code()})
    return client


def test_staff_are_signed_out_after_half_an_hour_of_nothing(staff_client, time_machine):
    moments = [29 * MINUTE, 58 * MINUTE, 89 * MINUTE]

    assert stays_in(staff_client, time_machine, moments) == [True, True, False]


def test_staff_are_signed_out_after_twelve_hours_of_work(staff_client, time_machine):
    moments = range(20 * MINUTE, 12 * HOUR + 1, 20 * MINUTE)

    assert all(stays_in(staff_client, time_machine, moments))
    assert stays_in(staff_client, time_machine, [12 * HOUR + MINUTE]) == [False]


def test_owners_are_signed_out_after_twelve_hours_of_nothing(owner_client, time_machine):
    moments = [11 * HOUR, 22 * HOUR, 34 * HOUR + MINUTE]

    assert stays_in(owner_client, time_machine, moments) == [True, True, False]


def test_owners_are_signed_out_after_fourteen_days(owner_client, time_machine):
    moments = range(10 * HOUR, 14 * DAY + 1, 10 * HOUR)

    assert all(stays_in(owner_client, time_machine, moments))
    assert stays_in(owner_client, time_machine, [14 * DAY + MINUTE]) == [False]


def test_who_is_signed_out_for_the_time_is_told_so(staff_client, time_machine):
    key = digest(staff_client.session.session_key)
    time_machine.move_to(NOW + 31 * MINUTE, tick=False)

    page = staff_client.get("/me/security/", follow=True)

    assert page.request["PATH_INFO"] == "/login/"
    assert "您已经很久没有操作，为了安全已退出。请重新登录。" in said(page)
    assert not Session.objects.filter(pk=key).exists()
    assert UserSession.objects.count() == 0


def test_using_the_site_writes_to_the_session_once_a_minute(
    staff_client, time_machine, django_assert_num_queries
):
    staff_client.get("/privacy/")

    with django_assert_num_queries(2):  # the session and its user
        staff_client.get("/a11y/")


def test_the_key_of_the_session_changes_on_signing_in(client, gateway, db):
    client.post("/login/", {"phone": PHONE})
    before = client.session.session_key
    client.post("/login/code/", {"code": gateway.code()})

    assert client.session.session_key != before
    assert not Session.objects.filter(pk=digest(before)).exists()


def test_a_session_ends_when_its_account_is_switched_off(owner_client):
    User.objects.update(is_active=False)

    assert owner_client.get("/me/security/").status_code == 302


def test_all_other_sessions_end_when_the_password_changes(staff_client):
    other = Client()
    other.post("/login/staff/", {"login": "officer", "password": PASSWORD})
    new = {"old_password": PASSWORD, "new_password1": "another horse 8", "new_password2": "another horse 8"}

    staff_client.post("/admin/password_change/", new)

    assert staff_client.get("/me/security/").status_code == 200
    assert other.get("/me/security/").status_code == 302


def test_no_table_holds_a_key_that_signs_in(staff_client, owner_client):
    """Whoever has a copy of the database has no session: what stands there is not what the cookie holds."""
    keys = [client.cookies["sessionid"].value for client in (staff_client, owner_client)]
    owner_client.get("/me/security/")
    kept = [
        *Session.objects.values_list("pk", flat=True),
        *UserSession.objects.values_list("session_key", flat=True),
    ]
    answers = []
    for key in kept:
        thief = Client()
        thief.cookies["sessionid"] = key
        answers.append(thief.get("/me/security/").status_code)

    everything = "".join(
        str(list(model.objects.values())) for model in apps.get_models() if model._meta.managed
    )
    assert (set(kept), [key in everything for key in keys]) == ({digest(key) for key in keys}, [False, False])
    assert answers == [302] * 4


class TestWhereOneIsSignedIn:
    @pytest.fixture
    def phone_client(self, owner_client, gateway, time_machine):
        time_machine.move_to(NOW + HOUR, tick=False)
        client = Client(HTTP_USER_AGENT="Mozilla/5.0 (Linux; Android 10) Mobile MicroMessenger/8.0")
        client.post("/login/", {"phone": PHONE})
        client.post("/login/code/", {"code": gateway.code()})
        return client

    def test_every_place_is_listed(self, owner_client, phone_client):
        page = said(owner_client.get("/me/security/"))

        assert page.count("网络地址 127.0.0.1") == 2
        assert page.count("正在用的这一处") == 1
        assert "微信" in page
        assert "电脑" in page

    def test_one_place_can_be_ended(self, owner_client, phone_client):
        row = UserSession.objects.get(session_key=digest(phone_client.session.session_key))

        response = owner_client.post("/me/security/", {"session": str(row.pk)}, follow=True)

        assert "已退出 1 处登录。" in said(response)
        assert phone_client.get("/me/security/").status_code == 302

    def test_all_others_can_be_ended(self, owner_client, phone_client):
        phone_client.post("/me/security/", {"session": "others"})

        assert phone_client.get("/me/security/").status_code == 200
        assert owner_client.get("/me/security/").status_code == 302

    @pytest.mark.parametrize("chosen", ["", "-1", "9" * 30, "x", "１"])
    def test_nonsense_ends_nothing(self, owner_client, phone_client, chosen):
        response = owner_client.post("/me/security/", {"session": chosen}, follow=True)

        assert "没有要退出的登录，可能已经退出了。" in said(response)
        assert phone_client.get("/me/security/").status_code == 200

    def test_nobody_ends_a_session_of_somebody_else(self, owner_client, gateway):
        stranger = Client()
        stranger.post("/login/", {"phone": OTHER_PHONE})
        stranger.post("/login/code/", {"code": gateway.code()})
        row = UserSession.objects.get(session_key=digest(owner_client.session.session_key))

        stranger.post("/me/security/", {"session": str(row.pk)})

        assert owner_client.get("/me/security/").status_code == 200


CLEARED = '"cache", "storage"'


def test_signing_out_clears_what_the_browser_keeps(owner_client, staff_client):
    answers = [owner_client.post("/logout/"), staff_client.post("/admin/logout/"), Client().post("/logout/")]

    assert [answer.headers.get("Clear-Site-Data") for answer in answers] == [CLEARED, CLEARED, None]


def test_so_does_a_sign_in_that_ended_by_itself(staff_client, time_machine):
    time_machine.move_to(NOW + 31 * MINUTE, tick=False)

    assert staff_client.get("/me/security/").headers["Clear-Site-Data"] == CLEARED


class TestCaches:
    @pytest.mark.parametrize("address", ["/", "/me/security/", "/me/data/", "/me/data/file/"])
    def test_no_cache_keeps_what_was_shown_to_a_person(self, owner_client, catalogue_loaded, address):
        headers = owner_client.get(address).headers

        assert headers["Cache-Control"] == "no-store"
        assert "Cookie" in headers["Vary"]

    def test_nor_what_was_answered_to_a_program_by_its_token(self, client, catalogue_loaded):
        headers = client.get("/api/v1/departments/", headers={"Authorization": "Bearer nothing"}).headers

        assert headers["Cache-Control"] == "no-store"
        assert "Authorization" in headers["Vary"]

    def test_what_is_the_same_for_everyone_stays_as_it_was(self, client, catalogue_loaded):
        assert client.get("/api/v1/departments/").headers["Cache-Control"] == "no-cache"
        assert "Cache-Control" not in client.get("/help/").headers
