"""/services/: what there is, what fits the shop, when."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from services.models import Offering, Slot
from tests.notifications.register import open_shop, tell_of
from tests.pages.shops import text_of
from tests.services import world
from tests.subsidies.world import owner_of

from .filling import VETERAN, browser_of, page_of, queries

pytestmark = pytest.mark.django_db


def test_everybody_sees_what_there_is_under_what_people_come_for(client):
    world.offering("enrolment", "live", title="直播卖货入门", summary="学会开播")
    world.offering("tender", "loan", title="创业贷")
    world.offering("enquiry", "ask", title="路灯坏了")

    page = text_of(client.get("/services/"))

    found = [page.rindex(word) for word in ("学本事", "直播卖货入门", "借钱、买保险", "创业贷", "路灯坏了")]
    assert found == sorted(found)
    assert "试验局" in page
    assert "适合您" not in page


def test_a_draft_and_what_is_over_are_not_shown(client):
    world.offering(code="draft", title="还没发布", status=Offering.Status.DRAFT)
    world.offering(code="over", title="过期了", closes_on=timezone.localdate() - timedelta(days=1))
    world.offering(code="last", title="最后一天", closes_on=timezone.localdate())

    page = text_of(client.get("/services/"))

    assert [word for word in ("还没发布", "过期了", "最后一天") if word in page] == ["最后一天"]
    assert client.get("/services/draft/").status_code == 404
    assert "已经结束" in text_of(client.get("/services/over/"))


def test_a_shop_reads_what_fits_it_and_why_not_what_does_not(browser, shop):
    tell_of(shop, "veterans", operator_groups={"yes": [], "no": ["veteran"]})
    world.offering("tender", "army", title="拥军贷", criteria=VETERAN)
    world.offering("tender", "plain", title="创业贷", criteria={"all": [world.OPERATING]})
    world.offering("tender", "any", title="都能问")

    page = text_of(browser.get("/services/"))

    assert page.index("创业贷") < page.index("拥军贷")
    assert ("创业贷 适合您" in page, "都能问 适合您" in page) == (True, False)
    assert re.search(r"拥军贷 .*? 现在不符合：", page)


def test_a_time_is_shown_with_its_places_and_a_full_one_with_its_line(client):
    row, full = world.offering("enrolment", "class"), world.offering("booking", "mentor", title="请教")
    world.slot(row, capacity=12)
    hour = world.slot(full, capacity=1)
    for place in (1, 2, 3):
        world.asked(full, place, slot=hour)

    page = text_of(client.get("/services/"))

    assert "剩 12 个名额" in page
    assert "约满，可排队，前面 2 人" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"here", "there", "anywhere"}),
        ("county=520201", {"here", "anywhere"}),
        ("county=520281", {"there", "anywhere"}),
        ("county=nowhere", {"here", "there", "anywhere"}),
        ("need=learn", {"here"}),
        ("need=money", {"there", "anywhere"}),
        ("need=none", {"here", "there", "anywhere"}),
        ("benefit=T14b", {"here", "there", "anywhere"}),
        ("benefit=X99", {"here", "there", "anywhere"}),
    ],
)
def test_the_list_is_narrowed_by_need_county_and_benefit(client, query, shown):
    world.offering("enrolment", "here", district="520201")
    world.offering("tender", "there", district="520281")
    world.offering("tender", "anywhere")

    page = client.get(f"/services/?{query}").content.decode()

    assert set(re.findall(r'href="/services/(\w+)/"', page)) == shown


def test_of_a_day_only_what_can_be_booked_then_is_shown(client):
    row, other = world.offering("booking", "one"), world.offering("booking", "two")
    slot = world.slot(row, days=3)
    world.slot(other, days=5)
    day = timezone.localtime(slot.starts_at).date()

    def shown(day):
        page = client.get(f"/services/?day={day.isoformat()}").content.decode()
        return re.findall(r'href="/services/(\w+)/"', page)

    assert [shown(day - timedelta(days=1)), shown(day), shown(day + timedelta(days=1))] == [[], ["one"], []]


def test_a_day_that_cannot_be_read_is_said_in_place_and_stays(client):
    world.offering()

    answer = client.get("/services/?day=2026-13-40")

    assert answer.status_code == 400
    assert 'value="2026-13-40"' in answer.content.decode()
    assert 'id="day-error"' in answer.content.decode()


def test_what_is_booked_stands_on_top(browser, shop, owner):
    row = world.offering("booking", "mentor", title="请教导师")
    case = world.ask(row, shop, world.Ask(slot=world.slot(row)), by=owner)

    page = browser.get("/services/").content.decode()

    assert page.index("我约的") < page.index('aria-labelledby="need-learn"')
    assert f'href="{page_of(case)}"' in page
    assert "我约的" not in text_of(browser_of(owner_of(open_shop(2))).get("/services/"))


def test_a_thousand_offerings_cost_a_page_as_many_queries_as_ten(browser, shop):
    tell_of(shop, "veterans", operator_groups={"yes": ["veteran"], "no": []})
    _many(0, 10)
    few = queries(browser)
    _many(10, 1_000)

    assert queries(browser) == few
    assert Offering.objects.count() == 1_000
    assert browser.get("/services/?need=learn&page=3").content.decode().count('class="go"') == 20


def _many(first, last):
    handler, benefit = world.bureau().department, world.benefit()
    kinds = ("enrolment", "tender", "enquiry", "booking", "checklist")
    rows = Offering.objects.bulk_create(
        Offering(
            code=f"o{place}",
            kind=kinds[place % 5],
            benefit=benefit,
            title=f"服务{place}",
            summary="试一试",
            provider=handler,
            handler=handler,
            criteria=VETERAN if place % 2 else None,
            status=Offering.Status.PUBLISHED,
        )
        for place in range(first, last)
    )
    moment = timezone.now() + timedelta(days=2)
    Slot.objects.bulk_create(
        Slot(offering=row, starts_at=moment, ends_at=moment + timedelta(hours=1), capacity=3)
        for row in rows
        if row.kind in ("enrolment", "booking")
    )


def test_the_queries_of_the_list_itself_are_few(client, browser):
    _many(0, 50)

    assert queries(client) <= 4
    assert queries(browser) - queries(browser, "/help/") <= 8
