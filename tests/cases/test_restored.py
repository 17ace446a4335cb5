"""What a restore has left out is told by the invariants: files, or the keys of the data."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from cases.evidence import stored_files
from core import canary
from core.models import KeyCanary
from tests.notifications.register import open_shop
from tests.subsidies import world

pytestmark = pytest.mark.django_db
OTHER = b"C" * 32


@pytest.fixture(autouse=True)
def private_folder(settings, tmp_path):
    settings.PRIVATE_FOLDER = str(tmp_path)
    return tmp_path


def test_a_file_that_is_not_on_the_disk_is_told(private_folder):
    operator = open_shop(1).operator
    _, lost = world.evidence(operator), world.evidence(operator)
    (private_folder / "evidence" / lost.stored_name[:2] / lost.stored_name).unlink()

    assert list(stored_files.no_file_is_lost()) == [f"材料 {lost.pk} 的文件不在 PRIVATE_FOLDER 里"]
    with pytest.raises(CommandError):
        call_command("check_invariants", stdout=StringIO())


def test_other_keys_are_told(settings):
    assert (list(canary.problems()), list(canary.columns_open())) == ([], [])
    open_shop(1)

    settings.ENCRYPTION_KEYS, settings.BLIND_INDEX_KEY = {"tests": OTHER}, OTHER

    assert len(list(canary.problems())) == 2
    assert [sentence.endswith("打不开") for sentence in canary.columns_open()] == [True]


def test_values_that_do_not_open_are_told_of_a_database_without_a_canary(settings):
    KeyCanary.objects.all().delete()
    owner = User.objects.begin_with_phone("13900000001")

    settings.ENCRYPTION_KEYS = {"another": OTHER}

    assert list(canary.columns_open()) == [f"用户 {owner.pk} 的手机号打不开"]
