"""Applying and cases in a browser: from the result card to the receipt with and without scripts, at any width."""

import io
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from PIL import Image

from cases.actions import correcting

from .conftest import DESKTOP, NARROW, PHONE, follow
from .shops import NAME, browser_of, person, store, tea_shop

MOST_TAPS = 6
MATERIALS = ["身份证", "租赁合同", "房租付款凭证"]
PHOTO = {"name": "照片.jpg", "mimeType": "image/jpeg"}
CASE_PAGES = {
    "draft": ["/apply/{id}/", "/apply/{id}/facts/", "/apply/{id}/materials/", "/apply/{id}/account/",
              "/apply/{id}/check/", "/apply/{id}/discard/", "/cases/"],
    "begun": ["/apply/{id}/", "/apply/{id}/facts/", "/apply/{id}/materials/?family=1", "/apply/{id}/account/",
              "/apply/{id}/check/", "/f/{family}/"],
    "correcting": ["/cases/{id}/", "/cases/{id}/correct/", "/cases/{id}/withdraw/", "/cases/", "/me/", "/"],
    "approved": ["/cases/{id}/", "/cases/{id}/receipt/", "/cases/{id}/instalments/{instalment}/"],
    "refused": ["/cases/{id}/", "/cases/{id}/appeal/"],
    "nothing": ["/apply/M05c/", "/cases/"],
    "offered": ["/offers/{offer}/", "/cases/"],
}  # fmt: skip
ADDRESSES = [(state, address) for state, addresses in CASE_PAGES.items() for address in addresses]


def photo():
    held = io.BytesIO()
    Image.new("RGB", (600, 400), "white").save(held, "JPEG")
    return held.getvalue()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """What these tests upload lies in a folder of their own, for the site too."""
    before = settings.PRIVATE_FOLDER
    settings.PRIVATE_FOLDER = str(tmp_path_factory.mktemp("private"))
    yield
    settings.PRIVATE_FOLDER = before


def applicant(place):
    """A tea shop with an owner who is paid to an account."""
    from businesses.actions import set_payment_account
    from businesses.models import Binding
    from portal.city import credit_code
    from tests.notifications.register import identity

    code = credit_code("520201", 700 + place)
    shop = store(
        tea_shop(), code=code, identity=identity(700 + place), name=f"演示名字很长很长的茶叶店{place}"
    )
    user = person(700 + place)
    Binding.objects.get_or_create(business=shop, user=user)
    set_payment_account(shop, holder=NAME, bank="演示银行", number=f"622202020000{place:04}", by=user)
    return shop, user


def cookies_of(user):
    browser = browser_of(user)
    browser.post("/me/check/")
    return {settings.SESSION_COOKIE_NAME: browser.cookies[settings.SESSION_COOKIE_NAME].value}


@pytest.fixture(scope="module")
def owners(site, kept, django_db_blocker):
    """An owner for every state of CASE_PAGES: ``{state: {cookies, id, instalment}}``."""
    with django_db_blocker.unblock():
        return {state: _owner(place, state) for place, state in enumerate(CASE_PAGES)}


def _owner(place, state):
    from cases.evidence import family, wallet
    from cases.models import Evidence
    from policies.models import Benefit
    from subsidies.actions import applying
    from subsidies.models import Instalment
    from tests.subsidies import world

    shop, user = applicant(place)
    found = {"cookies": cookies_of(user), "id": "", "instalment": "", "offer": "", "family": ""}
    if state == "nothing":
        return found
    if state == "offered":
        return found | {"offer": _offered(shop)}
    people, rent = world.bureau("hrss"), Benefit.objects.get(code="M05c")
    world.envelope(rent)
    if state == "begun":
        application = applying.begin(shop, rent, by=user)
        link = family.token_of(application, MATERIALS[0], user)
        return found | {"id": application.public_id, "family": link}
    application = world.draft(rent, shop, user)
    Evidence.objects.filter(operator=shop.operator).update(
        media_type="application/pdf", original_name="合同.pdf"
    )
    held = io.BytesIO(photo())
    held.name = "手机拍的租赁合同.jpg"
    application = applying.use(
        application, "租赁合同", wallet.keep(shop.operator, "租赁合同", held, by=user), by=user
    )
    if state != "draft":
        application = applying.submit(application, by=user)
    if state == "correcting":
        correcting.request_correction(
            application,
            [
                {
                    "kind": "material",
                    "name": "租赁合同",
                    "reason": "看不清租期",
                    "sample": "拍到起止日期那一页",
                },
                {"kind": "fact", "name": "monthly_rent", "reason": "和合同上的不一样"},
            ],
            by=people.reviewer,
        )
    if state == "approved":
        world.approved(application, people)
        found["instalment"] = Instalment.objects.get(grant__application=application, number=2).pk
    if state == "refused":
        world.refused(application, people)
    return found | {"id": application.public_id}


def _offered(shop):
    """The id of an offer of the refund to this shop, as a bureau has confirmed it."""
    from policies.models import Benefit
    from subsidies.models import Offer, OfferList
    from tests.subsidies import world

    people, refund = world.bureau("hrss"), Benefit.objects.get(code="M01b")
    year = timezone.localdate().year
    made = OfferList.objects.create(
        department=people.department,
        benefit=refund,
        benefit_version_id=refund.versions.first().pk,
        period=year,
        day=timezone.localdate(),
        status=OfferList.Status.CONFIRMED,
        prepared_by=people.reviewer,
        confirmed_by=people.approver,
    )
    offer = Offer.objects.create(
        offer_list=made, business=shop, benefit=refund, period=year, amount_fen=123_400
    )
    return offer.pk


@pytest.mark.crawl
@pytest.mark.parametrize(("state", "address"), ADDRESSES)
def test_a_page_of_a_case_is_accessible_and_fits_any_width(open_browser, faults, owners, state, address):
    page = open_browser(cookies=owners[state]["cookies"])

    assert page.goto(address.format(**owners[state])).status == 200
    assert page.locator("h1").count() == 1
    assert faults(page, [PHONE, DESKTOP, NARROW]) == []
    assert page.locator("[style], [onclick], script:not([src])").count() == 0


@pytest.mark.crawl
@pytest.mark.parametrize(("state", "address"), ADDRESSES)
def test_a_page_of_a_case_is_accessible_in_the_largest_letters_on_dark(
    open_browser, faults, owners, state, address
):
    page = open_browser(
        cookies={**owners[state]["cookies"], "display-size": "largest", "display-theme": "dark"}
    )

    page.goto(address.format(**owners[state]))

    assert faults(page, [PHONE, DESKTOP, NARROW]) == []


@pytest.mark.crawl
@pytest.mark.parametrize("state", ["draft", "begun", "correcting", "approved", "refused"])
def test_every_button_and_link_of_a_case_can_be_hit_by_a_thumb(open_browser, owners, state):
    page = open_browser(cookies=owners[state]["cookies"])
    small = {}
    for address in CASE_PAGES[state]:
        page.goto(address.format(**owners[state]))
        page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        for control in page.locator("main :is(a, button, summary, .choice, input:not([type=hidden]))").all():
            box = control.bounding_box()
            inside_a_sentence = control.evaluate("node => node.closest('p:not(.acts):not(.links)') !== null")
            is_choice = control.evaluate("node => node.closest('.choice') !== null")
            if box and not inside_a_sentence and not is_choice and min(box["height"], box["width"]) < 44:
                small[address, control.inner_text()] = box

    assert small == {}


@pytest.mark.crawl
@pytest.mark.benefit("M05c")
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("javascript", [True, False])
def test_from_the_result_card_to_the_receipt_it_takes_at_most_six_taps_and_no_typing(
    open_browser, site, kept, django_db_blocker, width, javascript
):
    with django_db_blocker.unblock():
        _, user = applicant(20 + 2 * (width == PHONE) + javascript)
        cookies = cookies_of(user)
    page = open_browser(width=width, javascript=javascript, cookies=cookies)
    taps = []

    def tap(link):
        follow(page.locator(link).first)
        taps.append(link)

    page.goto("/check/results/")
    tap("[data-item=M05c] a:has-text('去申请')")
    tap("main button:has-text('开始')")
    for place, material in enumerate(MATERIALS, 1):
        section = f"[data-material='{material}']"
        page.set_input_files(f"{section} input[type=file]", {**PHOTO, "buffer": photo() + bytes(place)})
        follow(page.locator(f"{section} button[value=upload]"))
    tap("main a:has-text('下一步')")
    page.check("#declare", force=True)
    taps.append("#declare")
    tap("main button:has-text('提交申请')")

    assert page.locator("h1").inner_text() == "申请已提交"
    assert page.locator(".number").inner_text().startswith("LPS-")
    assert len(taps) <= MOST_TAPS
    follow(page.locator("text=看进度"))
    assert page.locator("[data-step=submitted]").get_attribute("data-status") == "done"
    assert page.locator("[data-step=accepted]").get_attribute("data-status") == "current"


# Who files what, and with which papers: (code, groups the owner says, materials uploaded)
FILINGS = {
    "hard to employ, M05a": ("M05a", ["hard_to_employ"], ["身份证或户口本", "经营场所照片", "就业创业证"]),
    "veteran, M05c": ("M05c", ["veteran"], ["身份证", "退役证件", "租赁合同", "房租付款凭证"]),
    "graduate, M05a": ("M05a", ["graduate"], ["身份证或户口本", "经营场所照片", "毕业证"]),
    "migrant worker, M05c": ("M05c", ["returning_migrant_worker"], ["身份证", "租赁合同", "房租付款凭证"]),
}


@pytest.mark.benefit("M05a", "M05c")
@pytest.mark.parametrize("who", FILINGS)
def test_each_files_without_scripts_with_only_the_papers_that_are_theirs(
    open_browser, site, kept, django_db_blocker, who
):
    code, groups, papers = FILINGS[who]
    with django_db_blocker.unblock():
        _shop, user = _newcomer(60 + list(FILINGS).index(who), groups)
        cookies = cookies_of(user)
    page = open_browser(width=PHONE, javascript=False, cookies=cookies)

    page.goto(f"/apply/{code}/")
    announced = page.locator("main ul.box li b").all_inner_texts()
    follow(page.locator("main button:has-text('开始')"))
    wanted = [
        section.get_attribute("data-material")
        for section in page.locator("section[data-material]").all()
        if section.locator(".tag:has-text('要上传')").count()
    ]
    for place, material in enumerate(papers, 1):
        section = f"[data-material='{material}']"
        page.set_input_files(f"{section} input[type=file]", {**PHOTO, "buffer": photo() + bytes(place)})
        follow(page.locator(f"{section} button[value=upload]"))
    assert page.locator("[role=status]").first.inner_text() == "要交的都齐了。"
    follow(page.locator("main a:has-text('下一步')"))
    page.check("#declare", force=True)
    follow(page.locator("main button:has-text('提交申请')"))

    assert (announced, wanted) == (papers, papers)
    assert page.locator("h1").inner_text() == "申请已提交"


def _newcomer(place, groups):
    """Somebody with a shop open for 20 months, of whom departments know nothing but the register; and all that the
    questionnaire asks has been answered."""
    from businesses.actions import set_payment_account
    from businesses.models import Binding
    from portal.city import credit_code
    from tests.notifications.register import identity

    said = tea_shop()
    said["registry"]["registered_on"] = (timezone.localdate() - timedelta(days=600)).isoformat()
    said.pop("veterans")
    said["employment"].pop("first_time_business")
    left_school = (timezone.localdate() - timedelta(days=900)).isoformat()
    said["self"] |= {"operator_groups": groups, "first_time_business": True, "left_school_on": left_school}
    shop = store(
        said, code=credit_code("520201", 700 + place), identity=identity(700 + place), name="演示新店"
    )
    user = person(700 + place)
    Binding.objects.get_or_create(business=shop, user=user)
    set_payment_account(shop, holder=NAME, bank="演示银行", number=f"622202020000{place:04}", by=user)
    return shop, user


def test_a_photo_of_14_mb_is_made_smaller_before_it_is_sent_and_taken_as_it_is_without_scripts(
    open_browser, site, kept, django_db_blocker, tmp_path
):
    from cases.models import Evidence

    large = tmp_path / "手机原图.jpg"
    large.write_bytes(large_photo())
    found = {}
    for javascript in (True, False):
        with django_db_blocker.unblock():
            owner = _owner(80 + javascript, "draft")
        page = open_browser(width=PHONE, javascript=javascript, cookies=owner["cookies"])
        page.goto(f"/apply/{owner['id']}/materials/")
        section = "[data-material='身份证']"
        page.locator(f"{section} summary:has-text('再传一张')").click()
        field = f"{section} form:has(button[value=upload]) input[type=file]"
        page.set_input_files(field, large)
        if javascript:
            page.locator(f"{section} [role=status]:visible:has-text('照片已变小')").wait_for()
            sizes = "node => [node.files[0].name, node.files[0].type, node.files[0].size < 1000000]"
            assert page.locator(field).evaluate(sizes) == [
                *("手机原图.jpg", "image/jpeg"),
                True,
            ]
        follow(page.locator(f"{section} button[value=upload]"))
        page.locator(f"{section} .thumb:has-text('手机原图.jpg')").wait_for()
        with django_db_blocker.unblock():
            found[javascript] = Evidence.objects.filter(original_name="手机原图.jpg").latest("pk").size

    assert large.stat().st_size > 14 << 20
    assert all(size < 5 << 20 for size in found.values())


def large_photo():
    """As a good phone takes it: 12 megapixels; what makes it large lies behind the picture, as that of a moving one."""
    held = io.BytesIO()
    Image.linear_gradient("L").resize((4_000, 3_000)).convert("RGB").save(held, "JPEG", quality=95)
    return held.getvalue() + bytes((14 << 20) + 1 - len(held.getvalue()))


def test_two_defects_are_mended_without_scripts_and_handed_in_again(
    open_browser, site, kept, django_db_blocker
):
    with django_db_blocker.unblock():
        owner = _owner(40, "correcting")
    page = open_browser(width=NARROW, javascript=False, cookies=owner["cookies"])

    page.goto("/cases/")
    follow(page.locator("text=去补材料"))
    section = "[data-defect='租赁合同']"
    page.set_input_files(f"{section} input[type=file]", {**PHOTO, "buffer": photo()})
    follow(page.locator(f"{section} button[value=upload]"))
    page.fill("#monthly_rent", "650")
    follow(page.locator("[data-defect=monthly_rent] button"))
    follow(page.locator("text=全部补好，重新提交"))

    assert page.locator("[data-state-sentence]").inner_text().startswith("审核中")
    assert page.locator("[data-step=correcting]").get_attribute("data-status") == "done"
    page.locator("summary:has-text('补正了 1 次')").click()
    assert page.locator("details:has-text('第 1 次补正') dd").all_inner_texts()[-1] == "650 元"
