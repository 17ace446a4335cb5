"""What every test gets: both database engines, a browser, no network, and nothing skipped in CI."""

import gc
import os
import shutil
import socket
import sqlite3
import threading
from contextlib import closing
from copy import deepcopy

import pytest

from core.call_stack import with_room
from tests import short_run, snapshots
from tests.gateway import Gateway
from tests.servers import (
    ThrowAwayPostgres,
    ThrowAwayRedis,
    one_request_at_a_time,
    wait_for_requests_to_end,
)

# The one without windows does the same in two thirds of the time.
CHROMIUM_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",  # Chromium refuses to run as root with it
    "--disable-gpu",
    "--disable-software-rasterizer",  # nothing here is drawn in three dimensions
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWPORTS = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}


def pytest_configure(config):
    short_run.begin(config)


@pytest.hookimpl(wrapper=True)
def pytest_sessionstart(session):
    making = snapshots.begin() if session.config.getoption("numprocesses", None) else None
    yield
    if making:
        session.config.add_cleanup(making.wait)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """As pytest does it, with room for the frames of what is tested, as a request has it (a tenth of the time)."""
    runner = item.config.pluginmanager.get_plugin("runner")
    return with_room(runner.pytest_runtest_protocol)(item, nextitem)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and in CI nothing may be: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config, items):
    short_run.share_out(config, items)  # before "-m" takes any away
    yield
    if hasattr(config, "workerinput"):
        short_run.longest_first(items)


def pytest_collection_finish(session):
    """What is loaded stays to the end: no search for garbage need go through it (a twentieth of the time)."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter, config):
    if config.option.markexpr == "long":
        terminalreporter.section("only in the long run")
        for line in short_run.summary(terminalreporter.stats):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session", autouse=True)
def no_network():
    """Refuse connections that leave this machine. Chromium is another process: its pages are local."""
    connect = socket.socket.connect

    def connect_locally(self, address):
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in {
            "127.0.0.1",
            "::1",
            "localhost",
        }:
            raise OSError(f"The tests may not reach {address[0]}.")
        return connect(self, address)

    socket.socket.connect = connect_locally
    yield
    socket.socket.connect = connect


@pytest.fixture(scope="session", autouse=True)
def widgets_unrecorded(django_test_environment):
    """The test client keeps every template of a page with a copy of its context. Those of form fields, of which a page
    may have thousands, no test asks for."""
    from django.template import Template

    recorded = Template._render

    def render(template, context):
        if template.name and template.name.startswith("django/forms/"):
            return template.nodelist.render(context)
        return recorded(template, context)

    Template._render = render
    yield
    Template._render = recorded


@pytest.fixture(autouse=True)
def empty_caches():
    """No test starts in another's cache: a throttle's counter, a catalogue's version."""
    from django.core.cache import cache

    from core.models import forget_editions

    cache.clear()
    forget_editions()


@pytest.fixture
def begun(_begun, db):
    """What the tests of a module begin with (tests/standing.py): a copy, so that none finds what another has set."""
    return deepcopy(_begun)


@pytest.fixture(scope="module")
def _measures(django_db_setup, django_db_blocker):
    """The 21 measures, loaded once a module in a transaction around its tests."""
    from django.db import transaction

    from tests.measures import load_catalogue

    with django_db_blocker.unblock(), transaction.atomic():
        load_catalogue()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def catalogue_loaded(_measures, db):
    """The catalogue as shipped; what a test changes in it is undone after it."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test databases, remembered as they are; and at the end no session left on the server: one that a killed
    thread of a test has left open would keep its database from being dropped."""
    from django.db import connections

    from tests import restoring

    server = connections["postgres"]
    has_server = server.settings_dict["NAME"].startswith("test_")
    with django_db_blocker.unblock():
        restoring.remember(["default", "postgres"] if has_server else ["default"])
    yield
    with django_db_blocker.unblock():
        if has_server:
            with server.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request, django_db_modify_db_settings_parallel_suffix):
    """Begin with copies of migrated databases. The throw-away PostgreSQL starts where a collected test wants it and
    no server was given."""
    from django.db import connections

    default = connections["default"]
    if default.vendor == "sqlite":
        one_request_at_a_time()
        held = snapshots.fill(default.creation._get_test_db_name())
        request.config.add_cleanup(held.close)
    if _any_test_uses_postgres(request.session.items) and not os.environ.get("TEST_DATABASE_URL"):
        server = ThrowAwayPostgres(snapshots.postgres()).start()
        connections.settings["postgres"].update(server.connection)
        connections.settings["postgres"]["TEST"]["TEMPLATE"] = snapshots.MIGRATED
        request.config.add_cleanup(server.stop)  # after the test databases are dropped


def _any_test_uses_postgres(items):
    for item in items:
        marker = item.get_closest_marker("django_db")
        databases = marker.kwargs.get("databases", ()) if marker else ()
        if databases == "__all__" or "postgres" in (databases or ()):
            return True
    return False


@pytest.fixture(params=["default", "postgres"])
def engine(request, db):
    """Runs the test once on the default engine and once on PostgreSQL; mark it with ``both_engines``' databases.

    During the second run whatever says "default" reaches PostgreSQL, so code under test needs no ``using``.
    """
    from django.db import connections

    default = connections["default"]
    connections["default"] = connections[request.param]
    yield request.param
    connections["default"] = default


@pytest.fixture
def at_once(engine, tmp_path):
    """``at_once(works)``: what each returned or raised, all begun together, each on a connection of its own; on SQLite
    to a file, as in production."""
    from django.db import connections

    before = connections["default"]
    if engine == "default":
        file = str(tmp_path / "tests.sqlite3")
        before.ensure_connection()
        with closing(sqlite3.connect(file)) as copy:
            before.connection.backup(copy)
        connections["default"] = type(before)({**before.settings_dict, "NAME": file}, "default")
    used = connections["default"]

    def begin(works):
        answers, barrier = [], threading.Barrier(len(works))

        def run(work):
            own = connections["default"] = type(used)(used.settings_dict, "default")
            try:
                barrier.wait()
                answers.append(work())
            except Exception as error:
                answers.append(error)
            finally:
                own.close()

        threads = [threading.Thread(target=run, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    yield begin
    if engine == "default":
        used.close()


@pytest.fixture(scope="session")
def redis_server():
    """A Redis of the tests' own, empty when first asked for."""
    server = ThrowAwayRedis().start()
    yield server
    server.stop()


@pytest.fixture
def redis(redis_server, settings):
    """The product's cache on Redis, as REDIS_URL makes it, and empty."""
    from django.core.cache import cache

    from core import resting

    settings.REDIS_URL = redis_server.url
    settings.CACHES = {
        "default": {
            "BACKEND": "core.caching.RedisCache",
            "LOCATION": redis_server.url,
        }
    }
    resting.forget()
    cache.clear()
    yield redis_server
    resting.forget()


@pytest.fixture
def gateway(settings):
    """Messages go to a gateway of the test's own. Plain http is for development, so DEBUG is on."""
    found = Gateway()
    settings.DEBUG = True
    settings.SMS_PROVIDER, settings.SMS_URL, settings.SMS_TOKEN = "http", found.url, "token-of-the-gateway"
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture(scope="session")
def chromium():
    """One browser for the run."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if program is None:
        pytest.skip("No Chromium on this machine: `make test` installs it, or `apt-get install chromium`.")
    # Playwright's loop runs in this thread, and Django takes any running loop for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def live_server(live_server):
    """The portal for browsers. It ends after the threads of the last requests have."""
    yield live_server
    wait_for_requests_to_end()


@pytest.fixture(params=VIEWPORTS)
def page(request, chromium, live_server):
    """A fresh page per viewport whose relative addresses reach live_server. A script error or a blocked
    resource fails the test."""
    context = chromium.new_context(
        viewport=VIEWPORTS[request.param],
        base_url=live_server.url,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    yield page
    context.close()
    wait_for_requests_to_end()
    assert complaints == []
