"""Of two startup subsidies one can be had: what was received, held or applied for of one is a no to the other."""

import pytest
from django.utils import timezone

from businesses.register import profile_of
from eligibility import holdings
from eligibility.evaluation import evaluate
from policies.models import Benefit
from tests.notifications.register import months_ago, open_shop, tell_of

pytestmark = pytest.mark.usefixtures("catalogue_loaded")
STARTUP, FARMING = "M05a", "M05b"


def graduate(**said):
    """A graduate's farm shop, open for 20 months, that could have either."""
    shop = open_shop(1, registered_on=months_ago(20).isoformat(), abnormal_listed=False)
    tell_of(shop, "employment", startup_subsidy_received=False, agri_startup_subsidy_received=False)
    tell_of(
        shop,
        "self",
        operator_groups=["graduate"],
        left_school_on=months_ago(30).isoformat(),
        first_time_business=True,
        leads_agri_enterprise=True,
        agri_industry="tea",
        agri_activity="circulation",
    )
    if said:
        tell_of(shop, "employment", **said)
    return shop


def found(shop, code):
    today = timezone.localdate()
    answer = evaluate(profile_of(shop), today, held=holdings.held_by(shop, today))
    (row,) = [one for one in answer.assessments if one.rule.code == code]
    return answer.result_of(row)


def states(shop):
    return {code: found(shop, code)["state"] for code in (STARTUP, FARMING)}


def test_who_has_had_neither_can_have_either():
    assert states(graduate()) == {STARTUP: "now", FARMING: "now"}


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("startup_subsidy_received", {STARTUP: "have", FARMING: "no"}),
        ("agri_startup_subsidy_received", {STARTUP: "no", FARMING: "have"}),
    ],
)
def test_with_one_received_the_other_is_a_no_for_a_graduate(received, expected):
    assert states(graduate(**{received: True})) == expected


def test_a_veteran_is_asked_nothing_of_the_farming_subsidy():
    shop = open_shop(1, registered_on=months_ago(20).isoformat(), abnormal_listed=False)
    tell_of(shop, "employment", startup_subsidy_received=False)
    tell_of(shop, "self", operator_groups=["veteran"], first_time_business=True)

    row = found(shop, STARTUP)

    assert (row["state"], row["missing_facts"]) == ("now", [])


@pytest.mark.parametrize("kind", ["applied", "granted", "enjoyed"])
@pytest.mark.parametrize(("mine", "other"), [(STARTUP, FARMING), (FARMING, STARTUP)])
def test_what_is_held_or_applied_for_of_one_is_a_no_to_the_other_that_says_so(kind, mine, other):
    shop = graduate()
    benefit = Benefit.objects.get(code=mine)

    holdings.hold(shop, benefit, kind)

    row = found(shop, other)
    (why,) = [one for one in row["criteria"] if one["id"] == "excludes"]
    title = found(shop, mine)["title"]
    assert (found(shop, mine)["state"], row["state"], why["result"]) == ("have", "no", "fail")
    assert why["sentence"] == f"和“{title}”只能领一个"


def test_what_was_declined_stands_in_nobodys_way():
    shop = graduate()
    holdings.hold(shop, Benefit.objects.get(code=STARTUP), "declined")

    assert states(shop) == {STARTUP: "now", FARMING: "now"}
