"""Programs in the admin: only the administrator lets them in, and a secret is shown once."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from oauth2_provider.models import AccessToken

from accounts.models import ApiClient, Department, User
from tests.admin.conftest import messages

ADDRESS = "/admin/accounts/apiclient/"


@pytest.fixture
def browser_of(db, settings):
    """A browser of a new member of staff. Their second factor is held elsewhere."""
    settings.STAFF_SECOND_FACTOR = False

    def sign_in(username, **rights):
        browser = Client()
        browser.force_login(User.objects.create(username=username, is_staff=True, **rights))
        return browser

    return sign_in


@pytest.fixture
def administrator(browser_of):
    return browser_of("chief", is_superuser=True)


@pytest.fixture
def bank(administrator):
    """(the program, its secret): let in through the form."""
    response = administrator.post(f"{ADDRESS}add/", form(), follow=True)
    return ApiClient.objects.get(client_id="bank"), shown_secret(response)


def form(**changes):
    sent = {
        "name": "银行的程序",
        "client_id": "bank",
        "department": "",
        "source": "",
        "scopes": ["evaluations"],
    }
    return {**sent, **changes}


def shown_secret(response):
    (found,) = re.findall(r"的密钥：(\S+?)。只显示这一次", " ".join(messages(response)))
    return found


def token(client, client_id, secret):
    form = f"grant_type=client_credentials&client_id={client_id}&client_secret={secret}"
    return client.post("/api/v1/auth/token/", form, content_type="application/x-www-form-urlencoded")


def do(browser, action, row):
    return browser.post(ADDRESS, {"action": action, "_selected_action": [row.pk]}, follow=True)


def test_a_program_is_let_in_with_a_secret_that_is_shown_once(administrator, bank, client):
    row, secret = bank

    assert (row.name, row.scopes, row.source, row.department) == ("银行的程序", "evaluations", "", None)
    assert row.client_secret != secret
    assert token(client, "bank", secret).json()["scope"] == "evaluations"
    for page in (ADDRESS, f"{ADDRESS}{row.pk}/change/", f"{ADDRESS}{row.pk}/history/"):
        text = administrator.get(page).content.decode()
        assert secret not in text
        assert row.client_secret not in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scopes": []}, "请至少勾选一个范围。"),
        ({"scopes": ["everything"]}, "选择一个有效的选项"),
        ({"source": "self"}, "选择一个有效的选项"),
        ({"source": "tax"}, "提供信息的客户端要选所属的部门。"),
        ({"name": ""}, "请填写名称"),
    ],
)
def test_a_form_that_is_wrong_lets_nobody_in(administrator, change, words):
    before = ApiClient.objects.count()

    response = administrator.post(f"{ADDRESS}add/", form(**change))

    assert (response.status_code, ApiClient.objects.count()) == (200, before)
    assert words in response.content.decode()


def test_no_page_leads_from_a_row_of_the_admin_to_one_of_the_site_that_does_not_exist(administrator, bank):
    row, _ = bank
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.filter(is_superuser=True).first())

    page = client.get(f"{ADDRESS}{row.pk}/change/").content.decode()
    kinds = ContentType.objects.all()
    answers = {client.get(f"/admin/r/{kind.pk}/{pk}/").status_code for kind in kinds for pk in (row.pk, "x")}

    assert ("在站点上查看" in page, "/admin/r/" in page, answers) == (False, False, {404})


def test_a_program_of_a_department_gets_its_source(administrator):
    department = Department.objects.create(code="tax", name="税务局")

    administrator.post(f"{ADDRESS}add/", form(source="tax", department=department.pk))

    assert ApiClient.objects.get(client_id="bank").source == "tax"


def test_scopes_are_changed_and_the_secret_stays(administrator, bank, client):
    row, secret = bank

    administrator.post(
        f"{ADDRESS}{row.pk}/change/", form(client_id="other", scopes=["businesses:read", "evaluations"])
    )

    row.refresh_from_db()
    assert (row.client_id, row.scopes) == ("bank", "businesses:read evaluations")
    assert token(client, "bank", secret).status_code == 200


def test_a_new_secret_ends_the_old_one(administrator, bank, client):
    row, secret = bank
    token(client, "bank", secret)

    new = shown_secret(do(administrator, "give_new_secrets", row))

    assert AccessToken.objects.count() == 0
    assert (token(client, "bank", secret).status_code, token(client, "bank", new).status_code) == (401, 200)


def test_stopping_a_program_ends_its_tokens_and_it_can_be_let_go_on(administrator, bank, client):
    row, secret = bank
    token(client, "bank", secret)

    said = messages(do(administrator, "disable", row))
    stopped = AccessToken.objects.count(), token(client, "bank", secret).status_code
    again = messages(do(administrator, "disable", row))
    do(administrator, "enable", row)

    assert said == ["银行的程序：已停用。"]
    assert stopped == (0, 401)
    assert again == ["银行的程序：这个客户端已经停用了。"]
    assert token(client, "bank", secret).status_code == 200


def test_a_program_is_never_deleted(administrator, bank):
    row, _ = bank

    assert administrator.post(f"{ADDRESS}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_an_id_that_is_taken_lets_nobody_in(administrator, bank):
    assert "已存在" in administrator.post(f"{ADDRESS}add/", form()).content.decode()


def test_nobody_else_lets_programs_in_even_with_every_right_of_the_admin(browser_of, bank):
    clerk = browser_of("clerk")
    User.objects.get(username="clerk").user_permissions.set(Permission.objects.all())

    refused = [
        clerk.get(ADDRESS),
        clerk.get(f"{ADDRESS}{bank[0].pk}/change/"),
        clerk.post(f"{ADDRESS}add/", form()),
    ]

    assert [response.status_code for response in refused] == [403, 403, 403]
    assert ApiClient.objects.count() == 1
