"""How often one may ask and try; and that parallel tries do not get past it."""

import threading

import pytest
from django.db import connections
from django.test import RequestFactory

from accounts.models import LoginCode, User
from accounts.signing_in import codes, limits
from core.errors import Refused

from .conftest import OTHER_PHONE, PASSWORD, PHONE

WRONG = "登录名或密码不对，请再核对一遍"
LOCKED = "试的次数太多，请过 15 分钟再试"
SLOWED = "从这里试的次数太多，请过 30 秒再试"


def ask(client, phone=PHONE):
    return client.post("/login/", {"phone": phone})


def try_password(client, name, password="wrong"):
    return client.post("/login/staff/", {"login": name, "password": password})


def errors(response):
    return (
        response.context["errors"][0]["message"]
        if response.status_code == 400
        else response.headers["Location"]
    )


@pytest.mark.django_db
class TestCodes:
    def test_one_phone_gets_one_code_a_minute_five_an_hour_ten_a_day(self, gateway, new_client, time_machine):
        sent = []
        for hour in (8, 9, 10):
            for minute in range(7):
                time_machine.move_to(f"2026-11-24T{hour:02}:{minute:02}:00+08:00", tick=False)
                ask(new_client())
            sent.append(len(gateway.received))

        time_machine.move_to("2026-11-24T11:00:00+08:00", tick=False)
        refused = ask(new_client())
        time_machine.move_to("2026-11-25T08:00:00+08:00", tick=False)
        ask(new_client())

        assert sent == [5, 10, 10]
        assert errors(refused) == "这个号码要的验证码太多，请过 21 小时再试"
        assert len(gateway.received) == 11

    def test_a_stranger_cannot_use_up_an_owners_codes(self, gateway, new_client, time_machine):
        """Neither from one place nor, once the owner has signed in at their own, from many."""
        time_machine.move_to("2026-11-24T07:00:00+08:00", tick=False)
        shop = new_client("10.0.0.1")
        ask(shop)
        shop.post("/login/code/", {"code": gateway.code()})
        for number in range(2, 30):
            time_machine.move_to(f"2026-11-24T08:{number:02}:00+08:00", tick=False)
            ask(new_client(f"10.0.0.{number}"))
        stranger = errors(ask(new_client("10.0.0.99")))

        assert stranger.startswith("这个号码要的验证码太多")
        assert ask(new_client("10.0.0.1")).status_code == 302

    def test_wrong_tries_elsewhere_do_not_block_the_right_one_here(self, gateway, new_client, time_machine):
        for minute in range(4):
            time_machine.move_to(f"2026-11-24T08:0{minute}:00+08:00", tick=False)
            stranger = new_client("10.0.0.2")
            ask(stranger)
            for _ in range(5):
                stranger.post("/login/code/", {"code": "000000"})
        owner = new_client("10.0.0.1")
        ask(owner)

        assert owner.post("/login/code/", {"code": gateway.code()}).status_code == 302

    def test_asking_too_soon_does_not_use_up_the_hour(self, gateway, new_client, time_machine):
        time_machine.move_to("2026-11-24T08:00:00+08:00", tick=False)
        for _ in range(20):
            ask(new_client())
        time_machine.move_to("2026-11-24T08:01:00+08:00", tick=False)

        assert ask(new_client()).status_code == 302

    def test_a_market_behind_one_address_is_not_kept_out(self, gateway, new_client, time_machine):
        time_machine.move_to("2026-11-24T08:00:00+08:00", tick=False)
        for _ in range(597):
            limits.try_once(limits.CODES_OF_ADDRESS, "10.0.0.1")
        answers = [ask(new_client("10.0.0.1"), f"138{number:08}").status_code for number in range(4)]

        assert answers == [302] * 3 + [400]
        assert ask(new_client("10.0.0.2"), "13900000000").status_code == 302

    def test_fifteen_tries_an_hour_for_one_phone_over_all_its_codes(self, gateway, new_client, time_machine):
        evaluated = 0
        for minute in range(4):
            time_machine.move_to(f"2026-11-24T08:0{minute}:00+08:00", tick=False)
            client = new_client()
            ask(client)
            wrong = f"{(int(gateway.code()) + 1) % 10**6:06}"
            answers = [errors(client.post("/login/code/", {"code": wrong})) for _ in range(5)]
            evaluated += sum(answer.startswith("验证码不对") for answer in answers)

        assert evaluated == 15
        assert answers == ["试的次数太多，请过 57 分钟再试"] * 5

    def test_another_phone_is_not_held_up(self, gateway, new_client):
        ask(new_client())

        assert ask(new_client(), OTHER_PHONE).status_code == 302


@pytest.mark.django_db
class TestPasswords:
    @pytest.fixture(autouse=True)
    def at_eight(self, time_machine):
        time_machine.move_to("2026-11-24T08:00:00+08:00", tick=False)

    def test_known_and_unknown_names_are_answered_alike_to_the_end(self, staff, new_client):
        answers = {
            name: [errors(try_password(new_client(), name)) for _ in range(7)]
            for name in ("officer", "nobody")
        }

        assert answers == dict.fromkeys(("officer", "nobody"), [WRONG] * 5 + [LOCKED] * 2)

    def test_the_right_password_is_not_looked_at_while_locked(self, staff, new_client, time_machine):
        for _ in range(5):
            try_password(new_client(), "officer")

        assert errors(try_password(new_client(), "officer", PASSWORD)) == LOCKED
        time_machine.move_to("2026-11-24T08:15:00+08:00", tick=False)
        assert errors(try_password(new_client(), "OFFICER", PASSWORD)) == "/admin/"

    def test_right_passwords_are_not_counted(self, staff, new_client):
        for _ in range(8):
            assert errors(try_password(new_client(), "officer", PASSWORD)) == "/admin/"

    def test_a_stranger_cannot_keep_staff_out_of_their_own_office(self, staff, new_client):
        try_password(new_client("10.0.0.1"), "officer", PASSWORD)
        answers = [
            errors(try_password(new_client(f"203.0.113.{place}"), "officer"))
            for place in range(8)
            for _ in range(5)
        ]

        assert answers.count(WRONG) == 29  # one of thirty was the officer's own
        assert errors(try_password(new_client("203.0.113.99"), "officer", PASSWORD)).startswith(
            "试的次数太多"
        )
        assert errors(try_password(new_client("10.0.0.1"), "officer", PASSWORD)) == "/admin/"

    def test_one_password_over_many_names_slows_the_address(self, staff, new_client, time_machine):
        answers = [errors(try_password(new_client(), f"clerk{number}")) for number in range(140)]
        time_machine.move_to("2026-11-24T08:00:30+08:00", tick=False)
        later = [errors(try_password(new_client(), f"clerk{number}")) for number in (200, 201)]

        assert answers == [WRONG] * 21 + [SLOWED] * 119
        assert later == [WRONG, SLOWED]
        assert errors(try_password(new_client("10.0.0.2"), "officer", PASSWORD)) == "/admin/"

    def test_a_slowed_address_still_signs_in_who_belongs_there_and_sends_owners_codes(
        self, staff, new_client, gateway
    ):
        try_password(new_client(), "officer", PASSWORD)
        for number in range(60):
            try_password(new_client(), f"clerk{number}")

        assert errors(try_password(new_client(), "officer", PASSWORD)) == "/admin/"
        assert [ask(new_client(), f"138{number:08}").status_code for number in range(100)] == [302] * 100

    def test_nor_do_many_right_passwords_slow_an_office(self, new_client, db):
        names = [
            User.objects.create_user(f"clerk{n}", password=PASSWORD, is_staff=True).username
            for n in range(40)
        ]

        assert [errors(try_password(new_client(), name, PASSWORD)) for name in names] == ["/admin/"] * 40

    def test_one_network_of_version_six_is_one_place(self, staff, new_client):
        for number in range(5):
            try_password(new_client(f"2001:db8::{number}"), "officer")

        assert errors(try_password(new_client("2001:db8::ffff"), "officer")) == LOCKED
        assert errors(try_password(new_client("2001:db8:0:1::1"), "officer")) == WRONG


def in_parallel(work, times):
    """What ``work()`` answered, called ``times`` times at once, each call on a connection of its own to PostgreSQL."""
    answers, barrier = [], threading.Barrier(times)

    def run():
        connections["default"] = connections["postgres"]
        barrier.wait()
        try:
            answers.append(work())
        except Refused as refusal:
            answers.append(str(refusal))
        finally:
            connections["postgres"].close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def on_postgres(transactional_db):
    """The test's own thread works on PostgreSQL too."""
    default = connections["default"]
    connections["default"] = connections["postgres"]
    yield
    connections["default"] = default


@pytest.mark.django_db(databases="__all__", transaction=True)
class TestInParallel:
    def test_at_most_five_tries_at_a_code_are_looked_at(self, gateway, on_postgres):
        code = codes.send_code(PHONE, RequestFactory().post("/"))
        wrong = f"{(int(gateway.code()) + 1) % 10**6:06}"

        answers = in_parallel(lambda: codes.check_code(code.pk, wrong, RequestFactory().post("/")), 20)

        assert sum(answer.startswith("验证码不对") for answer in answers) == 5
        assert LoginCode.objects.get().tries == 5

    def test_a_right_code_signs_in_one_of_many(self, gateway, on_postgres):
        code = codes.send_code(PHONE, RequestFactory().post("/"))

        answers = in_parallel(
            lambda: codes.check_code(code.pk, gateway.code(), RequestFactory().post("/")), 5
        )

        assert sum(isinstance(answer, User) for answer in answers) == 1

    def test_one_phone_gets_one_code_however_many_ask_at_once(self, gateway, on_postgres, time_machine):
        time_machine.move_to("2026-11-24T08:00:00+08:00", tick=False)

        answers = in_parallel(lambda: codes.send_code(PHONE, RequestFactory().post("/")), 12)

        assert sum(isinstance(answer, LoginCode) for answer in answers) == 1
        assert len(gateway.received) == 1

    def test_at_most_five_passwords_are_looked_at(self, on_postgres, time_machine):
        time_machine.move_to("2026-11-24T08:00:00+08:00", tick=False)

        answers = in_parallel(
            lambda: limits.count_password_try("officer", RequestFactory().post("/")) or "looked at", 20
        )

        assert answers.count("looked at") == 5
