"""Every benefit has a door, but for those of the labour market, which come next."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal.coverage import marked_tests, rows_on
from portal.demo_services import load_mentor
from services.catalogue.loading import load_offerings
from tests.measures import load_catalogue

pytestmark = pytest.mark.django_db
TO_COME = ["M10a", "M10b", "M11b", "M13a"]
SERVED = 36  # benefits whose door is a service


@pytest.fixture
def city():
    load_catalogue()
    load_mentor()
    load_offerings(demo=True)


def test_every_benefit_has_a_door_and_somebody_in_charge_save_those_to_come(city):
    rows = rows_on(timezone.localdate())

    assert [row.code for row in rows if not row.is_covered] == TO_COME
    assert all(row.department for row in rows)


def test_every_door_of_a_service_is_walked_in_a_browser(city):
    rows = [row for row in rows_on(timezone.localdate()) if "/services/" in row.door]

    assert len(rows) == SERVED
    assert [row.code for row in rows if not row.tests] == []


def test_the_command_lists_them_and_fails_while_any_is_missing(city, capsys):
    with pytest.raises(CommandError, match="M10a、M10b、M11b、M13a"):
        call_command("coverage")

    said = capsys.readouterr().out
    assert "M14b  提诉求" in said
    assert said.splitlines()[-1] == "49/53 个事项，18/21 条措施"


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
