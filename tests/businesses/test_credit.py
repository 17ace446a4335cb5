"""Credit guidance says what to do and no letter; a late annual report repairs by itself, once."""

from datetime import date

import pytest

from businesses import credit
from businesses.models import Business, Change, CreditRating, RepairCase
from businesses.register import Arrival, known_of, take_in

pytestmark = pytest.mark.django_db(databases="__all__")
BEFORE, DAY = date(2026, 7, 10), date(2026, 9, 1)
CODES = ["92520201MA6E00019C", "92520203MA6E000199", "92520204MA6E00019P", "92520281MA6E000198"]
MARKED = {"operating_status": "operating", "annual_report_filed": False, "abnormal_listed": True}


def registry(place, reason=None, **facts):
    return Arrival(
        {"registry": facts},
        credit_code=CODES[place],
        name="演示店",
        operator_name="演示人",
        abnormal_reason=reason,
        row=place,
    )


def shop(place):
    return Business.objects.get(credit_code=CODES[place])


def test_a_late_report_unmarks_the_shop_and_closes_a_case_with_its_result(engine):
    take_in([registry(0, "annual_report", **MARKED)], on=BEFORE)
    take_in([registry(0, annual_report_filed=True)], on=DAY)

    row, case = shop(0), RepairCase.objects.get()
    found, _ = known_of(row)
    assert (row.abnormal_listed, row.abnormal_reason) == (False, "")
    assert found["abnormal_listed"][:2] == (False, "staff")
    assert (case.business, case.cause, case.closed_at is not None) == (row, "annual_report", True)
    assert case.result == (
        "您补报了年报，经营异常标记已经自动取消，不用申请。"
        "按《市场监督管理信用修复管理办法》，原来要等 5 个工作日。"
    )


def test_a_shop_of_which_nobody_said_why_it_is_marked_stays_marked(engine):
    take_in([registry(0, abnormal_listed=True)], on=BEFORE)
    take_in([registry(0, annual_report_filed=True)], on=DAY)

    assert (shop(0).abnormal_listed, RepairCase.objects.count()) == (True, 0)


def test_a_report_that_was_not_known_to_be_missing_unmarks_too(engine):
    take_in([registry(0, "annual_report", abnormal_listed=True)], on=BEFORE)
    take_in([registry(0, annual_report_filed=True)], on=DAY)

    assert (shop(0).abnormal_listed, RepairCase.objects.count()) == (False, 1)


@pytest.mark.parametrize("reason", ["address", "false_information", "other"])
def test_a_shop_marked_for_something_else_stays_marked(engine, reason):
    take_in([registry(0, reason, **MARKED)], on=BEFORE)
    take_in([registry(0, annual_report_filed=True)], on=DAY)

    assert (shop(0).abnormal_listed, RepairCase.objects.count()) == (True, 0)


def test_a_shop_that_is_not_marked_gets_no_case(engine):
    take_in([registry(0, **{**MARKED, "abnormal_listed": False})], on=BEFORE)
    take_in([registry(0, annual_report_filed=True)], on=DAY)

    assert RepairCase.objects.count() == 0


def test_a_bulk_import_repairs_too_and_the_same_file_again_does_nothing(engine):
    take_in([registry(place, "annual_report", **MARKED) for place in range(4)], on=BEFORE)
    file = [registry(place, annual_report_filed=True) for place in range(3)]

    take_in(file, on=DAY, run_id=7)
    again = take_in(file, on=DAY, run_id=8)
    credit.repair([shop(place).pk for place in range(4)])

    assert [shop(place).abnormal_listed for place in range(4)] == [False, False, False, True]
    assert (RepairCase.objects.count(), sorted(again.unchanged)) == (3, [0, 1, 2])
    assert set(Change.objects.filter(source="staff").values_list("run_id", flat=True)) == {7}


def test_an_old_file_does_not_bring_the_mark_back(engine):
    take_in([registry(0, "annual_report", **MARKED)], on=BEFORE)
    take_in([registry(0, annual_report_filed=True)], on=DAY)
    take_in([registry(0, abnormal_listed=True)], on=DAY)

    assert shop(0).abnormal_listed is False


def test_the_owner_reads_what_to_do_and_never_the_letter(engine):
    take_in([registry(0, **MARKED)], on=BEFORE)

    for letter, _ in CreditRating.CLASSES:
        told = credit.guidance(CreditRating(business=shop(0), rated=letter, on=DAY))

        assert set(told) == {"purpose", "checks", "next", "on"}
        assert not any(letter in str(text) for text in told.values())
        assert "不对外公布，也不影响您享受政策" in told["purpose"]
    assert len({row["checks"] for row in credit._GUIDANCE.values()}) == 4
