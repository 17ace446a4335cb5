"""What owners see of visits to their shops, and nobody else."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from businesses.models import Mandate
from cases.actions import rating as ratings
from cases.models import Case, Rating
from needs.pages import asking
from tests.services.world import browser_of
from visits.models import VisitCase
from visits.planning import arrive

from . import world

pytestmark = pytest.mark.django_db
PLAN = "/me/visits/"


@pytest.fixture
def offices():
    return world.bureaus()[:2]


@pytest.fixture
def here():
    """A shop and its owner's browser."""
    shop, owner = world.shop()
    return shop, browser_of(owner)


def merged(shop, offices):
    cases = [
        world.planned(shop, one, 1, 5, items=[item])
        for one, item in zip(offices, ("油烟", "价签"), strict=True)
    ]
    for case, one in zip(cases, offices, strict=True):
        world.do(case, "accept", one.officer)
    return cases


def cards(client):
    groups = client.get(PLAN).context["groups"]
    return {group["key"]: [(card["offices"], card["items"]) for card in group["cards"]] for group in groups}


def test_nothing_is_planned(here):
    assert "现在没有单位打算来检查。" in here[1].get(PLAN).content.decode()


def test_what_is_merged_is_one_visit_of_several_bureaus(here, offices):
    shop, client = here
    merged(shop, offices)

    assert cards(client) == {"set": [("市生态环境局、市市场监管局", ["油烟", "价签"])]}


def test_the_nearest_day_comes_first_and_what_is_over_last(here, offices):
    shop, client = here
    world.planned(shop, offices[0], 20, 25)
    world.visit_set(shop, offices[0], 14, items=["排污"])
    world.visit_set(shop, offices[1], 3, items=["价签"])
    gone = world.planned(shop, offices[1], 30, 31)
    world.do(gone, "drop", offices[1].officer, reason="今年不查了")

    assert list(cards(client)) == ["set", "open", "over"]
    assert [items for _, items in cards(client)["set"]] == [["价签"], ["排污"]]


def test_what_was_paid_shows_its_result_and_can_be_rated_once(offices):
    shop, owner = world.shop()
    case = world.visit_set(shop, offices[0], 1)
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        arrive(case, by=offices[0].officer)
        world.do(case, "done", offices[0].officer, words="排污口完好")
        client = browser_of(owner)
        page = client.get(PLAN).content.decode()
        row = Rating.objects.get()
        assert "结果：排污口完好" in page
        assert f"/rate/{row.token}/" in page
        assert "扫码到店" in page
        ratings.rate(row, 5)
        page = client.get(PLAN).content.decode()
    assert "您评的：非常满意" in page
    assert f"/rate/{row.token}/" not in page


def test_no_note_and_no_officer_is_shown_to_the_owner(here, offices):
    shop, client = here
    case = world.visit_set(shop, offices[0], 1, because="complaint", note="隔壁王某举报的")
    world.do(case, "drop", offices[0].officer, reason="核实过了")
    addresses = [PLAN, f"/cases/{case.public_id}/", "/cases/", "/api/v1/visits/", "/inbox/"]

    pages = [client.get(address).content.decode() for address in addresses]

    assert [address for address, page in zip(addresses, pages, strict=True) if "隔壁" in page] == []
    assert [address for address, page in zip(addresses, pages, strict=True) if "ecology_one" in page] == []
    assert "不是日常检查：接到投诉" in pages[0]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_has_a_fixed_number_of_queries(here, offices, count, django_assert_max_num_queries):
    shop, client = here
    for place in range(count):
        world.planned(shop, offices[place % 2], 1 + 9 * place, 2 + 9 * place)
    client.get(PLAN)

    with django_assert_max_num_queries(16):
        client.get(PLAN)


def test_the_case_page_says_where_it_stands_and_has_no_receipt(here, offices):
    shop, client = here
    case = world.visit_set(shop, offices[0], 1)
    page = client.get(f"/cases/{case.public_id}/").content.decode()

    day = world.day(1)
    assert f"{day.month} 月 {day.day} 日来" in page
    assert "看回执" not in page
    assert client.get(f"/cases/{case.public_id}/receipt/").status_code == 404


def test_another_owner_sees_none_of_it(here, offices):
    shop, _ = here
    case = world.visit_set(shop, offices[0], 1)
    stranger = browser_of(world.shop(2)[1])

    assert "现在没有单位打算来检查。" in stranger.get(PLAN).content.decode()
    assert stranger.get(f"/me/visits/{case.public_id}/calendar.ics").status_code == 404
    assert stranger.post(f"/me/visits/{case.public_id}/complain/").status_code == 404


# The calendar


def test_the_day_goes_into_a_calendar_and_out_of_it_again(here, offices):
    shop, client = here
    case = world.planned(shop, offices[0], 1, 5)
    address = f"/me/visits/{case.public_id}/calendar.ics"
    assert client.get(address).status_code == 404

    world.do(case, "set", offices[0].officer, on=world.day(3).isoformat())
    first = client.get(address).content.decode()
    world.do(case, "move", offices[0].officer, on=world.day(4).isoformat())
    moved = client.get(address).content.decode()
    world.do(case, "drop", offices[0].officer, reason="不去了")
    gone = client.get(address).content.decode()

    assert f"DTSTART;VALUE=DATE:{world.day(3):%Y%m%d}" in first
    assert f"DTSTART;VALUE=DATE:{world.day(4):%Y%m%d}" in moved
    assert [file.count(f"UID:{case.public_id}@") for file in (first, moved, gone)] == [1, 1, 1]
    numbers = [int(file.partition("SEQUENCE:")[2].split()[0]) for file in (first, moved, gone)]
    assert numbers == sorted(set(numbers))
    assert ["METHOD:CANCEL" in file for file in (first, moved, gone)] == [False, False, True]
    assert "DESCRIPTION:油烟、排污" in first


def test_a_day_that_is_only_proposed_is_in_no_calendar(here, offices):
    shop, client = here
    for one in offices:
        world.planned(shop, one, 1, 5)

    case = VisitCase.objects.first()
    assert (case.state, client.get(f"/me/visits/{case.public_id}/calendar.ics").status_code) == (
        "proposed",
        404,
    )


# A complaint


def test_a_complaint_is_a_need_with_the_visit_in_it_for_the_service_centre(here, offices):
    shop, client = here
    case = world.visit_set(shop, offices[1], 1)
    day = world.day(1)

    answer = client.post(f"/me/visits/{case.public_id}/complain/")

    assert (answer.status_code, answer.url) == (302, reverse("need"))
    words = f"反映市市场监管局的检查（{day.month} 月 {day.day} 日，查油烟、排污）："
    page = client.get(answer.url)
    assert page.context["words"] == words
    assert asking.typed(page.wsgi_request)["topic"] == "other"
    assert Case.objects.exclude(procedure="visit").count() == 0


def test_only_who_may_apply_for_the_shop_complains(here, offices):
    shop, _ = here
    case = world.visit_set(shop, offices[0], 1)
    _, agent = world.shop(2)
    given_by = shop.bindings.get().user
    mandate = Mandate.objects.create(
        business=shop, given_by=given_by, agent=agent, scopes=["view"], until=world.day(9)
    )
    client = browser_of(agent)

    assert client.post(f"/me/visits/{case.public_id}/complain/").status_code in (403, 404)
    mandate.scopes = ["view", "apply"]
    mandate.save()
    assert client.post(f"/me/visits/{case.public_id}/complain/").status_code == 302
    assert client.get(f"/me/visits/{case.public_id}/complain/").status_code == 405
