"""A subsidy from signing in to 到账 and its rating: the demo owner on a phone, each of the bureau at a desk."""

from io import StringIO

import pytest
from django.core.management import call_command

from eligibility.loading import load_measures
from policies.measures_file import DEFAULT_PATH

from . import whole_life as life
from .conftest import DESKTOP, PHONE, sideways, violations

pytestmark = pytest.mark.django_db(transaction=True)
MOST_TAPS = 6


@pytest.fixture
def demo(transactional_db, gateway, settings, tmp_path):
    """The catalogue and the demo accounts. Codes are read from the gateway, files lie in a folder of the test's."""
    settings.PRIVATE_FOLDER, settings.UPLOAD_SCANNER = str(tmp_path), ""
    load_measures(DEFAULT_PATH)
    call_command("demo", city=0, stdout=StringIO())


@pytest.fixture
def somebody(chromium, live_server, demo):
    """People at browsers of their own: ``somebody(phone=…, javascript=…, look=…)``. What a page of theirs complains
    of fails the test."""
    contexts, complaints = [], []

    def open_(*, phone=False, javascript=True, look=lambda page: None):
        context = chromium.new_context(
            viewport={"width": PHONE if phone else DESKTOP, "height": 740 if phone else 900},
            is_mobile=phone,
            has_touch=phone,
            device_scale_factor=2 if phone else 1,
            base_url=live_server.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
        )
        context.set_default_timeout(120_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        return life.Person(page, look, thumbs=phone)

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("javascript", [True, False])
def test_walk(somebody, gateway, javascript):
    owner = somebody(phone=True, javascript=javascript)
    life.sign_in(owner, gateway)
    life.find_out_what_there_is(owner)
    before = len(owner.pressed)
    life.hand_in(owner)
    print(owner.pressed[before:], owner.reads())
    staff = {}
    for name in ("hr_reviewer", "hr_approver", "hr_approver_2", "hr_finance", "hr_finance_2"):
        staff[name] = somebody(javascript=javascript)
        life.sign_in_staff(staff[name], name)
    life.take_next(staff["hr_reviewer"])
    life.ask_for_corrections(staff["hr_reviewer"])
    life.mend(owner)
    print(owner.reads())
    staff["hr_reviewer"].open("/admin/")
    life.take_next(staff["hr_reviewer"])
    life.recommend(staff["hr_reviewer"])
    print(staff["hr_reviewer"].reads("#main, body"))
    for name in ("hr_approver", "hr_approver_2"):
        life.take_next(staff[name])
        staff[name].press("[data-key=a]")
        print(staff[name].reads("body"))
    life.prepare_batch(staff["hr_finance"])
    number = life.batch_number(staff["hr_finance"])
    life.approve_batch(staff["hr_finance_2"], number)
    staff["hr_finance"].press(f".breadcrumbs a")
    staff["hr_finance"].press("#content a:has-text('拨付批次')")
    staff["hr_finance"].press(f"#result_list a:has-text('{number}')")
    f = life.take_out(staff["hr_finance"])
    print(f.decode())
    life.take_in_result(staff["hr_finance"], life.paid_by_the_bank(f))
    print(staff["hr_finance"].reads("body"))
    owner.open("/cases/")
    print(owner.reads())
    owner.press("[data-case] a")
    print(owner.reads())
    life.rate(owner)
    print(owner.reads())
    print(gateway.texts)
