"""What publishing a draft would change, for a whole made-up city: the same as asking shop by shop, on both engines."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Department, User
from businesses.models import Business
from businesses.register import profile_of
from businesses.registry import business_registry
from core.errors import Refused
from eligibility import impact, publishing
from eligibility.catalogue import catalogue
from eligibility.holdings import held_by, hold
from eligibility.impact import CHANGES, FIGURES, figures, samples, totals
from eligibility.loading import load_measures
from eligibility.models import Holding, ImpactRun
from eligibility.tasks import go_on_with_impact, work_on_impact
from policies.criteria.rules import read_rule
from policies.criteria.states import assess_all
from policies.measures_file import DEFAULT_PATH
from policies.models import Benefit, BenefitVersion, PolicyDocument

both_engines = pytest.mark.django_db(databases=["default", "postgres"])
SHOPS = 240
FITS = ("now", "auto")


@pytest.fixture
def city(engine):
    load_measures(DEFAULT_PATH)
    call_command("generate_businesses", SHOPS, seed=3, verbosity=0)


@pytest.fixture
def officer(city):
    return User.objects.create_superuser("officer", password="only-in-tests")


def draft_of(code, change=lambda content: None, **values):
    """A draft from the version in force with some of its content changed."""
    based_on = BenefitVersion.objects.get(benefit__code=code)
    draft = BenefitVersion(benefit=based_on.benefit, number=2, content=based_on.content, **values)
    change(draft.content)
    draft.save()
    return draft


def bigger_and_sooner(content):
    content["parameters"]["grant"][0]["value"] = "6000"
    content["parameters"]["operating_for"][0]["value"] = {"months": 6}


def lower_cap(content):
    content["parameters"]["cap"][0]["value"] = "400"


def stricter_and_more(content):
    content["parameters"]["layoff_small"][0]["value"] = "0.05"
    content["parameters"]["ratio"] = [{"value": "0.80"}]


def for_anybody_but_less(content):
    content["criteria"] = {"all": [{"use": "operating"}]}
    content["parameters"]["limit"][0]["value"] = "200000"


def not_in_one_district(content):
    only = {"fact": "district", "op": "ne", "value": "520281", "clause": "试", "origin": "source"}
    content["criteria"]["all"] = [*(content["criteria"].get("all") or ()), only]


def computed(draft, by, **options):
    """The run of a draft, worked on to its end."""
    run = impact.start(draft, by=by)
    impact.work(run.pk, **options)
    run.refresh_from_db()
    return run


# One by one


def one_by_one(draft, day):
    """What a run should find: figures by place and the samples of each change, by assessing every shop."""
    after = read_rule(draft.content, registry=business_registry(), code=draft.benefit.code, number=2)
    published = catalogue().benefits[draft.benefit.code].in_force_on(day)
    places, changed = {}, {change: [] for change in CHANGES}
    for shop in Business.objects.order_by("pk"):
        if after.code in held_by(shop, day):
            continue
        sides = [told(rule, shop, day) for rule in (published and published.rule, after)]
        change = change_between(*sides)
        if change:
            changed[change].append(shop.pk)
        if any(state for state, _, _ in sides):
            place = places.setdefault(
                (shop.district or "", shop.business_type or ""), dict.fromkeys(FIGURES, 0)
            )
            count(place, sides, change)
    return places, changed


def told(rule, shop, day):
    """(state, all the money in fen, its part in the first year) of a rule, None where it gives nothing."""
    if rule is None:
        return None, None, None
    (found,) = assess_all([rule], profile_of(shop), day)
    if found.state not in (*FITS, "soon"):
        return None, None, None
    if rule.is_tax or not rule.is_money:
        return found.state, None, None
    amount = found.amount
    if amount.unit != "month":
        return found.state, fen(amount.value), fen(amount.value)
    monthly = rule.amount.cap.on(day) if amount.value is None else amount.value
    return found.state, fen(amount.maximum), fen(min(monthly * 12, amount.maximum))


def fen(yuan):
    return None if yuan is None else int(yuan * 100)


def change_between(before, after):
    fitted, fits = before[0] in FITS, after[0] in FITS
    if fits != fitted:
        return "new" if fits else "gone"
    if not fits or None in (before[1], after[1]) or before[1] == after[1]:
        return None
    return "higher" if after[1] > before[1] else "lower"


def count(place, sides, change):
    if change:
        place[change] += 1
    for name, (state, total, year) in zip(("before", "after"), sides, strict=True):
        place[f"soon_{name}"] += state == "soon"
        if state in FITS:
            place[f"fit_{name}"] += 1
            place[f"untold_{name}"] += total is None
            place[f"total_{name}"] += total or 0
            place[f"year_{name}"] += year or 0


def sampled(run):
    return {change: [row["business"] for row in rows] for change, rows in run.found["samples"].items()}


@both_engines
@pytest.mark.parametrize(
    ("code", "change", "changes"),
    [
        ("M05a", bigger_and_sooner, {"new", "higher"}),
        ("M05c", lower_cap, {"lower"}),
        ("M01b", stricter_and_more, {"gone", "higher"}),
        ("M01c", for_anybody_but_less, {"new", "lower"}),
        ("M04a", not_in_one_district, {"gone"}),
        ("M06a", not_in_one_district, {"gone"}),
    ],
)
def test_a_run_finds_what_asking_shop_by_shop_finds(officer, code, change, changes):
    draft = draft_of(code, change)

    run = computed(draft, officer, size=70)

    places, changed = one_by_one(draft, run.day)
    assert (run.status, run.problem, run.found["shops"]) == ("done", "", SHOPS)
    assert figures(run.found) == places
    assert sampled(run) == {change: ids[:20] for change, ids in changed.items()}
    assert {change for change in CHANGES if totals(run.found)[change]} == changes


@both_engines
def test_a_benefit_without_a_version_in_force_is_new_for_whoever_fits(officer):
    published = BenefitVersion.objects.get(benefit__code="M05a")
    benefit = Benefit.objects.create(
        code="M05z", measure=published.benefit.measure, title="新", kind="startup_subsidy", delivery="apply"
    )
    content = {**published.content, "excludes": []}
    draft = BenefitVersion.objects.create(benefit=benefit, number=1, content=content)

    run = computed(draft, officer)

    places, changed = one_by_one(draft, run.day)
    found = totals(run.found)
    assert (run.status, figures(run.found)) == ("done", places)
    assert (found["fit_before"], found["new"]) == (0, found["fit_after"])
    assert found["new"] == len(changed["new"]) > 0
    assert run.found["before"] == {"number": None, "unit": None, "measure": "none"}


@both_engines
def test_a_draft_of_a_later_day_is_compared_on_that_day(officer):
    later = timezone.localdate() + timedelta(days=200)
    draft = draft_of("M05a", bigger_and_sooner, effective_from=later)

    run = computed(draft, officer)

    assert (run.day, figures(run.found)) == (later, one_by_one(draft, later)[0])


@both_engines
def test_shops_that_have_the_benefit_are_left_out_of_both_sides(officer):
    draft = draft_of("M05a", bigger_and_sooner)
    before = totals(computed(draft, officer).found)
    fitting = Business.objects.filter(pk__in=sampled(draft.impact_runs.get())["higher"])
    granted, refused, over = fitting.order_by("pk")[:3]
    yesterday = timezone.localdate() - timedelta(days=1)
    hold(granted, draft.benefit, Holding.Kind.GRANTED)
    hold(refused, draft.benefit, Holding.Kind.DECLINED)
    hold(over, draft.benefit, Holding.Kind.ENJOYED, since=yesterday, until=yesterday)

    run = computed(draft, officer)

    counted = 1 + Business.objects.filter(operator=granted.operator).exclude(pk=granted.pk).count()
    assert figures(run.found) == one_by_one(draft, run.day)[0]
    assert before["fit_after"] - counted <= totals(run.found)["fit_after"] < before["fit_after"]


@both_engines
def test_nothing_changes_while_the_document_is_suspended(officer):
    draft = draft_of("M05a", bigger_and_sooner)
    document = PolicyDocument.objects.get()
    document.status = PolicyDocument.Status.SUSPENDED
    document.save()

    run = computed(draft, officer)

    assert (run.status, run.found["shops"], run.found["cells"]) == ("done", SHOPS, {})


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


@both_engines
def test_starting_again_goes_on_with_what_a_dead_worker_left(officer):
    draft = draft_of("M05a", bigger_and_sooner)
    whole = computed(draft, officer)
    run = impact.start(draft, by=officer)
    with pytest.raises(Killed):
        impact.work(run.pk, size=50, tell=die_after(1))

    again = impact.start(draft, by=officer)
    work_on_impact(again.pk)

    run.refresh_from_db()
    assert (again.pk, run.status, run.found["cells"]) == (run.pk, "done", whole.found["cells"])


@both_engines
def test_two_workers_count_no_chunk_twice(officer):
    draft = draft_of("M05a", bigger_and_sooner)
    whole = computed(draft, officer)
    run = impact.start(draft, by=officer)

    def another_comes(run):  # after each chunk of the first: it takes the next, and the first finds it taken
        impact.work(run.pk, size=50, tell=die_after(1))

    with pytest.raises(Killed):
        impact.work(run.pk, size=50, tell=another_comes)
    impact.work(run.pk, size=50)

    run.refresh_from_db()
    assert (run.status, run.found["shops"], run.found["cells"]) == ("done", SHOPS, whole.found["cells"])


@both_engines
def test_a_worker_that_finds_its_chunk_taken_leaves_the_rest_to_the_other(officer):
    run = impact.start(draft_of("M05a"), by=officer)
    told = []

    def the_other_takes_one(run):
        told.append(run.cursor)
        with pytest.raises(Killed):
            impact.work(run.pk, size=50, tell=die_after(1))

    impact.work(run.pk, size=50, tell=the_other_takes_one)

    run.refresh_from_db()
    assert (len(told), run.status, run.found["shops"]) == (1, "running", 100)


@both_engines
def test_a_run_that_never_gets_further_is_given_up(officer):
    run = impact.start(draft_of("M05a"), by=officer)
    ImpactRun.objects.filter(pk=run.pk).update(found={**run.found, "tries": {"cursor": 0, "count": 5}})

    impact.work(run.pk)

    run.refresh_from_db()
    assert (run.status, run.problem) == ("failed", impact.STUCK)


@both_engines
def test_a_chunk_costs_the_same_queries_however_many_there_are(officer):
    draft = draft_of("M05a", bigger_and_sooner)
    counted = {}
    for size in (120, 60, 30):
        run = impact.start(draft, by=officer)
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
