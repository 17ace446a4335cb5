"""What is taken along: the certificate of a class, and a booking for the calendar."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from businesses.actions import give_mandate
from cases.actions import general
from cases.models import Case
from cases.papers import sheet
from core.errors import Refused
from services.models import Request
from services.slots.certificates import paper_of
from tests.notifications.register import open_shop
from tests.pages.shops import text_of
from tests.subsidies.world import owner_of

from . import world

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-11-25T10:00:00+08:00")
EVENINGS = [
    ["2026-12-01T19:00:00+08:00", "2026-12-01T21:00:00+08:00"],
    ["2026-12-03T19:00:00+08:00", "2026-12-03T21:00:00+08:00"],
]


@pytest.fixture(autouse=True)
def at_ten(time_machine):
    time_machine.move_to(NOW, tick=False)


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


def evenings(**more):
    row = world.offering("enrolment", "live", title="直播卖货入门", place="市职校三楼")
    slot = world.slot(row, capacity=12, sessions=EVENINGS, **more)
    slot.starts_at = datetime.fromisoformat(EVENINGS[0][0])
    slot.ends_at = datetime.fromisoformat(EVENINGS[1][1])
    slot.save()
    return slot


def certified(time_machine):
    people, slot = world.bureau(), evenings()
    case, owner = world.asked(slot.offering, slot=slot)
    time_machine.move_to(slot.ends_at, tick=False)
    for verb in ("attend", "certify"):
        general.do(Case.objects.get(pk=case.pk), verb, {}, by=people.reviewer)
    return case, owner


def page(case, name="certificate/"):
    return f"/cases/{case.public_id}/{name}"


def test_it_says_which_class_when_and_by_whom(time_machine):
    case, owner = certified(time_machine)

    said = text_of(browser_of(owner).get(page(case)))

    number = Request.objects.get().certificate
    assert number == f"ZS-{case.request.slot_id:06d}-{case.pk:08d}"
    for words in ("结业证", number, case.operator.name, "直播卖货入门", "市职校三楼", "试验局"):
        assert words in said
    assert "2026 年 12 月 1 日到 2026 年 12 月 3 日，共 2 次" in said


def test_it_is_the_same_to_the_byte_whenever_it_is_made(time_machine):
    case, owner = certified(time_machine)
    browser = browser_of(owner)

    first = browser.get(page(case, "certificate.pdf"))
    time_machine.shift(timedelta(minutes=3))
    second = browser.get(page(case, "certificate.pdf"))

    assert first.headers["Content-Type"] == "application/pdf"
    assert first.content == second.content
    assert first.content.startswith(b"%PDF")


def test_without_a_font_there_is_the_page(time_machine, monkeypatch):
    case, owner = certified(time_machine)
    monkeypatch.setattr(sheet.fonts, "found", lambda: None)

    answer = browser_of(owner).get(page(case, "certificate.pdf"))

    assert (answer.status_code, answer.url) == (302, page(case))


def test_whoever_came_and_was_not_certified_has_none():
    slot = evenings()
    case, owner = world.asked(slot.offering, slot=slot)

    assert paper_of(Case.objects.get(pk=case.pk)) is None
    for name in ("certificate/", "certificate.pdf"):
        assert browser_of(owner).get(page(case, name)).status_code == 404


def test_it_is_for_its_owner_alone(time_machine):
    case, owner = certified(time_machine)
    helper = owner_of(open_shop(2), phone="13800000008")
    give_mandate(
        case.business,
        by=owner,
        phone="13800000008",
        scopes=["view", "apply"],
        until=timezone.localdate() + timedelta(days=30),
    )
    stranger, staff = owner_of(open_shop(3)), world.bureau().reviewer

    for name in ("certificate/", "certificate.pdf"):
        found = [browser_of(user).get(page(case, name)).status_code for user in (helper, stranger, staff)]
        assert found == [403, 404, 403]
        assert Client().get(page(case, name)).status_code == 302


def test_who_did_not_come_is_not_certified(time_machine):
    people, slot = world.bureau(), evenings()
    case, _ = world.asked(slot.offering, slot=slot)
    time_machine.move_to(slot.ends_at, tick=False)
    general.do(Case.objects.get(pk=case.pk), "no_show", {}, by=people.reviewer)

    with pytest.raises(Refused):
        general.do(Case.objects.get(pk=case.pk), "certify", {}, by=people.reviewer)

    assert Request.objects.get().certificate == ""


# The calendar


def lines_of(answer):
    text = answer.content.decode().replace("\r\n ", "")
    assert all(len(line.encode()) <= 75 for line in answer.content.decode().split("\r\n"))
    return text.split("\r\n")


def values(lines, name):
    return [line.partition(":")[2] for line in lines if line.startswith(f"{name}:")]


def test_each_evening_is_an_event_told_of_a_day_before():
    slot = evenings()
    case, owner = world.asked(slot.offering, slot=slot)

    answer = browser_of(owner).get(page(case, "calendar.ics"))

    lines = lines_of(answer)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert values(lines, "UID") == [f"{case.public_id}-{number}@policy-express" for number in (1, 2)]
    assert values(lines, "DTSTART") == ["20261201T110000Z", "20261203T110000Z"]
    assert values(lines, "DTEND") == ["20261201T130000Z", "20261203T130000Z"]
    assert values(lines, "TRIGGER") == ["-P1D", "-P1D"]
    assert set(values(lines, "SUMMARY")) == {"直播卖货入门"}
    assert set(values(lines, "LOCATION")) == {"市职校三楼"}
    assert set(values(lines, "STATUS")) == {"CONFIRMED"}
    assert values(lines, "METHOD") == ["PUBLISH"]
    for hidden in (case.operator.name, case.business.name, owner.masked_phone[:3]):
        assert hidden not in "".join(values(lines, "SUMMARY") + values(lines, "LOCATION"))


def test_a_booking_that_is_given_up_is_cancelled_under_the_same_name_and_a_higher_number():
    slot = evenings()
    case, owner = world.asked(slot.offering, slot=slot)
    browser = browser_of(owner)
    before = lines_of(browser.get(page(case, "calendar.ics")))
    general.do(Case.objects.get(pk=case.pk), "excuse", {}, by=owner)

    after = lines_of(browser.get(page(case, "calendar.ics")))

    assert values(after, "UID") == values(before, "UID")
    assert int(values(after, "SEQUENCE")[0]) == int(values(before, "SEQUENCE")[0]) + 1
    assert (set(values(after, "STATUS")), values(after, "METHOD")) == ({"CANCELLED"}, ["CANCEL"])


def test_one_hour_is_one_event_and_what_is_no_booking_has_none():
    hour = world.slot(world.offering("booking", "talk"))
    case, owner = world.asked(hour.offering, slot=hour)
    need, _ = world.asked(world.offering())

    lines = lines_of(browser_of(owner).get(page(case, "calendar.ics")))

    assert len(values(lines, "UID")) == 1
    assert values(lines, "LOCATION") == []
    assert browser_of(owner).get(page(need, "calendar.ics")).status_code == 404
    assert browser_of(owner_of(open_shop(2))).get(page(case, "calendar.ics")).status_code == 404
    assert timezone.now() < hour.starts_at
