"""Publish a rule, and the owners it fits have a message: once, whatever happens, and nobody else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import agree
from accounts.models import User
from businesses.models import Binding, Business
from core.errors import Refused
from eligibility import holdings, verifying
from eligibility.matches import match_store
from eligibility.models import Match
from notifications import sweep
from notifications.models import (
    Change,
    KillSwitch,
    Notification,
    OptOut,
    Outbox,
    PushChunk,
    Touched,
)
from notifications.pushes import fact_changes, pushing, reevaluation, runs, telling

from .. import register
from ..register import (
    IN_DISTRICT,
    OLD_ENOUGH,
    TODAY,
    add_benefit,
    decisions,
    months_ago,
    not_so,
    open_shop,
    publish,
    put_in_force,
    run_of,
    told,
)

pytestmark = [pytest.mark.django_db(databases=["default", "postgres"]), pytest.mark.every_engine("locks")]


@pytest.fixture(autouse=True)
def on_each_engine(engine):
    """Every test runs on SQLite and on PostgreSQL."""


def test_whoever_fits_a_published_version_has_one_message_and_the_others_none():
    open_shop(1, district="520201")
    open_shop(2, district="520203")
    open_shop(3)

    version = publish(criteria={"all": [IN_DISTRICT]})
    sweep.relay()

    assert told() == [("演示店001", "new", TODAY()), ("演示店003", "new", TODAY())]
    run = run_of(version)
    assert (run.status, run.matched, run.told) == ("done", 2, 2)
    assert not_so() == {}


def test_a_shop_that_fits_later_is_told_from_when():
    open_shop(1, registered_on=months_ago(7).isoformat())

    version = publish(criteria={"all": [OLD_ENOUGH]})
    sweep.relay()

    assert told() == [("演示店001", "soon", TODAY())]
    match = Match.objects.get()
    assert (match.state, match.eligible_from) == (3, months_ago(7).replace(year=months_ago(7).year + 1))
    assert match.version_id == version.pk


def test_an_operator_with_two_shops_is_told_once_and_both_shops_are_matched():
    open_shop(1, person=1)
    open_shop(2, person=1)

    publish()
    sweep.relay()

    assert told() == [("演示店001", "new", TODAY())]
    assert Match.objects.open().count() == 2


def test_a_shop_without_a_known_operator_is_matched_and_nobody_is_told():
    Business.objects.filter(pk=open_shop(1).pk).update(operator=None)
    sweep.relay()

    publish()
    sweep.relay()

    assert (Match.objects.count(), Notification.objects.count()) == (1, 0)
    assert not_so() == {}


def test_a_finished_push_done_again_writes_nothing():
    open_shop(1)
    version = publish()
    sweep.relay()

    assert pushing.work(run_of(version).pk) is True
    begun, created = runs.begin(version, "policy", TODAY())

    assert (begun.pk, created) == (run_of(version).pk, False)
    assert Notification.objects.count() == 1


def test_a_service_is_pushed_only_where_its_version_says_so():
    open_shop(1)
    publish("T01a", amount={"none": None}, kind="training", delivery="service")
    publish("T01b", amount={"none": None}, kind="training", delivery="service", push=True)
    sweep.relay()

    assert [row.benefit.code for row in Notification.objects.all()] == ["T01b"]


# Who is left out


def test_what_is_held_or_applied_for_is_not_pushed():
    first, second = open_shop(1, person=1), open_shop(2, person=1)
    open_shop(3)
    version = add_benefit(once_per_person=True)
    put_in_force(version)
    holdings.hold(first, version.benefit, "applied")
    sweep.relay()

    assert told() == [("演示店003", "new", TODAY())]
    assert not Match.objects.open().filter(business__in=[first, second]).exists()
    assert not_so() == {}


def test_applying_closes_the_decision_without_a_message_and_a_refusal_opens_it_again():
    shop = open_shop(1)
    version = publish()
    sweep.relay()

    holding = holdings.hold(shop, version.benefit, "applied")
    sweep.relay()
    assert (decisions(), told()) == ({}, [("演示店001", "new", TODAY())])

    holdings.hold(shop, version.benefit, "declined")
    sweep.relay()
    assert len(decisions()) == 1
    assert holding.pk is not None
    assert not_so() == {}


def test_what_was_received_before_closes_the_decision_without_a_message():
    shop = open_shop(1, startup_subsidy_received=False)
    held = {"fact": "startup_subsidy_received", "op": "eq", "value": False, "held": True}
    publish(criteria={"all": [held]})
    sweep.relay()

    register.tell_of(shop, startup_subsidy_received=True)
    sweep.relay()

    assert (decisions(), told()) == ({}, [("演示店001", "new", TODAY())])


@pytest.mark.parametrize(
    "silence", [{}, {"kind": 1}, {"benefit": True}, {"benefit": True, "kind": 1}], ids=str
)
def test_who_does_not_want_to_hear_of_it_is_matched_and_not_told(silence):
    shop, _ = open_shop(1), open_shop(2)
    version = add_benefit()
    row = OptOut(operator=shop.operator, kind=silence.get("kind"))
    row.benefit = version.benefit if silence.get("benefit") else None
    row.save()

    put_in_force(version)
    sweep.relay()

    assert told() == [("演示店002", "new", TODAY())]
    assert Match.objects.open().count() == 2
    assert not_so() == {}


def test_a_silence_about_something_else_or_ended_changes_nothing():
    shop = open_shop(1)
    other = add_benefit("T01b")
    version = add_benefit()
    OptOut.objects.create(operator=shop.operator, benefit=other.benefit)
    OptOut.objects.create(operator=shop.operator, kind=2)
    # Ended: of everything, of this benefit, of news, and of news about this benefit.
    for benefit in (None, version.benefit):
        for kind in (None, Change.NEW):
            OptOut.objects.create(operator=shop.operator, benefit=benefit, kind=kind, ended_at=timezone.now())

    put_in_force(version)
    sweep.relay()

    assert told() == [("演示店001", "new", TODAY())]


def test_only_who_has_bound_the_shop_and_agreed_is_to_be_told_outside():
    shop, bound, _ = open_shop(1), open_shop(2), open_shop(3)
    agreed, quiet = (User.objects.create(username=name) for name in ("甲", "乙"))
    Binding.objects.create(business=shop, user=agreed)
    Binding.objects.create(business=bound, user=quiet)
    agree(agreed, "push")

    publish()
    sweep.relay()

    assert Notification.objects.count() == 3
    queued = Outbox.objects.values_list("user", "notification__business__name")
    assert list(queued) in ([], [(agreed.pk, "演示店001")])  # gathered at once where a relay gathers


# Staff hold it in hand


def test_a_paused_push_goes_on_where_it_stopped(admin, monkeypatch):
    monkeypatch.setattr(runs, "CHUNK", 2)
    for place in range(1, 8):
        open_shop(place)
    sweep.relay()
    version = publish()
    run = run_of(version)
    pushing._next_chunks(run.pk)
    pushing._next_chunks(run.pk)
    runs.pause(run, by=admin)
    before = Notification.objects.count()

    sweep.relay()
    assert (Notification.objects.count(), run_of(version).status) == (before, "paused")

    runs.resume(run, by=admin)
    sweep.relay()
    assert (Notification.objects.count(), run_of(version).status) == (7, "done")
    assert not_so() == {}


def test_a_cancelled_push_tells_nobody_more_and_still_stores_what_is_right(admin, monkeypatch):
    monkeypatch.setattr(runs, "CHUNK", 2)
    for place in range(1, 8):
        open_shop(place)
    sweep.relay()
    version = publish()
    run = run_of(version)
    pushing._next_chunks(run.pk)
    pushing._next_chunks(run.pk)
    before = Notification.objects.count()

    runs.cancel(run, by=admin)
    sweep.relay()

    assert (Notification.objects.count(), run_of(version).status) == (before, "cancelled")
    assert Match.objects.open().count() == 7
    assert not_so() == {}


def test_what_cannot_be_done_now_is_refused_in_words(admin):
    open_shop(1)
    version = publish()
    sweep.relay()

    for verb in (runs.pause, runs.resume, runs.cancel):
        with pytest.raises(Refused, match="刷新页面"):
            verb(run_of(version), by=admin)


def test_the_kill_switch_stops_everything_and_releasing_it_loses_nothing(admin):
    shop = open_shop(1)
    runs.stop_everything("发错了", by=admin)
    version = publish()
    sweep.relay()
    register.tell_of(shop, employees=2)
    sweep.relay()
    assert (Notification.objects.count(), run_of(version).status) == (0, "running")

    runs.release_everything(by=admin)
    sweep.relay()

    assert told() == [("演示店001", "new", TODAY())]
    assert (KillSwitch.objects.count(), Touched.objects.count()) == (0, 0)
    assert not_so() == {}


def test_a_chunk_that_cannot_be_done_is_told_and_the_others_arrive(admin, monkeypatch):
    monkeypatch.setattr(runs, "CHUNK", 1)
    shops = [open_shop(place) for place in range(1, 4)]
    sweep.relay()
    version = publish()
    run = run_of(version)
    broken_chunk = run.chunks.get(lo=shops[1].operator_id)
    whole = telling.tell

    def fails_on_one(run, *arguments, **options):
        told = whole(run, *arguments, **options)
        # A number that no column holds.
        return 10**30 if Notification.objects.filter(run=run, operator=broken_chunk.lo).exists() else told

    monkeypatch.setattr(reevaluation, "tell", fails_on_one)
    for _ in range(5):
        sweep.relay()

    assert run_of(version).status == "failed"
    assert [name for name, _, _ in told()] == ["演示店001", "演示店003"]
    assert PushChunk.objects.get(pk=broken_chunk.pk).problem != ""

    monkeypatch.setattr(reevaluation, "tell", whole)
    runs.resume(run_of(version), by=admin)
    sweep.relay()
    assert [name for name, _, _ in told()] == ["演示店001", "演示店002", "演示店003"]
    assert not_so() == {}


@pytest.fixture
def few_fit(monkeypatch):
    """Forty shops in ten chunks of which three fit, and what ``spans`` of chunks were done together."""
    monkeypatch.setattr(runs, "CHUNK", 4)
    for place in range(1, 41):
        open_shop(place, district="520201" if place in (5, 22, 39) else "520203")
    sweep.relay()
    spans, hold = [], pushing._hold

    def noted(chunks):
        held = hold(chunks)
        spans.append(len(held))
        return held

    monkeypatch.setattr(pushing, "_hold", noted)
    return spans


FITTING = ["演示店005", "演示店022", "演示店039"]


def test_where_few_fit_several_chunks_are_done_as_one(few_fit, monkeypatch):
    version = publish(criteria={"all": [IN_DISTRICT]})
    monkeypatch.setattr(runs, "CHUNK", 40)  # so many fewer than a transaction may write; the ledger stands
    sweep.relay()

    run = run_of(version)
    assert few_fit[0] == 1
    assert max(few_fit) > 1
    assert sum(few_fit) == run.chunks.exclude(done_at=None).count() == run.chunks.count() == 11
    assert (run.status, run.matched, [name for name, _, _ in told()]) == ("done", 3, FITTING)
    assert not_so() == {}


def test_a_chunk_that_cannot_be_done_is_found_among_those_done_with_it(few_fit, admin, monkeypatch):
    version = publish(criteria={"all": [IN_DISTRICT]})
    monkeypatch.setattr(runs, "CHUNK", 40)
    whole, broken = pushing._shops_of, run_of(version).chunks.order_by("lo")[6]

    def fails_on_one(run, span, subject):
        if 0 <= span.lo <= broken.lo and (span.hi is None or broken.lo < span.hi):
            raise ValueError("not these")
        return whole(run, span, subject)

    monkeypatch.setattr(pushing, "_shops_of", fails_on_one)
    for _ in range(10):
        sweep.relay()

    left = run_of(version).chunks.filter(done_at=None)
    assert [chunk.pk for chunk in left] == [broken.pk]
    monkeypatch.setattr(pushing, "_shops_of", whole)
    runs.resume(run_of(version), by=admin)
    sweep.relay()
    assert [name for name, _, _ in told()] == FITTING
    assert not_so() == {}


def test_where_a_shops_own_change_was_faster_the_push_passes_over_it():
    shop, _ = open_shop(1), open_shop(2)
    sweep.relay()
    version = publish()
    fact_changes.touch([shop.pk])
    fact_changes.follow_facts()  # judges by what is in force, before the push has come to it

    sweep.relay()

    assert told() == [("演示店001", "new", TODAY()), ("演示店002", "new", TODAY())]
    assert (run_of(version).told, run_of(version, "profile").told) == (1, 1)
    assert not_so() == {}


def test_a_transaction_that_decides_does_not_wait_for_the_disk(engine):
    setting, for_none = (
        ("SHOW synchronous_commit", "off") if engine == "postgres" else ("PRAGMA synchronous", 1)
    )
    with connection.cursor() as cursor:
        if engine == "postgres":
            cursor.execute("SET LOCAL synchronous_commit = on")  # as production has it; SQLite never waits
        match_store.lock()
        cursor.execute(setting)
        assert cursor.fetchone() == (for_none,)


def test_the_number_of_queries_of_a_push_does_not_grow_with_the_shops():
    publish("T01z")
    sweep.relay()  # makes the tables that each connection has for itself
    counts = []
    for start, count in ((1, 3), (10, 30)):
        for place in range(start, start + count):
            open_shop(place)
        sweep.relay()
        version = publish(f"T01{'ab'[len(counts)]}")
        with CaptureQueriesContext(connection) as queries:
            pushing.work(run_of(version).pk)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_dates_too_entangled_for_one_statement_are_looked_at_one_by_one():
    open_shop(1, registered_on=months_ago(30).isoformat(), left_school_on="2020-07-01", born_on="1990-01-01")
    open_shop(2, registered_on=months_ago(2).isoformat(), left_school_on="2020-07-01", born_on="1990-01-01")
    dates = ("registered_on", "left_school_on", "born_on")
    pairs = [
        {"any": [{"fact": fact, "op": "at_least_ago", "value": {"months": months}} for fact in dates]}
        for months in (12, 18, 24)
    ]

    publish(
        criteria={"all": [*pairs, {"fact": "registered_on", "op": "at_least_ago", "value": {"years": 2}}]}
    )
    sweep.relay()

    assert [name for name, kind, _ in told() if kind == "new"] == ["演示店001"]
    (subject,) = verifying.subjects()
    assert list(verifying.wrong_one_by_one(subject)) == []
    assert not_so() == {}


def test_every_stored_decision_on_a_made_up_city_is_what_each_shop_is_told_on_its_page():
    register.load_city()

    wrong = {
        subject.benefit_id: list(verifying.wrong_one_by_one(subject)) for subject in verifying.subjects()
    }

    assert wrong == {subject.benefit_id: [] for subject in verifying.subjects()}
    assert Match.objects.count() > 100
    assert not_so() == {}


def test_of_two_of_which_one_can_be_had_applying_for_one_closes_both_without_a_message():
    """And so does its payment, by which the fact that the other asks for becomes false."""
    shop = open_shop(1, startup_subsidy_received=False)
    not_received = {"fact": "startup_subsidy_received", "op": "eq", "value": False}
    one = publish("T01a", excludes=["T01b"], criteria={"all": [{**not_received, "held": True}]})
    publish("T01b", excludes=["T01a"], criteria={"all": [not_received]})
    sweep.relay()
    before = told()

    holdings.hold(shop, one.benefit, "applied")
    sweep.relay()
    assert (decisions(), told()) == ({}, before)

    holdings.hold(shop, one.benefit, "enjoyed")
    register.tell_of(shop, startup_subsidy_received=True)
    sweep.relay()
    assert (decisions(), told()) == ({}, before)
    assert not_so() == {}
