"""A request sent twice has one effect: on the API by Idempotency-Key, on a page by the hidden value of its form."""

import sqlite3
import threading
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.http import Http404, HttpResponse, QueryDict
from django.test import Client
from django.urls import path
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Department, User
from core.errors import Invalid, Refused
from core.idempotency import InFlight, Reused, fingerprint, form_key, idempotent, once, purge
from core.models import IdempotencyKey

both_engines = pytest.mark.django_db(databases=["default", "postgres"])
in_parallel = pytest.mark.django_db(databases=["default", "postgres"], transaction=True)
pytestmark = pytest.mark.every_engine("locks")
FAILURES = {
    "invalid": (Invalid.because("name", "too_long", "太长。"), 400),
    "refused": (Refused("今天不受理。"), 409),
    "missing": (Http404(), 404),
    "forbidden": (exceptions.PermissionDenied(), 403),
    "bug": (RuntimeError("bug"), 500),
}
waits = {"entered": threading.Event(), "go_on": threading.Event()}


def found(code):
    return Department.objects.create(code=code, name=code)


class Found(APIView):
    """Founds a department, and then does what its name says."""

    throttle_classes = ()

    @idempotent(required=True)
    def post(self, request, then="answer"):
        row = found(f"{then}{Department.objects.count()}")
        if then in FAILURES:
            raise FAILURES[then][0]
        if then == "wait":
            waits["entered"].set()
            waits["go_on"].wait(10)
        if then == "nothing":
            return Response(status=204)
        if then == "plain":
            return HttpResponse(b'{"plain": true}', content_type="application/json")
        status = 409 if then == "answers-409" else 201
        return Response({"code": row.code, "at": timezone.now(), "sign": "<"}, status=status)


class MayFound(APIView):
    throttle_classes = ()

    @idempotent(required=False)
    def post(self, request):
        return Response({"code": found(uuid.uuid4().hex[:20]).code})


handler500 = "portal.views.server_error"
urlpatterns = [
    path("api/found/", Found.as_view()),
    path("api/found/<slug:then>/", Found.as_view()),
    path("api/may-found/", MayFound.as_view()),
]


@pytest.fixture(autouse=True)
def small_views(settings):
    settings.ROOT_URLCONF = __name__


def browser(name="somebody"):
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get_or_create(username=name)[0])
    return client


def post(client, then="", key="k-1", **body):
    headers = {} if key is None else {"Idempotency-Key": key}
    address = f"/api/found/{then}/" if then else "/api/found/"
    return client.post(address, body or {"name": "局"}, content_type="application/json", headers=headers)


def codes():
    return list(Department.objects.order_by("code").values_list("code", flat=True))


# One request after the other


@both_engines
def test_a_second_request_with_the_key_has_the_first_answer_to_the_byte_and_no_effect(engine):
    client = browser()

    first, second = post(client), post(client)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert (second.headers["Idempotent-Replayed"], "Idempotent-Replayed" in first.headers) == ("true", False)
    assert codes() == ["answer0"]


@both_engines
@pytest.mark.parametrize("then", ["nothing", "plain"])
def test_an_empty_answer_and_a_plain_one_are_repeated_too(engine, then):
    client = browser()

    first, second = post(client, then), post(client, then)

    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers.get("Content-Type") == first.headers.get("Content-Type")
    assert codes() == [f"{then}0"]


@both_engines
def test_the_same_names_in_another_order_are_the_same_body_and_another_value_is_not(engine):
    client = browser()
    first = post(client, name="局", why="一")

    same, other = post(client, why="一", name="局"), post(client, name="局", why="二")

    assert same.content == first.content
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert codes() == ["answer0"]


@both_engines
def test_a_key_is_one_persons_own_and_of_one_address(engine):
    one, other = browser(), browser("other")

    answers = [post(one), post(other), post(one, "plain"), post(one, key="k-2")]

    assert ["Idempotent-Replayed" in answer.headers for answer in answers] == [False] * 4
    assert len(codes()) == 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency_key_required"),
        ("", "idempotency_key_required"),
        ("键", "idempotency_key_invalid"),
        ("x" * 201, "idempotency_key_invalid"),
        ("a\x7f", "idempotency_key_invalid"),
    ],
)
def test_a_key_is_asked_for_and_has_to_be_plain(key, code):
    answer = post(browser(), key=key)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert codes() == []


@pytest.mark.django_db
def test_a_key_of_200_signs_is_taken():
    assert post(browser(), key="~ " * 99 + "ab").status_code == 201


@pytest.mark.django_db
def test_a_stranger_is_asked_to_sign_in():
    assert post(Client()).status_code in (401, 403)
    assert codes() == []


@pytest.mark.django_db
def test_where_no_key_is_asked_for_a_request_without_one_works_each_time():
    client = browser()
    send = {"path": "/api/may-found/", "data": {}, "content_type": "application/json"}

    plain = [client.post(**send).content for _ in range(2)]
    keyed = [client.post(**send, headers={"Idempotency-Key": "k"}).content for _ in range(2)]

    assert (len(set(plain)), len(set(keyed)), len(codes())) == (2, 1, 3)


# What fails


@both_engines
@pytest.mark.parametrize("then", [*FAILURES, "answers-409"])
def test_what_fails_leaves_nothing_and_may_be_tried_again(engine, then):
    client = browser()
    expected = FAILURES.get(then, (None, 409))[1]

    answers = [post(client, then), post(client, then)]

    assert [answer.status_code for answer in answers] == [expected, expected]
    assert ["Idempotent-Replayed" in answer.headers for answer in answers] == [False, False]
    assert (codes(), IdempotencyKey.objects.count()) == ([], 0)


@in_parallel
@pytest.mark.parametrize("then", ["refused", "answers-409", "bug"])
def test_what_fails_is_rolled_back_in_a_transaction_of_its_own(engine, then):
    """The tests above run in one transaction; here is none around the request."""
    post(browser(), then)

    assert (codes(), IdempotencyKey.objects.count()) == ([], 0)


@in_parallel
def test_what_fails_is_rolled_back_where_every_request_has_a_transaction(engine):
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    try:
        refused, answered = post(browser(), "refused"), post(browser())
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False

    assert (refused.status_code, answered.status_code, codes()) == (409, 201, ["answer0"])


@both_engines
def test_a_body_that_cannot_be_read_uses_up_no_key(engine):
    client = browser()
    headers = {"Idempotency-Key": "k-1"}

    broken = client.post("/api/found/", "{", content_type="application/json", headers=headers)

    assert (broken.status_code, post(client).status_code) == (400, 201)


# Side by side


@pytest.fixture
def begin(engine, tmp_path):
    """``begin(work)`` runs it in a thread with a connection of its own; on SQLite to a file, as in production."""
    made, threads = [], []
    if engine == "default":
        file = str(tmp_path / "tests.sqlite3")
        with sqlite3.connect(file) as copy:
            connection.ensure_connection()
            connection.connection.backup(copy)
        copy.close()
        default = connections["default"]
        given = {**default.settings_dict, "NAME": file}
        connections["default"] = type(default)(given, "default")
        made.append(connections["default"])

    used = connections["default"]

    def begin(work):
        def run():
            own = type(used)(used.settings_dict, "default")
            connections["default"] = own
            try:
                work()
            finally:
                own.close()

        thread = threading.Thread(target=run)
        threads.append(thread)
        thread.start()
        return thread

    yield begin
    for thread in threads:
        thread.join()
    for found in made:
        found.close()


@in_parallel
def test_many_requests_at_once_have_one_effect(begin):
    client, answers, barrier = browser(), [], threading.Barrier(8)
    cookies = client.cookies

    def send():
        own = Client()
        own.cookies = cookies
        barrier.wait()
        answers.append(post(own))

    for thread in [begin(send) for _ in range(8)]:
        thread.join()

    assert codes() == ["answer0"]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert (answer.headers["Retry-After"], answer.json()["code"]) == (
                "1",
                "idempotency_key_in_flight",
            )


@in_parallel
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_on_postgresql_a_second_request_is_told_at_once_that_the_first_is_at_it(begin, engine):
    client = browser()
    for event in waits.values():
        event.clear()
    first = begin(lambda: post(client, "wait"))
    assert waits["entered"].wait(10)

    during = post(client, "wait")
    waits["go_on"].set()
    first.join()
    after = post(client, "wait")

    assert (during.status_code, during.headers["Retry-After"]) == (409, "1")
    assert (after.status_code, after.headers["Idempotent-Replayed"], codes()) == (201, "true", ["wait0"])


@in_parallel
def test_somebody_who_presses_twice_sees_the_one_receipt(begin):
    key, receipts, barrier = form_key(), [], threading.Barrier(2)

    def effect():
        row = found(f"d{Department.objects.count()}")
        return f"/receipts/{row.code}/"

    def press():
        barrier.wait()
        receipts.append(once("user 1", "POST /submit/", key, QueryDict("a=1"), effect))

    for thread in [begin(press) for _ in range(2)]:
        thread.join()

    assert (receipts, codes()) == (["/receipts/d0/"] * 2, ["d0"])


# Forms


@both_engines
def test_a_form_sent_again_has_the_first_receipt_whatever_its_csrf_token_is_now(engine):
    key, receipts = form_key(), iter(["/one/", "/two/"])

    def send(body):
        return once("user 1", "POST /submit/", key, QueryDict(body), lambda: next(receipts))

    assert send(f"a=1&csrfmiddlewaretoken=x&idempotency_key={key}") == "/one/"
    assert send(f"csrfmiddlewaretoken=y&a=1&idempotency_key={key}") == "/one/"
    with pytest.raises(Reused):
        send("a=2")


@both_engines
def test_an_effect_that_is_refused_leaves_the_key_free(engine):
    def refuse():
        found("d")
        raise Refused("今天不受理。")

    with pytest.raises(Refused, match="今天不受理"):
        once("user 1", "POST /submit/", "k", {}, refuse)

    assert codes() == []
    assert once("user 1", "POST /submit/", "k", {}, lambda: "/one/") == "/one/"


@both_engines
def test_a_form_without_its_value_is_refused_and_an_address_may_be_long(engine):
    with pytest.raises(Invalid):
        once("user 1", "POST /submit/", "", {}, lambda: "/one/")

    assert once("user 1", f"POST /{'x' * 300}/", "k", {}, lambda: "/one/") == "/one/"


def test_a_files_content_is_part_of_what_was_sent_and_can_still_be_read():
    def form(content):
        file = SimpleUploadedFile("证.pdf", content)
        return MultiValueDict({"a": ["1", "2"], "file": [file]}), file

    one, file = form(b"one")

    assert fingerprint(one) == fingerprint(form(b"one")[0])
    assert fingerprint(one) != fingerprint(form(b"two")[0])
    assert file.read() == b"one"


def test_every_form_has_a_value_of_its_own():
    assert uuid.UUID(form_key()) != uuid.UUID(form_key())
    assert issubclass(InFlight, Refused)


# Afterwards


@both_engines
def test_keys_are_forgotten_after_two_days(engine):
    client = browser()
    for key in ("old", "new"):
        post(client, key=key)
    IdempotencyKey.objects.filter(key="old").update(at=timezone.now() - timedelta(hours=49))

    assert purge() == 1
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]
