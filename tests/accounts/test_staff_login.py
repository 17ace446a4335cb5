"""Staff sign in with name, password and second factor, and reach the admin only with it."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import AccessEvent, User

from .conftest import PASSWORD, said

pytestmark = pytest.mark.django_db
NOW = 1_795_500_000.0  # 2026-11-24, in seconds since 1970


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


def password(client, **fields):
    return client.post("/login/staff/", {"login": "officer", "password": PASSWORD, **fields})


def signed_in_as(client):
    return client.session.get("_auth_user_id")


def goes_to(response):
    return response.status_code, response.headers.get("Location")


def test_without_a_factor_the_password_signs_in_and_the_admin_asks_for_one(client, staff, enforced):
    response = password(client)

    assert goes_to(response) == (302, "/admin/")
    assert goes_to(client.get("/admin/")) == (302, "/me/security/factor/on/?next=%2Fadmin%2F")
    assert goes_to(client.post("/admin/accounts/user/add/"))[1].startswith("/me/security/factor/on/")


def test_the_api_does_not_know_staff_without_the_factor_they_need(client, staff, enforced, rf):
    from accounts.signing_in.sessions import SessionLimits

    password(client)
    seen = {}
    for path in ("/api/v1/businesses/", "/help/"):
        request = rf.get(path)
        request.session = client.session
        SessionLimits(lambda request: seen.update({request.path: request.user.is_authenticated}))(request)

    assert seen == {"/api/v1/businesses/": False, "/help/": True}


@pytest.mark.parametrize(("debug", "enforce"), [(True, True), (False, False)])
def test_where_it_is_not_enforced_it_is_offered(client, staff, settings, debug, enforce):
    settings.DEBUG, settings.STAFF_SECOND_FACTOR = debug, enforce

    page = client.get("/login/staff/")
    password(client)
    admin = client.get("/admin/")

    assert "这里不强制第二重验证，登录后可以自己打开。" in said(page)
    assert admin.status_code == 200
    assert "第二重验证还没打开。可以在“登录与安全”里打开。" in said(admin)


def test_setting_up_the_factor_opens_the_admin_and_gives_recovery_codes(client, staff, enforced):
    password(client)
    page = client.get("/me/security/factor/on/")
    secret = "".join(re.search(r"<code>([A-Z2-7 ]+)</code>", page.content.decode())[1].split())
    wrong = client.post("/me/security/factor/on/", {"code": "000"})
    from .conftest import Officer

    response = client.post("/me/security/factor/on/", {"code": Officer(staff, secret).code(NOW)})
    codes = client.get(response.headers["Location"])

    assert "data:image/svg+xml;base64," in page.content.decode()
    assert "验证码不对，请看手机上现在的数字" in said(wrong)
    assert goes_to(response) == (302, "/me/security/factor/codes/")
    assert len(re.findall(r"<code>[0-9]{8}</code>", codes.content.decode())) == 10
    assert client.get("/admin/").status_code == 200


def test_the_secrets_are_encrypted(officer):
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))

    assert officer.secret not in kept
    assert kept.count("'tests.") == 2


def test_the_password_alone_does_not_sign_in_who_has_a_factor(client, officer, enforced):
    response = password(client)

    assert goes_to(response) == (302, "/login/staff/code/")
    assert signed_in_as(client) is None
    assert goes_to(client.get("/admin/"))[1].startswith("/admin/login/")


def test_password_and_factor_sign_in_and_lead_on(client, officer, enforced):
    password(client, next="/admin/policies/")
    wrong = client.post("/login/staff/code/", {"code": "000000"})
    response = client.post("/login/staff/code/", {"code": officer.code(NOW)})

    assert (wrong.status_code, said(wrong).count("验证码不对，请看手机上现在的数字")) == (400, 2)
    assert goes_to(response) == (302, "/admin/policies/")
    assert [event.action for event in AccessEvent.objects.all()] == ["signed_in"]


def test_the_code_shown_is_good_for_one_sign_in(officer, now):
    first, second = Client(), Client()
    for client in (first, second):
        password(client)
        response = client.post("/login/staff/code/", {"code": officer.code(NOW)})

    assert signed_in_as(first) == str(officer.user.pk)
    assert signed_in_as(second) is None
    assert response.status_code == 400


def test_a_recovery_code_is_good_once(client, officer):
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    password(client)
    response = client.post("/login/staff/code/", {"code": f"{code[:4]} {code[4:]}"})
    again = Client()
    password(again)

    assert goes_to(response) == (302, "/admin/")
    assert again.post("/login/staff/code/", {"code": code}).status_code == 400


def test_five_wrong_second_factors_lock_for_a_quarter_of_an_hour(client, officer, now):
    password(client)
    for _ in range(5):
        client.post("/login/staff/code/", {"code": "000000"})
    locked = client.post("/login/staff/code/", {"code": officer.code(NOW)})
    now.move_to(NOW + 900, tick=False)
    password(client)

    assert "试的次数太多，请过 " in said(locked)
    assert goes_to(client.post("/login/staff/code/", {"code": officer.code(NOW + 900)})) == (302, "/admin/")


def test_the_admin_signs_in_through_the_same_page(client, staff):
    asked = client.get("/admin/policies/benefit/")
    shown = client.get(asked.headers["Location"])

    assert goes_to(shown) == (302, "/login/staff/?next=%2Fadmin%2Fpolicies%2Fbenefit%2F")
    assert goes_to(client.post("/admin/login/", {"username": "officer", "password": PASSWORD}))[1].startswith(
        "/login/staff/"
    )
    assert signed_in_as(client) is None


def test_who_is_not_staff_is_told_that_the_admin_is_not_for_them(signed_in):
    assert signed_in.get("/admin/", follow=True).status_code == 403
    assert signed_in.get("/me/security/factor/on/").status_code == 403


def test_a_password_of_somebody_who_is_not_staff_does_not_sign_in(client, db):
    User.objects.create_user("somebody", password=PASSWORD)

    response = client.post("/login/staff/", {"login": "somebody", "password": PASSWORD})

    assert response.context["errors"][0]["message"] == "登录名或密码不对，请再核对一遍"


def test_password_change_and_sign_out_of_the_admin_work(client, staff):
    password(client)
    changed = client.post(
        "/admin/password_change/",
        {"old_password": PASSWORD, "new_password1": "another horse 8", "new_password2": "another horse 8"},
    )
    still_in = client.get("/admin/").status_code
    out = client.post("/admin/logout/")

    assert goes_to(changed) == (302, "/admin/password_change/done/")
    assert (still_in, out.status_code) == (200, 200)
    assert signed_in_as(client) is None


def test_what_is_important_asks_again_after_ten_minutes(client, officer, now):
    password(client)
    client.post("/login/staff/code/", {"code": officer.code(NOW)})
    fresh = client.get("/me/security/factor/codes/").status_code
    now.move_to(NOW + 601, tick=False)

    asked = client.get("/me/security/factor/codes/")
    page = client.get(asked.headers["Location"])
    proved = client.post(
        "/me/security/prove/password/?next=/me/security/factor/codes/", {"password": PASSWORD}
    )

    assert fresh == 200
    assert goes_to(asked)[1].startswith("/me/security/prove/password/?next=")
    assert "先确认是您本人" in said(page)
    assert goes_to(proved) == (302, "/me/security/factor/codes/")
    assert client.get("/me/security/factor/codes/").status_code == 200


def test_a_second_factor_also_proves_who_one_is(client, officer, now):
    password(client)
    client.post("/login/staff/code/", {"code": officer.code(NOW)})
    now.move_to(NOW + 601, tick=False)

    page = client.get("/me/security/prove/factor/?next=/me/data/file/")
    proved = client.post("/me/security/prove/factor/?next=/me/data/file/", {"code": officer.code(NOW + 601)})

    assert page.status_code == 200
    assert goes_to(proved) == (302, "/me/data/file/")
    assert client.get("/me/data/file/").status_code == 200


def test_the_factor_can_be_moved_to_another_phone(client, officer, enforced):
    password(client)
    client.post("/login/staff/code/", {"code": officer.code(NOW)})

    off = client.post("/me/security/factor/off/", follow=True)

    assert "第二重验证已关闭。" in said(off)
    assert Authenticator.objects.count() == 0
    assert goes_to(client.get("/admin/"))[1].startswith("/me/security/factor/on/")


def test_new_recovery_codes_replace_the_old(client, officer):
    password(client)
    client.post("/login/staff/code/", {"code": officer.code(NOW)})
    before = client.get("/me/security/factor/codes/file/").content.split()

    page = client.get("/me/security/factor/codes/new/")
    client.post("/me/security/factor/codes/new/")

    after = client.get("/me/security/factor/codes/file/").content.split()
    assert "旧的 10 个马上作废" in said(page)
    assert (len(before), len(after), set(before) & set(after)) == (10, 10, set())
