"""What all could have on another day: as many, and for as much, as each shop is told on that day."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from authoring.forecast import Share, forecast
from businesses.models import Business
from businesses.register import profile_of
from eligibility.evaluation import evaluate
from eligibility.funds import set_exhausted
from eligibility.holdings import hold
from tests.measures import load_catalogue
from tests.notifications.register import OLD_ENOUGH, open_shop, publish

both_engines = pytest.mark.django_db(databases=["default", "postgres"])
pytestmark = [pytest.mark.django_db, pytest.mark.every_engine("SQL")]
TODAY = timezone.localdate()
IN_A_YEAR = TODAY + timedelta(days=366)
FIVE_THOUSAND = 500_000


def of(code, day):
    return next((prospect for prospect in forecast(day) if prospect.code == code), None)


def fits(shops, fen=FIVE_THOUSAND):
    return Share(shops=shops, value_fen=shops * fen, maximum_fen=shops * fen)


@both_engines
@pytest.mark.parametrize("day", [date(2025, 6, 30), TODAY, date(2027, 12, 31)])
def test_the_city_is_told_what_each_shop_is_told(engine, day):
    load_catalogue()
    call_command("generate_businesses", 120, seed=3, verbosity=0)
    expected = Counter()
    for shop in Business.objects.all():
        for found in evaluate(profile_of(shop), day).assessments:
            if found.rule.is_money and found.state in ("now", "auto"):
                expected[found.rule.code, shop.district or ""] += 1

    found = forecast(day)

    assert {
        (prospect.code, district): share.shops
        for prospect in found
        for district, share in prospect.places.items()
        if share.shops
    } == expected
    assert [prospect.code for prospect in found if not prospect.is_open and prospect.whole.shops] == []
    assert len(expected) > 12


def test_who_is_not_old_enough_yet_counts_a_year_on():
    publish(criteria={"all": [OLD_ENOUGH]})
    open_shop(1, registered_on=TODAY - timedelta(days=800))
    open_shop(2, registered_on=TODAY - timedelta(days=20), district="520203")

    assert of("T01a", TODAY).places == {"520201": fits(1), "520203": fits(0)}
    assert of("T01a", IN_A_YEAR).places == {"520201": fits(1), "520203": fits(1)}
    assert of("T01a", IN_A_YEAR).whole == fits(2)


def test_who_has_it_or_has_applied_is_not_counted_again():
    benefit = publish().benefit
    shops = [open_shop(place) for place in (1, 2, 3)]
    hold(shops[0], benefit, "applied")
    hold(shops[1], benefit, "enjoyed", until=TODAY + timedelta(days=30))

    assert of("T01a", TODAY).whole == fits(1) + Share(holders=2)
    assert of("T01a", IN_A_YEAR).whole == fits(2) + Share(holders=1)


def test_a_person_who_may_have_it_once_holds_it_for_every_shop():
    benefit = publish(once_per_person=True).benefit
    shops = [open_shop(place, person=1) for place in (1, 2)]
    open_shop(3)
    hold(shops[0], benefit, "granted")

    assert of("T01a", TODAY).whole == fits(1) + Share(holders=1)


def test_a_window_that_opens_later_is_closed_before():
    publish(window={"from": IN_A_YEAR.isoformat()})
    open_shop(1)

    before, after = of("T01a", TODAY), of("T01a", IN_A_YEAR)

    assert (before.is_open, before.places) == (False, {})
    assert (after.is_open, after.whole) == (True, fits(1))


def test_what_there_is_no_money_for_nobody_can_have():
    benefit = publish().benefit
    open_shop(1)
    set_exhausted(benefit, TODAY)

    assert (of("T01a", TODAY).is_open, of("T01a", TODAY).places) == (False, {})


def test_services_have_no_money_to_forecast():
    publish(amount={"none": None})
    open_shop(1)

    assert of("T01a", TODAY) is None


def test_a_forecast_costs_the_same_queries_for_any_number_of_shops():
    publish()
    open_shop(1)
    forecast(TODAY)
    counts = []
    for places in (range(2, 3), range(3, 30)):
        for place in places:
            open_shop(place)
        with CaptureQueriesContext(connection) as queries:
            forecast(TODAY)
        counts.append(len(queries))

    assert counts[0] == counts[1]
