"""The register over the API: who sees which shop, what they are told of it, and whose word it takes."""

import json
from datetime import date, timedelta
from random import Random

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AccessEvent, Department, User
from businesses.facts import DERIVED
from businesses.models import Business, Change, Mandate, Operator
from businesses.register import Arrival, known_of, profile_of, take_in
from businesses.registry import business_registry
from businesses.synthetic import generate_profile
from tests.properties import examples

from .conftest import CREDIT_CODES, DAY, IDENTITIES, PHONES, address_of, faults

pytestmark = pytest.mark.django_db
LIST = "/api/v1/businesses/"
NEW = {"credit_code": "92520204MA6E00019P", "name": "演示新店", "operator_name": "演示新人"}


@pytest.fixture
def mandate(people, shops):
    """``mandate(agent_or_client, "view", …)`` for the first shop, until tomorrow."""

    def give(holder, *scopes, until=1):
        who = {"agent": holder} if isinstance(holder, User) else {"client": holder}
        return Mandate.objects.create(
            business=shops[0],
            given_by=people[0],
            scopes=list(scopes),
            until=timezone.localdate() + timedelta(days=until),
            **who,
        )

    return give


@pytest.fixture
def staff(db, settings):
    """A member of a bureau who may read the register: ``staff("tax")``. Without the second factor, held elsewhere."""
    settings.STAFF_SECOND_FACTOR = False

    def employ(code):
        department, _ = Department.objects.get_or_create(code=code, defaults={"name": f"演示{code}"})
        user = User.objects.create(username=f"clerk-{code}", is_staff=True, department=department)
        user.user_permissions.add(Permission.objects.get(codename="view_business"))
        return user

    return employ


def patch(browser, business, body):
    sent = body if isinstance(body, bytes) else json.dumps(body)
    return browser.patch(address_of(business), sent, content_type="application/json")


def post(browser, body):
    return browser.post(LIST, json.dumps(body), content_type="application/json")


def names(response):
    assert response.status_code == 200, response.content.decode()
    return [row["name"] for row in response.json()["results"]]


def refusal(response):
    body = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    assert body["status"] == response.status_code
    return body["status"], body["code"]


# Who sees which shop


def test_a_visitor_is_asked_for_a_token(client, shops):
    for address in (LIST, address_of(shops[0]), address_of(shops[0], "matches")):
        response = client.get(address)

        assert refusal(response) == (401, "not_authenticated")
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'


SCOPES = ("businesses:read", "businesses:write", "evaluations")
VERBS = {
    "list": ("businesses:read", lambda browser, shop: browser.get(LIST)),
    "detail": ("businesses:read", lambda browser, shop: browser.get(address_of(shop))),
    "head": ("businesses:read", lambda browser, shop: browser.head(address_of(shop))),
    "register": ("businesses:write", lambda browser, shop: post(browser, NEW)),
    "provide": (
        "businesses:write",
        lambda browser, shop: patch(browser, shop, {"facts": {"district": "520201"}}),
    ),
    "matches": ("evaluations", lambda browser, shop: browser.get(address_of(shop, "matches"))),
}


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("verb", VERBS)
def test_a_token_does_what_its_scopes_name(catalogue_loaded, shops, program, with_token, scope, verb):
    needed, ask = VERBS[verb]
    browser = with_token(*program("registry"), scope=scope)

    response = ask(browser, shops[0])

    if scope == needed:
        assert response.status_code == (201 if verb == "register" else 200)
    else:
        assert response.status_code == 403
        expected = f'Bearer realm="api", error="insufficient_scope", scope="{needed}"'
        assert response.headers["WWW-Authenticate"] == expected


def test_each_sees_the_shops_that_are_theirs(shops, people, signed_in, staff, program, with_token, mandate):
    owner, other, stranger = people
    agent = User.objects.begin_with_phone("13800000009")
    mandate(agent, "view")
    bank, secret = program("", client_id="bank")
    mandate(bank, "view")

    assert names(signed_in(owner).get(LIST)) == ["演示店0"]
    assert names(signed_in(other).get(LIST)) == ["演示店2"]
    assert names(signed_in(stranger).get(LIST)) == []
    assert names(signed_in(agent).get(LIST)) == ["演示店0"]
    assert names(signed_in(staff("hrss")).get(LIST)) == ["演示店0", "演示店1", "演示店2"]
    assert names(signed_in(User.objects.create(username="idle", is_staff=True)).get(LIST)) == []
    assert names(with_token(*program("tax")).get(LIST)) == ["演示店0", "演示店1", "演示店2"]
    assert names(with_token(bank, secret).get(LIST)) == ["演示店0"]


def test_what_is_not_theirs_is_told_like_what_does_not_exist(shops, people, signed_in):
    browser = signed_in(people[1])
    ids = (
        str(shops[0].public_id),
        "00000000-0000-0000-0000-000000000000",
        "1",
        str(shops[2].public_id).upper(),
    )

    for rest in ("", "matches/"):
        answers = {browser.get(f"{LIST}{id}/{rest}").content for id in ids}

        assert len(answers) == 1
        assert json.loads(answers.pop())["status"] == 404
    assert patch(browser, shops[0], {"facts": {"monthly_rent": "1.00"}}).status_code == 404


@pytest.mark.parametrize("holder", ["agent", "client"])
def test_a_mandate_ends_when_revoked_and_when_its_last_day_has_passed(
    shops, people, signed_in, program, with_token, mandate, holder
):
    bank, secret = program("")
    agent = people[2] if holder == "agent" else bank
    browser = signed_in(agent) if holder == "agent" else with_token(bank, secret)
    given = mandate(agent, "view", until=0)
    today = browser.get(address_of(shops[0])).status_code

    Mandate.objects.filter(pk=given.pk).update(until=timezone.localdate() - timedelta(days=1))
    yesterday = browser.get(address_of(shops[0])).status_code
    Mandate.objects.filter(pk=given.pk).update(until=timezone.localdate(), revoked_at=timezone.now())

    assert (today, yesterday, browser.get(address_of(shops[0])).status_code) == (200, 404, 404)


# Lists


def test_a_row_of_a_list_says_this_and_no_facts(shops, program, with_token):
    row = with_token(*program("tax")).get(LIST).json()["results"][0]

    assert row == {
        "id": str(shops[0].public_id),
        "name": "演示店0",
        "credit_code": CREDIT_CODES[0],
        "district": "520201",
        "operating_status": "operating",
        "version": 1,
        "updated_at": timezone.localtime(shops[0].updated_at).isoformat(),
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("district=520203", ["演示店1"]),
        ("operating_status=operating", ["演示店0", "演示店1", "演示店2"]),
        ("operating_status=suspended", []),
        ("industry=F", ["演示店0", "演示店1", "演示店2"]),
        ("industry=F52", ["演示店0", "演示店1", "演示店2"]),
        ("industry=F53", []),
        ("business_type=growth", []),
        ("registered_on_from=2026-01-15&registered_on_to=2026-01-15", ["演示店0", "演示店1", "演示店2"]),
        ("registered_on_from=2026-01-16", []),
        ("registered_on_to=2026-01-14", []),
        ("updated_since=2020-01-01T00:00:00Z", ["演示店0", "演示店1", "演示店2"]),
        ("updated_since=2199-12-31T23:59:59%2B08:00", []),
        (f"credit_code={CREDIT_CODES[2]}", ["演示店2"]),
        (f"credit_code={CREDIT_CODES[2][:8].lower()}%20{CREDIT_CODES[2][8:].lower()}", ["演示店2"]),
    ],
)
def test_a_list_is_filtered(shops, program, with_token, query, found):
    assert names(with_token(*program("tax")).get(f"{LIST}?{query}")) == found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("colour=red", ("colour", "unknown")),
        ("district=520299", ("district", "invalid_choice")),
        ("district=520201&district=520203", ("district", "invalid")),
        ("industry=f", ("industry", "invalid")),
        ("industry=F52124", ("industry", "invalid")),
        ("industry=F%0A", ("industry", "invalid")),
        ("registered_on_from=２０２６-01-15", ("registered_on_from", "invalid")),
        ("updated_since=2026-11-24", ("updated_since", "invalid")),
        ("updated_since=2026-02-30T00:00:00Z", ("updated_since", "invalid")),
        ("updated_since=2026-11-24T08:00:00", ("updated_since", "invalid")),
        ("credit_code=91520201MA6E00019C", ("credit_code", "company_code")),
        ("page_size=101", ("page_size", "invalid")),
        ("cursor=cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5", ("cursor", "invalid")),
        ("cursor=cD1hYmM%3D", ("cursor", "invalid")),
    ],
)
def test_a_parameter_that_is_none_is_refused_by_its_name(shops, program, with_token, query, expected):
    assert faults(with_token(*program("tax")).get(f"{LIST}?{query}")) == [expected]


def test_pages_lead_through_every_shop_once_in_order(shops, program, with_token):
    browser = with_token(*program("tax"))
    page, seen = browser.get(f"{LIST}?page_size=1").json(), []

    while True:
        seen += [row["name"] for row in page["results"]]
        if page["next"] is None:
            break
        page = browser.get(page["next"]).json()

    assert seen == ["演示店0", "演示店1", "演示店2"]
    assert [row["name"] for row in browser.get(page["previous"]).json()["results"]] == ["演示店1"]


@pytest.mark.django_db(databases="__all__")
def test_an_owners_list_is_the_same_on_both_engines(engine, people, shops, signed_in, mandate):
    mandate(people[0], "view")  # bound and mandated: still one row

    assert names(signed_in(people[0]).get(f"{LIST}?page_size=1")) == ["演示店0"]


def test_an_answer_that_has_not_changed_is_not_sent_again(catalogue_loaded, shops, people, signed_in):
    browser = signed_in(people[0])
    for address in (LIST, address_of(shops[0]), address_of(shops[0], "matches")):
        first = browser.get(address)
        again = browser.get(address, headers={"If-None-Match": first.headers["ETag"]})

        assert (again.status_code, again.content) == (304, b"")
        assert first.headers["Cache-Control"] == "no-store"

        patch(browser, shops[0], {"facts": {"monthly_rent": f"{len(address)}.00"}})
        changed = browser.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert changed.status_code == 200


@pytest.mark.parametrize("asker", ["client", "owner", "staff"])
def test_a_list_asks_the_database_as_often_for_three_shops_as_for_one(
    shops, people, signed_in, staff, program, with_token, asker
):
    browser = {
        "client": lambda: with_token(*program("tax")),
        "owner": lambda: signed_in(people[0]),
        "staff": lambda: signed_in(staff("hrss")),
    }[asker]()

    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(LIST).status_code == 200
        return len(asked)

    queries()
    of_three = queries()
    Business.objects.exclude(pk=shops[0].pk).update(operator=None)
    Business.objects.exclude(pk=shops[0].pk).delete()

    assert (queries(), of_three) == (of_three, of_three)
    assert of_three <= 8


# One shop


def test_a_shop_is_told_with_source_and_day_of_each_fact(shops, people, signed_in):
    body = signed_in(people[0]).get(address_of(shops[0])).json()

    facts = body.pop("facts")
    assert body == {
        "id": str(shops[0].public_id),
        "name": "演示店0",
        "credit_code": CREDIT_CODES[0],
        "operator": {"name": "演示店主0"},
        "address": "演示路 1 号",
        "version": 1,
        "updated_at": timezone.localtime(shops[0].updated_at).isoformat(),
    }
    assert facts == {
        name: {"value": value, "source": source, "on": day, **more}
        for name, value, source, day, more in (
            ("operating_status", "operating", "registry", "2026-11-01", {}),
            ("registered_on", "2026-01-15", "registry", "2026-11-01", {}),
            ("district", "520201", "registry", "2026-11-01", {}),
            ("industry", "F5212", "registry", "2026-11-01", {}),
            ("first_time_business", True, "employment", "2026-11-01", {}),
            ("sells_online", None, "self", None, {}),
            (
                "operator_groups",
                ["veteran", "self_employed_veteran"],
                "veterans",
                "2026-11-01",
                {
                    "no": [],
                    "members": {
                        name: {"holds": True, "source": "veterans", "on": "2026-11-01"}
                        for name in ("veteran", "self_employed_veteran")
                    },
                },
            ),
            ("annual_taxable_income", "86000.00", "tax", "2026-11-01", {}),
            ("rents_premises", True, "self", "2026-11-01", {}),
            ("monthly_rent", "800.00", "self", "2026-11-01", {}),
        )
    }


def test_tax_figures_are_for_the_owner_and_the_tax_bureau(
    shops, people, signed_in, staff, program, with_token, mandate
):
    bank, secret = program("", client_id="bank")
    mandate(bank, "view")
    askers = {
        "owner": signed_in(people[0]),
        "tax clerk": signed_in(staff("tax")),
        "labour clerk": signed_in(staff("hrss")),
        "tax program": with_token(*program("tax", client_id="tax")),
        "labour program": with_token(*program("employment", client_id="labour")),
        "bank with a mandate": with_token(bank, secret),
    }

    told = {
        who: "annual_taxable_income" in browser.get(address_of(shops[0])).json()["facts"]
        for who, browser in askers.items()
    }

    assert told == {
        "owner": True,
        "tax clerk": True,
        "labour clerk": False,
        "tax program": True,
        "labour program": False,
        "bank with a mandate": True,
    }


def test_a_shop_costs_few_queries(shops, program, with_token):
    browser = with_token(*program("tax"))
    browser.get(address_of(shops[0]))

    with CaptureQueriesContext(connection) as asked:
        browser.get(address_of(shops[0]))

    assert len(asked) <= 5


def test_no_number_of_a_person_is_in_any_answer(
    catalogue_loaded, shops, people, signed_in, staff, program, with_token
):
    registry = with_token(*program("registry"))
    created = post(registry, {**NEW, "identity_number": IDENTITIES[0]})
    answers = [created, post(registry, {**NEW, "identity_number": IDENTITIES[0]})]
    answers.append(post(registry, {**NEW, "identity_number": "520201198001010013"}))
    for browser in (registry, signed_in(people[0]), signed_in(staff("tax"))):
        addresses = LIST, address_of(shops[0]), address_of(shops[0], "matches")
        answers += [browser.get(address) for address in addresses]
        answers.append(patch(browser, shops[0], {"facts": {"district": "520201"}}))

    assert created.status_code == 201
    assert Operator.objects.filter(pk=shops[0].operator_id).get().businesses.count() == 3
    text = b"".join(answer.content for answer in answers).decode()
    assert [number for number in (*IDENTITIES, "520201198001010013", *PHONES) if number in text] == []


# What an owner says


def test_an_owner_states_facts_and_gets_the_shop_as_it_is_now(shops, people, signed_in):
    browser = signed_in(people[0])

    body = patch(
        browser, shops[0], {"version": 1, "facts": {"monthly_rent": 650.5, "sells_online": True}}
    ).json()

    today = timezone.localdate().isoformat()
    assert body["version"] == 2
    assert body["facts"]["monthly_rent"] == {"value": "650.50", "source": "self", "on": today}
    assert body["facts"]["sells_online"] == {"value": True, "source": "self", "on": today}
    assert body["facts"]["rents_premises"]["value"] is True
    assert body.pop("warnings") == []
    assert browser.get(address_of(shops[0])).json() == body
    assert Change.objects.get().by == people[0]


def test_null_is_asked_and_not_known(shops, people, signed_in):
    browser = signed_in(people[0])

    body = patch(browser, shops[0], {"facts": {"monthly_rent": None}}).json()

    assert body["facts"]["monthly_rent"] == {"value": None, "source": "self", "on": None}


def test_an_answer_to_an_older_version_is_refused_and_changes_nothing(shops, people, signed_in):
    browser = signed_in(people[0])
    patch(browser, shops[0], {"version": 1, "facts": {"monthly_rent": "700.00"}})

    response = patch(browser, shops[0], {"version": 1, "facts": {"monthly_rent": "900.00"}})

    assert refusal(response) == (409, "refused")
    assert browser.get(address_of(shops[0])).json()["facts"]["monthly_rent"]["value"] == "700.00"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("facts", "required")]),
        ({"facts": []}, [("facts", "invalid_object")]),
        ({"facts": {}, "name": "新名"}, [("name", "unknown_field")]),
        ({"facts": {}, "version": "1"}, [("version", "invalid_integer")]),
        ({"facts": {}, "version": 0}, [("version", "out_of_range")]),
        ({"facts": {"rent": 1}}, [("facts.rent", "unknown_field")]),
        ({"facts": {"monthly_rent": "８００"}}, [("facts.monthly_rent", "invalid_money")]),
        ({"facts": {"monthly_rent": "-1"}}, [("facts.monthly_rent", "negative")]),
        ({"facts": {"monthly_rent": []}}, [("facts.monthly_rent", "invalid_money")]),
        ({"facts": {"rents_premises": "true"}}, [("facts.rents_premises", "invalid_bool")]),
        (
            {"facts": {"abnormal_listed": False, "monthly_rent": 1.234}},
            [("facts.monthly_rent", "invalid_money"), ("facts.abnormal_listed", "not_yours_to_state")],
        ),
        (b'{"facts": {"monthly_rent": 1, "monthly_rent": 2}}', [("facts.monthly_rent", "duplicate_key")]),
    ],
)
def test_what_an_owner_sends_is_read_strictly(shops, people, signed_in, body, expected):
    assert faults(patch(signed_in(people[0]), shops[0], body)) == expected
    assert Change.objects.count() == 0


def test_an_agent_answers_only_where_the_mandate_says_so(shops, people, signed_in, mandate):
    browser, body = signed_in(people[2]), {"facts": {"monthly_rent": "650.00"}}
    given = mandate(people[2], "view")

    viewing = patch(browser, shops[0], body)
    Mandate.objects.filter(pk=given.pk).update(scopes=["view", "answer"])
    answering = patch(browser, shops[0], body)

    assert (viewing.status_code, answering.status_code) == (403, 200)
    assert answering.json()["facts"]["monthly_rent"]["source"] == "self"


def test_a_clerk_does_not_answer_for_an_owner(shops, signed_in, staff):
    assert refusal(patch(signed_in(staff("hrss")), shops[0], {"facts": {"monthly_rent": "1.00"}})) == (
        403,
        "permission_denied",
    )


def test_a_form_of_another_site_cannot_write_for_an_owner(shops, people):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(people[0])

    assert patch(browser, shops[0], {"facts": {"monthly_rent": "1.00"}}).status_code == 403
    assert Change.objects.count() == 0


# What a bureau's program says


@pytest.mark.django_db(databases="__all__")
def test_a_program_writes_for_its_own_source(engine, shops, program, with_token):
    client, secret = program("employment")

    body = patch(with_token(client, secret), shops[0], {"facts": {"rent_subsidy_months_received": 6}}).json()

    said = {"value": 6, "source": "employment", "on": timezone.localdate().isoformat()}
    assert (body["facts"]["rent_subsidy_months_received"], body["version"]) == (said, 2)
    assert Change.objects.get().by_id is None
    event = AccessEvent.objects.get()
    assert (event.action, event.subject) == ("api_provide", f"business {shops[0].pk}")
    assert event.detail == {"client": "bureau", "facts": ["rent_subsidy_months_received"]}


def test_a_program_that_says_the_same_again_changes_nothing(shops, program, with_token):
    browser = with_token(*program("employment"))
    first = patch(browser, shops[0], {"facts": {"rent_subsidy_months_received": 6}}).json()

    assert patch(browser, shops[0], {"facts": {"rent_subsidy_months_received": 6}}).json() == first


def test_a_list_of_members_from_a_bureau_leaves_the_others_open(shops, program, with_token):
    browser = with_token(*program("employment"))

    patch(browser, shops[2], {"facts": {"operator_groups": ["unemployed_half_year"]}})
    body = patch(
        browser, shops[2], {"facts": {"operator_groups": {"yes": ["graduate"], "no": ["disabled"]}}}
    ).json()

    groups = body["facts"]["operator_groups"]
    assert groups["value"] == ["graduate", "registered_unemployed", "unemployed_half_year"]
    assert groups["no"] == ["disabled"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"rent": 1}, [("facts.rent", "unknown_field")]),
        ({"monthly_rent": "800.00"}, [("facts.monthly_rent", "wrong_source")]),
        ({"annual_taxable_income": "１"}, [("facts.annual_taxable_income", "wrong_source")]),
        ({"business_type": "growth"}, [("facts.business_type", "wrong_source")]),
        ({"startup_subsidy_received": None}, [("facts.startup_subsidy_received", "null_not_allowed")]),
        ({"startup_subsidy_received": 1}, [("facts.startup_subsidy_received", "invalid_bool")]),
        ({"left_school_on": "2199-01-01"}, [("facts.left_school_on", "future")]),
        ({"operator_groups": {"maybe": []}}, [("facts.operator_groups", "invalid_set")]),
        ({"operator_groups": {}}, [("facts.operator_groups", "invalid_set")]),
        ({"operator_groups": {"yes": ["pilot"]}}, [("facts.operator_groups.yes", "invalid_choice")]),
        (
            {"operator_groups": {"yes": ["veteran"], "no": ["veteran"]}},
            [("facts.operator_groups", "contradiction")],
        ),
        (
            {"monthly_rent": "1", "startup_subsidy_received": 1},
            [("facts.monthly_rent", "wrong_source"), ("facts.startup_subsidy_received", "invalid_bool")],
        ),
    ],
)
def test_what_a_program_sends_is_read_strictly(shops, program, with_token, facts, expected):
    browser = with_token(*program("employment"))

    assert faults(patch(browser, shops[0], {"facts": facts})) == expected
    assert Change.objects.count() == 0


def test_a_programs_stale_version_is_refused(shops, program, with_token):
    browser = with_token(*program("employment"))

    response = patch(browser, shops[0], {"version": 9, "facts": {"rent_subsidy_months_received": 6}})

    assert refusal(response) == (409, "refused")
    assert "rent_subsidy_months_received" not in known_of(shops[0])[0]


def test_a_program_without_a_source_only_reads(shops, program, with_token, mandate):
    bank, secret = program("")
    mandate(bank, "view", "answer")
    browser = with_token(bank, secret)

    assert browser.get(address_of(shops[0])).status_code == 200
    assert refusal(patch(browser, shops[0], {"facts": {"monthly_rent": "1.00"}})) == (
        403,
        "permission_denied",
    )


# Registering


@pytest.mark.django_db(databases="__all__")
def test_the_registrys_program_adds_a_shop(engine, shops, program, with_token):
    browser = with_token(*program("registry"))

    response = post(
        browser,
        {
            **NEW,
            "identity_number": IDENTITIES[1],
            "address": "演示路 2 号",
            "facts": {"registered_on": "2026-11-20", "district": "520204"},
        },
    )

    business = Business.objects.get(credit_code=NEW["credit_code"])
    body = response.json()
    assert response.status_code == 201
    assert response.headers["Location"] == f"http://testserver{address_of(business)}"
    assert browser.get(response.headers["Location"]).json() == body
    assert (body["name"], body["operator"], body["address"]) == (
        "演示新店",
        {"name": "演示新人"},
        "演示路 2 号",
    )
    assert body["facts"]["registered_on"]["source"] == "registry"
    assert business.operator_id == shops[2].operator_id
    assert business.registered_on == date(2026, 11, 20)


def test_a_known_credit_code_is_refused_and_the_shop_stays_as_it_was(shops, program, with_token):
    response = post(with_token(*program("registry")), {**NEW, "credit_code": CREDIT_CODES[0]})

    shops[0].refresh_from_db()
    assert refusal(response) == (409, "refused")
    assert (shops[0].name, shops[0].version, Business.objects.count()) == ("演示店0", 1, 3)


def test_only_the_registrys_program_adds_shops(people, signed_in, program, with_token):
    assert refusal(post(signed_in(people[0]), NEW)) == (403, "permission_denied")
    assert refusal(post(with_token(*program("employment")), NEW)) == (403, "permission_denied")
    assert refusal(post(with_token(*program("", client_id="bank")), NEW)) == (403, "permission_denied")
    assert Business.objects.count() == 3


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"credit_code": None}, ("credit_code", "invalid_text")),
        ({"credit_code": "92520204MA6E00019X"}, ("credit_code", "invalid_check_digit")),
        ({"name": ""}, ("name", "required")),
        ({"name": " 演示"}, ("name", "not_canonical")),
        ({"name": "演" * 121}, ("name", "too_long")),
        ({"operator_name": 7}, ("operator_name", "invalid_text")),
        ({"identity_number": "520201198001010013"}, ("identity_number", "invalid_identity")),
        ({"address": "一\u202e路"}, ("address", "invisible_character")),
        ({"facts": None}, ("facts", "invalid_object")),
        ({"facts": {"monthly_rent": "1.00"}}, ("facts.monthly_rent", "wrong_source")),
        ({"phone": "13800000001"}, ("phone", "unknown_field")),
    ],
)
def test_a_new_shop_is_read_strictly(shops, program, with_token, change, expected):
    assert faults(post(with_token(*program("registry")), {**NEW, **change})) == [expected]
    assert Business.objects.count() == 3


def test_every_fault_of_a_new_shop_is_named_at_once(program, with_token):
    response = post(with_token(*program("registry")), {"name": "", "facts": {"rent": 1}})

    assert set(faults(response)) == {
        ("credit_code", "required"),
        ("name", "required"),
        ("operator_name", "required"),
        ("facts.rent", "unknown_field"),
    }


# What the shop can have


@given(seed=st.integers(0, 10**6))
@examples(25)
def test_the_matches_of_any_shop_are_the_answer_to_what_its_owner_said(
    catalogue_loaded, people, shops, signed_in, evaluate, seed
):
    said = generate_profile(Random(seed), date(2026, 11, 24))
    facts = {name: value for name, value in said.items() if name not in DERIVED}
    take_in([Arrival({"self": facts}, business_id=shops[2].pk, whole=True)], on=DAY)
    Business.objects.filter(pk=shops[2].pk).update(business_type=None)
    stored = profile_of(Business.objects.get(pk=shops[2].pk))
    registry = business_registry()

    given = {name: value for name, value in stored.values.items() if name in registry}  # not what is computed
    answer = evaluate({name: registry[name].write(value) for name, value in given.items()})
    matches = signed_in(people[1]).get(address_of(shops[2], "matches"), {"as_of": "2026-11-24"}).json()

    assert (matches["next"], matches["previous"], matches["as_of"]) == (None, None, "2026-11-24")
    assert [_said_by_anyone(row) for row in matches["results"]] == [
        _said_by_anyone(row) for row in answer["results"]
    ]


def _said_by_anyone(row):
    """A result without who said so: over the API it is always the asker."""
    return {**row, "criteria": [{**line, "source": None} for line in row["criteria"]]}


def test_a_shop_that_its_owner_has_answered_for_gets_what_the_page_gets(
    catalogue_loaded, people, signed_in, evaluate
):
    browser = signed_in(people[1])
    shop = Business.objects.get(credit_code=CREDIT_CODES[2])
    answers = {"operator_groups": ["veteran"], "first_time_business": True, "startup_subsidy_received": False}
    patch(browser, shop, {"facts": answers})

    matches = browser.get(address_of(shop, "matches"), {"as_of": "2027-01-15"}).json()["results"]
    facts = browser.get(address_of(shop)).json()["facts"]
    asked = evaluate({name: fact["value"] for name, fact in facts.items()}, as_of="2027-01-15")["results"]

    assert [_said_by_anyone(row) for row in matches] == [_said_by_anyone(row) for row in asked]
    assert {row["benefit"]: row["state"] for row in matches}["M05a"] == "now"


@pytest.mark.parametrize("query", ["state=now&state=auto", "state=now,auto", "state=auto,now"])
def test_matches_are_filtered_by_state(catalogue_loaded, shops, people, signed_in, query):
    browser = signed_in(people[0])
    everything = browser.get(address_of(shops[0], "matches")).json()["results"]

    found = browser.get(f"{address_of(shops[0], 'matches')}?{query}").json()["results"]

    assert found == [row for row in everything if row["state"] in ("now", "auto")]
    assert 0 < len(found) < len(everything)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=perhaps", ("state", "invalid_choice")),
        ("state=now,", ("state", "invalid")),
        ("as_of=2026-02-30", ("as_of", "invalid_date")),
        ("as_of=２０26-01-15", ("as_of", "invalid")),
        ("as_of=2026-01-15&as_of=2026-01-16", ("as_of", "invalid")),
        ("page=2", ("page", "unknown")),
    ],
)
def test_odd_questions_about_matches_are_refused(catalogue_loaded, shops, people, signed_in, query, expected):
    response = signed_in(people[0]).get(f"{address_of(shops[0], 'matches')}?{query}")

    assert faults(response) == [expected]


def test_matches_do_not_tell_tax_figures_to_who_may_not_see_them(
    catalogue_loaded, shops, people, signed_in, program, with_token
):
    amounts = (
        "vat",
        "urban_maintenance_tax",
        "education_surcharge",
        "local_education_surcharge",
        "stamp_duty",
    )
    nothing = {f"annual_{name}": "0.00" for name in amounts}
    take_in([Arrival({"tax": {**nothing, "deduction_months_used": 0}}, business_id=shops[0].pk)], on=DAY)

    def deduction(browser):
        rows = browser.get(address_of(shops[0], "matches"), {"as_of": "2026-11-24"}).json()["results"]
        return next(row["amount"] for row in rows if row["benefit"] == "M04c")

    to_owner = deduction(signed_in(people[0]))
    to_labour = deduction(with_token(*program("employment")))

    # 86,000 at 10 %, less 1,500, is 7,100 of tax.
    assert (to_owner["value"], to_owner["missing_facts"]) == ("7100.00", [])
    assert to_labour["value"] is None
    assert "annual_taxable_income" in to_labour["missing_facts"]


def test_matches_cost_few_queries(catalogue_loaded, shops, people, signed_in):
    browser = signed_in(people[0])
    browser.get(address_of(shops[0], "matches"))

    with CaptureQueriesContext(connection) as asked:
        browser.get(address_of(shops[0], "matches"))

    assert len(asked) <= 7


@pytest.mark.parametrize("rest", [(), ("matches",)])
def test_options_are_answered_to_who_is_let_in(catalogue_loaded, shops, people, signed_in, rest):
    assert signed_in(people[0]).options(address_of(shops[0], *rest)).status_code == 200
    assert signed_in(people[0]).options(LIST).status_code == 200


def test_a_method_that_does_not_exist_is_a_405_for_programs_too(shops, program, with_token):
    response = with_token(*program("tax")).delete(address_of(shops[0]))

    assert refusal(response) == (405, "method_not_allowed")
    assert response.headers["Allow"] == "GET, PATCH, HEAD, OPTIONS"
