"""A database that an older commit has made is not touched, and it is said what to do."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests import snapshots
from tests.processes import production, run
from tests.settings import BASE_DIR

OLD = "INSERT INTO django_migrations VALUES (1, '{}', '{}', '2026-11-24')"
LATER = (
    "INSERT INTO django_migrations (app, name, applied)"
    " VALUES ('contenttypes', '0003_of_a_later_version', '2026-11-24')"
)


@pytest.fixture
def old(tmp_path):
    """The file of a database with one step of ``accounts`` that there is no more."""
    path = tmp_path / "db.sqlite3"
    _write(path, OLD.format("accounts", "0002_people"))
    return path


def _write(path, *statements):
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT, applied TEXT)"
        )
        for statement in statements:
            database.execute(statement)
    database.close()


def _content(path):
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


def test_migrating_an_older_database_stops_and_leaves_it_alone(tmp_path, old):
    before = _content(old)

    done = run(["manage.py", "migrate"], production(tmp_path, DATABASE_URL=f"sqlite:///{old}"))

    assert (done.returncode, done.stderr.strip()) == (
        1,
        "这个数据库文件是更早的版本建的，不能接着用；文件没有动。请运行 make fresh：旧文件改名留着，再建一个新的。",
    )
    assert _content(old) == before


def test_steps_of_others_say_nothing_of_its_age(tmp_path):
    path = tmp_path / "db.sqlite3"
    shutil.copyfile(snapshots.sqlite(), path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(LATER)

    done = run(["manage.py", "migrate"], production(tmp_path, DATABASE_URL=f"sqlite:///{path}"))

    assert (done.returncode, done.stderr) == (0, "")


def test_a_fresh_start_keeps_the_older_file(tmp_path, old):
    with closing(sqlite3.connect(old)) as database:  # a part of it still lies in the file beside
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("UPDATE django_migrations SET applied = 'later'")
        database.commit()
        _start_anew(tmp_path)

        kept = sorted(path.name for path in tmp_path.iterdir())
        (first, *beside) = kept
        assert [name.removeprefix(first) for name in beside] == ["-shm", "-wal"]
        assert first.startswith("db.sqlite3.2")
        with closing(sqlite3.connect(tmp_path / first)) as again:
            assert again.execute("SELECT applied FROM django_migrations").fetchall() == [("later",)]


def _start_anew(folder):
    subprocess.run(
        ["make", "-f", BASE_DIR / "Makefile", "fresh", f"MAKE={sys.executable} -c pass"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
