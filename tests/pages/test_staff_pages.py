"""Pages of programs that are not ours, the admin and the API documentation, under our content security policy."""

import pytest
from django.conf import settings

from .conftest import DESKTOP, violations

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def officer(site, django_db_blocker):
    """The session cookie of somebody who may everything."""
    from django.test import Client

    from accounts.models import User

    with django_db_blocker.unblock():
        client = Client()
        client.force_login(User.objects.create_superuser("officer", password="only-in-tests"))
        return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


@pytest.mark.crawl
@pytest.mark.parametrize(
    "address",
    [
        "/admin/",
        "/admin/policies/benefitversion/?benefit__measure__id__exact=5",
        "/admin/policies/policydocument/1/change/",
        "/admin/businesses/addedfact/add/",
        "/admin/businesses/importrun/add/",
        "/admin/businesses/typethresholds/add/",
        "/admin/visits/inspectiondraw/add/",
    ],
)
def test_the_admin_works_within_the_policy_of_the_site(open_browser, officer, address):
    page = open_browser(width=DESKTOP, cookies=officer)

    response = page.goto(address)

    assert response.status == 200
    assert "unsafe-inline" not in response.headers["content-security-policy"]
    assert page.locator("#site-name").inner_text() == "政策直通车后台"


@pytest.mark.parametrize("address", ["/admin/businesses/importrun/", "/admin/businesses/importrun/add/"])
def test_the_import_screen_is_accessible(open_browser, officer, address):
    page = open_browser(width=DESKTOP, cookies=officer)

    page.goto(address)

    assert violations(page) == []


def test_the_admin_signs_in_on_the_page_for_staff_within_the_policy(open_browser):
    page = open_browser(width=DESKTOP)
    page.goto("/admin/")
    page.fill("#login", "nobody")
    page.fill("#password", "wrong")
    with page.expect_navigation():
        page.press("#password", "Enter")

    assert "登录名或密码不对，请再核对一遍" in page.locator(".errors").inner_text()


def test_the_documentation_draws_every_operation_without_the_network(open_browser):
    page = open_browser(width=DESKTOP)
    reached = []
    page.on("request", lambda request: reached.append(request.url))

    page.goto("/api/docs/")
    page.wait_for_selector(".opblock")

    paths = page.request.get("/api/schema/?format=json").json()["paths"].values()
    assert page.locator(".opblock").count() == sum(len(METHODS & path.keys()) for path in paths)
    origin = page.url.partition("/api/")[0]
    assert [url for url in reached if not url.startswith((origin, "data:"))] == []
