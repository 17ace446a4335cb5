"""Which papers are asked of whom: by who the owner is, by what departments know, and by what the owner says of them."""

import pytest
from django.utils import timezone

from cases.assessment import judge, judge_draft
from cases.materials import Need, missing, wanted
from core.errors import Invalid, Refused
from policies.catalogue import catalogue
from policies.models import BenefitVersion
from subsidies.actions import applying
from subsidies.checks import rules
from tests.measures import load_catalogue
from tests.notifications.register import months_ago, open_shop, tell_of

from . import world

pytestmark = pytest.mark.django_db
CERTIFICATES = ("毕业证", "退役证件", "就业创业证")


@pytest.fixture
def loaded(db):
    load_catalogue()


def shop_of(groups, source, place=1):
    """A rented shop open for 20 months, whose owner belongs to groups as ``source`` says."""
    shop = open_shop(place, registered_on=months_ago(20).isoformat(), abnormal_listed=False)
    tell_of(shop, "self", rents_premises=True, monthly_rent="380", rent_reduction_received=False)
    tell_of(shop, "self", first_time_business=True, left_school_on=months_ago(30).isoformat())
    tell_of(shop, source, operator_groups={"yes": groups, "no": []})
    return shop


def version_of(code):
    known = catalogue().benefits[code].in_force_on(timezone.localdate())
    return BenefitVersion.objects.select_related("benefit").get(pk=known.pk)


def asked(code, groups, source="self"):
    """``{material: need}`` of the certificates."""
    version, shop = version_of(code), shop_of(groups, source)
    judged = judge(shop, version, {}, timezone.localdate())
    return {row.name: row.need for row in wanted(version, judged, {}) if row.name in CERTIFICATES}


def only(name, need=Need.NEEDED):
    return {one: need if one == name else Need.OTHER for one in CERTIFICATES}


@pytest.mark.parametrize("code", ["M05a", "M05c"])
@pytest.mark.parametrize(
    ("groups", "certificate"),
    [
        (["graduate"], "毕业证"),
        (["graduation_year_graduate"], "毕业证"),
        (["veteran"], "退役证件"),
        (["self_employed_veteran"], "退役证件"),
        (["hard_to_employ"], "就业创业证"),
        (["returning_migrant_worker"], None),  # no paper proves it
        ([], None),
    ],
)
def test_an_owner_is_asked_for_the_certificate_of_their_own_group_alone(loaded, code, groups, certificate):
    assert asked(code, groups) == only(certificate)


@pytest.mark.parametrize(
    ("source", "groups", "certificate"),
    [
        ("employment", ["hard_to_employ"], "就业创业证"),
        ("veterans", ["self_employed_veteran"], "退役证件"),
        ("employment", ["graduate"], "毕业证"),
    ],
)
def test_who_somebody_is_by_a_department_needs_no_paper(loaded, source, groups, certificate):
    assert asked("M05c", groups, source) == only(certificate, Need.TOLD)


def test_of_two_groups_either_certificate_does(loaded):
    version, shop = version_of("M05c"), shop_of(["graduate", "hard_to_employ"], "self")
    judged = judge(shop, version, {}, timezone.localdate())

    rows = {row.name: row for row in wanted(version, judged, {})}

    either = ("毕业证", "就业创业证")
    assert [rows[name].need for name in CERTIFICATES] == [Need.NEEDED, Need.OTHER, Need.NEEDED]
    assert {name: rows[name].instead for name in either} == dict.fromkeys(either, either)


def test_who_is_also_a_migrant_worker_may_keep_the_diploma(loaded):
    assert asked("M05c", ["graduate", "migrant_worker"]) == only("毕业证", Need.OPTIONAL)


def test_whose_diploma_is_too_old_shows_what_else_they_are(loaded):
    """Six years out of school a diploma decides nothing of M05a; being a veteran does."""
    version, shop = version_of("M05a"), shop_of(["graduate", "veteran"], "self")
    tell_of(shop, "self", left_school_on=months_ago(72).isoformat())
    judged = judge(shop, version, {}, timezone.localdate())

    needs = {row.name: row.need for row in wanted(version, judged, {}) if row.name in CERTIFICATES}

    assert needs == {"毕业证": Need.OPTIONAL, "退役证件": Need.NEEDED, "就业创业证": Need.OTHER}


def test_a_roster_is_handed_in_only_when_asked_for_and_nobody_uploads_a_bank_card(loaded):
    version, shop = version_of("M05a"), shop_of(["hard_to_employ"], "employment")
    judged = judge(shop, version, {}, timezone.localdate())

    needs = {row.name: row.need for row in wanted(version, judged, {})}

    assert needs["员工花名册"] == Need.OPTIONAL
    assert "银行卡" not in needs


# 不适用


@pytest.fixture
def draft():
    world.bureau()
    benefit = world.grant_of_money()
    world.envelope(benefit)
    shop = world.shop_with_rent()
    return applying.begin(shop, benefit, by=world.owner_of(shop))


def unmet(application):
    judged = judge_draft(application, timezone.localdate())
    return list(rules.unmet_for_submission(application, judged, today=judged.day))


def test_what_is_called_not_applicable_does_not_stop_handing_in(draft):
    owner = draft.begun_by
    before = unmet(applying.declare(draft, by=owner))

    found = applying.excuse(draft, "租赁合同", "房子是自己的，没有合同", by=owner)

    filed = applying.submit(found, by=owner)
    assert before == ["还没有上传“租赁合同”。"]
    assert (filed.state, filed.excused) == ("submitted", {"租赁合同": "房子是自己的，没有合同"})


def test_a_reason_taken_back_is_asked_for_again(draft):
    owner = draft.begun_by
    found = applying.excuse(draft, "租赁合同", "房子是自己的", by=owner)
    judged = judge_draft(found, timezone.localdate())
    assert missing(found, judged) == []

    found = applying.excuse(found, "租赁合同", None, by=owner)

    assert (found.excused, [row.name for row in missing(found, judged)]) == ({}, ["租赁合同"])


def test_a_file_put_to_it_replaces_the_reason(draft):
    owner = draft.begun_by
    found = applying.excuse(draft, "租赁合同", "合同在房东那里", by=owner)

    found = applying.use(found, "租赁合同", world.evidence(found.operator), by=owner)

    found.refresh_from_db()
    assert found.excused == {}


@pytest.mark.parametrize(
    ("material", "reason", "words"),
    [
        ("租赁合同", "没有", "请写为什么不用交，4 到 200 个字"),
        ("租赁合同", " " * 10, "请写为什么不用交，4 到 200 个字"),
        ("租赁合同", "长" * 201, "请写为什么不用交，4 到 200 个字"),
        ("租赁合同", "我的身份证 11010519491231002X", "身份证号"),
        ("户口本", "没有这种材料", "这一项不要这种材料"),
    ],
)
def test_a_reason_that_says_nothing_is_refused_and_nothing_is_lost(draft, material, reason, words):
    applying.excuse(draft, "租赁合同", "房子是自己的", by=draft.begun_by)

    with pytest.raises(Invalid, match=words):
        applying.excuse(draft, material, reason, by=draft.begun_by)

    draft.refresh_from_db()
    assert draft.excused == {"租赁合同": "房子是自己的"}


def test_a_reason_of_four_and_of_two_hundred_letters_is_kept(draft):
    for reason in ("四个字的", "长" * 200):
        assert applying.excuse(draft, "租赁合同", reason, by=draft.begun_by).excused["租赁合同"] == reason


def test_after_it_was_handed_in_no_reason_is_changed(draft):
    owner = draft.begun_by
    applying.excuse(draft, "租赁合同", "房子是自己的", by=owner)
    applying.submit(applying.declare(draft, by=owner), by=owner)

    with pytest.raises(Refused):
        applying.excuse(draft, "租赁合同", "换一个理由", by=owner)
