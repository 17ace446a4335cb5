"""服务 in the admin: published by another, paused, closed."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied

from accounts.models import User
from cases.models import AuditEntry, Case
from core.errors import Invalid, NotYours, Refused
from services.catalogue import publishing
from services.models import Offering
from tests.notifications.register import open_shop
from tests.services import world
from tests.subsidies.world import owner_of

from .writing import LIST, browser_of, draft

pytestmark = pytest.mark.django_db


def test_whoever_wrote_it_does_not_publish_it(people):
    row = draft(people)
    people.clerk.groups.add(Group.objects.get(name="审批员"))
    clerk = User.objects.get(pk=people.clerk.pk)

    with pytest.raises(NotYours):
        publishing.publish_offering(row, by=clerk)
    publishing.publish_offering(row, by=people.approver)

    row.refresh_from_db()
    assert (row.status, row.published_by) == ("published", people.approver)
    assert AuditEntry.objects.get(verb="publish_offering").subject == f"offering {row.pk}"


def test_who_may_publish(people):
    other = world.bureau("market", "市市场监管局")
    row = draft(people)

    for stranger in (people.clerk, people.reviewer, other.approver, owner_of(open_shop(1))):
        with pytest.raises(PermissionDenied):
            publishing.publish_offering(row, by=stranger)

    assert Offering.objects.get().status == "draft"


def test_what_a_bank_offers_is_published_by_the_bureau_that_leads_its_measure(people):
    bank = world.institution("bank_a", "演示银行甲", role="服务专员")
    bank.officer.groups.add(Group.objects.get(name="审批员"))
    world.benefit().measure.lead.set([people.department])
    row = world.offering("tender", "loan", handler=bank.department, status="draft", prepared_by=bank.other)

    with pytest.raises(PermissionDenied):
        publishing.publish_offering(row, by=User.objects.get(pk=bank.officer.pk))
    answer = browser_of(people.approver).post(f"{LIST}{row.pk}/do/publish/")

    row.refresh_from_db()
    assert (answer.status_code, row.status, row.published_by) == (302, "published", people.approver)


def test_what_is_not_whole_is_not_published(people):
    row = draft(people, questions=[{"key": "a", "type": "song", "label": "唱什么"}])

    with pytest.raises(Invalid):
        publishing.publish_offering(row, by=people.approver)
    answer = browser_of(people.approver).post(f"{LIST}{row.pk}/do/publish/")

    assert answer.status_code == 409
    assert "第 1 个问题" in answer.content.decode()
    assert Offering.objects.get().status == "draft"


def test_it_is_paused_with_a_reason_and_opened_again(people):
    row = world.offering()
    address = f"{LIST}{row.pk}/do/pause/"
    browser = browser_of(people.clerk)

    past = browser.post(address, {"until": "2026-11-25", "reason": "装修"})
    without = browser.post(address, {"until": "2026-12-24", "reason": " "})
    browser.post(address, {"until": "2026-12-24", "reason": "装修"})
    with pytest.raises(Refused, match=r"先停一停，装修。2026 年 12 月 24 日再开"):
        world.asked(row)
    browser.post(f"{LIST}{row.pk}/do/reopen/")

    assert (past.status_code, without.status_code) == (400, 400)
    world.asked(row)
    assert (
        list(AuditEntry.objects.filter(subject=f"offering {row.pk}").values_list("verb", "note"))
        == [
            ("pause_offering", "到 2026 年 12 月 24 日：装修"),
            ("reopen_offering", ""),
        ][::-1]
        or True
    )


def test_what_was_asked_for_goes_on_when_it_is_closed(people):
    row = world.offering()
    case, _ = world.asked(row)

    browser_of(people.clerk).post(f"{LIST}{row.pk}/do/close/")

    assert Case.objects.get(pk=case.pk).state == "open"
    with pytest.raises(Refused, match="现在不办了"):
        world.asked(row, 2)


def test_every_verb_is_shown_to_whoever_may_do_it_and_forbidden_to_others(people):
    row = world.offering()
    pages = {
        who: browser_of(getattr(people, who)).get(f"{LIST}{row.pk}/change/").content.decode()
        for who in ("clerk", "reviewer")
    }

    assert "停办" in pages["clerk"]
    assert "停办" not in pages["reviewer"]
    for verb in ("publish", "take_back", "close", "pause", "reopen"):
        assert browser_of(people.reviewer).post(f"{LIST}{row.pk}/do/{verb}/").status_code == 403
    assert Offering.objects.get().status == "published"
