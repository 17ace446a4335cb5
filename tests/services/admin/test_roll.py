"""点名: who came, for several at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import Case
from eligibility.shop_facts import ShopFacts
from notifications.models import Letter
from policies.catalogue import catalogue
from services.catalogue.offerings import sorted_for
from services.models import Request
from tests.notifications.register import open_shop
from tests.services import world

from .writing import browser_of

pytestmark = pytest.mark.django_db


def class_of(people, count=3):
    slot = world.slot(world.offering("enrolment", "live"), capacity=12)
    cases = [world.asked(slot.offering, place, slot=slot)[0] for place in range(1, count + 1)]
    return slot, cases


def ticks(cases):
    return [f"{case.pk}-{Case.objects.get(pk=case.pk).version}" for case in cases]


def test_several_are_written_down_at_once_and_each_gets_what_is_said_of_it(people, time_machine):
    slot, cases = class_of(people)
    time_machine.move_to(slot.starts_at, tick=False)
    address, browser = f"/admin/services/slot/{slot.pk}/roll/", browser_of(people.clerk)

    came = browser.post(address, {"verb": "attend", "case": ticks(cases[:2])}).content.decode()
    browser.post(address, {"verb": "no_show", "case": ticks(cases[2:])})
    browser.post(address, {"verb": "certify", "case": ticks(cases[:1])})

    assert "办了 2 件" in came
    assert [(row.state, row.outcome) for row in Case.objects.order_by("pk")] == [
        ("certified", "helped"),
        ("attended", "helped"),
        ("no_show", "unreachable"),
    ]
    assert Request.objects.get(pk=cases[0].pk).certificate == f"ZS-{slot.pk:06d}-{cases[0].pk:08d}"
    assert Letter.objects.filter(title__endswith="结业证好了").count() == 1


def test_one_that_cannot_be_written_down_does_not_keep_the_others(people, time_machine):
    slot, cases = class_of(people, 2)
    time_machine.move_to(slot.starts_at, tick=False)
    stale, fresh = f"{cases[0].pk}-99", ticks(cases[1:])

    answer = browser_of(people.clerk).post(
        f"/admin/services/slot/{slot.pk}/roll/", {"verb": "attend", "case": [stale, *fresh, "7777-1", "x"]}
    )

    page = answer.content.decode()
    assert [row.state for row in Case.objects.order_by("pk")] == ["booked", "attended"]
    assert "没有办成，这一件刚刚有变动" in page
    assert page.count("这一件不在这一场") == 2


def test_before_it_begins_nobody_is_written_down(people, time_machine):
    slot, cases = class_of(people, 1)
    time_machine.move_to(slot.starts_at - timedelta(seconds=1), tick=False)
    address, browser = f"/admin/services/slot/{slot.pk}/roll/", browser_of(people.clerk)

    page = browser.get(address).content.decode()
    browser.post(address, {"verb": "attend", "case": ticks(cases)})

    assert 'value="attend"' not in page
    assert Case.objects.get().state == "booked"


def test_another_bureau_has_no_such_list(people):
    slot, _ = class_of(people, 1)
    other = world.bureau("market", "市市场监管局")

    for address in ("roll/", "roll.pdf", "edit/", "cancel/"):
        assert browser_of(other.clerk).get(f"/admin/services/slot/{slot.pk}/{address}").status_code == 404


def test_the_list_is_there_to_be_signed(people):
    slot, _ = class_of(people, 2)

    answer = browser_of(people.clerk).get(f"/admin/services/slot/{slot.pk}/roll.pdf")

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_many(people, count, django_assert_max_num_queries):
    slot, _ = class_of(people, count)
    browser = browser_of(people.clerk)
    browser.get("/admin/")

    with django_assert_max_num_queries(13):
        browser.get(f"/admin/services/slot/{slot.pk}/roll/")


def test_what_is_of_use_to_a_shop_comes_before_what_is_not(people):
    shop = open_shop(1)
    facts = ShopFacts(shop)
    profile = facts.profile_of(facts.answers, catalogue().registry, timezone.localdate())
    here = {"fact": "district", "op": "eq", "value": "520201"}
    there = {"fact": "district", "op": "eq", "value": "520203"}
    rows = [
        world.offering(code=code, relevance={"all": [rule]}) for code, rule in (("a", there), ("b", here))
    ]

    found = sorted_for(rows, profile, timezone.localdate())

    assert [(row.code, fit.fits, fit.is_relevant) for row, fit in found] == [
        ("b", True, True),
        ("a", True, False),
    ]
