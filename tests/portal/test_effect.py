"""/effect/: the figures by equality, small counts hidden from subtraction too, and one row read by the page."""

import random
import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases import letters
from cases.actions import rating as ratings
from core.models import Reckoning
from eligibility.models import Match
from notifications.models import Change, Notification
from policies.models import Benefit
from portal.effect import figures
from portal.effect.hiding import FEW, LEFT_OUT, NONE, SHOWN
from subsidies.models import Application
from tests.markup import markup
from tests.notifications.register import open_shop
from tests.state import money
from tests.subsidies import world

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 11, 26).date()
CODES = ("M05a", "M05b", "M05c", "M01c")


@pytest.fixture
def benefits(catalogue_loaded):
    return Benefit.objects.in_bulk(CODES, field_name="code")


def told(benefits, code, people, month=11, *, opened=False, kind=Change.NEW, times=1):
    at = timezone.make_aware(datetime(2026, month, 3, 12))
    Notification.objects.bulk_create(
        Notification(
            operator_id=person,
            business_id=person,
            benefit_id=benefits[code].pk,
            version_id=10 * benefits[code].pk + time,
            run_id=1,
            kind=kind,
            day=at.date(),
            created_at=at,
            opened_at=at if opened else None,
        )
        for person in people
        for time in range(times)
    )


def cells(found):
    """(total of people, {month: (state, people)}, {code: (state, people)}) without empty months."""
    months = zip(figures.months_to(TODAY), found["months"], strict=True)
    return (
        found["total"].get("people"),
        {month.month: (cell["state"], cell.get("people")) for month, cell in months if cell["state"] != NONE},
        {code: (cell["state"], cell.get("people")) for code, cell in found["benefits"].items()},
    )


def test_people_are_counted_once_however_often_they_are_told(benefits):
    told(benefits, "M05a", range(5), times=3)
    told(benefits, "M05c", range(3, 9))

    total, months, by_benefit = cells(figures.TOLD(TODAY))

    assert total == 9
    assert months == {11: (SHOWN, 9)}
    assert by_benefit == {"M05a": (SHOWN, 5), "M05c": (SHOWN, 6)}


def test_fewer_than_five_people_are_hidden_and_in_no_total(benefits):
    told(benefits, "M05a", range(10))
    told(benefits, "M05c", range(20, 24), times=9)

    assert cells(figures.TOLD(TODAY)) == (10, {11: (SHOWN, 10)}, {"M05a": (SHOWN, 10), "M05c": (FEW, None)})


def test_people_of_a_hidden_month_are_in_no_number_of_their_benefit(benefits):
    told(benefits, "M05a", range(10))
    told(benefits, "M05a", range(20, 24), month=10)

    total, months, by_benefit = cells(figures.TOLD(TODAY))

    assert months == {10: (FEW, None), 11: (SHOWN, 10)}
    assert (total, by_benefit) == (10, {"M05a": (SHOWN, 10)})


def test_what_is_small_once_others_are_hidden_is_hidden_too(benefits):
    told(benefits, "M05a", range(4), month=10)
    told(benefits, "M05a", range(4, 8))
    told(benefits, "M05c", range(20, 23), month=10)
    told(benefits, "M01c", range(30, 36))

    total, months, by_benefit = cells(figures.TOLD(TODAY))

    assert by_benefit == {"M05a": (LEFT_OUT, None), "M05c": (FEW, None), "M01c": (SHOWN, 6)}
    assert (total, months) == (6, {10: (LEFT_OUT, None), 11: (SHOWN, 6)})


def test_a_month_in_which_everything_is_hidden_is_not_called_nothing(benefits):
    for place, code in enumerate(CODES[:3]):
        told(benefits, code, range(10 * place, 10 * place + 3), month=10)
    told(benefits, "M01c", range(50, 56))

    total, months, by_benefit = cells(figures.TOLD(TODAY))

    assert (total, months) == (6, {10: (LEFT_OUT, None), 11: (SHOWN, 6)})
    assert by_benefit == {**dict.fromkeys(CODES[:3], (FEW, None)), "M01c": (SHOWN, 6)}


@pytest.mark.parametrize("seed", range(6))
def test_what_is_shown_says_nothing_of_what_is_hidden(benefits, seed):
    """Whatever stands in hidden cells, were it not there, every published number would be the same."""
    chosen = random.Random(seed)
    for code in CODES:
        for month in (8, 9, 10, 11):
            told(benefits, code, chosen.sample(range(40), chosen.choice([0, 0, 0, 1, 2, 3, 5, 8])), month)
    shown = figures.TOLD(TODAY)
    total, months, by_benefit = cells(shown)
    hidden_codes = [code for code, (state, _) in by_benefit.items() if state != SHOWN]
    hidden_months = [month for month, (state, _) in months.items() if state != SHOWN]

    Notification.objects.filter(benefit__code__in=hidden_codes).delete()
    Notification.objects.filter(created_at__month__in=hidden_months).delete()

    def visible(rows):
        return {name: row for name, row in rows.items() if row[0] == SHOWN}

    after = cells(figures.TOLD(TODAY))
    assert after == (total, visible(months), visible(by_benefit))
    assert all(people >= 5 for _, people in (*after[1].values(), *after[2].values()))


def test_who_opened_is_counted_in_the_month_they_were_told(benefits):
    told(benefits, "M05a", range(6), month=10, opened=True)
    told(benefits, "M05a", range(6, 12), month=11)

    assert cells(figures.OPENED(TODAY)) == (6, {10: (SHOWN, 6)}, {"M05a": (SHOWN, 6)})


def test_that_something_has_ended_is_no_news_of_a_policy(benefits):
    told(benefits, "M05a", range(6), kind=Change.ENDED)

    assert cells(figures.TOLD(TODAY)) == (0, {}, {})


def test_twelve_months_are_looked_at_this_one_with_it(benefits):
    assert [figures.months_to(TODAY)[place].isoformat() for place in (0, -1)] == ["2025-12-01", "2026-11-01"]
    told(benefits, "M05a", range(6))
    at = timezone.make_aware(datetime(2025, 11, 30, 23, 59))
    Notification.objects.update(created_at=at)
    before = figures.TOLD(TODAY)["total"]["people"]
    Notification.objects.update(created_at=at + timedelta(minutes=1))

    assert (before, figures.TOLD(TODAY)["total"]["people"]) == (0, 6)


def test_money_days_and_marks_of_five_people(db):
    people, benefit = world.bureau(), world.grant_of_money(amount="5000")
    world.envelope(benefit)
    made = [world.filed(benefit, shop, world.owner_of(shop)) for shop in map(open_shop, range(1, 6))]
    for case in made[:4]:
        world.approved(case, people)
    money.paid(people)
    today = timezone.localdate()
    four = figures.PAID(today), figures.days(today), figures.APPLIED(today)["total"]["people"]

    world.approved(made[4], people)
    money.paid(people)
    begun = timezone.now() - timedelta(days=1)
    Application.objects.update(submitted_at=begun, decided_at=begun + timedelta(minutes=1))
    for place, case in enumerate(made):
        ratings.rate(letters.rating_of(case, "pay 1"), 5 if place else 1)
    paid, days = figures.PAID(today), figures.days(today)
    good, bad = figures.FIGURES["good"](today), figures.FIGURES["bad"](today)

    assert [found["benefits"] for found in four[:2]] == [{"T01a": {"state": FEW}}] * 2
    assert four[2] == 5
    assert paid["total"] == {"people": 5, "value": 2_500_000}
    assert paid["benefits"] == {"T01a": {"state": SHOWN, "people": 5, "value": 2_500_000}}
    assert days["total"] == {"median": 0, "ninetieth": 0}
    assert (good["benefits"], bad["benefits"]) == ({"T01a": {"state": FEW}},) * 2


def test_what_nobody_has_come_for_is_cash_of_five_people_and_more(benefits):
    def could_have(code, people, value, most):
        row = benefits[code]
        Match.objects.bulk_create(
            Match(
                benefit=row,
                business_id=place,
                operator_id=place,
                version_id=1,
                facts_version=1,
                state=Match.State.NOW,
                value_fen=value,
                maximum_fen=most,
                decided_on=TODAY,
            )
            for place in range(people)
        )

    could_have("M05a", 5, 500_000, 500_000)  # once
    could_have("M05c", 6, 50_000, 1_800_000)  # by the month: all its months
    could_have("M05b", 4, 500_000, 500_000)  # too few
    could_have("M01c", 9, 20_000_000, 30_000_000)  # a loan

    found = figures.unclaimed(TODAY)

    assert found["total"] == {"value": 2_500_000 + 10_800_000}
    assert found["benefits"] == {
        "M05a": {"state": SHOWN, "people": 5, "value": 2_500_000},
        "M05b": {"state": FEW},
        "M05c": {"state": SHOWN, "people": 6, "value": 10_800_000},
    }


def test_they_are_reckoned_once_a_week(benefits):
    assert figures.reckon(TODAY) is True
    assert figures.reckon(TODAY + timedelta(days=6)) is False
    assert Reckoning.objects.get(name="effect").day == TODAY
    assert figures.reckon(TODAY + timedelta(days=7)) is True
    assert Reckoning.objects.get(name="effect").day == TODAY + timedelta(days=7)


# The page


def test_before_the_first_figures_the_page_says_so(client, benefits):
    page = markup(client.get("/effect/"))

    assert "第一批数字还没有算出来" in page
    assert "<table" not in page


def test_the_page_says_each_figure_its_meaning_and_its_day(client, benefits):
    told(benefits, "M05c", range(1_234))
    told(benefits, "M05a", range(3))
    figures.reckon(TODAY)

    page = markup(client.get("/effect/"))
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))

    assert "数字算到 2026 年 11 月 26 日" in text
    assert "1,234 人" in text
    assert "有政策合条件，本站就给经营者写一条消息。" in text
    assert re.search(r"房租补贴 1,234 人 .* 少于 5 人", text)
    assert len(re.findall("<rect", page[page.index("<main") :])) == 12
    assert len(re.findall(r"<h2 id=", page)) == 8
    assert 'href="/effect/"' in page[page.index("<footer") :]


def test_the_page_reads_one_row_however_many_people_there_are(client, benefits):
    client.get("/effect/")
    counts = []
    for people in (range(10), range(10, 200)):
        told(benefits, "M05c", people)
        figures.reckon(TODAY, anew=True)
        with CaptureQueriesContext(connection) as queries:
            client.get("/effect/")
        counts.append([row["sql"] for row in queries if "core_reckoning" in row["sql"]])
        assert not any("notifications_notification" in row["sql"] for row in queries)

    assert [len(row) for row in counts] == [1, 1]
