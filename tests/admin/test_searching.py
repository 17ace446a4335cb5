"""What staff type into a search: found as before, and no number of it in an address."""

from urllib.parse import parse_qs, urlsplit

import pytest

from businesses.models import Business
from core.searching import SEARCHES, holds_number
from tests.markup import markup

pytestmark = pytest.mark.django_db
LIST = "/admin/businesses/business/"
CODE = "92520201MA6E00019C"


@pytest.fixture
def staff(admin_client):
    Business.objects.create(
        name="演示茶馆", credit_code=CODE, district="520201", operating_status="operating"
    )
    Business.objects.create(name="演示面馆", credit_code="92520203MA6E000199", district="520203")
    return admin_client


def sent(staff, **form):
    """Where a sent search leads to, and what the page there shows."""
    answer = staff.post(LIST, form)
    assert answer.status_code == 302
    return answer.headers["Location"], staff.get(answer.headers["Location"]).context_data["cl"]


@pytest.mark.parametrize("term", [CODE, f" {CODE} ", "92520201"])
def test_a_number_is_found_and_does_not_stand_in_the_address(staff, term):
    address, shown = sent(staff, q=term)

    assert [row.name for row in shown.result_list] == ["演示茶馆"]
    assert "52020" not in address
    assert shown.typed == term.strip()
    assert "52020" not in str(staff.session[SEARCHES])


def test_words_stand_in_the_address_so_that_a_list_can_be_shared(staff):
    address, shown = sent(staff, q="面馆", district="520203")

    assert parse_qs(urlsplit(address).query) == {"q": ["面馆"], "district": ["520203"]}
    assert [row.name for row in shown.result_list] == ["演示面馆"]


def test_what_another_has_typed_finds_nothing(staff, client, django_user_model):
    address, _ = sent(staff, q=CODE)
    client.force_login(django_user_model.objects.create_superuser("other"))

    assert list(client.get(address).context_data["cl"].result_list) == []


def test_an_empty_search_is_the_whole_list(staff):
    address, shown = sent(staff, q=" ")

    assert (address, shown.result_count) == (LIST, 2)


def test_the_form_is_sent_by_post_and_needs_no_script(staff):
    page = markup(staff.get(f"{LIST}?q=茶馆&district=520201"))

    assert '<form id="changelist-search" method="post"' in page
    assert '<input type="hidden" name="district" value="520201">' in page


@pytest.mark.parametrize(
    ("term", "is_one"),
    [("13800000001", True), ("138 0000 0001", True), ("１３８０００", True), ("01001X", False), ("123456", True),
     ("茶馆 2 号", False), ("LPS-2026-00000012", True)],
)  # fmt: skip
def test_six_digits_are_a_number(term, is_one):
    assert holds_number(term) is is_one


@pytest.mark.parametrize("typed", ["520201198001010012", "１３８００００００01", "138 0000 0001"])
def test_a_number_typed_into_the_search_of_policies_is_masked(client, catalogue_loaded, typed):
    answer = client.post("/policies/", {"q": typed, "topic": "", "other": "x"})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/policies/?q=%2A%2A%2A")


def test_words_typed_into_the_search_of_policies_stand_in_the_address(client, catalogue_loaded):
    answer = client.post("/policies/", {"q": " 房租 ", "delivery": "apply"})

    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {"q": ["房租"], "delivery": ["apply"]}
