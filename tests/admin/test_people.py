"""Administrators look after the people of their own bureau, and cannot thereby become more than that."""

import re

import pytest
from django.contrib.auth.models import Group
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts import access, people
from accounts.models import AccessEvent, Department, User, phone_index
from portal.roles import roles

ADD = "/admin/accounts/user/add/"
NEW = {"username": "new_clerk", "first_name": "王小明", "mobile": "13900001111"}
PASSWORD = "four-quiet-horses-walk"


def named(name):
    return User.objects.get(username=name)


def role(name):
    return Group.objects.get(name=name).pk


def roles_of(user):
    return set(user.groups.values_list("name", flat=True))


def address(user, page="change"):
    return f"/admin/accounts/user/{user.pk}/{page}/"


def form_of(user, **changes):
    given = {
        "first_name": user.first_name,
        "email": user.email,
        "is_active": "on",
        "is_staff": "on",
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def events(user):
    return list(
        AccessEvent.objects.filter(subject=f"user {user.pk}").order_by("pk").values_list("action", "detail")
    )


# The rule


OF_SERVICES = {"服务专员", "用工专员", "机构专员", "银行专员"}


@pytest.mark.parametrize(
    ("actor", "given"),
    [
        ("hr_admin", {"政策专员", "审核员", *OF_SERVICES}),
        ("city_admin", {"政策专员", "审核员", *OF_SERVICES, "审批员", "财务", "管理员", "审计员"}),
        ("admin", set(roles())),
        ("hr_reviewer", set()),
        ("hr_approver", set()),
        ("auditor", set()),
    ],
)
def test_who_may_give_which_role_in_a_bureau(demo_accounts, actor, given):
    hrss, market = (Department.objects.get(code=code) for code in ("hrss", "market"))
    found, elsewhere = (
        {name for name in roles() if access.may_give(named(actor), name, place)} for place in (hrss, market)
    )

    assert found == given
    assert elsewhere == {"hr_admin": set(), "city_admin": given | {"市场监管员"}}.get(actor, given)


def test_a_role_that_nobody_has_thought_of_is_given_by_a_superuser_alone(demo_accounts):
    hrss = Department.objects.get(code="hrss")

    assert set(roles()) - {"市级管理员"} == access.OF_BUREAU | access.OF_CITY
    assert [access.may_give(named(name), "别的", hrss) for name in ("hr_admin", "city_admin", "admin")] == [
        False,
        False,
        True,
    ]


def test_without_a_bureau_an_administrator_looks_after_nobody(demo_accounts):
    """The whole city is a right of its own, not what is left where no bureau stands."""
    stray = named("hr_admin")
    stray.department = None
    stray.save()
    stray = named("hr_admin")

    assert list(User.objects.visible_to(stray)) == []
    assert [access.may_manage(stray, named(name)) for name in ("hr_finance", "auditor", "city_admin")] == [
        False
    ] * 3
    assert access.may_give(stray, "审核员", None) is False


def test_whom_each_administrator_may_change(demo_accounts):
    staff = User.objects.filter(is_staff=True).order_by("username")
    others = {user.username for user in staff}

    found = {
        name: {user.username for user in staff if access.may_manage(named(name), user)}
        for name in ("hr_admin", "city_admin", "admin", "auditor")
    }

    assert found == {
        "hr_admin": {name for name in others if name.startswith("hr_")} - {"hr_admin"},
        "city_admin": others - {"city_admin", "admin"},
        "admin": others - {"admin"},
        "auditor": set(),
    }


# By the form, with fields that the page does not show


def test_a_bureaus_administrator_sees_the_people_of_the_bureau(signed_in):
    page = signed_in("hr_admin").get("/admin/accounts/user/").content.decode()

    assert set(re.findall(r">(\w+)</a></th>", page)) == {
        user.username for user in User.objects.filter(department__code="hrss")
    }


@pytest.mark.parametrize("name", ["market_reviewer", "auditor", "city_admin", "admin"])
@pytest.mark.parametrize("page", ["change", "password", "delete"])
def test_people_of_other_bureaus_are_not_there_for_a_bureaus_administrator(signed_in, name, page):
    person = named(name)

    response = signed_in("hr_admin").post(
        address(person, page), form_of(person, roles=[role("审核员")], post="yes")
    )

    assert (response.status_code, response.headers.get("Location")) in [(302, "/admin/"), (403, None)]
    assert (named(name).first_name, roles_of(named(name))) == (person.first_name, roles_of(person))


def test_somebody_added_by_a_bureaus_administrator_is_of_that_bureau_and_no_more(signed_in):
    market = Department.objects.get(code="market")
    faked = {"department": market.pk, "is_superuser": "on", "is_staff": "", "password1": "x", "password": "x"}

    response = signed_in("hr_admin").post(ADD, {**NEW, **faked, "roles": [role("审核员")]})

    found = named("new_clerk")
    assert (response.status_code, response.headers["Location"]) == (302, address(found, "password"))
    assert (found.department.code, found.is_superuser, found.is_staff, roles_of(found)) == (
        "hrss",
        False,
        True,
        {"审核员"},
    )
    assert (found.has_usable_password(), found.phone.reveal()) == (False, "13900001111")
    assert events(found) == [("user_added", {"roles": ["审核员"]})]


@pytest.mark.parametrize("name", ["审批员", "财务", "管理员", "审计员", "市级管理员", "市场监管员"])
def test_a_bureaus_administrator_gives_no_such_role(signed_in, name):
    client, clerk = signed_in("hr_admin"), named("hr_reviewer")

    added = client.post(ADD, {**NEW, "roles": [role("审核员"), role(name)]})
    changed = client.post(
        address(clerk), form_of(clerk, roles=[role("审核员"), role(name)], groups=[role(name)])
    )

    assert (added.status_code, changed.status_code) == (200, 200)  # the form again, with what is wrong
    assert (User.objects.filter(username="new_clerk").count(), roles_of(clerk)) == (0, {"审核员"})


def test_a_role_that_is_not_theirs_to_give_stays_when_somebody_is_changed(signed_in):
    clerk = named("hr_approver")

    signed_in("hr_admin").post(address(clerk), form_of(clerk, first_name="李四", roles=[role("政策专员")]))

    assert (named("hr_approver").first_name, roles_of(clerk)) == ("李四", {"审批员", "政策专员"})
    assert events(clerk) == [
        ("user_changed", {"fields": ["first_name", "roles"], "given": ["政策专员"], "taken": []})
    ]


def test_a_bureaus_administrator_moves_nobody_and_changes_no_way_to_reach_them(signed_in):
    clerk, market = named("hr_finance"), Department.objects.get(code="market")
    faked = {"department": market.pk, "email": "mine@example.cn", "mobile": "13900002222", "username": "mine"}
    faked |= {"is_superuser": "on", "user_permissions": ["1"], "password": "x"}

    signed_in("hr_admin").post(address(clerk), form_of(clerk, **faked))

    found = named("hr_finance")
    assert (found.department.code, found.email, found.phone, found.is_superuser, found.password) == (
        "hrss",
        "",
        None,
        False,
        clerk.password,
    )


def test_nobody_changes_themselves(signed_in):
    found = {}
    for name in ("hr_admin", "city_admin", "admin"):
        me = named(name)
        found[name] = (
            signed_in(name)
            .post(address(me), form_of(me, roles=[role("财务")], is_superuser="on"))
            .status_code
        )

    assert found == {"hr_admin": 403, "city_admin": 403, "admin": 403}
    assert [roles_of(named(name)) for name in found] == [{"管理员"}, {"市级管理员"}, set()]


def test_the_citys_administrator_gives_who_decides_and_who_pays(signed_in):
    client, clerk, market = (
        signed_in("city_admin"),
        named("hr_reviewer"),
        Department.objects.get(code="market"),
    )

    client.post(address(clerk), form_of(clerk, department=market.pk, roles=[role("审批员")]))
    refused = client.post(address(clerk), form_of(clerk, department=market.pk, roles=[role("市级管理员")]))

    found = named("hr_reviewer")
    assert (found.department.code, roles_of(found), refused.status_code) == ("market", {"审批员"}, 200)
    assert events(clerk) == [
        (
            "user_changed",
            {"fields": ["department", "roles"], "given": ["审批员"], "taken": ["审核员"]},
        )
    ]


def test_a_role_of_a_bureau_needs_one(signed_in):
    page = signed_in("city_admin").post(ADD, {**NEW, "roles": [role("财务")]})

    assert "这些职责只在一个部门里有效，请先选部门" in page.content.decode()
    assert User.objects.filter(username="new_clerk").count() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"roles": {"审批员"}},
        {"roles": {"审核员", "财务"}},
        {"department": "market"},
        {"is_superuser": True},
    ],
)
def test_the_verb_itself_refuses_what_the_form_would_not_offer(demo_accounts, change):
    clerk = named("hr_reviewer")
    clerk.is_superuser = change.get("is_superuser", False)
    if "department" in change:
        clerk.department = Department.objects.get(code=change["department"])

    with pytest.raises(PermissionDenied):
        people.change(clerk, change.get("roles", {"审核员"}), by=named("hr_admin"))

    found = named("hr_reviewer")
    assert (roles_of(found), found.department.code, found.is_superuser) == ({"审核员"}, "hrss", False)


def test_an_owner_is_given_no_role(signed_in):
    owner = User.objects.with_phone("13800000001")

    signed_in("admin").post(address(owner), form_of(owner, roles=[role("审批员")], is_staff="on"))
    with pytest.raises(PermissionDenied):
        people.change(owner, {"审批员"}, by=named("admin"))

    owner.refresh_from_db()
    assert (roles_of(owner), owner.is_staff) == (set(), False)


def test_no_search_or_choice_tells_of_people_of_other_bureaus(signed_in):
    client = signed_in("hr_admin")

    found = client.get("/admin/accounts/user/?q=market").content.decode()
    chosen = client.get(
        "/admin/autocomplete/?app_label=accounts&model_name=accessevent&field_name=user&term=market"
    )

    assert "market_reviewer" not in found
    assert chosen.json()["results"] == []


# The password


@pytest.fixture
def clerk(demo_accounts):
    found = named("hr_finance")
    found.phone, found.phone_index = "13900003333", phone_index("13900003333")
    found.save()
    return found


def test_the_password_is_set_by_the_person_with_a_link_to_their_phone(signed_in, clerk, gateway):
    client = signed_in("hr_admin")
    asked = client.get(address(clerk, "password")).content.decode()
    sent = client.post(
        address(clerk, "password"), {"password1": "mine-mine-mine", "password2": "mine-mine-mine"}
    )
    unchanged = named("hr_finance").password
    link = re.search(r"https://\S+?(/login/\S+)", gateway.texts[-1])[1]
    own = Client()
    place = own.get(link).headers["Location"]
    weak = own.post(place, {"new_password1": "123", "new_password2": "123"})
    done = own.post(place, {"new_password1": PASSWORD, "new_password2": PASSWORD})

    assert "139****3333" in asked
    assert (sent.headers["Location"], unchanged) == (address(clerk), clerk.password)
    assert (weak.status_code, done.headers["Location"]) == (400, "/login/staff/")
    assert named("hr_finance").check_password(PASSWORD)
    assert (
        Client().get(link).status_code,
        "已经用过，或者过期了" in Client().get(link).content.decode(),
    ) == (404, True)
    assert events(clerk) == [("password_link_sent", {"channel": "sms"}), ("password_set", {})]


def test_a_link_goes_to_the_mail_that_is_known(signed_in, demo_accounts, mailoutbox):
    User.objects.filter(username="hr_finance").update(email="li@example.cn")

    signed_in("hr_admin").post(address(named("hr_finance"), "password"))

    assert [(mail.to, "/login/staff/password/" in mail.body) for mail in mailoutbox] == [
        (["li@example.cn"], True)
    ]


def test_a_link_needs_somewhere_to_go(signed_in):
    page = signed_in("hr_admin").post(address(named("hr_finance"), "password"), follow=True)

    assert "没有登记手机号和邮箱，链接没有地方可发。" in page.content.decode()


def test_a_link_of_an_owner_or_of_somebody_who_left_sets_nothing(demo_accounts, client):
    left, owner = named("hr_finance"), User.objects.with_phone("13800000001")
    left.is_active = False
    left.save()

    answers = [
        client.get(
            f"/login/staff/password/{urlsafe_base64_encode(force_bytes(user.pk))}"
            f"/{default_token_generator.make_token(user)}/"
        ).status_code
        for user in (left, owner)
    ]

    assert answers == [404, 404]


def test_accounts_are_changed_only_with_a_fresh_proof(signed_in):
    client, clerk = signed_in("city_admin"), named("hr_reviewer")
    session = client.session
    session["proved_at"] -= 16 * 60
    session.save()

    answers = [
        client.post(place, form_of(clerk, roles=[role("审批员")])).status_code
        for place in (address(clerk), address(clerk, "password"), ADD)
    ]

    assert (answers, roles_of(clerk)) == ([403] * 3, {"审核员"})


@pytest.mark.parametrize(
    "lookup",
    [
        "annual_taxable_income__lte=86000",
        "tax_paid_last_year__gt=0",
        "operator__name=x",
        "extra__a=1",
        "version=1",
    ],
)
def test_an_address_cannot_ask_about_what_the_page_does_not_show(signed_in, lookup):
    filtered = "/admin/businesses/business/?district__exact=520201"

    client = signed_in("hr_reviewer")

    assert (client.get(filtered).status_code, client.get(f"{filtered}&{lookup}").status_code) == (200, 400)


def test_the_filters_at_the_side_still_work(signed_in):
    client = signed_in("admin")

    for place in (
        "businesses/business/?district__exact=520201",
        "businesses/business/?business_type__isnull=True",
        "policies/benefitversion/?status__exact=draft",
        "policies/benefitversion/?benefit__measure__id__exact=1",
        "accounts/accessevent/?department__id__exact=1",
        "accounts/accessevent/?at__year=2026",
        "accounts/user/?is_staff__exact=1",
        "accounts/apiclient/?disabled_at__isempty=1",
    ):
        assert client.get(f"/admin/{place}").status_code == 200, place
