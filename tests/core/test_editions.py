"""What is kept in memory of a state of the database belongs to that state, whoever asks at the same time."""

from itertools import count

import pytest
from django.core.exceptions import ObjectDoesNotExist

from core.latest import Latest
from core.models import Edition, EditionManager, forget_editions

pytestmark = pytest.mark.django_db


def meanwhile(monkeypatch, happens):
    """``happens`` between the moment in which editions are read and the one in which they are remembered."""
    read = EditionManager.values_list

    def read_and_wait(manager, *names):
        rows = list(read(manager, *names))
        monkeypatch.setattr(EditionManager, "values_list", read)
        happens()
        return rows

    monkeypatch.setattr(EditionManager, "values_list", read_and_wait)


def committed_by_another(name, token):
    Edition.objects.update_or_create(name=name, defaults={"token": token})
    forget_editions()


def test_what_was_read_before_a_change_is_not_remembered_after_it(monkeypatch):
    committed_by_another("catalogue", 1)
    meanwhile(monkeypatch, lambda: committed_by_another("catalogue", 2))

    first = Edition.objects.current("catalogue")

    assert (first, Edition.objects.current("catalogue")) == (1, 2)


def test_what_was_read_beside_another_reader_is_remembered_once(monkeypatch, django_assert_num_queries):
    committed_by_another("catalogue", 1)
    meanwhile(monkeypatch, lambda: Edition.objects.current("catalogue"))
    Edition.objects.current("catalogue")

    with django_assert_num_queries(0):
        assert Edition.objects.current("catalogue") == 1


def test_who_asks_for_one_key_while_another_is_made_is_given_what_belongs_to_it():
    latest = Latest()

    assert (
        latest.of("old", lambda: (latest.of("new", lambda: "made for new"), "made for old")[1])
        == "made for old"
    )
    assert latest.of("new", lambda: "made again") == "made again"


def test_one_thing_is_kept_until_another_is_asked_for():
    latest, numbers = Latest(), count()

    found = [latest.of(key, numbers.__next__) for key in ("a", "a", "b", "b", "a")]

    assert found == [0, 0, 1, 1, 2]


def test_what_cannot_be_made_leaves_what_was_kept():
    latest = Latest()
    latest.of("kept", lambda: "there")

    with pytest.raises(ObjectDoesNotExist):
        latest.of("other", lambda: Edition.objects.get(name="none"))

    assert latest.of("kept", lambda: "made again") == "there"
