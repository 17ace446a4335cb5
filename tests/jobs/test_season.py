"""Who is wanted in which month and county, and when so many that a class of pickers is worth while."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Department, User
from jobs.models import Post
from jobs.season import demand, month_after, months_from, worth_a_class
from tests.markup import squeezed
from tests.services import world as services

from .test_moderation import clerk, signed_in
from .world import DAY, post, today, worker

pytestmark = pytest.mark.django_db
THIS_MONTH = today().replace(day=1)


def test_the_months_follow_one_another_over_the_end_of_the_year():
    assert [month_after(THIS_MONTH.replace(month=11), places).month for places in (0, 1, 2, 13)] == [
        11,
        12,
        1,
        12,
    ]


@pytest.mark.parametrize(
    ("first", "last", "is_wanted"), [(-1, -1, False), (0, 0, True), (31, 31, True), (32, 40, False)]
)
def test_work_counts_in_every_month_in_which_a_day_of_it_lies(first, last, is_wanted):
    month = month_after(today(), 2).replace(month=1) if today().month == 12 else month_after(today(), 2)
    offered = post(until_on=(today() + 300 * DAY).isoformat())
    length = (month_after(month, 1) - month).days
    at = {
        -1: month - DAY,
        0: month,
        31: month + (length - 1) * DAY,
        32: month + length * DAY,
        40: month + 40 * DAY,
    }
    Post.objects.filter(pk=offered.pk).update(from_on=at[first], until_on=at[last])

    assert [row.trade for row in demand([month])[0]] == (["tea_picking"] if is_wanted else [])


def test_each_of_several_months_is_as_it_is_alone():
    first = post(people="12")
    post(title="另一件", people="3", until_on=(first.until_on + 40 * DAY).isoformat())
    worker(1)
    worker(2, counties=["520201"])
    months = months_from(first.from_on, 4)

    with CaptureQueriesContext(connection) as queries:
        found = demand(months)

    assert (found, len(queries)) == ([demand([month])[0] for month in months], 2)
    assert [sum(row.people for row in rows) for rows in found][:2] == [15, 3]


def test_people_free_in_the_county_and_beside_it_are_counted_apart():
    offered = post(people="12")
    month = offered.from_on.replace(day=1)
    worker(1)
    worker(2, counties=["520201"])
    worker(3, counties=["520203"])
    worker(4, counties=["520422"])

    ((row,),) = demand([month])

    assert (row.people, row.free, row.near, row.lacking) == (12, 1, 2, 11)
    assert (row.label, row.place) == ("采茶", "水城区")


@pytest.mark.parametrize(
    ("people", "trade", "is_worth_it"),
    [("9", "tea_picking", False), ("10", "tea_picking", True), ("50", "packer", False)],
)
def test_ten_wanted_of_work_on_the_land_are_worth_a_class(people, trade, is_worth_it):
    offered = post(people=people, trade=trade)

    found = worth_a_class(*demand([offered.from_on.replace(day=1)]))

    assert bool(found) == is_worth_it


def test_the_bureau_of_agriculture_sees_what_is_wanted_and_sets_a_class():
    department, _ = Department.objects.get_or_create(code="agriculture", defaults={"name": "市农业农村局"})
    user = User.objects.create(username="agri", is_staff=True, department=department)
    user.groups.set(Group.objects.filter(name="服务专员"))
    lesson = services.offering(
        "enrolment", "pickers", handler=department, benefit=services.benefit("M11a"), title="采茶班"
    )
    post(people="20")

    page = squeezed(signed_in(user).get("/admin/jobs/post/season/").content.decode())

    assert "水城区采茶要 20 人，当地有空 0 人，建议开一期培训班" in page
    assert f"/admin/services/offering/{lesson.pk}/series/" in page
    assert "采茶班排时间" not in squeezed(signed_in(clerk()).get("/admin/jobs/post/season/").content.decode())


def test_the_page_of_the_season_leads_to_the_classes():
    post(people="20")

    page = squeezed(Client().get("/jobs/season/").content.decode())

    assert "水城区采茶要 20 人。不会的可以先学" in page
    assert "/services/?benefit=M11a" in page
