import io
import json
import logging

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from core.problems import STATUSES, dumps, in_chinese

MEMBERS = {"type", "title", "status", "detail", "code", "errors"}


def problem(response, status):
    """The problem in a response, after checking what every problem has in common."""
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert b"<" not in response.content
    assert b"secret" not in response.content
    body = json.loads(response.content)
    assert set(body) == MEMBERS
    assert body["type"] == "about:blank"
    assert body["status"] == status
    assert in_chinese(body["detail"])
    return body


def test_invalid_input_names_every_fault(api):
    body = problem(api.get("/api/raise/invalid/"), 400)

    assert body["code"] == "invalid"
    assert body["errors"] == [
        {"field": "profile.registered_on", "code": "invalid", "detail": "日期要写成 2026-01-31。"},
        {"field": "a", "code": "b", "detail": "丙。"},
    ]


def test_serializer_errors_become_dotted_paths_and_never_english(api):
    body = problem(api.get("/api/raise/serializer/"), 400)

    assert body["errors"][0] == {"field": "items.1.amount", "code": "min_value", "detail": "要大于 0。"}
    assert body["errors"][1]["field"] == ""
    assert in_chinese(body["errors"][1]["detail"])


def test_model_errors_become_faults(api):
    body = problem(api.get("/api/raise/model/"), 400)

    assert [(fault["field"], fault["detail"]) for fault in body["errors"]] == [
        ("name", "名称太长。"),
        ("", "两个日期颠倒了。"),
    ]


def test_refused_is_a_409_in_its_own_words(api):
    body = problem(api.get("/api/raise/refused/"), 409)

    assert (body["code"], body["detail"]) == ("refused", "今天不受理，请下周再来。")


def test_not_found_speaks_chinese_and_escapes_input(api):
    assert problem(api.get("/api/raise/missing/"), 404)["detail"] == STATUSES[404][2]
    assert problem(api.get("/api/raise/missing-in-chinese/"), 404)["detail"] == "没有 <b>M99</b> 这条措施。"


def test_forbidden_is_a_403(api):
    assert problem(api.get("/api/raise/forbidden/"), 403)["code"] == "permission_denied"


def test_a_visitor_is_asked_to_sign_in(api):
    body = problem(api.get("/api/private/"), 401)

    assert body["code"] == "not_authenticated"
    assert "登录" in body["detail"]


@pytest.mark.parametrize("debug", [False, True])
def test_a_bug_is_a_500_that_tells_nothing_and_is_logged(api, settings, caplog, debug):
    settings.DEBUG = debug

    with caplog.at_level(logging.ERROR, "django.request"):
        body = problem(api.get("/api/raise/bug/"), 500)

    assert body["code"] == "server_error"
    assert "secret-detail" in caplog.text


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(
    "path", ["/api/nothing/", "/api/departments", "/api/", "/api/departments/%00/x/", "/api/<x>"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_unknown_paths_are_404_with_and_without_debug(api, settings, debug, path, method):
    settings.DEBUG = debug

    problem(getattr(api, method)(path), 404)


@pytest.mark.parametrize("debug", [False, True])
def test_suspicious_requests_and_wrong_hosts_are_400(api, settings, debug):
    settings.DEBUG = debug

    problem(api.get("/api/raise/suspicious/"), 400)
    problem(api.get("/api/echo/", headers={"host": "evil.example"}), 400)


def test_a_wrong_method_is_405_with_allow(api):
    response = api.delete("/api/echo/")

    problem(response, 405)
    assert response.headers["Allow"] == "GET, POST, HEAD, OPTIONS"


@pytest.mark.parametrize("status", [400, 403, 404, 418, 500, 502, 503])
def test_any_error_page_under_api_is_replaced_and_keeps_its_headers(api, status):
    response = api.get(f"/api/plain/{status}/")

    problem(response, status)
    assert response.headers["Allow"] == "GET"
    assert response.headers["Retry-After"] == "7"
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_pages_outside_the_api_stay_as_they_are(api):
    assert api.get("/page/404/").content == b"<h1>secret-detail</h1>"


@pytest.mark.parametrize(
    ("path", "status"), [("/api/echo/", 200), ("/api/nothing/", 404), ("/api/plain/500/", 500)]
)
def test_head_has_the_length_of_get_and_no_body(path, status):
    # Through the bare handler: the test client cuts the body off by itself.
    request = RequestFactory().head(path)
    response = WSGIHandler().get_response(request)

    assert response.status_code == status
    assert response.content == b""
    assert int(response.headers["Content-Length"]) > 10


# Bodies


def test_a_body_is_read_strictly(post):
    assert post('{"名称": "<b>", "rent": 800.50}').content == '{"名称":"\\u003cb>","rent":"800.50"}'.encode()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "malformed"),
        ("[" * 500, "too_deep"),
        ("[1]", "not_an_object"),
    ],
)
def test_a_bad_body_is_a_400_with_one_fault(post, body, code):
    answer = problem(post(body), 400)

    assert answer["code"] == code
    assert [fault["field"] for fault in answer["errors"]] == [""]


def test_the_view_sets_the_limit_of_its_body(post):
    assert post('{"a": "%s"}' % ("x" * 1_989)).status_code == 200
    assert "2,000" in problem(post('{"a": "%s"}' % ("x" * 1_999)), 413)["detail"]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"]
)
def test_another_media_type_is_415(post, content_type):
    assert "application/json" in problem(post("{}", content_type=content_type), 415)["detail"]


@pytest.mark.parametrize("accept", ["text/html", "image/png", "application/xml;q=0.9"])
def test_accept_that_cannot_be_met_is_406(api, accept):
    problem(api.get("/api/echo/", headers={"accept": accept}), 406)


@pytest.mark.parametrize("accept", ["*/*", "application/*", "application/json", "text/html, */*;q=0.1"])
def test_accept_that_can_be_met_is_json(api, accept):
    assert api.get("/api/echo/", headers={"accept": accept}).headers["Content-Type"] == "application/json"


class Stream(io.BytesIO):
    """Counts what is read from it."""

    taken = 0

    def read(self, size=-1):
        chunk = super().read(size)
        self.taken += len(chunk)
        return chunk


def send(stream, **environ):
    request = RequestFactory().post("/api/echo/", content_type="application/json", **environ)
    request = type(request)(request.environ | {"wsgi.input": stream} | environ)
    return WSGIHandler().get_response(request)


def test_a_chunked_body_is_read_where_the_server_ends_it():
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}

    assert send(Stream(b'{"a": 1}'), **chunked).content == b'{"a":1}'


def test_a_body_that_is_too_long_is_drained_so_that_the_client_hears_why():
    stream = Stream(b" " * 100_000)

    problem(
        send(stream, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked", **{"wsgi.input_terminated": True}),
        413,
    )

    assert stream.taken == 100_000


def test_a_chunked_body_that_nobody_ends_is_411():
    stream = Stream(b"{}")

    problem(send(stream, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked"), 411)

    assert stream.taken == 0


@pytest.mark.parametrize(("length", "status"), [("99999999", 413), ("50", 400), ("-5", 400), ("abc", 200)])
def test_content_length_is_not_believed(length, status):
    body = b" " * 3_000 if status == 413 else b'{"a"'

    assert send(Stream(body), CONTENT_LENGTH=length).status_code == status


def test_answers_spell_every_value_plainly():
    from datetime import date
    from decimal import Decimal

    from django.utils.translation import gettext_lazy

    value = {
        "d": date(2026, 1, 31),
        "m": Decimal("1E+3"),
        "n": Decimal("0.10"),
        "t": (1, None),
        "l": gettext_lazy("Yes"),
    }

    assert json.loads(dumps(value)) == {
        "d": "2026-01-31",
        "m": "1000",
        "n": "0.10",
        "t": [1, None],
        "l": "是",
    }
