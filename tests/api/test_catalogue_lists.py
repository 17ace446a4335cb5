"""The catalogue over the API: what is in it, how it is searched, filtered, paged and kept."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Department
from businesses.facts import BUILT_IN
from core.models import Edition
from policies.models import Benefit, Measure

from .conftest import faults

LISTS = ["measures", "benefits", "departments", "facts", "benefits/M05a/versions"]
# The table of design.md §3.
BENEFITS = {
    "M01": "abc", "M02": "abcde", "M03": "abcdef", "M04": "abc", "M05": "abc", "M06": "abc", "M07": "abc",
    "M08": "abc", "M09": "ab", "M10": "ab", "M11": "ab", "M12": "ab", "M13": "ab", "M14": "abc", "M15": "abc",
    "M16": "ab", "M17": "a", "M18": "ab", "M19": "a", "M20": "a", "M21": "a",
}  # fmt: skip
CODES = [f"{measure}{letter}" for measure, letters in BENEFITS.items() for letter in letters]
KIND_AND_DELIVERY = {
    "M01a": ("rate_cut", "automatic"),
    "M01b": ("insurance_refund", "no_application"),
    "M01c": ("loan_guarantee", "apply"),
    "M02a": ("finance_product", "service"),
    "M02e": ("finance_product", "service"),
    "M03a": ("insurance_product", "service"),
    "M03f": ("finance_product", "service"),
    "M04a": ("tax_relief", "automatic"),
    "M04b": ("tax_relief", "automatic"),
    "M04c": ("tax_relief", "automatic"),
    "M05a": ("startup_subsidy", "apply"),
    "M05b": ("startup_subsidy", "apply"),
    "M05c": ("rent_subsidy", "apply"),
    "M06a": ("service", "service"),
    "M06c": ("service", "information"),
    "M07a": ("training", "service"),
    "M07c": ("training", "service"),
    "M08c": ("service", "service"),
    "M10a": ("labour", "service"),
    "M11b": ("labour", "service"),
    "M13b": ("training", "service"),
    "M14a": ("service", "automatic"),
    "M14c": ("finance_product", "service"),
    "M15a": ("supervision", "information"),
    "M15b": ("service", "service"),
    "M15c": ("service", "information"),
    "M16a": ("supervision", "information"),
    "M16b": ("supervision", "no_application"),
    "M17a": ("service", "information"),
    "M18a": ("service", "service"),
    "M18b": ("service", "service"),
    "M19a": ("supervision", "information"),
    "M20a": ("supervision", "information"),
    "M21a": ("service", "service"),
}


def rows(response):
    assert response.status_code == 200
    return response.json()["results"]


def found(response):
    return [row["code"] for row in rows(response)]


def test_the_21_measures_each_with_text_departments_and_benefits(api):
    measures = {row["code"]: row for row in rows(api.get("/api/v1/measures/"))}

    assert list(measures) == list(BENEFITS)
    assert {code: row["benefits"] for code, row in measures.items()} == {
        code: [f"{code}{letter}" for letter in letters] for code, letters in BENEFITS.items()
    }
    assert [
        code for code, row in measures.items() if not (row["text"] and row["summary"] and row["lead"])
    ] == []
    assert {row["document"]["status"] for row in measures.values()} == {"consultation"}
    assert measures["M01"]["lead"] == [{"code": "hrss", "name": "市人力资源社会保障局"}]
    assert {unit["code"] for unit in measures["M01"]["responsible"]} == {"veterans", "finance"}
    assert "不超过 30 万元的担保额度贷款" in measures["M01"]["text"]


def test_one_measure_is_the_row_of_the_list(api):
    listed = next(row for row in rows(api.get("/api/v1/measures/")) if row["code"] == "M05")

    assert api.get("/api/v1/measures/M05/").json() == listed


def test_every_benefit_of_the_design_is_there_with_its_kind_and_delivery(api):
    benefits = {row["code"]: row for row in rows(api.get("/api/v1/benefits/?page_size=100"))}

    assert list(benefits) == CODES
    assert {code: (benefits[code]["kind"], benefits[code]["delivery"]) for code in KIND_AND_DELIVERY} == (
        KIND_AND_DELIVERY
    )
    assert {row["version"] for row in benefits.values()} == {1}
    assert benefits["M01b"]["window"] == {"opens_on": None, "closes_on": "2025-12-31"}
    assert benefits["M05a"]["excludes"] == ["M05b"]


@pytest.mark.parametrize("code", CODES)
def test_each_benefit_shows_the_rule_in_force(api, code):
    detail = api.get(f"/api/v1/benefits/{code}/").json()
    (version,) = rows(api.get(f"/api/v1/benefits/{code}/versions/"))

    assert (detail["measure"], detail["version"], version["version"]) == (code[:3], 1, 1)
    assert detail["content"] == version["content"]
    assert detail["title"] == detail["content"]["title"]


def test_departments_are_those_of_the_measures(api):
    Department.objects.create(code="unrelated", name="无关的单位")

    departments = found(api.get("/api/v1/departments/"))

    assert len(departments) == 19
    assert departments == sorted(departments)
    assert "unrelated" not in departments


def test_facts_are_the_whole_fact_list_in_order(api):
    facts = rows(api.get("/api/v1/facts/?page_size=100"))

    assert [row["name"] for row in facts] == [fact.name for fact in BUILT_IN]
    groups = next(row for row in facts if row["name"] == "operator_groups")
    assert (groups["type"], groups["scope"], groups["ask"]) == ("set", "operator", "question")
    assert {"value": "veteran", "label": "退役军人"} in groups["choices"]


# Search and filters


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("房租", ["M05"]),
        ("租金", ["M05"]),
        ("借钱", ["M01", "M02"]),
        ("交税", ["M04"]),
        ("招人", ["M10", "M11", "M13"]),
        ("稳岗返还", ["M01"]),
        ("场所租赁", ["M05"]),
        ("六税两费", ["M04"]),
        ("fangzu", ["M05"]),
        ("FangZu", ["M05"]),
        ("ｆａｎｇｚｕ", ["M05"]),
        ("创业 房租", ["M05"]),
        ("房租 贷款", []),
        ("没有这样的政策", []),
    ],
)
def test_a_search_takes_everyday_words_official_words_and_pinyin(api, query, codes):
    assert found(api.get("/api/v1/measures/", {"q": query})) == codes


def test_a_search_takes_initials(api):
    assert "M05" in found(api.get("/api/v1/measures/?q=fz"))


@pytest.mark.parametrize(
    ("address", "codes"),
    [
        ("measures/?topic=loan", ["M01", "M02", "M03", "M14"]),
        ("measures/?lead=hrss", ["M01", "M05", "M09", "M10", "M13"]),
        ("measures/?lead=hrss&topic=loan", ["M01"]),
        ("measures/?lead=hrss&q=fangzu", ["M05"]),
        ("measures/?status=in_force", []),
        ("benefits/?measure=M05", ["M05a", "M05b", "M05c"]),
        ("benefits/?measure=M99", []),
        ("benefits/?kind=tax_relief", ["M04a", "M04b", "M04c"]),
        ("benefits/?delivery=no_application", ["M01b", "M16b"]),
        ("benefits/?kind=startup_subsidy&delivery=apply", ["M05a", "M05b"]),
    ],
)
def test_filters_narrow_a_list(api, address, codes):
    assert found(api.get(f"/api/v1/{address}")) == codes


@pytest.mark.parametrize(
    ("address", "field"),
    [
        *(
            (f"{name}/?page_size={size}", "page_size")
            for name in LISTS
            for size in ("0", "101", "-1", "5.0", "５")
        ),
        *((f"{name}/?cursor=elsewhere", "cursor") for name in LISTS),
        *((f"{name}/?unknown=1", "unknown") for name in LISTS),
        *((f"{name}/?page_size=5&page_size=6", "page_size") for name in LISTS),
        ("measures/?q=", "q"),
        ("measures/?topic=nothing", "topic"),
        ("measures/?lead=nobody", "lead"),
        ("measures/?status=%E6%AD%A3%E5%BC%8F", "status"),
        ("measures/?title=x", "title"),
        ("benefits/?kind=gift", "kind"),
        ("benefits/?delivery=post", "delivery"),
        ("measures/M05/?page_size=5", "page_size"),
        ("benefits/M05a/?kind=service", "kind"),
    ],
)
def test_a_parameter_that_cannot_be_followed_is_named(api, address, field):
    assert [name for name, _ in faults(api.get(f"/api/v1/{address}"))] == [field]


@pytest.mark.parametrize(
    "address", ["measures/M99/", "measures/m05/", "benefits/M99a/", "benefits/M05/versions/"]
)
def test_a_code_that_is_not_there_is_404(api, address):
    assert faults(api.get(f"/api/v1/{address}"), status=404) == []


# Pages


@pytest.mark.parametrize(("name", "key"), [("measures", "code"), ("benefits", "code"), ("departments", "code"),
                                           ("facts", "name")])  # fmt: skip
def test_pages_join_up_forwards_and_backwards(api, name, key):
    whole = [row[key] for row in rows(api.get(f"/api/v1/{name}/?page_size=100"))]
    address, forwards, last = f"/api/v1/{name}/?page_size=4", [], None
    while address:
        last = api.get(address).json()
        forwards.append([row[key] for row in last["results"]])
        address = last["next"]

    backwards, address = [forwards[-1]], last["previous"]
    while address:
        page = api.get(address).json()
        backwards.append([row[key] for row in page["results"]])
        address = page["previous"]

    assert [row for page in forwards for row in page] == whole
    assert backwards[::-1] == forwards
    assert {len(page) for page in forwards[:-1]} == {4}


# Kept answers


@pytest.mark.parametrize("name", [*LISTS, "measures/M05", "benefits/M05a"])
def test_an_answer_that_has_not_changed_is_304_and_head_is_get_without_a_body(api, name):
    first = api.get(f"/api/v1/{name}/")
    again = api.get(f"/api/v1/{name}/", headers={"if-none-match": first.headers["ETag"]})
    head = api.head(f"/api/v1/{name}/")

    assert first.status_code == 200
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", first.headers["ETag"])
    assert int(head.headers["Content-Length"]) == len(first.content)


def test_an_answer_that_has_changed_has_another_etag(api):
    before = api.get("/api/v1/measures/M05/").headers["ETag"]

    measure = Measure.objects.get(code="M05")
    measure.title = "新的标题"
    measure.save()

    after = api.get("/api/v1/measures/M05/", headers={"if-none-match": before})
    assert (after.status_code, after.json()["title"]) == (200, "新的标题")


# What a list costs


@pytest.mark.parametrize("name", ["measures", "benefits", "departments", "benefits/M05a/versions"])
def test_a_list_costs_the_same_queries_whatever_its_length(api, django_assert_num_queries, name):
    api.get(f"/api/v1/{name}/?page_size=2")  # so that whatever is remembered for all is remembered now
    with CaptureQueriesContext(connection) as one:
        assert len(rows(api.get(f"/api/v1/{name}/?page_size=1"))) == 1
    with django_assert_num_queries(len(one)):
        assert len(rows(api.get(f"/api/v1/{name}/?page_size=100"))) >= 1


@pytest.mark.parametrize("name", [*LISTS, "measures/M05", "benefits/M05a"])
def test_an_answer_given_before_costs_no_query(api, django_assert_num_queries, name):
    first = api.get(f"/api/v1/{name}/")

    with django_assert_num_queries(0):
        again = api.get(f"/api/v1/{name}/")

    assert (first.status_code, again.content) == (200, first.content)


def test_reading_changes_nothing(api):
    before = [
        list(model.objects.order_by("pk").values()) for model in (Measure, Benefit, Edition, Department)
    ]

    for name in LISTS:
        api.get(f"/api/v1/{name}/")
        api.post(f"/api/v1/{name}/", {}, content_type="application/json")
        api.delete(f"/api/v1/{name}/")

    assert before == [
        list(model.objects.order_by("pk").values()) for model in (Measure, Benefit, Edition, Department)
    ]
