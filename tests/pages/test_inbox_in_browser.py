"""The inbox in a browser: any width, any size of letters, by thumb and without scripts."""

import pytest
from django.conf import settings
from django.utils import timezone

from .conftest import DESKTOP, NARROW, PHONE, follow
from .shops import browser_of, day, person, store, tea_shop

ADDRESSES = [
    "/inbox/",
    "/inbox/?unread=1",
    "/inbox/preferences/",
    "/inbox/calendar/",
    "/me/",
    "NEW",
    "SOON",
    "ENDED",
    "REMINDER",
    "LETTER",
    "stop",
]


@pytest.fixture(scope="module")
def readers(site, django_db_blocker):
    """Session cookies of an owner with messages of every kind and of one without any, and addresses by name."""
    with django_db_blocker.unblock():
        owner, shop = _owner_with_messages()
        cookies = {"owner": browser_of(owner), "newcomer": browser_of(person(62))}
        name = settings.SESSION_COOKIE_NAME
        return {who: {name: browser.cookies[name].value} for who, browser in cookies.items()}, _addresses(
            owner, shop
        )


def _owner_with_messages():
    from accounts.models import User
    from businesses.models import Binding
    from businesses.register import Arrival, take_in
    from notifications import letters, sweep
    from notifications.models import Change, Notification
    from policies.catalogue import catalogue
    from portal.city import credit_code
    from tests.notifications.register import identity

    shop = store(tea_shop(), code=credit_code("520204", 7000), identity=identity(777))
    sweep.relay()
    take_in([Arrival({"self": {"rents_premises": False}}, business_id=shop.pk)], on=day())
    sweep.relay()
    row, known = Notification.objects.filter(business=shop).first(), catalogue().benefits
    for code, kind, on in (("M05b", Change.REMINDER, day(-3)), ("M01b", Change.AMOUNT, day())):
        Notification.objects.create(
            operator_id=row.operator_id,
            business_id=shop.pk,
            benefit_id=known[code].pk,
            version_id=known[code].versions[0].pk,
            run_id=row.run_id,
            kind=kind,
            day=on,
            before_fen=120_000,
        )
    letters.write(
        operator=row.operator,
        business=shop,
        key="case 1: correction 1",
        title="场所租赁补贴：请补 1 份材料",
        sentence="您的申请还差 1 份材料，请在 12 月 5 日前补上。",
        action_label="去补材料",
        action_path="/me/",
        needs_action=True,
    )
    owner = person(61)
    User.objects.filter(pk=owner.pk).update(phone_verified_at=timezone.now())
    Binding.objects.create(business=shop, user=owner)
    return owner, shop


def _addresses(owner, shop):
    from notifications.models import Change, Letter, Notification
    from notifications.outside.preferences import stop_token

    rows = Notification.objects.filter(business=shop).order_by("pk")
    found = {Change(row.kind).name: f"/inbox/{row.pk}/" for row in rows}
    letter = Letter.objects.get(business=shop)
    found["LETTER"] = f"/inbox/letters/{letter.pk}/"
    return {**found, "stop": f"/stop/{stop_token(owner.pk, 'sms')}/"}


@pytest.mark.crawl
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_of_messages_is_accessible_and_fits_any_width(open_browser, faults, readers, address):
    cookies, addresses = readers
    page = open_browser(cookies=cookies["owner"])

    assert page.goto(addresses.get(address, address)).status == 200
    page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
    assert page.locator("h1").count() == 1
    assert faults(page, [PHONE, 390, DESKTOP, NARROW]) == []
    assert page.locator("[style], [onclick], script:not([src])").count() == 0


@pytest.mark.crawl
@pytest.mark.parametrize("address", ["/inbox/", "/inbox/preferences/", "NEW", "ENDED", "LETTER"])
def test_a_page_of_messages_is_accessible_in_the_largest_letters_on_dark(
    open_browser, faults, readers, address
):
    cookies, addresses = readers
    page = open_browser(cookies={**cookies["owner"], "display-size": "largest", "display-theme": "dark"})

    assert page.goto(addresses.get(address, address)).status == 200
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "25px"
    assert faults(page, [PHONE, DESKTOP, NARROW]) == []


@pytest.mark.parametrize("address", ["/inbox/", "/inbox/preferences/"])
def test_who_has_no_messages_finds_a_page_as_good(open_browser, faults, readers, address):
    page = open_browser(cookies=readers[0]["newcomer"])

    assert page.goto(address).status == 200
    assert faults(page, [PHONE, DESKTOP, NARROW]) == []


def test_a_wrong_link_to_stop_has_a_page(open_browser, faults):
    page = open_browser()

    assert page.goto("/stop/wrong/").status == 404
    assert faults(page, [PHONE, DESKTOP, NARROW]) == []


def test_every_button_and_link_of_the_inbox_can_be_hit_by_a_thumb(open_browser, readers):
    cookies, addresses = readers
    page, small = open_browser(cookies=cookies["owner"]), {}
    for address in (
        "/inbox/",
        "/inbox/preferences/",
        *(addresses[name] for name in ("NEW", "LETTER", "stop")),
    ):
        page.goto(address)
        page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        for control in page.locator(
            ":is(main, .tabs) :is(a, button, summary, .choice, input:not([type=hidden], .choice input))"
        ).all():
            box = control.bounding_box()
            inside_a_sentence = control.evaluate("node => node.closest('p:not(.acts):not(.links)') !== null")
            if box and not inside_a_sentence and min(box["height"], box["width"]) < 44:
                small[address, control.inner_text()] = box

    assert small == {}


def test_without_scripts_a_message_is_read_put_away_and_brought_back(open_browser, readers):
    cookies, addresses = readers
    page = open_browser(width=NARROW, javascript=False, cookies=cookies["owner"])
    page.goto("/inbox/")
    follow(page.locator(f"a[href='{addresses['SOON']}']"))
    assert page.locator("h1").inner_text() == "一次性创业补贴"
    page.click("summary:has-text('对这一项不感兴趣')")
    page.locator("#reason").check(force=True)
    follow(page.locator("text=不再告诉我这一项"))
    assert "以后不再告诉您这一项" in page.locator("main").inner_text()

    page.goto("/inbox/")
    assert page.locator(f"a[href='{addresses['SOON']}']").count() == 0
    page.goto("/inbox/preferences/")
    follow(page.locator("button:has-text('恢复')"))

    page.goto("/inbox/")
    assert page.locator(f"a[href='{addresses['SOON']}']").count() == 1


def test_without_scripts_pushes_are_agreed_to_and_stopped(open_browser, readers):
    page = open_browser(width=NARROW, javascript=False, cookies=readers[0]["owner"])
    page.goto("/inbox/")
    page.locator("#push-yes").check(force=True)
    follow(page.locator("text=保存我的选择"))
    assert "推送打开了" in page.locator("main").inner_text()
    assert page.locator("#push-yes").count() == 0

    page.goto("/inbox/preferences/")
    follow(page.locator("button:has-text('停掉全部推送')"))
    assert "推送全部停了" in page.locator("main").inner_text()
    follow(page.locator("text=重新打开推送"))
    assert "推送开着。" in page.locator("main").inner_text()


def test_the_day_of_a_message_is_downloaded(open_browser, readers):
    page = open_browser(cookies=readers[0]["owner"])
    page.goto(readers[1]["SOON"])

    with page.expect_download() as download:
        page.click("text=加到日历")

    assert download.value.suggested_filename.endswith(".ics")
