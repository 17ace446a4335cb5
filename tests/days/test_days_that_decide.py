"""Every day that decides something, the day before it, on it and the day after it.

A row of the table is a function that prepares what the day is about and returns the question that is asked on each of
the three days; beside it stand the answers.
"""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from businesses import actions as register
from businesses import distinctive
from businesses.importing.rows import RowReader
from businesses.models import Business, DistinctiveListing, Mandate
from businesses.registry import business_registry
from cases import sweeping
from cases.actions import appealing, correcting
from cases.evidence import wallet
from core.errors import Invalid, Refused
from core.facts import Misread
from eligibility import holdings
from eligibility.models import Holding
from policies.catalogue import CatalogueBenefit, PublishedVersion
from policies.criteria.rules import Window
from policies.models import BenefitVersion
from subsidies.actions import applying, paying
from subsidies.headlines import is_claimable
from subsidies.models import Application, Instalment, PublicNotice
from subsidies.money.grants import opens_on
from subsidies.procedure import State
from subsidies.sweeping import lapse_corrections
from tests.notifications.register import open_shop
from tests.subsidies import world

pytestmark = pytest.mark.django_db

MADE, DAY = date(2026, 11, 23), date(2026, 12, 1)
UNTIL_AND_WITH, FROM, AFTER = (True, True, False), (False, True, True), (False, False, True)
ASKED = {}


def decides(answers):
    """Adds a row to the table: on which of the three days the question is answered with yes."""

    def add(prepare):
        ASKED[prepare.__name__] = prepare, answers
        return prepare

    return add


def passes(ask):
    """Whether ``ask`` is not refused."""
    try:
        ask()
    except (Refused, Invalid, Misread):
        return False
    return True


class City:
    """A bureau, a shop that rents, its owner, and a case of theirs as far as it is wanted."""

    def __init__(self):
        self.people = world.bureau()
        self.benefit = world.grant_of_money(criteria=world.IN_DISTRICT, publicity_days=3)
        world.envelope(self.benefit)
        self.shop = world.shop_with_rent(1)
        self.owner = world.owner_of(self.shop)

    def filed(self):
        return world.filed(self.benefit, self.shop, self.owner)

    def now(self, application):
        return Application.objects.get(pk=application.pk)

    def set(self, application, **values):
        Application.objects.filter(pk=application.pk).update(**values)
        return self.now(application)


# The wallet


@decides(UNTIL_AND_WITH)
def evidence_is_offered_until_it_expires(city):
    piece = world.evidence(city.shop.operator)
    type(piece).objects.update(expires_on=DAY)
    return lambda today: wallet.offered(city.shop.operator, piece.material, today).exists()


@decides(FROM)
def evidence_is_warned_of_a_month_ahead(city):
    piece = world.evidence(city.shop.operator)
    type(piece).objects.update(expires_on=DAY + wallet.WARNED_AHEAD)
    return lambda today: wallet.expiring(city.shop.operator, today).exists()


# Cases and money


@decides(AFTER)
def what_was_published_is_paid(city):
    case = city.set(world.approved(city.filed(), city.people), decided_at=f"{MADE}T01:00:00Z")
    notice = PublicNotice.objects.create(
        number="GS-1",
        department=city.people.department,
        benefit=city.benefit,
        from_on=MADE,
        until_on=DAY,
        published_by=city.people.approver,
    )
    notice.applications.add(case)
    return lambda today: paying._published([case], today) == {case.pk}


@decides(UNTIL_AND_WITH)
def a_notice_stands_until_its_last_day(city):
    return _notice(city, MADE, DAY)


@decides(FROM)
def a_notice_stands_from_its_first_day(city):
    return _notice(city, DAY, DAY + timedelta(days=9))


def _notice(city, first, last):
    PublicNotice.objects.create(
        number="GS-1",
        department=city.people.department,
        benefit=city.benefit,
        from_on=first,
        until_on=last,
        published_by=city.people.approver,
    )
    return lambda today: PublicNotice.objects.standing_on(today).exists()


@decides(AFTER)
def a_correction_that_nobody_answers_ends_the_case(city):
    defect = {"kind": "material", "name": world.MATERIAL["name"], "reason": "看不清租期", "sample": "拍清楚"}
    case = correcting.request_correction(city.filed(), [defect], by=city.people.reviewer)
    case.corrections.update(due_on=DAY)

    def lapsed(today):
        lapse_corrections(today)
        return city.now(case).state != State.CORRECTING

    return lapsed


@decides(UNTIL_AND_WITH)
def a_refusal_can_be_appealed_against(city):
    case = city.set(world.refused(city.filed(), city.people), remedy_until=DAY)
    return lambda today: appealing.unmet_for_appeal(case, today) == ""


@decides(FROM)
def a_case_is_urged_on_the_day_it_is_due(city):
    case = city.set(city.filed(), due_on=DAY)

    def urged(today):
        sweeping.escalate(today)
        return city.now(case).escalated_at is not None

    return urged


@decides(AFTER)
def the_owner_hears_that_the_promise_was_not_kept(city):
    case = city.set(city.filed(), due_on=DAY, escalated_at=f"{DAY - timedelta(days=1)}T00:00:00Z")
    told = []

    def heard(today):
        told.append(sweeping.tell_overdue(today))
        return sum(told) == 1 and case.pk is not None

    return heard


@decides(FROM)
def an_instalment_can_be_claimed(city):
    part = Instalment(from_month=DAY, months=1, status=Instalment.Status.PLANNED)
    assert opens_on(part) == DAY
    return lambda today: is_claimable(part, today)


# Who acts


@decides(UNTIL_AND_WITH)
def a_mandate_holds(city):
    agent = User.objects.create(username="agent")
    Mandate.objects.create(business=city.shop, given_by=city.owner, agent=agent, scopes=["view"], until=DAY)
    return lambda today: (
        {Business.objects.acted_for_by(agent).exists(), register.may(agent, city.shop, "view")} == {True}
    )


@decides(UNTIL_AND_WITH)
def a_mandate_is_given_until_a_day_that_is_still_to_come(city):
    return _given(city, DAY)


@decides(FROM)
def a_mandate_is_given_for_a_year_at_most(city):
    return _given(city, date(DAY.year + 1, DAY.month, DAY.day))


def _given(city, until):
    return lambda today: passes(
        lambda: register.give_mandate(
            city.shop, phone="13900000077", scopes=["view"], until=until, by=city.owner
        )
    )


# What rules say


@decides(UNTIL_AND_WITH)
def a_window_closes(city):
    return Window(closes_on=DAY).is_open_on


@decides(FROM)
def a_window_opens(city):
    return Window(opens_on=DAY).is_open_on


@decides(FROM)
def a_version_decides_from_its_day(city):
    row = BenefitVersion(benefit=city.benefit, number=2, content={}, effective_from=DAY)
    version = PublishedVersion(row, business_registry())
    found = CatalogueBenefit(1, "T01a", "T01", None, [], [version])
    return lambda today: found.in_force_on(today) is version


@decides(UNTIL_AND_WITH)
def a_holding_counts(city):
    Holding.objects.create(
        business=city.shop,
        benefit=city.benefit,
        kind="granted",
        since=MADE,
        until=DAY,
        operator=city.shop.operator,
    )
    return lambda today: (
        {
            city.benefit.code in holdings.held_by(city.shop, today),
            bool(holdings.holders_of(city.benefit.pk, [city.shop], today)),
        }
        == {True}
    )


# The register


@decides(FROM)
def a_statement_is_taken_from_the_day_it_speaks_of(city):
    def taken(today):
        reader = RowReader("registry", [], {}, MADE, business_registry(), today)
        return passes(lambda: reader._stated_on(DAY.isoformat()))

    return taken


@decides(FROM)
def a_listing_counts_from_its_first_day(city):
    return _listed(city, DAY, date(2029, 12, 31))


@decides(UNTIL_AND_WITH)
def a_listing_counts_until_its_last_day(city):
    return _listed(city, MADE, DAY)


def _listed(city, since, until):
    DistinctiveListing.objects.create(
        business=city.shop, listed_as="quality", since=since, until=until, basis="演示"
    )

    def counts(today):
        distinctive.follow_the_calendar(today)
        return bool(Business.objects.get(pk=city.shop.pk).distinctive_classes_yes)

    return counts


@pytest.mark.parametrize("name", ASKED)
def test_the_day_before_the_day_and_the_day_after(name, time_machine):
    time_machine.move_to(f"{MADE}T10:00:00+08:00")
    prepare, answers = ASKED[name]
    ask = prepare(City())

    found = []
    for days in (-1, 0, 1):
        today = DAY + timedelta(days=days)
        # The last second of a day and the first are both that day.
        time_machine.move_to(f"{today}T{'00:00:01' if days == 1 else '23:59:58'}+08:00", tick=False)
        found.append(bool(ask(today)))

    assert tuple(found) == answers


def test_a_draft_of_december_that_is_filed_in_january_is_for_the_new_year(time_machine):
    time_machine.move_to("2026-12-31T23:00:00+08:00")
    city = City()
    draft = world.draft(city.benefit, city.shop, city.owner)
    world.envelope(city.benefit, year=2027)
    time_machine.move_to("2027-01-01T00:00:01+08:00")

    filed = applying.submit(draft, by=city.owner)

    assert (draft.period, filed.period, city.now(filed).period) == (2026, 2027, 2027)


def test_a_former_operators_draft_is_not_filed():
    city = City()
    draft = world.draft(city.benefit, city.shop, city.owner)
    other = world.shop_with_rent(2).operator
    Business.objects.filter(pk=city.shop.pk).update(operator=other)

    with pytest.raises(Refused, match="经营者变了"):
        applying.submit(draft, by=city.owner)
    assert city.now(draft).state == State.DRAFT


def test_what_one_shop_has_is_not_had_by_the_other_shop_of_the_person():
    first, second = open_shop(1, person=1), open_shop(2, person=1)
    benefit = world.grant_of_money()
    holdings.hold(first, benefit, "granted")
    today = timezone.localdate()

    assert holdings.holders_of(benefit.pk, [first, second], today) == {first.pk}
    assert [holdings.held_by(shop) for shop in (first, second)] == [{"T01a"}, frozenset()]
    assert list(Business.objects.filter(holdings.held_where(benefit.pk, today))) == [first]
