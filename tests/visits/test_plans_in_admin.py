"""检查计划 in the admin: the list of one's own bureau, the form of a plan, the page of a visit with its verbs."""

import pytest

from tests.services.world import browser_of
from visits.models import VisitCase

from . import world

pytestmark = pytest.mark.django_db
LIST, PLAN = "/admin/visits/visitcase/", "/admin/visits/visitcase/plan/"


@pytest.fixture
def office():
    return world.bureau()


@pytest.fixture
def shop():
    return world.shop()[0]


def form(shop, **typed):
    return {
        "credit_code": shop.credit_code,
        "items": "油烟\n排污",
        "from_on": world.day(1).isoformat(),
        "until_on": world.day(5).isoformat(),
        "because": "normal",
        "note": "",
        **typed,
    }


def address(case, verb=""):
    return f"{LIST}{case.pk}/do/{verb}/" if verb else f"{LIST}{case.pk}/change/"


def test_a_visit_is_planned_and_its_page_opens(office, shop):
    client = browser_of(office.officer)
    answer = client.post(PLAN, form(shop), follow=True)
    case = VisitCase.objects.get()

    assert (case.state, case.visit.items, case.department) == ("planned", ["油烟", "排污"], office.department)
    assert answer.redirect_chain == [(address(case), 302)]
    page = answer.content.decode()
    assert f"{case.number} 列入计划了。请定日期。" in page
    assert "定日期" in page
    assert shop.name in page


def test_who_plans_the_second_reads_what_is_proposed(office, shop):
    other = world.bureau("market", "市市场监管局")
    world.planned(shop, other, 3, 9, items=["价签"], note="只有他们知道")
    page = browser_of(office.officer).post(PLAN, form(shop), follow=True).content.decode()

    day = world.day(3)
    assert f"建议 {day.year} 年 {day.month} 月 {day.day} 日一起去" in page
    assert "价签" in page
    assert other.department.name not in page
    assert "只有他们知道" not in page


def test_among_the_plans_of_others_are_no_own_ones_and_none_that_are_over(office, shop):
    other = world.bureau("market", "市市场监管局")
    case = world.planned(shop, office, 1, 2)
    world.planned(shop, office, 20, 21, items=["噪音"])
    gone = world.planned(shop, other, 30, 31, items=["广告"])
    world.do(gone, "drop", other.officer, reason="不去了")
    world.planned(shop, other, 40, 41, items=["价签"])
    world.planned(world.shop(2)[0], other, 40, 41, items=["秤"])

    page = browser_of(office.officer).get(address(case)).context["page"]

    assert [tuple(row) for row in page.others] == [(world.day(40), world.day(41), ["价签"])]


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ({"credit_code": "92520204MA6E00019P"}, 400, "登记里没有这家店，请核对信用代码。"),
        ({"credit_code": "123"}, 400, "18 位"),
        ({"items": ""}, 400, "请写查什么，1 到 10 项，一行一项。"),
        ({"items": "\n \n"}, 400, "请写查什么，1 到 10 项，一行一项。"),
        ({"from_on": "昨天"}, 400, ""),
        ({"until_on": "2020-01-01"}, 400, "最晚那天不能在最早那天以前。"),
        ({"because": "complaint"}, 400, "不是日常检查的，请写明为什么要去。"),
    ],
)
def test_what_cannot_be_planned_is_said_and_nothing_typed_is_lost(office, shop, typed, status, words):
    answer = browser_of(office.officer).post(PLAN, form(shop, **typed))
    page = answer.content.decode()

    assert (answer.status_code, words in page) == (status, True)
    assert VisitCase.objects.count() == 0
    for name, value in form(shop, **typed).items():
        shown = answer.context["form"][name].value()
        assert shown == value


def test_a_shop_that_is_no_more_is_said(office, shop):
    type(shop).objects.filter(pk=shop.pk).update(operating_status="deregistered")
    answer = browser_of(office.officer).post(PLAN, form(shop))

    assert (answer.status_code, "不用再检查" in answer.content.decode()) == (409, True)


def test_the_list_has_those_of_the_own_bureau(office, shop):
    other = world.bureau("market", "市市场监管局")
    own, theirs = world.planned(shop, office, 1, 2), world.planned(shop, other, 8, 9)
    client = browser_of(office.officer)

    page = client.get(LIST).content.decode()
    assert (own.number in page, theirs.number in page) == (True, False)
    assert own.number in client.get(f"{LIST}?view=planned").content.decode()
    assert own.number not in client.get(f"{LIST}?view=set").content.decode()
    assert own.number in client.get(f"{LIST}?q={own.number}").content.decode()
    assert client.get(address(theirs)).status_code == 404


def test_verbs_are_done_on_the_general_page_and_what_is_refused_keeps_what_was_typed(office, shop):
    case, client = world.planned(shop, office, 1, 5), browser_of(office.officer)

    late = client.post(
        address(case, "set"), {"on": world.day(6).isoformat(), "expected_version": case.version}
    )
    assert (late.status_code, "之间的一天" in late.content.decode()) == (409, True)
    assert world.day(6).isoformat() in late.content.decode()
    odd = client.post(address(case, "set"), {"on": "后天", "expected_version": case.version})
    assert odd.status_code == 400
    fine = client.post(
        address(case, "set"), {"on": world.day(5).isoformat(), "expected_version": case.version}
    )
    assert (fine.status_code, world.fresh(case).state) == (302, "set")
    stale = client.post(address(case, "drop"), {"reason": "不去了", "expected_version": case.version})
    assert (stale.status_code, world.fresh(case).state) == (409, "set")


def test_of_a_proposal_the_first_button_accepts_it(office, shop):
    world.planned(shop, world.bureau("market", "市市场监管局"), 1, 9)
    case = world.planned(shop, office, 2, 5)
    page = browser_of(office.officer).get(address(case))

    assert list(page.context["page"].verbs) == ["accept", "set", "decline", "drop"]


def test_who_may_only_read_has_no_buttons(office, shop):
    case = world.planned(shop, office)
    reader = world._staff("ecology_reader", office.department, "审核员")
    client = browser_of(reader)

    page = client.get(address(case))
    assert (page.status_code, list(page.context["page"].verbs)) == (200, [])
    assert "安排检查" not in client.get(LIST).content.decode()
    assert client.get(PLAN).status_code == 403
    assert client.get(address(case, "set")).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_list_and_page_have_a_fixed_number_of_queries(office, shop, count, django_assert_max_num_queries):
    other = world.bureau("market", "市市场监管局")
    for place in range(count):
        world.planned(shop, office, 1 + 9 * place, 2 + 9 * place)
        world.planned(shop, other, 4 + 9 * place, 5 + 9 * place)
    client = browser_of(office.officer)
    client.get(LIST)

    with django_assert_max_num_queries(14):
        client.get(LIST)
    with django_assert_max_num_queries(24):
        client.get(address(VisitCase.objects.first()))
