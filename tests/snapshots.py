"""Migrated databases, made once for a state of the migrations and kept in .cache: every run and worker copies them.

Whoever takes a copy migrates it as if it were empty. That finds nothing to do, or does what a snapshot should lack.
``python -m tests.snapshots`` makes what is missing; a run with several workers begins it while they look for tests.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

from django import get_version

from tests import processes
from tests.servers import ThrowAwayPostgres, postgres_of_the_machine

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".cache" / "migrated"
ROLES = "deploy/roles.sql"
MIGRATED = "migrated"  # name of the PostgreSQL database
# Whatever may change a migrated database. Packages that bring migrations stand in the lock.
SOURCES = (
    "requirements.txt",
    "requirements-test.txt",
    ROLES,
    "tests/settings.py",
    "tests/processes.py",
    "tests/servers.py",
    "tests/snapshots.py",
    "*/migrations/*.py",
    "*/models.py",
    "*/models/*.py",
    "*/apps.py",
    "core/*.py",
    "portal/*.py",
    "portal/data/*",
    "businesses/*.py",
    "businesses/importing/mapping.py",
)


def sqlite():
    """Path of a migrated file."""
    return _kept("sqlite")


def postgres():
    """Path of the data of a stopped server whose database ``migrated`` is."""
    return _kept("postgresql")


def production():
    """Path of the data of a stopped server with the roles of production, whose database ``portal`` the owner made."""
    return _kept("production")


def fill(name):
    """Make the SQLite database in memory of this name a migrated one. It lasts as long as what is returned is open."""
    held = sqlite3.connect(name, uri=True)
    with closing(sqlite3.connect(sqlite())) as snapshot:
        snapshot.backup(held)
    return held


def begin():
    """Make what is missing in a process, which is returned; whoever wants one of them meanwhile waits for it alone."""
    return subprocess.Popen([sys.executable, "-m", "tests.snapshots"], cwd=ROOT)


def begin_with(portal):
    """Give a changed copy of the portal the SQLite snapshot of this one; tests there add the steps of the change."""
    path = portal / FOLDER.relative_to(ROOT) / _state(portal) / "sqlite"
    path.parent.mkdir(parents=True)
    shutil.copyfile(sqlite(), path)


def _kept(engine):
    path = FOLDER / _state() / engine
    with _alone_with(engine):
        if not path.exists():
            for other in FOLDER.glob("*/"):
                if other != path.parent:
                    shutil.rmtree(other, ignore_errors=True)  # another may be at it
            path.parent.mkdir(exist_ok=True)
            MAKERS[engine](path)
    return path


@contextmanager
def _alone_with(engine):
    """No two make the same snapshot at once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{engine}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def sources(portal=ROOT):
    return {path for pattern in SOURCES for path in portal.glob(pattern)}


def _state(portal=ROOT):
    found = hashlib.sha256(f"{sys.version} {get_version()} {postgres_of_the_machine()[:1]}".encode())
    for path in sorted(sources(portal)):
        found.update(f"\0{path.relative_to(portal)}\0".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _make_sqlite(path):
    unfinished = path.with_name(f"unfinished {path.name}")
    unfinished.unlink(missing_ok=True)
    _migrate(f"sqlite:///{unfinished}")
    unfinished.rename(path)


def _make_postgres(path):
    server = ThrowAwayPostgres().start()
    server.create(MIGRATED)
    _migrate(server.url(MIGRATED))
    server.keep(path)


def _make_production(path):
    server = ThrowAwayPostgres().start()
    server.run_sql("postgres", (ROOT / ROLES).read_text("utf-8"))
    server.run_sql("postgres", "CREATE DATABASE portal OWNER zc_owner")
    url = f"postgres://zc_owner@/portal?host={server.directory}"
    with tempfile.TemporaryDirectory() as folder:
        _migrate(url, processes.production(Path(folder)))
    server.keep(path)


MAKERS = {"sqlite": _make_sqlite, "postgresql": _make_postgres, "production": _make_production}


def _migrate(url, environment=None):
    """In a process of its own: no test has changed anything in it."""
    environment = environment or {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"]
    subprocess.run(command, cwd=ROOT, env={**environment, "DATABASE_URL": url}, check=True)


if __name__ == "__main__":
    for engine in MAKERS:
        _kept(engine)
