"""A PostgreSQL with the roles of production, migrated by its owner, and processes started as in production."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from tests.servers import ThrowAwayPostgres

ROOT = Path(__file__).resolve().parents[2]
KEYS = {"ENCRYPTION_KEYS": f"k1:{'A' * 43}=", "BLIND_INDEX_KEY": f"{'B' * 43}="}


class Server:
    def __init__(self, postgres):
        self.postgres = postgres

    def connect(self, role, database="portal"):
        connection = psycopg2.connect(host=str(self.postgres.directory), user=role, dbname=database)
        connection.autocommit = True
        return connection

    def run(self, role, statement, database="portal"):
        with closing(self.connect(role, database)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def url(self, role):
        return f"postgres://{role}@/portal?host={self.postgres.directory}"


def production(folder, **more):
    """The environment of a production that starts; None takes a name away."""
    whole = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "PYTHONUTF8": "1",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DEBUG": "off",
        "SECRET_KEY": "only-for-tests-" + "0123456789" * 4,
        "ALLOWED_HOSTS": "zc.example.cn",
        "SITE_URL": "https://zc.example.cn",
        "TRUSTED_PROXY": "on",
        "SMS_PROVIDER": "http",
        "SMS_URL": "https://sms.example.cn/send",
        "SMS_TOKEN": "token",
        "PRIVATE_FOLDER": str(folder / "private"),
        "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
        "REDIS_URL": "",
        "LOG_LEVEL": "WARNING",
        **KEYS,
        **more,
    }
    return {name: value for name, value in whole.items() if value is not None}


def run(command, environment):
    return subprocess.run(
        [sys.executable, *command], env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    postgres = ThrowAwayPostgres().start()
    found = Server(postgres)
    found.run("postgres", (ROOT / "deploy" / "roles.sql").read_text(), "postgres")
    found.run("postgres", "CREATE DATABASE portal OWNER zc_owner", "postgres")
    folder = tmp_path_factory.mktemp("deploy")
    done = run(
        ["manage.py", "migrate", "--verbosity", "0"], production(folder, DATABASE_URL=found.url("zc_owner"))
    )
    assert done.returncode == 0, done.stderr
    yield found
    postgres.stop()
