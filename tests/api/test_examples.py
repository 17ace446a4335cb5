"""Every example of the document is sent as it stands, but for the ids and versions that only a database knows."""

import json
import uuid
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from accounts.models import ApiClient
from jobs import contacting, posting, working
from policies.models import Benefit
from services.asking import Ask, ask
from services.models import Leg
from subsidies.actions import applying
from tests.authz import labour

FORM, UPLOAD = "application/x-www-form-urlencoded", "multipart/form-data"
# What has to be done first, or is not for a bureau without a bank: but never that the body is wrong.
NOT_NOW = {
    "post /api/v1/requests/{id}/messages/": 409,
    "post /api/v1/sharings/": 404,
    "post /api/v1/sharings/{id}/revoke/": 404,
    "post /api/v1/applications/{id}/submit/": 409,
    "post /api/v1/applications/{id}/withdraw/": 409,
    "post /api/v1/applications/{id}/correct/": 409,
    "post /api/v1/applications/{id}/appeal/": 409,
}


@pytest.fixture
def document(api):
    return api.get("/api/schema/").json()


@pytest.fixture
def draft(shops, people, catalogue_loaded):
    """An application of the first shop."""
    return applying.begin(shops[0], Benefit.objects.get(code="M05c"), by=people[0])


@pytest.fixture
def examples(document):
    """``[(operation, media type, example)]`` of every body that has one."""
    return [
        (f"{verb} {path}", kind, example["value"])
        for path, verbs in document["paths"].items()
        for verb, operation in verbs.items()
        for kind, told in operation.get("requestBody", {}).get("content", {}).items()
        for example in told["examples"].values()
    ]


def fitted(body, rows):
    """The example with the ids and versions of ``rows``."""
    return {**body, **{name: value for name, value in rows.items() if name in body}}


def test_every_example_is_taken_or_refused_for_what_must_come_first(
    examples, draft, offering, shops, people, signed_in, program, with_token
):
    client, secret = program("registry", client_id="demo", scopes=" ".join(dict(ApiClient.SCOPES)))
    client.department = offering.handler
    client.save(update_fields=["department"])
    asked = ask(offering, shops[0], Ask(words="店门口的下水道堵了"), by=people[0])
    offered = posting.publish(shops[0], {**labour.WORK, **labour.days()}, by=people[0])
    working.look_for_work(people[1], labour.wishes())
    registry, owner, looks = with_token(client, secret), signed_in(people[0]), signed_in(people[1])
    rows = {
        "businesses": shops[0],
        "requests": asked,
        "legs": Leg.objects.get(request=asked.pk),
        "posts": offered,
        "contacts": contacting.ask_shop(people[1], offered),
    }
    verbs = {"legs": "take", "posts": "pause", "contacts": "accept"}
    answers = {}
    for operation, kind, body in examples:
        verb, path = operation.split()
        if kind == UPLOAD or "/notifications/" in path:
            continue
        of_leg = "/legs/" in path
        row = rows.get(path.split("/")[3], draft)
        row.refresh_from_db()
        body = fitted(
            body,
            {
                "version": row.version,
                "business": str(shops[0].public_id),
                "post": str(offered.public_id),
                **(labour.days() if "until_on" in body else {}),
            },
        )
        if "/visits/" in path:
            day = timezone.localdate().isoformat()
            body = fitted(
                body, {"credit_code": shops[0].credit_code, **dict.fromkeys(("from_on", "until_on"), day)}
            )
        of_program = of_leg or "/visits/" in path or operation == "post /api/v1/businesses/"
        sender = registry if of_program else owner
        sender = looks if operation == "post /api/v1/contacts/" else sender
        answers[operation] = sender.generic(
            verb.upper(),
            path.format(
                id=row.pk if of_leg else row.public_id, verb=verbs.get(path.split("/")[3], "withdraw")
            ),
            urlencode(body) if kind == FORM else json.dumps(body),
            content_type=kind,
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )

    found = {operation: answer.status_code for operation, answer in answers.items()}
    assert {operation: status for operation, status in found.items() if status >= 300} == NOT_NOW
    assert len(found) >= 20


def test_a_refused_submission_says_what_it_lacks_by_code_and_field(draft, people, signed_in):
    answer = signed_in(people[0]).post(
        f"/api/v1/applications/{draft.public_id}/submit/",
        json.dumps({"version": draft.version, "declared": True}),
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    problem = answer.json()

    assert (answer.status_code, problem["code"]) == (409, "requirements_unmet")
    assert problem["unmet"] == problem["errors"]
    assert problem["detail"] == " ".join(row["detail"] for row in problem["unmet"])
    lacking = {(row["code"], row["field"]) for row in problem["unmet"]}
    assert ("account_missing", "account") in lacking
    assert ("not_declared", "declared") not in lacking  # it was, a line above
    assert {code for code, _ in lacking} <= {
        *("fact_missing", "criterion_failed", "material_missing", "account_missing", "too_early")
    }
