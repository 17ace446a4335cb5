import pytest

from needs import answers, routing
from tests.notifications.register import publish
from tests.services import world

from .asking import QUESTION, owner_at


@pytest.fixture
def general():
    """The offering that takes needs, of 市政务服务中心."""
    centre = world.bureau("govservice", "市政务服务中心")
    about = publish("M14b", amount={"none": {}}, kind="service", delivery="service").benefit
    row = world.offering(code="need", handler=centre.department, benefit=about)
    return row, centre


@pytest.fixture
def shared(general):
    """A need that waits, published for others who have it."""
    _row, people = general
    shop, owner = owner_at(8)
    case = routing.send(world.NEED, "other", shop, by=owner)
    row = answers.prepare(case, QUESTION, "", by=people.reviewer)
    return case, answers.publish(row, by=people.approver)
