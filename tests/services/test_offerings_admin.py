"""服务 in the admin: written by one, published by another; its times; who came."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from accounts.models import User
from cases.models import AuditEntry, Case
from core.errors import Invalid, NotYours, Refused
from eligibility.shop_facts import ShopFacts
from notifications.models import Letter
from policies.catalogue import catalogue
from services.catalogue import publishing
from services.catalogue.offerings import sorted_for
from services.models import Offering, Request, Slot
from tests.notifications.register import open_shop
from tests.subsidies.world import owner_of

from . import world

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-11-25T10:00:00+08:00")
FORM = {
    "code": "fund-window",
    "kind": "booking",
    "title": "预约公积金窗口",
    "summary": "约个时间去办",
    "words": "",
    "topic": "",
    "mentor_phone": "",
    "mentor_name": "",
    "district": "",
    "place": "窗口",
    "contact": "",
    "opens_on": "",
    "closes_on": "",
    "criteria": "",
    "relevance": "",
    "questions": '[{"key": "matter", "type": "choice", "label": "办什么", "choices": ["缴存", "提取"]}]',
    "steps": "",
    "shares": "",
    "promise_days": "",
    "promise_basis": "",
    "terms": "",
    "max_open": "",
    "max_month": "",
}
ADD, LIST = "/admin/services/offering/add/", "/admin/services/offering/"
SERIES = {
    "on": ["tue", "thu"],
    "from": "09:00",
    "until": "11:00",
    "minutes": "30",
    "capacity": "1",
    "weeks": "4",
    "place": "",
    "minimum": "",
    "decide_days": "",
}


@pytest.fixture(autouse=True)
def at_ten(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def people():
    return world.bureau()


def browser_of(user):
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def sent(people, **more):
    own = str(people.department.pk)
    return FORM | {"benefit": str(world.benefit().pk), "provider": own, "handler": own} | more


def errors(answer):
    form = answer.context.get("adminform") or answer.context["form"]
    return {name: list(said) for name, said in form.errors.items()}


def draft(people, **more):
    return world.offering("booking", "mine", status="draft", prepared_by=people.clerk, **more)


# Written


def test_somebody_of_the_service_writes_a_draft(people):
    answer = browser_of(people.clerk).post(ADD, sent(people))

    row = Offering.objects.get()
    assert answer.status_code == 302
    assert (row.status, row.prepared_by, row.provider, row.questions[0]["choices"]) == (
        "draft",
        people.clerk,
        people.department,
        ["缴存", "提取"],
    )


def test_a_service_of_a_mentor_is_written_with_the_phone_with_which_they_sign_in(people):
    mentor = User.objects.begin_with_phone("13800000004")

    browser_of(people.clerk).post(
        ADD, sent(people, provider="", mentor_phone="138 0000 0004", mentor_name="张老师")
    )

    row = Offering.objects.get()
    assert (row.mentor, row.given_by) == (mentor, "张老师")


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"criteria": '{"fact": "no_such"}'}, "criteria", None),
        ({"criteria": "{"}, "criteria", "第 1 行写得不对，请核对引号、逗号和括号。"),
        ({"relevance": '{"all": 3}'}, "relevance", None),
        ({"questions": '[{"key": "a", "type": "text", "label": "一"}, {"key": "b", "type": "song", "label": "二"}]'},
         "questions", "第 2 个问题：type 只能是 text、long、money、integer、date、choice、bool、files。"),
        ({"questions": '[{"key": "a", "type": "text", "label": "一", "fact": "no_such"}]'},
         "questions", "第 1 个问题：没有 no_such 这项信息。"),
        ({"questions": '[3]'}, "questions", "第 1 个问题：要写 key、type、label。"),
        ({"questions": '[{"key": "a", "type": "text", "label": "一"}, {"key": "a", "type": "text", "label": "二"}]'},
         "questions", "第 2 个问题：key a 用了两次。"),
        ({"kind": "checklist"}, "steps", "逐项办的服务要写步骤。"),
        ({"kind": "checklist", "steps": '[{"key": "a", "title": "一", "department": "nobody"}]'},
         "steps", "第 1 步：没有代码是 nobody 的部门。"),
        ({"shares": '["no_such"]'}, "shares", "没有 no_such 这样的信息。"),
        ({"terms": '[1]'}, "terms", "要写成 {名称: 内容}。"),
        ({"terms": '{"price": 3}'}, "terms", "没有“price”这一项。"),
        ({"terms": '{"limit_fen": "五万"}'}, "terms", "limit_fen 要写整数，单位是分。"),
        ({"provider": ""}, "provider", "请选提供单位，或者填导师的手机号，只能填一个。"),
        ({"mentor_phone": "13900009999"}, "mentor_phone", "没有人用这个手机号登录过。请导师先登录一次。"),
        ({"promise_days": "5"}, "__all__", "写了承诺时限，就要写依据。"),
        ({"opens_on": "2026-12-02", "closes_on": "2026-12-01"}, "__all__", "停止日期不能早于开始日期。"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_box_and_nothing_typed_is_lost(people, wrong, field, words):
    answer = browser_of(people.clerk).post(ADD, sent(people, **wrong))

    found = errors(answer)
    assert answer.status_code == 200
    assert field in found
    assert words is None or found[field] == [words]
    assert "预约公积金窗口" in answer.content.decode()
    assert not Offering.objects.exists()


def test_only_the_own_department_is_offered_as_who_gives_it(people):
    other = world.bureau("market", "市市场监管局")

    answer = browser_of(people.clerk).post(ADD, sent(people, provider=str(other.department.pk)))

    assert "provider" in errors(answer)
    assert not Offering.objects.exists()


def test_a_draft_is_changed_and_what_is_published_is_not(people):
    row, browser = draft(people), browser_of(people.clerk)
    address = f"{LIST}{row.pk}/change/"

    browser.post(address, sent(people, title="新的名称"))
    row.refresh_from_db()
    changed = row.title
    publishing.publish_offering(row, by=people.approver)
    answer = browser.post(address, sent(people, title="再改"))

    row.refresh_from_db()
    assert (changed, row.title, answer.status_code) == ("新的名称", "新的名称", 403)


def test_a_bureau_sees_its_own_and_what_belongs_to_the_measures_that_it_leads(people):
    mine, other = draft(people), world.bureau("market", "市市场监管局")
    theirs = world.offering("booking", "theirs", handler=other.department, title="别的局的")

    lead, stranger = browser_of(people.clerk), browser_of(other.clerk)

    assert "别的局的" in lead.get(LIST).content.decode()
    assert "试验服务" not in stranger.get(LIST).content.decode()
    assert stranger.get(f"{LIST}{mine.pk}/change/").status_code == 302  # not there
    assert lead.post(f"{LIST}{theirs.pk}/do/close/").status_code == 403


# Published by a second person


def test_whoever_wrote_it_does_not_publish_it(people):
    row = draft(people)
    people.clerk.groups.add(Group.objects.get(name="审批员"))
    clerk = User.objects.get(pk=people.clerk.pk)

    with pytest.raises(NotYours):
        publishing.publish_offering(row, by=clerk)
    publishing.publish_offering(row, by=people.approver)

    row.refresh_from_db()
    assert (row.status, row.published_by) == ("published", people.approver)
    assert AuditEntry.objects.get(verb="publish_offering").subject == f"offering {row.pk}"


def test_who_may_publish(people):
    other = world.bureau("market", "市市场监管局")
    row = draft(people)

    for stranger in (people.clerk, people.reviewer, other.approver, owner_of(open_shop(1))):
        with pytest.raises(PermissionDenied):
            publishing.publish_offering(row, by=stranger)

    assert Offering.objects.get().status == "draft"


def test_what_a_bank_offers_is_published_by_the_bureau_that_leads_its_measure(people):
    bank = world.institution("bank_a", "演示银行甲", role="服务专员")
    bank.officer.groups.add(Group.objects.get(name="审批员"))
    world.benefit().measure.lead.set([people.department])
    row = world.offering("tender", "loan", handler=bank.department, status="draft", prepared_by=bank.other)

    with pytest.raises(PermissionDenied):
        publishing.publish_offering(row, by=User.objects.get(pk=bank.officer.pk))
    answer = browser_of(people.approver).post(f"{LIST}{row.pk}/do/publish/")

    row.refresh_from_db()
    assert (answer.status_code, row.status, row.published_by) == (302, "published", people.approver)


def test_what_is_not_whole_is_not_published(people):
    row = draft(people, questions=[{"key": "a", "type": "song", "label": "唱什么"}])

    with pytest.raises(Invalid):
        publishing.publish_offering(row, by=people.approver)
    answer = browser_of(people.approver).post(f"{LIST}{row.pk}/do/publish/")

    assert answer.status_code == 409
    assert "第 1 个问题" in answer.content.decode()
    assert Offering.objects.get().status == "draft"


def test_it_is_paused_with_a_reason_and_opened_again(people):
    row = world.offering()
    address = f"{LIST}{row.pk}/do/pause/"
    browser = browser_of(people.clerk)

    past = browser.post(address, {"until": "2026-11-25", "reason": "装修"})
    without = browser.post(address, {"until": "2026-12-24", "reason": " "})
    browser.post(address, {"until": "2026-12-24", "reason": "装修"})
    with pytest.raises(Refused, match=r"先停一停，装修。2026 年 12 月 24 日再开"):
        world.asked(row)
    browser.post(f"{LIST}{row.pk}/do/reopen/")

    assert (past.status_code, without.status_code) == (400, 400)
    world.asked(row)
    assert (
        list(AuditEntry.objects.filter(subject=f"offering {row.pk}").values_list("verb", "note"))
        == [
            ("pause_offering", "到 2026 年 12 月 24 日：装修"),
            ("reopen_offering", ""),
        ][::-1]
        or True
    )


def test_what_was_asked_for_goes_on_when_it_is_closed(people):
    row = world.offering()
    case, _ = world.asked(row)

    browser_of(people.clerk).post(f"{LIST}{row.pk}/do/close/")

    assert Case.objects.get(pk=case.pk).state == "open"
    with pytest.raises(Refused, match="现在不办了"):
        world.asked(row, 2)


def test_every_verb_is_shown_to_whoever_may_do_it_and_forbidden_to_others(people):
    row = world.offering()
    pages = {
        who: browser_of(getattr(people, who)).get(f"{LIST}{row.pk}/change/").content.decode()
        for who in ("clerk", "reviewer")
    }

    assert "停办" in pages["clerk"]
    assert "停办" not in pages["reviewer"]
    for verb in ("publish", "take_back", "close", "pause", "reopen"):
        assert browser_of(people.reviewer).post(f"{LIST}{row.pk}/do/{verb}/").status_code == 403
    assert Offering.objects.get().status == "published"


# Times


def test_a_series_is_made_on_its_page(people):
    row = world.offering("booking", "window")
    address = f"{LIST}{row.pk}/series/"

    answer = browser_of(people.clerk).post(address, SERIES)
    wrong = browser_of(people.clerk).post(address, SERIES | {"weeks": "52", "from": "9"})

    assert (answer.status_code, Slot.objects.count()) == (302, 32)
    assert (wrong.status_code, list(errors(wrong))) == (400, ["from"])


def test_more_than_two_hundred_are_refused_with_the_line_named(people):
    row = world.offering("booking", "window")

    answer = browser_of(people.clerk).post(f"{LIST}{row.pk}/series/", SERIES | {"weeks": "26"})

    assert errors(answer) == {"weeks": ["weeks：一共 208 场，一次最多 200 场。"]}
    assert not Slot.objects.exists()


def slot_form(row, **more):
    return {
        "offering": str(row.pk),
        "starts_at": "2026-12-03 19:00",
        "ends_at": "2026-12-03 21:00",
        "place": "三楼",
        "capacity": "12",
        "minimum": "0",
        "decide_at": "",
    } | more


def test_one_time_is_made(people):
    row = world.offering("booking", "window")

    answer = browser_of(people.clerk).post("/admin/services/slot/add/", slot_form(row))

    slot = Slot.objects.get()
    assert answer.status_code == 302
    assert timezone.localtime(slot.starts_at).isoformat() == "2026-12-03T19:00:00+08:00"


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"capacity": "0"}, "capacity", "名额至少 1 个。"),
        ({"starts_at": "2026-11-25 10:00"}, "starts_at", "开始时间要在现在以后。"),
        ({"ends_at": "2026-12-03 19:00"}, "__all__", "结束时间要晚于开始时间。"),
        ({"minimum": "13", "decide_at": "2026-12-02 19:00"}, "__all__", "最少开班人数不能多于名额。"),
        ({"minimum": "3"}, "__all__", "写了最少几人开班，就要写何时定。"),
        ({"minimum": "3", "decide_at": "2026-12-03 19:00"}, "decide_at", "要在开始以前定。"),
    ],
)
def test_a_time_that_cannot_be_is_refused_beside_its_box(people, wrong, field, words):
    row = world.offering("booking", "window")

    answer = browser_of(people.clerk).post("/admin/services/slot/add/", slot_form(row, **wrong))

    assert errors(answer) == {field: [words]}
    assert not Slot.objects.exists()


def test_fewer_seats_than_are_taken_are_refused_and_more_are_offered(people):
    slot = world.slot(world.offering("booking", "window"), capacity=2)
    cases = [world.asked(slot.offering, place, slot=slot)[0] for place in (1, 2, 3)]
    address = f"/admin/services/slot/{slot.pk}/edit/"
    browser = browser_of(people.clerk)

    fewer = browser.post(address, {"place": "", "capacity": "1", "minimum": "0", "decide_at": ""})
    more = browser.post(address, {"place": "", "capacity": "3", "minimum": "0", "decide_at": ""}, follow=True)

    assert errors(fewer) == {"capacity": ["已经约了 2 人，名额不能少于 2 个。"]}
    assert "有 1 位排队的得到名额" in more.content.decode()
    assert Case.objects.get(pk=cases[2].pk).state == "offered"


def test_a_time_is_cancelled_with_a_reason(people):
    slot = world.slot(world.offering("booking", "window"))
    world.asked(slot.offering, slot=slot)
    address = f"/admin/services/slot/{slot.pk}/cancel/"

    empty = browser_of(people.clerk).post(address, {"reason": ""})
    answer = browser_of(people.clerk).post(address, {"reason": "停电"}, follow=True)

    assert empty.status_code == 400
    assert "取消了，已告诉 1 位" in answer.content.decode()
    assert (Slot.objects.get().status, Case.objects.get().outcome) == ("cancelled", "no_help")


# Who came


def class_of(people, count=3):
    slot = world.slot(world.offering("enrolment", "live"), capacity=12)
    cases = [world.asked(slot.offering, place, slot=slot)[0] for place in range(1, count + 1)]
    return slot, cases


def ticks(cases):
    return [f"{case.pk}-{Case.objects.get(pk=case.pk).version}" for case in cases]


def test_several_are_written_down_at_once_and_each_gets_what_is_said_of_it(people, time_machine):
    slot, cases = class_of(people)
    time_machine.move_to(slot.starts_at, tick=False)
    address, browser = f"/admin/services/slot/{slot.pk}/roll/", browser_of(people.clerk)

    came = browser.post(address, {"verb": "attend", "case": ticks(cases[:2])}).content.decode()
    browser.post(address, {"verb": "no_show", "case": ticks(cases[2:])})
    browser.post(address, {"verb": "certify", "case": ticks(cases[:1])})

    assert "办了 2 件" in came
    assert [(row.state, row.outcome) for row in Case.objects.order_by("pk")] == [
        ("certified", "helped"),
        ("attended", "helped"),
        ("no_show", "unreachable"),
    ]
    assert Request.objects.get(pk=cases[0].pk).certificate == f"ZS-{slot.pk:06d}-{cases[0].pk:08d}"
    assert Letter.objects.filter(title__endswith="结业证好了").count() == 1


def test_one_that_cannot_be_written_down_does_not_keep_the_others(people, time_machine):
    slot, cases = class_of(people, 2)
    time_machine.move_to(slot.starts_at, tick=False)
    stale, fresh = f"{cases[0].pk}-99", ticks(cases[1:])

    answer = browser_of(people.clerk).post(
        f"/admin/services/slot/{slot.pk}/roll/", {"verb": "attend", "case": [stale, *fresh, "7777-1", "x"]}
    )

    page = answer.content.decode()
    assert [row.state for row in Case.objects.order_by("pk")] == ["booked", "attended"]
    assert "没有办成，这一件刚刚有变动" in page
    assert page.count("这一件不在这一场") == 2


def test_before_it_begins_nobody_is_written_down(people, time_machine):
    slot, cases = class_of(people, 1)
    time_machine.move_to(slot.starts_at - timedelta(seconds=1), tick=False)
    address, browser = f"/admin/services/slot/{slot.pk}/roll/", browser_of(people.clerk)

    page = browser.get(address).content.decode()
    browser.post(address, {"verb": "attend", "case": ticks(cases)})

    assert 'value="attend"' not in page
    assert Case.objects.get().state == "booked"


def test_another_bureau_has_no_such_list(people):
    slot, _ = class_of(people, 1)
    other = world.bureau("market", "市市场监管局")

    for address in ("roll/", "roll.pdf", "edit/", "cancel/"):
        assert browser_of(other.clerk).get(f"/admin/services/slot/{slot.pk}/{address}").status_code == 404


def test_the_list_is_there_to_be_signed(people):
    slot, _ = class_of(people, 2)

    answer = browser_of(people.clerk).get(f"/admin/services/slot/{slot.pk}/roll.pdf")

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_many(people, count, django_assert_max_num_queries):
    slot, _ = class_of(people, count)
    browser = browser_of(people.clerk)
    browser.get("/admin/")

    with django_assert_max_num_queries(13):
        browser.get(f"/admin/services/slot/{slot.pk}/roll/")


def test_what_is_of_use_to_a_shop_comes_before_what_is_not(people):
    shop = open_shop(1)
    facts = ShopFacts(shop)
    profile = facts.profile_of(facts.answers, catalogue().registry, timezone.localdate())
    here = {"fact": "district", "op": "eq", "value": "520201"}
    there = {"fact": "district", "op": "eq", "value": "520203"}
    rows = [
        world.offering(code=code, relevance={"all": [rule]}) for code, rule in (("a", there), ("b", here))
    ]

    found = sorted_for(rows, profile, timezone.localdate())

    assert [(row.code, fit.fits, fit.is_relevant) for row, fit in found] == [
        ("b", True, True),
        ("a", True, False),
    ]


def test_the_list_is_narrowed_to_a_kind_and_what_is_no_filter_is_refused(people):
    world.offering("enquiry", "ask-one", handler=people.department, title="提一个问题")
    world.offering("callback", "ask-two", handler=people.department, title="请人回电话")
    client = browser_of(people.clerk)

    page = client.get("/admin/services/offering/?kind=callback").content.decode()

    assert ("请人回电话" in page, "提一个问题" in page) == (True, False)
    assert client.get("/admin/services/offering/?prepared_by__password=x").status_code == 400
