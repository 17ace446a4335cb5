"""Numbers and secrets go in by every door and come to rest nowhere in clear (个人信息保护法 §51; GB/T 35273)."""

import logging
import sys
from base64 import b64encode
from hashlib import sha256

import pytest
from django.core.cache import cache

import core.background
from accounts.models import AccessEvent
from accounts.signing_in.session_store import SessionStore
from businesses.models import Operator, PaymentAccount
from core.encryption import encrypted_fields
from portal.celery import app

from . import job_doors, places, service_doors  # noqa: F401 - the doors make themselves known
from .canaries import CANARIES, NUMBERS, found_in
from .doors import DOORS

pytestmark = pytest.mark.django_db


@pytest.mark.crawl
@pytest.mark.parametrize("name", DOORS)
def test_nothing_leaks_through(world, name):
    statuses = world.go_through(DOORS[name])

    leaks = world.leaks()
    assert leaks == [], "; ".join(f"{canary} in {place}" for place, canary in leaks)
    assert statuses == DOORS[name].statuses


@pytest.mark.django_db(databases="__all__")
def test_no_table_of_either_engine_holds_a_number(engine, world):
    for name in (
        "the right code",
        "a payment account",
        "a mandate",
        "a correction",
        "a file through the screen",
    ):
        world.go_through(DOORS[name])
    in_clear = places.tables()

    assert found_in(in_clear) == []
    assert Operator.objects.get(pk=world.shop.operator_id).identity.reveal() == CANARIES["identity"]
    assert PaymentAccount.objects.get(ended_at=None).number.reveal() == CANARIES["account"]
    assert {"imported identity", "phone"} <= set(found_in(f"{in_clear} {revealed()}"))


def revealed():
    return [
        getattr(row, field.name).reveal()
        for model, field in encrypted_fields()
        for row in model._base_manager.exclude(**{f"{field.name}__isnull": True})
    ]


def test_redis_holds_no_number_and_no_task_carries_one(redis, world):
    app.conf.update(broker_url=redis.url.replace("unix://", "redis+socket://"), task_always_eager=False)
    try:
        for name in (
            "the right code",
            "a payment account",
            "shops over the API",
            "a file through the screen",
        ):
            world.go_through(DOORS[name])
    finally:
        app.conf.update(broker_url=None, task_always_eager=True)
    held = places.redis(redis.url)

    assert found_in(held, world.canaries) == []
    assert "businesses.tasks.work_on" in held


def test_in_development_the_console_shows_the_code_and_nothing_else(world):
    world.settings.DEBUG, world.settings.SMS_PROVIDER = True, "console"
    logging.getLogger("django.db.backends").setLevel("INFO")  # whoever asks for SQL is shown SQL

    world.go_through(DOORS["the right code"])

    logging.getLogger("django.db.backends").setLevel("NOTSET")
    assert world.leaks() == [("standard output", "code"), ("tables", "code")]


# The eyes see: a canary put into a place is found there


def in_the_log(world, number):
    logging.getLogger("accounts").debug("%s!", number)


def in_standard_output(world, number):
    print(number)


def in_standard_error(world, number):
    print(number, file=sys.stderr)


def in_a_session(world, number):
    session = SessionStore()
    session["number"] = {"typed": number}
    session.save()


def in_the_cache(world, number):
    cache.set("number", [number])


def in_a_task(world, number):
    core.background.start_after_commit(lambda number: None, number)


def in_a_table(world, number):
    AccessEvent.objects.create(action="unmask", subject="operator 1", detail={"number": number})


def in_a_stored_file(world, number):
    world.private.mkdir(exist_ok=True)
    (world.private / "left").write_text(number, "utf-8")


def in_a_written_file(world, number):
    world.written.append(number)


def in_an_error_report(world, number):
    world.reports.made.append(number)


PLANTED = {
    "log": in_the_log,
    "standard output": in_standard_output,
    "standard error": in_standard_error,
    "sessions": in_a_session,
    "cache": in_the_cache,
    "tables": in_a_table,
    "stored files": in_a_stored_file,
    "written files": in_a_written_file,
    "error reports": in_an_error_report,
}


@pytest.mark.crawl
@pytest.mark.parametrize("canary", ["password", "secret", "code"])
@pytest.mark.parametrize("place", PLANTED)
def test_a_canary_is_found_where_it_lies(world, place, canary):
    world.go_through(DOORS["the list of mandates"])

    PLANTED[place](world, CANARIES[canary])

    assert (place, canary) in world.leaks()


@pytest.mark.parametrize("name", NUMBERS)
def test_the_log_masks_what_another_place_would_show(world, name):
    in_the_log(world, CANARIES[name])
    in_a_table(world, CANARIES[name])

    assert world.leaks() == [("tables", name)]


def test_a_task_and_an_answer_are_seen_too(world, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        core.background.start_after_commit(Task(), CANARIES["phone"])
    shown = world.browser().get("/login/")
    shown.content += CANARIES["account"].encode()

    assert found_in(str(world.tasks)) == ["phone"]
    assert found_in(places.answers([shown])) == ["account"]


class Task:
    name = "task"

    def __call__(self, number):
        pass


@pytest.mark.parametrize(
    "written",
    [
        lambda number: number,
        lambda number: f"{number[:3]} {number[3:7]} {number[7:]}",
        lambda number: f"{number[:6]}-{number[6:]}",
        lambda number: "".join(chr(ord(digit) + 0xFEE0) for digit in number),
        lambda number: b64encode(f"bureau:{number}:1".encode()).decode(),
        lambda number: b64encode(f"bureau1:{number}".encode()).decode(),
        lambda number: sha256(number.encode()).hexdigest(),
        lambda number: number.lower(),
    ],
)
@pytest.mark.parametrize("name", ["identity", "phone"])
def test_a_number_is_found_however_it_is_written(name, written):
    assert name in found_in(f"<{written(CANARIES[name])}>")


def test_what_is_masked_or_longer_is_not_taken_for_it():
    number, code = CANARIES["identity"], CANARIES["code"]

    assert found_in(f"{number[:6]}********{number[-4:]} 1{code}2 0.{code}") == []
