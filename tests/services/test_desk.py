"""接单: whoever was asked sees what was sent to them, does what they may, and learns nothing of anybody else."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessEvent
from cases.actions import general, interests
from cases.models import Case
from core.errors import Refused
from services.finance import tenders
from services.models import Leg, ServiceCase
from tests.notifications.register import identity

from . import world

pytestmark = pytest.mark.django_db
SUM = {"key": "sum", "type": "money", "label": "想借多少", "required": True}
RENT = {"key": "rent", "type": "money", "label": "每月房租多少", "fact": "monthly_rent"}


@pytest.fixture
def banks(db):
    return world.bank(questions=[RENT]), world.bank("b", "乙", questions=[RENT])


@pytest.fixture
def asked(banks):
    """A request to two banks, of which the first may read: the case, its shop, its owner."""
    shop, owner = world.shop_that_rents()
    case = world.tender(shop, owner, *banks, agreed=[banks[0]], words="想借钱进一批春茶")
    return case, shop, owner


def page_of(leg, user, method="get", path="change/", **typed):
    return getattr(world.browser_of(user), method)(f"/admin/services/leg/{leg.pk}/{path}", typed)


def text(response):
    return response.content.decode()


def test_the_list_has_what_waits_for_the_own_institution_the_oldest_first(banks, asked):
    world.tender(*world.shop_that_rents(2), banks[0])
    done = world.tender(*world.shop_that_rents(3), banks[0])
    tenders.answer(world.leg_of(done, banks[0]), "decline", {"reason": "不办"}, by=banks[0].officer)
    numbers = list(ServiceCase.objects.order_by("pk").values_list("number", flat=True))

    page = text(world.browser_of(banks[0].officer).get("/admin/services/leg/"))
    others = text(world.browser_of(banks[1].officer).get("/admin/services/leg/?state=all"))
    ended = text(world.browser_of(banks[0].officer).get("/admin/services/leg/?state=no_help"))

    assert page.index(numbers[0]) < page.index(numbers[1])
    assert numbers[2] not in page
    assert [number in others for number in numbers] == [True, False, False]
    assert [number in ended for number in numbers] == [False, False, True]


def test_a_number_is_found_whatever_its_state_and_by_its_last_digits(banks, asked):
    done = world.tender(*world.shop_that_rents(2), banks[0])
    tenders.answer(world.leg_of(done, banks[0]), "decline", {"reason": "不办"}, by=banks[0].officer)
    waiting = asked[0].number

    def found(query, bank=banks[0]):
        page = text(world.browser_of(bank.officer).get(f"/admin/services/leg/?{query}"))
        return [f">{number}</a>" in page for number in (waiting, done.number)]

    assert found(f"q={done.number}") == [False, True]
    assert found(f"q={waiting[-4:]}") == [True, False]
    assert found(f"q={done.number}&state=open") == [False, False]
    assert found("q=") == [True, False]
    assert found(f"q={done.number}", banks[1]) == [False, False]
    assert found(f"q={waiting}", banks[1]) == [True, False]


def test_the_list_costs_the_same_for_one_and_for_many(banks, asked):
    browser, counts = world.browser_of(banks[0].officer), []
    browser.get("/admin/services/leg/")
    for places in ((), range(2, 5)):
        for place in places:
            world.tender(*world.shop_that_rents(place), banks[0])
        with CaptureQueriesContext(connection) as queries:
            browser.get("/admin/services/leg/")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_page_says_what_was_sent_and_nothing_of_the_shop_or_of_the_others(banks, asked):
    case, shop, _owner = asked
    tenders.answer(world.leg_of(case, banks[0]), "take", {}, by=banks[0].officer)
    tenders.answer(world.leg_of(case, banks[0]), "offer", {"words": "甲的条件是八厘"}, by=banks[0].officer)

    page = text(page_of(world.leg_of(case, banks[1]), banks[1].officer))

    assert "想借钱进一批春茶" in page
    assert "没有授权看店铺信息" in page
    assert "待接单" in page
    for hidden in (
        *(shop.name, shop.credit_code, shop.operator.name, f"139{shop.pk:08d}", "800 元"),
        *("演示银行甲", "甲的条件", "洽谈中", banks[0].officer.username, f"/servicecase/{case.pk}/"),
    ):
        assert hidden not in page


def test_what_the_owner_shares_is_shown_after_a_button_and_counted(banks, asked):
    case, shop, _owner = asked
    leg = world.leg_of(case, banks[0])

    before = text(page_of(leg, banks[0].officer))
    answer = page_of(leg, banks[0].officer, "post", "sharing/")

    assert "还能看 5 次" in before
    assert shop.name not in before
    assert answer.status_code == 200
    assert shop.name in text(answer)
    assert "800 元" in text(answer)
    assert "还能看 4 次" in text(answer)
    assert AccessEvent.objects.filter(action="sharing-read", user=banks[0].officer).count() == 1


def test_what_has_ended_is_said_with_the_day_by_which_it_is_deleted(banks, asked):
    case, _shop, owner = asked
    leg = world.leg_of(case, banks[0])
    tenders.sharing.revoke(leg.sharing, by=owner)

    answer = page_of(leg, banks[0].officer, "post", "sharing/")

    assert answer.status_code == 409
    assert "店主已经撤回授权" in text(answer)
    assert "前删除" in text(answer)


def test_a_leg_is_taken_answered_and_closed_from_the_desk(banks, asked):
    case, _shop, _owner = asked
    leg = world.leg_of(case, banks[0])
    officer = banks[0].officer

    taken = page_of(leg, officer, "post", "do/take/", expected_version=leg.version)
    form = page_of(leg, officer, path="do/offer/")
    version = world.leg_of(case, banks[0]).version
    nothing = page_of(leg, officer, "post", "do/offer/", expected_version=version)
    offered = page_of(leg, officer, "post", "do/offer/", expected_version=version, words="10 万元")

    assert (taken.status_code, form.status_code, nothing.status_code, offered.status_code) == (
        302,
        200,
        400,
        302,
    )
    assert (world.leg_of(case, banks[0]).state, world.leg_of(case, banks[0]).terms) == ("done", "10 万元")
    assert world.leg_of(case, banks[0]).taken_by == officer


def test_of_two_who_take_one_the_second_is_told_who_has_it(banks, asked):
    case, _shop, _owner = asked
    leg = world.leg_of(case, banks[0])
    page_of(leg, banks[0].officer, "post", "do/take/", expected_version=leg.version)

    second = page_of(leg, banks[0].other, "post", "do/take/", expected_version=leg.version)

    assert second.status_code == 409
    assert f"{banks[0].officer.shown_name} 已经接了这一单" in text(second)


def test_what_another_bank_does_meanwhile_is_no_conflict_and_not_told(banks, asked):
    case, _shop, _owner = asked
    leg = world.leg_of(case, banks[1])
    tenders.answer(world.leg_of(case, banks[0]), "take", {}, by=banks[0].officer)

    answer = page_of(leg, banks[1].officer, "post", "do/take/", expected_version=leg.version)

    assert answer.status_code == 302


def test_what_a_colleague_did_meanwhile_is_a_conflict_and_nothing_typed_is_lost(banks, asked):
    case, _shop, _owner = asked
    leg = world.leg_of(case, banks[0])
    tenders.answer(leg, "take", {}, by=banks[0].other)

    answer = page_of(
        leg, banks[0].officer, "post", "do/decline/", expected_version=leg.version, reason="开店时间太短"
    )

    assert answer.status_code == 409
    assert "刚刚有变动" in text(answer)
    assert "开店时间太短" in text(answer)


def test_nobody_answers_for_another_bank(banks, asked):
    case, _shop, _owner = asked
    leg = world.leg_of(case, banks[0])

    for user in (banks[1].officer, world.bureau().reviewer, world.bureau().admin):
        with pytest.raises(PermissionDenied):
            tenders.answer(leg, "take", {}, by=user)
    assert page_of(leg, banks[1].officer).status_code == 404
    assert page_of(leg, banks[1].officer, "post", "do/take/").status_code == 404
    assert page_of(leg, banks[1].officer, "post", "sharing/").status_code == 404


def test_whoever_declared_an_interest_neither_sees_nor_takes_it(banks, asked):
    case, _shop, _owner = asked
    leg, officer = world.leg_of(case, banks[0]), banks[0].officer
    interests.declare(identity(1), "kin", by=officer)

    page = text(world.browser_of(officer).get("/admin/services/leg/"))

    assert case.number not in page
    assert case.number in text(world.browser_of(banks[0].other).get("/admin/services/leg/"))
    assert page_of(leg, officer).status_code == 404
    for act in (
        lambda: tenders.answer(leg, "take", {}, by=officer),
        lambda: tenders.read_shared(leg, by=officer),
    ):
        with pytest.raises(PermissionDenied):
            act()


SEARCHES = (
    "/admin/services/leg/?state=all",
    "/admin/services/leg/?q={number}",
    "/admin/services/leg/?request__case__number={number}",
    "/admin/services/leg/?receiver__name=%E6%BC%94%E7%A4%BA%E9%93%B6%E8%A1%8C%E7%94%B2",
    "/admin/services/leg/{leg}/history/",
    "/admin/services/leg/{leg}/change/",
    "/admin/services/servicecase/",
    "/admin/services/servicecase/{case}/change/",
    "/admin/services/servicecase/?q={number}",
    "/admin/autocomplete/?app_label=services&model_name=leg&field_name=request&term={number}",
    "/admin/cases/auditentry/?q={number}",
    "/admin/cases/interest/",
    "/admin/accounts/accessevent/",
    "/cases/{public_id}/",
    "/cases/{public_id}/accept/{leg}/",
    "/me/sharing/",
)


@pytest.mark.crawl
@pytest.mark.parametrize("address", SEARCHES)
def test_no_page_tells_one_bank_what_was_sent_to_another(banks, address):
    shop, owner = world.shop_that_rents()
    case = world.tender(shop, owner, banks[0], agreed=[banks[0]], words="只有甲行才知道的话")
    leg = world.leg_of(case, banks[0])
    path = address.format(leg=leg.pk, case=case.pk, number=case.number, public_id=case.public_id)

    page = text(world.browser_of(banks[1].officer).get(path))

    for hidden in ("只有甲行才知道的话", shop.name, shop.operator.name):
        assert hidden not in page
    if "{number}" not in address:  # what was searched for is repeated in the box
        assert case.number not in page


def test_a_bank_may_not_be_asked_by_search_what_its_list_does_not_show(banks, asked):
    browser = world.browser_of(banks[1].officer)

    for lookup in (
        "request__case__business__name__startswith=演",
        "sharing__facts__contains=rent",
        "reason=x",
    ):
        assert browser.get(f"/admin/services/leg/?{lookup}").status_code == 400


def test_a_bureau_is_led_from_the_leg_to_the_case(banks):
    people = world.bureau()
    case, _owner = world.asked(world.offering())
    leg = Leg.objects.get()

    page = page_of(leg, people.reviewer)

    assert f"/admin/services/servicecase/{case.pk}/change/" in text(page)
    assert "/do/" not in text(page)


def test_an_institution_answers_a_question_that_was_sent_to_it():
    bank = world.institution("bank_a", "演示银行甲")
    case, _owner = world.asked(world.offering("enquiry", "rollover", handler=bank.department))
    leg = Leg.objects.get()

    for verb, typed in (("take", {}), ("answer", {"words": "可以展期三个月"})):
        version = Leg.objects.get().version
        assert (
            page_of(leg, bank.officer, "post", f"do/{verb}/", expected_version=version, **typed).status_code
            == 302
        )

    assert Case.objects.get(pk=case.pk).state == "answered"


# 服务办件


def test_bureaus_have_lists_of_what_waits_and_a_page_of_each(banks, asked):
    people = world.bureau()
    case, _owner = world.asked(world.offering(), 2)
    browser = world.browser_of(people.reviewer)

    waiting = text(browser.get("/admin/services/servicecase/"))
    page = text(browser.get(f"/admin/services/servicecase/{case.pk}/change/"))
    with pytest.raises(Refused):
        tenders.accept(asked[0], world.leg_of(asked[0], banks[0]), by=asked[2])

    assert case.number in waiting
    for words in (world.NEED, "试验局", "接办", f"/admin/services/servicecase/{case.pk}/do/take/"):
        assert words in page


@pytest.mark.parametrize(
    ("view", "found"),
    [
        ("open", ["first", "tender"]),
        ("taken", ["second"]),
        ("deciding", []),
        ("today", []),
        ("overdue", []),
        ("mine", []),
        ("all", ["first", "second", "tender"]),
    ],
)
def test_each_view_has_its_stretch(banks, asked, view, found):
    people = world.bureau()
    first, _ = world.asked(world.offering(), 2)
    second, _ = world.asked(world.offering("enquiry", "other"), 3)
    general.do(second, "take", {}, by=people.reviewer)
    numbers = {"first": first.number, "second": second.number, "tender": asked[0].number}

    page = text(world.browser_of(people.reviewer).get(f"/admin/services/servicecase/?view={view}"))

    assert [name for name, number in numbers.items() if number in page] == found


def test_the_lead_of_a_tender_watches_it_and_answers_nothing(banks, asked):
    people, (case, shop, _owner) = world.bureau(), asked

    page = text(world.browser_of(people.reviewer).get(f"/admin/services/servicecase/{case.pk}/change/"))

    assert shop.name in page
    assert "演示银行甲" in page
    assert "这一件现在不等您办" in page
