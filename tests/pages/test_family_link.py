"""A paper that somebody at home sends in by a link: one, for a day, and nothing of the owner is shown."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AccessEvent
from cases.models import Evidence
from subsidies.actions import applying
from subsidies.models import Application
from tests.markup import markup

from .shops import NAME, browser_of, owner_of, store, tea_shop, text_of
from .test_apply import photo

MATERIAL = "租赁合同"


@pytest.fixture(autouse=True)
def private_folder(settings, tmp_path):
    settings.PRIVATE_FOLDER, settings.UPLOAD_SCANNER = str(tmp_path), ""


@pytest.fixture
def shop(catalogue_loaded):
    return store(tea_shop())


@pytest.fixture
def owner(shop):
    return owner_of(shop)


@pytest.fixture
def draft(owner, shop):
    browser_of(owner).post("/apply/M05c/", {"shop": shop.public_id})
    return Application.objects.get()


@pytest.fixture
def link(owner, draft):
    """As the owner copies it from the page of materials."""
    there = f"/apply/{draft.public_id}/materials/"
    page = markup(browser_of(owner).get(there))
    section = page.split(f'data-material="{MATERIAL}"')[1].split("</section>")[0]
    asking = re.search('href="([^"]+family=[^"]+)"', section)[1]
    shown = text_of(browser_of(owner).get(asking))
    assert "24 小时内能传这一份" in shown
    return re.search(r"http://testserver(/f/[^ ]+)", shown)[1]


def test_somebody_without_an_account_sends_the_paper_and_the_draft_has_it(link, draft, owner):
    home = Client()

    shown = home.get(link)
    sent = home.post(link, {"file": photo("合同.jpg")})

    assert (shown.status_code, sent.status_code) == (200, 200)
    assert f"请您拍：{MATERIAL}" in text_of(shown)
    assert "传好了" in text_of(sent)
    assert [(use.material, use.evidence.original_name) for use in draft.files.all()] == [
        (MATERIAL, "合同.jpg")
    ]
    event = AccessEvent.objects.get(action="upload_by_link")
    assert (event.user, event.subject) == (owner, f"evidence {Evidence.objects.get().pk}")


def test_the_page_says_nothing_of_the_owner_the_shop_or_the_draft(link, draft, shop):
    page = re.sub('<svg class="sprite".*?</svg>', "", Client().get(link).content.decode(), flags=re.DOTALL)

    said = (NAME, shop.name, draft.title, str(draft.public_id), "13900000001", "139****0001", "800")
    assert [word for word in said if word in page] == []


def test_no_machine_keeps_the_address_or_passes_it_on(link):
    response = Client().get(link)

    headers = {name: response.headers[name] for name in ("X-Robots-Tag", "Referrer-Policy")}
    assert headers == {"X-Robots-Tag": "noindex, nofollow, noarchive", "Referrer-Policy": "same-origin"}
    assert "no-store" in response.headers["Cache-Control"]


def test_it_takes_one_paper_and_no_second(link, draft):
    home = Client()
    home.post(link, {"file": photo("一.jpg")})

    again, looked = home.post(link, {"file": photo("二.jpg", "red")}), home.get(link)

    assert (again.status_code, looked.status_code) == (410, 410)
    assert "这一份已经有了" in text_of(looked)
    assert [use.evidence.original_name for use in draft.files.all()] == ["一.jpg"]


@pytest.mark.parametrize(("hours", "status"), [(23.99, 200), (24.01, 410)])
def test_it_holds_for_a_day(link, time_machine, hours, status):
    time_machine.move_to(timezone.now() + timedelta(hours=hours), tick=False)

    assert Client().get(link).status_code == status


def test_a_link_that_was_altered_is_none(link, draft):
    response = Client().post(f"{link[:-2]}x/", {"file": photo()})

    assert (response.status_code, draft.files.count()) == (404, 0)


def test_it_ends_with_the_draft_and_with_the_right_of_who_gave_it(link, draft, owner, shop):
    from businesses.actions import unbind
    from businesses.models import Binding

    unbind(Binding.objects.get(user=owner), by=owner)
    without_right = Client().post(link, {"file": photo()})

    assert (without_right.status_code, draft.files.count()) == (410, 0)


def test_it_ends_when_the_owner_calls_the_paper_not_applicable(link, draft, owner):
    applying.excuse(draft, MATERIAL, "店面是自己家的房子", by=owner)

    assert Client().get(link).status_code == 410


def test_what_cannot_be_read_is_said_there_and_may_be_sent_again(link, draft):
    home = Client()

    wrong = home.post(link, {})
    right = home.post(link, {"file": photo()})

    assert (wrong.status_code, "请选一张照片或一个 PDF" in text_of(wrong)) == (400, True)
    assert (right.status_code, draft.files.count()) == (200, 1)
