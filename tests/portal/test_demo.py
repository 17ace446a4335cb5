"""What `make run` makes to try things with: people, a small city, its services at every stage, once and whole."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from accounts.models import User
from cases.models import Case
from needs.models import Answer
from notifications import sweep
from portal import demo, demo_services
from portal.management.commands import demo as command
from services.models import Leg, Offering, Slot
from tests.services import world

pytestmark = pytest.mark.django_db
CITY = 90


def make(**options):
    said = StringIO()
    call_command("demo", city=CITY, stdout=said, **options)
    return said.getvalue()


@pytest.fixture(scope="module")
def city(_measures, django_db_setup, django_db_blocker):
    """The whole of it, once for the module; what it says."""
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(DEBUG=True):
        yield make()
        transaction.set_rollback(True)


def counts():
    """How many rows there are of everything."""
    return {
        model._meta.label: model._base_manager.count() for model in apps.get_models() if model._meta.managed
    }


def states_of(phone):
    rows = Case.objects.filter(begun_by=User.objects.with_phone(phone)).exclude(procedure="subsidy")
    return sorted(rows.values_list("request__offering__code", "state"))


def test_everybody_who_is_named_can_sign_in(city):
    for person in (*demo.STAFF, *demo_services.STAFF):
        user = User.objects.get(username=person.username)
        assert user.check_password(demo.PASSWORD)
        assert sorted(group.name for group in user.groups.all()) == sorted(person.roles)
        assert person.username in city
    for phone in (*(shop.phone for shop in demo.SHOPS if shop.phone), demo_services.MENTOR):
        assert User.objects.with_phone(phone) is not None
        assert phone in city


def test_every_service_is_there_and_has_times_where_it_needs_them(city):
    assert set(demo_services.TIMES) <= set(Offering.objects.values_list("code", flat=True))
    for code, series in demo_services.TIMES.items():
        rows = Slot.objects.filter(offering__code=code)
        assert {row.capacity for row in rows} == {series["capacity"]}, code
        assert rows.filter(pk__in=Slot.objects.ahead()).exists(), code


def test_the_classes_are_as_full_as_they_should_be(city):
    first = {code: demo_services._first(code) for code in ("class-live", "pickers-tea")}

    assert [(row.taken, row.left) for row in first.values()] == [(11, 1), (5, 25)]


def test_the_two_owners_have_something_at_every_stage(city):
    first, second = (shop.phone for shop in demo.SHOPS[:2])

    assert states_of(first) == [
        ("finance-a", "open"),
        ("mentor", "booked"),
        ("need", "answered"),
        ("studio", "excused"),
    ]
    assert states_of(second) == [("mentor", "waiting"), ("studio", "offered")]
    loan = Case.objects.get(request__offering__code="finance-a", begun_by=User.objects.with_phone(first))
    assert sorted(loan.request.legs.values_list("state", flat=True)) == ["no_help", "sent"]


def test_the_board_and_the_answers_have_something_to_show(city):
    closed = Leg.objects.filter(request__offering__code__in=demo_services.CLOSED, closed_at__isnull=False)

    assert Answer.objects.published().count() == len(demo_services.ANSWERS)
    assert closed.count() >= demo_services.OF_EACH * len(demo_services.CLOSED)


def test_all_of_it_is_as_it_must_be(city):
    sweep.relay()

    assert world.faults() == []


def test_a_second_run_adds_nothing(city, settings):
    settings.DEBUG = True
    before = counts()

    said = make()
    demo_services.create_services()

    assert counts() == before
    assert said == city


def test_nothing_is_started_where_all_of_it_is_there(city, settings, monkeypatch):
    settings.DEBUG = True
    monkeypatch.setattr(command.subprocess, "Popen", None)

    assert make(later=True) == city
