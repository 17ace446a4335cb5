"""What the market regulator's staff do in the admin, and that nobody else does."""

import csv
import io
import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import AccessEvent, Department, User
from businesses import business_types
from businesses.models import Business, CreditRating, DistinctiveListing, RepairCase, TypeThresholds
from portal.city import credit_code
from portal.roles import write_roles
from tests.businesses.test_types import PASSING
from visits.models import InspectionDraw

pytestmark = pytest.mark.django_db
BASE = "/admin/businesses"
FIGURES = {
    "growth_years": 1,
    "growth_tax": "0.01",
    "growth_insured": 1,
    "development_years": 2,
    "development_insured": 8,
    "development_tax": "30000",
    "placeholder": "on",
    "basis": "",
}
WEIGHTS = {"weight_A": 1, "weight_B": 2, "weight_C": 5, "weight_D": 10, "weight_unrated": 2}


def signed_in(name, *groups, department="market"):
    bureau, _ = Department.objects.get_or_create(code=department, defaults={"name": department})
    user = User.objects.create(username=name, is_staff=True, department=bureau)
    user.groups.set(Group.objects.filter(name__in=groups))
    client = Client()
    client.force_login(user)
    client.person = user
    return client


@pytest.fixture
def roles(db):
    write_roles()


@pytest.fixture
def regulator(roles):
    return signed_in("market", "审核员", "市场监管员")


@pytest.fixture
def auditor(roles):
    return signed_in("auditor", "审计员")


@pytest.fixture
def street(db):
    return [
        Business.objects.create(
            name=f"演示店{place}",
            credit_code=credit_code("520201", place),
            **{**PASSING, "insured_headcount": place},
        )
        for place in range(10)
    ]


def text(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_new_figures_first_show_who_would_move_and_only_confirmed_are_they_in_force(
    regulator, street, django_capture_on_commit_callbacks
):
    business_types.recompute()
    count = TypeThresholds.objects.count()
    sent = {**FIGURES, "growth_insured": 3}

    shown = text(regulator.post(f"{BASE}/typethresholds/add/", sent))
    still = TypeThresholds.objects.count()
    with django_capture_on_commit_callbacks(execute=True):
        regulator.post(f"{BASE}/typethresholds/add/", {**sent, "confirm": "确认"})

    assert "成长型 生存型 2 户" in shown
    assert (still, TypeThresholds.objects.count()) == (count, count + 1)
    assert TypeThresholds.objects.latest().set_by == regulator.person
    assert Business.objects.filter(business_type="survival").count() == 3


def test_figures_that_are_not_a_placeholder_need_a_basis(regulator):
    sent = {**FIGURES, "placeholder": "", "confirm": "确认"}

    shown = text(regulator.post(f"{BASE}/typethresholds/add/", sent))

    assert "不是暂定数值，就要写明依据，例如文件的文号。" in shown


def test_the_type_and_its_reason_stand_on_the_page_of_the_shop(regulator, street):
    business_types.recompute()

    shown = text(regulator.get(f"{BASE}/business/{street[9].pk}/change/"))

    assert "登记满 2 年，参保 8 人以上，没有被标记为经营异常状态" in shown
    assert "未分型" in shown


def test_a_shop_is_listed_prolonged_and_removed_by_buttons(regulator, street):
    business_types.recompute()
    sent = {"credit_code": street[3].credit_code, "listed_as": "quality", "basis": "测试文号"}
    year = timezone.localdate().year

    regulator.post(f"{BASE}/distinctivelisting/add/", {**sent, "year": year})
    listing = DistinctiveListing.objects.get()
    page = text(regulator.get(f"{BASE}/distinctivelisting/{listing.pk}/change/"))
    early = text(regulator.post(f"{BASE}/distinctivelisting/{listing.pk}/extend/"))
    regulator.post(f"{BASE}/distinctivelisting/{listing.pk}/remove/", {"reason": "不再经营"})

    listing.refresh_from_db()
    assert (listing.listed_as, listing.since.year, listing.added_by) == ("quality", year, regulator.person)
    assert "延长 3 年" in page
    assert "移出名录" in page
    assert f"到最后一年才能延长，请在 {year + 2} 年内办理。" in early
    assert listing.ended_because == "不再经营"


def test_a_barred_or_unknown_shop_is_refused_in_words(regulator, street):
    business_types.recompute()
    year = timezone.localdate().year
    sent = {"listed_as": "quality", "basis": "测试文号", "year": year}

    barred = text(
        regulator.post(f"{BASE}/distinctivelisting/add/", {**sent, "credit_code": street[0].credit_code})
    )
    unknown = text(
        regulator.post(f"{BASE}/distinctivelisting/add/", {**sent, "credit_code": credit_code("520201", 999)})
    )
    misread = text(regulator.post(f"{BASE}/distinctivelisting/add/", {**sent, "credit_code": "92"}))

    assert "这家店不是成长型或发展型。有部门推荐的，请填推荐部门。" in barred
    assert "登记里没有这家店，请核对代码。" in unknown
    assert "统一社会信用代码应为 18 位，您填了 2 位" in misread
    assert DistinctiveListing.objects.count() == 0


def test_a_draw_is_made_shown_exported_and_verified(regulator, street):
    colleagues = [
        User.objects.create(
            username=f"inspector{n}", is_staff=True, department=regulator.person.department
        ).pk
        for n in range(2)
    ]
    sent = {"name": "抽查", "seed": "0611", "size": 4, "inspectors": colleagues, **WEIGHTS}

    regulator.post("/admin/visits/inspectiondraw/add/", sent)
    drawn = InspectionDraw.objects.get()
    page = text(regulator.get(f"/admin/visits/inspectiondraw/{drawn.pk}/change/"))
    file = regulator.get(f"/admin/visits/inspectiondraw/{drawn.pk}/result.csv")
    rows = list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"))))
    verified = text(regulator.get(f"/admin/visits/inspectiondraw/{drawn.pk}/verify/", follow=True))

    first = drawn.picks.get(place=1)
    assert (drawn.size, drawn.population, drawn.drawn_by) == (4, 10, regulator.person)
    assert first.business.name in page
    assert [rows[1][1], len(rows)] == [first.business.credit_code, 5]
    assert "名单和抽取结果都与当时一致。" in verified
    assert list(AccessEvent.objects.order_by("id").values_list("action", "subject")) == [
        ("inspection-draw", f"draw {drawn.pk}"),
        ("export", f"draw {drawn.pk}"),
    ]


def test_too_large_a_draw_is_refused_in_words(regulator, street):
    sent = {"name": "抽查", "seed": "0611", "size": 11, **WEIGHTS}

    shown = text(regulator.post("/admin/visits/inspectiondraw/add/", sent))

    assert "名单里只有 10 户可以抽，请减少户数或放宽范围。" in shown


@pytest.fixture
def rows(street):
    listing = DistinctiveListing.objects.create(
        business=street[0], listed_as="famous", since="2026-01-01", until="2028-12-31", basis="测试"
    )
    drawn = InspectionDraw.objects.create(name="抽查", seed="1", size=1)
    rating = CreditRating.objects.create(business=street[0], rated="A", on="2026-01-01")
    case = RepairCase.objects.create(business=street[0])
    return {
        f"{BASE}/distinctivelisting": listing,
        "/admin/visits/inspectiondraw": drawn,
        f"{BASE}/creditrating": rating,
        f"{BASE}/repaircase": case,
    }


def test_the_auditor_reads_everything_and_changes_nothing(auditor, rows):
    for name, row in rows.items():
        assert auditor.get(f"{name}/{row.pk}/change/").status_code == 200
        assert auditor.post(f"{name}/{row.pk}/change/", {"name": "x"}).status_code == 403
        assert auditor.post(f"{name}/add/", {}).status_code == 403
    listing = rows[f"{BASE}/distinctivelisting"].pk
    for verb in ("extend", "remove"):
        assert (
            auditor.post(f"{BASE}/distinctivelisting/{listing}/{verb}/", {"reason": "x"}).status_code == 403
        )
    assert auditor.post(f"{BASE}/typethresholds/add/", FIGURES).status_code == 403


def test_staff_of_other_bureaus_see_none_of_it(roles, rows):
    other = signed_in("hr", "审核员", department="hrss")

    for name, row in rows.items():
        assert other.get(f"{name}/").status_code == 403
        assert other.get(f"{name}/{row.pk}/change/").status_code in (302, 403)
    drawn, listing = rows["/admin/visits/inspectiondraw"].pk, rows[f"{BASE}/distinctivelisting"].pk
    for address in (
        f"/admin/visits/inspectiondraw/{drawn}/result.csv",
        f"/admin/visits/inspectiondraw/{drawn}/list.csv",
        f"/admin/visits/inspectiondraw/{drawn}/verify/",
        f"{BASE}/distinctivelisting/{listing}/extend/",
    ):
        assert other.get(address).status_code == 302
    assert set(AccessEvent.objects.values_list("action", flat=True)) == {"refused"}


def test_ratings_and_cases_are_only_browsed(regulator, rows):
    for name in (f"{BASE}/creditrating", f"{BASE}/repaircase"):
        assert regulator.get(f"{name}/?q=演示店0").status_code == 200
        assert regulator.post(f"{name}/add/", {}).status_code == 403
        assert regulator.post(f"{name}/{rows[name].pk}/change/", {"rated": "D"}).status_code == 403
        assert regulator.post(f"{name}/{rows[name].pk}/delete/", {"post": "yes"}).status_code == 403


def test_lists_cost_the_same_for_one_row_and_for_three(regulator, street, django_assert_max_num_queries):
    for shop in street[:3]:
        CreditRating.objects.create(business=shop, rated="B", on="2026-01-01")
        with django_assert_max_num_queries(9):
            regulator.get(f"{BASE}/creditrating/")
