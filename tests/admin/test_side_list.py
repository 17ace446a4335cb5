"""What stands at the side of every page of the admin: what somebody may look at, as they may now."""

import pytest

from accounts.models import User

pytestmark = pytest.mark.django_db


def listed(client):
    """Names of the kinds of rows at the side, and of those that may be added to."""
    apps = client.get("/admin/").context["available_apps"]
    rows = [row for app in apps for row in app["models"]]
    return {row["object_name"] for row in rows}, {row["object_name"] for row in rows if row["add_url"]}


def test_it_holds_what_the_role_may_look_at(signed_in):
    reviewer, officer = listed(signed_in("hr_reviewer")), listed(signed_in("hr_policy"))

    assert "Application" in reviewer[0]
    assert "Application" not in officer[0]
    assert "BenefitVersion" in officer[0]


def test_it_follows_a_right_that_is_given_and_one_that_is_taken_away(signed_in):
    client, person = signed_in("hr_reviewer"), User.objects.get(username="hr_reviewer")
    before = listed(client)

    writes_rules = User.objects.get(username="hr_policy").groups.get()
    person.groups.add(writes_rules)
    more = listed(client)
    person.groups.remove(writes_rules)

    assert more[0] - before[0] >= {"PushRun", "Delivery"}
    assert listed(client) == before


def test_it_is_put_together_once_for_the_same_rights(signed_in, monkeypatch):
    from django.contrib.admin.sites import AdminSite

    client = signed_in("hr_reviewer")
    first = listed(client)
    monkeypatch.setattr(AdminSite, "get_app_list", lambda *asked: pytest.fail("put together once more"))

    assert listed(client) == first
