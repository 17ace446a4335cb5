"""What the portal is tried with: overlapping windows of two bureaus, a visit next week, one that was paid and is to be
rated."""

from io import StringIO

import pytest
from django.core.management import call_command

from cases.models import Rating
from portal import demo, demo_services, demo_visits
from visits.models import VisitCase

from . import world

pytestmark = pytest.mark.django_db


def test_the_demo_has_a_visit_in_every_situation_and_a_second_run_adds_nothing(settings, catalogue_loaded):
    settings.DEBUG = True
    call_command("demo", city=0, stdout=StringIO())
    demo.create_people(demo_services.STAFF)

    for _ in range(2):
        demo_visits.create_visits()

    rows = VisitCase.objects.order_by("pk").values_list("department__code", "state")
    assert list(rows) == [
        ("ecology", "done"),
        ("ecology", "proposed"),
        ("market", "proposed"),
        ("market", "set"),
    ]
    next_week = VisitCase.objects.get(state="set").visit.on
    assert next_week.weekday() == 2
    assert 7 <= (next_week - world.day()).days + world.day().weekday() < 14
    assert Rating.objects.get().level is None
    assert world.faults() == []
