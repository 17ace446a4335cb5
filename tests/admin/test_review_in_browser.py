"""Review by keyboard, without scripts, and for who cannot see it."""

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cases.actions import correcting
from cases.evidence import wallet
from subsidies.actions import applying
from subsidies.models import Application
from tests.pages.conftest import DESKTOP, WIDTHS, follow, sideways, violations
from tests.subsidies import world
from tests.uploads.pictures import saved, seen

pytestmark = pytest.mark.django_db(transaction=True)
QUEUE = "/admin/subsidies/application/"
MOST_PRESSES = 5
CRITERIA = {
    "all": [
        {
            "fact": "premises_compliant",
            "op": "eq",
            "value": True,
            "check": "staff",
            "clause": "试行办法第一条",
            "origin": "source",
        },
        {"fact": "rents_premises", "op": "eq", "value": True, "clause": "试行办法第一条", "origin": "source"},
    ]
}


@pytest.fixture
def people(transactional_db, settings, tmp_path):
    settings.PRIVATE_FOLDER, settings.UPLOAD_SCANNER = str(tmp_path / "private"), ""
    return world.bureau()


@pytest.fixture
def files(people):
    """Three clean files with a photo each."""
    benefit = world.grant_of_money(criteria=CRITERIA)
    world.envelope(benefit)
    return [_filed(benefit, place) for place in (1, 2, 3)]


def _filed(benefit, place):
    shop = world.shop_with_rent(place)
    owner = world.owner_of(shop)
    application = applying.begin(shop, benefit, by=owner)
    photo = SimpleUploadedFile("合同.jpg", saved(seen(600, 800)))
    piece = wallet.keep(shop.operator, "租赁合同", photo, by=owner)
    application = applying.use(application, "租赁合同", piece, by=owner)
    return applying.submit(applying.declare(application, by=owner), by=owner)


@pytest.fixture
def open_as(chromium, live_server):
    """Pages of a member of staff: ``open_as(user, width=…, javascript=…)``. What the page complains of fails."""
    contexts, complaints = [], []

    def open_(user, width=DESKTOP, javascript=True):
        browser, name = Client(), configured.SESSION_COOKIE_NAME
        browser.force_login(user)
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            base_url=live_server.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
        )
        contexts.append(context)
        value = browser.cookies[name].value
        context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def press(page, key, pressed):
    pressed.append(key)
    page.keyboard.press(key)


def approve_all(page, numbers, keys):
    """How many keys each file took, from its page being open to the next."""
    counts = []
    for number in numbers:
        page.locator("h1", has_text=number).wait_for()
        page.wait_for_load_state()  # keys are heard once the script has run
        pressed, address = [], page.url
        for key in keys:
            press(page, key, pressed)
        page.wait_for_url(lambda url, before=address: url != before)
        counts.append(len(pressed))
    return counts


def test_three_clean_files_are_passed_by_keyboard_and_the_next_opens_by_itself(people, files, open_as):
    numbers = [application.number for application in files]
    page = open_as(people.reviewer)
    page.goto(QUEUE)
    follow(page.get_by_role("button", name="取下一件"))

    reviewed = approve_all(page, numbers, ["1", "a"])
    page = open_as(people.approver)
    page.goto(QUEUE)
    follow(page.get_by_role("button", name="取下一件"))
    approved = approve_all(page, numbers, ["a"])

    assert max(reviewed + approved) <= MOST_PRESSES
    assert set(Application.objects.values_list("state", flat=True)) == {"approved"}
    assert "没有等您办的件了。" in page.locator(".messagelist").inner_text()


def test_a_file_that_is_not_clean_is_not_passed_by_a_key(people, files, open_as):
    page = open_as(people.reviewer)
    page.goto(f"{QUEUE}{files[0].pk}/change/")

    page.keyboard.press("a")

    assert page.locator("[data-decide]").get_attribute("open") is not None
    assert Application.objects.get(pk=files[0].pk).state == "submitted"


def test_verdicts_survive_a_reload_and_keys_can_be_switched_off(people, files, open_as):
    page = open_as(people.reviewer)
    page.goto(f"{QUEUE}{files[0].pk}/change/")
    page.keyboard.press("1")
    page.get_by_text("已保存").wait_for()
    page.reload()
    kept = page.locator("[data-row]").first.locator("input[value=pass]").is_checked()

    page.get_by_label("用键盘快捷键").uncheck()
    page.reload()
    page.keyboard.press("2")

    assert kept
    assert not page.locator("[data-row]").first.locator("input[value=fail]").is_checked()
    assert not page.get_by_label("用键盘快捷键").is_checked()


def test_pictures_are_zoomed_and_turned(people, files, open_as):
    page = open_as(people.reviewer)
    page.goto(f"{QUEUE}{files[0].pk}/change/")
    picture = page.locator(".case-picture")
    before = picture.locator("img").bounding_box()["width"]

    page.keyboard.press("n")
    page.keyboard.press("z")
    page.get_by_role("button", name="转 90 度").click()

    assert picture.get_attribute("class") == "case-picture is-zoomed is-turned-1"
    assert picture.locator("img").evaluate("img => img.offsetWidth") > before


def test_a_file_is_judged_corrected_and_refused_without_scripts(people, files, open_as):
    page = open_as(people.reviewer, javascript=False)
    page.goto(f"{QUEUE}{files[0].pk}/change/")
    page.locator("[data-row]").first.get_by_label("符合", exact=True).check()
    follow(page.get_by_role("button", name="保存结论"))
    follow(page.get_by_role("button", name="补正", exact=True))
    page.get_by_label("材料：租赁合同").check()
    page.locator(".review-defect", has_text="租赁合同").get_by_label("哪里不对").fill("照片不清楚，请重拍")
    follow(page.get_by_role("button", name="看看店主会看到什么"))
    follow(page.get_by_role("button", name="确认，通知店主"))

    page.goto(f"{QUEUE}{files[1].pk}/change/")
    page.locator("[data-row]").nth(1).get_by_label("不符合", exact=True).check()
    follow(page.get_by_role("button", name="不通过"))
    follow(page.get_by_role("button", name="确认不通过"))

    states = dict(Application.objects.values_list("pk", "state"))
    assert (states[files[0].pk], states[files[1].pk]) == ("correcting", "refused")


@pytest.mark.parametrize("width", WIDTHS)
def test_everybody_can_use_the_pages(people, files, open_as, width):
    defect = [{"kind": "material", "name": "租赁合同", "reason": "照片不清楚，看不见文字"}]
    correcting.request_correction(files[0], defect, by=people.reviewer)
    owner = files[0].submitter
    new = wallet.keep(
        files[0].operator, "租赁合同", SimpleUploadedFile("新.jpg", saved(seen(500, 700))), by=owner
    )
    correcting.mend_material(files[0], "租赁合同", [new], by=owner)
    correcting.correct(files[0], by=owner)
    page, found = open_as(people.reviewer, width=width), {}

    for address in (
        "?view=submitted",
        f"{files[0].pk}/change/",
        f"{files[0].pk}/correct/",
        f"{files[0].pk}/refuse/",
        "../../cases/interest/",
        "../../cases/interest/add/",
    ):
        page.goto(QUEUE + address)
        found[address] = [*violations(page), *(["scrolls sideways"] if sideways(page) else [])]

    assert {address: faults for address, faults in found.items() if faults} == {}
