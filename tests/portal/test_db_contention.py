"""A database that is busy makes nobody wait for long, and what is over in a moment is told as such."""

import json
import subprocess
import sys

import psycopg2
import pytest
from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError, connections
from django.db.backends.signals import connection_created
from django.test import Client

from core import background, db_contention
from policies import catalogue
from portal import views

pytestmark = pytest.mark.django_db(databases=["default", "postgres"])
SHOWN = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"
SHORT = {"statement_timeout": "30ms", "lock_timeout": "10ms"}


@pytest.fixture
def limited():
    """``limited(limits)``: what the process says once; taken back at the end."""
    yield db_contention.wait_no_longer_than
    connection_created.disconnect(dispatch_uid="core.db_contention")
    db_contention._of_process.clear()


@pytest.fixture
def session():
    """``session()``: a connection of its own to PostgreSQL."""
    opened = []

    def open_one():
        opened.append(connections["postgres"].copy())
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


def ask(connection, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


def problem_of(connection, sql):
    with pytest.raises(OperationalError) as caught:
        ask(connection, sql)
    return caught.value


def test_a_web_process_waits_five_seconds_and_its_threads_work_like_workers(limited, session, monkeypatch):
    limited(db_contention.WEB)
    in_thread = []

    class Task:
        name = "a task"

        def __call__(self):
            connection = connections["postgres"].copy()
            in_thread.append(ask(connection, SHOWN))
            connection.close()

    monkeypatch.setattr(settings, "TASKS_IN_THREADS", True)
    background._start(Task(), ())
    background.wait_for_threads()

    assert in_thread == [("1min", "0")]
    assert ask(session(), SHOWN) == ("5s", "2s")


def test_commands_wait_as_long_as_it_takes(session):
    assert ask(session(), SHOWN) == ("0", "0")


def test_a_statement_that_takes_too_long_is_busy_and_not_tried_again(limited, session):
    limited(SHORT)

    problem = problem_of(session(), "SELECT pg_sleep(10)")

    assert (db_contention.is_busy(problem), db_contention.passes(problem)) == (True, False)


def test_a_lock_that_is_not_had_passes(limited, session):
    limited(SHORT)
    holder, waiting = session(), session()
    ask(holder, "SELECT pg_advisory_lock(7)")

    problem = problem_of(waiting, "SELECT pg_advisory_lock(7)")

    assert db_contention.passes(problem)
    assert db_contention.is_busy(problem)


def test_a_server_that_is_not_there_or_breaks_off_is_away_and_also_what_came_of_it(session):
    here, other = session(), session()
    nowhere = session()
    nowhere.settings_dict = {**nowhere.settings_dict, "HOST": "/tmp/no-such-folder"}
    (pid,) = ask(here, "SELECT pg_backend_pid()")
    ask(other, f"SELECT pg_terminate_backend({pid})")

    refused, broken_off = problem_of(nowhere, "SELECT 1"), problem_of(here, "SELECT 1")
    came_of_it = SessionInterrupted("The session was deleted.")
    came_of_it.__context__ = broken_off

    assert [db_contention.is_busy(problem) for problem in (refused, broken_off, came_of_it)] == [True] * 3
    assert [db_contention.passes(problem) for problem in (refused, broken_off)] == [False] * 2


def test_a_session_that_cannot_be_written_because_the_database_is_away_is_503(session, rf):
    problem = SessionInterrupted("The session was deleted.")
    problem.__context__ = OperationalError("server closed the connection unexpectedly")
    problem.__context__.__cause__ = psycopg2.OperationalError()

    page = views.bad_request(rf.get("/inbox/"), problem)
    answer = views.bad_request(rf.get("/api/v1/notifications/"), problem)

    assert [(one.status_code, one.headers["Retry-After"]) for one in (page, answer)] == [(503, "5")] * 2
    assert views.bad_request(rf.get("/inbox/"), SuspiciousOperation()).status_code == 400


def test_what_is_wrong_for_good_is_not_busy(session):
    with pytest.raises(Exception, match="does_not_exist") as caught:
        ask(session(), "SELECT does_not_exist")

    assert not db_contention.is_busy(caught.value)
    assert not db_contention.is_busy(None)
    assert not db_contention.is_busy(RuntimeError("this account is locked"))


def test_people_and_programs_are_told_to_come_again_in_a_moment(limited, session, monkeypatch):
    limited(SHORT)
    problem = problem_of(session(), "SELECT pg_sleep(10)")

    def busy_now():
        raise problem

    def busy_now_for_templates(name, context):
        raise problem

    client = Client(raise_request_exception=False)
    client.get("/livez")  # every module is there before one is changed
    monkeypatch.setattr(catalogue, "current_edition", busy_now)  # which every page needs
    page = client.get("/")
    answer = client.post("/api/v1/evaluations/", {"profile": {}}, content_type="application/json")
    monkeypatch.setattr(views, "render_to_string", busy_now_for_templates)
    plain = client.get("/")

    for response in (page, plain, answer):
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "<h1>现在太忙，请等一会儿</h1>" in page.content.decode()
    assert plain.content.decode() == "现在太忙，请过几秒钟再试。一直这样，请拨 12345。"
    assert answer.json()["code"] == "unavailable"


BEGINNINGS = {
    "import portal.wsgi": ["5s", "2s"],
    "import django; django.setup()": ["0", "0"],
    "import django; django.setup(); from celery.signals import worker_init; worker_init.send(None)": [
        "1min",
        "0",
    ],
}


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_each_process_waits_as_long_as_its_work_allows(beginning):
    server = connections["postgres"].settings_dict
    answer = f"""
import json
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute({SHOWN!r})
    print(json.dumps(cursor.fetchone()))
"""
    environment = {
        "DATABASE_URL": f"postgres://{server['USER']}:{server['PASSWORD']}@/{server['NAME']}"
        f"?host={server['HOST']}&port={server['PORT'] or 5432}",
        "DEBUG": "on",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "SECRET_KEY": "only-for-tests-" + "0123456789" * 4,
    }

    finished = subprocess.run(
        [sys.executable, "-c", beginning + answer], env=environment, cwd=settings.BASE_DIR, capture_output=True,
        text=True, check=True,
    )  # fmt: skip

    assert json.loads(finished.stdout.splitlines()[-1]) == BEGINNINGS[beginning]
