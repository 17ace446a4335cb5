"""A tea shop, its owner, and the owner's browser; every page of one's own by name."""

import pytest
from django.urls import get_resolver, reverse

from ..shops import browser_of, owner_of, store, tea_shop

ARGUMENTS = {"me-sharing-revoke": [1], "me-correct": ["registered_on"], "me-revoke": [1]}
ME = {
    row.name: reverse(row.name, args=ARGUMENTS.get(row.name))
    for row in get_resolver("portal.me.urls").url_patterns
}


@pytest.fixture
def shop(db):
    return store(tea_shop())


@pytest.fixture
def owner(shop):
    return owner_of(shop)


@pytest.fixture
def browser(owner):
    return browser_of(owner)
