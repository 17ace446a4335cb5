"""Visits over the API: GET what one may see, POST what one's bureau plans."""

import pytest

from tests.services.askers import NOBODY, entrust, person, program
from visits.models import VisitCase

from . import world

pytestmark = pytest.mark.django_db
SCOPES = "visits:read visits:write"


@pytest.fixture
def office():
    return world.bureau()


@pytest.fixture
def shop():
    return world.shop()[0]


def body(shop, **more):
    return {
        "credit_code": shop.credit_code,
        "items": ["油烟", "排污"],
        "from_on": world.day(1).isoformat(),
        "until_on": world.day(5).isoformat(),
        **more,
    }


def listed(asker):
    answer = asker.get("visits/")
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_a_program_of_a_bureau_plans_and_reads_what_its_bureau_plans(office, shop):
    _, asker = program("checks", office.department, SCOPES)
    world.planned(shop, world.bureau("market", "市市场监管局"), 20, 21)

    answer = asker.post("visits/", body(shop, because="complaint", note="群众反映油烟大"))

    assert answer.status_code == 201, answer.content
    row = answer.json()
    case = VisitCase.objects.get(department=office.department)
    assert row == {
        "id": str(case.public_id),
        "number": case.number,
        "business": str(shop.public_id),
        "shop": shop.name,
        "department": {"code": "ecology", "name": "市生态环境局"},
        "items": ["油烟", "排污"],
        "from_on": world.day(1).isoformat(),
        "until_on": world.day(5).isoformat(),
        "on": None,
        "because": "complaint",
        "note": "群众反映油烟大",
        "state": "planned",
        "label": "还没定日子",
        "phase": "open",
        "outcome": None,
        "result": None,
        "reason": "",
        "version": 1,
        "arrived_at": None,
        "planned_at": row["planned_at"],
    }
    assert [one["id"] for one in listed(asker)] == [row["id"]]
    assert case.channel == "api"


def test_the_answer_already_says_what_is_proposed(office, shop):
    world.planned(shop, world.bureau("market", "市市场监管局"), 3, 9)

    row = person(office.officer).post("visits/", body(shop)).json()

    assert (row["state"], row["on"], row["label"]) == ("proposed", world.day(3).isoformat(), "建议合并")


def test_the_same_key_plans_once(office, shop):
    asker = person(office.officer)
    first, second = (asker.post("visits/", body(shop), key="one-and-the-same") for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert VisitCase.objects.count() == 1


def test_owners_read_theirs_without_the_note_and_plan_nothing(office, shop):
    case = world.visit_set(shop, office, 1, because="complaint", note="隔壁王某举报的")
    owner, (_, stranger) = shop.bindings.get().user, world.shop(2)

    (row,) = listed(person(owner))
    assert (row["id"], row["note"], row["label"]) == (str(case.public_id), None, "已定日子")
    assert listed(person(stranger)) == []
    assert person(owner).post("visits/", body(shop)).status_code == 403
    assert VisitCase.objects.count() == 1


def test_a_program_with_the_owners_mandate_reads_and_plans_nothing(office, shop):
    world.planned(shop, office)
    client, asker = program("books", scopes=SCOPES)
    assert listed(asker) == []
    entrust(client, shop, shop.bindings.get().user, "apply")

    (row,) = listed(asker)
    assert row["note"] is None
    assert asker.post("visits/", body(shop)).status_code == 403


def test_scopes_are_asked_for(office, shop):
    _, reads = program("reads", office.department, "visits:read")
    _, other = program("other", office.department, "requests:read requests:write")

    assert reads.get("visits/").status_code == 200
    assert reads.post("visits/", body(shop)).status_code == 403
    assert other.get("visits/").status_code == 403
    assert NOBODY.get("visits/").status_code == 401
    assert NOBODY.post("visits/", body(shop)).status_code == 401


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"credit_code": "123"}, "credit_code"),
        ({"credit_code": "92520204MA6E00019P"}, "credit_code"),
        ({"items": []}, "items"),
        ({"items": ["油烟", "油烟"]}, "items.1"),
        ({"items": ["长" * 31]}, "items"),
        ({"from_on": "2020-01-01"}, "from_on"),
        ({"from_on": "明天"}, "from_on"),
        ({"until_on": "2020-01-01"}, "until_on"),
        ({"because": "fun"}, "because"),
        ({"because": "complaint"}, "note"),
        ({"on": "2026-12-01"}, "on"),
    ],
)
def test_what_is_wrong_is_named(office, shop, typed, field):
    answer = person(office.officer).post("visits/", body(shop, **typed))

    assert answer.status_code == 400, answer.content
    assert field in [row["field"] for row in answer.json()["errors"]]
    assert VisitCase.objects.count() == 0


def test_the_list_is_narrowed_by_state(office, shop):
    world.planned(shop, office, 1, 2)
    world.visit_set(shop, office, 9)
    asker = person(office.officer)

    rows = asker.get("visits/?state=set").json()["results"]
    assert [row["state"] for row in rows] == ["set"]
    assert asker.get("visits/?phase=closed").json()["results"] == []
    assert asker.get("visits/?state=lost").status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_has_a_fixed_number_of_queries(office, shop, count, django_assert_max_num_queries):
    for place in range(count):
        world.planned(shop, office, 1 + 9 * place, 2 + 9 * place)
    asker = person(office.officer)
    asker.get("visits/")

    with django_assert_max_num_queries(9):
        assert len(listed(asker)) == count
