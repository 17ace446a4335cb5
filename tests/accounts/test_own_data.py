"""Agreeing, taking it back, taking one's data along, leaving (个人信息保护法 §§15, 45, 47)."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts import actions
from accounts.models import AccessEvent, Consent, LoginCode, User
from accounts.signals import consent_withdrawn
from core import own_data
from core.errors import Refused

from .conftest import OTHER_PHONE, PASSWORD, PHONE, said

pytestmark = pytest.mark.django_db


class TestAgreeing:
    @pytest.mark.django_db(databases="__all__")
    def test_agreeing_twice_is_agreeing_once(self, engine):
        owner = User.objects.begin_with_phone(PHONE)

        first, second = actions.agree(owner, "push"), actions.agree(owner, "push")

        assert first == second
        assert (actions.has_agreed(owner, "push"), actions.has_agreed(owner, "sensitive")) == (True, False)

    def test_a_new_wording_has_to_be_agreed_to_anew(self, owner, monkeypatch):
        actions.agree(owner, "push")
        older = actions.NOTICE
        monkeypatch.setattr(actions, "NOTICE", "2027-01")
        before = actions.has_agreed(owner, "push")
        actions.agree(owner, "push")

        rows = [(row.notice, row.withdrawn_at is None) for row in Consent.objects.order_by("id")]
        assert (before, actions.has_agreed(owner, "push")) == (False, True)
        assert rows == [(older, False), ("2027-01", True)]

    def test_taking_back_is_written_down_and_rooms_are_told(self, owner):
        told = []

        def hear(sender, user, kind, **kwargs):
            told.append((user, kind))

        consent_withdrawn.connect(hear)
        actions.agree(owner, "sensitive")
        actions.withdraw(owner, "sensitive")
        consent_withdrawn.disconnect(hear)

        assert told == [(owner, "sensitive")]
        assert not actions.has_agreed(owner, "sensitive")
        assert Consent.objects.get().withdrawn_at is not None

    def test_what_was_never_agreed_to_cannot_be_taken_back(self, owner):
        with pytest.raises(Refused, match="您没有同意过这一项"):
            actions.withdraw(owner, "push")

    def test_there_are_no_other_kinds(self, owner):
        with pytest.raises(ValueError, match="marketing"):
            actions.agree(owner, "marketing")

    def test_a_person_sees_their_own_agreements_only(self, owner):
        other = User.objects.begin_with_phone(OTHER_PHONE)
        mine = actions.agree(owner, "push")
        actions.agree(other, "push")

        assert list(Consent.objects.visible_to(owner)) == [mine]


class TestPage:
    def test_it_shows_what_was_agreed_to_and_when(self, signed_in):
        page = said(signed_in.get("/me/data/"))

        assert page.count("2026 年 11 月 24 日同意") == 1
        assert page.count("没有同意") == 2

    def test_agreeing_and_taking_back(self, signed_in):
        user = User.objects.get()

        signed_in.post("/me/data/", {"kind": "push", "agree": "1"})
        agreed = actions.has_agreed(user, "push")
        page = said(signed_in.post("/me/data/", {"kind": "push", "withdraw": "1"}, follow=True))

        assert (agreed, actions.has_agreed(user, "push")) == (True, False)
        assert "已撤回同意。" in page

    def test_without_the_first_agreement_nobody_stays_signed_in(self, signed_in):
        response = signed_in.post("/me/data/", {"kind": "service", "withdraw": "1"}, follow=True)

        assert response.request["PATH_INFO"] == "/"
        assert "已撤回同意，并退出登录。再登录就是再次同意。" in said(response)
        assert signed_in.get("/me/data/").status_code == 302

    def test_taking_back_twice_is_said(self, signed_in):
        assert "您没有同意过这一项，或者已经撤回。" in said(
            signed_in.post("/me/data/", {"kind": "push", "withdraw": "1"}, follow=True)
        )

    def test_nonsense_is_not_found(self, signed_in):
        assert signed_in.post("/me/data/", {"kind": "marketing"}).status_code == 404


class TestTakingAlong:
    def test_the_file_holds_what_is_held(self, signed_in):
        response = signed_in.get("/me/data/file/")

        held = json.loads(response.content)
        assert response.headers["Content-Disposition"] == 'attachment; filename="my-data-2026-11-24.json"'
        assert held.keys() == {"made_at", *own_data._parts, "kept"}
        assert held["account"]["phone"] == PHONE
        assert [row["kind"] for row in held["account"]["consents"]] == ["service"]
        assert [row["action"] for row in held["account"]["access_events"]] == [
            "own_data_downloaded",
            "signed_in",
        ]

    def test_the_files_come_as_one_archive(self, signed_in, monkeypatch):
        files = [("1-租赁合同.pdf", b"%PDF"), ("2-照片.jpg", b"\xff\xd8")]
        monkeypatch.setattr(own_data, "files_of", lambda user: iter(files))

        response = signed_in.get("/me/data/files/")

        archive = ZipFile(BytesIO(b"".join(response.streaming_content)))
        assert [(name, archive.read(name)) for name in archive.namelist()] == files
        assert response.headers["Content-Disposition"] == 'attachment; filename="my-files-2026-11-24.zip"'

    def test_after_ten_minutes_a_fresh_code_is_asked_for(self, signed_in, gateway, time_machine):
        time_machine.move_to("2026-11-24T10:10:02+08:00")

        asked = signed_in.get("/me/data/file/")
        page = signed_in.get(asked.headers["Location"])
        sent = signed_in.post(asked.headers["Location"])
        signed_in.get("/login/code/")
        proved = signed_in.post("/login/code/", {"code": gateway.code()})

        assert asked.headers["Location"] == "/me/security/prove/?next=%2Fme%2Fdata%2Ffile%2F"
        assert "我们发一个验证码到 138****0001。" in said(page)
        assert sent.headers["Location"] == "/login/code/"
        assert proved.headers["Location"] == "/me/data/file/"
        assert signed_in.get("/me/data/file/").status_code == 200

    def test_a_code_that_proves_belongs_to_who_is_signed_in(self, signed_in, gateway, time_machine):
        time_machine.move_to("2026-11-24T10:11:00+08:00")
        signed_in.post("/me/security/prove/")
        signed_in.post("/logout/")

        assert signed_in.get("/login/code/").headers["Location"] == "/login/"

    def test_a_stranger_is_asked_to_sign_in(self, client):
        for address in (
            "/me/data/",
            "/me/data/file/",
            "/me/data/close/",
            "/me/security/",
            "/me/security/prove/",
        ):
            assert client.get(address).headers["Location"].startswith("/login/?next=/me/"), address


class TestLeaving:
    def test_everything_personal_goes(self, signed_in):
        user = User.objects.get()
        other = Client()
        other.force_login(user)

        response = signed_in.post("/me/data/close/", {"word": "注销"}, follow=True)

        user.refresh_from_db()
        assert "账户已注销。" in said(response)
        assert (user.phone, user.phone_index, user.phone_verified_at) == (None, None, None)
        assert (user.username, user.is_active, user.has_usable_password()) == (
            f"closed-{user.pk}",
            False,
            False,
        )
        assert user.closed_at is not None
        assert not Consent.objects.filter(withdrawn_at=None).exists()
        assert (UserSession.objects.count(), LoginCode.objects.count()) == (0, 0)
        assert other.get("/me/data/").status_code == 302
        assert AccessEvent.objects.first().action == "account_closed"

    def test_the_phone_can_begin_anew(self, signed_in, as_owner, time_machine):
        signed_in.post("/me/data/close/", {"word": "注销"})
        time_machine.move_to("2026-11-24T11:00:00+08:00")

        as_owner(signed_in)

        assert User.objects.count() == 2
        assert User.objects.with_phone(PHONE).closed_at is None

    @pytest.mark.parametrize("word", ["", "不", "注 销了"])
    def test_without_the_word_nothing_happens(self, signed_in, word):
        response = signed_in.post("/me/data/close/", {"word": word})

        assert response.status_code == 400
        assert "请填写“注销”两个字" in said(response)
        assert User.objects.get().is_active

    def test_it_asks_again_after_ten_minutes(self, signed_in, time_machine):
        time_machine.move_to("2026-11-24T10:11:00+08:00")

        response = signed_in.post("/me/data/close/", {"word": "注销"})

        assert response.headers["Location"].startswith("/me/security/prove/")
        assert User.objects.get().is_active

    def test_it_says_what_the_law_keeps(self, signed_in):
        page = said(signed_in.get("/me/data/close/"))

        assert "按法律要留下的" in page
        kept = ("谁在什么时候看过、改过信息的记录", "至少保存 6 个月，不含号码", "《网络安全法》第二十一条")
        assert [words for words in kept if words not in page] == []

    def test_nobody_closes_the_account_of_somebody_else(self, owner):
        with pytest.raises(PermissionDenied):
            actions.close_account(owner, by=User.objects.begin_with_phone(OTHER_PHONE))

        owner.refresh_from_db()
        assert owner.is_active

    def test_the_administrator_may(self, owner, staff):
        actions.close_account(owner, by=staff)
        actions.close_account(owner, by=staff)

        owner.refresh_from_db()
        assert not owner.is_active
        assert AccessEvent.objects.count() == 1

    def test_staff_are_switched_off_by_their_bureau(self, client, staff):
        client.post("/login/staff/", {"login": "officer", "password": PASSWORD})

        response = client.post("/me/data/close/", {"word": "注销"})

        assert "工作人员的账户由单位停用，不能自己注销" in said(response)

    @pytest.mark.django_db(databases="__all__")
    def test_it_is_all_or_nothing(self, engine):
        owner = User.objects.begin_with_phone(PHONE)
        actions.agree(owner, "push")

        def fail(user):
            raise ZeroDivisionError

        own_data.register("a room that fails", lambda user: None, fail)
        try:
            with pytest.raises(ZeroDivisionError):
                actions.close_account(owner, by=owner)
        finally:
            del own_data._parts["a room that fails"]

        owner.refresh_from_db()
        assert owner.is_active
        assert actions.has_agreed(owner, "push")


def test_rooms_further_right_are_erased_first(owner):
    order = []
    for name in ("left", "right"):
        own_data.register(name, lambda user: None, lambda user, name=name: order.append(name))
    try:
        own_data.erase_all(owner)
    finally:
        del own_data._parts["left"], own_data._parts["right"]

    assert order == ["right", "left"]
