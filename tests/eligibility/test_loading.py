"""load_measures: all of a file or nothing, never over an officer's newer version, and faults by their line."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.models import Department
from businesses.models import AddedFact, Business
from businesses.registry import business_registry
from core.errors import Refused
from eligibility.evaluation import evaluate
from eligibility.loading import load_measures
from policies.catalogue import catalogue
from policies.criteria.sql import met
from policies.measures_file import DEFAULT_PATH
from policies.models import Benefit, BenefitVersion, Measure, PolicyDocument, Topic
from tests.criteria.small_file import SMALL, edited, line_of
from tests.notifications.register import by_two_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(tmp_path):
    """Load a text as a measures file."""

    def load(text):
        path = tmp_path / "measures.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_measures(path)

    return load


OTHER_WORDS = edited("summary: 一次性发给小店。", "summary: 分两次发给小店。")


def everything_stored():
    """Everything a load writes, as values."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (PolicyDocument, Department, Topic, Measure, Benefit, BenefitVersion)
    }


def versions(code):
    return list(
        BenefitVersion.objects.filter(benefit__code=code)
        .order_by("number")
        .values_list("number", "effective_from")
    )


def officer_publishes(code, **changes):
    last = BenefitVersion.objects.filter(benefit__code=code).first()
    return BenefitVersion.objects.create(
        benefit=last.benefit,
        number=last.number + 1,
        status="published",
        effective_from=timezone.localdate(),
        content={**last.content, **changes},
        **by_two_people("hr_policy_2", "hr_policy"),
    )


def test_the_first_load_publishes_a_version_that_has_always_been_in_force(load):
    loaded = load(SMALL)

    assert (loaded.published, loaded.unchanged) == (["M01a", "M01b"], [])
    assert versions("M01a") == [(1, None)]
    assert BenefitVersion.objects.values_list("published_by", "status").distinct().get() == (
        "system",
        "published",
    )


def test_loading_the_file_of_the_product_again_changes_nothing():
    first = load_measures(DEFAULT_PATH)
    before = everything_stored()

    again = load_measures(DEFAULT_PATH)

    for row in before["Measure"]:
        row["updated_at"] = Measure.objects.get(pk=row["id"]).updated_at
    assert everything_stored() == before
    assert (again.published, again.unchanged) == ([], first.published)


def test_changed_content_makes_a_second_version_that_decides_from_today(load):
    load(SMALL)

    loaded = load(OTHER_WORDS)

    assert (loaded.published, loaded.unchanged) == (["M01a"], ["M01b"])
    assert versions("M01a") == [(1, None), (2, timezone.localdate())]
    in_force = catalogue().benefits["M01a"].in_force_on
    assert in_force(timezone.localdate() - timedelta(days=1)).content["summary"] == "一次性发给小店。"
    assert in_force(timezone.localdate()).content["summary"] == "分两次发给小店。"


def test_a_version_decides_from_the_day_that_the_file_states(load):
    load(SMALL)

    load(
        edited("        title: 小店补贴\n", '        title: 小店补贴\n        effective_from: "2027-03-01"\n')
    )

    assert versions("M01a") == [(1, None), (2, date(2027, 3, 1))]


def test_a_changed_condition_makes_new_versions_of_what_uses_it_only(load):
    load(SMALL)

    loaded = load(edited("op: eq, value: operating}", "op: in, value: [operating, suspended]}"))

    assert (loaded.published, loaded.unchanged) == (["M01a"], ["M01b"])


def test_an_unchanged_file_leaves_an_officers_newer_version_alone(load):
    load(SMALL)
    officer_publishes("M01a", summary="窗口改过的说明。")

    loaded = load(SMALL)

    assert (loaded.published, loaded.unchanged) == ([], ["M01a", "M01b"])
    assert versions("M01a") == [(1, None), (2, timezone.localdate())]


def test_a_changed_file_stops_at_an_officers_newer_version_and_changes_nothing(load):
    load(SMALL)
    officer_publishes("M01a", summary="窗口改过的说明。")
    before = everything_stored()

    with pytest.raises(Refused, match="M01a"):
        load(
            OTHER_WORDS.replace("title: 减轻负担", "title: 减负").replace(
                "summary: 上门辅导。", "summary: 电话辅导。"
            )
        )

    assert everything_stored() == before


def test_an_officers_draft_does_not_stop_a_changed_file(load):
    load(SMALL)
    first = BenefitVersion.objects.get(benefit__code="M01a")
    BenefitVersion.objects.create(benefit=first.benefit, number=2, content=first.content)

    assert load(OTHER_WORDS).published == ["M01a"]
    assert [number for number, _ in versions("M01a")] == [1, 2, 3]


def test_what_was_rolled_back_is_not_remembered(load):
    load(SMALL)
    with suppress(ZeroDivisionError), transaction.atomic():
        load(OTHER_WORDS)
        assert catalogue().benefits["M01a"].versions[0].content["summary"] == "分两次发给小店。"
        raise ZeroDivisionError

    assert catalogue().benefits["M01a"].versions[0].content["summary"] == "一次性发给小店。"
    load(edited("summary: 一次性发给小店。", "summary: 分三次发给小店。"))

    assert catalogue().benefits["M01a"].versions[0].content["summary"] == "分三次发给小店。"


def test_the_command_says_what_it_did_and_what_is_wrong(tmp_path, capsys):
    path = tmp_path / "measures.yaml"
    path.write_text(SMALL, "utf-8")
    call_command("load_measures", path)
    path.write_text(edited("op: lte, value: 5}", "op: lte, value: 5.5}"), "utf-8")

    assert capsys.readouterr().out == "已发布 2 个事项的新版本，0 个没有变化。\n"
    with pytest.raises(CommandError, match=f"第 {line_of('- {fact: employees')} 行：“5.5”会被读成别的东西"):
        call_command("load_measures", path)
    with pytest.raises(CommandError, match="没有找到文件"):
        call_command("load_measures", tmp_path / "nothing.yaml")


def _save(version):
    version.content = {}
    version.save()


def _save_as_draft(version):
    version.status = "draft"
    version.save()


def _delete_as_draft(version):
    version.status = "draft"
    version.delete()


ATTEMPTS = {
    "save": _save,
    "save as a draft": _save_as_draft,
    "delete": lambda version: version.delete(),
    "delete as a draft": _delete_as_draft,
    "update": lambda version: BenefitVersion.objects.update(content={}),
    "update through the benefit": lambda version: version.benefit.versions.update(number=9),
    "bulk update": lambda version: BenefitVersion.objects.bulk_update([version], ["content"]),
    "delete a set": lambda version: BenefitVersion.objects.filter(pk=version.pk).delete(),
    "delete the benefit": lambda version: version.benefit.delete(),
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_a_published_version_stays_as_it_is(load, attempt):
    load(SMALL)
    before = everything_stored()

    with pytest.raises((ValidationError, ProtectedError)), transaction.atomic():
        attempt(BenefitVersion.objects.get(benefit__code="M01a"))

    assert everything_stored() == before


def test_a_draft_may_be_changed_and_deleted(load):
    load(SMALL)
    first = BenefitVersion.objects.get(benefit__code="M01a")
    draft = BenefitVersion.objects.create(benefit=first.benefit, number=2, content=first.content)

    draft.content = {}
    draft.save()
    draft.delete()

    assert versions("M01a") == [(1, None)]


def test_an_added_fact_works_in_verdict_sentence_question_and_sql(load):
    AddedFact.objects.create(
        name="fire_check", type="bool", label="通过消防验收", question="您的店通过消防验收了吗？"
    )
    text = edited("fact: employees, op: lte, value: 5", "fact: fire_check, op: eq, value: true")
    load(text.replace("employees: 3", "fire_check: true"))
    today, registry = date(2026, 11, 24), business_registry()

    def answer(**facts):
        return evaluate(registry.read_profile({"operating_status": "operating", **facts}, as_of=today), today)

    unknown = answer().as_json()
    assert [answer(fire_check=checked).assessments[0].state for checked in (True, False)] == ["now", "no"]
    assert unknown["results"][0]["state"] == "unknown"
    assert unknown["results"][0]["criteria"][1]["sentence"] == "通过消防验收"
    assert unknown["next_question"]["question"] == "您的店通过消防验收了吗？"
    for name, checked in (
        ("passed", {"fire_check": True}),
        ("failed", {"fire_check": False}),
        ("unknown", {}),
    ):
        extra = {
            key: kept for fact, value in checked.items() for key, kept in registry[fact].stored(value).items()
        }
        Business.objects.create(name=name, operating_status="operating", extra=extra)
    matching = Business.objects.filter(met(catalogue().rules_on(today)[0].criteria, today))
    assert [shop.name for shop in matching] == ["passed"]
