"""The code at a shop's door: an officer sees the visit of their own bureau and says that they are there; anybody else
is asked to sign in and learns nothing."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import AccessEvent
from cases.models import Interest
from core.pictures import code_of
from tests.services.world import browser_of
from visits.code import path_of, shop_of, token_of

from . import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return world.bureau()


@pytest.fixture
def shop():
    return world.shop()[0]


def scanned(user, shop):
    return browser_of(user).get(path_of(shop))


def arrived(user, shop, case):
    client, row = browser_of(user), world.fresh(case)
    return client.post(path_of(shop), {"visit": str(row.public_id), "version": row.version})


def test_the_code_is_a_picture_of_an_address_on_this_site(shop):
    client = browser_of(shop.bindings.get().user)
    page = client.get("/me/code/").content.decode()

    assert code_of(f"http://testserver{path_of(shop)}")["path"] in page
    assert len(path_of(shop)) < 60
    assert shop_of(token_of(shop)) == shop


def test_an_officer_sees_the_visit_of_the_bureau_and_arrives(office, shop):
    other = world.bureau("market", "市市场监管局")
    case = world.visit_set(shop, office, 0, items=["油烟"])
    world.planned(shop, other, 0, 0, items=["价签"])

    page = scanned(office.officer, shop)
    assert [card["items"] for card in page.context["cards"]] == [["油烟"]]
    assert "价签" not in page.content.decode()
    answer = arrived(office.officer, shop, case)

    assert (answer.status_code, answer.url) == (302, path_of(shop))
    assert world.fresh(case).visit.arrived_at is not None
    assert "已到店" in scanned(office.other, shop).content.decode()
    assert AccessEvent.objects.filter(action="see_case", subject=case.subject).exists()
    assert world.faults() == []


def test_who_was_merged_arrives_too(office, shop):
    other = world.bureau("market", "市市场监管局")
    cases = [world.planned(shop, one, 1, 1) for one in (office, other)]
    for case, one in zip(cases, (office, other), strict=True):
        world.do(case, "accept", one.officer)

    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        assert arrived(other.officer, shop, cases[1]).status_code == 302
        assert world.fresh(cases[1]).state == "merged"
        assert [bool(world.fresh(case).visit.arrived_at) for case in cases] == [False, True]
        assert world.faults() == []


@pytest.mark.parametrize("passed", [0, 1, 2])
def test_the_day_before_and_the_day_after_nobody_arrives(office, shop, passed):
    case = world.visit_set(shop, office, 1)
    with time_machine.travel(timezone.now() + timedelta(days=passed), tick=False):
        answer = arrived(office.officer, shop, case)

        assert answer.status_code == [409, 302, 404][passed]
        assert bool(world.fresh(case).visit.arrived_at) == (passed == 1)
        if passed == 0:
            assert "今天不是这一天。请先改日期" in answer.content.decode()


def test_a_page_that_was_opened_before_the_day_was_moved_says_so(office, shop):
    case = world.visit_set(shop, office, 0)
    answer = browser_of(office.officer).post(path_of(shop), {"visit": str(case.public_id), "version": 1})

    assert (answer.status_code, "刚刚有变动" in answer.content.decode()) == (409, True)


# Anybody else


def nobody_in_particular(shop):
    """Each of those who have no business at this door."""
    reviewer = world.bureau("tests", "试验局", "审核员")
    bank = world.bureau("bank", "演示银行", "机构专员")
    bank.department.kind = "bank"
    bank.department.save()
    owner, stranger = shop.bindings.get().user, world.shop(2)[1]
    return [None, owner, stranger, reviewer.officer, bank.officer]


def test_anybody_else_is_asked_to_sign_in_and_learns_nothing_of_the_shop(office, shop):
    case = world.visit_set(shop, office, 0, items=["油烟"])
    for user in nobody_in_particular(shop):
        client = browser_of(user) if user else Client()
        page = client.get(path_of(shop))
        words = page.content.decode()
        assert (page.status_code, "工作人员请登录" in words) == (200, True)
        assert shop.name not in words
        assert "油烟" not in words
        answer = client.post(path_of(shop), {"visit": str(case.public_id), "version": case.version})
        assert answer.status_code == 403
    assert world.fresh(case).visit.arrived_at is None


def test_a_forged_code_is_refused_with_a_sentence(office, shop):
    token = token_of(shop)
    for forged in (
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        f"ff{token[token.index('~') :]}",
        "x",
        "~",
    ):
        for client in (Client(), browser_of(office.officer)):
            page = client.get(f"/s/{forged}/")
            assert (page.status_code, "这个二维码不对" in page.content.decode()) == (404, True)


def test_the_code_of_another_shop_is_refused_with_a_sentence(office, shop):
    other, _ = world.shop(2)
    case = world.visit_set(shop, office, 0)

    page = scanned(office.officer, other)
    assert page.status_code == 404
    assert "贵单位在这家店没有定了日子的检查" in page.content.decode()
    assert other.name not in page.content.decode()
    assert arrived(office.officer, other, case).status_code == 404
    world.visit_set(other, office, 0)
    assert arrived(office.officer, other, case).status_code == 404
    assert world.fresh(case).visit.arrived_at is None


def test_another_bureau_does_not_arrive_for_one(office, shop):
    other = world.bureau("market", "市市场监管局")
    case = world.visit_set(shop, office, 0)

    assert scanned(other.officer, shop).status_code == 404
    assert arrived(other.officer, shop, case).status_code == 404


def test_who_has_an_interest_does_not_arrive(office, shop):
    case = world.visit_set(shop, office, 0)
    Interest.objects.create(user=office.officer, person_index=shop.operator.identity_index, relation="kin")

    assert scanned(office.officer, shop).status_code == 403
    assert arrived(office.officer, shop, case).status_code == 403
    assert world.fresh(case).visit.arrived_at is None


def test_the_address_goes_to_no_index_and_no_other_site(office, shop):
    page = Client().get(path_of(shop))

    assert page["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert page["Referrer-Policy"] == "same-origin"
