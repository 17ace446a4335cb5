"""In a browser: what a season asks for becomes a class, and somebody who needs people learns where to send them."""

import pytest

from tests.pages.conftest import DESKTOP, PHONE, follow

from .browsing import fill, text
from .test_posts_in_browser import browser

__all__ = ["browser"]

# (with scripts, wide)
WAYS = [(True, PHONE), pytest.param((False, PHONE), marks=pytest.mark.long)]


@pytest.fixture
def agriculture(site, django_db_blocker):
    """Whoever sets the times of the bureau's class of pickers."""
    with django_db_blocker.unblock():
        from django.contrib.auth.models import Group

        from accounts.models import Department, User
        from policies.models import Benefit
        from services.models import Offering
        from tests.services import world as services

        department, _ = Department.objects.get_or_create(
            code="agriculture", defaults={"name": "市农业农村局"}
        )
        user, _ = User.objects.get_or_create(
            username="agriculture", defaults={"is_staff": True, "department": department}
        )
        user.groups.set(Group.objects.filter(name="服务专员"))
        Offering.objects.filter(code="pickers").delete()
        given = {"handler": department, "benefit": Benefit.objects.get(code="M11a"), "title": "采茶班"}
        services.offering("enrolment", "pickers", **given)
        yield user


@pytest.mark.benefit("M11a")
@pytest.mark.parametrize("way", WAYS)
def test_twenty_wanted_for_tea_become_a_class_that_a_shop_joins(browser, shopkeeper, agriculture, way):
    from cases.models import Case
    from jobs import posting
    from services.models import Slot
    from tests.jobs import world

    shop, owner = shopkeeper(640 + way[0])
    posting.publish(shop, world.work(title="采春茶", people="20"), by=owner)
    staff, mine = browser((way[0], DESKTOP), agriculture), browser(way, owner)

    # The bureau sees what is wanted, and sets the times of a class.
    staff.page.goto("/admin/jobs/post/season/")
    wanted = staff.page.locator("#content").inner_text()
    follow(staff.page.get_by_role("link", name="采茶班排时间").first)
    staff.page.locator("[name=on]").nth(5).check()
    fill(staff.page, {"from": "09:00", "until": "11:00", "weeks": "1", "capacity": "12"})
    follow(staff.page.get_by_role("button", name="排时间"))

    # A shop comes from the season to the class, and joins it.
    mine.goto("/jobs/season/")
    mine.follow("link", "看培训班")
    mine.follow("link", "采茶班", exact=False)
    mine.follow("button", "报名")
    joined = text(mine.page)

    assert "建议开一期培训班" in wanted
    assert "采茶班" in joined
    case = Case.objects.get(business=shop)
    assert (case.state, case.benefit.code) == ("booked", "M11a")
    assert Slot.objects.get(offering__code="pickers").left == 11
