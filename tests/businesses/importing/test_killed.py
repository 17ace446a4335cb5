"""A worker that is killed in the middle: the next one goes on, and the register is as if nothing had happened."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from django.db import connections
from django.db.utils import load_backend
from environ import Env

from businesses.models import Business, Change, ImportRun
from tests import snapshots
from tests.servers import ThrowAwayPostgres
from tests.settings import BASE_DIR

from .conftest import fingerprint
from .made_up import registry_row, write_csv

ROWS, WRONG = 5_000, 50  # in three chunks; every hundredth row is wrong
# How the other of two ends: while the first is at it, or where it was done before the other looked.
TOO_LATE = {"另一个进程正在做这次导入": 1, "不能继续。": 1, "不能这样做。": 1, "没有改动任何数据。": 0}


@pytest.fixture(scope="module")
def postgres():
    server = ThrowAwayPostgres(snapshots.postgres()).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    rows = [registry_row(number) for number in range(ROWS)]
    for number in range(0, ROWS, ROWS // WRONG):
        rows[number]["县区"] = "贵阳市"
    return write_csv(tmp_path_factory.mktemp("file") / "registry.csv", rows)


@pytest.fixture
def environment(request, tmp_path):
    """An empty register of its own on ``engine``: ``environment("sqlite", "a_name")``."""

    def make(engine, name):
        if engine == "sqlite":
            shutil.copyfile(snapshots.sqlite(), tmp_path / f"{name}.sqlite3")
            url = f"sqlite:///{tmp_path / name}.sqlite3"
        else:
            server = request.getfixturevalue("postgres")
            server.create(name, template=snapshots.MIGRATED)
            url = server.url(name)
        return os.environ | _settings(url) | {"PRIVATE_FOLDER": str(tmp_path / f"{name}-private")}

    return make


def _settings(url):
    return {
        "DATABASE_URL": url,
        "DEBUG": "on",
        "SECRET_KEY": "only-for-tests-" + "0123456789" * 4,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PYTHONPATH": str(BASE_DIR),
    }


def _run(environment, *arguments):
    finished = subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def _import(environment, file):
    return _run(environment, "manage.py", "import_businesses", str(file), "--as-of", "2026-11-01")


def _killed_in_the_middle(environment, file):
    """Start the import and end it with SIGKILL once it has told of its second chunk. How far it was told to be."""
    worker = subprocess.Popen(
        [sys.executable, "-u", "manage.py", "import_businesses", str(file), "--as-of", "2026-11-01"],
        env=environment, cwd=BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    told = [line for _, line in zip(range(2), worker.stdout, strict=False)]
    time.sleep(0.05)  # into the third
    os.kill(worker.pid, signal.SIGKILL)
    worker.stdout.close()
    return worker.wait(), told


@pytest.fixture
def what_is_there(django_db_blocker):
    """What a register says, without ids and random names, alike on both engines; and what there is of it. It is read
    here: ``what_is_there(environment)``."""

    def read(environment):
        usual, url = connections["default"], Env.db_url_config(environment["DATABASE_URL"])
        settings = {**usual.settings_dict, **url}
        with django_db_blocker.unblock():
            connections["default"] = load_backend(url["ENGINE"]).DatabaseWrapper(settings, "default")
            try:
                run = ImportRun.objects.get()
                counts = [Business.objects.count(), Change.objects.count(), run.created, run.wrong]
                return [fingerprint(), run.status, *counts]
            finally:
                connections["default"].close()
                connections["default"] = usual

    return read


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_killed_import_goes_on_and_ends_as_if_undisturbed(engine, environment, what_is_there, file):
    undisturbed, killed = environment(engine, "undisturbed"), environment(engine, "killed")
    _import(undisturbed, file)
    expected = what_is_there(undisturbed)

    code, told = _killed_in_the_middle(killed, file)
    _, status, shops, *_ = what_is_there(killed)
    output = _import(killed, file)

    assert (code, len(told)) == (-signal.SIGKILL, 2)
    assert (status, 0 < shops < ROWS) == ("applying", True)
    assert "导入完了" in output
    assert what_is_there(killed) == expected
    assert expected[1:] == ["done", ROWS - WRONG, 0, ROWS - WRONG, WRONG]
    assert len(expected[0]) == hashlib.sha256().digest_size * 2


@pytest.mark.every_engine("locks")
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_two_workers_at_once_do_the_work_of_one(engine, environment, what_is_there, file):
    where = environment(engine, "together")
    command = [sys.executable, "manage.py", "import_businesses", str(file), "--as-of", "2026-11-01"]
    options = {
        "env": where,
        "cwd": BASE_DIR,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
        "text": True,
    }

    with subprocess.Popen(command, **options) as one, subprocess.Popen(command, **options) as other:
        told = [(process.communicate()[0], process.returncode) for process in (one, other)]

    (done, code), (late, its_code) = sorted(told, key=lambda one: "导入完了" not in one[0])
    assert ("导入完了" in done, code, "Traceback" in done + late) == (True, 0, False), told
    assert [expected for words, expected in TOO_LATE.items() if words in late] == [its_code], told
    assert what_is_there(where)[1:] == ["done", ROWS - WRONG, 0, ROWS - WRONG, WRONG]
