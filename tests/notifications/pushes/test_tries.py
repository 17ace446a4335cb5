"""A try of a chunk is counted before it is made, so that what kills its worker is not tried for ever. Who has counted
one makes it or gives it back, however many others are about to do the same."""

import pytest

from notifications import sweep
from notifications.pushes import pushing, runs

from ..register import draft, not_so, open_shop, publish, put_in_force, run_of, told

pytestmark = [pytest.mark.django_db(databases=["default", "postgres"]), pytest.mark.every_engine("locks")]


@pytest.fixture
def version(engine):
    """The second of its benefit, whose push is one chunk of everybody; nobody has begun it."""
    open_shop(1)
    first = publish()
    sweep.relay()
    return put_in_force(draft(first.benefit, amount={"fixed": "8000"}))


def between_counting_and_holding(monkeypatch, happens):
    reevaluate = pushing.reevaluate

    def after_that(source):
        monkeypatch.setattr(pushing, "reevaluate", reevaluate)
        happens()
        reevaluate(source)

    monkeypatch.setattr(pushing, "reevaluate", after_that)


def chunk_of(version):
    return run_of(version).chunks.get()


def test_a_push_that_was_given_up_while_its_last_try_was_about_to_be_made_goes_on(version, monkeypatch):
    seen = []

    def others_come():
        for _ in range(pushing.MOST_TRIES - 1):
            pushing._count_a_try(run_of(version).pk, 1)
        pushing.work(run_of(version).pk)
        seen.append(run_of(version).status)

    between_counting_and_holding(monkeypatch, others_come)
    sweep.relay()

    assert (seen, run_of(version).status) == (["failed"], "done")
    assert [kind for _, kind, _ in told()].count("amount") == 1
    assert not_so() == {}


def test_what_another_has_done_meanwhile_is_not_done_again(version, monkeypatch):
    between_counting_and_holding(monkeypatch, lambda: pushing.work(run_of(version).pk))

    with pytest.raises(pushing._TakenMeanwhile):
        pushing._next_chunks(run_of(version).pk)

    assert run_of(version).status == "done"
    assert set(run_of(version).chunks.values_list("tries", flat=True)) == {1}


def test_who_finds_a_chunk_cut_up_by_another_leaves_its_parts_untried(version, monkeypatch):
    def another_cuts_it_up():
        runs.cut(chunk_of(version))

    between_counting_and_holding(monkeypatch, another_cuts_it_up)
    sweep.relay()

    assert set(run_of(version).chunks.values_list("tries", flat=True)) == {1}
    assert run_of(version).status == "done"


def test_a_try_that_was_not_made_is_not_counted(version, monkeypatch):
    def somebody_holds_it(chunks):
        raise pushing._TakenMeanwhile

    monkeypatch.setattr(pushing, "_hold", somebody_holds_it)
    for _ in range(pushing.MOST_TRIES):
        with pytest.raises(pushing._TakenMeanwhile):
            pushing._next_chunks(run_of(version).pk)

    assert chunk_of(version).tries == 0


def test_a_push_that_was_cancelled_is_not_taken_up_by_a_try_that_was_counted_before(version, monkeypatch):
    between_counting_and_holding(monkeypatch, lambda: runs.finish(run_of(version), "cancelled"))
    sweep.relay()

    assert (chunk_of(version).done_at, run_of(version).status) == (None, "cancelled")
