"""Asking institutions by the pages of the owner."""

import pytest

from cases.models import Case
from services.models import Leg, Offering, ServiceCase
from tests.notifications.register import tell_of
from tests.services import world

from .tendering import SUM, answered, helper_of, legs_of, shown, state_of

pytestmark = pytest.mark.django_db


def test_the_owner_fills_in_sees_what_is_sent_agrees_for_one_and_sends(shop, owner, banks):
    Offering.objects.filter(pk=banks[0].offering.pk).update(questions=[SUM])
    browser, ids = world.browser_of(owner), [one.department.pk for one in banks[:2]]
    address = "/services/loan-a/institutions/"

    form = browser.get(address)
    chosen = browser.post(address, {"do": "choose", "said-sum": "50000", "words": "进货", "receivers": ids})
    sent = browser.get(chosen["Location"])
    agreed = {f"agree-{ids[0]}": world.digest(shop, banks[0])}
    done = browser.post(chosen["Location"], {"do": "send", **agreed})

    case = ServiceCase.objects.get()
    assert (form.status_code, sent.status_code) == (200, 200)
    for words in ("50,000 元", "进货", "演示银行甲", "演示银行乙", shop.name, "800 元"):
        assert words in shown(sent)
    assert done["Location"] == f"/cases/{case.public_id}/"
    assert case.request.said == {"sum": "50000"}
    assert legs_of(case) == [("演示银行甲", "sent", True), ("演示银行乙", "sent", False)]
    page = shown(browser.get(done["Location"]))
    assert "您同意它看 2 项，已看 0 次。" in page
    assert "只发了您写的内容。" in page


def test_what_was_typed_and_ticked_is_still_there_after_the_code(shop, owner, banks):
    browser, pk = world.browser_of(owner, fresh=False), banks[0].department.pk
    address, digest = "/services/loan-a/institutions/", world.digest(shop, banks[0])
    browser.post(address, {"do": "choose", "words": "进一批春茶", "receivers": [pk]})

    asked = browser.post(f"{address}?step=send", {"do": "send", f"agree-{pk}": digest})
    none_yet = ServiceCase.objects.exists()
    page = shown(browser.get(f"{address}?step=send"))

    assert (
        asked["Location"] == "/me/security/prove/?next=%2Fservices%2Floan-a%2Finstitutions%2F%3Fstep%3Dsend"
    )
    assert none_yet is False
    assert "进一批春茶" in page
    assert f'value="{digest}"\n    checked' in page


def test_words_alone_need_no_code(shop, owner, banks):
    browser, pk = world.browser_of(owner, fresh=False), banks[0].department.pk
    browser.post("/services/loan-a/institutions/", {"do": "choose", "words": "进货", "receivers": [pk]})

    browser.post("/services/loan-a/institutions/?step=send", {"do": "send"})

    assert legs_of(ServiceCase.objects.get()) == [("演示银行甲", "sent", False)]


def test_what_is_wrong_is_said_beside_its_box_and_stays_typed(shop, owner, banks):
    Offering.objects.filter(pk=banks[0].offering.pk).update(questions=[SUM])
    answer = world.browser_of(owner).post(
        "/services/loan-a/institutions/", {"do": "choose", "said-sum": "很多", "words": "打 13800138000 找我"}
    )

    page = shown(answer)
    assert answer.status_code == 400
    for words in ("很多", "13800138000", "请选 1 到 5 家机构", "金额请只填半角数字", "这里不要写身份证号"):
        assert words in page


def test_what_changed_while_it_was_read_is_shown_again_before_it_is_sent(shop, owner, banks):
    browser, pk = world.browser_of(owner), banks[0].department.pk
    address, digest = "/services/loan-a/institutions/?step=send", world.digest(shop, banks[0])
    browser.post("/services/loan-a/institutions/", {"do": "choose", "receivers": [pk]})
    tell_of(shop, "self", rents_premises=True, monthly_rent="900.00")

    answer = browser.post(address, {"do": "send", f"agree-{pk}": digest})

    assert answer.status_code == 409
    assert "900 元" in shown(answer)
    assert f'value="{digest}"' not in shown(answer)
    assert not ServiceCase.objects.exists()


def test_who_asked_already_is_led_to_what_they_asked(shop, owner, banks):
    case = world.tender(shop, owner, banks[0])

    answer = world.browser_of(owner).get("/services/loan-b/institutions/")

    assert answer["Location"] == f"/cases/{case.public_id}/"


def test_a_helper_sees_no_values_and_no_box(shop, owner, banks):
    browser, pk = world.browser_of(helper_of(shop, owner)), banks[0].department.pk
    browser.post("/services/loan-a/institutions/", {"do": "choose", "receivers": [pk]})

    page = shown(browser.get("/services/loan-a/institutions/?step=send"))

    assert "要店主本人同意" in page
    assert "800 元" not in page
    assert "agree-" not in page


def test_the_owner_passes_it_on_and_takes_an_offer_by_the_pages(shop, owner, banks):
    first, second, _ = banks
    case = world.tender(shop, owner, first, agreed=[first])
    answered(case, first, "decline", reason="不办这一类")
    browser, page = world.browser_of(owner), f"/cases/{case.public_id}/"

    assert f"{page}pass-on/" in shown(browser.get(page))
    version, pk = Case.objects.get(pk=case.pk).version, second.department.pk
    browser.post(
        f"{page}pass-on/", {"version": version, "receivers": [pk], f"agree-{pk}": world.digest(shop, second)}
    )
    answered(case, second, "take")
    answered(case, second, "offer", words="8 万元，两年")
    leg = world.leg_of(case, second)
    leads = browser.get(f"{page}accept/")
    confirm = shown(browser.get(f"{page}accept/{leg.pk}/"))
    browser.post(f"{page}accept/{leg.pk}/", {"version": Case.objects.get(pk=case.pk).version})

    assert leads["Location"] == f"{page}accept/{leg.pk}/"
    assert "8 万元，两年" in confirm
    assert state_of(case) == ("served", "helped")


def test_pages_of_another_case_or_another_kind_are_not_there(shop, owner, banks):
    case = world.tender(shop, owner, banks[0])
    enquiry, _ = world.asked(world.offering(), 2)
    _, other = world.shop_that_rents(3)
    other_case = world.tender(*world.shop_that_rents(4), banks[1])
    strange = Leg.objects.get(request=other_case.pk)

    for browser, address in (
        (world.browser_of(other), f"/cases/{case.public_id}/pass-on/"),
        (world.browser_of(owner), f"/cases/{enquiry.public_id}/pass-on/"),
        (world.browser_of(owner), f"/cases/{case.public_id}/share/{strange.pk}/"),
        (world.browser_of(owner), "/services/ask/institutions/"),
    ):
        assert browser.get(address).status_code == 404
