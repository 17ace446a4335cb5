"""免申即享: who is on the list, who confirms it, and what one step of the owner brings about."""

import copy
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from core.errors import Refused
from eligibility.models import Holding
from notifications import sweep
from notifications.models import Letter
from policies.models import Benefit, BenefitVersion
from subsidies.actions import automatic_grants, stopping
from subsidies.models import Application, Envelope, Instalment, Offer
from tests.measures import load_catalogue
from tests.notifications.register import draft, open_shop, publish, put_in_force, tell_of
from tests.standing import BOTH, stands
from tests.state import money

from . import world

pytestmark = [pytest.mark.django_db(databases=["default", "postgres"]), pytest.mark.every_engine("money")]
INSURED = {"fact": "unit_insured", "op": "eq", "value": True}
RULE = {"all": [INSURED]}
YEAR = timezone.localdate().year


def _grant():
    world.bureau()
    given = {"delivery": "no_application", "once_per_person": False}
    world.envelope(publish("T01b", criteria=RULE, amount={"fixed": "1200"}, **given).benefit)


_granted = stands(_grant, BOTH)


@pytest.fixture
def people(_granted, engine):
    return world.bureau()


@pytest.fixture
def benefit(people):
    return Benefit.objects.get()


def insured_shop(place, source="social_security"):
    shop = open_shop(place)
    tell_of(shop, source, unit_insured=True)
    return shop


def listed(benefit, people):
    sweep.relay()
    return automatic_grants.prepare_list(benefit, YEAR, by=people.reviewer)


def confirmed(benefit, people):
    return automatic_grants.confirm_list(listed(benefit, people), by=people.approver)


# The list


def test_only_what_departments_say_counts(benefit, people):
    certain = insured_shop(1)
    insured_shop(2, source="self")

    made = listed(benefit, people)

    assert list(made.offers.values_list("business", "amount_fen")) == [(certain.pk, 120_000)]
    assert (made.count, made.total_fen) == (1, 120_000)
    assert made.offers.get().judged["state"] == "auto"


def test_nobody_is_offered_twice(benefit, people):
    insured_shop(1)
    listed(benefit, people)

    with pytest.raises(Refused, match="现在没有新的店符合"):
        listed(benefit, people)


def test_a_cancelled_list_frees_its_shops(benefit, people):
    insured_shop(1)
    automatic_grants.cancel_list(listed(benefit, people), by=people.reviewer_2)

    assert listed(benefit, people).count == 1


def test_a_benefit_that_is_applied_for_has_no_list(people):
    with pytest.raises(Refused, match="不是免申即享"):
        automatic_grants.prepare_list(world.grant_of_money(), YEAR, by=people.reviewer)


def test_another_person_confirms_and_finance_does_neither(benefit, people):
    insured_shop(1)
    made = listed(benefit, people)

    with pytest.raises(Refused, match="换一位同事"):
        automatic_grants.confirm_list(
            type(made).objects.get(pk=made.pk), by=_also_approver(people.reviewer, people)
        )
    with pytest.raises(PermissionDenied):
        automatic_grants.confirm_list(made, by=people.finance)
    with pytest.raises(PermissionDenied):
        automatic_grants.prepare_list(benefit, YEAR, by=people.finance)


def _also_approver(user, people):
    user.groups.add(people.approver.groups.get())
    return type(user).objects.get(pk=user.pk)


def test_the_list_asks_as_often_for_many_shops_as_for_few(benefit, people, django_assert_max_num_queries):
    for place in (1, 2):
        insured_shop(place)
    sweep.relay()
    with django_assert_max_num_queries(60) as few:
        automatic_grants.cancel_list(
            automatic_grants.prepare_list(benefit, YEAR, by=people.reviewer), by=people.reviewer
        )
    for place in (3, 4, 5, 6):
        insured_shop(place)
    sweep.relay()

    with django_assert_max_num_queries(len(few)):
        assert automatic_grants.prepare_list(benefit, YEAR, by=people.reviewer).count == 6


# The owner


def test_owners_see_what_was_confirmed_and_are_told_once(benefit, people):
    shop = insured_shop(1)
    owner = world.owner_of(shop)
    made = listed(benefit, people)
    before = list(automatic_grants.offers_of(owner))

    automatic_grants.confirm_list(made, by=people.approver)
    told = automatic_grants.tell_of_offers(), automatic_grants.tell_of_offers()

    assert before == []
    assert [offer.business for offer in automatic_grants.offers_of(owner)] == [shop]
    assert list(automatic_grants.offers_of(world.owner_of(open_shop(2)))) == []
    assert told == (1, 0)
    assert Letter.objects.filter(title="“试验补贴”您符合，不用申请", needs_action=True).count() == 1


def test_one_step_files_and_approves(benefit, people):
    shop = insured_shop(1)
    owner = world.owner_of(shop)
    offer = confirmed(benefit, people).offers.get()

    case = automatic_grants.accept(offer, by=owner)

    offer.refresh_from_db()
    assert automatic_grants.accept(offer, by=owner) == offer.application == case
    assert (case.state, case.lane, case.period) == ("approved", "confirm", YEAR)
    assert (case.submitter, case.reviewer, case.approver) == (owner, people.reviewer, people.approver)
    assert (case.amount_fen, Envelope.objects.get().granted_fen) == (120_000, 120_000)
    assert Holding.objects.get().kind == "granted"
    assert list(automatic_grants.offers_of(owner)) == []


def paid(offer, owner, people):
    """The offer accepted, and its money on the account."""
    case = automatic_grants.accept(offer, by=owner)
    money.paid(people)
    case.refresh_from_db()
    return case


def test_it_is_paid_like_any_other(benefit, people):
    owner = world.owner_of(insured_shop(1))

    case = paid(confirmed(benefit, people).offers.get(), owner, people)

    assert (case.state, Envelope.objects.get().paid_fen) == ("paid", 120_000)


def test_strangers_do_not_accept(benefit, people):
    insured_shop(1)
    stranger = world.owner_of(open_shop(2))

    with pytest.raises(PermissionDenied):
        automatic_grants.accept(confirmed(benefit, people).offers.get(), by=stranger)


def test_what_changed_since_is_confirmed_anew(benefit, people):
    shop = insured_shop(1)
    owner = world.owner_of(shop)
    offer = confirmed(benefit, people).offers.get()
    tell_of(shop, "social_security", unit_insured=False)

    with pytest.raises(Refused, match="部门的数据有变动"):
        automatic_grants.accept(offer, by=owner)

    assert Application.objects.count() == 0


def test_without_money_nothing_is_left_half_done(benefit, people):
    shop = insured_shop(1)
    owner = world.owner_of(shop)
    offer = confirmed(benefit, people).offers.get()
    Envelope.objects.update(cap_fen=100_000)

    with pytest.raises(Refused, match="资金已经用完"):
        automatic_grants.accept(offer, by=owner)

    assert (Application.objects.count(), Holding.objects.count()) == (0, 0)
    assert Offer.objects.get().application is None


def test_a_sum_that_two_have_to_approve_is_handed_in(people):
    benefit = publish("T01c", criteria=RULE, amount={"fixed": "20000"}, delivery="no_application").benefit
    world.envelope(benefit)
    shop = insured_shop(1)

    case = automatic_grants.accept(confirmed(benefit, people).offers.get(), by=world.owner_of(shop))

    assert (case.state, case.reviewer, case.approver) == ("submitted", None, None)
    assert case.due_on is None  # nothing is promised for it


# Taking back


def test_what_nobody_has_accepted_is_simply_gone(benefit, people):
    owner = world.owner_of(insured_shop(1))
    offer = confirmed(benefit, people).offers.get()

    automatic_grants.take_back(offer, because="数据有误", by=people.approver)

    assert list(automatic_grants.offers_of(owner)) == []
    with pytest.raises(Refused, match="不再有效"):
        automatic_grants.accept(offer, by=owner)


def test_what_is_not_paid_returns_to_the_budget(benefit, people):
    shop = insured_shop(1)
    offer = confirmed(benefit, people).offers.get()
    case = automatic_grants.accept(offer, by=world.owner_of(shop))

    automatic_grants.take_back(offer, because="数据有误", by=people.approver)

    case.refresh_from_db()
    assert (case.state, Envelope.objects.get().committed_fen) == ("withdrawn", 0)
    assert (Holding.objects.count(), Instalment.objects.get().status) == (0, "cancelled")


def test_what_was_paid_by_mistake_is_on_the_list_of_finance_until_it_is_back(benefit, people):
    owner = world.owner_of(insured_shop(1))
    offer = confirmed(benefit, people).offers.get()
    case = paid(offer, owner, people)
    part, cases = Instalment.objects.get(), Application.objects.filter(pk=case.pk)
    before = stopping.to_recover(cases)

    automatic_grants.take_back(offer, because="数据有误", by=people.approver)
    lists = [stopping.to_recover(cases)]
    for amount in (50_000, 70_000):
        stopping.recover(part, amount, by=people.finance)
        lists.append(stopping.to_recover(cases))

    assert before == []
    assert [[(row.pk, fen) for row, fen in found] for found in lists] == [
        [(part.pk, 120_000)],
        [(part.pk, 70_000)],
        [],
    ]


def test_an_owner_reads_no_words_for_finance_where_no_money_is_set(benefit, people):
    owner = world.owner_of(insured_shop(1))
    offer = confirmed(benefit, people).offers.get()
    Envelope.objects.all().delete()

    with pytest.raises(Refused, match=automatic_grants.NO_MONEY):
        automatic_grants.accept(offer, by=owner)


# As shipped


def test_the_refund_of_m01b_by_a_version_that_extends_it(engine):
    load_catalogue()
    benefit = Benefit.objects.get(code="M01b")
    people = world.bureau(benefit.measure.leads[0].code)
    content = copy.deepcopy(BenefitVersion.objects.get(benefit=benefit).content)
    for row in content["parameters"]["ratio"]:
        row["to"] = "2027-12-31"
    # The state has extended what it rests on; the city follows with a new version.
    basis = benefit.document
    basis.effective_to = date(2027, 12, 31)
    basis.save()
    put_in_force(draft(benefit, **{**content, "window": {"to": "2027-12-31"}}))
    world.envelope(benefit)
    shop = open_shop(1)
    tell_of(shop, "registry", seriously_dishonest=False, entity_type="individual_business")
    tell_of(
        shop,
        "social_security",
        unit_insured=True,
        unemployment_insurance_months=14,
        insurance_arrears=False,
        insured_headcount_last_year=6,
        layoff_claimants_last_year=0,
        unemployment_insurance_paid_last_year="1800",
    )
    offer = confirmed(benefit, people).offers.get()

    case = automatic_grants.accept(offer, by=world.owner_of(shop))

    assert (case.state, case.amount_fen, case.number[:9]) == ("approved", 108_000, f"LPS-{YEAR}-")
