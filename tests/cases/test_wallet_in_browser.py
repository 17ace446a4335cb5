"""The wallet in a browser: by thumb on the narrowest phone, without scripts, and for who cannot see it."""

import pytest
from django.conf import settings as configured
from django.test import Client

from cases.evidence import wallet
from tests.notifications.register import open_shop
from tests.pages.conftest import DESKTOP, NARROW, PHONE, follow, sideways, violations
from tests.uploads.documents import pdf
from tests.uploads.pictures import noise, saved, turned

from ..subsidies import world
from .test_evidence_pages import photo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner(transactional_db, settings, tmp_path):
    settings.PRIVATE_FOLDER, settings.UPLOAD_SCANNER = str(tmp_path / "private"), ""
    world.grant_of_money()
    return world.owner_of(open_shop(1))


@pytest.fixture
def open_page(chromium, live_server, owner):
    """Pages of the owner: ``open_page(width=…, javascript=…)``."""
    contexts, browser = [], Client()
    browser.force_login(owner)
    name = configured.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": browser.cookies[name].value, "url": live_server.url}

    def open_(width, javascript=True):
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            base_url=live_server.url,
            java_script_enabled=javascript,
        )
        contexts.append(context)
        context.add_cookies([cookie])
        return context.new_page()

    yield open_
    for context in contexts:
        context.close()


def shape_of_picture(page, after):
    page.get_by_text(after).wait_for()
    page.wait_for_load_state("load")
    box = page.locator("[data-evidence] img").bounding_box()
    return "lying" if box["width"] > box["height"] else "standing"


def test_a_photo_is_added_turned_and_deleted_without_scripts(open_page, tmp_path):
    path = tmp_path / "IMG_0001.jpg"
    path.write_bytes(turned(6))
    page = open_page(NARROW, javascript=False)

    page.goto("/me/evidence/")
    page.get_by_label("这是什么材料").select_option("租赁合同")
    page.get_by_label("照片或 PDF").set_input_files(path)
    follow(page.get_by_role("button", name="存这份材料"))
    shape = shape_of_picture(page, after="“租赁合同”存好了")
    follow(page.get_by_role("button", name="向右转"))
    turned_shape = shape_of_picture(page, after="转好了。")
    follow(page.get_by_role("link", name="删掉"))
    follow(page.get_by_role("button", name="删掉这份材料"))

    assert (shape, turned_shape) == ("lying", "standing")
    page.get_by_text("“租赁合同”删掉了。").wait_for()


def test_the_page_is_accessible_and_fits_any_width(open_page, owner):
    operator = owner.bindings.get().operator
    wallet.keep(operator, "租赁合同", photo(saved(noise())), by=owner)
    wallet.keep(operator, "身份证", photo(pdf(pages=3), "很长很长的名字" * 8 + ".pdf"), by=owner)
    page = open_page(PHONE)

    for width in (NARROW, PHONE, DESKTOP):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("/me/evidence/")
        assert (sideways(page), violations(page)) == (0, [])
    follow(page.get_by_role("button", name="存这份材料"))
    page.wait_for_selector(".errors")
    assert page.get_by_text("照片要重新选一次。").is_visible()
    assert (sideways(page), violations(page)) == (0, [])
