"""The verbs of those who write rules: two people behind every version, and nothing unfinished published."""

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Department, User
from core.errors import Refused
from eligibility import publishing
from policies.catalogue import catalogue
from policies.models import Benefit, BenefitVersion, Measure

pytestmark = pytest.mark.usefixtures("catalogue_loaded")


def officer(name, department="hrss"):
    user = User.objects.create_user(name, password="only-in-tests", is_staff=True)
    user.department = Department.objects.get(code=department)
    user.save()
    codes = ("view_benefitversion", "change_benefitversion", "publish_benefitversion")
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return User.objects.get(pk=user.pk)


@pytest.fixture
def first():
    return officer("first")


@pytest.fixture
def second():
    return officer("second")


@pytest.fixture
def published(catalogue_loaded):
    return BenefitVersion.objects.get(benefit__code="M05a")


def rewritten(draft, by, **part):
    mark = publishing.part_mark(draft.content, part)
    return publishing.change_draft(draft, part, by=by, keys=tuple(part), seen=mark)


# Writing


def test_a_part_is_replaced_and_the_rest_stays(first, published):
    draft = publishing.start_draft(published, by=first)

    changed = rewritten(draft, first, summary="新的说明。")

    assert changed.content == {**published.content, "summary": "新的说明。"}
    assert (draft.based_on, draft.number) == (published, 2)


def test_what_somebody_else_has_saved_meanwhile_is_not_overwritten(first, second, published):
    draft = publishing.start_draft(published, by=first)
    seen = publishing.part_mark(draft.content, ["summary"])
    rewritten(draft, second, summary="第二个人写的。")

    with pytest.raises(Refused, match="别人改过"):
        publishing.change_draft(draft, {"summary": "第一个人写的。"}, by=first, keys=["summary"], seen=seen)

    draft.refresh_from_db()
    assert draft.content["summary"] == "第二个人写的。"


def test_content_that_is_no_rule_is_never_stored(first, published):
    draft = publishing.start_draft(published, by=first)

    with pytest.raises(Refused, match="没有“nothing”这个事实"):
        rewritten(draft, first, criteria={"all": [{"fact": "nothing", "op": "eq", "value": True}]})

    draft.refresh_from_db()
    assert draft.content == published.content


def test_only_drafts_are_written_and_only_by_the_departments_own(first, second, published):
    draft = publishing.start_draft(published, by=first)
    with pytest.raises(PermissionDenied):
        rewritten(draft, officer("elsewhere", "market"), summary="别人的。")
    publishing.propose(draft, by=first)

    with pytest.raises(Refused):
        rewritten(draft, first, summary="提请以后再改。")


# Adding


def test_a_new_benefit_begins_with_a_draft_that_can_be_read(first):
    measure = Measure.objects.get(code="M05")

    draft = publishing.add_benefit(measure, "M05d", "稳岗补贴", "startup_subsidy", "apply", by=first)

    assert (draft.benefit.measure, draft.number, draft.status) == (measure, 1, "draft")
    assert publishing.obstacles(draft) == ["没有样例，请至少写一个"]
    assert catalogue().benefits["M05d"].versions == []


@pytest.mark.parametrize(
    ("code", "words"), [("M05a", "已经有了，请用 M05d"), ("M06z", "编号写成 M05"), ("m05d", "编号写成 M05")]
)
def test_a_code_that_is_taken_or_of_another_measure_is_refused(first, code, words):
    with pytest.raises(Refused, match=words):
        publishing.add_benefit(
            Measure.objects.get(code="M05"), code, "稳岗补贴", "startup_subsidy", "apply", by=first
        )

    assert Benefit.objects.filter(title="稳岗补贴").count() == 0


def test_a_benefit_is_added_by_an_officer_of_the_measure_alone(published):
    with pytest.raises(PermissionDenied):
        publishing.add_benefit(
            published.benefit.measure,
            "M05d",
            "稳岗补贴",
            "startup_subsidy",
            "apply",
            by=officer("x", "market"),
        )


# What keeps a draft from being published


def with_row(content, row):
    return {"all": [*content["criteria"]["all"], row]}


def test_a_condition_without_a_clause_is_refused_naming_it(first, published):
    draft = publishing.start_draft(published, by=first)
    row = {"fact": "good_credit", "op": "eq", "value": True}
    draft = rewritten(draft, first, criteria=with_row(draft.content, row))

    assert publishing.obstacles(draft) == ["条件 8 没有写条款，它外面的组和它用的公共条件也没有写"]
    with pytest.raises(Refused, match="条件 8 没有写条款"):
        publishing.propose(draft, by=first)


@pytest.mark.parametrize(
    "row",
    [
        {"fact": "good_credit", "op": "eq", "value": True, "clause": "措施一（五）"},
        {"any": [{"fact": "good_credit", "op": "eq", "value": True}], "clause": "措施一（五）"},
        {"use": "operating"},
    ],
)
def test_a_clause_of_its_own_of_what_is_around_it_or_of_what_it_uses_is_enough(first, published, row):
    draft = publishing.start_draft(published, by=first)
    draft = rewritten(draft, first, criteria=with_row(draft.content, row))

    assert [text for text in publishing.obstacles(draft) if "条款" in text] == []


def test_a_changed_case_needs_a_reason(first, published):
    draft = publishing.start_draft(published, by=first)
    golden = [
        {**case, "as_of": "2027-02-01"} if not place else case
        for place, case in enumerate(published.content["golden"])
    ]
    draft = rewritten(draft, first, golden=golden)
    without = publishing.obstacles(draft)

    draft.golden_reasons = {"满 1 年当天可以领": "换一天再看。"}

    assert without == ["样例“满 1 年当天可以领”和上一版不一样了，还没有写原因"]
    assert publishing.obstacles(draft) == []


def test_a_removed_case_needs_a_reason_too(first, published):
    draft = publishing.start_draft(published, by=first)
    draft = rewritten(draft, first, golden=published.content["golden"][1:])

    assert publishing.obstacles(draft) == ["样例“满 1 年当天可以领”和上一版不一样了，还没有写原因"]


def test_a_case_that_does_not_hold_is_named(first, published):
    draft = publishing.start_draft(published, by=first)
    parameters = {**published.content["parameters"], "grant": [{"value": "6000"}]}
    draft = rewritten(draft, first, parameters=parameters)

    words = (
        "样例“满 1 年当天可以领”：金额应是 5,000 元，算出来是 6,000 元；最多应是 5,000 元，算出来是 6,000 元"
    )
    assert words in publishing.obstacles(draft)


# Two people


def test_who_proposed_does_not_publish_and_another_does(first, second, published):
    draft = publishing.start_draft(published, by=first)
    publishing.propose(draft, by=first)

    with pytest.raises(Refused, match="请另一位同事"):
        publishing.publish(draft, by=first)
    publishing.publish(draft, by=second)

    draft.refresh_from_db()
    assert (draft.status, draft.proposed_by, draft.publisher) == ("published", first, second)


def test_the_database_itself_refuses_one_person_for_both(first, published):
    draft = publishing.start_draft(published, by=first)
    values = [first.pk, first.pk, "first", timezone.now(), timezone.now(), draft.pk]

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE policies_benefitversion SET status = 'published', proposed_by_id = %s, publisher_id = %s,"
            " published_by = %s, proposed_at = %s, published_at = %s WHERE id = %s",
            values,
        )

    draft.refresh_from_db()
    assert draft.status == "draft"


def test_an_older_version_comes_back_as_a_new_one(first, second, published):
    newer = publishing.start_draft(published, by=first)
    rewritten(newer, first, summary="新的说明。")
    publishing.propose(newer, by=first)
    publishing.publish(newer, by=second)

    back = publishing.start_draft(published, by=first)

    assert (back.number, back.content, back.based_on) == (3, published.content, published)


def test_withdrawing_needs_a_reason_and_brings_the_version_before_it_back(first, second, published):
    newer = publishing.start_draft(published, by=first)
    rewritten(newer, first, summary="新的说明。")
    publishing.propose(newer, by=first)
    publishing.publish(newer, by=second)
    today = timezone.localdate()

    with pytest.raises(Refused, match="写明原因"):
        publishing.withdraw(newer, by=second, reason="  ")
    publishing.withdraw(newer, by=second, reason="写错了。")

    assert catalogue().in_force_on(today)["M05a"].rule.number == 1


@pytest.mark.parametrize("spoiled", ["\x00", "\ud800", float("nan")])
def test_what_a_database_would_not_take_is_refused_in_words(first, published, spoiled):
    draft = publishing.start_draft(published, by=first)

    with pytest.raises(Refused, match="不能用的字符"):
        publishing.change_draft(
            draft, {"fee": spoiled}, by=first, keys=["fee"], seen=publishing.part_mark(draft.content, ["fee"])
        )
