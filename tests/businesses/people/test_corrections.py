"""Facts that an owner disputes, and the department that answers."""

import pytest
from django.core.exceptions import PermissionDenied

from businesses.actions import ask_for_correction, decide_correction
from businesses.facts import DERIVED
from businesses.models import Business, CorrectionRequest
from businesses.register import known_of
from core.errors import Invalid, Refused

from .world import clerk, department_of, opened, owner_of

pytestmark = pytest.mark.django_db(databases="__all__")


def disputed(fact="registered_on", note="营业执照上是 2024 年", **said):
    shop = opened(**said)
    department_of("registry", "market"), department_of("tax", "tax")
    return ask_for_correction(shop, fact, note, by=owner_of(shop))


def test_a_dispute_goes_to_the_department_that_the_fact_came_from(engine):
    request = disputed("taxpayer_type", tax={"taxpayer_type": "general"})

    rights = ("view_correctionrequest", "change_correctionrequest")
    tax, market = clerk("tax", *rights), clerk("market", *rights)
    assert (request.source, request.shown, request.status) == ("tax", "一般纳税人", "open")
    assert list(CorrectionRequest.objects.visible_to(tax)) == [request]
    assert list(CorrectionRequest.objects.visible_to(market)) == []
    for stranger in (market, clerk("tax", "view_correctionrequest"), request.asked_by):
        with pytest.raises(PermissionDenied):
            decide_correction(request, accept=True, value="small_scale", by=stranger)


def test_an_accepted_dispute_changes_the_fact_and_says_so(engine):
    request = disputed()
    by = clerk("market", "view_correctionrequest", "change_correctionrequest")

    decided = decide_correction(request, accept=True, value="2024-01-15", answer="已更正", by=by)

    known = known_of(request.business)[0]["registered_on"]
    assert (known.value, known.source) == ("2024-01-15", "staff")
    assert (decided.status, decided.answer, decided.decided_by) == ("accepted", "已更正", by)
    with pytest.raises(Refused, match="已经答复过"):
        decide_correction(request, accept=False, answer="不改", by=by)


def test_a_refused_dispute_needs_an_answer_and_leaves_the_fact(engine):
    request = disputed()
    by = clerk("market", "view_correctionrequest", "change_correctionrequest")

    with pytest.raises(Invalid) as told:
        decide_correction(request, accept=False, by=by)
    decide_correction(request, accept=False, answer="档案里也是这一天", by=by)

    assert [fault.field for fault in told.value.faults] == ["answer"]
    assert known_of(request.business)[0]["registered_on"].source == "registry"
    # It can be asked anew once it is answered.
    assert ask_for_correction(request.business, "registered_on", "再看看", by=request.asked_by).pk


@pytest.mark.parametrize("value", [None, "2024-13-01", "昨天"])
def test_a_correction_is_read_as_strictly_as_any_value(engine, value):
    request = disputed()
    by = clerk("market", "view_correctionrequest", "change_correctionrequest")

    with pytest.raises(Invalid) as told:
        decide_correction(request, accept=True, value=value, by=by)

    request.refresh_from_db()
    assert ([fault.field for fault in told.value.faults], request.status) == (["value"], "open")


def test_a_fact_is_disputed_once_at_a_time(engine):
    request = disputed()

    with pytest.raises(Refused, match="已经在核实"):
        ask_for_correction(request.business, "registered_on", "还是不对", by=request.asked_by)


@pytest.mark.parametrize(
    ("fact", "note", "raised"),
    [
        ("monthly_rent", "不对", Refused),  # one's own word
        ("district", "不对", Invalid),  # nobody has said it
        ("registered_on", "  ", Invalid),
        ("registered_on", "长" * 501, Invalid),
    ],
)
def test_what_cannot_be_disputed(engine, fact, note, raised):
    shop = opened(self={"monthly_rent": "800.00"})

    with pytest.raises(raised):
        ask_for_correction(shop, fact, note, by=owner_of(shop))
    assert CorrectionRequest.objects.count() == 0


def test_a_set_is_disputed_with_the_department_that_named_a_member(engine):
    shop = opened(
        veterans={"operator_groups": {"yes": ["veteran"]}}, self={"operator_groups": ["hard_to_employ"]}
    )

    request = ask_for_correction(shop, "operator_groups", "我没有当过兵", by=owner_of(shop))

    assert request.source == "veterans"


@pytest.mark.parametrize("fact", DERIVED)
def test_what_rules_derive_is_answered_by_the_market_regulator_and_never_overwritten(engine, fact):
    shop = opened()
    Business.objects.filter(pk=shop.pk).update(
        business_type="survival", distinctive_classes_yes=1, distinctive_classes_known=15
    )
    request = ask_for_correction(shop, fact, "不对", by=owner_of(shop))
    department_of("registry", "market")
    by = clerk("market", "view_correctionrequest", "change_correctionrequest")

    with pytest.raises(Refused, match="由规则算出来"):
        decide_correction(request, accept=True, value="growth", by=by)
    assert request.source == "registry"
