import pytest

from tests.services import world

from .writing import NOW


@pytest.fixture(autouse=True)
def at_ten(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def people():
    return world.bureau()
