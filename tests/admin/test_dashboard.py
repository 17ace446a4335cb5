"""The dashboard of cases: every number by equality, and only of cases that somebody may see."""

import re
from collections import Counter
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases import figures as case_figures
from cases import queue
from cases.actions import appealing, correcting
from core.workdays import add_workdays
from eligibility.models import Match
from subsidies.actions import applying, reviewing
from subsidies.models import Application
from tests.markup import markup
from tests.notifications.register import draft, put_in_force
from tests.subsidies import world

from .reviewing import QUEUE, benefit_to_review, defects, filed, mend, signed_in, text

pytestmark = pytest.mark.django_db
BOARD = f"{QUEUE}dashboard/"
MOST_QUERIES = 21


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def benefit(people):
    return benefit_to_review()


def today():
    return timezone.localdate()


def noon(day):
    return timezone.make_aware(datetime.combine(day, time(12)))


def at_noon(day):
    return time_machine.travel(noon(day), tick=False)


def refused(case, people, places=(0,)):
    criteria = world.accepted(case, people).judged["criteria"]
    failed = [criteria[place]["id"] for place in places]
    return reviewing.refuse(case, by=people.reviewer, failed=failed, reason=world.REASON)


def dated(case, used):
    """As if it had been decided, some weeks ago, after so many working days."""
    begun = today() - timedelta(days=40)
    rows = Application.objects.filter(pk=case.pk)
    rows.update(submitted_at=noon(begun), decided_at=noon(add_workdays(begun, used)))
    return case


def could_have(benefit, shop):
    """As matching finds it: the shop could have the benefit today."""
    Match.objects.create(
        benefit=benefit,
        business=shop,
        operator=shop.operator,
        version=benefit.versions.get(),
        facts_version=1,
        state=Match.State.NOW,
        value_fen=500_000,
        maximum_fen=500_000,
        decided_on=today(),
    )


def board(user, **asked):
    return signed_in(user).get(BOARD, asked)


def tiles(user):
    return {tile["key"]: tile["count"] for tile in board(user).context_data["tiles"]}


def paces(user, **asked):
    found = board(user, **asked).context_data["decided"].paces
    return [(pace.code, pace.count, pace.median, pace.ninetieth, pace.promised, pace.share) for pace in found]


def reasons(user):
    found = board(user).context_data["decided"].reasons
    return [(reason.sentence, reason.count, reason.share) for reason in found]


# What waits


def test_tiles_count_what_the_saved_views_list(people, benefit):
    filed(benefit, 1)
    queue.claim(world.accepted(filed(benefit, 2), people), by=people.reviewer)
    world.recommended(filed(benefit, 3), people)
    world.approved(filed(benefit, 4), people)
    wrong = filed(benefit, 5)
    correcting.request_correction(wrong, defects(), by=people.reviewer)
    mend(wrong)
    late, due = filed(benefit, 6), filed(benefit, 7)
    Application.objects.filter(pk=late.pk).update(due_on=today() - timedelta(days=1))
    Application.objects.filter(pk=due.pk).update(due_on=today())

    counts = tiles(people.reviewer)

    assert counts == {
        "overdue": 1,
        "today": 1,
        "mine": 1,
        "corrected": 1,
        "submitted": 3,
        "reviewing": 2,
        "recommended": 1,
        "countersigning": 0,
        "approved": 1,
    }
    client = signed_in(people.reviewer)
    lists = {key: client.get(f"{QUEUE}?view={key}").context_data["cl"].result_count for key in counts}
    assert lists == counts


def test_every_tile_leads_to_its_view(people, benefit):
    page = board(people.reviewer)

    links = re.findall(rf'href="{QUEUE}\?view=(\w+)"><strong>', markup(page))

    assert links == [tile["key"] for tile in page.context_data["tiles"]]


def test_more_than_the_queue_counts_is_said_to_be_more(people, benefit, monkeypatch):
    monkeypatch.setattr("cases.admin.queue.MOST_COUNTED", 2)
    monkeypatch.setattr("subsidies.admin.review.ApplicationAdmin.most_counted", 2)
    for place in (1, 2, 3):
        filed(benefit, place)

    assert "2+ 待受理" in text(board(people.reviewer))


def test_cases_of_another_bureau_count_nowhere(people, benefit):
    dated(refused(filed(benefit, 1), people), 3)
    filed(benefit, 2)
    could_have(benefit, world.shop_with_rent(3))
    elsewhere = world.bureau("other", "别的局")

    page = board(elsewhere.approver).context_data

    assert {tile["count"] for tile in page["tiles"]} == {0}
    assert (page["decided"].count, page["decided"].reasons) == (0, [])
    assert (page["envelopes"], page["unused"]) == ([], [])


# Days against the promise


def test_days_are_working_days_from_filing_to_decision(people, benefit):
    for place, used in enumerate((2, 3, 4, 5, 16), 1):
        dated(world.approved(filed(benefit, place), people), used)

    assert paces(people.reviewer) == [("T01a", 5, 4, 16, "15", Decimal("80.0"))]


def test_days_of_a_correction_are_not_counted(people, benefit):
    begun, case = today(), filed(benefit, 1)
    with at_noon(add_workdays(begun, 4)):
        correcting.request_correction(case, defects(), by=people.reviewer)
    with at_noon(add_workdays(begun, 10)):
        mend(case)
    with at_noon(add_workdays(begun, 12)):
        refused_now(case, people)

        assert paces(people.reviewer) == [("T01a", 1, 6, 6, "15", Decimal("100.0"))]


def refused_now(case, people):
    case.refresh_from_db()
    failed = [case.judged["criteria"][0]["id"]]
    return reviewing.refuse(case, by=people.reviewer, failed=failed, reason=world.REASON)


@pytest.mark.parametrize(("used", "in_time"), [(14, 1), (15, 1), (16, 0)])
def test_in_time_is_what_the_clock_of_the_case_calls_in_time(people, benefit, used, in_time):
    begun, case = today(), filed(benefit, 1)
    with at_noon(add_workdays(begun, 3)):
        correcting.request_correction(case, defects(), by=people.reviewer)
    with at_noon(add_workdays(begun, 8)):
        mend(case)
    day = add_workdays(begun, used + 5)
    with at_noon(day):
        case = refused_now(case, people)
        (pace,) = board(people.reviewer).context_data["decided"].paces

    assert (pace.days, pace.in_time) == (Counter({used: 1}), in_time)
    assert (day <= case.due_on) is bool(in_time)


def test_after_an_appeal_that_undid_a_decision_days_count_anew(people, benefit):
    begun, case = today(), filed(benefit, 1)
    correcting.request_correction(case, defects(), by=people.reviewer)
    with at_noon(add_workdays(begun, 2)):
        mend(case)
        case = refused_now(case, people)
    with at_noon(add_workdays(begun, 5)):
        row = appealing.appeal(case, "合同上个月已经续签，请再看一次。", by=case.submitter)
        appealing.take(row, by=people.approver)
        appealing.overturn(row, "续签的合同有效，原决定撤销。", by=people.approver)
    with at_noon(add_workdays(begun, 8)):
        case.refresh_from_db()
        people.approver_2.groups.add(*people.reviewer.groups.all())
        other = world.User.objects.get(pk=people.approver_2.pk)
        failed = [case.judged["criteria"][0]["id"]]
        reviewing.refuse(case, by=other, failed=failed, reason=world.REASON)

        assert paces(people.reviewer) == [("T01a", 1, 3, 3, "15", Decimal("100.0"))]


def test_what_was_withdrawn_or_granted_on_confirming_is_no_decision(people, benefit):
    withdrawn, confirmed = filed(benefit, 1), world.approved(filed(benefit, 2), people)
    applying.withdraw(withdrawn, by=withdrawn.submitter)
    Application.objects.filter(pk=confirmed.pk).update(submitted_at=noon(today()), decided_at=noon(today()))

    assert paces(people.reviewer) == []


def test_versions_may_promise_differently_and_nothing(people, benefit):
    dated(world.approved(filed(benefit, 1), people), 12)
    put_in_force(draft(benefit, promised_working_days=10))
    dated(world.approved(filed(benefit, 2), people), 12)
    put_in_force(draft(benefit, promised_working_days=None))
    dated(world.approved(filed(benefit, 3), people), 12)

    assert paces(people.reviewer) == [("T01a", 3, 12, 12, "10、15", Decimal("50.0"))]


@pytest.mark.parametrize(("days", "count"), [("30", 0), ("90", 1), ("365", 1), ("31", 1), ("x", 1), ("", 1)])
def test_the_period_is_chosen_among_three(people, benefit, days, count):
    dated(world.approved(filed(benefit, 1), people), 1)

    assert board(people.reviewer, days=days).context_data["decided"].count == count


def test_a_period_begins_at_the_midnight_of_its_first_day(people, benefit):
    first = today() - timedelta(days=29)
    for place, moment in enumerate((noon(first), noon(first - timedelta(days=1))), 1):
        case = world.approved(filed(benefit, place), people)
        Application.objects.filter(pk=case.pk).update(
            submitted_at=moment - timedelta(days=9), decided_at=moment
        )

    assert board(people.reviewer, days=30).context_data["decided"].count == 1


def test_only_the_last_decided_are_measured_and_the_page_says_so(people, benefit, monkeypatch):
    monkeypatch.setattr(case_figures, "MOST_MEASURED", 2)
    for place, used in enumerate((2, 5, 9), 1):
        dated(world.approved(filed(benefit, place), people), used)

    page = board(people.reviewer)

    assert page.context_data["decided"].paces[0].days == Counter({5: 1, 9: 1})
    assert "只算最近决定的 2 件" in text(page)


# Refusals


def test_refusals_are_counted_by_the_sentence_of_what_failed(people, benefit):
    refused(filed(benefit, 1), people, (0, 1))
    refused(filed(benefit, 2), people, (1,))
    appealed = refused(filed(benefit, 3), people, (1,))
    appealing.appeal(appealed, "合同上个月已经续签，请再看一次。", by=appealed.submitter)
    world.approved(filed(benefit, 4), people)
    sentences = [row["sentence"] for row in appealed.judged["criteria"]]

    assert reasons(people.reviewer) == [
        (sentences[1], 3, Decimal("100.0")),
        (sentences[0], 1, Decimal("33.3")),
    ]


def test_versions_that_say_the_same_are_one_reason(people, benefit):
    refused(filed(benefit, 1), people)
    put_in_force(draft(benefit, summary="换了一句说明。"))
    refused(filed(benefit, 2), people)

    assert [count for _, count, _ in reasons(people.reviewer)] == [2]


# Money and 应享未享


def test_money_is_what_the_page_of_money_says(people, benefit):
    world.approved(filed(benefit, 1), people)

    shown = text(board(people.finance))

    assert "T01a 试验补贴 全市 1,000,000 0 5,000 0 0 995,000" in shown


def test_who_may_not_see_money_gets_none_of_it(people, benefit):
    page = board(people.reviewer)

    assert page.context_data["envelopes"] is None
    assert "年资金" not in text(page)
    assert signed_in(people.reviewer).get(f"{BOARD}money.csv").status_code == 403


def test_what_is_not_taken_up_is_shown_for_own_benefits(people, benefit):
    shop = world.shop_with_rent(1)
    could_have(benefit, shop)

    found = board(people.reviewer).context_data["unused"]

    assert [(row.benefit, row.shops, row.fen, percent) for row, percent in found] == [
        ("T01a", 1, 500_000, 100)
    ]
    assert "看全部" not in text(board(people.reviewer))
    elsewhere = world.bureau("other", "别的局")
    elsewhere.reviewer.groups.set(Group.objects.filter(name="审计员"))
    assert "试验补贴 钟山区 1 5,000 元 1 0" in text(board(elsewhere.reviewer))
    assert "看全部" in text(board(elsewhere.reviewer))


def test_what_is_not_taken_up_is_reckoned_every_ten_minutes(people, benefit):
    could_have(benefit, world.shop_with_rent(1))
    moments = []
    for minutes in (0, 9, 11):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False):
            moments.append(len(board(people.reviewer).context_data["unused"]))
        Match.objects.all().delete()

    assert moments == [1, 1, 0]


def test_without_a_cache_there_is_the_same_page(people, benefit, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    could_have(benefit, world.shop_with_rent(1))

    assert len(board(people.reviewer).context_data["unused"]) == 1


# The page


def test_without_cases_there_are_words_and_no_charts(people):
    page = board(people.approver)

    shown = text(page)

    assert "这段时间还没有作出决定的件。" in shown
    assert "这段时间没有不予批准的件。" in shown
    assert "今年还没有安排资金。" in shown
    assert "没有应享未享的店" in shown
    assert "board-bar" not in page.content.decode()


def test_the_page_costs_the_same_for_one_and_three(people, benefit):
    client, counts = signed_in(people.approver), []
    for places in ((1, 2, 3), (4, 5, 6, 7, 8, 9)):
        for place in places[::3]:
            refused(filed(benefit, place), people)
            world.approved(filed(benefit, place + 1), people)
            wrong = filed(benefit, place + 2)
            correcting.request_correction(wrong, defects(), by=people.reviewer)
            mend(wrong)
            refused_now(wrong, people)
        client.get(BOARD)
        with CaptureQueriesContext(connection) as queries:
            client.get(BOARD)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[1] <= MOST_QUERIES


@pytest.mark.parametrize("address", ["dashboard/", "dashboard/pace.csv", "export.csv", "export.xlsx"])
def test_only_who_may_see_cases_gets_in(people, benefit, address):
    outsider = world.User.objects.create(username="market", is_staff=True, department=people.department)
    allowed = signed_in(people.finance).get(f"{QUEUE}{address}")
    allowed.close()

    assert allowed.status_code == 200
    assert signed_in(outsider).get(f"{QUEUE}{address}").status_code == 403
    assert signed_in(people.finance).post(f"{QUEUE}{address}").status_code == 405


def test_the_ways_to_it(people):
    client = signed_in(people.reviewer)

    assert f'href="{BOARD}"' in client.get(QUEUE).content.decode()
    assert f'href="{BOARD}"' in client.get("/admin/").content.decode()
