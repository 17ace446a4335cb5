"""查重: of another bureau's case of the same person it is shown that there is one, and each look is written down."""

import pytest

from accounts.models import AccessEvent, Department
from subsidies.models import Application
from tests.subsidies import world

from .reviewing import case, signed_in, text

pytestmark = pytest.mark.django_db
LOOK = "see_same_kind_elsewhere"


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def mine(people):
    shop = world.shop_with_rent(1)
    return world.filed(world.grant_of_money("T01a"), shop, world.owner_of(shop))


@pytest.fixture
def elsewhere(mine):
    """A case of the same person, of the same kind, with another bureau."""
    found = world.filed(world.grant_of_money("T01b"), mine.business, mine.submitter)
    bureau = Department.objects.create(code="elsewhere", name="另一个局")
    Application.objects.filter(pk=found.pk).update(department=bureau)
    return found


def looks():
    events = AccessEvent.objects.filter(action=LOOK).order_by("pk")
    return list(events.values_list("user__username", "subject", "detail"))


def test_neither_number_nor_state_is_shown_and_the_look_is_written_down(people, mine, elsewhere):
    page = text(signed_in(people.reviewer).get(case(mine)))

    assert "其他部门有一件同类的。" in page
    assert elsewhere.number not in page
    assert "另一个局" not in page
    about = {"application": mine.pk, "cases": [elsewhere.pk]}
    assert looks() == [("tests_reviewer", f"operator {mine.operator_id}", about)]


def test_each_look_is_one_row(people, mine, elsewhere):
    for who in (people.reviewer, people.reviewer, people.approver):
        signed_in(who).get(case(mine))

    assert [who for who, _, _ in looks()] == ["tests_reviewer", "tests_reviewer", "tests_approver"]


def test_one_of_another_kind_is_not_told_of(people, mine, elsewhere):
    type(elsewhere.benefit).objects.filter(pk=elsewhere.benefit_id).update(kind="rent_subsidy")

    page = text(signed_in(people.reviewer).get(case(mine)))

    assert ("其他部门" in page, "没有别的办件。" in page, looks()) == (False, True, [])


def test_ones_own_bureaus_case_is_shown_whole_and_the_administrator_sees_all(people, mine, elsewhere):
    page = text(signed_in(people.admin).get(case(mine)))

    assert f"{elsewhere.number} 试验补贴" in page
    assert looks() == []
