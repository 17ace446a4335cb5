"""What publishing a draft would change, for a whole made-up city: the same as asking shop by shop, on both engines."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from authoring.impact import CHANGES, FIGURES, figures, totals
from businesses.models import Business
from businesses.register import profile_of
from businesses.registry import business_registry
from eligibility.holdings import held_by, hold
from eligibility.models import Holding
from policies.catalogue import catalogue
from policies.criteria.rules import read_rule
from policies.criteria.states import assess_all
from policies.models import Benefit, BenefitVersion, PolicyDocument
from tests.measures import load_catalogue
from tests.standing import BOTH, stands

from . import impact_city
from .impact_city import SHOPS, bigger_and_sooner, computed, draft_of

both_engines = pytest.mark.django_db(databases=["default", "postgres"])
pytestmark = pytest.mark.every_engine("SQL")
FITS = ("now", "auto")


def _build():
    """A city, and somebody who may everything in it."""
    load_catalogue()
    extend_the_notice_on_insurance()
    impact_city.build()
    User.objects.create_superuser("officer", password="only-in-tests")


_built = stands(_build, BOTH)


@pytest.fixture
def officer(_built, engine):
    return User.objects.get(username="officer")


def extend_the_notice_on_insurance():
    """What rests on it may be had after 2025 again, once a version says so."""
    notice = PolicyDocument.objects.get(code="mohrss-2024-40")
    notice.effective_to = None
    notice.save()


@pytest.fixture
def city_officer(_built, db):
    """The same on the default engine alone."""
    return User.objects.get(username="officer")


def lower_cap(content):
    content["parameters"]["cap"][0]["value"] = "400"


def open_again_to_all(content):
    content["criteria"] = {"all": [{"use": "operating"}]}
    content["window"] = None
    content["parameters"]["ratio"] = [{"value": "0.60"}]


def for_anybody_but_less(content):
    content["criteria"] = {"all": [{"use": "operating"}]}
    content["parameters"]["limit"][0]["value"] = "200000"


def not_in_one_district(content):
    only = {"fact": "district", "op": "ne", "value": "520281", "clause": "试", "origin": "source"}
    content["criteria"]["all"] = [*(content["criteria"].get("all") or ()), only]


# One by one


def city(day):
    """[(shop, its facts, codes of what it has)], asked of every shop for itself."""
    return [(shop, profile_of(shop), held_by(shop, day)) for shop in Business.objects.order_by("pk")]


def one_by_one(draft, day, shops=None):
    """What a run should find: figures by place and the samples of each change, by assessing every shop. ``shops``: the
    city, where it was asked for before."""
    after = read_rule(draft.content, registry=business_registry(), code=draft.benefit.code, number=2)
    published = catalogue().benefits[draft.benefit.code].in_force_on(day)
    places, changed = {}, {change: [] for change in CHANGES}
    for shop, profile, held in shops or city(day):
        if after.code in held:
            continue
        sides = [told(rule, profile, day) for rule in (published and published.rule, after)]
        change = change_between(*sides)
        if change:
            changed[change].append(shop.pk)
        if any(state for state, _, _ in sides):
            place = places.setdefault(
                (shop.district or "", shop.business_type or ""), dict.fromkeys(FIGURES, 0)
            )
            count(place, sides, change)
    return places, changed


def told(rule, profile, day):
    """(state, all the money in fen, its part in the first year) of a rule, None where it gives nothing."""
    if rule is None:
        return None, None, None
    (found,) = assess_all([rule], profile, day)
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


CASES = {
    "M05a": (bigger_and_sooner, {"new", "higher"}),
    "M05c": (lower_cap, {"lower"}),
    "M01b": (open_again_to_all, {"new"}),
    "M01c": (for_anybody_but_less, {"new", "lower"}),
    "M04a": (not_in_one_district, {"gone"}),
    "M06a": (not_in_one_district, {"gone"}),
}


@both_engines
def test_a_run_finds_what_asking_shop_by_shop_finds(officer):
    kinds, shops = {}, city(timezone.localdate())
    for code, (change, _) in CASES.items():
        draft = draft_of(code, change)

        run = computed(draft, officer, size=70)

        places, changed = one_by_one(draft, run.day, shops)
        assert (run.day, run.status, run.problem, run.found["shops"]) == (
            timezone.localdate(),
            "done",
            "",
            SHOPS,
        ), code
        assert figures(run.found) == places, code
        assert sampled(run) == {change: ids[:20] for change, ids in changed.items()}, code
        kinds[code] = {change for change in CHANGES if totals(run.found)[change]}
    assert kinds == {code: changes for code, (_, changes) in CASES.items()}


@both_engines
def test_a_benefit_without_a_version_in_force_is_new_for_whoever_fits(officer):
    published = BenefitVersion.objects.get(benefit__code="M05a")
    benefit = Benefit.objects.create(
        code="M05z",
        measure=published.benefit.measure,
        document=published.benefit.document,
        title="新",
        kind="startup_subsidy",
        delivery="apply",
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


def test_nothing_changes_while_the_document_is_suspended(city_officer):
    draft = draft_of("M05a", bigger_and_sooner)
    document = PolicyDocument.objects.get(code="liupanshui-2025-draft")
    document.status = PolicyDocument.Status.SUSPENDED
    document.save()

    run = computed(draft, city_officer)

    assert (run.status, run.found["shops"], run.found["cells"]) == ("done", SHOPS, {})
