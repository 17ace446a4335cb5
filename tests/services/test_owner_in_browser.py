"""Services in a browser, at two widths, with and without scripts: a need, a booking, a full class waited for."""

import io

import pytest
from django.conf import settings
from PIL import Image

from tests.pages.conftest import DESKTOP, NARROW, PHONE
from tests.pages.shops import browser_of

WIDTHS = [PHONE, DESKTOP]
WAYS = [True, pytest.param(False, marks=pytest.mark.long)]
EXIF_PLACE = 0x8825
NEED = "店门口的下水道堵了，找了几次没有人管"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """What these tests upload lies in a folder of their own, for the site too."""
    before = settings.PRIVATE_FOLDER
    settings.PRIVATE_FOLDER = str(tmp_path_factory.mktemp("private"))
    yield
    settings.PRIVATE_FOLDER = before


@pytest.fixture(scope="module")
def city(site, kept, django_db_blocker):
    """The offerings of these tests, and whoever answers."""
    with django_db_blocker.unblock():
        return _city()


def _city():
    from policies.models import Benefit
    from tests.services import world

    people = world.bureau("hrss", "市人力资源社会保障局")
    benefit, needs = Benefit.objects.get(code="M09a"), Benefit.objects.get(code="M14b")
    given = {"handler": people.department, "benefit": benefit}
    question = {
        "key": "matter",
        "type": "choice",
        "label": "哪方面",
        "choices": ["排水", "路灯"],
        "required": True,
    }
    world.offering("enquiry", "need", title="提诉求", questions=[question], **given | {"benefit": needs})
    mentor = world.offering("booking", "mentor", title="一对一请教", place="企业之家 2 楼", **given)
    for days in (2, 3):
        world.slot(mentor, days=days, capacity=50)
    world.offering("enrolment", "class", title="手机直播卖货入门", **given)
    return people


@pytest.fixture
def shopkeeper(city, django_db_blocker):
    """``(number) → (shop, cookies)`` of a shop with an owner."""
    from tests.notifications.register import open_shop
    from tests.subsidies.world import owner_of

    def made(place):
        shop = open_shop(place)
        client = browser_of(owner_of(shop))
        return shop, {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}

    return made


def photo():
    held, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "secret place"
    Image.new("RGB", (600, 400), "white").save(held, "JPEG", exif=exif)
    return {"name": "店门口.jpg", "mimeType": "image/jpeg", "buffer": held.getvalue()}


@pytest.mark.crawl
@pytest.mark.parametrize("javascript", WAYS)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_need_is_asked_and_followed_to_its_answer(
    open_browser, faults, shopkeeper, city, width, javascript
):
    from cases.actions import general
    from cases.evidence import wallet
    from cases.models import Case, Evidence

    shop, cookies = shopkeeper(100 + width // 100 * 2 + javascript)
    page = open_browser(width, cookies, javascript)
    page.goto("/services/?need=ask")
    page.locator(".go", has_text="提诉求").click()
    wrong = faults(page, [width])
    page.get_by_role("button", name="提出来").click()
    wrong += faults(page, [width, NARROW])
    said = page.locator(".errors li").all_inner_texts()
    page.set_viewport_size({"width": width, "height": 800})
    page.get_by_label("要办什么，卡在哪里").fill(NEED)
    page.get_by_label("排水").check()
    page.set_input_files("#file", photo())
    page.get_by_role("button", name="提出来").click()
    page.wait_for_url("**/cases/**")
    case = Case.objects.get(business=shop)
    sent = page.locator("main").inner_text()
    wrong += faults(page, [width, NARROW])
    general.do(case, "take", {}, by=city.reviewer)
    general.do(Case.objects.get(pk=case.pk), "answer", {"words": "明天派人疏通"}, by=city.reviewer)
    page.set_viewport_size({"width": width, "height": 800})
    page.reload()
    answer = page.locator("main").inner_text()
    page.get_by_role("button", name="解决了").click()
    page.get_by_text("您说已解决").wait_for()

    assert wrong == []
    assert len(said) == 2
    assert case.number in sent
    assert "明天派人疏通" in answer
    assert b"secret" not in wallet.read(Evidence.objects.get(operator=shop.operator))
    assert (Case.objects.get(pk=case.pk).state, Case.objects.get(pk=case.pk).outcome) == ("solved", "helped")


@pytest.mark.crawl
@pytest.mark.parametrize("javascript", WAYS)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_time_is_booked_from_the_tab_and_given_back(open_browser, faults, shopkeeper, width, javascript):
    from cases.models import Case

    shop, cookies = shopkeeper(200 + width // 100 * 2 + javascript)
    page = open_browser(width, cookies, javascript)
    page.goto("/")
    page.get_by_role("link", name="服务", exact=True).click()
    wrong = faults(page, [width, NARROW])
    page.set_viewport_size({"width": width, "height": 800})
    page.get_by_role("link", name="一对一请教").click()
    page.get_by_role("radio").last.check(force=True)
    wrong += faults(page, [width, NARROW])
    page.set_viewport_size({"width": width, "height": 800})
    page.get_by_role("button", name="预约").click()
    page.wait_for_url("**/cases/**")
    booked = page.locator("main").inner_text()
    wrong += faults(page, [width, NARROW])
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/services/")
    own = page.locator(".side").inner_text()
    page.locator(".side").get_by_role("link", name="一对一请教").click()
    page.get_by_role("link", name="请假").click()
    page.get_by_role("button", name="请假").click()
    page.get_by_text("您请了假").wait_for()

    assert wrong == []
    assert "企业之家 2 楼" in booked
    assert "我约的" in own
    assert Case.objects.get(business=shop).state == "excused"


@pytest.mark.parametrize("javascript", WAYS)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_full_class_is_waited_for_and_the_seat_confirmed(open_browser, shopkeeper, width, javascript):
    from cases.actions import general
    from cases.models import Case
    from services.models import Offering, Slot
    from tests.services import world

    place = 300 + width // 100 * 4 + 2 * javascript
    shop, cookies = shopkeeper(place)
    Slot.objects.filter(offering__code="class").update(status=Slot.Status.CANCELLED)
    lesson = Offering.objects.get(code="class")
    slot = world.slot(lesson, days=4, capacity=1)
    first, other = world.asked(lesson, place + 1, slot=slot, words="")
    page = open_browser(width, cookies, javascript)
    page.goto("/services/class/")
    full = page.locator("main").inner_text()
    page.get_by_role("button", name="报名").click()
    page.wait_for_url("**/cases/**")
    waits = page.locator("main").inner_text()
    general.do(Case.objects.get(pk=first.pk), "excuse", {}, by=other)
    page.goto("/cases/")
    page.get_by_role("link", name="确认要").click()
    page.get_by_role("button", name="确认要").click()
    page.get_by_text("已约").first.wait_for()

    assert "约满，可排队" in full
    assert "您排在第 1 位" in waits
    assert Case.objects.get(business=shop).state == "booked"
    assert Slot.objects.get(pk=slot.pk).taken == 1


@pytest.mark.parametrize("settings_", [{"size": "largest", "theme": "dark"}, {"contrast": "high"}])
def test_the_pages_hold_in_the_largest_letters_and_in_high_contrast(
    open_browser, faults, shopkeeper, settings_
):
    _shop, cookies = shopkeeper(400 + len(settings_))
    looks = {f"display-{name}": value for name, value in settings_.items()}
    page = open_browser(PHONE, cookies | looks)

    wrong = []
    for address in ("/services/", "/services/mentor/", "/services/need/ask/"):
        assert page.goto(address).status == 200
        wrong += faults(page, [PHONE, DESKTOP, NARROW])

    assert wrong == []


def test_the_header_is_low_and_the_column_at_the_right_is_there_on_a_desktop(open_browser, shopkeeper):
    _shop, cookies = shopkeeper(410)
    page = open_browser(DESKTOP, cookies)

    page.goto("/services/mentor/")
    bar = page.locator(".bar").bounding_box()
    side, main = page.locator(".side").bounding_box(), page.locator(".split > .flow").first.bounding_box()
    page.set_viewport_size({"width": PHONE, "height": 800})

    assert bar["height"] <= 60
    assert page.locator(".bar").bounding_box()["height"] <= 60
    assert side["width"] == pytest.approx(21 * 17, abs=1)
    assert side["x"] > main["x"] + main["width"]
    assert page.locator(".tabs a").all_inner_texts() == ["首页", "查政策", "服务", "办件", "我的"]
    assert page.locator(".tabs [aria-current]").inner_text() == "服务"
