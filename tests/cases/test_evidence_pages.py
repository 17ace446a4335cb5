"""The owner's wallet page: what is in it, adding to it, turning and deleting, with nothing but forms."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.utils import timezone

from businesses.actions import give_mandate
from cases.evidence import wallet
from cases.models import Evidence
from core import uploads
from core.errors import Invalid
from tests.markup import markup
from tests.notifications.register import open_shop
from tests.uploads.documents import pdf
from tests.uploads.pictures import noise, saved, seen

from ..subsidies import world

pytestmark = pytest.mark.django_db
PAGE = "/me/evidence/"


@pytest.fixture(autouse=True)
def private_folder(settings, tmp_path):
    settings.PRIVATE_FOLDER, settings.UPLOAD_SCANNER = str(tmp_path), ""


@pytest.fixture
def shop(db):
    world.grant_of_money()
    return open_shop(1)


@pytest.fixture
def owner(shop):
    return world.owner_of(shop)


@pytest.fixture
def browser(owner):
    found = Client()
    found.force_login(owner)
    return found


def photo(content=None, name="合同.jpg"):
    return SimpleUploadedFile(name, saved(seen()) if content is None else content)


def add(browser, to, **given):
    form = {"shop": str(to.public_id), "material": "租赁合同", "file": photo(), **given}
    return browser.post(PAGE, {name: value for name, value in form.items() if value is not None})


def text_of(response):
    page = response.content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.find("<main") : page.find("</main>")]))


def complaints(response):
    return re.findall(r'<li><a href="#(\w+)">(.*?)</a>', markup(response))


def test_an_empty_wallet_says_what_it_is_for(browser):
    page = browser.get(PAGE)

    assert "还没有存材料。先存一份，申请时就不用再传。" in text_of(page)
    assert 'type="file" accept="image/*,.pdf"' in markup(page)
    assert "capture" not in markup(page)


def test_what_was_added_is_shown_with_its_day_and_its_warning(browser, shop):
    soon = timezone.localdate() + timedelta(days=5)

    response = add(browser, shop, expires_on=soon.isoformat())

    row = Evidence.objects.get()
    text = text_of(browser.get(PAGE))
    assert (response.status_code, response.headers["Location"]) == (302, PAGE)
    assert (row.operator, row.expires_on, row.uploaded_by.pk) == (
        shop.operator,
        soon,
        int(browser.session["_auth_user_id"]),
    )
    assert "“租赁合同”存好了。申请时直接选，不用再传。" in text
    assert f"{soon.year} 年 {soon.month} 月 {soon.day} 日到期，请准备新的" in text
    assert f'src="/evidence/{row.public_id}/thumbnail/"' in browser.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"material": ""}, ("material", "请选这是什么材料")),
        ({"material": "护照"}, ("material", "请选这是什么材料")),
        ({"file": None}, ("file", "请选一张照片或一个 PDF")),
        ({"file": photo(b"")}, ("file", "上传中断了，文件不完整。请再传一次；还不行就重拍一张")),
        ({"file": photo(b"MZ" + bytes(99), "a.pdf")}, ("file", "打不开这个文件，请用照片或 PDF")),
        ({"expires_on": "明天"}, ("expires_on", "日期请写成 2026-01-15 这样的格式")),
        ({"expires_on": "2020-01-01"}, ("expires_on", "这份材料已经过期了。请用还在有效期里的")),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(browser, shop, given, complaint):
    page = add(browser, shop, **given)

    assert (page.status_code, complaints(page)) == (400, [complaint])
    assert f'aria-describedby="{complaint[0]}-' in page.content.decode()
    assert Evidence.objects.count() == 0


def test_a_photo_of_24_mb_is_refused_and_never_held(browser, shop):
    page = add(browser, shop, file=photo(saved(seen()) + bytes(24 * uploads.MEGABYTE - 2_000)))

    assert (page.status_code, complaints(page)) == (400, [("file", "照片有 24 MB，最大 20 MB。请重拍一张")])


def test_of_what_is_too_large_a_view_gets_nothing(rf: RequestFactory):
    request = rf.post("/", {"file": photo(bytes(uploads.MOST_BYTES + 1))})
    request._dont_enforce_csrf_checks = True
    seen_files = []

    @uploads.takes_files
    def view(request):
        seen_files.append(request.FILES.get("file"))
        return uploads.sent(request)

    with pytest.raises(Invalid, match="最大 20 MB"):
        view(request)
    assert seen_files == [None]


def test_a_form_without_its_token_is_refused(owner, shop):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)

    assert add(browser, shop).status_code == 403
    token = re.search('name="csrfmiddlewaretoken" value="(.*?)"', browser.get(PAGE).content.decode())[1]
    assert add(browser, shop, csrfmiddlewaretoken=token).status_code == 302


def test_a_form_of_another_shop_is_refused(browser, shop):
    other = open_shop(2)

    response = add(browser, shop, shop=str(other.public_id))

    assert (response.headers["Location"], Evidence.objects.count()) == ("/me/", 0)


def test_turning_and_deleting_are_two_buttons_away(browser, shop):
    add(browser, shop)
    row = Evidence.objects.get()
    shown = {"shop": str(shop.public_id)}

    turned = browser.post(f"{PAGE}{row.public_id}/rotate/", {**shown, "degrees": "90"})
    asked = browser.get(f"{PAGE}{row.public_id}/delete/")
    deleted = browser.post(f"{PAGE}{row.public_id}/delete/", shown)

    assert turned.headers["Location"] == f"{PAGE}#e-{row.public_id}"
    assert "删掉就找不回来了" in text_of(asked)
    assert deleted.headers["Location"] == PAGE
    assert "还没有存材料" in text_of(browser.get(PAGE))
    assert browser.get(f"{PAGE}{row.public_id}/delete/").status_code == 404


def test_nonsense_for_degrees_changes_nothing(browser, shop):
    add(browser, shop)
    row = Evidence.objects.get()

    browser.post(f"{PAGE}{row.public_id}/rotate/", {"degrees": "1e9"})

    assert Evidence.objects.get().sha256 == row.sha256
    assert "只能转 90、180 或 270 度" in text_of(browser.get(PAGE))


def test_a_piece_of_somebody_else_is_nowhere(browser, shop):
    stranger = open_shop(2)
    row = wallet.keep(stranger.operator, "租赁合同", photo(), by=world.owner_of(stranger))

    for action in ("rotate", "delete"):
        response = browser.post(f"{PAGE}{row.public_id}/{action}/", {"degrees": "90"})
        assert response.status_code == 404
    assert row.original_name not in text_of(browser.get(PAGE))


def test_what_was_filed_can_be_looked_at_and_no_more(browser, shop, owner):
    add(browser, shop)
    row = Evidence.objects.get()
    benefit = world.Benefit.objects.get()
    application = world.applying.begin(shop, benefit, by=owner)
    world.applying.use(application, "租赁合同", row, by=owner)
    world.applying.declare(application, by=owner)
    world.applying.submit(application, by=owner)

    page = browser.get(PAGE)

    assert "已经随申请交上去，要留档，不能改。" in text_of(page)
    assert "/delete/" not in page.content.decode()
    assert "不能删" in text_of(browser.get(f"{PAGE}{row.public_id}/delete/"))


def test_an_agent_needs_a_mandate_to_apply(shop, owner):
    statuses = {}
    for scopes in (["view"], ["view", "apply"]):
        mandate = give_mandate(shop, phone="13700000009", scopes=scopes, until=timezone.localdate(), by=owner)
        browser = Client()
        browser.force_login(mandate.agent)
        statuses[scopes[-1]] = browser.get(PAGE).status_code

    assert statuses == {"view": 403, "apply": 200}


def test_who_is_not_signed_in_is_asked_to(client):
    assert client.get(PAGE).headers["Location"] == f"/login/?next={PAGE}"


def test_the_page_costs_the_same_with_one_file_and_with_three(
    browser, shop, owner, django_assert_max_num_queries
):
    wallet.keep(shop.operator, "租赁合同", photo(), by=owner)
    browser.get(PAGE)
    with django_assert_max_num_queries(30) as one:
        browser.get(PAGE)
    wallet.keep(shop.operator, "租赁合同", photo(saved(noise())), by=owner)
    wallet.keep(shop.operator, "身份证", photo(pdf(), "a.pdf"), by=owner)

    with django_assert_max_num_queries(len(one)):
        browser.get(PAGE)
