"""Runs of an impact: begun by those who may, worked on chunk by chunk whoever dies or helps, told when outdated."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Department, User
from authoring import impact
from authoring.impact import samples
from authoring.models import ImpactRun
from authoring.tasks import go_on_with_impact, work_on_impact
from businesses.models import Business
from core.errors import Refused
from eligibility import publishing
from policies.models import BenefitVersion
from tests.measures import load_catalogue

from . import impact_city
from .impact_city import SHOPS, bigger_and_sooner, computed, draft_of

both_engines = pytest.mark.django_db(databases=["default", "postgres"])


@pytest.fixture
def officer(engine):
    """Somebody who may everything, in a city on either engine."""
    load_catalogue()
    impact_city.build()
    return User.objects.create_superuser("officer", password="only-in-tests")


@pytest.fixture
def city_officer(catalogue_loaded, admin_user):
    """The same on the default engine alone."""
    impact_city.build()
    return admin_user


# Chunk by chunk


class Killed(BaseException):
    """The worker is gone: nothing in the program catches this."""


def die_after(chunks):
    told = []

    def tell(run):
        told.append(run.cursor)
        if len(told) == chunks:
            raise Killed

    return tell


@both_engines
def test_what_a_dead_worker_left_is_gone_on_with_by_the_sweep(officer, time_machine):
    draft = draft_of("M05a", bigger_and_sooner)
    whole = computed(draft, officer)
    run = impact.start(draft, by=officer)
    with pytest.raises(Killed):
        impact.work(run.pk, size=50, tell=die_after(2))
    run.refresh_from_db()
    left = (run.status, run.found["shops"])

    go_on_with_impact()  # too early: a worker may be at it
    run.refresh_from_db()
    untouched = (run.status, run.found["shops"])
    time_machine.move_to(timezone.now() + timedelta(minutes=3))
    go_on_with_impact()

    run.refresh_from_db()
    assert left == untouched == ("running", 100)
    assert run.status == "done"
    assert (run.found["cells"], run.found["samples"]) == (whole.found["cells"], whole.found["samples"])
    assert run.found["shops"] == SHOPS


def test_starting_again_goes_on_with_what_a_dead_worker_left(city_officer):
    draft = draft_of("M05a", bigger_and_sooner)
    whole = computed(draft, city_officer)
    run = impact.start(draft, by=city_officer)
    with pytest.raises(Killed):
        impact.work(run.pk, size=50, tell=die_after(1))

    again = impact.start(draft, by=city_officer)
    work_on_impact(again.pk)

    run.refresh_from_db()
    assert (again.pk, run.status, run.found["cells"]) == (run.pk, "done", whole.found["cells"])


@both_engines
def test_two_workers_count_no_chunk_twice(officer):
    draft = draft_of("M05a", bigger_and_sooner)
    whole = computed(draft, officer)
    run = impact.start(draft, by=officer)
    told = []

    def another_takes_the_next(run):
        told.append(run.cursor)
        with pytest.raises(Killed):
            impact.work(run.pk, size=50, tell=die_after(1))

    impact.work(
        run.pk, size=50, tell=another_takes_the_next
    )  # finds it taken, and leaves the rest to the other
    run.refresh_from_db()
    left = (len(told), run.status, run.found["shops"])
    impact.work(run.pk, size=50)

    run.refresh_from_db()
    assert left == (1, "running", 100)
    assert (run.status, run.found["shops"]) == ("done", SHOPS)
    assert (run.found["cells"], run.found["samples"]) == (whole.found["cells"], whole.found["samples"])


def test_a_run_that_never_gets_further_is_given_up(city_officer):
    run = impact.start(draft_of("M05a"), by=city_officer)
    ImpactRun.objects.filter(pk=run.pk).update(found={**run.found, "tries": {"cursor": 0, "count": 5}})

    impact.work(run.pk)

    run.refresh_from_db()
    assert (run.status, run.problem) == ("failed", impact.STUCK)


def test_a_chunk_costs_the_same_queries_however_many_there_are(city_officer):
    draft = draft_of("M05a", bigger_and_sooner)
    counted = {}
    for size in (120, 60, 30):
        run = impact.start(draft, by=city_officer)
        with CaptureQueriesContext(connection) as queries:
            impact.work(run.pk, size=size)
        counted[SHOPS // size] = len(queries)

    assert counted[4] - counted[2] == 2 * 3
    assert counted[8] - counted[4] == 4 * 3


# Beginning, and drafts that change


@pytest.fixture
def small(catalogue_loaded):
    """Without a city: who may start a run, and which."""
    return draft_of("M05a", bigger_and_sooner)


def staff(name, *permissions, department="hrss"):
    user = User.objects.create_user(
        name, password="only-in-tests", is_staff=True, department=Department.objects.get(code=department)
    )
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return User.objects.get(pk=user.pk)


def test_those_who_write_or_publish_the_benefit_start_a_run_and_nobody_else(small):
    allowed = {
        "writes": staff("writes", "change_benefitversion"),
        "publishes": staff("publishes", "publish_benefitversion"),
        "reads": staff("reads", "view_benefitversion"),
        "of another bureau": staff("other", "change_benefitversion", department="tax"),
    }
    started = {}
    for name, user in allowed.items():
        try:
            started[name] = impact.start(small, by=user).status
        except PermissionDenied:
            started[name] = None

    assert started == {"writes": "running", "publishes": "running", "reads": None, "of another bureau": None}


def test_a_draft_that_is_no_rule_yet_is_refused_with_what_is_wrong(small, admin_user):
    small.content["criteria"]["all"][1]["op"] = "since"
    small.save()

    with pytest.raises(Refused, match="规则还读不出来，请先改好再算：条件 2"):
        impact.start(small, by=admin_user)
    assert ImpactRun.objects.count() == 0


def test_what_is_published_already_is_refused(small, admin_user):
    published = BenefitVersion.objects.get(benefit=small.benefit, number=1)

    with pytest.raises(Refused, match="已经发布过"):
        impact.start(published, by=admin_user)


def test_a_draft_that_would_never_decide_is_refused(small, admin_user):
    today = timezone.localdate()
    BenefitVersion.objects.create(
        benefit=small.benefit,
        number=3,
        content=small.content,
        status="published",
        effective_from=today - timedelta(days=1),
        published_by="system",
        published_at=timezone.now(),
    )

    with pytest.raises(Refused, match="发布了也不起作用"):
        impact.start(small, by=admin_user)
    small.effective_from = today
    small.save()
    assert impact.start(small, by=admin_user).found["before"]["number"] == 3


def test_dates_too_entangled_for_one_statement_fail_the_run_in_words(small, admin_user):
    Business.objects.create(name="店")
    date_leaf = small.content["criteria"]["all"][4]
    pairs = [{"any": [dict(date_leaf), dict(date_leaf)]} for _ in range(5)]
    small.content["criteria"] = {"all": pairs}
    small.save()

    run = computed(small, admin_user)

    assert (run.status, run.problem) == ("failed", impact.ENTANGLED)


def test_a_run_says_when_its_draft_is_another_by_now(small, admin_user):
    run = computed(small, admin_user)
    current = impact.outdated(run)
    small.content["parameters"]["grant"][0]["value"] = "7000"
    small.save()
    run = ImpactRun.objects.get()
    altered = impact.outdated(run)

    assert (current, altered) == ("", "草稿改过了，请重新计算。")


def test_another_day_of_effect_is_another_draft(small, admin_user):
    computed(small, admin_user)
    small.effective_from = date(2030, 1, 1)
    small.save()

    assert impact.outdated(ImpactRun.objects.get()) == impact.ALTERED


def test_a_run_of_a_draft_that_was_altered_does_not_go_on(small, admin_user):
    run = impact.start(small, by=admin_user)
    small.content["parameters"]["grant"][0]["value"] = "7000"
    small.save()

    impact.work(run.pk)

    run.refresh_from_db()
    assert (run.status, run.problem) == ("failed", impact.ALTERED)


def test_a_run_begun_anew_ends_the_one_of_the_older_draft(small, admin_user):
    first = impact.start(small, by=admin_user)
    small.content["parameters"]["grant"][0]["value"] = "7000"
    small.save()

    second = impact.start(small, by=admin_user)

    first.refresh_from_db()
    assert (first.status, first.problem, second.status) == ("failed", impact.STARTED_ANEW, "running")


def test_another_version_in_force_makes_a_run_outdated(small, admin_user):
    computed(small, admin_user)
    published = BenefitVersion.objects.get(benefit=small.benefit, number=1)
    publishing.withdraw(published, by=admin_user, reason="试")

    assert impact.outdated(ImpactRun.objects.get()) == impact.REPLACED


# Samples


def test_samples_are_of_every_kind_there_is_and_never_more_than_twenty():
    found = {"samples": {"new": rows(15), "gone": rows(2), "higher": rows(15), "lower": []}}

    kinds = [sample["change"] for sample in samples(found)]

    assert kinds == ["new"] * 9 + ["gone"] * 2 + ["higher"] * 9
    assert [sample["business"] for sample in samples(found)][:9] == list(range(9))


def rows(count):
    return [{"business": number} for number in range(count)]
