"""Offerings and their times over the API, for everybody."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from services.models import Offering
from tests.services import world
from tests.services.askers import NOBODY, person, program

from .sending import RENT, SUM, wrong

pytestmark = pytest.mark.django_db


def test_anybody_reads_what_is_offered_and_narrows_it():
    world.offering(title="疏通下水道", summary="找人来修")
    world.offering(code="there", district="520203", summary="就近办")
    world.offering("booking", "hour", district="520201")
    world.offering(code="hidden", status=Offering.Status.DRAFT)
    world.offering(code="over", closes_on=timezone.localdate() - timedelta(days=1))

    def codes(query=""):
        return [row["code"] for row in NOBODY.get(f"offerings/{query}").json()["results"]]

    assert codes() == ["ask", "hour", "there"]
    assert codes("?kind=booking") == ["hour"]
    assert codes("?district=520203") == ["ask", "there"]
    assert codes("?q=下水道") == ["ask"]
    assert codes("?q=就近") == ["there"]
    assert codes("?benefit=T14b") == ["ask", "hour", "there"]
    assert codes("?page_size=2") == ["ask", "hour"]
    assert wrong(NOBODY.get("offerings/?benefit=M99z")) == [("benefit", "unknown_benefit")]
    assert wrong(NOBODY.get("offerings/?kind=gift&county=1")) == [("county", "unknown")]


def test_one_offering_says_all_that_is_asked_and_promised():
    world.offering(
        "tender",
        questions=[SUM, RENT],
        terms={"rate": None, "limit_fen": 30_000_000},
        shares=["monthly_rent"],
    )

    said = NOBODY.get("offerings/ask/").json()

    assert (said["code"], said["kind"], said["benefit"], said["provider"]) == (
        "ask",
        "tender",
        "T14b",
        "tests",
    )
    assert said["handler"] == {"code": "tests", "name": "试验局"}
    assert [(row["key"], row["required"], row["fact"]) for row in said["questions"]] == [
        ("sum", True, None),
        ("rent", False, "monthly_rent"),
    ]
    assert said["terms"] == {"limit": "300000.00", "rate": None}
    assert (said["closed"], said["promise_days"]) == (None, None)


def test_what_is_over_says_so_and_a_draft_is_not_there():
    world.offering(code="over", closes_on=timezone.localdate() - timedelta(days=1))
    world.offering(code="hidden", status=Offering.Status.DRAFT)

    assert "已经结束" in NOBODY.get("offerings/over/").json()["closed"]
    assert NOBODY.get("offerings/hidden/").status_code == 404
    assert NOBODY.get("offerings/hidden/slots/").status_code == 404


def test_what_is_kept_is_read_anew_once_it_has_changed():
    row = world.offering()
    before = NOBODY.get("offerings/ask/")
    unchanged = NOBODY.client.get("/api/v1/offerings/ask/", headers={"If-None-Match": before["ETag"]})
    row.title = "换了名称"
    row.save()
    Offering.objects.filter(pk=row.pk).update(paused_until=timezone.localdate() + timedelta(days=2))
    after = NOBODY.get("offerings/ask/").json()

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (after["title"], "先停一停" in after["closed"]) == ("换了名称", True)


def test_times_ahead_say_what_is_left_and_who_waits():
    row = world.offering("booking", "hour")
    first, second = world.slot(row, 2, capacity=1), world.slot(row, 3, capacity=4)
    world.slot(row, -1)
    for place in (1, 2, 3):
        world.asked(row, place, slot=first)

    found = NOBODY.get("offerings/hour/slots/").json()["results"]

    assert [(slot["id"], slot["left"], slot["queue"]) for slot in found] == [
        (first.pk, 0, 2),
        (second.pk, 4, 0),
    ]


def test_times_come_in_pages_in_their_order_and_no_other_cursor_is_taken():
    row = world.offering("booking", "hour")
    ids = [world.slot(row, days).pk for days in (5, 3, 4)]
    found, path = [], "offerings/hour/slots/?page_size=1"
    while path:
        answer = NOBODY.get(path).json()
        found += [slot["id"] for slot in answer["results"]]
        path = answer["next"] and answer["next"].partition("/api/v1/")[2]

    assert found == [ids[1], ids[2], ids[0]]
    assert wrong(NOBODY.get("offerings/hour/slots/?cursor=cD1ub3RoaW5n")) == [("cursor", "invalid")]


@pytest.mark.parametrize("count", [1, 3])
def test_lists_take_as_many_queries_for_one_as_for_three(shop, owner, count):
    for place in range(count):
        row = world.offering(code=f"ask-{place}")
        world.asked(row)
    people = world.bureau()
    _, bureau = program("bureau", people.department)
    paths = {"requests/": person(owner), "legs/": bureau, "sharings/": person(owner)}
    for path, asker in paths.items():
        asker.get(path)  # once, so that what is kept is kept

    found = {}
    for path, asker in paths.items():
        with CaptureQueriesContext(connection) as queries:
            answer = asker.get(path)
        assert len(answer.json()["results"]) == (0 if path == "sharings/" else count)
        found[path] = len(queries)
    Offering.objects.update(title="x")
    with CaptureQueriesContext(connection) as queries:
        assert len(NOBODY.get("offerings/").json()["results"]) == count

    assert found == {"requests/": 5, "legs/": 2, "sharings/": 4}
    assert len(queries) == 2
