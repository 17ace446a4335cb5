"""The page of a draft's impact: started by those who may, watched while it runs, read by those who see the draft."""

import re

import pytest
from django.core.management import call_command

from accounts.models import User
from authoring import impact
from authoring.admin.impact import chart, money
from authoring.models import ImpactRun
from businesses.models import Business
from policies.models import BenefitVersion, PolicyDocument
from tests.markup import markup
from tests.notifications.register import CITY_PAPER

from .conftest import messages


@pytest.fixture
def changed(draft):
    """A draft of M05a that gives more, sooner."""
    draft.content["parameters"]["grant"][0]["value"] = "6000"
    draft.content["parameters"]["operating_for"][0]["value"] = {"months": 6}
    draft.save()
    return draft


@pytest.fixture
def city(demo_accounts):
    call_command("generate_businesses", 300, seed=3, verbosity=0)


@pytest.fixture
def finished(city, changed):
    """The run of that draft over a city, done."""
    run = impact.start(changed, by=User.objects.get(username="hr_policy"))
    impact.work(run.pk)
    run.refresh_from_db()
    return run


def page_of(version):
    return f"/admin/policies/benefitversion/{version.pk}/impact/"


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_an_officer_starts_a_run_and_finds_its_result_on_the_page(
    signed_in, city, changed, django_capture_on_commit_callbacks
):
    client = signed_in("hr_policy")
    first = text_of(client.get(page_of(changed)))

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(page_of(changed))

    run = ImpactRun.objects.get()
    page = text_of(client.get(page_of(changed)))
    totals = impact.totals(run.found)
    assert (response.status_code, response.headers["Location"]) == (302, page_of(changed))
    assert (run.status, run.started_by.username) == ("done", "hr_policy")
    assert "还没有算过" in first
    assert f"新符合 {totals['new']} 不再符合 0 金额变了 {totals['higher']}" in page
    assert f"现在符合的店：{totals['fit_before']} 家 → {totals['fit_after']} 家" in page
    assert "第 1 版（现行）和第 2 版比" in page
    assert f"比较了 {Business.objects.count()} 家店" in page


def test_the_page_refreshes_itself_while_a_run_goes_on_and_not_after(signed_in, city, changed):
    client = signed_in("hr_policy")
    client.post(page_of(changed))
    running = client.get(page_of(changed))

    impact.work(ImpactRun.objects.get().pk)
    done = client.get(page_of(changed))

    assert "<progress" in running.content.decode()
    assert (running.headers["Refresh"], "Refresh" in done.headers) == ("2", False)
    assert "<progress" not in done.content.decode()


@pytest.mark.parametrize(
    ("username", "read", "start"),
    [("auditor", 200, 403), ("hr_reviewer", 200, 403), ("market_reviewer", 302, 302), ("admin", 200, 302)],
)
def test_the_right_to_start_is_of_those_who_write_or_publish_the_rule(
    signed_in, changed, username, read, start
):
    client = signed_in(username)

    codes = client.get(page_of(changed)).status_code, client.post(page_of(changed)).status_code

    assert codes == (read, start)
    assert ImpactRun.objects.count() == (username == "admin")


def test_only_those_who_may_start_are_shown_the_button(signed_in, changed):
    buttons = {
        username: "计算影响" in signed_in(username).get(page_of(changed)).content.decode()
        for username in ("hr_policy", "auditor", "hr_reviewer")
    }

    assert buttons == {"hr_policy": True, "auditor": False, "hr_reviewer": False}


def test_a_refusal_is_told_on_the_page(signed_in, changed):
    changed.content["criteria"]["all"][1]["op"] = "since"
    changed.save()

    response = signed_in("hr_policy").post(page_of(changed), follow=True)

    (message,) = messages(response)
    assert message.startswith("规则还读不出来，请先改好再算：条件 2")


def test_a_run_that_failed_says_why_and_can_be_started_again(signed_in, changed):
    client = signed_in("hr_policy")
    client.post(page_of(changed))
    ImpactRun.objects.update(status="failed", problem=impact.ENTANGLED)

    page = text_of(client.get(page_of(changed)))

    assert impact.ENTANGLED in page
    assert "重新计算" in page


def test_an_altered_draft_asks_to_be_worked_out_anew(signed_in, finished, changed):
    client = signed_in("hr_policy")
    before = impact.ALTERED in text_of(client.get(page_of(changed)))
    changed.content["parameters"]["grant"][0]["value"] = "7000"
    changed.save()

    assert (before, impact.ALTERED in text_of(client.get(page_of(changed)))) == (False, True)


# Samples


def names_of_samples(run):
    ids = [sample["business"] for sample in impact.samples(run.found)]
    return set(Business.objects.filter(pk__in=ids).values_list("name", flat=True)), ids


def test_readers_of_the_register_see_which_shops_and_are_led_to_them(signed_in, finished, changed):
    page = signed_in("hr_reviewer").get(page_of(changed)).content.decode()

    names, ids = names_of_samples(finished)
    linked = set(map(int, re.findall(r'href="/admin/businesses/business/(\d+)/change/"', page)))
    assert linked == set(ids)
    assert [name for name in names if name not in page] == []


def test_others_see_places_alone(signed_in, finished, changed):
    page = markup(signed_in("hr_policy").get(page_of(changed)))

    names, ids = names_of_samples(finished)
    assert len(ids) == 20
    assert [name for name in names if name in page] == []
    assert "/admin/businesses/business/" not in page
    assert page.count("<td>金额变多</td>") + page.count("<td>新符合</td>") == 20


# Money


def test_money_is_told_before_and_after_with_the_difference(signed_in, finished, changed):
    page = text_of(signed_in("hr_policy").get(page_of(changed)))

    totals = impact.totals(finished.found)
    before, after = totals["fit_before"] * 5000, totals["fit_after"] * 6000
    assert f"全部发完 {before:,} {after:,} +{after - before:,}" in page
    assert "这是现在符合的店全部来领的上限，不是预算" in page


def side(number, unit, measure):
    return {"number": number, "unit": unit, "measure": measure}


def found_of(before, after, **figures):
    numbers = [figures.get(name, 0) for name in impact.FIGURES]
    return {"before": before, "after": after, "cells": {"520201 survival": numbers}}


def test_monthly_money_is_told_for_the_first_year_besides():
    monthly = side(1, "month", "cash")
    found = found_of(
        monthly,
        monthly,
        total_before=3_600_000,
        total_after=1_800_050,
        year_before=600_000,
        year_after=600_000,
    )

    rows = [(row["label"], float(row["before"]), float(row["difference"])) for row in money(found)["rows"]]

    assert rows == [("全部发完", 36000.0, -17999.5), ("其中第一年", 6000.0, 0.0)]


@pytest.mark.parametrize(
    ("before", "after", "why_not"),
    [
        (side(1, "year", "tax"), side(2, "year", "tax"), "税款按各店情况计算，不估。"),
        (side(1, "percent", "rate"), side(2, "percent", "rate"), "费率下调按缴费基数计算，不折成金额。"),
        (side(None, None, "none"), side(1, None, "none"), "这个事项不发钱，没有金额可估。"),
        (side(1, "once", "cash"), side(2, "limit", "loan"), "金额的种类变了，前后不能相减。"),
    ],
)
def test_what_cannot_be_added_up_is_not_estimated(before, after, why_not):
    assert money(found_of(before, after)) == {"why_not": why_not}


def test_taxes_are_neither_compared_nor_estimated(signed_in, city):
    published = BenefitVersion.objects.get(benefit__code="M04a")
    draft = BenefitVersion.objects.create(benefit=published.benefit, number=2, content=published.content)
    impact.work(impact.start(draft, by=User.objects.get(username="admin")).pk)

    page = text_of(signed_in("admin").get(page_of(draft)))

    assert "新符合 0 不再符合 0 金额变了 — 不比较" in page
    assert "税款按各店情况计算，不估。" in page


def test_a_new_benefit_is_estimated_by_what_it_gives():
    found = found_of(side(None, None, "none"), side(1, "once", "cash"), total_after=600_000)

    assert [(row["before"], row["after"]) for row in money(found)["rows"]] == [(0, 6000)]


# The chart and its table


def test_every_bar_of_the_chart_is_as_long_as_its_number_in_the_table():
    places = [
        {"district": "钟山区", "business_type": "生存型", "new": 30, "gone": 0, "changed": 60},
        {"district": "盘州市", "business_type": "未分型", "new": 0, "gone": 45, "changed": 0},
    ]

    bars = chart(places)["bars"]

    assert [bar["label"] for bar in bars] == [
        "钟山区 生存型：新符合 30，金额变了 60",
        "盘州市 未分型：不再符合 45",
    ]
    assert [[(part["kind"], part["x"], part["width"]) for part in bar["parts"]] for bar in bars] == [
        [("new", "0.0", "120.0"), ("changed", "120.0", "240.0")],
        [("gone", "0.0", "180.0")],
    ]


def test_the_table_adds_up_to_the_numbers_above_it(signed_in, finished, changed):
    response = signed_in("hr_policy").get(page_of(changed))

    rows, totals = response.context["rows"], response.context["totals"]
    sums = {
        name: sum(row[name] for row in rows) for name in ("new", "gone", "changed", "fit_before", "fit_after")
    }
    assert sums == {name: totals[name] for name in sums}
    assert len(response.context["chart"]["bars"]) == sum(bool(row["new"] + row["changed"]) for row in rows)


def test_the_page_keeps_to_the_content_policy(signed_in, finished, changed):
    page = signed_in("hr_policy").get(page_of(changed)).content.decode()

    assert 'style="' not in page.partition('id="content-main"')[2]


def test_a_page_without_any_change_says_so(signed_in, city, draft):
    run = impact.start(draft, by=User.objects.get(username="hr_policy"))
    impact.work(run.pk)

    page = text_of(signed_in("hr_policy").get(page_of(draft)))

    assert "没有店受影响" in page
    assert "举例" not in page


def test_a_suspended_document_is_named_as_the_reason(signed_in, changed):
    document = PolicyDocument.objects.get(code=CITY_PAPER)
    document.status = PolicyDocument.Status.SUSPENDED
    document.save()
    run = impact.start(changed, by=User.objects.get(username="hr_policy"))
    impact.work(run.pk)

    assert "现在是“暂停执行”，这个事项谁也不能享受" in text_of(signed_in("hr_policy").get(page_of(changed)))


def test_a_published_version_keeps_its_result_and_is_not_worked_out_again(signed_in, published):
    response = signed_in("hr_policy").post(page_of(published), follow=True)

    assert messages(response) == ["这一版已经发布过，影响不能再算。要改规则，请以这一版另起草稿。"]
    assert "计算影响" not in response.content.decode()
    assert BenefitVersion.objects.filter(impact_runs__isnull=False).count() == 0
