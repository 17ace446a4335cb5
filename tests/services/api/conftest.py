import pytest

from tests.notifications.register import open_shop
from tests.services.askers import entrust, person, program
from tests.subsidies.world import owner_of

from .sending import ask_for, bank


@pytest.fixture
def shop():
    return open_shop(1)


@pytest.fixture
def owner(shop):
    return owner_of(shop)


@pytest.fixture
def agent(shop, owner):
    """A program that may apply for the shop."""
    client, asker = program("agent")
    entrust(client, shop, owner, "view", "apply")
    return asker


@pytest.fixture
def banks():
    return bank("a"), bank("b")


@pytest.fixture
def tender(shop, owner, banks):
    """Both banks are asked, by the owner."""
    answer = ask_for(
        person(owner),
        shop,
        offering="loan-a",
        words="想借钱进货",
        answers={"sum": "50000"},
        receivers=["demo-bank-a", "demo-bank-b"],
    )
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()
