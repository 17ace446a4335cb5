"""A no, the next institution, and an offer that is taken."""

import pytest

from cases.actions import general
from cases.models import Case
from core.errors import Invalid, Refused
from notifications.models import Letter
from services.finance import tenders
from tests.services import world

from .tendering import answered, legs_of, state_of

pytestmark = pytest.mark.django_db


def test_after_a_no_the_owner_asks_the_next_with_an_agreement_of_its_own(shop, owner, banks):
    first, second, third = banks
    case = world.tender(shop, owner, first, agreed=[first])
    answered(case, first, "decline", reason="开店时间太短")
    after_no = state_of(case)

    rows = tenders.next_institutions(Case.objects.get(pk=case.pk))
    agreed = {second.department.pk: world.digest(shop, second)}
    tenders.pass_on(case, list(agreed), agreed, by=owner, is_fresh=True)

    assert after_no == ("unserved", "")
    assert [one.pk for one in rows] == [second.department.pk, third.department.pk]
    assert state_of(case) == ("open", "")
    assert legs_of(case) == [("演示银行甲", "no_help", True), ("演示银行乙", "sent", True)]
    letter = Letter.objects.get(title="“试验贷款”有一家没接成")
    assert "演示银行甲没接成：开店时间太短。可以转给下一家" in letter.sentence
    with pytest.raises(Refused):  # it has said no
        tenders.read_shared(world.leg_of(case, first), by=first.officer)


def test_nobody_is_asked_again_and_when_all_have_been_nobody_is_left(shop, owner, banks):
    case = world.tender(shop, owner, *banks)
    for one in banks:
        answered(case, one, "decline", reason="不办这一类")

    assert tenders.next_institutions(Case.objects.get(pk=case.pk)) == []
    with pytest.raises(Invalid):
        tenders.pass_on(case, [banks[0].department.pk], {}, by=owner)
    assert state_of(case) == ("unserved", "")
    page = world.browser_of(owner).get(f"/cases/{case.public_id}/pass-on/").content.decode()
    assert "没有别的机构能问了" in page


def test_while_others_look_at_it_a_no_leaves_it_with_them(shop, owner, banks):
    case = world.tender(shop, owner, *banks[:2])
    answered(case, banks[1], "take")
    answered(case, banks[0], "miss", reason="打了三次没人接")

    assert state_of(case) == ("talking", "")
    assert legs_of(case)[0][:2] == ("演示银行甲", "unreachable")


def test_an_offer_is_taken_and_the_others_are_let_go(shop, owner, banks):
    first, second, _ = banks
    case = world.tender(shop, owner, first, second, agreed=[first, second])
    answered(case, first, "take")
    with pytest.raises(Refused, match="还没有给出条件"):
        tenders.accept(case, world.leg_of(case, first), by=owner)
    answered(case, first, "offer", words="10 万元，一年")
    tenders.accept(case, world.leg_of(case, first), by=owner)

    row = Case.objects.get(pk=case.pk)
    assert state_of(case) == ("served", "helped")
    assert [leg.is_accepted for leg in row.request.legs.all()] == [True, False]
    assert [state for _, state, _ in legs_of(case)] == ["done", "dropped"]
    assert len(tenders.read_shared(world.leg_of(case, first), by=first.officer)) == 2
    with pytest.raises(Refused):
        tenders.read_shared(world.leg_of(case, second), by=second.officer)
    assert world.faults() == []


def test_what_the_owner_saw_has_to_be_what_is_there(shop, owner, banks):
    case = world.tender(shop, owner, *banks[:2])
    seen = Case.objects.get(pk=case.pk).version
    answered(case, banks[0], "decline", reason="不办")

    with pytest.raises(Refused, match="刚刚有变动"):
        tenders.pass_on(case, [banks[2].department.pk], {}, by=owner, expected_version=seen)


@pytest.mark.parametrize("has_offer", [False, True])
def test_taken_back_nobody_reads_any_more(shop, owner, banks, has_offer):
    case = world.tender(shop, owner, banks[0], agreed=[banks[0]])
    if has_offer:
        answered(case, banks[0], "take")
        answered(case, banks[0], "offer", words="10 万元，一年")

    general.do(Case.objects.get(pk=case.pk), "withdraw", {}, by=owner)

    with pytest.raises(Refused):
        tenders.read_shared(world.leg_of(case, banks[0]), by=banks[0].officer)


def test_insurers_are_asked_by_the_same_verbs(shop, owner):
    insurer = world.bank("i", "保险", kind="insurer", code="T03a", shares=["shop_name"])
    case = world.tender(shop, owner, insurer, agreed=[insurer])
    answered(case, insurer, "take")
    answered(case, insurer, "offer", words="一年 300 元，保 20 万元")
    tenders.accept(case, world.leg_of(case, insurer), by=owner)

    assert state_of(case) == ("served", "helped")
