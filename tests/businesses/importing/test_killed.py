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


@pytest.fixture(scope="module")
def postgres():
    server = ThrowAwayPostgres(snapshots.postgres()).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return _file(tmp_path_factory.mktemp("file") / "registry.csv", ROWS)


def _file(path, count):
    rows = [registry_row(number) for number in range(count)]
    for number in range(0, count, 100):
        rows[number]["县区"] = "贵阳市"
    return write_csv(path, rows)


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
        told = [one.communicate()[0], other.communicate()[0]]

    codes = sorted((one.returncode, other.returncode))
    assert (codes, ["Traceback" in text for text in told]) == ([0, 1], [False, False]), told
    assert what_is_there(where)[1:] == ["done", ROWS - WRONG, 0, ROWS - WRONG, WRONG]


def test_the_command_says_what_is_there_already_and_what_cannot_be_read(environment, tmp_path):
    where, file = environment("sqlite", "command"), _file(tmp_path / "registry.csv", 300)
    first = _import(where, file)
    again = _import(where, file)
    half = tmp_path / "half.csv"
    half.write_bytes(file.read_bytes()[:5_000])

    broken = subprocess.run(
        [sys.executable, "manage.py", "import_businesses", str(half)],
        env=where, cwd=BASE_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip
    missing = subprocess.run(
        [sys.executable, "manage.py", "import_businesses", str(tmp_path / "nowhere.csv")],
        env=where, cwd=BASE_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert "导入完了：新增 297，更新 0，跳过 0，错误 3。" in first
    assert "第 2 行，县区：请从这些里选一个：钟山区、六枝特区、水城区、盘州市" in first
    assert "现在是“已完成”" in again
    assert "没有改动任何数据。" in again
    assert (broken.returncode, "文件像是只传了一半" in broken.stderr, "Traceback" in broken.stderr) == (
        1,
        True,
        False,
    )
    assert (missing.returncode, "读不了文件" in missing.stderr, "Traceback" in missing.stderr) == (
        1,
        True,
        False,
    )
