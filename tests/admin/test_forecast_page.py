"""资金测算: what a benefit would cost on a day to come, for those who see money and those who write what costs it."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import AccessEvent, User
from eligibility.holdings import hold
from tests.notifications.register import OLD_ENOUGH, open_shop, tell_of
from tests.subsidies import world

from .test_money import browser, text

pytestmark = pytest.mark.django_db
PAGE = "/admin/subsidies/envelope/forecast/"
FILE = "/admin/subsidies/envelope/forecast.csv"
TODAY = timezone.localdate()
IN_A_YEAR = TODAY + timedelta(days=366)


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def officer(people):
    """Who writes and publishes rules, and sees no money."""
    user = User.objects.create(username="tests_policy", is_staff=True, department=people.department)
    user.groups.add(Group.objects.get(name="政策专员"))
    return user


@pytest.fixture
def benefit(people):
    """5,000 yuan for shops of a year: one is old enough today, one only in a year's time, one has it."""
    found = world.grant_of_money(criteria={"all": [OLD_ENOUGH]})
    for place, days in ((1, 900), (2, 30), (3, 900)):
        shop = open_shop(place, registered_on=TODAY - timedelta(days=days))
    hold(shop, found, "enjoyed")
    world.envelope(found, 30_000, year=IN_A_YEAR.year)
    return found


def read(user, day=IN_A_YEAR):
    return text(browser(user).get(PAGE, {"day": day.isoformat()}))


def lines(user, day=IN_A_YEAR):
    response = browser(user).get(FILE, {"day": day.isoformat()})
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline="")))


def test_finance_sees_what_a_year_on_would_cost_beside_what_is_left(benefit, people):
    page = read(people.finance)

    assert "T01a 试验补贴 1 2 10,000 元 0 1 30,000" in page
    assert f"{IN_A_YEAR.year} 年还剩（元）" in page


def test_a_policy_officer_sees_the_same_without_the_money_that_is_left(benefit, officer):
    page = read(officer)

    assert "T01a 试验补贴 1 2 10,000 元 0 1" in page
    assert "还剩" not in page


def test_the_file_has_the_city_and_its_districts(benefit, people):
    heading, *rows = lines(people.finance)

    figures = ["1", "2", "5000", "10000", "元", "", "0", "1"]
    assert rows == [["T01a", "试验补贴", place, *figures] for place in ("全市", "钟山区")]
    assert heading[3:7] == ["今天可享（户）", "那天可享（户）", "今天金额", "那天金额"]
    assert AccessEvent.objects.filter(action="export", subject="money forecast").count() == 1


def test_what_is_paid_by_the_month_has_a_most_and_a_month(people):
    world.grant_of_rent()
    for place, facts in ((1, {"monthly_rent": "380"}), (2, {})):
        tell_of(open_shop(place), "registry", **facts, rent_subsidy_months_received=0)

    page = read(people.finance)

    # 380 × 36 and, where the rent is not known, at most 500 × 36.
    assert "T01c 试验补贴 2 2 31,680 元 按月发，累计最多 每月 380 元 1 0" in page


def test_a_benefit_that_is_closed_on_that_day_says_so(people):
    world.grant_of_money(window={"to": (TODAY + timedelta(days=10)).isoformat()})
    open_shop(1)

    assert "T01a 试验补贴 那天办不了：不在办理时间里，或已暂停 1 0 —" in read(people.finance)
    assert "办不了" not in read(people.finance, TODAY)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2027-13-01", "没有这一天，请对照日历再填。"),
        ("明年", "日期请写成 2026-01-15 这样的格式，只用半角数字。"),
        ("9999-12-31", "日期应在 1900 年到 2199 年之间。"),
        ("2099-12-31", "只能测算前后 10 年以内的日子，请换一天。"),
        ("", "请选要测算的那一天。"),
    ],
)
def test_a_day_that_cannot_be_is_said_and_a_year_on_shown(benefit, people, day, words):
    page = text(browser(people.finance).get(PAGE, {"day": day}))

    assert words in page
    assert "T01a 试验补贴 1 2 10,000 元" in page


def test_nobody_sees_what_another_bureau_leads(benefit):
    elsewhere = world.bureau("other", "别的局")

    assert "您的单位没有牵头发钱或减税的事项。" in read(elsewhere.finance)
    assert len(lines(elsewhere.finance)) == 1


def test_a_reviewer_does_not_open_it(benefit, people):
    client = browser(people.reviewer)

    assert [client.get(address).status_code for address in (PAGE, FILE)] == [403, 403]
    assert browser(people.finance).get(FILE.replace("csv", "pdf")).status_code == 404
