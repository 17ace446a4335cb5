"""Filling in what a service asks, and sending it: nothing typed is lost."""

import io
import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from businesses.actions import give_mandate
from cases.models import Case, Evidence, Message
from services.models import Request, Slot
from tests.notifications.register import open_shop
from tests.pages.shops import text_of
from tests.services import world
from tests.subsidies.world import owner_of

from .filling import HOW_MUCH, WHAT, browser_of, page_of, photo, send, step

pytestmark = pytest.mark.django_db


def test_the_form_has_the_time_that_was_chosen(browser):
    row = world.offering("booking", "mentor")
    slots = [world.slot(row, days=days) for days in (2, 3)]

    page = browser.get(f"/services/mentor/ask/?slot={slots[1].pk}").content.decode()

    assert re.findall(r'name="slot"\s+value="(\d+)"\s+(checked)?', page) == [
        (str(slots[0].pk), ""),
        (str(slots[1].pk), "checked"),
    ]


def test_a_need_with_a_photo_becomes_a_case_and_the_place_of_the_photo_is_gone(browser, shop):
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    row = world.offering()

    answer = send(browser, row, shop, words=world.NEED, file=[photo(exif=exif), photo("里面.jpg")])

    case = Case.objects.get()
    page = text_of(browser.get(page_of(case)))
    assert answer.headers["Location"] == page_of(case)
    assert f"已收到，编号 {case.number}。" in page
    assert world.NEED in page
    assert len(Message.objects.get().files) == 1  # two pictures that are the same are one
    assert world.faults() == []


def test_a_need_without_words_is_said_in_place_and_what_was_sent_stays(browser, shop):
    row = world.offering(questions=[WHAT])

    answer = send(browser, row, shop, words="堵", file=photo(), **{"said-matter": "提取"})

    page = answer.content.decode()
    kept = Evidence.objects.get()
    assert answer.status_code == 400
    assert "至少 4 个字" in page
    assert 'id="words-error"' in page
    assert re.search(r'value="提取"\s+checked', page)
    assert f'value="{kept.public_id}"' in page
    again = send(browser, row, shop, words=world.NEED, kept=str(kept.public_id), **{"said-matter": "提取"})
    assert again.status_code == 302
    assert Case.objects.get().files.get().evidence == kept
    assert Request.objects.get().said == {"matter": "提取"}


def test_every_fault_is_named_at_once(browser, shop):
    row = world.offering(questions=[WHAT, HOW_MUCH])

    answer = send(browser, row, shop, words="请打 13800138000 找我", **{"said-sum": "很多"})

    page = answer.content.decode()
    assert answer.status_code == 400
    assert re.findall(r'<a href="#([\w-]+)">', page[page.index('class="errors"') :])[:3] == [
        "said-matter",
        "said-sum",
        "words",
    ]
    assert 'value="很多"' in page
    assert "13800138000" in page


def test_a_file_that_cannot_be_taken_loses_itself_alone(browser, shop):
    row = world.offering()

    answer = send(browser, row, shop, words=world.NEED, file=SimpleUploadedFile("a.jpg", b"no picture"))

    assert answer.status_code == 400
    assert 'id="file-error"' in answer.content.decode()
    assert world.NEED in answer.content.decode()
    assert not Case.objects.exists()


def test_no_more_than_five_files_are_taken_at_once(browser, shop):
    row = world.offering()
    pictures = []
    for shade in range(6):
        held = io.BytesIO()
        Image.new("RGB", (60, 40), (shade * 40, 0, 0)).save(held, "JPEG")
        pictures.append(SimpleUploadedFile(f"{shade}.jpg", held.getvalue(), "image/jpeg"))

    answer = send(browser, row, shop, words=world.NEED, file=pictures)

    assert answer.status_code == 400
    assert "最多交 5 个" in text_of(answer)
    assert Evidence.objects.count() == 5


def test_a_file_of_somebody_else_is_not_taken_along(browser, shop):
    row, other = world.offering(), open_shop(2)
    stranger = browser_of(owner_of(other))
    send(stranger, row, other, words="堵", file=photo())
    foreign = Evidence.objects.get()

    send(browser, row, shop, words=world.NEED, kept=str(foreign.public_id))

    assert Case.objects.get().files.count() == 0


def test_a_file_that_is_asked_for_has_to_come(browser, shop):
    plan = {"key": "plan", "type": "files", "label": "环评文件", "required": True}
    row = world.offering("checklist", "list", steps=[step()], questions=[plan])

    without = send(browser, row, shop)
    with_it = send(browser, row, shop, **{"said-plan": photo()})

    assert without.status_code == 400
    assert 'id="said-plan-error"' in without.content.decode()
    assert with_it.status_code == 302
    assert Evidence.objects.get().material == "环评文件"


def test_what_the_register_knows_is_shown_with_its_source_and_not_asked(browser, shop):
    question = {
        "key": "county",
        "type": "text",
        "label": "店在哪个县区",
        "required": True,
        "fact": "district",
    }
    row = world.offering(questions=[question])

    page = browser.get("/services/ask/")
    send(browser, row, shop, words=world.NEED)

    assert 'name="said-county"' not in page.content.decode()
    assert re.search(r"店在哪个县区 \S+说的 钟山区", text_of(page))
    assert Request.objects.get().said == {"county": "钟山区"}


def test_a_booking_leads_to_its_time_and_place(browser, shop):
    row = world.offering("booking", "mentor")
    slot = world.slot(row, place="企业之家 2 楼")

    answer = send(browser, row, shop, slot=slot.pk)

    page = text_of(browser.get(answer.headers["Location"]))
    assert "已约" in page
    assert "企业之家 2 楼" in page
    assert "请假" in page
    assert Slot.objects.get().taken == 1


def test_booking_twice_leads_to_the_same_case(browser, shop):
    row = world.offering("booking", "mentor")
    slot = world.slot(row, capacity=3)

    first, second = (send(browser, row, shop, slot=slot.pk) for _ in range(2))

    assert first.headers["Location"] == second.headers["Location"]
    assert "已经提过了" in text_of(browser.get(second.headers["Location"]))
    assert Slot.objects.get().taken == 1


@pytest.mark.parametrize("sent", ["", "0", "abc", "999999999"])
def test_a_booking_without_a_time_is_said_in_place(browser, shop, sent):
    row = world.offering("booking", "mentor")
    world.slot(row)

    answer = send(browser, row, shop, slot=sent)

    assert answer.status_code == 400
    assert 'id="slot-error"' in answer.content.decode()


def test_a_time_of_another_service_is_none_of_this_one(browser, shop):
    row, other = world.offering("booking", "mentor"), world.offering("booking", "other")
    world.slot(row)

    assert send(browser, row, shop, slot=world.slot(other).pk).status_code == 400


def test_a_time_that_is_over_is_refused_with_others_and_what_was_typed_stays(browser, shop):
    row = world.offering("enrolment", "class", questions=[WHAT])
    gone = world.slot(row, days=-1)
    world.slot(row, days=2)

    answer = send(browser, row, shop, slot=gone.pk, **{"said-matter": "缴存"})

    assert answer.status_code == 409
    assert "最近还能约" in text_of(answer)
    assert re.search(r'value="缴存"\s+checked', answer.content.decode())


def test_a_full_class_is_waited_for_and_confirmed_on_the_case_itself(browser, shop, owner):
    row = world.offering("enrolment", "class")
    slot = world.slot(row, capacity=1)
    first, other = world.asked(row, 2, slot=slot)

    answer = send(browser, row, shop, slot=slot.pk)
    waits = text_of(browser.get(answer.headers["Location"]))
    browser_of(other).post(
        f"/cases/{first.public_id}/do/excuse/", {"version": Case.objects.get(pk=first.pk).version}
    )
    mine = Case.objects.exclude(pk=first.pk).get()
    offered = browser.get(page_of(mine)).content.decode()
    button = re.search(
        rf'action="{page_of(mine)}do/confirm/".*?name="version"\s+value="(\d+)"', offered, re.DOTALL
    )
    browser.post(f"{page_of(mine)}do/confirm/", {"version": button[1]})

    assert "您排在第 1 位" in waits
    assert Case.objects.get(pk=mine.pk).state == "booked"
    assert world.faults() == []


def test_a_checklist_is_asked_for_once_and_shows_its_steps(browser, shop):
    row = world.offering("checklist", "list", steps=[step("check", "初审"), step("grant", "认定")])

    first = send(browser, row, shop)
    second = send(browser, row, shop)
    page = text_of(browser.get(first.headers["Location"]))

    assert first.headers["Location"] == second.headers["Location"]
    assert page.index("初审") < page.index("认定")
    assert 'href="' + first.headers["Location"] in browser.get("/services/list/").content.decode()


def test_somebody_is_asked_to_call_back(browser, shop):
    row = world.offering("callback", "call", title="会苗语的同事回电")

    send(browser, row, shop, words="想问房租补贴怎么领")

    assert Case.objects.get().procedure == "callback"


@pytest.mark.parametrize("verb", ["get", "post"])
def test_of_several_institutions_one_says_elsewhere_who_may_know_what(browser, shop, verb):
    world.offering("tender", "loan")

    answer = getattr(browser, verb)("/services/loan/ask/", {"shop": shop.public_id})

    assert answer.headers["Location"] == "/services/loan/institutions/"


def test_a_family_member_who_may_apply_books_and_one_who_may_only_look_does_not(shop, owner):
    row = world.offering("booking", "mentor")
    slot = world.slot(row, capacity=3)
    helpers = {}
    for place, scopes in enumerate((["view", "apply"], ["view"])):
        phone = f"1390000777{place}"
        helpers[place] = world.User.objects.begin_with_phone(phone)
        give_mandate(shop, phone=phone, scopes=scopes, until=timezone.localdate(), by=owner, relation="女儿")

    books, looks = (send(browser_of(helpers[place]), row, shop, slot=slot.pk) for place in (0, 1))
    page = text_of(browser_of(helpers[1]).get("/services/mentor/"))

    assert (books.status_code, looks.status_code) == (302, 403)
    assert Case.objects.get().submitter == helpers[0]
    assert "您的授权里没有代为办事" in page


def test_a_form_shown_for_another_shop_is_not_sent_for_this_one(browser, shop):
    world.offering()

    answer = browser.post("/services/ask/ask/", {"shop": uuid.uuid4(), "words": world.NEED})

    assert answer.headers["Location"] == "/me/"
    assert not Case.objects.exists()
