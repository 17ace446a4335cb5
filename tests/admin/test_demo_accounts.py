from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import ApiClient, User
from businesses.models import Binding, Business
from businesses.register import profile_of
from portal.demo import SHOPS, STAFF, months_before


def demo(settings, debug=True):
    settings.DEBUG = debug
    written = StringIO()
    call_command("demo", city=20, stdout=written)
    return written.getvalue()


def test_demo_accounts_are_refused_where_debug_is_off(settings, catalogue_loaded):
    with pytest.raises(CommandError, match="只能在 DEBUG 打开时建立"):
        demo(settings, debug=False)

    assert (User.objects.count(), Business.objects.count(), ApiClient.objects.count()) == (0, 0, 0)


def test_demo_says_which_accounts_there_are(settings, catalogue_loaded):
    written = demo(settings)

    told = {"demo-2026", "13800000001", "13800000002", "13800000003", "demo / demo-secret"}
    told |= {person.username for person in STAFF} | {shop.credit_code for shop in SHOPS if not shop.phone}
    assert {word for word in told if word not in written} == set()


def test_a_second_demo_changes_nothing(settings, catalogue_loaded):
    demo(settings)
    changed = User.objects.get(username="auditor")
    changed.set_password("my-own-password")
    changed.save()
    before = everything()

    demo(settings)

    assert before == everything()


def everything():
    rows = (User, Group.permissions.through, User.groups.through, Business, Binding, ApiClient)
    return [sorted(map(str, model.objects.values())) for model in rows]


def test_the_demo_owners_have_the_shops_that_the_contract_names(demo_accounts):
    today = timezone.localdate()
    shops = {
        binding.user.phone.reveal(): profile_of(binding.business).values
        for binding in Binding.objects.select_related("business__operator", "user")
    }

    tea, noodles = shops["13800000001"], shops["13800000002"]
    assert set(shops) == {"13800000001", "13800000002"}
    assert (tea["district"], tea["monthly_rent"], tea["registered_on"]) == (
        "520201",
        800,
        months_before(today, 10),
    )
    assert (noodles["district"], noodles["monthly_rent"]) == ("520281", 380)
    assert noodles["registered_on"] == months_before(today, 30)


def test_a_made_up_city_comes_with_the_demo(settings, catalogue_loaded):
    demo(settings)

    assert Business.objects.count() == 20 + len(SHOPS)


@pytest.mark.parametrize(
    ("username", "department", "superuser"),
    [(person.username, person.department or None, person.username == "admin") for person in STAFF],
)
def test_every_demo_account_can_sign_in_to_the_admin(demo_accounts, username, department, superuser):
    client = Client()

    response = client.post("/login/staff/?next=/admin/", {"login": username, "password": "demo-2026"})

    assert (response.status_code, response.headers["Location"]) == (302, "/admin/")
    user = User.objects.get(username=username)
    assert (user.is_staff, user.is_superuser, user.department and user.department.code) == (
        True,
        superuser,
        department,
    )
