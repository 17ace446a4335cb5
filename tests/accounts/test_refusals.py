"""What somebody of a bureau, or a program, was not allowed to do is written down; what an owner asks for is not."""

import pytest
from django.test import Client

from accounts.models import AccessEvent, ApiClient
from subsidies.actions import paying
from tests.notifications.register import open_shop
from tests.subsidies import world

LIST = "/admin/subsidies/paymentbatch/"


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def case(people):
    benefit = world.grant_of_money()
    world.envelope(benefit)
    shop = open_shop(1)
    return world.filed(benefit, shop, world.owner_of(shop))


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def refused():
    rows = AccessEvent.objects.filter(action="refused").order_by("pk")
    return [(row.user, row.subject, row.detail) for row in rows]


def test_a_page_that_is_not_for_somebody_of_the_bureau_is_written_down(people):
    answer = signed_in(people.reviewer).get(LIST)

    assert answer.status_code == 403
    assert refused() == [(people.reviewer, LIST, {"method": "GET"})]


def test_a_verb_that_is_not_for_them_is_written_down(people, case):
    world.recommended(case, people)
    case.refresh_from_db()
    address = f"/admin/subsidies/application/{case.pk}/act/"

    answer = signed_in(people.reviewer).post(address, {"do": "pass", "expected_version": case.version})

    assert answer.status_code == 403
    assert refused() == [(people.reviewer, address, {"method": "POST"})]


def test_several_at_once_leave_one_line_for_each_that_is_not_theirs(people, case):
    world.recommended(case, people)
    data = {"action": "pass_these", "_selected_action": [case.pk]}

    signed_in(people.reviewer).post("/admin/subsidies/application/?view=all", data)

    assert [row[0] for row in refused()] == [people.reviewer]


def test_whoever_prepared_a_batch_and_tries_to_approve_it_is_written_down(people, case):
    world.approved(case, people)
    batch = paying.prepare(people.department, by=people.finance).batch
    address = f"{LIST}{batch.pk}/approve/"

    signed_in(people.finance).post(address, {"total": batch.total_fen})

    assert refused() == [(people.finance, address, {"method": "POST"})]


def test_a_program_without_the_scope_is_written_down(read_only_program):
    answer = read_only_program.post("/api/v1/businesses/", {}, content_type="application/json")

    assert answer.status_code == 403
    [(user, subject, detail)] = refused()
    assert (user, subject) == (None, "/api/v1/businesses/")
    assert detail == {"method": "POST", "client": "read-only"}


@pytest.fixture
def read_only_program(db):
    row = ApiClient(
        client_id="read-only",
        client_secret="only-in-tests",
        client_type="confidential",
        authorization_grant_type="client-credentials",
        scopes="businesses:read",
    )
    row.save()
    token = Client().post(
        "/api/v1/auth/token/",
        "grant_type=client_credentials&client_id=read-only&client_secret=only-in-tests",
        content_type="application/x-www-form-urlencoded",
    )
    return Client(headers={"authorization": f"Bearer {token.json()['access_token']}"})


def test_what_an_owner_may_not_see_is_no_attempt_of_the_bureau(people, case):
    owner = signed_in(case.submitter)

    assert owner.get(LIST).status_code in (302, 403)
    assert refused() == []


def test_who_is_only_asked_for_a_proof_of_now_was_refused_nothing(people):
    client = signed_in(people.finance)
    session = client.session
    session["proved_at"] -= 3600
    session.save()

    answer = client.post(f"{LIST}prepare/", {})

    assert answer.status_code == 403
    assert "请再证明是您本人" in answer.content.decode()
    assert refused() == []
