"""Owners sign in with phone and code, in the browser that asked."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client

from accounts.actions import NOTICE
from accounts.models import AccessEvent, Consent, LoginCode, User
from accounts.signing_in.session_store import digest
from core.limits import Limit, try_once
from core.models import Attempts
from tests.pages.owners import answers_cookie, typical_owners

from .conftest import OTHER_PHONE, PASSWORD, PHONE, said

pytestmark = pytest.mark.django_db


def signed_in_as(client):
    return client.session.get("_auth_user_id")


def test_a_phone_and_its_code_sign_in(client, gateway):
    asked = client.post("/login/", {"phone": "138 0000-0001"})
    page = client.get("/login/code/")
    response = client.post("/login/code/", {"code": gateway.code()})

    user = User.objects.get()
    assert (asked.status_code, asked.headers["Location"]) == (302, "/login/code/")
    assert "已发到 138****0001，5 分钟内有效。" in said(page)
    assert (response.status_code, response.headers["Location"]) == (302, "/me/")
    assert signed_in_as(client) == str(user.pk)
    assert user.phone.reveal() == PHONE
    assert user.phone_verified_at is not None


def test_the_message_says_what_it_has_to(client, gateway):
    client.post("/login/", {"phone": PHONE})

    ((token, body),) = gateway.received
    assert token == "Bearer token-of-the-gateway"
    assert body == {
        "id": str(LoginCode.objects.get().pk),
        "to": PHONE,
        "text": f"验证码{gateway.code()}，5分钟内有效。工作人员不会向您要验证码。",
        "voice": False,
    }


def test_known_and_unknown_phones_are_answered_alike(gateway, owner):
    pages = []
    for phone in (PHONE, OTHER_PHONE):
        client = Client()
        asked = client.post("/login/", {"phone": phone})
        page = client.get("/login/code/")
        wrong = client.post("/login/code/", {"code": "0000000"})
        pages.append([asked.status_code, asked.headers["Location"], said(page), said(wrong)])

    assert pages[0] == [text.replace("0002", "0001") if isinstance(text, str) else text for text in pages[1]]
    assert [body["to"] for _, body in gateway.received] == [PHONE, OTHER_PHONE]


def test_nothing_readable_is_kept_of_phone_or_code(client, gateway):
    client.post("/login/", {"phone": PHONE})

    kept = str(list(LoginCode.objects.values())) + str([row.get_decoded() for row in Session.objects.all()])
    assert gateway.code() not in kept
    assert PHONE not in kept


def test_a_code_works_once(client, gateway):
    client.post("/login/", {"phone": PHONE})
    asked = client.session["asked_code"]
    client.post("/login/code/", {"code": gateway.code()})

    again = Client()
    session = again.session
    session["asked_code"] = asked
    session.save()
    again.cookies["sessionid"] = session.session_key
    response = again.post("/login/code/", {"code": gateway.code()})

    assert "验证码过期了，请重新获取" in said(response)
    assert signed_in_as(again) is None


def test_a_code_works_only_in_the_browser_that_asked(client, gateway):
    client.post("/login/", {"phone": PHONE})
    stranger = Client()
    stranger.get("/login/")

    response = stranger.post("/login/code/", {"code": gateway.code()})

    assert (response.status_code, response.headers["Location"]) == (302, "/login/")
    assert signed_in_as(stranger) is None


def test_a_code_is_good_for_five_minutes(client, gateway, time_machine):
    time_machine.move_to("2026-11-24T10:00:00+08:00", tick=False)
    client.post("/login/", {"phone": PHONE})

    time_machine.move_to("2026-11-24T10:05:01+08:00", tick=False)
    late = client.post("/login/code/", {"code": gateway.code()})
    time_machine.move_to("2026-11-24T10:05:00+08:00", tick=False)
    in_time = client.post("/login/code/", {"code": gateway.code()})

    assert (late.status_code, in_time.status_code) == (400, 302)
    assert "验证码过期了，请重新获取" in said(late)


def test_a_wrong_code_says_how_many_tries_are_left_and_the_sixth_is_not_looked_at(client, gateway):
    client.post("/login/", {"phone": PHONE})
    wrong = f"{(int(gateway.code()) + 1) % 10**6:06}"

    answers = [said(client.post("/login/code/", {"code": wrong})) for _ in range(5)]
    right = client.post("/login/code/", {"code": gateway.code()})

    for left, answer in zip((4, 3, 2, 1), answers, strict=False):
        assert f"验证码不对，还可以试 {left} 次" in answer
    assert "验证码不对，请重新获取" in answers[4]
    assert "已经试了 5 次，请重新获取验证码" in said(right)
    assert signed_in_as(client) is None


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "请填写验证码"),
        ("12345", "验证码是 6 位数字，请看短信"),
        ("12345a", "验证码是 6 位数字，请看短信"),
        ("①②③④⑤⑥⑦", "验证码是 6 位数字，请看短信"),
    ],
)
def test_what_cannot_be_a_code_is_not_counted_as_a_try(client, gateway, typed, sentence):
    client.post("/login/", {"phone": PHONE})

    response = client.post("/login/code/", {"code": typed})

    assert response.status_code == 400
    assert sentence in said(response)
    assert LoginCode.objects.get().tries == 0


def test_a_code_typed_with_spaces_or_full_width_digits_is_taken(client, gateway):
    client.post("/login/", {"phone": PHONE})
    digits = gateway.code().translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})

    assert client.post("/login/code/", {"code": f" {digits[:3]} {digits[3:]} "}).status_code == 302


def test_a_new_code_can_be_had_after_a_minute_and_the_old_one_ends(client, gateway, time_machine):
    time_machine.move_to("2026-11-24T10:00:10+08:00", tick=False)
    client.post("/login/", {"phone": PHONE})
    first = gateway.code()

    early = client.post("/login/code/", {"again": "1"}, follow=True)
    time_machine.move_to("2026-11-24T10:01:10+08:00", tick=False)
    later = client.post("/login/code/", {"again": "1"}, follow=True)
    while gateway.code() == first:  # one time in a million
        time_machine.shift(60)
        client.post("/login/code/", {"again": "1"})

    assert "50 秒后可以再发一次。" in said(early)
    assert "新的验证码已经发出。" in said(later)
    assert client.post("/login/code/", {"code": first}).status_code == 400
    assert client.post("/login/code/", {"code": gateway.code()}).status_code == 302


def test_the_code_can_be_read_out_by_phone(client, gateway, time_machine):
    time_machine.move_to("2026-11-24T10:00:00+08:00", tick=False)
    client.post("/login/", {"phone": PHONE})
    time_machine.move_to("2026-11-24T10:01:00+08:00", tick=False)

    response = client.post("/login/code/", {"voice": "1"}, follow=True)

    assert "马上有电话播报验证码，请接听。" in said(response)
    assert [body["voice"] for _, body in gateway.received] == [False, True]
    assert client.post("/login/code/", {"code": gateway.code()}).status_code == 302


def test_a_gateway_that_fails_is_said_and_may_be_tried_again_at_once(client, gateway):
    gateway.status = 500
    failed = client.post("/login/", {"phone": PHONE})
    gateway.status = 200
    worked = client.post("/login/", {"phone": PHONE})

    assert failed.status_code == 400
    assert "短信暂时发不出去，请过几分钟再试，或拨 12345" in said(failed)
    assert worked.headers["Location"] == "/login/code/"


def test_the_answers_given_before_survive_signing_in(client, as_owner, catalogue_loaded):
    client.cookies["answers"] = answers_cookie(next(iter(typical_owners().values())))
    before = client.cookies["answers"].value

    as_owner(client)

    assert client.cookies["answers"].value == before


@pytest.mark.parametrize("target", ["/policies/M05/", "/check/results/?a=1&b=2", "http://testserver/help/"])
def test_signing_in_leads_back_to_where_one_was(client, as_owner, target):
    assert as_owner(client, next=target).headers["Location"] == target


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
        "\thttps://evil.example",
        "https:evil.example",
    ],
)
def test_signing_in_never_leads_to_another_site(client, as_owner, target):
    assert as_owner(client, next=target).headers["Location"] == "/me/"


def test_a_person_signed_in_is_not_asked_again(signed_in):
    assert signed_in.get("/login/").headers["Location"] == "/me/"
    assert signed_in.get("/login/?next=/help/").headers["Location"] == "/help/"
    assert signed_in.get("/login/?next=//evil.example/").headers["Location"] == "/me/"


def test_going_on_is_agreeing_and_is_written_down_once(client, as_owner, new_client, time_machine):
    as_owner(client)
    time_machine.move_to("2026-11-24T11:00:00+08:00")
    as_owner(new_client())

    (consent,) = Consent.objects.all()
    assert (consent.kind, consent.notice, consent.withdrawn_at) == ("service", NOTICE, None)
    assert [event.action for event in AccessEvent.objects.all()] == ["signed_in", "signed_in"]


def test_an_account_that_was_switched_off_is_told_after_the_right_code_only(client, gateway, owner):
    User.objects.update(is_active=False)
    client.post("/login/", {"phone": PHONE})
    page = client.get("/login/code/")

    response = client.post("/login/code/", {"code": gateway.code()}, follow=True)

    assert page.status_code == 200
    assert response.status_code == 403
    assert "这个账户已停用" in said(response)
    assert signed_in_as(client) is None


def test_staff_do_not_get_in_by_a_code_alone(client, gateway, owner):
    User.objects.update(is_staff=True)
    client.post("/login/", {"phone": PHONE})

    response = client.post("/login/code/", {"code": gateway.code()}, follow=True)

    assert response.request["PATH_INFO"] == "/login/staff/"
    assert "您是工作人员，请用登录名和密码登录。" in said(response)
    assert signed_in_as(client) is None


def test_an_owner_has_no_password_to_guess(client, owner):
    response = client.post("/login/staff/", {"login": owner.username, "password": "!"})

    assert response.status_code == 400
    assert not owner.check_password(PASSWORD)


def test_signing_out_ends_the_session(signed_in):
    key = digest(signed_in.session.session_key)

    response = signed_in.post("/logout/", follow=True)

    assert "您已退出登录。" in said(response)
    assert not Session.objects.filter(pk=key).exists()
    assert signed_in.get("/logout/").status_code == 405


def test_the_header_says_who_is_signed_in(signed_in):
    page = said(signed_in.get("/"))

    assert "138****0001" in page
    assert "退出" in page


def test_the_header_offers_to_sign_in_and_to_come_back(client, catalogue_loaded):
    assert 'href="/login/?next=%2Fhelp%2F"' in client.get("/help/").content.decode()
    assert 'href="/login/"' in client.get("/").content.decode()


class TestPurging:
    def test_accounts_that_never_proved_their_phone_go_after_a_day(
        self, client, gateway, time_machine, capsys
    ):
        time_machine.move_to("2026-11-24T10:00:00+08:00")
        client.post("/login/", {"phone": PHONE})
        proved = User.objects.begin_with_phone(OTHER_PHONE)
        User.objects.filter(pk=proved.pk).update(phone_verified_at=proved.date_joined)
        User.objects.create_user("officer", password=PASSWORD, is_staff=True)

        time_machine.move_to("2026-11-25T09:59:00+08:00")
        call_command("purge_accounts")
        early = User.objects.count()
        time_machine.move_to("2026-11-25T10:01:00+08:00")
        call_command("purge_accounts")

        assert early == 3
        assert set(User.objects.values_list("username", flat=True)) == {proved.username, "officer"}
        assert LoginCode.objects.count() == 0
        assert capsys.readouterr().out.splitlines()[-1].startswith("已清除：账户 1 个，验证码 1 个")

    def test_an_account_that_something_points_at_stays(self, owner, time_machine):
        Consent.objects.create(user=owner, kind="service", notice="2026-11")
        time_machine.move_to(owner.date_joined + timedelta(days=3))

        call_command("purge_accounts")

        assert User.objects.get() == owner

    def test_tries_counted_long_ago_are_forgotten_and_recent_ones_are_not(self, db, time_machine):
        limit = Limit("anything", 5, 86400)
        time_machine.move_to("2026-10-01T10:00:00+08:00")
        try_once(limit, "long ago")
        time_machine.move_to("2026-11-24T10:00:00+08:00")
        try_once(limit, "now")

        call_command("purge_accounts")

        assert Attempts.objects.count() == 1
        assert try_once(limit, "now").left == 3
