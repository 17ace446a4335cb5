"""Laws of the figures: percentiles are cases at their rank, and tables add up to the cases."""

from collections import Counter
from datetime import datetime, time, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cases.figures import Decided, percentile
from core.workdays import workdays_between
from subsidies.models import Application
from tests.properties import examples
from tests.subsidies import world

from .reviewing import benefit_to_review, filed

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def benefit(people):
    return benefit_to_review()


def noon(day):
    return timezone.make_aware(datetime.combine(day, time(12)))


@given(st.lists(st.integers(0, 60), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_case_at_its_rank(days, per_cent):
    rank = -(-len(days) * per_cent // 100)

    assert percentile(Counter(days), per_cent) == sorted(days)[rank - 1]


CASES = st.lists(
    st.tuples(
        st.integers(0, 80),  # days ago decided
        st.integers(1, 60),  # days it took
        st.lists(st.sampled_from([0, 1]), max_size=2, unique=True),  # which criteria failed; none: granted
    ),
    max_size=12,
)


@examples(25)
@given(CASES)
def test_tables_add_up_to_the_cases(people, benefit, cases):
    today = timezone.localdate()
    sample = Application.objects.filter(benefit=benefit).first() or filed(benefit, 1)
    names = [row["id"] for row in sample.judged["criteria"]]
    kept = {
        field.attname: getattr(sample, field.attname)
        for field in Application._meta.concrete_fields
        if field.attname not in ("id", "public_id")
    }
    with transaction.atomic():
        for place, (ago, took, failed) in enumerate(cases, 1):
            day = today - timedelta(days=ago)
            own = {
                "number": f"LPS-2020-{place:08}",
                "period": place,
                "submitted_at": noon(day - timedelta(days=took)),
                "decided_at": noon(day),
                "failed": [names[one] for one in failed],
                "state": "refused" if failed else "approved",
                "reason": world.REASON,
                "reviewer_id": people.reviewer.pk,
                "approver_id": people.approver.pk,
                "approved_digest": "0" * 64,
            }
            Application.objects.create(**{**kept, **own})
        found = Decided(Application.objects.visible_to(people.reviewer), 90, today)
        tables = [(pace.count, pace.days) for pace in found.paces]
        failures = sum(reason.count for reason in found.reasons)
        count, refusals = found.count, found.refused
        transaction.set_rollback(True)

    used = Counter(
        workdays_between(today - timedelta(days=ago + took), today - timedelta(days=ago))
        for ago, took, _ in cases
    )
    assert tables == ([(len(cases), used)] if cases else [])
    assert (count, refusals) == (len(cases), sum(bool(failed) for *_, failed in cases))
    assert failures == sum(len(failed) for *_, failed in cases)
