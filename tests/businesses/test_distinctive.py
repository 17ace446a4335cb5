"""名特优新: who may be listed, for how long, and that the derived fact follows the list and the calendar."""

from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied

from accounts.models import Department, User
from businesses import distinctive
from businesses.distinctive import extend, follow_the_calendar, list_business, remove
from businesses.facts import BUILT_IN_REGISTRY
from businesses.models import Business, DistinctiveListing
from businesses.register import profile_of
from businesses.signals import facts_changed
from core.errors import Refused

pytestmark = pytest.mark.django_db(databases="__all__")
TODAY = date(2026, 11, 24)
GROUPS = BUILT_IN_REGISTRY["operator_groups"]


@pytest.fixture
def clerk(engine):
    user = User.objects.create(username="market", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__endswith="distinctivelisting"))
    return user


def shop(**facts):
    return Business.objects.create(
        name="演示店", **{"operating_status": "operating", "business_type": "growth", **facts}
    )


def listed(business, by, listed_as="famous", **more):
    return list_business(business, listed_as, by=by, basis="测试文号", **{"today": TODAY, **more})


def test_a_listing_begins_on_the_first_of_january_and_lasts_three_years(clerk):
    listing = listed(shop(), clerk)

    assert (listing.since, listing.until) == (date(2027, 1, 1), date(2029, 12, 31))


def test_the_fact_is_known_at_once_and_holds_from_the_first_day(clerk):
    row = shop()
    listed(row, clerk)
    row.refresh_from_db()
    before = row.distinctive_classes_yes, row.distinctive_classes_known, row.version
    follow_the_calendar(date(2027, 1, 1))

    row.refresh_from_db()
    assert before == (0, 15, 2)
    assert (row.distinctive_classes_yes, row.version) == (1, 3)
    assert profile_of(row).values["distinctive_classes"] == (1, 15)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"business_type": "survival"}, "这家店不是成长型或发展型。有部门推荐的，请填推荐部门。"),
        ({"business_type": None}, "这家店不是成长型或发展型。有部门推荐的，请填推荐部门。"),
        ({"published_penalty_on": date(2024, 11, 24)}, "2024-11-24 公示了罚款以上的处罚，还不满 2 年。"),
        ({"judgment_debtor": True}, "经营者是失信被执行人。"),
        ({"operating_status": "suspended"}, "这家店不在正常经营状态。"),
    ],
)
def test_each_bar_is_told(clerk, facts, reason):
    with pytest.raises(Refused) as refused:
        listed(shop(**facts), clerk)

    assert str(refused.value) == reason


def test_all_bars_are_told_at_once(clerk):
    barred = shop(business_type="survival", judgment_debtor=True, operating_status="revoked")

    assert len(distinctive.bars(barred, recommended=False, today=TODAY)) == 3


@pytest.mark.parametrize("group", distinctive.RELAXED_FOR)
def test_the_type_does_not_bar_those_the_rules_are_relaxed_for(clerk, group):
    row = shop(business_type="survival", operator_groups_yes=GROUPS.mask([group]), operator_groups_known=0)

    assert listed(row, clerk).pk


def test_nor_those_whom_a_department_recommends_but_a_penalty_does(clerk):
    bureau = Department.objects.create(code="culture", name="文广旅游局")

    assert listed(shop(business_type="survival"), clerk, recommended_by=bureau).recommended_by == bureau
    with pytest.raises(Refused):
        listed(shop(published_penalty_on=date(2026, 1, 1)), clerk, recommended_by=bureau)


def test_a_penalty_of_more_than_two_years_ago_is_over(clerk):
    assert listed(shop(published_penalty_on=date(2024, 11, 23)), clerk).pk


def test_a_shop_is_in_a_class_once_but_in_several_classes(clerk):
    row = shop()
    listed(row, clerk)
    listed(row, clerk, "quality")

    with pytest.raises(Refused) as refused:
        listed(row, clerk)
    assert str(refused.value) == "已经在“知名”名录里。"


def test_the_year_and_the_basis_are_checked(clerk):
    with pytest.raises(Refused) as refused:
        list_business(shop(), "famous", by=clerk, basis=" ", year=2031, today=TODAY)

    assert str(refused.value) == "请写明依据，例如认定文件的文号。只能列入 2026 年或 2027 年的名录。"


def test_it_is_prolonged_once_in_its_last_year(clerk):
    listing = listed(shop(), clerk, year=2026)

    with pytest.raises(Refused) as early:
        extend(listing, by=clerk, today=date(2027, 12, 31))
    extended = extend(listing, by=clerk, today=date(2028, 1, 1))
    with pytest.raises(Refused) as twice:
        extend(listing, by=clerk, today=date(2031, 6, 1))

    assert str(early.value) == "到最后一年才能延长，请在 2028 年内办理。"
    assert extended.until == date(2031, 12, 31)
    assert str(twice.value) == "只能延长一次，这一条已经延长过。"


def test_it_is_not_prolonged_for_a_shop_that_is_barred_by_then(clerk):
    row = shop()
    listing = listed(row, clerk, year=2026)
    Business.objects.filter(pk=row.pk).update(judgment_debtor=True)

    with pytest.raises(Refused) as refused:
        extend(listing, by=clerk, today=date(2028, 3, 1))
    assert str(refused.value) == "经营者是失信被执行人。"


def test_removal_needs_a_reason_takes_the_fact_away_and_happens_once(clerk):
    row = shop()
    listing = listed(row, clerk, year=2026)
    with pytest.raises(Refused):
        remove(listing, by=clerk, reason=" ", today=TODAY)
    removed = remove(listing, by=clerk, reason="不再经营", today=TODAY)
    with pytest.raises(Refused) as twice:
        remove(listing, by=clerk, reason="不再经营", today=TODAY)

    row.refresh_from_db()
    assert (removed.ended_on, removed.ended_because) == (TODAY, "不再经营")
    assert (row.distinctive_classes_yes, row.distinctive_classes_known) == (0, 15)
    assert str(twice.value) == "这一条已在 2026-11-24 移出。"


def test_the_calendar_ends_what_has_expired_once_and_tells_who_listens(clerk):
    row = shop()
    listed(row, clerk, year=2026)
    told = []

    def listen(sender, changes, **_):
        told.append(changes)

    facts_changed.connect(listen)
    try:
        ended = [follow_the_calendar(day) for day in (date(2028, 12, 31), date(2029, 1, 1), date(2029, 1, 2))]
    finally:
        facts_changed.disconnect(listen)

    assert ended == [0, 1, 0]
    assert told == [{row.pk: {"distinctive_classes": (["famous"], [])}}]
    assert DistinctiveListing.objects.get().ended_because == "有效期满"


def test_only_those_with_the_permission_act(clerk):
    stranger = User.objects.create(username="clerk", is_staff=True)
    listing = listed(shop(), clerk)

    for act in (
        lambda: listed(shop(), stranger),
        lambda: extend(listing, by=stranger),
        lambda: remove(listing, by=stranger, reason="不再经营"),
    ):
        with pytest.raises(PermissionDenied):
            act()
