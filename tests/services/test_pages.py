"""The pages of services as owners use them: what there is, one of them, each kind's form, and the case it becomes."""

import io
import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from businesses.actions import give_mandate
from cases.models import Case, Evidence, Message
from services.models import Offering, Request, Slot
from tests.notifications.register import open_shop, tell_of
from tests.pages.shops import text_of
from tests.subsidies.world import owner_of

from . import world

pytestmark = pytest.mark.django_db
VETERAN = {"all": [{"fact": "operator_groups", "op": "has_any", "value": ["veteran"]}]}
HOW_MUCH = {"key": "sum", "type": "money", "label": "想借多少", "required": True}
WHAT = {"key": "matter", "type": "choice", "label": "办什么", "choices": ["缴存", "提取"], "required": True}


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def shop():
    return open_shop(1)


@pytest.fixture
def owner(shop):
    return owner_of(shop)


@pytest.fixture
def browser(owner):
    return browser_of(owner)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.PRIVATE_FOLDER = str(tmp_path)


def photo(name="店门口.jpg", exif=None):
    held = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(held, "JPEG", **({"exif": exif} if exif else {}))
    return SimpleUploadedFile(name, held.getvalue(), "image/jpeg")


def send(browser, row, shop, **typed):
    return browser.post(f"/services/{row.code}/ask/", {"shop": shop.public_id, **typed})


def page_of(case):
    return f"/cases/{case.public_id}/"


# What there is


def test_everybody_sees_what_there_is_under_what_people_come_for(client):
    world.offering("enrolment", "live", title="直播卖货入门", summary="学会开播")
    world.offering("tender", "loan", title="创业贷")
    world.offering("enquiry", "ask", title="路灯坏了")

    page = text_of(client.get("/services/"))

    found = [page.rindex(word) for word in ("学本事", "直播卖货入门", "借钱、买保险", "创业贷", "路灯坏了")]
    assert found == sorted(found)
    assert "试验局" in page
    assert "适合您" not in page


def test_a_draft_and_what_is_over_are_not_shown(client):
    world.offering(code="draft", title="还没发布", status=Offering.Status.DRAFT)
    world.offering(code="over", title="过期了", closes_on=timezone.localdate() - timedelta(days=1))
    world.offering(code="last", title="最后一天", closes_on=timezone.localdate())

    page = text_of(client.get("/services/"))

    assert [word for word in ("还没发布", "过期了", "最后一天") if word in page] == ["最后一天"]
    assert client.get("/services/draft/").status_code == 404
    assert "已经结束" in text_of(client.get("/services/over/"))


def test_a_shop_reads_what_fits_it_and_why_not_what_does_not(browser, shop):
    tell_of(shop, "veterans", operator_groups={"yes": [], "no": ["veteran"]})
    world.offering("tender", "army", title="拥军贷", criteria=VETERAN)
    world.offering("tender", "plain", title="创业贷", criteria={"all": [world.OPERATING]})
    world.offering("tender", "any", title="都能问")

    page = text_of(browser.get("/services/"))

    assert page.index("创业贷") < page.index("拥军贷")
    assert re.search(r"创业贷 .*? 适合您", page)
    assert re.search(r"拥军贷 .*? 现在不符合：", page)


def test_a_time_is_shown_with_its_places_and_a_full_one_with_its_line(client):
    row, full = world.offering("enrolment", "class"), world.offering("booking", "mentor", title="请教")
    world.slot(row, capacity=12)
    hour = world.slot(full, capacity=1)
    for place in (1, 2, 3):
        world.asked(full, place, slot=hour)

    page = text_of(client.get("/services/"))

    assert "剩 12 个名额" in page
    assert "约满，可排队，前面 2 人" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"here", "there", "anywhere"}),
        ("county=520201", {"here", "anywhere"}),
        ("county=520281", {"there", "anywhere"}),
        ("county=nowhere", {"here", "there", "anywhere"}),
        ("need=learn", {"here"}),
        ("need=money", {"there", "anywhere"}),
        ("need=none", {"here", "there", "anywhere"}),
        ("benefit=T14b", {"here", "there", "anywhere"}),
        ("benefit=X99", {"here", "there", "anywhere"}),
    ],
)
def test_the_list_is_narrowed_by_need_county_and_benefit(client, query, shown):
    world.offering("enrolment", "here", district="520201")
    world.offering("tender", "there", district="520281")
    world.offering("tender", "anywhere")

    page = client.get(f"/services/?{query}").content.decode()

    assert set(re.findall(r'href="/services/(\w+)/"', page)) == shown


def test_of_a_day_only_what_can_be_booked_then_is_shown(client):
    row, other = world.offering("booking", "one"), world.offering("booking", "two")
    slot = world.slot(row, days=3)
    world.slot(other, days=5)
    day = timezone.localtime(slot.starts_at).date()

    def shown(day):
        page = client.get(f"/services/?day={day.isoformat()}").content.decode()
        return re.findall(r'href="/services/(\w+)/"', page)

    assert [shown(day - timedelta(days=1)), shown(day), shown(day + timedelta(days=1))] == [[], ["one"], []]


def test_a_day_that_cannot_be_read_is_said_in_place_and_stays(client):
    world.offering()

    answer = client.get("/services/?day=2026-13-40")

    assert answer.status_code == 400
    assert 'value="2026-13-40"' in answer.content.decode()
    assert 'id="day-error"' in answer.content.decode()


def test_what_is_booked_stands_on_top(browser, shop, owner):
    row = world.offering("booking", "mentor", title="请教导师")
    case = world.ask(row, shop, world.Ask(slot=world.slot(row)), by=owner)

    page = browser.get("/services/").content.decode()

    assert page.index("我约的") < page.index('aria-labelledby="need-learn"')
    assert f'href="{page_of(case)}"' in page
    assert "我约的" not in text_of(browser_of(owner_of(open_shop(2))).get("/services/"))


def test_a_thousand_offerings_cost_a_page_as_many_queries_as_ten(browser, shop):
    tell_of(shop, "veterans", operator_groups={"yes": ["veteran"], "no": []})
    _many(0, 10)
    few = _queries(browser)
    _many(10, 1_000)

    assert _queries(browser) == few
    assert Offering.objects.count() == 1_000
    assert browser.get("/services/?need=learn&page=3").content.decode().count('class="go"') == 20


def _many(first, last):
    handler, benefit = world.bureau().department, world.benefit()
    kinds = ("enrolment", "tender", "enquiry", "booking", "checklist")
    rows = Offering.objects.bulk_create(
        Offering(
            code=f"o{place}",
            kind=kinds[place % 5],
            benefit=benefit,
            title=f"服务{place}",
            summary="试一试",
            provider=handler,
            handler=handler,
            criteria=VETERAN if place % 2 else None,
            status=Offering.Status.PUBLISHED,
        )
        for place in range(first, last)
    )
    moment = timezone.now() + timedelta(days=2)
    Slot.objects.bulk_create(
        Slot(offering=row, starts_at=moment, ends_at=moment + timedelta(hours=1), capacity=3)
        for row in rows
        if row.kind in ("enrolment", "booking")
    )


def _queries(browser, address="/services/"):
    browser.get(address)
    with CaptureQueriesContext(connection) as found:
        assert browser.get(address).status_code == 200
    return len(found)


def test_the_queries_of_the_list_itself_are_few(client, browser):
    _many(0, 50)

    assert _queries(client) <= 4
    assert _queries(browser) - _queries(browser, "/help/") <= 8


# One service


def test_the_page_says_who_gives_it_and_on_which_terms(client):
    bank = world.institution("bank_a", "演示银行甲")
    terms = {"rate": None, "limit_fen": 30_000_000, "months": None, "fee": None}
    world.offering("tender", "loan", title="创业贷", handler=bank.department, terms=terms)

    page = text_of(client.get("/services/loan/"))

    assert "演示银行甲" in page
    assert "额度 最高 300,000 元" in page
    assert "年利率、期限 以银行审批为准" in page
    assert "收费 待公布" in page
    assert 'action="/services/loan/institutions/"' in client.get("/services/loan/").content.decode()


def test_information_is_a_page_without_a_form(client):
    world.offering("information", "guide", terms={"link": "https://example.cn/guide", "phone": None})

    page = client.get("/services/guide/").content.decode()

    assert 'href="https://example.cn/guide"' in page
    assert "待公布" in page
    assert "<form" not in page[page.index("<main") :]


def test_whoever_is_not_signed_in_is_led_through_signing_in_with_the_time_they_chose(client):
    row = world.offering("booking", "mentor")
    slot = world.slot(row)

    page = client.get("/services/mentor/").content.decode()
    answer = client.get(f"/services/mentor/ask/?slot={slot.pk}")

    assert 'action="/services/mentor/ask/"' in page
    assert answer.headers["Location"] == f"/login/?next=/services/mentor/ask/%3Fslot%3D{slot.pk}"
    assert client.post("/services/mentor/ask/", {"slot": slot.pk}).headers["Location"].startswith("/login/")


def test_whoever_has_no_shop_is_led_to_binding_one():
    world.offering()
    person = world.User.objects.begin_with_phone("13900009999")

    assert browser_of(person).get("/services/ask/ask/").headers["Location"] == "/me/bind/"


def test_staff_ask_for_nothing_here():
    people = world.bureau()
    world.offering()

    assert browser_of(people.reviewer).get("/services/ask/ask/").status_code == 403
    assert browser_of(people.reviewer).get("/services/ask/").status_code == 200


def test_a_service_that_is_paused_says_until_when_and_has_no_form(browser):
    until = timezone.localdate() + timedelta(days=3)
    world.offering(paused_until=until, paused_because="等着答复的太多")

    page = browser.get("/services/ask/").content.decode()

    assert "等着答复的太多" in page
    assert f"{until.month} 月 {until.day} 日再开" in page
    assert 'name="words"' not in page


def test_who_does_not_fit_reads_why_and_is_not_led_into_a_form(browser, shop):
    tell_of(shop, "veterans", operator_groups={"yes": [], "no": ["veteran"]})
    row = world.offering("booking", "army", criteria=VETERAN)
    slot = world.slot(row)

    page = browser.get("/services/army/")
    answer = send(browser, row, shop, slot=slot.pk)

    assert "您的店现在不符合" in text_of(page)
    assert 'data-result="fail"' in page.content.decode()
    assert 'name="slot"' not in page.content.decode()
    assert answer.status_code == 409
    assert "您的店现在不符合" in text_of(answer)
    assert not Case.objects.exists()


# Asking


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
    row = world.offering("checklist", "list", steps=[_step()], questions=[plan])

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
    row = world.offering("checklist", "list", steps=[_step("check", "初审"), _step("grant", "认定")])

    first = send(browser, row, shop)
    second = send(browser, row, shop)
    page = text_of(browser.get(first.headers["Location"]))

    assert first.headers["Location"] == second.headers["Location"]
    assert page.index("初审") < page.index("认定")
    assert 'href="' + first.headers["Location"] in browser.get("/services/list/").content.decode()


def _step(key="check", title="初审"):
    return {"key": key, "title": title, "department": "tests"}


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


# The case


def test_a_case_of_somebody_else_is_as_if_there_were_none(shop):
    case, _owner = world.asked(world.offering(), 2)
    stranger = browser_of(owner_of(shop))

    answers = [stranger.get(f"{page_of(case)}{rest}") for rest in ("", "receipt/", "do/withdraw/")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_what_leads_on_is_the_button_and_taking_it_back_a_link(browser, shop, owner):
    people, case = world.bureau(), world.ask(world.offering(), shop, world.Ask(words=world.NEED), by=owner)
    _do(case, "answer", people.reviewer, words="已经疏通")

    page = browser.get(page_of(case)).content.decode()

    looks = dict(re.findall(r'class="btn ([a-z]*) wide"[^>]*>(解决了|没解决)<', page))
    assert {words: look for look, words in looks.items()} == {"解决了": "", "没解决": "alt"}
    assert "已经疏通" in page


def _do(case, verb, by, **typed):
    from cases.actions import general

    return general.do(Case.objects.get(pk=case.pk), verb, typed, by=by)


def test_the_receipt_says_what_comes_next(browser, shop, owner):
    case = world.ask(world.offering(), shop, world.Ask(words=world.NEED), by=owner)

    page = text_of(browser.get(f"{page_of(case)}receipt/"))

    assert case.number in page
    assert "试验局来办" in page
    assert "拨付" not in page


def test_the_list_says_what_is_to_be_done_with_as_many_queries_for_many(browser, shop, owner):
    people = world.bureau()

    def a_round(place):
        need = world.ask(world.offering(code=f"ask{place}"), shop, world.Ask(words=world.NEED), by=owner)
        _do(need, "take", people.reviewer)
        until = (timezone.localdate() + timedelta(days=5)).isoformat()
        _do(need, "ask", people.reviewer, words="哪条街？", until=until)
        lesson = world.offering("enrolment", f"class{place}")
        slot = world.slot(lesson)
        world.asked(lesson, 5, slot=slot)
        world.ask(lesson, shop, world.Ask(slot=slot), by=owner)
        steps = world.offering("checklist", f"list{place}", steps=[_step()])
        world.ask(steps, shop, world.Ask(), by=owner)

    a_round(1)
    one = _queries(browser, "/cases/")
    for place in (2, 3):
        a_round(place)

    page = browser.get("/cases/").content.decode()
    assert _queries(browser, "/cases/") == one
    assert len(re.findall(r'href="/cases/[\w-]+/do/supply/"', page)) == 3
    assert "您排在第 1 位" in page


def test_an_offer_of_one_bank_waits_for_the_owner(browser, shop, owner):
    bank = world.institution("bank_a", "演示银行甲")
    other = world.institution("bank_b", "演示银行乙")
    receivers = (bank.department, other.department)
    case = world.ask(world.offering("tender", "loan"), shop, world.Ask(receivers=receivers), by=owner)
    before = browser.get("/").content.decode()
    _do(case, "take", bank.officer)
    _do(case, "offer", bank.officer, words="10 万元，一年")

    page = text_of(browser.get(page_of(case)))

    assert "件要处理" not in before
    assert "您有 1 件要处理" in text_of(browser.get("/"))
    assert re.search(r"演示银行甲 已办成 10 万元，一年", page)
    assert re.search(r"演示银行乙 待接单", page)


def test_requests_lead_to_cases(browser, shop, owner):
    case = world.ask(world.offering(), shop, world.Ask(words=world.NEED), by=owner)

    assert browser.get("/requests/").headers["Location"] == "/cases/"
    assert browser.get(f"/requests/{case.public_id}/").headers["Location"] == page_of(case)


# Doors


def test_a_benefit_with_one_service_leads_to_it_with_two_to_their_list_and_with_none_nowhere(client):
    world.benefit()
    none = client.get("/policies/T01/").content.decode()
    first = world.offering("enquiry", "one")
    one = client.get("/policies/T01/").content.decode()
    second = world.offering("booking", "two")
    two = client.get("/policies/T01/").content.decode()
    Offering.objects.filter(pk=second.pk).update(status=Offering.Status.CLOSED)
    closed = client.get("/policies/T01/").content.decode()
    first.delete()
    gone = client.get("/policies/T01/").content.decode()

    assert "这里还不能办" in none
    assert 'href="/services/one/"' in one
    assert 'href="/services/?benefit=T14b"' in two
    assert 'href="/services/one/"' in closed
    assert "这里还不能办" in gone


def test_the_list_of_policies_says_what_can_be_done_here_without_a_query_for_each(client):
    world.offering("enquiry", "one")

    page = client.get("/policies/").content.decode()
    with CaptureQueriesContext(connection) as found:
        client.get("/policies/")

    assert re.search(r'href="/services/one/"\s*>提出来<span class="vh">：', page)
    assert [row["sql"] for row in found if "services_offering" in row["sql"]] == []


def test_the_home_page_leads_to_services(client):
    page = client.get("/").content.decode()

    assert 'href="/services/"' in page
    assert 'href="/needs/"' in page
