"""服务 in the admin: written as a draft, with every fault beside its box."""

import pytest

from accounts.models import User
from services.catalogue import publishing
from services.models import Offering
from tests.services import world

from .writing import ADD, LIST, browser_of, draft, errors, sent

pytestmark = pytest.mark.django_db


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
        ({"terms": '[1]'}, "terms", '要写成名称和内容，例如 {"fee": 20}。'),
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


def test_the_list_is_narrowed_to_a_kind_and_what_is_no_filter_is_refused(people):
    world.offering("enquiry", "ask-one", handler=people.department, title="提一个问题")
    world.offering("callback", "ask-two", handler=people.department, title="请人回电话")
    client = browser_of(people.clerk)

    page = client.get("/admin/services/offering/?kind=callback").content.decode()

    assert ("请人回电话" in page, "提一个问题" in page) == (True, False)
    assert client.get("/admin/services/offering/?prepared_by__password=x").status_code == 400
