import pytest
from django.http import HttpResponse

from accounts.models import Department
from core.http_cache import CatalogueCache, cached_catalogue
from tests.core import urls

from .test_problems import problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def new_version(monkeypatch):
    """The URLconf's cache lives as long as the process: each test starts with a version of its own."""
    urls.catalogue_version[0] += 1
    Department.objects.create(code="hr", name="人社局")


def get(api, path="/api/catalogue/", **headers):
    return api.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_the_second_answer_needs_no_query_and_is_the_same(api, django_assert_num_queries):
    first = get(api)
    with django_assert_num_queries(0):
        second = get(api)

    assert second.status_code == 200
    assert second.content == first.content
    assert dict(second.headers) == dict(first.headers)
    assert second.headers["Content-Type"] == "application/json"
    assert second.headers["Cache-Control"] == "no-cache"
    assert second.headers["Vary"] == "Accept, Accept-Language"


def test_a_new_version_shows_what_changed_and_an_old_one_does_not(api):
    get(api)
    Department.objects.create(code="tax", name="税务局")
    assert len(get(api).json()["results"]) == 1

    urls.catalogue_version[0] += 1
    assert len(get(api).json()["results"]) == 2


@pytest.mark.parametrize("spelling", ["{}", "*", "W/{}", '"other", {}', 'W/"other",W/{}'])
def test_a_client_that_has_it_gets_304_without_a_body(api, spelling):
    etag = get(api).headers["ETag"]

    response = get(api, if_none_match=spelling.format(etag))

    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["ETag"] == etag
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("spelling", ['"other"', 'W/"other"', "nonsense"])
def test_a_client_that_has_something_else_gets_it_all(api, spelling):
    assert get(api, if_none_match=spelling).json()["results"] == [{"code": "hr", "name": "人社局"}]


def test_the_etag_is_strong_and_changes_with_the_content(api):
    before = get(api).headers["ETag"]
    Department.objects.create(code="tax", name="税务局")
    urls.catalogue_version[0] += 1
    after = get(api).headers["ETag"]

    assert before.startswith('"')
    assert before != after
    assert get(api, if_none_match=before).status_code == 200


def test_head_tells_the_same_without_a_body(api):
    response = api.head("/api/catalogue/")

    assert response.content == b""
    assert response.headers["ETag"] == get(api).headers["ETag"]
    assert response.headers["Content-Length"] == get(api).headers["Content-Length"]


def test_parameters_are_told_apart_whatever_their_order(api, django_assert_num_queries):
    Department.objects.create(code="tax", name="税务局")
    one = get(api, "/api/catalogue/?kind=hr&page_size=1")
    with django_assert_num_queries(0):
        assert get(api, "/api/catalogue/?page_size=1&kind=hr").content == one.content

    assert get(api, "/api/catalogue/?kind=tax&page_size=1").content != one.content


def test_links_carry_the_host_that_was_asked(api):
    Department.objects.create(code="tax", name="税务局")
    path = "/api/catalogue/?page_size=1"

    assert get(api, path).json()["next"].startswith("http://testserver/")
    assert get(api, path, host="localhost").json()["next"].startswith("http://localhost/")


def test_refusals_are_not_kept_and_accept_is_still_looked_at(api):
    get(api)

    problem(get(api, "/api/catalogue/?page_size=0"), 400)
    problem(get(api, accept="text/html"), 406)
    problem(get(api, accept="application/json-patch+json"), 406)
    problem(api.post("/api/catalogue/"), 405)


def test_the_least_recently_used_answer_goes_first():
    cache = CatalogueCache(max_entries=2)
    for key in "ab":
        cache.put(1, key, key)
    cache.get(1, "a")
    cache.put(1, "c", "c")

    assert [cache.get(1, key) for key in "abc"] == ["a", None, "c"]
    assert len(cache) == 2


def test_an_answer_is_kept_in_the_cache_that_was_given(rf):
    cache = CatalogueCache()
    view = cached_catalogue(lambda: 1, cache)(lambda request: HttpResponse("{}"))

    view(rf.get("/"))

    assert len(cache) == 1


def test_only_get_and_head_ask_for_the_version(rf):
    asked = []
    view = cached_catalogue(lambda: asked.append(1))(lambda request: HttpResponse("{}"))

    view(rf.post("/"))

    assert asked == []
