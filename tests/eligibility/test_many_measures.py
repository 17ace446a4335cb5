"""The list of measures where there are many: a page at a time, and rules read only for what is shown."""

import re

import pytest

from benchmarks.catalogue import copy_measures
from core.models import Edition, forget_editions
from eligibility.pages import policies
from eligibility.pages.policies import PAGE
from policies import catalogue
from policies.models import CATALOGUE_EDITION, Measure

COPIES = 60


@pytest.fixture
def many(catalogue_loaded):
    copy_measures(COPIES)
    Edition.objects.bump(CATALOGUE_EDITION)
    yield Measure.objects.count()
    forget_editions()


def listed(page):
    return re.findall(r'<h3 class="head"><a href="/policies/(\w+)/"', page)


def pages_of(client, address):
    """The texts of a list, page by page as its links lead."""
    while address:
        page = client.get(address).content.decode()
        yield page
        following = re.search(r'href="([^"]+)"\s+rel="next"', page)
        address = following and following[1].replace("&amp;", "&")


def test_every_measure_stands_on_one_page_of_the_list(many, client):
    pages = list(pages_of(client, "/policies/"))
    found = [code for page in pages for code in listed(page)]

    assert [len(listed(page)) for page in pages] == [PAGE] * (many // PAGE) + [many % PAGE]
    assert sorted(found) == sorted(Measure.objects.values_list("code", flat=True))
    assert {f"共 {many} 条" in page for page in pages} == {True}


def test_the_pages_of_a_list_keep_what_was_chosen_and_searched(many, client, monkeypatch):
    monkeypatch.setattr(policies, "PAGE", 3)
    pages = list(pages_of(client, "/policies/?q=补贴&delivery=apply"))
    found = [code for page in pages for code in re.findall(r'class="go" href="/policies/(\w+)/"', page)]

    total = int(re.search(r"找到 <b>(\d+)\s+项", pages[0])[1])
    assert (len(pages) > 1, len(found), len(set(found))) == (True, total, total)


@pytest.mark.parametrize("number", ["0", "-1", "none", "9" * 30])
def test_a_page_that_there_is_not_shows_one_that_there_is(many, client, number):
    assert client.get(f"/policies/?page={number}").status_code == 200


def test_the_number_beside_a_filter_is_what_pressing_it_leaves(many, client):
    page = client.get("/policies/?delivery=apply").content.decode()
    offered = re.findall(r'href="(/policies/\?[^"]*topic=\w+[^"]*)"\s*>\D*<small>(\d+)</small>', page)

    counts = {
        url: int(re.search(r"共 (\d+) 条", client.get(url.replace("&amp;", "&")).content.decode())[1])
        for url, _ in offered
    }
    assert offered != []
    assert counts == {url: int(count) for url, count in offered}


def test_only_the_rules_of_what_is_shown_are_read(many, client, monkeypatch):
    read, reading = [], catalogue.read_version
    monkeypatch.setattr(
        catalogue, "read_version", lambda row, registry: read.append(row.pk) or reading(row, registry)
    )

    page = client.get("/policies/").content.decode()

    shown = {
        version.pk
        for code in listed(page)
        for benefit in catalogue.catalogue().measures[code].benefits
        for version in benefit.versions[:1]
    }
    assert sorted(read) == sorted(shown)
