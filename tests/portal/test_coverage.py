"""Every benefit has a door."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal.coverage import marked_tests, rows_on
from portal.demo_services import load_mentor
from services.catalogue.loading import load_offerings
from services.models import Offering
from tests.measures import load_catalogue

pytestmark = pytest.mark.django_db
SERVED = 37  # benefits whose door is a service


@pytest.fixture
def city():
    load_catalogue()
    load_mentor()
    load_offerings(demo=True)


def test_every_benefit_has_a_door_and_somebody_in_charge(city):
    rows = rows_on(timezone.localdate())

    assert [row.code for row in rows if not row.is_covered] == []
    assert all(row.department for row in rows)


def test_every_door_of_a_service_is_walked_in_a_browser(city):
    rows = [row for row in rows_on(timezone.localdate()) if "/services/" in row.door]

    assert len(rows) == SERVED
    assert [row.code for row in rows if not row.tests] == []


def test_the_command_lists_them(city, capsys):
    call_command("coverage")

    said = capsys.readouterr().out
    assert "M14b  提诉求" in said
    assert said.splitlines()[-1] == "53/53 个事项，21/21 条措施"


def test_the_command_fails_while_any_is_missing(city, capsys):
    Offering.objects.filter(benefit__code="M12b").update(status=Offering.Status.DRAFT)

    with pytest.raises(CommandError, match="还不能办：M12b"):
        call_command("coverage")
    assert capsys.readouterr().out.splitlines()[-1] == "52/53 个事项，20/21 条措施"


def test_marks_are_read_off_the_tests(tmp_path):
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_one.py").write_text(
        '@pytest.mark.benefit("M01a", "M02b")\ndef test_it():\n    pass\n\ndef test_other():\n    pass\n',
        "utf-8",
    )

    assert marked_tests(folder) == {
        "M01a": ["tests/test_one.py::test_it"],
        "M02b": ["tests/test_one.py::test_it"],
    }
