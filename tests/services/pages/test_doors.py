"""The ways to services from measures, the home page and the list of policies."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from services.models import Offering
from tests.services import world

pytestmark = pytest.mark.django_db


def test_a_benefit_with_one_service_leads_to_it_with_two_to_their_list_and_with_none_nowhere(client):
    world.benefit()
    none = client.get("/policies/T14b/").content.decode()
    first = world.offering("enquiry", "one")
    one = client.get("/policies/T14b/").content.decode()
    second = world.offering("booking", "two")
    two = client.get("/policies/T14b/").content.decode()
    Offering.objects.filter(pk=second.pk).update(status=Offering.Status.CLOSED)
    closed = client.get("/policies/T14b/").content.decode()
    first.delete()
    gone = client.get("/policies/T14b/").content.decode()

    assert "这里还不能办" in none
    assert 'href="/services/one/"' in one
    assert 'href="/services/?benefit=T14b"' in two
    assert 'href="/services/one/"' in closed
    assert "这里还不能办" in gone


def test_the_list_of_policies_says_what_can_be_done_here_without_a_query_for_each(client):
    world.offering("enquiry", "one")

    page = client.get("/policies/").content.decode()
    with CaptureQueriesContext(connection) as found:
        client.get("/policies/")

    assert re.search(r'href="/services/one/"\s*>提出来<span class="vh">：', page)
    assert [row["sql"] for row in found if "services_offering" in row["sql"]] == []


def test_the_home_page_leads_to_services(client):
    page = client.get("/").content.decode()

    assert 'href="/services/"' in page
    assert 'href="/needs/"' in page
