"""公示: who is on it, what can be read of them, and that it is gone when its days are over."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from core.errors import Invalid, Refused
from subsidies.actions import publicity
from subsidies.models import PublicNotice
from tests.notifications.register import open_shop

from . import world

pytestmark = pytest.mark.django_db(databases=["default", "postgres"])


@pytest.fixture
def people(engine, time_machine):
    time_machine.move_to("2026-11-23T10:00:00+08:00")
    return world.bureau()


@pytest.fixture
def benefit(people):
    found = world.grant_of_money(publicity_days=3)
    world.envelope(found)
    return found


@pytest.fixture
def case(benefit, people):
    shop = open_shop(1)
    return world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)


def published(benefit, people, days=5):
    return publicity.publish(people.department, benefit, days, by=people.approver)


def test_a_notice_says_who_gets_what_and_no_number(case, benefit, people):
    notice = published(benefit, people)

    assert notice.rows == [{"name": "演**", "shop": "演示店001", "district": "钟山区", "amount": "5,000 元"}]
    assert (notice.number, str(notice.until_on)) == (f"GS-2026-{notice.pk:08d}", "2026-11-27")


def test_nobody_is_published_twice(case, benefit, people):
    published(benefit, people)

    with pytest.raises(Refused, match="都公示过了"):
        published(benefit, people)


def test_it_stands_at_least_as_long_as_the_policy_asks(case, benefit, people):
    for days in (0, 2, 61):
        with pytest.raises(Invalid, match="天数要在 3 到 60 之间"):
            published(benefit, people, days)


def test_finance_and_other_bureaus_do_not_publish(case, benefit, people):
    for somebody in (people.finance, people.reviewer, world.bureau("other", "别的局").approver):
        with pytest.raises(PermissionDenied):
            publicity.publish(people.department, benefit, 5, by=somebody)


def test_it_is_taken_down_the_day_after(case, benefit, people, time_machine):
    notice = published(benefit, people)
    assert publicity.take_down(timezone.localdate()) == 0

    time_machine.move_to("2026-11-28T00:01:00+08:00")

    assert not PublicNotice.objects.standing_on(timezone.localdate()).exists()
    assert (publicity.take_down(timezone.localdate()), publicity.take_down(timezone.localdate())) == (1, 0)
    notice.refresh_from_db()
    assert notice.taken_down_at is not None


class TestPages:
    def test_anybody_reads_what_stands(self, case, benefit, people):
        notice = published(benefit, people)

        listed, shown = Client().get("/notices/"), Client().get(f"/notices/{notice.number}/")

        assert f"/notices/{notice.number}/" in listed.content.decode()
        text = shown.content.decode()
        assert all(word in text for word in ("演**", "演示店001", "钟山区", "5,000 元"))
        assert case.number not in text
        assert case.operator.name not in text

    def test_what_is_over_is_gone_and_says_so(self, case, benefit, people, time_machine):
        notice = published(benefit, people)
        time_machine.move_to("2026-11-28T00:01:00+08:00")

        listed, gone = Client().get("/notices/"), Client().get(f"/notices/{notice.number}/")

        assert f'href="/notices/{notice.number}/"' not in listed.content.decode()
        assert "已撤下" in listed.content.decode()
        assert gone.status_code == 410
        assert "公示期已满" in gone.content.decode()
        assert "演示店001" not in gone.content.decode()

    def test_what_never_was_is_not_found(self, engine):
        assert Client().get("/notices/GS-2026-99999999/").status_code == 404
