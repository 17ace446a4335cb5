"""Offerings out of a file: all of it is right, or nothing is brought in and every line that is wrong is named."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Department, User
from core.errors import Invalid
from services.catalogue.loading import PATH, load_offerings
from services.kinds import KINDS
from services.models import Offering, Slot
from tests.measures import load_catalogue

pytestmark = pytest.mark.django_db
WINDOW = """offerings:
  - {code: own-window, kind: booking, benefit: M14b, title: 预约公积金窗口, summary: 约好再去, provider: housingfund,
     criteria: {all: [{use: live}]}, place: 窗口待公布,
     questions: [{key: matter, type: choice, label: 办什么, choices: [缴存, 提取, 贷款], required: true}],
     slots: {on: [tue, thu], from: "09:00", until: "11:00", minutes: 30, capacity: 1, weeks: 4}}
"""


@pytest.fixture
def catalogue():
    load_catalogue()
    User.objects.begin_with_phone("13800000004")


def written(tmp_path, text):
    path = tmp_path / "offerings.yaml"
    path.write_text(text, "utf-8")
    return path


def test_what_is_shipped_comes_in_once(catalogue):
    first, again = load_offerings(demo=True), load_offerings(demo=True)

    assert len(first.new) == Offering.objects.count() == again.standing
    assert again.new == []
    assert {row.kind for row in Offering.objects.all()} <= set(KINDS)
    assert not Offering.objects.filter(promise_days__isnull=False).exclude(benefit__code="M16b").exists()


def test_what_is_made_up_comes_only_where_it_is_asked_for(catalogue):
    load_offerings()

    assert not Offering.objects.filter(is_demo=True).exists()
    assert not Department.objects.exclude(kind=Department.Kind.BUREAU).exists()


def test_a_window_is_one_row(catalogue, tmp_path):
    load_offerings(written(tmp_path, WINDOW))

    row = Offering.objects.get(code="own-window")
    assert (row.provider.code, row.handler.code, row.status) == ("housingfund", "housingfund", "published")
    assert Slot.objects.filter(offering=row).count() == 4 * 2 * 4


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("kind: booking", "kind: bookings", "种类只能是"),
        ("benefit: M14b", "benefit: M99", "没有 M99"),
        ("provider: housingfund", "provider: nobody", "没有 nobody"),
        ("type: choice", "type: color", "第 1 个问题"),
        ("use: live", "use: lively", "lively"),
        (
            "criteria: {all: [{use: live}]}",
            "relevance: {all: [{fact: no_such, op: eq, value: 1}]}",
            "no_such",
        ),
        ("place:", "terms: {price: 3}, place:", "没有“price”这一项"),
        ("place:", "steps: [{key: a, title: 一, department: nobody}], place:", "没有代码是 nobody 的部门"),
        ("title:", "shares: [identity], title:", "没有 identity 这样的信息"),
        ("weeks: 4", "weeks: 52, place: x, capacity: 0", "写了两次"),
        ("minutes: 30", "minutes: 1", "每场几分钟"),
        ("title:", "titel:", "没有“titel”这一项"),
    ],
)
def test_a_line_that_is_wrong_is_named_and_nothing_comes_in(catalogue, tmp_path, wrong, right, said):
    path = written(tmp_path, WINDOW.replace(wrong, right, 1))

    with pytest.raises(Invalid) as refusal:
        load_offerings(path)

    details = [fault.detail for fault in refusal.value.faults]
    assert any(said in detail for detail in details)
    assert all("第 " in detail and " 行" in detail for detail in details)
    assert not Offering.objects.exists()


def test_the_command_says_what_came_in_and_what_is_wrong(catalogue, tmp_path, capsys):
    call_command("load_offerings", str(written(tmp_path, WINDOW)))
    said = capsys.readouterr().out

    assert said == "新载入 1 项服务，0 项已经有了。\n"
    with pytest.raises(CommandError, match="没有这个文件"):
        call_command("load_offerings", "/nowhere.yaml")
    with pytest.raises(CommandError, match="第 2 行"):
        call_command("load_offerings", str(written(tmp_path, WINDOW.replace("M14b", "M99"))))


def test_the_file_is_where_it_is_said_to_be():
    assert PATH.name == "offerings.yaml"
    assert PATH.exists()
