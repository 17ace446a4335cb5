"""From talk to paper in a browser: a contract begun by the shop, filled in by the worker, confirmed by both, filed."""

import pytest
from django.conf import settings

from tests.pages.conftest import DESKTOP, NARROW, PHONE
from tests.pages.shops import browser_of

WAYS = [False, pytest.param(True, marks=pytest.mark.long)]


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    before = settings.PRIVATE_FOLDER
    settings.PRIVATE_FOLDER = str(tmp_path_factory.mktemp("private"))
    yield
    settings.PRIVATE_FOLDER = before


@pytest.fixture(scope="module")
def two_who_talk(site, kept, django_db_blocker):
    """``number → (case, cookies of the owner, cookies of the worker)``."""
    from portal.demo_services import load_mentor
    from services.catalogue.loading import load_offerings

    from .test_agreements import talking

    with django_db_blocker.unblock():
        load_mentor()
        load_offerings(demo=True)

    def made(number):
        case, owner, someone = talking(place=300 + number, number=300 + number)
        return case, _cookies(owner), _cookies(someone)

    return made


def _cookies(user):
    return {settings.SESSION_COOKIE_NAME: browser_of(user).cookies[settings.SESSION_COOKIE_NAME].value}


@pytest.mark.parametrize("javascript", WAYS)
def test_a_contract_from_talk_to_paper(open_browser, faults, two_who_talk, javascript):
    from cases.models import Case
    from jobs.models import Agreement

    case, owner, someone = two_who_talk(int(javascript))
    shop = open_browser(PHONE, owner, javascript)
    worker = open_browser(PHONE, someone, javascript)

    shop.goto(f"/cases/{case.public_id}/")
    shop.click("main a[href='/jobs/contracts/']")
    wrong = faults(shop, [NARROW, PHONE])
    shop.click("main button[value=labour]")
    shop.wait_for_url("**/jobs/contracts/*/")
    address = shop.url
    wrong += faults(shop, [NARROW, PHONE])

    worker.goto(address)
    worker.click("main a:has-text('填完它')")
    wrong += faults(worker, [NARROW, PHONE, DESKTOP])
    worker.fill("[name=said-worker_name]", "李四")
    worker.fill("[name=said-pay_on]", "40")
    worker.locator("[name=said-rest_day][value=周日]").check(force=True)
    worker.click("main form button.wide")
    assert worker.locator(".error").first.inner_text() == "请填 1 到 31 里的一天，例如 10"
    worker.fill("[name=said-pay_on]", "10")
    worker.click("main form button.wide")
    for page in (worker, shop):
        page.goto(address)
        page.click("main button:has-text('我看过了，确认')")
        page.wait_for_load_state()
    wrong += faults(shop, [NARROW, PHONE, DESKTOP])
    with shop.expect_download() as download:
        shop.click("main a:has-text('下载，打印出来')")
    shop.click("main button:has-text('送去备案审核')")
    shop.wait_for_url("**/cases/**")

    row = Agreement.objects.get(contact=case.pk)
    assert wrong == []
    assert download.value.suggested_filename == f"劳动合同-{row.number}.pdf"
    assert row.is_settled
    filed = Case.objects.get(pk=row.filed_id)
    assert (filed.benefit.code, filed.state, len(filed.messages.get().files)) == ("M12a", "open", 1)
    if not javascript:
        for page in (shop, worker):
            assert page.goto(address).status == 200
