"""The OpenAPI document tells the truth: what it promises is what is answered."""

import copy
import json
import re
from datetime import timedelta

import jsonschema
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.python._constants.orchestrator import build_constants_pool
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import ApiClient
from businesses.models import Mandate
from jobs import contacting, posting, working
from policies.models import Benefit
from services.asking import Ask, ask
from subsidies.actions import applying
from tests.authz import labour

from .conftest import faults

OPERATIONS = {
    ("/api/v1/measures/", "get"),
    ("/api/v1/measures/{code}/", "get"),
    ("/api/v1/benefits/", "get"),
    ("/api/v1/benefits/{code}/", "get"),
    ("/api/v1/benefits/{code}/versions/", "get"),
    ("/api/v1/departments/", "get"),
    ("/api/v1/facts/", "get"),
    ("/api/v1/evaluations/", "post"),
    ("/api/v1/evaluations/batch/", "post"),
    ("/api/v1/calculators/tax/", "post"),
    ("/api/v1/auth/token/", "post"),
    ("/api/v1/auth/revoke/", "post"),
    ("/api/v1/me/data/", "post"),
    ("/api/v1/me/data/", "delete"),
    ("/api/v1/me/consents/{kind}/", "delete"),
    ("/api/v1/businesses/", "get"),
    ("/api/v1/businesses/", "post"),
    ("/api/v1/businesses/{id}/", "get"),
    ("/api/v1/businesses/{id}/", "patch"),
    ("/api/v1/businesses/{id}/matches/", "get"),
    ("/api/v1/notifications/", "get"),
    ("/api/v1/notifications/{id}/read/", "post"),
    ("/api/v1/applications/", "get"),
    ("/api/v1/applications/", "post"),
    ("/api/v1/applications/{id}/", "get"),
    ("/api/v1/applications/{id}/", "patch"),
    ("/api/v1/applications/{id}/submit/", "post"),
    ("/api/v1/applications/{id}/withdraw/", "post"),
    ("/api/v1/applications/{id}/correct/", "post"),
    ("/api/v1/applications/{id}/appeal/", "post"),
    ("/api/v1/applications/{id}/files/", "post"),
    ("/api/v1/applications/{id}/files/{file}/", "delete"),
    ("/api/v1/applications/{id}/events/", "get"),
    ("/api/v1/offerings/", "get"),
    ("/api/v1/offerings/{code}/", "get"),
    ("/api/v1/offerings/{code}/slots/", "get"),
    ("/api/v1/requests/", "get"),
    ("/api/v1/requests/", "post"),
    ("/api/v1/requests/{id}/", "get"),
    ("/api/v1/requests/{id}/messages/", "get"),
    ("/api/v1/requests/{id}/messages/", "post"),
    ("/api/v1/requests/{id}/{verb}/", "post"),
    ("/api/v1/legs/", "get"),
    ("/api/v1/legs/{id}/", "get"),
    ("/api/v1/legs/{id}/{verb}/", "post"),
    ("/api/v1/sharings/", "get"),
    ("/api/v1/sharings/", "post"),
    ("/api/v1/sharings/{id}/revoke/", "post"),
    ("/api/v1/visits/", "get"),
    ("/api/v1/visits/", "post"),
    ("/api/v1/trades/", "get"),
    ("/api/v1/counties/", "get"),
    ("/api/v1/posts/", "get"),
    ("/api/v1/posts/", "post"),
    ("/api/v1/posts/{id}/", "get"),
    ("/api/v1/posts/{id}/", "put"),
    ("/api/v1/posts/{id}/matches/", "get"),
    ("/api/v1/posts/{id}/{verb}/", "post"),
    ("/api/v1/workers/me/", "get"),
    ("/api/v1/workers/me/", "put"),
    ("/api/v1/workers/me/stop/", "post"),
    ("/api/v1/contacts/", "get"),
    ("/api/v1/contacts/", "post"),
    ("/api/v1/contacts/{id}/", "get"),
    ("/api/v1/contacts/{id}/{verb}/", "post"),
}
SCOPED = {
    (path, method)
    for path, method in OPERATIONS
    if path.startswith(("/api/v1/businesses/", "/api/v1/applications/", "/api/v1/requests/"))
    or path.startswith(("/api/v1/posts/", "/api/v1/contacts/"))
}


@pytest.fixture
def document(api):
    response = api.get("/api/schema/")
    assert response.status_code == 200
    return json.loads(response.content)


def test_it_is_openapi_3_1_and_lists_every_route(document):
    routed = {
        "/api/" + re.sub("<str:([a-z]+)>", r"{\1}", str(row.pattern))
        for row in get_resolver("portal.api_urls").url_patterns
        if str(row.pattern).startswith("v1/")
    }

    assert document["openapi"] == "3.1.0"
    assert {
        (path, method) for path, operations in document["paths"].items() for method in operations
    } == OPERATIONS
    assert {path for path, _ in OPERATIONS} == routed


def test_every_schema_in_it_is_one(document):
    found = list(_schemas(document))

    for schema in found:
        jsonschema.Draft202012Validator.check_schema(schema)
    assert len(found) > 30


def test_every_reference_leads_somewhere(document):
    references = set(re.findall(r'"\$ref": "#/components/([a-z]+)/([^"]+)"', json.dumps(document)))

    assert references <= {(kind, name) for kind, found in document["components"].items() for name in found}
    assert {kind for kind, _ in references} == {"schemas", "responses"}


def test_no_two_operations_have_one_name_for_programs(document):
    """Generators of clients name their methods by it; where two are alike, a numeral is put behind one of them."""
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]

    assert [name for name in names if name[-1].isdigit()] == []
    assert len(set(names)) == len(OPERATIONS)
    assert {"requests_create", "requests_do", "legs_do", "posts_do", "contacts_do"} <= set(names)


def test_operations_are_named_in_chinese(document):
    summaries = [operation["summary"] for path in document["paths"].values() for operation in path.values()]

    assert [text for text in summaries if not re.search("[\u4e00-\u9fff]", text)] == []
    assert len(set(summaries)) == len(OPERATIONS)


def _schemas(node):
    if isinstance(node, dict):
        if isinstance(node.get("schema"), dict):
            yield node["schema"]
        yield from node.get("schemas", {}).values() if isinstance(node.get("schemas"), dict) else ()
        for inner in node.values():
            yield from _schemas(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _schemas(inner)


@pytest.fixture(scope="module")
def schema():
    """Of the document, written once: what is in it does not depend on who asks."""
    from portal.wsgi import application

    found = schemathesis.openapi.from_dict(json.loads(Client().get("/api/schema/").content))
    found.app = application
    return found


@pytest.fixture
def fuzzed(api, schema):
    """A copy that a test may narrow. The literals in our modules, from which values are drawn too, are read once."""
    found = schemathesis.openapi.from_dict(copy.deepcopy(schema.raw_schema))
    found.app = schema.app
    build_constants_pool(schema)
    found._constants_pool_cache = schema._constants_pool_cache
    # As in Django's own test client: a request must not close the connection that holds the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield found
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(params=[8, pytest.param(15, marks=pytest.mark.long)])
def examples(request):
    return request.param


AS_SAID, OTHERWISE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
# Any text is a code: there is no other way to ask for one measure or benefit; of one's own data nothing is asked.
ONE_ROW = {
    ("/api/v1/me/data/", "delete"),
    ("/api/v1/measures/{code}/", "get"),
    ("/api/v1/benefits/{code}/", "get"),
    ("/api/v1/me/consents/{kind}/", "delete"),
    ("/api/v1/businesses/{id}/", "get"),
    ("/api/v1/notifications/{id}/read/", "post"),
    ("/api/v1/applications/{id}/", "get"),
    ("/api/v1/applications/{id}/files/{file}/", "delete"),
    ("/api/v1/offerings/{code}/", "get"),
    ("/api/v1/requests/{id}/", "get"),
    ("/api/v1/legs/{id}/", "get"),
    ("/api/v1/posts/{id}/", "get"),
    ("/api/v1/workers/me/", "get"),
    ("/api/v1/contacts/{id}/", "get"),
}


@pytest.mark.crawl
@pytest.mark.parametrize(
    ("path", "method", "mode"),
    [
        *((*operation, AS_SAID) for operation in sorted(OPERATIONS)),
        *((*operation, OTHERWISE) for operation in sorted(OPERATIONS - ONE_ROW)),
    ],
    ids=str,
)
def test_whatever_is_sent_the_answer_is_one_of_those_documented(fuzzed, path, method, mode, examples):
    _hold(fuzzed[path][method.upper()], mode, examples)


def _hold(operation, mode, examples, **sent):
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers(case):
        case.call_and_validate(
            **sent,
            checks=[
                schemathesis.checks.not_a_server_error,
                status_code_conformance,
                content_type_conformance,
                response_schema_conformance,
            ],
        )

    answers()


@pytest.fixture
def draft(shops, people):
    """An application of the first shop."""
    return applying.begin(shops[0], Benefit.objects.get(code="M05c"), by=people[0])


@pytest.fixture
def asked(shops, people, offering):
    """A request of the first shop."""
    return ask(offering, shops[0], Ask(words="店门口的下水道堵了"), by=people[0])


@pytest.fixture
def offered(shops, people, catalogue_loaded):
    """Work that the first shop has."""
    return posting.publish(shops[0], {**labour.WORK, **labour.days()}, by=people[0])


@pytest.fixture
def contact(people, offered):
    """Somebody has asked for that work."""
    working.look_for_work(people[1], labour.wishes())
    return contacting.ask_shop(people[1], offered)


# The rows of the first shop, and what may be done to them, by the part of the address before their id.
ROWS = {
    "/applications/": ("draft", "withdraw"),
    "/requests/": ("asked", "withdraw"),
    "/posts/": ("offered", "pause"),
    "/contacts/": ("contact", "accept"),
}


@pytest.mark.crawl
@pytest.mark.parametrize("asker", ["owner", "program"])
@pytest.mark.parametrize(
    ("path", "method", "mode"),
    [
        *((*operation, AS_SAID) for operation in sorted(SCOPED)),
        *((*operation, OTHERWISE) for operation in sorted(SCOPED - ONE_ROW)),
    ],
    ids=str,
)
def test_so_it_is_for_who_is_let_in(
    fuzzed, shops, people, request, signed_in, program, with_token, path, method, asker, mode, examples
):
    operation = fuzzed[path][method.upper()]
    if asker == "owner":
        token = "a" * 32
        session = signed_in(people[0]).cookies["sessionid"].value
        sent = {
            "cookies": {"sessionid": session, "csrftoken": token},
            "headers": {"X-CSRFToken": token},
        }
    else:
        client, secret = program("registry", scopes=" ".join(dict(ApiClient.SCOPES)))
        until = timezone.localdate() + timedelta(days=30)
        Mandate.objects.create(
            business=shops[0], given_by=people[0], client=client, scopes=["view", "apply"], until=until
        )
        sent = {"headers": {"Authorization": with_token(client, secret).defaults["HTTP_AUTHORIZATION"]}}
    row, verb = next((named for part, named in ROWS.items() if part in path), (None, ""))
    known = [request.getfixturevalue(row)] if row else shops
    for parameter in operation.path_parameters:
        names = [verb] if parameter.name == "verb" else [str(row.public_id) for row in known]
        parameter.definition["schema"] = {"enum": names}
    answered = []

    @schemathesis.check
    def not_turned_away(ctx, response, case):
        answered.append(response.status_code)

    _hold(operation, mode, examples, additional_checks=[not_turned_away], **sent)
    assert 401 not in answered
    assert 200 in answered or (mode, method) != (AS_SAID, "get")


# The page for people


def test_the_documentation_page_loads_nothing_from_elsewhere(api):
    text = api.get("/api/docs/").content.decode()
    script = api.get("/api/docs/?script=").content.decode()

    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//""", text) == []
    assert re.findall(r"https?://(?!www\.w3\.org)[^\s\"']+", script) == []
    assert "connect-src 'self'" in api.get("/api/docs/").headers["Content-Security-Policy"]


def test_the_documentation_is_not_part_of_what_it_documents(api):
    assert faults(api.get("/api/v1/schema/"), status=404) == []
    assert Client().post("/api/docs/").status_code == 405
