"""分型: who is typed as what, why, and that shop, set and preview agree on both engines."""

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from businesses import business_types
from businesses.business_types import FEW, judged, latest_start, moves_under, recompute, set_thresholds
from businesses.models import Business, TypeChange, TypeThresholds, TypeVerdict
from businesses.register import Arrival, take_in
from businesses.signals import facts_changed, import_finished
from tests.criteria.given import found
from tests.properties import examples

TODAY = date(2026, 11, 24)
ORDER = ("", "survival", "growth", "development")
PASSING = {
    "operating_status": "operating",
    "annual_report_filed": True,
    "abnormal_listed": False,
    "registered_on": date(2020, 5, 1),
    "taxpayer_type": "small_scale",
    "insured_headcount": 0,
    "tax_paid_last_year": Decimal("0.00"),
}
CASES = [
    ({}, "survival", "below"),
    ({"operating_status": "suspended"}, "", "not_operating"),
    ({"operating_status": "deregistered", "annual_report_filed": None}, "", "not_operating"),
    ({"operating_status": "revoked"}, "", "not_operating"),
    ({"annual_report_filed": False}, "", "no_annual_report"),
    ({"annual_report_filed": None}, "", "gate_unknown"),
    ({"operating_status": None}, "", "gate_unknown"),
    ({"tax_paid_last_year": "0.01"}, "growth", "growth_tax"),
    ({"insured_headcount": 1}, "growth", "growth_insured"),
    ({"insured_headcount": 1, "registered_on": date(2025, 11, 24)}, "growth", "growth_insured"),
    ({"insured_headcount": 1, "registered_on": date(2025, 11, 25)}, "survival", "too_young"),
    ({"tax_paid_last_year": None}, "survival", "unknown"),
    ({"tax_paid_last_year": None, "insured_headcount": 1}, "growth", "growth_insured"),
    ({"registered_on": None, "insured_headcount": 9}, "survival", "unknown"),
    ({"insured_headcount": 7}, "growth", "growth_insured"),
    ({"insured_headcount": 8}, "development", "development_insured"),
    ({"insured_headcount": 8, "registered_on": date(2024, 11, 24)}, "development", "development_insured"),
    ({"insured_headcount": 8, "registered_on": date(2024, 11, 25)}, "growth", "growth_insured"),
    ({"tax_paid_last_year": "29999.99"}, "growth", "growth_tax"),
    ({"tax_paid_last_year": "30000.00"}, "development", "development_tax"),
    ({"tax_paid_last_year": "30000.00", "abnormal_listed": True}, "growth", "growth_tax"),
    ({"tax_paid_last_year": "30000.00", "abnormal_listed": None}, "growth", "growth_tax"),
    ({"taxpayer_type": "general"}, "survival", "below"),
    ({"taxpayer_type": "general", "insured_headcount": 1}, "development", "general_taxpayer"),
]


def shop(**facts):
    return Business.objects.create(name="演示店", **{**PASSING, **facts})


def verdict(business, thresholds=None):
    found = judged(
        Business.objects.filter(pk=business.pk), thresholds or business_types.thresholds_in_force(), TODAY
    ).get()
    return found.type_now, found.reason_now


@pytest.fixture
def heard():
    told = []

    def listen(sender, changes, created, run_id, **_):
        told.append((changes, created, run_id))

    facts_changed.connect(listen)
    yield told
    facts_changed.disconnect(listen)


@pytest.mark.django_db(databases="__all__")
def test_the_table_of_cases_one_by_one_and_all_at_once(engine):
    rows = [(shop(**facts), kind, reason) for facts, kind, reason in CASES]

    one_by_one = [verdict(row) for row, _, _ in rows]
    recompute(today=TODAY)

    expected = [(kind, reason) for _, kind, reason in rows]
    assert one_by_one == expected
    assert [
        (found.type, found.reason) for row, _, _ in rows for found in [TypeVerdict.objects.get(business=row)]
    ] == expected
    assert [Business.objects.get(pk=row.pk).business_type or "" for row, _, _ in rows] == [
        kind for _, kind, _ in rows
    ]


def test_every_reason_has_a_type_and_a_sentence():
    reasons = [reason for reason, _ in business_types._rules(TypeThresholds(), TODAY)]

    assert [*reasons, "unknown"] == list(business_types.REASONS)
    assert set(business_types.TYPE_OF) == set(business_types.REASONS)


@pytest.mark.parametrize(
    ("years", "today", "latest"),
    [
        (1, date(2025, 2, 28), date(2024, 2, 29)),
        (1, date(2024, 2, 29), date(2023, 2, 28)),
        (4, date(2024, 2, 28), date(2020, 2, 28)),
        (4, date(2024, 2, 29), date(2020, 2, 29)),
        (2, date(2026, 11, 24), date(2024, 11, 24)),
    ],
)
def test_a_year_ends_on_the_corresponding_day(years, today, latest):
    assert latest_start(years, today) == latest


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_the_latest_start_agrees_with_the_rules_own_calendar(today, years):
    from policies.criteria.durations import Duration

    if years:
        assert latest_start(years, today) == Duration("years", years).latest_start_over_by(today)
    else:
        assert latest_start(years, today) == today


figures = st.fixed_dictionaries(
    {
        "growth_years": st.integers(0, 3),
        "growth_insured": st.integers(1, 4),
        "growth_tax": st.sampled_from(["0.01", "500.00", "1000.00"]),
        "development_years": st.integers(1, 5),
        "development_insured": st.integers(5, 12),
        "development_tax": st.sampled_from(["20000.00", "30000.00", "40000.00"]),
    }
)


@pytest.mark.django_db
@examples(60)
@given(
    lax=figures,
    stricter=st.fixed_dictionaries(
        {
            "growth_years": st.integers(0, 2),
            "growth_insured": st.integers(0, 3),
            "development_insured": st.integers(0, 3),
        }
    ),
)
def test_a_stricter_threshold_never_promotes(cases, lax, stricter):
    strict = {name: value + stricter.get(name, 0) for name, value in lax.items() if name in stricter}
    before = _types(TypeThresholds(**lax))
    after = _types(TypeThresholds(**{**lax, **strict}))

    assert all(ORDER.index(after[pk]) <= ORDER.index(before[pk]) for pk in before)


@pytest.fixture
def cases(db):
    return [shop(**facts) for facts, _, _ in CASES]


def _types(thresholds):
    return dict(judged(Business.objects.all(), thresholds, TODAY).values_list("pk", "type_now"))


@pytest.mark.django_db(databases="__all__")
def test_a_move_is_written_once_with_its_history_version_and_announcement(engine, heard):
    row = shop(insured_headcount=1)

    first, again = recompute(today=TODAY), recompute(today=TODAY)
    Business.objects.filter(pk=row.pk).update(insured_headcount=9)
    moved = recompute(today=TODAY)

    row.refresh_from_db()
    assert (first["changed"], again, moved) == (1, {"judged": 0, "changed": 0}, {"judged": 1, "changed": 1})
    assert (row.business_type, row.version) == ("development", 3)
    assert list(row.type_changes.order_by("id").values_list("before", "after", "reason", "on")) == [
        ("", "growth", "growth_insured", TODAY),
        ("growth", "development", "development_insured", TODAY),
    ]
    assert heard == [
        ({row.pk: {"business_type": (None, "growth")}}, [], None),
        ({row.pk: {"business_type": ("growth", "development")}}, [], None),
    ]


@pytest.mark.django_db(databases="__all__")
def test_time_alone_moves_a_shop(engine):
    row = shop(insured_headcount=1, registered_on=date(2025, 11, 25))

    recompute(today=TODAY)
    young = Business.objects.get(pk=row.pk).business_type
    recompute(today=date(2026, 11, 25))

    assert (young, Business.objects.get(pk=row.pk).business_type) == ("survival", "growth")


@pytest.mark.parametrize("count", [0, 1, 2, FEW, FEW + 1])
@pytest.mark.django_db(databases="__all__")
def test_only_the_named_shops_are_judged(engine, count):
    rows = [shop(**facts) for facts, _, _ in CASES]
    named = rows[1 : count + 1]

    said = recompute(businesses=[row.pk for row in reversed(named)], today=TODAY)

    assert dict(TypeVerdict.objects.values_list("business", "reason")) == {
        row.pk: reason for row, (_, _, reason) in zip(named, CASES[1:], strict=False)
    }
    assert said == {"judged": count, "changed": sum(kind != "" for _, kind, _ in CASES[1 : count + 1])}
    assert Business.objects.get(pk=rows[0].pk).business_type is None


@pytest.mark.django_db(databases="__all__")
def test_what_comes_into_the_register_is_judged_at_once_and_what_an_import_brings_at_its_end(
    engine, django_capture_on_commit_callbacks
):
    said = {
        "registry": {
            "operating_status": "operating",
            "annual_report_filed": True,
            "registered_on": "2020-05-01",
            "abnormal_listed": False,
        }
    }
    code = "92520201MA6E00019C"
    take_in([Arrival(said, credit_code=code, name="演示店", operator_name="演示人")], on=TODAY)
    at_once = Business.objects.get().business_type
    insured = [Arrival({"social_security": {"insured_headcount": 9}}, credit_code=code)]
    take_in(insured, on=TODAY, run_id=1)
    during = Business.objects.get().business_type
    with django_capture_on_commit_callbacks(execute=True, using=Business.objects.db):
        import_finished.send(Business, run=None)

    assert (at_once, during, Business.objects.get().business_type) == ("survival", "survival", "development")


@pytest.fixture
def regulator(db):
    user = User.objects.create(username="market", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__endswith="typethresholds"))
    return user


@pytest.mark.django_db
def test_the_preview_counts_what_setting_the_figures_then_does(regulator, django_capture_on_commit_callbacks):
    for insured in (0, 1, 1, 5, 9):
        shop(insured_headcount=insured)
    recompute()
    proposed = TypeThresholds(growth_insured=5, development_insured=9, placeholder=False, basis="测试文件")

    moves = moves_under(proposed)
    with django_capture_on_commit_callbacks(execute=True):
        set_thresholds(proposed, by=regulator)

    assert moves == {("survival", "survival"): 1, ("growth", "survival"): 2, ("growth", "growth"): 1,
                     ("development", "development"): 1}  # fmt: skip
    assert list(Business.objects.order_by("pk").values_list("business_type", flat=True)) == [
        "survival", "survival", "survival", "growth", "development",
    ]  # fmt: skip
    assert TypeThresholds.objects.latest().set_by == regulator
    assert TypeChange.objects.filter(before="growth", after="survival").count() == 2


@pytest.mark.django_db
def test_nobody_else_sets_figures():
    with pytest.raises(PermissionDenied):
        set_thresholds(TypeThresholds(), by=User.objects.create(username="clerk", is_staff=True))


@pytest.mark.django_db
def test_the_first_figures_are_marked_as_a_placeholder():
    TypeThresholds.objects.all().delete()

    assert business_types.thresholds_in_force().placeholder is True


@pytest.mark.django_db
def test_the_reason_is_told_with_the_figures_it_was_judged_by():
    row = shop(tax_paid_last_year="45000.00")
    recompute(today=TODAY)

    assert business_types.reason_text(row.type_verdict) == (
        "登记满 2 年，上年缴税 30000 元以上，没有被标记为经营异常状态（暂定标准）"
    )


@pytest.mark.django_db
def test_a_type_by_figures_that_somebody_has_set_is_not_called_provisional():
    set_thresholds(
        TypeThresholds(placeholder=False, growth_tax="0.01"),
        by=User.objects.create_superuser("head", password="only-in-tests"),
    )
    row = shop(tax_paid_last_year="5.00")
    recompute(today=TODAY)

    assert business_types.reason_text(row.type_verdict) == "登记满 1 年，上年缴过税"


@pytest.mark.django_db
def test_a_shop_that_is_suspended_has_no_type_and_the_page_about_types_says_so_too():
    row = shop(operating_status="suspended")
    recompute(today=TODAY)
    row.refresh_from_db()

    assert row.business_type is None
    assert found("M15a", TODAY.isoformat(), {"operating_status": "suspended"}).state == "no"
    assert found("M15a", TODAY.isoformat(), {"operating_status": "operating"}).state == "now"
