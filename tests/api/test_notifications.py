"""Messages over the API: whose they are, what is said of them, and how they are marked as read."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from businesses.models import Binding, Business, Mandate
from eligibility import publishing
from notifications import sweep
from notifications.models import Notification
from policies.models import BenefitVersion
from tests.standing import standing

from .conftest import CREDIT_CODES, PHONES, faults, their_people, three_shops

pytestmark = pytest.mark.django_db
LIST = "/api/v1/notifications/"
FIELDS = [
    *("id", "business", "benefit", "version", "kind", "title", "sentence", "day"),
    *("eligible_from", "apply_before", "amount", "created_at", "read"),
]


def _tell():
    """The shops and their people, and what these are told."""
    their_people(three_shops())
    sweep.relay()


@pytest.fixture(scope="module")
def _told(_measures, django_db_blocker):
    with standing(_tell, django_db_blocker):
        yield


@pytest.fixture
def shops(_told, catalogue_loaded):
    return [Business.objects.get(credit_code=code) for code in CREDIT_CODES]


@pytest.fixture
def people(shops):
    return [User.objects.with_phone(phone) for phone in PHONES]


@pytest.fixture
def told(people):
    """The owner of the first shop, its messages written."""
    return people[0]


@pytest.fixture
def mandate(people, shops):
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


def results(browser, **query):
    response = browser.get(LIST, query)
    assert response.status_code == 200, response.content.decode()
    return response.json()["results"]


def read(browser, row, body=None):
    address = f"{LIST}{getattr(row, 'pk', row)}/read/"
    return browser.post(address, json.dumps(body or {}), content_type="application/json")


def mine(shop):
    return Notification.objects.filter(operator=shop.operator_id)


# What is told


def test_an_owner_reads_what_is_for_them_the_newest_first(told, shops, signed_in):
    found = results(signed_in(told))

    assert [row["id"] for row in found] == list(mine(shops[0]).order_by("-pk").values_list("pk", flat=True))
    assert [list(row) for row in found] == [FIELDS] * len(found)
    # The second shop is the same person's, who is told once of what fits both.
    assert {row["business"] for row in found} == {str(shops[0].public_id)}
    assert len({row["benefit"] for row in found}) == len(found)


def test_dates_and_amounts_are_those_of_todays_decision(told, shops, signed_in):
    (row,) = results(signed_in(told), benefit="M04a")[:1]

    assert (row["benefit"], row["version"], row["kind"], row["read"]) == ("M04a", 1, "new", False)
    assert row["amount"] == {"value": None, "maximum": None, "unit": "year"}
    assert (row["eligible_from"], row["apply_before"]) == (None, "2027-12-31")
    assert row["title"] == "六税两费减半"


def test_a_list_is_filtered_by_benefit_kind_and_whether_it_was_read(told, shops, signed_in):
    browser = signed_in(told)
    one = mine(shops[0]).get(benefit__code="M04b")
    read(browser, one)

    assert [row["benefit"] for row in results(browser, benefit="M04b")] == ["M04b"]
    assert [row["id"] for row in results(browser, unread="false")] == [one.pk]
    assert one.pk not in [row["id"] for row in results(browser, unread="true")]
    assert {row["kind"] for row in results(browser, kind="new")} == {"new"}
    assert results(browser, kind="ended") == []


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ({"benefit": "M99a"}, ("benefit", "unknown_benefit")),
        ({"kind": "newest"}, ("kind", "invalid_choice")),
        ({"unread": "yes"}, ("unread", "invalid")),
        ({"page_size": "101"}, ("page_size", "invalid")),
        ({"cursor": "x"}, ("cursor", "invalid")),
        ({"business": "1"}, ("business", "unknown")),
    ],
)
def test_what_is_asked_for_wrongly_is_named(told, signed_in, query, fault):
    assert faults(signed_in(told).get(LIST, query)) == [fault]


def test_pages_go_on_where_the_one_before_ended(told, shops, signed_in):
    browser = signed_in(told)
    whole = [row["id"] for row in results(browser)]

    found, address = [], f"{LIST}?page_size=1"
    while address:
        page = browser.get(address).json()
        found += [row["id"] for row in page["results"]]
        address = page["next"]

    assert found == whole
    assert len(whole) > 2


def test_a_list_that_has_not_changed_is_not_sent_twice(told, shops, signed_in):
    browser = signed_in(told)
    etag = browser.get(LIST).headers["ETag"]

    same = browser.get(LIST, headers={"If-None-Match": etag})
    read(browser, mine(shops[0]).first())
    other = browser.get(LIST, headers={"If-None-Match": etag})

    assert (same.status_code, other.status_code) == (304, 200)


def test_a_list_takes_as_many_queries_for_one_row_as_for_many(told, signed_in):
    browser, counts = signed_in(told), {}
    for size in (1, 3):
        browser.get(LIST, {"page_size": size})
        with CaptureQueriesContext(connection) as queries:
            counts[len(results(browser, page_size=size))] = len(queries)

    assert list(counts) == [1, 3]
    assert len(set(counts.values())) == 1


# Who is told


def test_a_visitor_is_asked_for_a_token(client, told):
    assert (client.get(LIST).status_code, read(client, 1).status_code) == (401, 401)


def test_staff_and_strangers_have_no_messages(told, people, signed_in):
    clerk = User.objects.create(username="clerk", is_staff=True, is_superuser=True)

    assert (results(signed_in(clerk)), results(signed_in(people[2]))) == ([], [])


@pytest.mark.parametrize("holder", ["agent", "client"])
def test_who_acts_for_a_shop_reads_what_is_about_it_and_marks_nothing(
    told, shops, signed_in, program, with_token, mandate, holder
):
    agent = User.objects.begin_with_phone("13800000009")
    bank, secret = program("", client_id="bank")
    given = mandate(agent if holder == "agent" else bank, "view")
    browser = signed_in(agent) if holder == "agent" else with_token(bank, secret)

    found = results(browser)
    refused = read(browser, found[0]["id"])
    given.revoked_at = timezone.now()
    given.save()

    assert {row["business"] for row in found} == {str(shops[0].public_id)}
    assert refused.status_code == 403
    assert Notification.objects.exclude(opened_at=None).count() == 0
    assert results(browser) == []


@pytest.mark.parametrize("source", ["registry", "tax"])
def test_a_bureau_that_sees_the_whole_register_sees_no_messages(told, program, with_token, source):
    assert results(with_token(*program(source))) == []


def test_a_mandate_without_viewing_shows_nothing(told, program, with_token, mandate):
    bank, secret = program("", client_id="bank")
    mandate(bank, "apply")

    assert results(with_token(bank, secret)) == []


def test_a_token_needs_the_scope_of_evaluations(told, program, with_token, mandate):
    bank, secret = program("", client_id="bank")
    mandate(bank, "view")

    response = with_token(bank, secret, scope="businesses:read").get(LIST)

    assert response.status_code == 403
    assert 'scope="evaluations"' in response.headers["WWW-Authenticate"]


# Reading


def test_a_message_is_marked_as_read_once(told, shops, signed_in):
    browser, row = signed_in(told), mine(shops[0]).first()

    first = read(browser, row)
    opened = mine(shops[0]).get(pk=row.pk).opened_at
    second = read(browser, row)

    assert (first.status_code, first.json()["read"]) == (200, True)
    assert second.json() == first.json()
    assert mine(shops[0]).get(pk=row.pk).opened_at == opened


def test_what_is_not_theirs_is_answered_like_what_does_not_exist(told, people, shops, signed_in):
    Binding.objects.filter(user=people[1]).delete()
    browser = signed_in(people[1])
    ids = [mine(shops[0]).first().pk, 999999999, "x", "１", "-1", "9" * 19]

    answers = {read(browser, id).content for id in ids}

    assert len(answers) == 1
    assert json.loads(answers.pop())["status"] == 404
    assert Notification.objects.exclude(opened_at=None).count() == 0


def test_nothing_is_written_in_the_body(told, shops, signed_in):
    response = read(signed_in(told), mine(shops[0]).first(), {"read": True})

    assert faults(response) == [("read", "unknown_field")]


def test_a_body_that_is_left_out_is_as_good(told, shops, signed_in):
    response = signed_in(told).generic("POST", f"{LIST}{mine(shops[0]).first().pk}/read/")

    assert response.status_code == 200


def test_a_site_that_is_not_ours_cannot_mark_anything(told, shops):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(told)

    assert read(browser, mine(shops[0]).first()).status_code == 403


def test_a_message_from_a_version_that_was_withdrawn_is_still_listed(told, shops, signed_in):
    officer = User.objects.create(username="admin", is_staff=True, is_superuser=True)
    publishing.withdraw(BenefitVersion.objects.get(benefit__code="M04a"), by=officer, reason="试")

    (row,) = results(signed_in(told), benefit="M04a", kind="new")[:1]

    assert row["amount"] == {"value": None, "maximum": None, "unit": None}
    assert row["version"] == 1
