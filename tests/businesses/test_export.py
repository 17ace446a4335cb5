"""The full export holds the whole register and is read back to the same; a source's export is in its own words."""

import csv
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from accounts.models import AccessEvent
from businesses import export
from businesses.importing import files
from businesses.importing.rows import RowReader
from businesses.models import (
    Business,
    BusinessRecord,
    Change,
    CreditRating,
    Operator,
    OperatorRecord,
    Source,
    TypeChange,
    TypeVerdict,
)
from businesses.register import Arrival, take_in
from businesses.registry import business_registry
from core.encryption import Sealed, Unreadable
from portal.city import City

pytestmark = pytest.mark.django_db(databases="__all__")
TODAY = date(2026, 11, 20)
CODE, PERSON = "92520201MA6E00019C", "520201198001010012"


def written(path, *more, **options):
    said = StringIO()
    call_command("export_businesses", str(path), *more, stdout=said, **options)
    return said.getvalue()


def rows(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def one_shop(said, **more):
    arrival = Arrival(
        said,
        credit_code=CODE,
        identity=PERSON,
        **{"name": "演示店", "operator_name": "演示人", "address": "演示路 1 号", **more},
    )
    take_in([arrival], on=TODAY)


def register():
    """Everything of the register that an export is to hold."""
    shops = Business.objects.order_by("credit_code").values_list(
        "credit_code",
        "name",
        "address",
        "abnormal_reason",
        "operator__name",
        "operator__identity_index",
        "credit_rating__rated",
        "credit_rating__on",
        "record__said",
        "operator__record__said",
    )
    return list(shops)


def empty_the_register():
    for model in (
        CreditRating,
        Change,
        TypeVerdict,
        TypeChange,
        BusinessRecord,
        OperatorRecord,
        Business,
        Operator,
    ):
        model.objects.all().delete()


def read_back(path):
    form = files.survey(path)
    headings = files.read_headings(path, form)
    reader = RowReader(
        "register", headings, {name: name for name in headings}, TODAY, business_registry(), TODAY
    )
    found = [reader.read(row) for row in files.read_table(path, form, len(headings))]
    assert [row.problems for row in found] == [[]] * len(found)
    take_in([arrival for row in found for arrival in row.arrivals], on=TODAY)


def test_the_register_comes_back_as_it_was(engine, tmp_path):
    take_in(City(4, TODAY).arrivals(120), on=TODAY)
    owner = {
        "sells_online": True,
        "operator_groups": ["graduate"],
        "left_school_on": "2024-06-30",
        "exports": None,
    }
    one_shop({"self": owner, "tax": {"annual_taxable_income": "-500.00"}}, abnormal_reason="address")
    take_in(
        [Arrival({"self": {"monthly_rent": "800.00", "rents_premises": True}}, credit_code=CODE)],
        on=date(2026, 9, 1),
    )
    for day, fact in ((date(2026, 9, 1), "rents_premises"), (TODAY, "exports")):
        take_in([Arrival({"staff": {fact: False}}, credit_code=CODE, corrects=True)], on=day)
    for day, member in ((date(2026, 9, 1), "disabled"), (TODAY, "hard_to_employ")):
        groups = {"yes": [member], "no": []}
        take_in([Arrival({"employment": {"operator_groups": groups}}, credit_code=CODE)], on=day)
    before = register()

    written(tmp_path / "all.csv", with_identity=True, reason="备份")
    empty_the_register()
    read_back(tmp_path / "all.csv")

    assert register() == before
    assert len(before) == 121


def test_a_shop_is_one_row_with_every_source_in_columns_of_its_own(engine, tmp_path):
    one_shop(
        {
            "registry": {"registered_on": "2025-01-15", "district": "520201", "abnormal_listed": False},
            "employment": {"operator_groups": {"yes": ["graduate"], "no": ["disabled"]}},
            "self": {"operator_groups": [], "employees": None},
            "tax": {"annual_taxable_income": "-500.00"},
        },
        name="=HYPERLINK(1)",
        rated="B",
    )
    take_in([Arrival({"registry": {"industry": "F5212"}}, credit_code=CODE)], on=date(2026, 3, 1))

    written(tmp_path / "all.csv")

    (row,) = rows(tmp_path / "all.csv")
    assert {name: text for name, text in row.items() if text} == {
        "credit_code": CODE,
        "name": "'=HYPERLINK(1)",
        "operator_name": "演示人",
        "address": "演示路 1 号",
        "credit_class": "B@2026-11-20",
        "registry:on": "2026-11-20",
        "registry:registered_on": "2025-01-15",
        "registry:district": "520201",
        "registry:industry": "F5212@2026-03-01",
        "registry:abnormal_listed": "false",
        "tax:on": "2026-11-20",
        "tax:annual_taxable_income": "'-500.00",
        "employment:on": "2026-11-20",
        "employment:operator_groups": "yes:graduate no:disabled",
        "self:on": "2026-11-20",
        "self:operator_groups": "[]",
        "self:employees": "?",
    }


def test_the_identity_number_is_left_out_unless_a_reason_is_given_and_that_is_logged(engine, tmp_path):
    one_shop({})
    path = tmp_path / "all.csv"

    with pytest.raises(CommandError) as refused:
        written(path, with_identity=True)
    written(path)
    without = rows(path)[0]
    written(path, with_identity=True, reason="迁移到新平台")

    assert str(refused.value) == "要写出完整身份证号，请用 --reason 写明理由，会记入访问记录。"
    assert "identity_number" not in without
    assert PERSON not in str(without)
    assert rows(path)[0]["identity_number"] == PERSON
    assert list(AccessEvent.objects.order_by("id").values_list("action", "subject", "reason", "detail")) == [
        ("export", "register register", "", {"rows": 1, "identity": False}),
        ("export", "register register", "迁移到新平台", {"rows": 1, "identity": True}),
    ]


def test_a_source_is_exported_under_its_own_headings_and_in_its_own_words(engine, tmp_path):
    Source.objects.filter(pk="employment").delete()
    Source.objects.create(
        code="employment",
        label="就业",
        department_code="hrss",
        columns={
            "统一社会信用代码": "credit_code",
            "经营者的姓名": "operator_name",
            "姓名": "operator_name",
            "身份证号": "identity_number",
            "首次": "first_time_business",
            "身份": "operator_groups",
            "残疾人": "operator_groups=disabled",
            "退役军人": "operator_groups=veteran",
            "数据日期": "stated_on",
        },
    )
    one_shop(
        {
            "employment": {
                "first_time_business": False,
                "operator_groups": {"yes": ["graduate", "disabled"], "no": []},
            },
            "registry": {"district": "520201"},
        }
    )
    other = "92520203MA6E000199"
    take_in(
        [Arrival({"registry": {"district": "520203"}}, credit_code=other, operator_name="演示人")], on=TODAY
    )

    written(tmp_path / "some.csv", source="employment")

    assert rows(tmp_path / "some.csv") == [
        {
            "统一社会信用代码": CODE,
            "姓名": "演示人",
            "首次": "否",
            "身份": "高校毕业生、残疾人",
            "残疾人": "是",
            "退役军人": "",
            "数据日期": "2026-11-20",
        }
    ]


def test_an_unknown_source_and_an_unwritable_place_are_told(engine, tmp_path):
    with pytest.raises(CommandError) as unknown:
        written(tmp_path / "x.csv", source="moon")
    with pytest.raises(CommandError) as unwritable:
        written(tmp_path / "none" / "x.csv")

    assert str(unknown.value).startswith("没有来源 moon。可以用：register、")
    assert str(unwritable.value).startswith("写不了 ")


def test_a_file_that_fails_half_way_leaves_the_old_one(engine, tmp_path):
    path = tmp_path / "all.csv"
    path.write_text("old")
    one_shop({})
    Operator.objects.update(identity=Sealed("tests.AAAA", None))

    with pytest.raises(Unreadable):
        export.export(path, with_identity=True)

    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("all.csv", "old")]


def test_it_is_read_in_chunks_with_one_query_each(engine, tmp_path, django_assert_num_queries, monkeypatch):
    take_in(City(4, TODAY).arrivals(7), on=TODAY)
    business_registry()
    monkeypatch.setattr(export, "CHUNK", 3)

    with django_assert_num_queries(4, connection=connections["default"]):
        _, found = export.register_rows()
        assert len(list(found)) == 7
