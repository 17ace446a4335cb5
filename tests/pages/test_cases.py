"""What owners see of their cases, and what they can do about them; a case of somebody else is not found."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.actions import appealing, correcting
from cases.models import CaseFile, Evidence
from cases.pages.listing import newest_cases
from core.workdays import add_workdays
from notifications import sweep
from subsidies.actions import applying, automatic_grants, reviewing
from subsidies.models import Application, Instalment
from subsidies.money.grants import opens_on
from tests.markup import markup
from tests.notifications.register import open_shop, publish, tell_of
from tests.standing import stands
from tests.subsidies import world

from .shops import agent_of, browser_of, person
from .test_apply import photo

CONTRACT = {"kind": "material", "name": "租赁合同", "reason": "看不清租期", "sample": "拍到起止日期那一页"}
RENT = {"kind": "fact", "name": "monthly_rent", "reason": "和合同上写的不一样"}


@pytest.fixture(autouse=True)
def private_folder(settings, tmp_path):
    settings.PRIVATE_FOLDER, settings.UPLOAD_SCANNER = str(tmp_path), ""


def _begin():
    """A bureau, a shop with rent, and its owner."""
    people, shop = world.bureau(), world.shop_with_rent(1, "380")
    return SimpleNamespace(people=people, shop=shop, owner=world.owner_of(shop))


_begun = stands(_begin)


@pytest.fixture
def people(begun):
    return begun.people


@pytest.fixture
def shop(begun):
    return begun.shop


@pytest.fixture
def owner(begun):
    return begun.owner


@pytest.fixture
def browser(owner):
    return browser_of(owner)


@pytest.fixture
def rent(people):
    benefit = world.grant_of_rent(criteria=world.IN_DISTRICT)
    world.envelope(benefit)
    return benefit


@pytest.fixture
def filed(rent, shop, owner):
    return world.filed(rent, shop, owner)


def address(application, page=""):
    return f"/cases/{application.public_id}/{page}"


def shown(browser, application, page=""):
    return markup(browser.get(address(application, page)))


def steps(page):
    """{step: status} of the timeline; of several corrections the last."""
    return {
        part.split('"')[0]: part.split('data-status="')[1].split('"')[0]
        for part in page.split('data-step="')[1:]
    }


def asked_to_correct(application, people, *defects):
    return correcting.request_correction(application, list(defects or (CONTRACT, RENT)), by=people.reviewer)


def at(day, hour=12):
    return time_machine.travel(f"{day.isoformat()}T{hour}:00:00+08:00", tick=False)


# The list


def test_who_has_applied_for_nothing_is_led_to_what_they_can_have(people):
    page = markup(browser_of(person(9)).get("/cases/"))

    assert "您还没有申请。先看看能享受什么。" in page
    assert 'href="/check/">开始查' in page


def test_what_waits_for_the_owner_stands_first(browser, people, shop, owner, rent):
    running = world.filed(world.grant_of_money("T01a"), shop, owner)
    waiting = asked_to_correct(world.filed(rent, shop, owner), people)
    draft = applying.begin(shop, world.grant_of_money("T01d"), by=owner)

    page = browser.get("/cases/").content.decode()

    order = [page.index(f'data-case="{row.public_id}"') for row in (waiting, running, draft)]
    assert order == sorted(order)
    assert [page.count(f'data-group="{key}"') for key in ("mine", "running", "draft")] == [1, 1, 1]
    assert f'href="/apply/{draft.public_id}/"' in page


def test_where_only_one_is_shown_it_is_one_that_waits(browser, people, shop, owner, rent):
    waiting = asked_to_correct(world.filed(rent, shop, owner), people)
    world.filed(world.grant_of_money("T01a"), shop, owner)

    (card,) = newest_cases(owner, 1)
    assert card["public_id"] == waiting.public_id


def test_the_navigation_counts_what_waits_and_home_says_so(browser, people, filed):
    before = markup(browser.get("/"))
    asked_to_correct(filed, people)
    after = markup(browser.get("/"))

    assert "件要您处理" not in before
    assert '1<span class="vh">件要您处理' in after
    assert "要您处理 · 1 件" in after


def test_the_list_takes_as_many_queries_for_three_as_for_one(browser, people, shop, owner):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            browser.get("/cases/")
        return len(caught)

    asked_to_correct(world.filed(world.grant_of_money("T01a"), shop, owner), people, CONTRACT)
    one = queries()
    for code in ("T01d", "T01e"):
        asked_to_correct(world.filed(world.grant_of_money(code), shop, owner), people, CONTRACT)

    assert queries() == one


# One case


def test_a_new_case_says_by_when_and_who_is_at_it(browser, filed):
    page = shown(browser, filed)

    due = filed.due_on
    day = f"{due.month} 月 {due.day} 日"
    assert f"最迟 {day if due.year == timezone.localdate().year else f'{due.year} 年 {day}'}有结果" in page
    assert steps(page) == {
        **{"submitted": "done", "accepted": "current", "reviewing": "todo"},
        **{"decided": "todo", "paying": "todo", "paid": "todo"},
    }
    assert ("试验局" in page, "每月 380 元，共 36 个月" in page) == (True, True)
    assert "tests_reviewer" not in page


def test_where_nothing_is_promised_the_page_says_so(browser, people, shop, owner):
    benefit = world.grant_of_money("T01f", promised_working_days=None)

    page = shown(browser, world.filed(benefit, shop, owner))

    assert "已提交，等待受理，时限待公布" in page


def test_an_overdue_case_says_by_how_many_days_and_whom_to_call(browser, people, owner, filed):
    reviewing.accept(filed, by=people.reviewer)
    with at(add_workdays(filed.due_on, 2)):
        page = shown(browser_of(owner), filed)

    assert "审核中，已超过承诺时限 2 个工作日。您可以拨打 12345。" in page


def test_an_approved_case_shows_the_instalments_and_which_can_be_claimed(browser, people, filed):
    world.approved(filed, people)

    page = shown(browser, filed)

    assert "已批准，等待拨付" in page
    assert steps(page)["paying"] == "current"
    assert page.count('data-instalment="') == Instalment.objects.count()
    assert "instalments/" not in page


def test_a_refused_case_names_the_criterion_the_own_value_and_the_remedy(browser, people, filed):
    world.refused(filed, people)

    page = shown(browser, filed)

    assert world.REASON in page
    assert 'data-result="fail"' in page
    assert "钟山区" in page
    assert "申请行政复议" in page
    assert "（待核实）" in page
    assert address(filed, "appeal/") in page
    assert "paying" not in steps(page)


def test_the_history_is_told_in_plain_words(browser, people, filed):
    reviewing.accept(filed, by=people.reviewer)

    page = shown(browser, filed)

    assert page.index("试验局：受理") < page.index("您：提交申请")


def test_a_case_takes_as_many_queries_with_many_files_as_with_one(browser, people, shop, owner, filed):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            browser.get(address(filed))
        return len(caught)

    one = queries()
    for _ in range(3):
        CaseFile.objects.create(case=filed, material="租赁合同", evidence=world.evidence(shop.operator))

    assert queries() == one <= 25


@pytest.mark.parametrize("page", ["", "receipt/", "correct/", "withdraw/", "appeal/", "instalments/1/"])
def test_a_case_of_somebody_else_is_not_found(filed, page):
    stranger = world.owner_of(open_shop(2))

    assert browser_of(stranger).get(address(filed, page)).status_code == 404
    assert browser_of(stranger).post(address(filed, page)).status_code in (404, 405)


def test_who_is_not_signed_in_is_led_to_signing_in(client, filed):
    assert client.get(address(filed)).url == f"/login/?next={address(filed)}"


def test_an_agent_is_told_whose_case_it_is(people, shop, owner, filed):
    agent = browser_of(agent_of(shop, owner, ["apply"], number=4))

    assert f"您在替“{shop.name}”的店主办这一件" in shown(agent, filed)


def test_a_case_is_kept_by_no_cache(browser, filed):
    assert browser.get(address(filed)).headers["Cache-Control"] == "no-store"


# Withdrawing


def test_withdrawing_asks_first_and_ends_the_case(browser, filed):
    asked = shown(browser, filed, "withdraw/")

    response = browser.post(address(filed, "withdraw/"), {"version": filed.version})

    filed.refresh_from_db()
    assert "撤回后不再办理" in asked
    assert (response.url, filed.state) == (address(filed), "withdrawn")
    page = shown(browser, filed)
    assert steps(page) == {"submitted": "done", "withdrawn": "done"}


def test_what_was_decided_meanwhile_is_not_withdrawn_unseen(browser, people, filed):
    seen = filed.version
    reviewing.accept(filed, by=people.reviewer)

    response = browser.post(address(filed, "withdraw/"), {"version": seen}, follow=True)

    filed.refresh_from_db()
    assert (filed.state, "刚刚有变动" in response.content.decode()) == ("reviewing", True)


# Corrections


def test_all_defects_are_shown_at_once_with_sample_and_due_day(browser, people, filed):
    application = asked_to_correct(filed, people)

    page = shown(browser, application, "correct/")

    assert page.count('data-defect="') == 2
    assert [word for word in ("看不清租期", "拍到起止日期那一页", RENT["reason"]) if word not in page] == []
    assert 'name="monthly_rent" value="380' in page
    due = application.corrections.get().due_on
    assert f"最迟 {due.year} 年 {due.month} 月 {due.day} 日" in page
    assert steps(shown(browser, application))["correcting"] == "blocked"


def test_everything_is_mended_and_handed_in_again_with_old_and_new_side_by_side(browser, people, filed):
    there = address(asked_to_correct(filed, people), "correct/")

    early = browser.post(there, {"do": "send", "version": filed.version})
    browser.post(there, {"do": "upload", "name": "租赁合同", "file": photo("新合同.jpg")})
    browser.post(there, {"do": "fact", "name": "monthly_rent", "monthly_rent": "350"})
    filed.refresh_from_db()
    sent = browser.post(there, {"do": "send", "version": filed.version})

    assert (early.status_code, early.content.decode().count("还没有补")) == (409, 4)
    filed.refresh_from_db()
    assert (sent.url, filed.state, filed.monthly_fen) == (address(filed), "reviewing", 35_000)
    page = shown(browser, filed)
    assert "新合同.jpg" in page
    assert "350 元" in page
    assert steps(page)["correcting"] == "done"
    assert "不计时" in page


def test_several_pages_of_a_material_are_several_files(browser, people, filed):
    there = address(asked_to_correct(filed, people), "correct/")

    browser.post(there, {"do": "upload", "name": "租赁合同", "file": photo("一.jpg", "red")})
    browser.post(there, {"do": "upload", "name": "租赁合同", "file": photo("二.jpg", "blue")})

    files = filed.files.filter(removed_at=None, material="租赁合同")
    names = files.values_list("evidence__original_name", flat=True)
    assert sorted(names) == ["一.jpg", "二.jpg"]


def test_only_what_was_asked_for_can_be_changed(browser, people, filed):
    there = address(asked_to_correct(filed, people, CONTRACT), "correct/")

    fact = browser.post(there, {"do": "fact", "name": "monthly_rent", "monthly_rent": "400"})
    other = browser.post(there, {"do": "wish", "name": "租赁合同"})

    assert (fact.status_code, other.status_code) == (400, 400)


def test_what_is_typed_wrong_is_shown_again(browser, people, filed):
    there = address(asked_to_correct(filed, people), "correct/")

    response = browser.post(there, {"do": "fact", "name": "monthly_rent", "monthly_rent": "三百"})

    assert response.status_code == 400
    assert 'value="三百"' in response.content.decode()


def test_a_case_that_needs_no_correction_leads_to_itself(browser, filed):
    assert browser.get(address(filed, "correct/")).url == address(filed)


# Appeals


def test_an_appeal_needs_words_and_starts_a_case_of_its_own(browser, people, filed):
    world.refused(filed, people)
    filed.refresh_from_db()

    short = browser.post(address(filed, "appeal/"), {"version": filed.version, "words": "不服"})
    words = "合同上个月已经续签，请再看一次。"
    response = browser.post(address(filed, "appeal/"), {"version": filed.version, "words": words})

    assert (short.status_code, "不服</textarea>" in short.content.decode()) == (400, True)
    filed.refresh_from_db()
    assert (response.url, filed.state) == (address(filed), "appealed")
    page = shown(browser, filed)
    assert (words in page, "撤回申诉" in page) == (True, True)
    browser.post(address(filed, "appeal/withdraw/"))
    filed.refresh_from_db()
    assert filed.state == "refused"


def test_after_the_days_of_remedy_the_page_offers_no_appeal(people, owner, filed):
    world.refused(filed, people)
    filed.refresh_from_db()

    with at(filed.remedy_until + timedelta(days=1)):
        page = shown(browser_of(owner), filed)

    assert address(filed, "appeal/") not in page
    assert appealing.unmet_for_appeal(filed, filed.remedy_until) == ""


# Instalments


def test_the_next_instalment_is_claimed_on_proof_when_its_months_are_there(people, owner, filed):
    world.approved(filed, people)
    row = Instalment.objects.get(number=2)
    there = address(filed, f"instalments/{row.pk}/")

    with at(opens_on(row)):
        browser = browser_of(owner)
        linked = there in shown(browser, filed)
        browser.post(there, {"do": "upload", "file": photo("转账.jpg")})
        piece = Evidence.objects.order_by("-id").first()
        none = browser.post(there, {"do": "claim"})
        response = browser.post(there, {"do": "claim", "evidence": piece.public_id})

    row.refresh_from_db()
    assert (linked, none.status_code, response.url) == (True, 400, address(filed))
    assert row.status == "claimed"


def test_an_instalment_of_another_case_is_not_found(browser, people, filed):
    assert browser.get(address(filed, "instalments/999/")).status_code == 404


# What need not be applied for


@pytest.fixture
def offer(people, shop):
    insured = {"all": [{"fact": "unit_insured", "op": "eq", "value": True}]}
    content = {"criteria": insured, "delivery": "no_application", "once_per_person": False}
    benefit = publish("T01b", amount={"fixed": "1200"}, **content).benefit
    world.envelope(benefit)
    tell_of(shop, "social_security", unit_insured=True)
    sweep.relay()
    made = automatic_grants.prepare_list(benefit, timezone.localdate().year, by=people.reviewer)
    return automatic_grants.confirm_list(made, by=people.approver).offers.get()


def test_what_is_offered_takes_two_taps_and_twice_is_the_same_receipt(browser, offer):
    there = f"/offers/{offer.pk}/"

    listed = browser.get("/cases/").content.decode()
    page = browser.get(there).content.decode()
    first, second = browser.post(there), browser.post(there)

    assert (there in listed, "您符合，确认收款账户" in listed) == (True, True)
    assert [word for word in ("1,200", "尾号", "确认领取") if word not in page] == []
    case = Application.objects.get()
    assert (case.state, first.url) == ("approved", address(case, "receipt/"))
    assert second.url == address(case)
    assert "已确认领取" in shown(browser, case, "receipt/")


def test_an_offer_to_somebody_else_is_not_found(offer):
    stranger = browser_of(world.owner_of(open_shop(2)))

    assert stranger.get(f"/offers/{offer.pk}/").status_code == 404
    assert stranger.post(f"/offers/{offer.pk}/").status_code == 404


def test_without_an_account_the_page_leads_to_registering_one_and_back(browser, shop, owner, offer):
    shop.operator.payment_accounts.update(ended_at=timezone.now())

    page = browser.get(f"/offers/{offer.pk}/").content.decode()
    away = browser.post(f"/offers/{offer.pk}/", {"change": "1"})

    assert ("登记收款账户" in page, "确认领取" in page) == (True, False)
    assert away.url == f"/me/account/?next=%2Foffers%2F{offer.pk}%2F"


# The receipt


def test_the_receipt_stays_at_its_address_and_is_kept_as_pdf(browser, filed):
    page = shown(browser, filed, "receipt/")

    assert filed.number in page
    assert f"/cases/{filed.public_id}/letter/receipt.pdf" in page
    assert "139****" in page
    assert Application.objects.get().number == filed.number
