"""From a draft to a published version on the screen, without scripts: two people, reasons, comparing, rolling back."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import AccessEvent, Department, User
from eligibility import publishing
from policies.models import BenefitVersion, Measure
from tests.markup import markup, squeezed

from .forms import Page

CHANGED = "标准和年限改了。"


@pytest.fixture
def officers(catalogue_loaded):
    """Browsers of the two officers of the labour bureau, and of one of the market regulator."""
    group, found = Group.objects.get(name="政策专员"), {}
    for username, department in (("hr_policy", "hrss"), ("hr_policy_2", "hrss"), ("market_policy", "market")):
        department = Department.objects.get(code=department)
        user = User.objects.create_user(username, is_staff=True, department=department)
        user.groups.add(group)
        found[username] = Client()
        found[username].force_login(user)
    return found


@pytest.fixture
def published(catalogue_loaded):
    return BenefitVersion.objects.get(benefit__code="M05a")


@pytest.fixture
def draft(officers, published):
    return publishing.start_draft(published, by=User.objects.get(username="hr_policy"))


def editor(client, version, tab):
    return Page(client, f"/admin/policies/benefitversion/{version.pk}/change/?tab={tab}")


def publish_page(client, version):
    return client.get(f"/admin/policies/benefitversion/{version.pk}/publish/").content.decode()


def act(client, version, verb, **data):
    address = f"/admin/policies/benefitversion/{version.pk}/act/{verb}/"
    return client.post(address, data, follow=True).content.decode()


def test_an_officer_changes_a_sum_and_a_period_and_another_one_publishes_them(officers, published):
    first, second = officers["hr_policy"], officers["hr_policy_2"]
    first.post(f"/admin/policies/benefitversion/{published.pk}/draft/")
    draft = BenefitVersion.objects.get(benefit=published.benefit, number=2)

    amounts = editor(first, draft, "amounts")
    assert "金额：给多少" in amounts.text
    assert "条件：登记满 1 年" in amounts.text
    amounts.fill("t.parameters.1.rows.1-value", "6000")
    amounts.fill("t.parameters.3.rows.1-count", "6").fill("t.parameters.3.rows.1-unit", "months").press(
        "save"
    )
    assert "里还有“1 年”“5,000”：第一次开店满 1 年，一次性给 5,000 元。" in amounts.text
    assert "数字改了，下面的文字还是旧的" in publish_page(first, draft)

    editor(first, draft, "amounts").fill("t-label_figure", "6,000").press("save")
    texts = editor(first, draft, "texts")
    texts.fill("t-summary", "第一次开店满 6 个月，一次性给 6,000 元。").press("save")
    basics = editor(first, draft, "basics")
    basics.fill("t-effective_from", timezone.localdate().isoformat()).fill("t-change_note", CHANGED).press(
        "save"
    )
    refused = act(first, draft, "propose")
    assert "还不能提请发布：" in refused
    assert "样例“满 1 年当天可以领”：金额应是 5,000 元，算出来是 6,000 元" in refused

    golden = editor(first, draft, "golden")
    wrong = [
        case.path
        for case in golden.response.context["tab"].cases
        if any(row["wrong"] for row in case.results)
    ]
    for path in wrong:
        golden.press(f"fill:{path}")
    without = golden.press("save")
    assert without.errors.count("这个样例和上一版不一样了，请写明为什么。") == len(wrong)
    for path in wrong:
        golden.fill(f"{path}-reason", CHANGED)
    golden.press("save")
    draft.refresh_from_db()
    assert set(draft.golden_reasons.values()) == {CHANGED}
    assert len(draft.golden_reasons) == len(wrong) > 0

    assert "已提请发布" in act(first, draft, "propose")
    own = publish_page(first, draft)
    assert "这一版是您提请的，要请另一位同事核对后发布。" in own
    assert "请另一位同事核对后发布" in act(first, draft, "publish")
    assert BenefitVersion.objects.get(pk=draft.pk).status == "proposed"

    seen = squeezed(publish_page(second, draft))
    assert "<del>5　登记满 1 年" in seen
    assert "<ins>5　登记满 6 个月" in seen
    assert f"（改了）：{CHANGED}" in seen
    assert "样例全部通过，没有要补的。" in seen
    assert "已发布。" in act(second, draft, "publish")
    draft.refresh_from_db()
    assert (draft.status, draft.published_by) == ("published", "hr_policy_2")
    page = Client().get("/policies/M05/").content.decode()
    assert "第一次开店满 6 个月，一次性给 6,000 元。" in page


def test_the_second_person_who_does_not_agree_gives_it_back(officers, draft):
    act(officers["hr_policy"], draft, "propose")

    page = act(officers["hr_policy_2"], draft, "take_back", reason="请先改文案。")

    draft.refresh_from_db()
    assert (draft.status, "已退回草稿" in page) == ("draft", True)
    assert AccessEvent.objects.get(action="take_back_version").reason == "请先改文案。"


def test_a_proposal_is_read_only(officers, draft):
    act(officers["hr_policy"], draft, "propose")
    page = officers["hr_policy"].get(f"/admin/policies/benefitversion/{draft.pk}/change/?tab=texts")

    posted = officers["hr_policy"].post(
        f"/admin/policies/benefitversion/{draft.pk}/change/?tab=texts", {"do": "save"}
    )

    assert ("<textarea" in page.content.decode(), posted.status_code) == (False, 403)


def test_withdrawing_asks_why_on_the_page_itself(officers, draft):
    act(officers["hr_policy"], draft, "propose")
    act(officers["hr_policy_2"], draft, "publish")

    without = act(officers["hr_policy"], draft, "withdraw", reason=" ")
    done = act(officers["hr_policy"], draft, "withdraw", reason="写错了。" * 100)

    draft.refresh_from_db()
    assert "请写明原因" in without
    assert "已撤回" in done
    assert (draft.status, draft.withdrawn_because) == ("withdrawn", "写错了。" * 75)


def test_another_departments_officer_has_no_button_and_no_draft(officers, draft, published):
    client = officers["market_policy"]

    assert client.get(f"/admin/policies/benefitversion/{draft.pk}/publish/").status_code == 404
    page = publish_page(client, published)
    assert ("撤回这一版" in page, "提请发布</button>" in page) == (False, False)
    assert client.post(f"/admin/policies/benefitversion/{published.pk}/act/withdraw/").status_code == 403


# Golden cases


def test_a_new_case_filled_with_what_was_worked_out_needs_a_reason(officers, draft):
    page = editor(officers["hr_policy"], draft, "golden").press("add:t.cases:state=now")
    new = f"t.cases.{len(draft.content['golden']) + 1}"
    page.fill(f"{new}-name", "什么都不知道").fill(f"{new}-as_of", "2026-01-15")
    page.press(f"fill:{new}")
    assert page.get(f"{new}-state") == ["unknown"]

    page.press("save")
    assert "预期是按算出来的填的，请写明为什么这样对。" in page.errors
    page.fill(f"{new}-reason", "没有填的都要问。").press("save")

    draft.refresh_from_db()
    assert draft.content["golden"][-1]["expect"]["state"] == "unknown"
    assert draft.golden_reasons == {"什么都不知道": "没有填的都要问。"}


def test_a_case_that_goes_needs_a_reason(officers, draft):
    before = len(draft.content["golden"])
    page = editor(officers["hr_policy"], draft, "golden").press("delete:t.cases.1").press("save")
    refused = list(page.errors)
    page.fill("t.gone.1-reason", "重复了。").press("save")

    draft.refresh_from_db()
    assert "该字段是必填项。" in refused
    assert len(draft.content["golden"]) == before - 1
    assert draft.golden_reasons == {"满 1 年当天可以领": "重复了。"}


def test_facts_of_a_case_are_added_and_said_to_be_unknown(officers, draft):
    page = editor(officers["hr_policy"], draft, "golden")
    number = len(draft.content["golden"][0]["profile"]) + 1
    path = f"t.cases.1.profile.{number}"
    page.press("add:t.cases.1.profile").fill(f"{path}-fact", "employees").press(f"refresh:{path}")
    page.fill(f"{path}-value", "2").fill("t.cases.1-reason", "人数也写上。")

    page.press("save")
    draft.refresh_from_db()
    assert draft.content["golden"][0]["profile"]["employees"] == 2

    page.fill(f"{path}-unknown", "on").press("save")
    draft.refresh_from_db()
    assert draft.content["golden"][0]["profile"]["employees"] is None


def test_both_versions_stand_beside_what_is_expected(officers, draft):
    editor(officers["hr_policy"], draft, "amounts").fill("t.parameters.1.rows.1-value", "6000").press("save")

    page = editor(officers["hr_policy"], draft, "golden").text

    row = '<th scope="row">金额</th><td>5,000 元</td><td>5,000 元</td><td>6,000 元　不一样</td>'
    assert row in squeezed(page)


# Comparing, new benefits


def test_any_two_versions_are_compared(officers, draft, published):
    editor(officers["hr_policy"], draft, "texts").fill("t-summary", "新的说明。").press("save")
    address = f"/admin/policies/benefitversion/{draft.pk}/compare/"

    page = markup(officers["hr_policy"].get(address))
    back = markup(officers["hr_policy"].get(f"{address}?left={draft.pk}&right={published.pk}&all=1"))

    assert "<ins>白话说明：新的说明。</ins>" in page
    assert "首次从事个体经营" not in page
    assert "<del>白话说明：新的说明。</del>" in back
    assert "首次从事个体经营" in back


def test_a_draft_of_another_department_is_not_offered_for_comparing(officers, draft, published):
    address = f"/admin/policies/benefitversion/{published.pk}/compare/"

    page = officers["market_policy"].get(f"{address}?left={published.pk}&right={draft.pk}").content.decode()

    assert "第 2 版" not in page


def test_an_officer_adds_a_benefit_to_a_measure_of_the_department(officers):
    client, measure = officers["hr_policy"], Measure.objects.get(code="M05")
    address = f"/admin/policies/measure/{measure.pk}/benefit/"
    sent = {"code": "M05d", "title": "稳岗补贴", "kind": "startup_subsidy", "delivery": "apply"}

    assert "新增事项" in client.get(f"/admin/policies/measure/{measure.pk}/change/").content.decode()
    taken = client.post(address, {**sent, "code": "M05a"}).content.decode()
    made = client.post(address, sent, follow=True)

    draft = BenefitVersion.objects.get(benefit__code="M05d")
    assert "编号 M05a 已经有了" in taken
    assert made.redirect_chain == [(f"/admin/policies/benefitversion/{draft.pk}/change/", 302)]
    for tab in ("basics", "criteria", "amounts", "materials", "process", "basis", "texts", "golden"):
        assert editor(client, draft, tab).press("save").response.redirect_chain, tab
    assert Client().get("/policies/M05/").status_code == 200
    assert Client().get("/api/v1/measures/M05/").status_code == 200
    assert Client().get("/api/v1/benefits/").status_code == 200


def test_no_officer_adds_a_benefit_to_another_departments_measure(officers):
    measure = Measure.objects.get(code="M05")

    assert officers["market_policy"].get(f"/admin/policies/measure/{measure.pk}/benefit/").status_code == 403
    page = officers["market_policy"].get(f"/admin/policies/measure/{measure.pk}/change/").content.decode()
    assert "新增事项" not in page
