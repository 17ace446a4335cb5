"""工作日调整: what the city says of single days is kept by the 市级管理员, and counts at once."""

from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import AccessEvent, User
from core.models import CalendarDay
from core.workdays import is_workday

LIST = "/admin/core/calendarday/"
SATURDAY = date(2026, 11, 28)
GIVEN = {"day": "2026-11-28", "is_workday": "on", "note": "补班"}


def somebody(role):
    user = User.objects.create_user(f"person_{role}", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def keeper(db):
    return somebody("市级管理员")


def events():
    return list(AccessEvent.objects.order_by("pk").values_list("action", "subject"))


def test_a_day_that_is_added_changed_and_removed_counts_at_once_and_is_written_down(keeper):
    keeper.post(f"{LIST}add/", GIVEN)
    added = is_workday(SATURDAY)
    keeper.post(f"{LIST}2026-11-28/change/", {"note": "不补了", "day": "2026-11-29"})
    changed = (is_workday(SATURDAY), CalendarDay.objects.get().day)
    CalendarDay.objects.update(is_workday=True)
    keeper.post(f"{LIST}2026-11-28/delete/", {"post": "yes"})

    assert (added, changed, is_workday(SATURDAY)) == (True, (False, SATURDAY), False)
    assert events() == [
        ("workday_added", "day 2026-11-28"),
        ("workday_changed", "day 2026-11-28"),
        ("workday_removed", "day 2026-11-28"),
    ]


def test_several_days_are_removed_together(keeper):
    days = [SATURDAY, date(2026, 11, 29)]
    for day in days:
        CalendarDay.objects.create(day=day, is_workday=True)
    before = [is_workday(day) for day in days]

    chosen = {"action": "delete_selected", "_selected_action": [str(day) for day in days], "post": "yes"}
    keeper.post(LIST, chosen)

    assert (before, [is_workday(day) for day in days]) == ([True, True], [False, False])
    assert len(events()) == 2


def test_a_day_said_twice_is_refused_in_words(keeper):
    CalendarDay.objects.create(day=SATURDAY, is_workday=True)

    page = keeper.post(f"{LIST}add/", GIVEN)

    assert page.status_code == 200
    assert "已存在" in page.content.decode()


def test_the_form_says_what_to_put_there(keeper):
    page = keeper.get(f"{LIST}add/").content.decode()

    assert "国家已公布的节假日和调休不用填" in page
    assert all(label in page for label in ("日期", "上班", "说明"))


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["政策专员", "审核员", "审批员", "财务", "市场监管员", "银行专员", "审计员"])
def test_no_other_role_sees_or_changes_a_day(role):
    CalendarDay.objects.create(day=SATURDAY, is_workday=True)
    client = somebody(role)

    answers = [
        client.get(LIST),
        client.get(f"{LIST}2026-11-28/change/"),
        client.post(f"{LIST}add/", {**GIVEN, "day": "2026-11-29"}),
        client.post(f"{LIST}2026-11-28/delete/", {"post": "yes"}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert CalendarDay.objects.count() == 1
