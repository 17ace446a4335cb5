"""Files that bureaus put into a folder come in by the clock, or wait for a person, or are put aside with a reason."""

import os
import time
from datetime import date

import pytest

from accounts.models import User
from businesses.importing import folder, runs
from businesses.models import Business, ImportRun
from businesses.tasks import poll_imports

from .made_up import credit_code, registry_row, write_csv

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def inbox(settings, tmp_path, sources):
    """``inbox(name, rows)`` puts a file there that has been quiet for two minutes; returns the registry's folder."""
    settings.IMPORT_FOLDER = str(tmp_path / "inbox")
    directory = tmp_path / "inbox" / "registry"
    directory.mkdir(parents=True)

    def put(name, rows, age=120):
        path = write_csv(directory / name, rows)
        os.utime(path, (time.time() - age, time.time() - age))
        return directory

    return put


def files_in(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


def test_a_quiet_file_is_taken_in_under_the_day_of_its_name(engine, inbox):
    directory = inbox("registry-20261031.csv", [registry_row(number) for number in range(30)])

    poll_imports()

    run = ImportRun.objects.get()
    assert (run.status, run.as_of, Business.objects.count()) == ("done", date(2026, 10, 31), 30)
    assert files_in(directory) == ["done/registry-20261031.csv"]


def test_a_file_that_still_grows_is_left_alone(engine, inbox):
    directory = inbox("growing.csv", [registry_row(0)], age=5)

    folder.poll()

    assert (ImportRun.objects.count(), files_in(directory)) == (0, ["growing.csv"])


def test_a_file_with_too_many_wrong_rows_waits_for_a_person(engine, inbox):
    rows = [registry_row(number) for number in range(20)]
    rows[0]["县区"] = rows[1]["县区"] = "贵阳市"
    directory = inbox("wrong.csv", rows)

    folder.poll()

    run = ImportRun.objects.get()
    assert (run.status, run.wrong, Business.objects.count()) == ("checked", 2, 0)
    assert files_in(directory) == ["done/wrong.csv"]


def test_one_wrong_row_in_twenty_is_few_enough(engine, inbox):
    rows = [registry_row(number) for number in range(20)]
    rows[0]["县区"] = "贵阳市"
    inbox("registry.csv", rows)

    folder.poll()

    assert (ImportRun.objects.get().status, Business.objects.count()) == ("done", 19)


def test_a_file_that_cannot_be_read_is_put_aside_with_the_reason(engine, inbox):
    directory = inbox("registry.csv", [{"名称": "演示店", "统一社会信用代码": credit_code(0)}])

    folder.poll()

    assert files_in(directory) == ["failed/registry.csv", "failed/registry.csv.txt"]
    reason = (directory / "failed" / "registry.csv.txt").read_text("utf-8")
    assert reason == "表头里缺少“经营者姓名”。请补上这一列，或改正列对应。\n"


def test_the_same_file_put_there_again_changes_nothing_and_keeps_both(engine, inbox):
    rows = [registry_row(0)]
    inbox("registry.csv", rows)
    folder.poll()
    directory = inbox("registry.csv", rows)

    folder.poll()

    assert ImportRun.objects.count() == 1
    assert len(files_in(directory)) == 2


def test_one_file_that_cannot_be_taken_does_not_keep_the_others_or_the_sweep_waiting(
    engine, inbox, monkeypatch, caplog
):
    directory = inbox("a.csv", [registry_row(0)])
    inbox("b.csv", [registry_row(1)])
    swept = []
    monkeypatch.setattr(runs, "sweep", lambda: swept.append(True))
    receive = runs.receive

    def forbidden(path, *arguments, **options):
        if path.name == "a.csv":
            raise PermissionError(13, "Permission denied")
        return receive(path, *arguments, **options)

    monkeypatch.setattr(runs, "receive", forbidden)

    poll_imports()

    assert files_in(directory) == ["a.csv", "done/b.csv"]
    assert (Business.objects.get().credit_code, swept) == (credit_code(1), [True])
    assert "a.csv could not be taken in" in caplog.text


def test_a_file_that_a_person_has_sent_is_left_for_them_to_confirm(engine, inbox, sources):
    directory = inbox("registry-20261031.csv", [registry_row(0)])
    person = User.objects.create_superuser("admin")
    run = runs.receive(
        directory / "registry-20261031.csv", sources["registry"], by=person, as_of=date(2026, 10, 31)
    )

    folder.poll()

    run.refresh_from_db()
    assert (run.status, Business.objects.count()) == ("uploaded", 0)
    assert files_in(directory) == ["done/registry-20261031.csv"]
