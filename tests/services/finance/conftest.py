import pytest

from tests.services import world
from tests.subsidies import world as money


@pytest.fixture
def shop_and_owner(db):
    return world.shop_that_rents()


@pytest.fixture
def shop(shop_and_owner):
    return shop_and_owner[0]


@pytest.fixture
def owner(shop_and_owner):
    return shop_and_owner[1]


@pytest.fixture
def banks(db):
    return world.bank(), world.bank("b", "乙"), world.bank("c", "丙")


@pytest.fixture
def loan(shop, owner, settings, tmp_path):
    """An application for a loan by this owner, and the bureau."""
    settings.PRIVATE_FOLDER = str(tmp_path)
    people, benefit = money.bureau(), money.grant_of_money("M01c")
    money.envelope(benefit)
    return money.filed(benefit, shop, owner), people
