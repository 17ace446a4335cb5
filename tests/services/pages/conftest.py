import pytest

from tests.notifications.register import open_shop
from tests.subsidies.world import owner_of

from .filling import browser_of


@pytest.fixture
def shop():
    return open_shop(1)


@pytest.fixture
def owner(shop):
    return owner_of(shop)


@pytest.fixture
def browser(owner):
    return browser_of(owner)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.PRIVATE_FOLDER = str(tmp_path)
