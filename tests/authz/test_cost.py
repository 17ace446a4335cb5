"""What an owner's pages ask of the database: as much beside 400 other shops as beside 20."""

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.crowd import crowd
from businesses.models import Business, Operator

from . import matrix

pytestmark = pytest.mark.django_db

PAGES = matrix.pages_of("owner")
FEW, MANY = 20, 400
MOST_QUERIES = 40


def more_shops(count):
    people = Operator.objects.bulk_create([Operator(name="别人") for _ in range(count)])
    Business.objects.bulk_create([Business(operator=one, name="别家店") for one in people])


def queries(browser, path):
    """How many an answer takes, once whatever is kept in memory is there."""
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured, transaction.atomic():
            browser.get(path)
            transaction.set_rollback(True)
    return len(captured)


@pytest.fixture(scope="module")
def counted(request, world, django_db_blocker):
    """``{address: (queries beside few, beside many)}`` of the addresses that this run asks for, all in one moment: a
    session that is used after a minute is written down as used."""
    rows, browsers = world
    asking = (item for item in request.session.items if item.path == request.path)
    wanted = {item.callspec.params["address"] for item in asking}
    found = {address: [] for address in PAGES if address in wanted}
    now = time_machine.travel(timezone.now(), tick=False)
    with django_db_blocker.unblock(), transaction.atomic(), now:
        for size in (FEW, MANY - FEW):
            more_shops(size)
            crowd(rows)
            for address in found:
                found[address].append(queries(browsers["owner"], matrix.filled(address, rows)))
        transaction.set_rollback(True)
    return found


@pytest.mark.crawl
@pytest.mark.parametrize("address", PAGES)
def test_an_owners_page_costs_as_many_queries_beside_any_number_of_shops(counted, address):
    few, many = counted[address]

    assert many == few
    assert few <= MOST_QUERIES
