"""The page of a case: what its owner has to do stands first, then the way, then the money; the rest is folded."""

import re
from types import SimpleNamespace

import pytest
from django.utils import timezone

from cases.actions import correcting
from cases.models import Rating
from subsidies.models import Application, Instalment
from tests.markup import markup
from tests.subsidies import world

from .shops import browser_of
from .test_returned import answered, batch_of

pytestmark = pytest.mark.django_db
DEFECT = {"kind": "fact", "name": "monthly_rent", "reason": "和合同上的不一样"}


@pytest.fixture(autouse=True)
def private_folder(settings, tmp_path):
    settings.PRIVATE_FOLDER, settings.UPLOAD_SCANNER = str(tmp_path), ""


@pytest.fixture
def people():
    return world.bureau()


@pytest.fixture
def owner():
    shop = world.shop_with_rent(1, "380")
    user = world.owner_of(shop)
    return SimpleNamespace(shop=shop, user=user, browser=browser_of(user))


@pytest.fixture
def filed(people, owner):
    benefit = world.grant_of_rent(criteria=world.IN_DISTRICT)
    world.envelope(benefit)
    return world.filed(benefit, owner.shop, owner.user)


def page_of(owner, case):
    return markup(owner.browser.get(f"/cases/{case.public_id}/"))


def path(page):
    rows = re.findall(r'<li\s+data-path="(\w+)".*?</span>\s*([^<\s]+)<span', page, re.DOTALL)
    return {title: status for status, title in rows}


def in_red(page):
    """The words of what must be done; empty where nothing must."""
    found = re.search(r'<section class="must".*?</section>', page, re.DOTALL)
    return " ".join(re.sub("<[^>]+>", " ", found[0]).split()) if found else ""


def test_who_has_to_do_nothing_sees_the_sentence_the_way_and_no_red(owner, filed):
    page = page_of(owner, filed)

    assert in_red(page) == ""
    assert path(page) == {"提交": "done", "受理": "current", "审核": "todo", "决定": "todo", "到账": "todo"}


def test_what_is_to_be_mended_stands_in_red_with_one_button(owner, people, filed):
    correcting.request_correction(filed, [DEFECT], by=people.reviewer)
    last = Application.objects.get().open_correction.due_on

    page = page_of(owner, filed)

    said = in_red(page)
    assert re.fullmatch(f"要您处理 等您补材料，最迟 .*{last.month} 月 {last.day} 日补齐 去补材料", said)
    assert path(page) == {
        "提交": "done",
        "等您补材料": "blocked",
        "审核": "todo",
        "决定": "todo",
        "到账": "todo",
    }


def test_money_that_came_back_is_red_on_the_way_and_at_its_part(owner, people, filed):
    world.approved(filed, people)
    answered(people, batch_of(people), "退回", "户名不符")

    page = page_of(owner, filed)

    assert in_red(page).endswith("没有打进去，请改收款账户 改收款账户")
    assert path(page)["打款退回"] == "blocked"
    first = page.split('data-instalment="1"')[1].split("</li>")[0]
    assert ("银行退回" in first, "待拨付" in first) == (True, False)


def test_the_order_is_what_to_do_the_way_the_money_the_bureau_and_what_is_folded(owner, people, filed):
    world.approved(filed, people)

    page = page_of(owner, filed)

    order = [
        page.index(word)
        for word in (
            "data-state-sentence",
            "data-path=",
            'data-instalment="1"',
            "办件编号",
            "我填的、交的材料",
            "拨 12345",
        )
    ]
    assert order == sorted(order)


def test_of_many_parts_the_last_that_was_paid_and_the_next_are_shown(owner, people, filed):
    world.approved(filed, people)
    shown = {0: shown_parts(page_of(owner, filed))}
    answered(people, batch_of(people), "成功")
    shown[1] = shown_parts(page_of(owner, filed))
    second = Instalment.objects.get(number=2)
    Instalment.objects.filter(pk=second.pk).update(status="paid")
    shown[2] = shown_parts(page_of(owner, filed))

    assert shown == {0: [1, 2], 1: [1, 2], 2: [2, 3]}
    assert page_of(owner, filed).count("data-instalment=") == Instalment.objects.count()


def shown_parts(page):
    """Numbers of the parts that are not folded away."""
    money = page.split("每期的钱")[1].split("<details>")[0]
    return [int(number) for number in re.findall('data-instalment="([0-9]+)"', money)]


def test_a_rating_that_is_due_is_asked_for_on_the_page_until_it_is_given(owner, people, filed):
    world.approved(filed, people)
    answered(people, batch_of(people), "成功")
    due = Rating.objects.filter(case=filed, level=None).order_by("-pk").first()

    before = page_of(owner, filed)
    Rating.objects.filter(case=filed).update(level=5, rated_at=timezone.now())
    after = page_of(owner, filed)

    assert f'action="/rate/{due.token}/"' in before
    assert re.findall('name="level" value="([0-9])"', before) == ["5", "4", "3", "2", "1"]
    assert "您满意吗" not in after


def test_taking_back_is_offered_while_nothing_is_decided(owner, people, filed):
    address = f"/cases/{filed.public_id}/withdraw/"
    before = page_of(owner, filed)
    world.approved(filed, people)

    assert (address in before, address in page_of(owner, filed)) == (True, False)
