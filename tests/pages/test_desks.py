"""去哪里: what a bureau has stated of its windows, and what it has not, on the page of a benefit and of a case."""

import re

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import Department, User
from policies.models import Benefit, Desk
from tests.markup import markup
from tests.notifications.register import open_shop
from tests.subsidies import world

from .owners import answers_cookie


def said(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def where(client):
    page = markup(client.get("/policies/M05c/"))
    return page[page.index('id="where"') : page.index('id="law"')]


@pytest.fixture
def hrss(catalogue_loaded):
    return Department.objects.get(code="hrss")


def desk(department, **stated):
    return Desk.objects.create(department=department, source="演示", **stated)


def test_what_nobody_has_stated_is_counted_and_12345_stands_there_always(client, hrss):
    section = where(client)

    assert re.findall(r'href="tel:([0-9-]+)"', section) == ["12345"]
    assert "还有 3 样待公布：窗口在哪里、电话、几点开门。" in said(section)


def test_what_is_stated_stands_on_the_page_and_the_rest_is_counted(client, hrss):
    desk(hrss, place="演示大厅 3 号窗口", phone="0858-0000000")

    section = where(client)

    assert "演示大厅 3 号窗口" in section
    assert re.findall(r'href="tel:([0-9-]+)"', section) == ["0858-0000000", "12345"]
    assert "还有 1 样待公布：几点开门。" in said(section)


def test_where_all_is_stated_nothing_is_said_to_lack(client, hrss):
    desk(hrss, place="演示大厅", phone="0858-0000000", hours="周一到周五 9:00—17:00")

    assert "待公布" not in where(client)


def test_a_window_for_the_benefit_stands_instead_of_that_for_all(client, hrss):
    row = desk(hrss, place="所有事项的窗口")
    before = where(client)
    desk(hrss, benefit=Benefit.objects.get(code="M05c"), place="房租补贴的窗口")
    after = where(client)
    row.delete()

    assert ("所有事项的窗口" in before, "所有事项的窗口" in after) == (True, False)
    assert "房租补贴的窗口" in after


def test_a_window_of_another_bureau_or_for_another_benefit_is_not_there(client, hrss):
    desk(Department.objects.get(code="market"), place="别的局的窗口")
    desk(hrss, benefit=Benefit.objects.get(code="M05a"), place="开店补贴的窗口")

    section = where(client)

    assert ("别的局的窗口" in section, "开店补贴的窗口" in section) == (False, False)


def test_the_window_of_the_own_district_stands_first(client, hrss):
    for district in ("520201", "520281"):
        desk(hrss, district=district, place=f"{district} 的窗口")
    before = where(client)
    client.cookies["answers"] = answers_cookie({"district": "520281"})
    after = where(client)

    assert before.index("520201 的窗口") < before.index("520281 的窗口")
    assert after.index("520281 的窗口") < after.index("520201 的窗口")
    assert "（盘州市）" in after


def test_the_page_of_a_case_says_where_its_bureau_is(client, db):
    people, shop = world.bureau(), open_shop(1)
    benefit, owner = world.grant_of_money(), world.owner_of(shop)
    application = world.filed(benefit, shop, owner)
    client.force_login(owner)
    page = reverse("case", args=[application.public_id])

    before = markup(client.get(page))
    desk(people.department, benefit=benefit, place="演示大厅")
    after = markup(client.get(page))

    assert ("去哪里问" in before, "演示大厅" in before) == (False, False)
    assert f"去哪里问：{people.department.name}" in after
    assert "演示大厅" in after


@pytest.mark.parametrize("phone", ["12345", "0858-1234567", "13800000001"])
def test_a_phone_is_digits_and_dashes(hrss, phone):
    row = Desk(department=hrss, source="演示", phone=phone)
    row.full_clean()

    row.phone = f"{phone} 转 2"
    with pytest.raises(ValidationError, match="电话只写数字和短横"):
        row.full_clean()


def test_a_window_says_something(hrss):
    with pytest.raises(ValidationError, match="地点、电话、时间至少写一样"):
        Desk(department=hrss, source="演示").full_clean()


def test_officers_write_the_windows_of_their_own_bureau_alone(client, hrss):
    officer = User.objects.create(username="officer", is_staff=True, department=hrss)
    officer.groups.add(Group.objects.get(name="政策专员"))
    other = desk(Department.objects.get(code="market"), place="别的局的窗口")
    client.force_login(officer)
    add = reverse("admin:policies_desk_add")
    typed = {"place": "演示大厅", "phone": "0858-0000000", "source": "演示"}

    client.post(add, {**typed, "department": hrss.pk, "district": "520203"})
    refused = client.post(add, {**typed, "department": other.department_id})
    client.post(reverse("admin:policies_desk_change", args=[other.pk]), {**typed, "department": hrss.pk})
    client.post(reverse("admin:policies_desk_delete", args=[other.pk]), {"post": "yes"})

    rows = Desk.objects.order_by("pk").values_list("department__code", "place", "district")
    assert list(rows) == [("market", "别的局的窗口", ""), ("hrss", "演示大厅", "520203")]
    assert refused.status_code == 200
    assert "演示大厅" in where(client)
