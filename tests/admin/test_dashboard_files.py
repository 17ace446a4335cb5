"""What is taken out of the queue and of the dashboard: the same rows as on the page, in cells that nothing runs."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import AccessEvent
from businesses.models import Business
from cases import queue
from cases.actions import correcting
from subsidies.actions import reviewing
from subsidies.admin import dashboard
from subsidies.models import Application
from tests.subsidies import world

from .reviewing import QUEUE, benefit_to_review, defects, filed, signed_in, text

pytestmark = pytest.mark.django_db
BOARD = f"{QUEUE}dashboard/"


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def benefit(people):
    return benefit_to_review()


def content(response):
    assert response.status_code == 200
    try:
        return b"".join(response.streaming_content)
    finally:
        response.close()


def lines(response):
    return list(csv.reader(io.StringIO(content(response).decode("utf-8-sig"), newline="")))


def cells(response):
    book = load_workbook(io.BytesIO(content(response)))
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def get(user, address):
    return signed_in(user).get(address)


def numbers(user, query):
    return [row[0] for row in lines(get(user, f"{QUEUE}export.csv{query}"))[1:]]


# Cases


def test_a_case_has_a_line_without_anything_that_names_a_person(people, benefit):
    case = world.accepted(filed(benefit, 1), people)
    queue.claim(case, by=people.reviewer)

    heading, line = lines(get(people.approver, f"{QUEUE}export.csv?view=reviewing"))

    assert ",".join(heading) == "编号,事项,商户,信用代码,县区,状态,申请日期,承诺到期,决定日期,金额（元）,经办"
    case.refresh_from_db()
    assert line == [
        *(case.number, "试验补贴", "演示店001", case.business.credit_code, "钟山区", "审核中"),
        *(str(timezone.localdate()), str(case.due_on), "", "5000", "tests_reviewer"),
    ]


def test_a_workbook_has_days_and_sums_that_can_be_reckoned_with(people, benefit):
    case = world.approved(filed(benefit, 1), people)
    today = datetime.combine(timezone.localdate(), datetime.min.time())

    heading, line = cells(get(people.approver, f"{QUEUE}export.xlsx?view=approved"))

    assert heading == list(dashboard.CASE_HEADINGS)
    due = datetime.combine(case.due_on, datetime.min.time())
    assert line[5:] == ["已批准，待拨付", today, due, today, 5000, None]


def test_days_that_do_not_stand_are_left_out(people, benefit):
    stopped, withdrawn = filed(benefit, 1), filed(benefit, 2)
    correcting.request_correction(stopped, defects(), by=people.reviewer)
    reviewing_done = world.applying.withdraw(withdrawn, by=withdrawn.submitter)

    found = {row[0]: row[5:9] for row in lines(get(people.approver, f"{QUEUE}export.csv?view=all"))}

    today = str(timezone.localdate())
    assert found[stopped.number] == ["补材料中", today, "", ""]
    assert found[withdrawn.number] == ["已撤回", today, str(reviewing_done.due_on), ""]


def test_a_file_has_the_cases_of_the_view_in_its_order(people, benefit):
    late, early = filed(benefit, 1), filed(benefit, 2)
    Application.objects.filter(pk=early.pk).update(due_on=date(2020, 1, 1))
    accepted = world.accepted(filed(benefit, 3), people)

    assert numbers(people.reviewer, "") == [early.number, late.number]
    assert numbers(people.reviewer, "?view=reviewing") == [accepted.number]
    assert numbers(people.reviewer, "?view=all&p=7") == [accepted.number, early.number, late.number]
    assert numbers(people.reviewer, "?q=演示店002") == [early.number]
    assert get(people.reviewer, f"{QUEUE}export.csv?view=13800000000").status_code == 404
    assert get(people.reviewer, f"{QUEUE}export.pdf").status_code == 404


def test_cases_of_another_bureau_are_not_in_the_file(people, benefit):
    filed(benefit, 1)
    elsewhere = world.bureau("other", "别的局")

    assert numbers(elsewhere.reviewer, "?view=all") == []


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_no_cell_is_a_formula(people, benefit, name):
    case = filed(benefit, 1)
    Business.objects.filter(pk=case.business_id).update(name=name)

    book = load_workbook(io.BytesIO(content(get(people.reviewer, f"{QUEUE}export.xlsx"))))
    cell = book.worksheets[0]["C2"]

    assert lines(get(people.reviewer, f"{QUEUE}export.csv"))[1][2] == f"'{name}"
    assert (cell.value, cell.data_type) == (f"'{name}", "s")


def test_taking_out_is_written_down_without_what_was_searched_for(people, benefit):
    case = filed(benefit, 1)
    code = case.business.credit_code

    content(get(people.reviewer, f"{QUEUE}export.csv?q={code}"))
    content(get(people.reviewer, f"{BOARD}pace.xlsx?days=30"))

    events = AccessEvent.objects.filter(action="export").order_by("pk")
    assert [(event.user, event.subject, event.detail) for event in events] == [
        (people.reviewer, "applications", {"kind": "csv", "view": "all", "searched": True}),
        (people.reviewer, "figures pace", {"kind": "xlsx", "days": 30}),
    ]


def test_a_file_costs_the_same_queries_for_one_and_three(people, benefit):
    client, counts = signed_in(people.reviewer), []
    for places in ((1,), (2, 3)):
        for place in places:
            queue.claim(filed(benefit, place), by=people.reviewer)
        with CaptureQueriesContext(connection) as queries:
            content(client.get(f"{QUEUE}export.csv"))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_too_many_for_a_workbook_are_offered_as_csv(people, benefit, monkeypatch):
    monkeypatch.setattr(dashboard, "MOST_IN_A_WORKBOOK", 1)
    filed(benefit, 1)
    filed(benefit, 2)

    answer = signed_in(people.reviewer).get(f"{QUEUE}export.xlsx?view=submitted", follow=True)

    assert answer.redirect_chain == [(f"{QUEUE}?view=submitted", 302)]
    assert "请下载 CSV" in text(answer)
    assert len(numbers(people.reviewer, "?view=submitted")) == 2


# Figures


@pytest.mark.parametrize("name", ["pace", "refusals", "money", "uptake"])
@pytest.mark.parametrize("read", [lines, cells])
def test_every_figure_is_a_file_even_without_rows(people, name, read):
    kind = {lines: "csv", cells: "xlsx"}[read]

    assert len(read(get(people.admin, f"{BOARD}{name}.{kind}"))) == 1
    assert get(people.admin, f"{BOARD}{name}.pdf").status_code == 404
    assert get(people.admin, f"{BOARD}nothing.{kind}").status_code == 404


def test_files_have_the_figures_of_the_page(people, benefit):
    case = world.accepted(filed(benefit, 1), people)
    failed = [case.judged["criteria"][0]]
    reviewing.refuse(case, by=people.reviewer, failed=[failed[0]["id"]], reason=world.REASON)
    world.approved(filed(benefit, 2), people)

    found = {
        name: lines(get(people.approver, f"{BOARD}{name}.csv"))[1:] for name in ("pace", "refusals", "money")
    }

    assert found == {
        "pace": [["T01a", "试验补贴", "2", "0", "0", "15", "2", "2", "100.0"]],
        "refusals": [["T01a", "试验补贴", failed[0]["sentence"], "1", "100.0"]],
        "money": [
            [
                *("T01a", "试验补贴", "全市", str(timezone.localdate().year)),
                *("1000000", "0", "5000", "0", "0", "995000"),
            ]
        ],
    }
    assert cells(get(people.approver, f"{BOARD}pace.xlsx"))[1][2:] == [2, 0, 0, "15", 2, 2, Decimal(100)]
