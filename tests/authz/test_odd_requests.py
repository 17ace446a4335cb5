"""What no browser sends by itself: NUL, words where a path belongs, ids in another spelling, OPTIONS."""

import copy

import pytest
from django.core.cache import cache
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import UnreadablePostError
from django.urls import get_resolver, resolve
from rest_framework.permissions import AllowAny

from core.middleware import refuse_nul_in_form

from . import matrix
from .matrix import filled
from .routes import routes
from .world import ROLES

pytestmark = pytest.mark.django_db(databases="__all__")
NUL = "\x00"
# Open to anyone, and each says so.
OPEN_VIEWS = {
    *("Evaluations", "EvaluationBatch", "TaxCalculator", "Token", "Revoke"),
    *("MeasureList", "MeasureDetail", "BenefitList", "BenefitDetail", "BenefitVersionList", "DepartmentList"),
    *("OfferingList", "OfferingDetail", "Slots"),
    *("Posts", "PostDetail", "Trades", "Counties"),
    *("FactList", "SpectacularJSONAPIView", "SpectacularSwaggerSplitView"),
}


def ask(browser, method, path, **sent):
    browser, jar = copy.copy(browser), copy.deepcopy(browser.cookies)
    browser.cookies = jar
    with transaction.atomic():
        answer = getattr(browser, method)(path, **sent)
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize(
    "path",
    [
        "/policies/?q=%00",
        "/policies/?%00=1",
        "/policies/M05%00/",
        "/api/v1/measures/?q=%00",
        "/api/v1/measures/?%00=1",
        "/admin/autocomplete/?term=%00&app_label=a&model_name=b&field_name=c",
        "/login/?next=%00",
    ],
)
def test_nul_in_an_address_is_refused_before_the_database_is_asked(client, engine, path):
    assert client.get(path).status_code == 400


def test_nul_in_a_form_is_refused(client, engine):
    assert client.post("/login/", {"phone": f"138{NUL}"}).status_code == 400
    assert client.post("/prefs/", {NUL: "1"}).status_code == 400


def test_nul_in_a_cookie_is_refused(client, engine):
    assert client.get("/", headers={"cookie": f"sessionid=a{NUL}b"}).status_code == 400


def test_nul_in_a_form_with_a_file_is_refused(world):
    rows, browsers = world
    path = f"/apply/{rows['draft'].public_id}/materials/"

    answer = ask(browsers["owner"], "post", path, data={"material": NUL})

    assert answer.status_code == 400


class _CutOff:
    @property
    def POST(self):
        raise UnreadablePostError("the sender hung up")


def test_a_form_that_is_cut_off_is_a_bad_request():
    with pytest.raises(BadRequest):
        refuse_nul_in_form(_CutOff())


def test_a_row_that_was_ticked_has_a_number(world):
    browser = world[1]["admin"]
    ticked = {"action": "disable", "_selected_action": ["1", "\u202egnp"], "index": "0"}

    assert ask(browser, "post", "/admin/accounts/apiclient/", data=ticked).status_code == 400


def test_what_nul_is_refused_with_is_chinese_for_programs_too(client):
    answer = client.get("/api/v1/measures/?q=%00")

    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "文字里有不能保存的字符（NUL）。请删掉后再发送。"


@pytest.mark.parametrize(
    "word", ["NaN", "login", "home", "https://elsewhere.cn/", "//x.cn", "/" + "a" * 3000, "[", " /"]
)
def test_a_word_that_is_no_path_of_ours_leads_to_where_the_form_usually_leads(client, word):
    answer = client.post("/prefs/", {"next": word, "size": "large"})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/a11y/prefs/")


@pytest.mark.parametrize("word", ["NaN", "login", "home", "/" + "a" * 3000])
def test_no_form_of_the_site_follows_a_word_that_is_no_path(world, word):
    rows, browsers = world
    posts = {
        "/inbox/preferences/consent/": {"push": "yes"},
        f"/inbox/preferences/restore/{rows['silence'].pk}/": {},
    }
    for path, data in posts.items():
        answer = ask(browsers["owner"], "post", path, data={**data, "next": word})

        assert (path, answer.status_code) == (path, 302)
        assert word not in answer.headers["Location"]


def test_a_path_of_ours_is_followed(client):
    assert client.post("/prefs/", {"next": "/policies/?q=x"}).headers["Location"] == "/policies/?q=x"


@pytest.mark.parametrize("zeros", ["0", "00", "+", "%EF%BC%95", "1e"])
def test_an_id_has_one_spelling(world, zeros):
    rows, browsers = world
    owner, admin = browsers["owner"], browsers["admin"]
    message = rows["message"].pk

    assert ask(owner, "get", f"/inbox/{message}/").status_code == 200
    assert ask(owner, "get", f"/inbox/{zeros}{message}/").status_code == 404
    read = {"content_type": "application/json", "data": "{}"}
    assert ask(owner, "post", f"/api/v1/notifications/{message}/read/", **read).status_code == 200
    assert ask(owner, "post", f"/api/v1/notifications/{zeros}{message}/read/", **read).status_code == 404
    for name in ("accounts/department", "policies/measure", "businesses/business"):
        row = rows[name.partition("/")[2]]
        assert ask(admin, "get", f"/admin/{name}/{row.pk}/change/").status_code == 200
        assert ask(admin, "get", f"/admin/{name}/{zeros}{row.pk}/change/").status_code == 302


def test_every_number_in_an_address_is_read_by_the_one_converter():
    assert [route for route in routes() if "<int:" in route] == []


@pytest.mark.crawl
@pytest.mark.parametrize("address", [*matrix.API, "api/docs/", "api/schema/"])
def test_options_is_answered_at_every_address_of_the_api(world, address):
    rows, browsers = world
    for role in ROLES:
        cache.clear()
        answer = ask(browsers[role], "options", filled(address, rows))

        assert (role, answer.status_code) in {(role, status) for status in (200, 401, 403, 404, 405)}


def test_a_view_of_the_api_is_for_who_is_signed_in_unless_it_says_otherwise(settings):
    permissions = settings.REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"]
    found = set()
    for pattern in get_resolver("portal.api_urls").url_patterns:
        view = getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class", None)
        if view and AllowAny in view.permission_classes:
            found.add(view.__name__)

    assert permissions == ["accounts.api.auth.MayAsk"]
    assert found == OPEN_VIEWS
    assert resolve("/api/v1/measures/").func.cls.permission_classes == (AllowAny,)
