"""The running site and its browsers, as the tests of pages have them (tests/pages/conftest.py); who is on it."""

import pytest

from tests.pages.conftest import faults, open_browser, pytest_collection_modifyitems, site

__all__ = ["faults", "open_browser", "pytest_collection_modifyitems", "site"]


@pytest.fixture
def shopkeeper(site, django_db_blocker):
    """``(place) → (shop, its owner)``; the bureau of work and its clerk are there."""
    from jobs.models import Post, Worker
    from tests.jobs import world

    with django_db_blocker.unblock():
        Worker.objects.all().update(state="stopped")
        Post.objects.exclude(state="removed").update(state="closed")
        yield world.shop


@pytest.fixture
def person(site, django_db_blocker):
    from accounts.actions import agree
    from tests.jobs import world

    def made(number):
        found = world.person(number)
        agree(found, "service")
        return found

    with django_db_blocker.unblock():
        yield made
