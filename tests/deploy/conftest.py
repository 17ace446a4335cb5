"""A PostgreSQL with the roles of production, migrated by its owner."""

from contextlib import closing

import psycopg2
import pytest

from tests import snapshots
from tests.servers import ThrowAwayPostgres


class Server:
    def __init__(self, postgres):
        self.postgres = postgres

    def connect(self, role, database="portal"):
        connection = psycopg2.connect(host=str(self.postgres.directory), user=role, dbname=database)
        connection.autocommit = True
        return connection

    def run(self, role, statement, *parameters, database="portal"):
        with closing(self.connect(role, database)) as connection, connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else None

    def url(self, role):
        return f"postgres://{role}@/portal?host={self.postgres.directory}"


@pytest.fixture(scope="session")
def server():
    postgres = ThrowAwayPostgres(snapshots.production()).start()
    yield Server(postgres)
    postgres.stop()
