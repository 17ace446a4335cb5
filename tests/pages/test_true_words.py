"""What the pages promise is so: doors that exist, services for whom they are, last days, and words with a source."""

import re
from datetime import date

import pytest

from businesses.registry import business_registry
from businesses.retirement import retirement_day
from core.errors import Invalid
from eligibility.evaluation import evaluate
from policies.models import BenefitVersion, Measure
from subsidies.papers import receipt_paper
from tests.subsidies import world

from .owners import answers_cookie
from .shops import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue_loaded")]
VETERAN = {
    "operator_groups": ["veteran"],
    "entity_type": "individual_business",
    "operating_status": "operating",
}


def states(day, **answers):
    profile = business_registry().read_profile(answers, as_of=day)
    return {one.rule.code: one.state for one in evaluate(profile, day).assessments}


def test_what_cannot_be_done_here_says_so_and_promises_no_days(client):
    page = text_of(client.get("/policies/M14b/"))

    assert "这里还不能办" in page
    assert "5 个工作日" not in page
    assert "网上提交" not in page


def test_what_can_be_done_here_keeps_its_steps(client):
    assert "网上提交" in text_of(client.get("/policies/M05a/"))


@pytest.mark.parametrize("days", ["10 个工作日", "约 3 个工作日", "约 5 个工作日"])
def test_a_step_says_once_how_long_it_takes(client, days):
    page = text_of(client.get("/policies/M01c/"))

    assert page.count(days.removeprefix("约 ")) == 1
    assert days in page


@pytest.mark.parametrize(("groups", "state"), [(["veteran"], "now"), ([], "no")])
def test_a_service_of_veterans_is_for_veterans(groups, state):
    assert states(date(2026, 11, 29), **{**VETERAN, "operator_groups": groups})["M02b"] == state


def test_on_its_last_day_a_result_says_that_it_is_the_last(client, time_machine):
    time_machine.move_to("2026-11-29T10:00:00+08:00")
    rent = {
        "registered_on": "2021-11-29",
        "rents_premises": True,
        "monthly_rent": "800",
        "rent_reduction_received": False,
        "rent_subsidy_months_received": 0,
    }
    client.cookies["answers"] = answers_cookie({**VETERAN, **rent})

    page = client.get("/check/results/").content.decode()

    said = "".join(re.findall(r"data-last-day[^>]*>(?:\s*<svg.*?</svg>)?[^<]*", page))
    days = ("最晚 2026 年 11 月 29 日申请，就是今天", "2027 年 12 月 31 日", "2028 年 9 月 30 日")
    assert [day for day in days if day not in said] == []


@pytest.mark.parametrize(
    ("path", "words"), [("/", "守信少打扰"), ("/", "主办"), ("/help/", "由政府担保的贷款")]
)
def test_words_without_a_source_are_gone(client, path, words):
    assert words not in client.get(path).content.decode()


@pytest.mark.parametrize(
    ("born_on", "sex", "day"),
    [
        (date(1964, 12, 31), "male", date(2024, 12, 31)),
        (date(1965, 1, 1), "male", date(2025, 2, 1)),
        (date(1966, 10, 5), "male", date(2027, 4, 5)),
        (date(1969, 12, 31), "female", date(2024, 12, 31)),
        (date(1970, 1, 1), "female", date(2025, 2, 1)),
        (date(1990, 5, 31), "male", date(2053, 5, 31)),
    ],
)
def test_the_retirement_age_rises_by_a_month_for_every_four_months_of_birth(born_on, sex, day):
    assert retirement_day(born_on, sex) == day


@pytest.mark.parametrize(
    ("day", "state"), [("2027-04-03", "now"), ("2027-04-04", "now"), ("2027-04-05", "no")]
)
def test_a_man_of_october_1966_may_borrow_until_the_day_before(day, state):
    said = {**VETERAN, "born_on": "1966-10-05", "sex": "male"}

    assert states(date.fromisoformat(day), **said)["M01c"] == state


def test_the_day_of_retirement_is_never_taken_from_outside():
    with pytest.raises(Invalid):
        business_registry().read_profile({"retires_on": "2027-04-05"}, as_of=date(2026, 11, 29))


def test_part_time_work_may_be_agreed_by_word_of_mouth(client):
    assert "非全日制用工可以口头约定" in text_of(client.get("/policies/M12a/"))


@pytest.mark.parametrize(("code", "leads"), [("M02", ["finance", "pbc"]), ("M07", ["cyberspace", "bigdata"])])
def test_the_department_that_is_named_first_leads(code, leads):
    assert [row.code for row in Measure.objects.get(code=code).leads] == leads


def test_a_form_that_the_owner_fills_in_is_not_said_to_come_by_itself():
    contents = BenefitVersion.objects.values_list("content", flat=True)
    papers = [row for content in contents for row in content.get("materials") or ()]

    assert {row["how"] for row in papers if row["name"] == "申请表"} == {"form"}


def contents():
    return dict(BenefitVersion.objects.values_list("benefit__code", "content"))


def texts_in(content):
    if isinstance(content, dict | list):
        for inner in content.values() if isinstance(content, dict) else content:
            yield from texts_in(inner)
    elif isinstance(content, str):
        yield content


def test_what_is_quoted_from_the_text_stands_in_it():
    whole = re.sub(r"\s", "", "".join(Measure.objects.values_list("text", flat=True)))
    sentences = [part for text in texts_in(list(contents().values())) for part in re.split("[。？]", text)]
    quoted = [words for part in sentences if "原文" in part for words in re.findall("“([^”]+)”", part)]

    assert len(quoted) > 30
    assert [words for words in quoted if re.sub(r"\s", "", words) not in whole] == []


def test_only_the_repair_of_credit_has_a_law_that_says_in_how_many_days():
    promised = {code: content.get("promised_working_days") for code, content in contents().items()}

    assert {code: days for code, days in promised.items() if days is not None} == {"M16b": 5}


def test_what_people_do_on_this_site_is_not_said_to_stand_in_a_document():
    steps = [step for content in contents().values() for step in content.get("steps") or ()]
    ours = [step for step in steps if "这里" in step["note"]]

    assert len(ours) > 30
    assert [step for step in ours if step["origin"] != "reading"] == []


def test_a_step_of_a_service_names_no_number_of_days_and_no_telephone():
    steps = [
        (code, step)
        for code, content in contents().items()
        if content["amount"] == {"none": {}} and code != "M16b"
        for step in content.get("steps") or ()
    ]

    assert len(steps) > 90
    assert [
        row for row in steps if row[1]["working_days"] is not None or re.search(r"\d{5}", row[1]["note"])
    ] == []


def test_the_receipt_names_a_way_to_the_progress_that_exists():
    world.bureau()
    benefit = world.grant_of_money()
    world.envelope(benefit)
    shop = world.shop_with_rent()
    found = receipt_paper(world.filed(benefit, shop, world.owner_of(shop)))

    assert found.opening == "您的申请已经收到。办到哪一步，登录后在“我的办件”里看。"
