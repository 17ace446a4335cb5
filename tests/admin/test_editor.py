"""The editor without scripts: every tab shows what is stored, and saves what was changed and nothing else."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import AccessEvent, Department, User
from businesses.models import Business
from policies.models import BenefitVersion
from tests.markup import squeezed

from .forms import Page

TABS = ("basics", "criteria", "amounts", "materials", "process", "basis", "texts", "golden", "advanced")


@pytest.fixture
def signed_in(catalogue_loaded):
    """A browser of an officer of the labour bureau, or of the administrator."""
    group = Group.objects.get(name="政策专员")
    department = Department.objects.get(code="hrss")
    for username in ("hr_policy", "hr_policy_2"):
        User.objects.create_user(username, is_staff=True, department=department).groups.add(group)
    User.objects.create_superuser("admin")

    def sign_in(username):
        client = Client()
        client.force_login(User.objects.get(username=username))
        return client

    return sign_in


@pytest.fixture
def published(catalogue_loaded):
    return BenefitVersion.objects.get(benefit__code="M05a")


def editor(client, version, tab):
    return Page(client, f"/admin/policies/benefitversion/{version.pk}/change/?tab={tab}")


def drafts_of(versions):
    """(published version, a draft begun with it), made at one go so that the catalogue is read once."""
    published = list(versions.select_related("benefit"))
    drafts = [
        BenefitVersion(benefit=version.benefit, number=2, content=version.content, based_on=version)
        for version in published
    ]
    return zip(published, BenefitVersion.objects.bulk_create(drafts), strict=True)


@pytest.fixture(params=["some", pytest.param("all", marks=pytest.mark.long)])
def benefits(request, published):
    """Every published version; in the short run a fifth of them, others for the next tab."""
    every = BenefitVersion.objects.order_by("benefit__code")
    if request.param == "all":
        return every
    place = TABS.index(request.node.callspec.params["tab"])
    return BenefitVersion.objects.filter(pk__in=[row.pk for row in every[place % 5 :: 5]])


@pytest.mark.crawl
@pytest.mark.parametrize("tab", TABS)
def test_saving_a_tab_unchanged_changes_nothing_for_any_benefit(signed_in, benefits, tab):
    client, wrong = signed_in("admin"), {}

    for published, draft in drafts_of(benefits):
        page = editor(client, draft, tab).press("save", follow=False)
        draft.refresh_from_db()
        if draft.content != published.content or page.response.status_code != 302:
            wrong[published.benefit.code] = page.errors or "changed"

    assert wrong == {}


def meaning(content):
    """Content without what says nothing; numbers and sums alike as text, choices in any order."""
    if isinstance(content, dict):
        pairs = {key: meaning(value) for key, value in content.items()}
        return {key: value for key, value in pairs.items() if value not in (None, "", [], {}, "False")}
    if isinstance(content, list):
        items = [meaning(item) for item in content]
        return sorted(items) if all(isinstance(item, str) for item in items) else items
    return content if content is None else str(content)


@pytest.mark.crawl
@pytest.mark.parametrize("tab", TABS[:-1])
def test_what_is_shown_is_all_there_is(signed_in, benefits, tab):
    """The fields alone, without what is carried along unseen, mean what is stored."""
    client, wrong = signed_in("admin"), {}

    for published, draft in drafts_of(benefits.filter(benefit__code__regex="^M0[1-5]")):
        page = editor(client, draft, tab)
        for name in {name for name, _ in page.fields if name.endswith("-kept")}:
            page.fill(name, "")
        page.press("save", follow=False)
        draft.refresh_from_db()
        if meaning(draft.content) != meaning(published.content) or page.response.status_code != 302:
            wrong[published.benefit.code] = page.errors or [
                (draft.content.get(key), published.content.get(key))
                for key in published.content
                if meaning(draft.content.get(key)) != meaning(published.content[key])
            ]

    assert wrong == {}


# Criteria


@pytest.fixture
def of_m05a(published):
    """A draft of M05a that began with what is published."""
    return BenefitVersion.objects.create(
        benefit=published.benefit, number=2, content=published.content, based_on=published
    )


def criteria_of(version):
    version.refresh_from_db()
    return version.content["criteria"]["all"]


def test_a_row_is_built_step_by_step_and_saved_at_the_end(signed_in, of_m05a):
    before = of_m05a.content["criteria"]["all"]
    page = editor(signed_in("hr_policy"), of_m05a, "criteria")

    page.press("add:t.criteria:kind=fact")
    page.fill("t.criteria.8-fact", "employees").press("refresh:t.criteria.8")
    page.fill("t.criteria.8-op", "gte").press("refresh:t.criteria.8")
    page.fill("t.criteria.8-value", "3").fill("t.criteria.8-clause", "措施一（五）")
    unsaved = criteria_of(of_m05a)
    page.press("save")

    assert unsaved == before
    assert criteria_of(of_m05a) == [
        *before,
        {"fact": "employees", "op": "gte", "value": 3, "clause": "措施一（五）"},
    ]


ROWS = [
    ("registered_on", "at_least_ago", {"count": ["6"], "unit": ["months"]}, {"months": 6}),
    ("registered_on", "on_or_after", {"value": ["2026-01-01"]}, "2026-01-01"),
    ("operator_groups", "has_all", {"values": ["veteran", "disabled"]}, ["veteran", "disabled"]),
    ("district", "in", {"values": ["520201", "520281"]}, ["520201", "520281"]),
    ("entity_type", "eq", {"value": ["individual_business"]}, "individual_business"),
    ("exports", "eq", {"value": ["false"]}, False),
    ("monthly_rent", "lte", {"value": ["1,200.50"]}, "1200.50"),
    ("monthly_rent", "between", {"low": ["100"], "high": ["200"]}, ["100", "200"]),
    ("employees", "in", {"value": ["1、2、3"]}, [1, 2, 3]),
    ("industry", "starts_with", {"value": ["F5212、H"]}, ["F5212", "H"]),
    ("industry", "starts_with", {"value": ["F"]}, "F"),
]


@pytest.mark.crawl
@pytest.mark.parametrize(("fact", "operator", "typed", "stored"), ROWS)
def test_every_kind_of_value_has_its_own_fields(signed_in, of_m05a, fact, operator, typed, stored):
    page = editor(signed_in("hr_policy"), of_m05a, "criteria").press("add:t.criteria:kind=fact")
    page.fill("t.criteria.8-fact", fact).press("refresh:t.criteria.8")
    page.fill("t.criteria.8-op", operator).press("refresh:t.criteria.8")
    for name, values in typed.items():
        page.fill(f"t.criteria.8-{name}", *values)

    page.press("save")

    assert (criteria_of(of_m05a)[7:], page.errors) == ([{"fact": fact, "op": operator, "value": stored}], [])


WRONG = [
    ("employees", "gte", {"value": ["三"]}, "请填整数，只用半角数字0到9，例如12。"),
    ("employees", "gte", {"value": [""]}, "这里还没有填。"),
    ("monthly_rent", "lte", {"value": ["一千"]}, "金额请只填半角数字，最多两位小数，例如800或800.50。"),
    ("monthly_rent", "between", {"low": ["200"], "high": ["100"]}, "第一个数不能大于第二个。"),
    ("registered_on", "on_or_after", {"value": ["2026-02-30"]}, "没有这一天，请对照日历再填。"),
    ("registered_on", "at_least_ago", {"count": ["0"], "unit": ["years"]}, "期限应是1到100的整数。"),
    ("operator_groups", "has_any", {"values": []}, "请至少选一个。"),
    (
        "industry",
        "starts_with",
        {"value": ["f5"]},
        "行业代码是一个大写字母A到T，后面可跟2到4位数字，例如F5212。",
    ),
]


@pytest.mark.crawl
@pytest.mark.parametrize(("fact", "operator", "typed", "words"), WRONG)
def test_a_wrong_value_is_refused_at_its_row_and_stays_typed(
    signed_in, of_m05a, fact, operator, typed, words
):
    before = of_m05a.content["criteria"]["all"]
    page = editor(signed_in("hr_policy"), of_m05a, "criteria").press("add:t.criteria:kind=fact")
    page.fill("t.criteria.8-fact", fact).press("refresh:t.criteria.8")
    page.fill("t.criteria.8-op", operator).press("refresh:t.criteria.8")
    for name, values in typed.items():
        page.fill(f"t.criteria.8-{name}", *values)

    page.press("save")

    assert page.errors == ["没有保存，请改正下面标红的地方。", words]
    assert {name: page.get(f"t.criteria.8-{name}") for name in typed} == typed
    assert criteria_of(of_m05a) == before


def test_a_comparison_that_does_not_fit_the_fact_any_more_is_asked_again(signed_in, of_m05a):
    page = editor(signed_in("hr_policy"), of_m05a, "criteria")

    page.fill("t.criteria.2-fact", "employees").fill("t.criteria.2-op", "has_any").press("save")

    assert "这样比不了，请重新选怎么比。" in page.errors
    assert ("t.criteria.2-op", "gte") not in page.fields


def test_two_conditions_that_can_never_hold_together_are_refused_at_their_row(signed_in, of_m05a):
    page = editor(signed_in("hr_policy"), of_m05a, "criteria").press("add:t.criteria:kind=fact")
    page.fill("t.criteria.8-fact", "first_time_business").press("refresh:t.criteria.8")
    page.fill("t.criteria.8-op", "eq").press("refresh:t.criteria.8")

    page.fill("t.criteria.8-value", "false").press("save")

    assert page.errors[1] == "条件2：2、8里关于“首次从事个体经营”的条件合在一起永远不会成立，请改值或删掉。"
    assert page.get("t.criteria.8-value") == ["false"]


def test_groups_nest_switch_move_and_go(signed_in, of_m05a):
    before = of_m05a.content["criteria"]["all"]
    page = editor(signed_in("hr_policy"), of_m05a, "criteria").press("add:t.criteria:kind=any")
    page.press("add:t.criteria.8.items:kind=use").fill("t.criteria.8.items.1-use", "operating")
    page.press("add:t.criteria.8.items:kind=ratio")
    for name, value in {"fact": "layoff_claimants_last_year", "below": "insured_headcount_last_year",
                        "op": "lte", "value": "0.055"}.items():  # fmt: skip
        page.fill(f"t.criteria.8.items.2-{name}", value)
    page.press("up:t.criteria.8.items.2").fill("t.criteria.8-kind", "all")
    page.press("up:t.criteria.8").press("delete:t.criteria.1").press("save")

    group = {
        "all": [
            {
                "ratio": ["layoff_claimants_last_year", "insured_headcount_last_year"],
                "op": "lte",
                "value": "0.055",
            },
            {"use": "operating"},
        ]
    }
    assert criteria_of(of_m05a) == [*before[1:6], group, before[6]]


def test_an_empty_group_is_refused_at_its_place(signed_in, of_m05a):
    page = editor(signed_in("hr_policy"), of_m05a, "criteria").press("add:t.criteria:kind=any").press("save")

    assert page.errors[1:] == ["这一组里还没有条件，请加一个，或者删掉这一组。"]


def test_the_bounds_of_depth_hold(signed_in, of_m05a):
    page, path = editor(signed_in("hr_policy"), of_m05a, "criteria"), "t.criteria"
    for place in (8, 1, 1, 1, 1, 1):
        page.press(f"add:{path}:kind=any")
        path = f"{path}.{place}.items"

    assert f"add:{path}:kind=any" in page.buttons
    page.press(f"add:{path}:kind=any")
    assert f"add:{path}.1.items:kind=any" not in page.buttons


def test_a_row_without_a_clause_is_told_before_it_is_too_late(signed_in, of_m05a):
    page = editor(signed_in("hr_policy"), of_m05a, "criteria").fill("t.criteria.5-clause", "").press("save")

    assert page.text.count("都没有写条款，补上才能发布。") == 1


def test_the_results_follow_what_is_typed_and_save_nothing(signed_in, of_m05a):
    page = editor(signed_in("hr_policy"), of_m05a, "amounts")
    assert "初步符合，1 项审核时核对，5,000 元" in page.text

    page.fill("t.parameters.1.rows.1-value", "6000").press("preview")

    assert "初步符合，1 项审核时核对，6,000 元" in page.text
    of_m05a.refresh_from_db()
    assert of_m05a.content["parameters"]["grant"][0]["value"] == "5000"


def test_a_shop_of_the_register_is_looked_up_by_those_who_may_read_it(signed_in, of_m05a):
    shop = Business.objects.create(name="演示面馆", credit_code="92520203MA6E000199")
    lookup = editor(signed_in("admin"), of_m05a, "criteria").fill("credit_code", shop.credit_code)
    lookup.press("preview").press("preview")
    officers = editor(signed_in("hr_policy"), of_m05a, "criteria")

    assert "<strong>演示面馆</strong>" in squeezed(lookup.text)
    assert AccessEvent.objects.filter(action="preview_version", subject=f"business {shop.pk}").count() == 1
    assert officers.get("credit_code") == []
    officers.fill("credit_code", shop.credit_code).press("preview")
    assert "演示面馆" not in officers.text


def test_a_tab_that_somebody_else_saved_meanwhile_is_not_overwritten(signed_in, of_m05a):
    page = editor(signed_in("hr_policy"), of_m05a, "texts")
    editor(signed_in("hr_policy_2"), of_m05a, "texts").fill("t-summary", "第二个人写的。").press("save")

    page.fill("t-summary", "第一个人写的。").press("save")

    of_m05a.refresh_from_db()
    assert of_m05a.content["summary"] == "第二个人写的。"
    assert page.get("t-summary") == ["第一个人写的。"]
    assert "刚刚被别人改过" in page.text


def test_two_tabs_can_be_written_at_once(signed_in, of_m05a):
    texts = editor(signed_in("hr_policy"), of_m05a, "texts").fill("t-summary", "新的说明。")
    editor(signed_in("hr_policy_2"), of_m05a, "process").fill("t-fee", "收 1 元").press("save")

    texts.press("save")

    of_m05a.refresh_from_db()
    assert (of_m05a.content["summary"], of_m05a.content["fee"]) == ("新的说明。", "收 1 元")


# Rows


def test_rows_are_added_moved_and_removed(signed_in, of_m05a):
    before = of_m05a.content["basis"]
    page = editor(signed_in("hr_policy"), of_m05a, "basis").press("add:t.basis")
    page.fill("t.basis.3-document", "新的通知").fill("t.basis.3-certainty", "found")

    page.press("up:t.basis.3").press("delete:t.basis.1").press("save")

    of_m05a.refresh_from_db()
    assert of_m05a.content["basis"] == [{"document": "新的通知", "certainty": "found"}, before[1]]


def test_an_empty_row_is_refused_at_its_field(signed_in, of_m05a):
    page = editor(signed_in("hr_policy"), of_m05a, "materials").press("add:t.materials").press("save")

    assert page.errors == ["没有保存，请改正下面标红的地方。", "该字段是必填项。"]


def test_a_figure_gets_another_value_from_a_day_on(signed_in, of_m05a):
    page = editor(signed_in("hr_policy"), of_m05a, "amounts").press("add:t.parameters.1.rows")

    page.fill("t.parameters.1.rows.2-value", "6,000").fill("t.parameters.1.rows.2-starts", "2027-01-01")
    page.press("save")

    of_m05a.refresh_from_db()
    first = of_m05a.content["parameters"]["grant"][0]
    assert of_m05a.content["parameters"]["grant"] == [first, {"value": "6000", "from": "2027-01-01"}]


def test_a_figure_still_in_use_cannot_be_removed(signed_in, of_m05a):
    page = editor(signed_in("hr_policy"), of_m05a, "amounts").press("delete:t.parameters.1").press("save")

    assert page.errors[-1] == "没有名叫“grant”的参数。"


@pytest.mark.parametrize(
    "name", ["t.criteria.1-fact", "t" + ".items.1" * 40 + "-fact", "t.a.999-b", "x", "t.-a"]
)
def test_names_nobody_would_send_are_passed_over(signed_in, of_m05a, name):
    address = f"/admin/policies/benefitversion/{of_m05a.pk}/change/?tab=criteria"

    for do in (
        "save",
        "preview",
        "add:t.criteria",
        "up:t",
        "fill:t.cases.1",
        "delete:t.criteria.9",
        "x" * 300,
    ):
        assert signed_in("hr_policy").post(address, {name: "x", "do": do}).status_code == 200
