"""Applying on the web: from before it is begun to the receipt, with nothing retyped and nothing lost."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from businesses.actions import set_payment_account, state_facts
from cases.materials import to_upload
from cases.models import Evidence
from core import uploads
from core.wording import day_text
from subsidies.actions import applying
from subsidies.models import Application
from tests.markup import markup
from tests.notifications.register import draft as next_version
from tests.notifications.register import put_in_force
from tests.subsidies.world import evidence

from .shops import (
    CODE,
    LAST_SIX,
    NAME,
    SECOND_CODE,
    agent_of,
    browser_of,
    owner_of,
    person,
    store,
    tea_shop,
    text_of,
)

START = "/apply/M05c/"
NUMBER = "6222020200000380"


def photo(name="照片.jpg", colour="white"):
    held = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(held, "JPEG")
    return SimpleUploadedFile(name, held.getvalue(), content_type="image/jpeg")


@pytest.fixture(autouse=True)
def private_folder(settings, tmp_path):
    settings.PRIVATE_FOLDER, settings.UPLOAD_SCANNER = str(tmp_path), ""


@pytest.fixture
def shop(catalogue_loaded):
    return store(tea_shop())


@pytest.fixture
def owner(shop):
    user = owner_of(shop)
    set_payment_account(shop, holder=NAME, bank="演示银行", number=NUMBER, by=user)
    return user


@pytest.fixture
def browser(owner):
    return browser_of(owner)


def begun(browser, shop):
    browser.post(START, {"shop": shop.public_id})
    return Application.objects.get()


def with_materials(application, owner):
    for material in to_upload(application.benefit_version):
        piece = evidence(application.operator, material["name"])
        application = applying.use(application, material["name"], piece, by=owner)
    return application


def address(application, page=""):
    return f"/apply/{application.public_id}/{page}"


def handed_in(browser, application, **more):
    application.refresh_from_db()
    sent = {"version": application.version, "declare": "1", **more}
    return browser.post(address(application, "check/"), sent)


def test_before_it_is_begun_a_page_says_what_how_much_and_what_to_photograph(browser):
    page = browser.get(START).content.decode()

    assert ("场所租赁补贴" in page, "500" in page, "时限待公布" in page) == (True, True, True)
    assert [word for word in ("租赁合同", "房租付款凭证", "市人力资源社会保障局") if word not in page] == []
    assert Application.objects.count() == 0


def test_who_is_not_signed_in_is_led_to_signing_in_and_back(client, catalogue_loaded):
    response = client.get(START)

    assert (response.status_code, response.url) == (302, f"/login/?next={START}")


def test_who_has_bound_no_shop_is_led_to_binding_one(catalogue_loaded):
    response = browser_of(person(3)).get(START)

    assert (response.status_code, response.url) == (302, "/me/bind/?next=%2Fapply%2FM05c%2F")


def test_a_code_that_is_none_is_not_found_and_what_is_not_applied_for_leads_to_its_guide(browser):
    assert browser.get("/apply/M99z/").status_code == 404
    assert browser.get("/apply/M04a/").url == "/policies/M04a/"


def test_beginning_twice_leads_to_the_same_draft_at_what_is_missing(browser, shop):
    first = browser.post(START, {"shop": shop.public_id})
    second = browser.post(START, {"shop": shop.public_id})

    assert first.url == second.url == browser.get(START).url
    assert first.url == address(Application.objects.get(), "materials/")


def test_a_form_shown_for_another_shop_begins_nothing(browser, shop):
    response = browser.post(START, {"shop": "of-another"})

    assert (response.url, Application.objects.count()) == ("/me/", 0)


def test_the_task_list_tells_what_is_done_and_what_cannot_be_done_yet(browser, shop):
    page = markup(browser.get(address(begun(browser, shop))))

    statuses = [
        (key, page.split(f'data-task="{key}" data-status="')[1].split('"')[0])
        for key in ("facts", "materials", "account", "check")
    ]
    assert statuses == [("facts", "done"), ("materials", "todo"), ("account", "done"), ("check", "blocked")]


def test_every_fact_that_is_known_is_filled_in_or_not_asked(browser, shop):
    page = markup(browser.get(address(begun(browser, shop), "facts/")))

    assert 'name="monthly_rent" value="800"' in page
    assert 'name="rents_premises" value="true" checked' in page
    assert 'name="registered_on"' not in page
    assert "市场监管登记" in page
    assert "/me/correct/registered_on/" in page


def test_facts_are_saved_and_what_is_wrong_is_said_at_its_field_with_nothing_lost(browser, shop):
    application = begun(browser, shop)
    facts = address(application, "facts/")
    version = application.version
    said = {"version": version, "rents_premises": "true", "rent_reduction_received": "false"}

    wrong = browser.post(facts, {**said, "monthly_rent": "很多"})
    right = browser.post(facts, {**said, "monthly_rent": "650"})

    assert wrong.status_code == 400
    assert 'name="monthly_rent" value="很多"' in markup(wrong)
    assert right.url == address(application, "materials/")
    application.refresh_from_db()
    assert application.answers["monthly_rent"] == "650"


def test_who_leaves_half_way_keeps_what_was_filled_in_and_comes_back_to_the_field(browser, shop, owner):
    state_facts(shop, {}, by=owner, withdraw=["monthly_rent", "rent_reduction_received"])
    application = begun(browser, shop)
    half = {"version": application.version, "leave": "1", "rents_premises": "true", "monthly_rent": "650"}

    away = browser.post(address(application, "facts/"), half)

    assert away.url == "/cases/"
    application.refresh_from_db()
    assert application.answers == {"rents_premises": True, "monthly_rent": "650"}
    place = address(application, "facts/#rent_reduction_received")
    assert f'href="{place}">接着填' in markup(browser.get("/cases/"))
    assert browser.get(START).url == place


def test_a_fact_that_was_said_before_says_when(browser, shop):
    page = browser.get(address(begun(browser, shop), "facts/")).content.decode()

    assert page.count(f"您 {day_text(timezone.localdate())}填的，不对就改。") == 3
    assert "您在这次申请里填的" not in page


def test_a_form_of_an_older_version_is_shown_again_with_what_was_typed(browser, shop, owner):
    application = begun(browser, shop)
    applying.save(application, {"monthly_rent": "700"}, by=owner)

    response = browser.post(
        address(application, "facts/"), {"version": application.version, "monthly_rent": "650"}
    )

    page = markup(response)
    assert (response.status_code, "刚刚有变动" in page) == (409, True)
    assert 'name="monthly_rent" value="650"' in page
    assert f'name="version" value="{application.version + 1}"' in page


def test_a_photo_is_uploaded_turned_and_taken_out_again(browser, shop):
    application = begun(browser, shop)
    there = address(application, "materials/")

    uploaded = browser.post(there, {"material": "租赁合同", "do": "upload", "file": photo()})
    piece = Evidence.objects.get()
    before = piece.sha256
    browser.post(there, {"material": "租赁合同", "do": "rotate", "evidence": piece.public_id})
    piece.refresh_from_db()
    shown = browser.get(there).content.decode()
    browser.post(there, {"material": "租赁合同", "do": "drop", "evidence": piece.public_id})

    assert uploaded.status_code == 302
    assert piece.sha256 != before
    assert f"/evidence/{piece.public_id}/thumbnail/" in shown
    assert application.files.count() == 0
    assert "用以前传过的" in browser.get(there).content.decode()


def test_a_photo_that_is_taken_again_stands_in_place_of_the_one_before(browser, shop):
    application = begun(browser, shop)
    there = address(application, "materials/")
    browser.post(there, {"material": "租赁合同", "do": "upload", "file": photo()})
    worse = Evidence.objects.get()

    sent = {"material": "租赁合同", "do": "retake", "evidence": worse.public_id}
    broken = browser.post(there, {**sent, "file": SimpleUploadedFile("坏.jpg", b"MZ")})
    kept = [use.evidence for use in application.files.all()]
    browser.post(there, {**sent, "file": photo("清楚.jpg", "red")})

    assert (broken.status_code, kept) == (400, [worse])
    assert [use.evidence.original_name for use in application.files.all()] == ["清楚.jpg"]


def test_what_is_only_wanted_where_somebody_asks_need_not_be_handed_in(browser, shop, owner):
    loan = begun_loan(browser, shop)
    optional = [row["name"] for row in to_upload(loan.benefit_version) if row.get("optional")]

    page = markup(browser.get(address(loan, "materials/")))

    sections = {name: page.split(f'data-material="{name}"')[1].split("</section>")[0] for name in optional}
    assert optional != []
    assert [name for name, section in sections.items() if "不用交" not in section] == []
    assert [name for name, section in sections.items() if "要上传" in section] == []


def begun_loan(browser, shop):
    browser.post("/apply/M01c/", {"shop": shop.public_id})
    return Application.objects.get(benefit__code="M01c")


def test_what_was_uploaded_before_is_used_again_without_uploading(browser, shop):
    application = begun(browser, shop)
    piece = evidence(shop.operator)

    browser.post(
        address(application, "materials/"), {"material": "租赁合同", "do": "use", "evidence": piece.public_id}
    )

    assert [use.evidence for use in application.files.all()] == [piece]


def test_a_photo_that_is_too_large_says_so_and_keeps_everything_else(browser, shop):
    application = begun(browser, shop)
    there = address(application, "materials/")
    browser.post(there, {"material": "身份证", "do": "upload", "file": photo()})
    large = SimpleUploadedFile("大.jpg", b"\xff\xd8" + b"0" * (21 << 20), content_type="image/jpeg")

    response = browser.post(there, {"material": "租赁合同", "do": "upload", "file": large})

    page = response.content.decode()
    assert (response.status_code, "最大 20 MB" in page) == (400, True)
    assert [use.material for use in application.files.all()] == ["身份证"]
    assert uploads.MOST_BYTES == 20 << 20


def test_a_file_that_is_no_picture_or_missing_is_refused_in_words(browser, shop):
    there = address(begun(browser, shop), "materials/")
    renamed = SimpleUploadedFile("合同.pdf", b"MZ not a pdf", content_type="application/pdf")

    odd = browser.post(there, {"material": "租赁合同", "do": "upload", "file": renamed})
    none = browser.post(there, {"material": "租赁合同", "do": "upload"})

    assert (odd.status_code, "请用照片或 PDF" in odd.content.decode()) == (400, True)
    assert (none.status_code, "请选一张照片" in none.content.decode()) == (400, True)


def test_another_account_is_registered_for_this_shop_and_leads_back(browser, shop):
    application = begun(browser, shop)

    away = browser.post(address(application, "account/"))
    back = browser.post(
        away.url,
        {
            "shop": shop.public_id,
            "holder": NAME,
            "bank": "贵州银行",
            "number": "6222020200000901",
            "last_six": LAST_SIX,
            "next": address(application, "account/"),
        },
    )

    assert back.url == address(application, "account/")
    assert "贵州银行" in browser.get(back.url).content.decode()


def test_the_first_account_is_registered_on_the_page_itself_without_typing_a_name(shop):
    user = owner_of(shop)
    browser = browser_of(user)
    application = begun(browser, shop)
    there = address(application, "account/")

    page = markup(browser.get(there))
    onward = re.findall('name="next" value="([^"]+)"', page)[-1]
    form = {"shop": shop.public_id, "next": onward, "holder": NAME, "bank": "贵州银行", "number": NUMBER}
    done = browser.post("/me/account/", form)

    assert 'action="/me/account/"' in page
    assert f'name="holder" value="{NAME}"' in page
    assert done.url == onward == address(application, "materials/")
    assert "尾号 0380" in text_of(browser.get(there))


def test_nobody_is_led_to_another_site_after_registering_an_account(browser, shop):
    sent = {"shop": shop.public_id, "holder": NAME, "bank": "贵州银行", "number": "6222020200000901"}
    sent["last_six"] = LAST_SIX

    response = browser.post("/me/account/?next=https://example.com/", {**sent, "next": "//example.com/"})

    assert response.url == "/me/"


def test_the_check_page_shows_every_line_the_criteria_and_the_working(browser, shop, owner):
    application = with_materials(begun(browser, shop), owner)

    page = browser.get(address(application, "check/")).content.decode()

    assert page.count('data-criterion="') == len(applying.judge_draft(application, day()).criteria)
    assert [word for word in ("800 元", "18,000", "尾号 0380", "租赁合同", "改") if word not in page] == []
    assert 'class="errors"' not in page


def day():
    return timezone.localdate()


def test_everything_that_is_missing_is_told_at_once(browser, shop):
    application = begun(browser, shop)

    response = handed_in(browser, application, declare="")

    page = response.content.decode()
    assert response.status_code == 409
    assert (page.count("还没有上传“"), page.count("请先勾选承诺")) == (3, 1)
    wanted = enumerate(to_upload(application.benefit_version), 1)
    places = {row["name"]: place for place, row in wanted}
    materials = address(application, "materials/")
    assert [
        name
        for name in ("身份证", "租赁合同", "房租付款凭证")
        if f'<a href="{materials}#material-{places[name]}">还没有上传“{name}”。</a>' not in page
    ] == []
    assert '<a href="#declare">' in page
    application.refresh_from_db()
    assert application.state == "draft"


def test_handing_in_twice_leads_to_the_same_receipt(browser, shop, owner):
    application = with_materials(begun(browser, shop), owner)
    version = application.version

    first = handed_in(browser, application)
    second = browser.post(address(application, "check/"), {"version": version, "declare": "1"})

    application.refresh_from_db()
    assert first.url == second.url == f"/cases/{application.public_id}/receipt/"
    assert Application.objects.count() == 1
    receipt = browser.get(first.url).content.decode()
    assert (application.number in receipt, "时限待公布" in receipt) == (True, True)
    assert "139****0001" in receipt
    assert browser.get(address(application)).url == f"/cases/{application.public_id}/"


def test_a_draft_changed_in_another_tab_is_not_handed_in_unseen(browser, shop, owner):
    application = with_materials(begun(browser, shop), owner)
    seen = application.version
    applying.save(application, {"monthly_rent": "450"}, by=owner)

    stale = browser.post(address(application, "check/"), {"version": seen, "declare": "1"})

    page = markup(stale)
    assert (stale.status_code, "刚刚有变动" in page, "450 元" in page) == (409, True, True)
    assert 'value="1" checked' in page
    application.refresh_from_db()
    assert application.state == "draft"
    assert handed_in(browser, application).url == f"/cases/{application.public_id}/receipt/"


def test_what_has_a_new_version_since_is_shown_before_it_is_handed_in(browser, shop, owner):
    application = with_materials(begun(browser, shop), owner)
    halved = dict(application.benefit_version.content["parameters"])
    halved["cap"] = [{**halved["cap"][0], "value": "250"}]
    put_in_force(next_version(application.benefit, parameters=halved))

    first = handed_in(browser, application)
    application.refresh_from_db()
    state_before = application.state
    second = handed_in(browser, application)

    assert (first.status_code, state_before) == (409, "draft")
    assert "250 元" in first.content.decode()
    assert second.url == f"/cases/{application.public_id}/receipt/"


def test_a_session_that_ends_in_the_middle_leads_back_to_the_same_page(browser, shop, owner):
    application = begun(browser, shop)
    there = address(application, "materials/")
    browser.post(there, {"material": "身份证", "do": "upload", "file": photo()})
    browser.logout()

    away = browser.get(there)
    browser.force_login(owner)

    assert away.url == f"/login/?next={there}"
    assert "照片.jpg" in browser.get(there).content.decode()


def test_a_draft_is_thrown_away_and_its_files_stay_in_the_wallet(browser, shop, owner):
    application = with_materials(begun(browser, shop), owner)

    asked = browser.get(address(application, "discard/"))
    response = browser.post(address(application, "discard/"))

    assert (asked.status_code, response.url) == (200, "/cases/")
    assert (Application.objects.count(), Evidence.objects.kept().count()) == (0, 6)


@pytest.mark.parametrize("page", ["", "facts/", "materials/", "account/", "check/", "discard/"])
def test_a_draft_of_somebody_else_is_not_found(browser, shop, page):
    application = begun(browser, shop)
    store(tea_shop(), code=SECOND_CODE, identity="520201198001010020")
    stranger = browser_of(person(5))

    assert stranger.get(address(application, page)).status_code == 404
    assert stranger.post(address(application, page)).status_code in (404, 405)


def test_an_agent_applies_and_is_told_for_whom(browser, shop, owner):
    agent = browser_of(agent_of(shop, owner, ["apply"]))

    application = begun(agent, shop)

    assert "您在替“演示茶叶店”的店主办这一件" in agent.get(address(application)).content.decode()
    assert application.begun_by != owner


def test_an_agent_who_may_only_look_cannot_apply(shop, owner):
    agent = browser_of(agent_of(shop, owner, ["view"]))

    assert agent.get(START).status_code == 403
    assert Application.objects.count() == 0


def test_evidence_of_somebody_else_is_not_found(browser, shop):
    application = begun(browser, shop)
    other = store(tea_shop(), code=SECOND_CODE, identity="520201198001010020")
    piece = evidence(other.operator)

    response = browser.post(
        address(application, "materials/"), {"material": "租赁合同", "do": "use", "evidence": piece.public_id}
    )

    assert (response.status_code, application.files.count()) == (404, 0)


def test_the_result_card_leads_to_applying(browser, shop):
    browser.post("/me/check/", {"shop": shop.public_id})

    page = markup(browser.get("/check/results/"))

    assert 'href="/apply/M05c/">去申请' in page
    assert 'href="/apply/M05c/"' in markup(browser.get("/policies/M05c/"))


def test_no_page_of_a_draft_is_kept_by_a_cache(browser, shop):
    application = begun(browser, shop)

    assert {browser.get(address(application, page)).headers["Cache-Control"] for page in ("", "facts/")} == {
        "no-store"
    }


def test_the_code_of_the_shop_stands_on_no_page(browser, shop):
    assert CODE not in browser.get(START).content.decode()
