"""What each institution may read: what the owner agreed to, and nothing else."""

import pytest
from django.core.exceptions import PermissionDenied

from businesses.models import Sharing
from core.errors import Invalid, Refused
from notifications.models import Letter
from services.asking import Ask
from services.finance import tenders
from services.models import ServiceCase
from tests.notifications.register import tell_of
from tests.services import world

from .tendering import helper_of, legs_of

pytestmark = pytest.mark.django_db


def test_each_reads_what_the_owner_agreed_to_for_it_and_nothing_else(shop, owner, banks):
    first, second, _ = banks
    case = world.tender(shop, owner, first, second, agreed=[first])

    lines = tenders.read_shared(world.leg_of(case, first), by=first.officer)

    assert legs_of(case) == [("演示银行甲", "sent", True), ("演示银行乙", "sent", False)]
    assert [line.words for line in lines] == [shop.name, "800 元"]
    with pytest.raises(PermissionDenied):
        tenders.read_shared(world.leg_of(case, second), by=second.officer)
    with pytest.raises(PermissionDenied):
        tenders.read_shared(world.leg_of(case, first), by=second.officer)
    assert world.faults() == []


def test_what_is_agreed_to_and_the_request_are_kept_together_or_not_at_all(shop, owner, banks):
    agreed = {banks[0].department.pk: world.digest(shop, banks[0]), banks[1].department.pk: "0" * 64}

    with pytest.raises(Refused, match="内容有变动"):
        tenders.ask_institutions(
            banks[0].offering, shop, Ask(), list(agreed), agreed, by=owner, is_fresh=True
        )

    assert not ServiceCase.objects.exists()
    assert not Sharing.objects.exists()


def test_a_request_that_is_wrong_leaves_no_agreement_behind(shop, owner, banks):
    agreed = {banks[0].department.pk: world.digest(shop, banks[0])}

    with pytest.raises(Invalid):
        tenders.ask_institutions(
            banks[0].offering,
            shop,
            Ask(words="打 13800138000"),
            list(agreed),
            agreed,
            by=owner,
            is_fresh=True,
        )

    assert not Sharing.objects.exists()


def test_a_helper_asks_with_words_and_never_agrees(shop, owner, banks):
    helper, ids = helper_of(shop, owner), [banks[0].department.pk]
    agreed = {ids[0]: world.digest(shop, banks[0])}

    with pytest.raises(PermissionDenied):
        tenders.ask_institutions(banks[0].offering, shop, Ask(), ids, agreed, by=helper, is_fresh=True)
    case, is_new = tenders.ask_institutions(banks[0].offering, shop, Ask(), ids, {}, by=helper)

    assert is_new
    leg = world.leg_of(case, banks[0])
    with pytest.raises(PermissionDenied):
        tenders.share(case, leg, agreed[ids[0]], by=helper, is_fresh=True)
    tenders.share(case, leg, agreed[ids[0]], by=owner, is_fresh=True)
    assert legs_of(case) == [("演示银行甲", "sent", True)]


def test_what_has_changed_is_told_to_the_owner_who_agrees_anew(shop, owner, banks):
    case = world.tender(shop, owner, banks[0], agreed=[banks[0]])
    tell_of(shop, "self", rents_premises=True, monthly_rent="900.00")

    with pytest.raises(Refused, match="请店主重新授权"):
        tenders.read_shared(world.leg_of(case, banks[0]), by=banks[0].officer)
    told = Letter.objects.get(title="“试验贷款”要您再同意一次")
    tenders.share(case, world.leg_of(case, banks[0]), world.digest(shop, banks[0]), by=owner, is_fresh=True)
    lines = tenders.read_shared(world.leg_of(case, banks[0]), by=banks[0].officer)

    leg = world.leg_of(case, banks[0])
    assert (told.action_path, told.needs_action) == (f"/cases/{case.public_id}/share/{leg.pk}/", True)
    assert Letter.objects.get(pk=told.pk).needs_action is False
    assert lines[1].words == "900 元"
    shared = list(Sharing.objects.order_by("pk").values_list("revoked_at", "used"))
    assert [(ended is None, times) for ended, times in shared] == [(False, 0), (True, 1)]
