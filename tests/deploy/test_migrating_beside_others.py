"""A migration that cannot have its table gives up, and nobody queues behind it; the steps of core/operations.py do what
they are for on both engines."""

import textwrap
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from core.management.commands.migrate import GAVE_UP, WAITS
from tests.processes import production, run

BESIDE = """
from portal.settings import *
INSTALLED_APPS = [*INSTALLED_APPS, "planted"]
"""
ALONE = """
import environ
SECRET_KEY = "only for tests"
INSTALLED_APPS = ["planted"]
DATABASES = {"default": environ.Env().db()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""
GUARDS = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname"


@pytest.fixture
def planted(tmp_path):
    """A function that writes the migrations of a room more, and gives the environment in which it is there."""

    def plant(url, *bodies, settings=BESIDE):
        folder = tmp_path / "planted" / "migrations"
        folder.mkdir(parents=True, exist_ok=True)
        for path in (folder.parent / "__init__.py", folder / "__init__.py"):
            path.touch()
        for number, body in enumerate(bodies, 1):
            before = [("planted", f"{number - 1:04}_planted")] if number > 1 else []
            before += [("businesses", "0001_initial")] if settings == BESIDE else []
            text = f"""
from django.db import migrations, models
from core.operations import *


def mark(rows):
    rows.update(label="marked")


class Migration(migrations.Migration):
    initial = {number == 1}
    dependencies = {before}
{textwrap.indent(textwrap.dedent(body), "    ")}
"""
            (folder / f"{number:04}_planted.py").write_text(text, "utf-8")
        (tmp_path / "planted_settings.py").write_text(settings, "utf-8")
        return production(
            tmp_path, DATABASE_URL=url, DJANGO_SETTINGS_MODULE="planted_settings", PYTHONPATH=str(tmp_path)
        )

    return plant


def migrate(environment, *arguments):
    return run(["manage.py", "migrate", "--verbosity", "0", "--skip-checks", *arguments], environment)


def migrate_alone(environment, *to):
    """By Django's own command, where nothing of the portal is installed."""
    return run(["-m", "django", "migrate", "--verbosity", "0", "planted", *to], environment)


COLUMN = """
operations = [migrations.RunSQL("ALTER TABLE businesses_business ADD COLUMN planted integer",
                                "ALTER TABLE businesses_business DROP COLUMN planted")]
"""


@pytest.mark.crawl
@pytest.mark.parametrize("role", ["zc_owner", "postgres"])
def test_a_migration_behind_a_held_lock_gives_up_and_lets_the_others_read_on(server, planted, role):
    environment = planted(server.url(role), COLUMN) | {"DATABASE_ROLES": "off"}
    guards = server.run("postgres", GUARDS)

    with closing(server.connect("zc_web")) as reader, reader.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT count(*) FROM businesses_business")  # and thinks about it
        done = migrate(environment, "planted")
        cursor.execute("COMMIT")

    assert (done.returncode, done.stderr.strip()) == (1, f"CommandError: {GAVE_UP}")
    assert server.run("zc_web", "SELECT count(*) FROM businesses_business") == [(0,)]
    assert server.run("postgres", GUARDS) == guards

    done = migrate(environment, "planted")
    undone = migrate(environment, "planted", "zero")

    assert (done.returncode, done.stderr, undone.returncode) == (0, "", 0)


def test_of_several_that_are_started_at_once_each_waits_for_the_one_before(server, planted):
    slow = COLUMN.replace(
        "ALTER TABLE businesses_business ADD", "SELECT pg_sleep(3); ALTER TABLE businesses_business ADD"
    )
    environment = planted(server.url("zc_owner"), slow, *STEPS[:2]) | {"DATABASE_ROLES": "off"}
    guards = server.run("postgres", GUARDS)

    with ThreadPoolExecutor(3) as several:
        done = list(several.map(lambda _: migrate(environment, "planted", "--verbosity", "1"), range(3)))
    undone = migrate(environment, "planted", "zero")

    assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * 3
    assert WAITS in "".join(one.stdout for one in done)
    assert [one for one in done if one.stdout.count(WAITS) > 1] == []
    assert server.run("postgres", GUARDS) == guards
    assert undone.returncode == 0


STEPS = (
    """
    operations = [
        migrations.CreateModel("Sign", [
            ("id", models.BigAutoField(primary_key=True)),
            ("label", models.CharField(max_length=20)),
            ("number", models.IntegerField(default=0)),
        ]),
        migrations.RunSQL("INSERT INTO planted_sign (label, number) VALUES ('a', 1), ('b', 2), ('c', 3)",
                          migrations.RunSQL.noop),
    ]
    """,
    """
    atomic = False
    operations = [AddIndexConcurrently("sign", models.Index(fields=["number"], name="sign_number"))]
    """,
    """
    operations = [AddConstraintNotValid("sign", models.CheckConstraint(
        condition=models.Q(number__gt=0), name="sign_positive"))]
    """,
    """
    operations = [ValidateConstraint("sign", "sign_positive")]
    """,
    """
    atomic = False
    operations = [RunInBatches("planted.Sign", mark, size=2)]
    """,
    """
    atomic = False
    operations = [RemoveIndexConcurrently("sign", "sign_number")]
    """,
)


def test_the_steps_that_let_others_work_do_so_on_postgresql(server, planted):
    environment = planted(server.url("zc_owner"), *STEPS, settings=ALONE)

    to_index = migrate_alone(environment, "0005")
    index = server.run("zc_owner", "SELECT count(*) FROM pg_indexes WHERE indexname = 'sign_number'")
    done = migrate_alone(environment)

    assert (to_index.returncode, to_index.stderr, done.returncode, done.stderr) == (0, "", 0, "")
    assert index == [(1,)]
    assert server.run("zc_owner", "SELECT label FROM planted_sign") == [("marked",)] * 3
    assert server.run(
        "zc_owner", "SELECT convalidated FROM pg_constraint WHERE conname = 'sign_positive'"
    ) == [(True,)]
    assert server.run("zc_owner", "SELECT count(*) FROM pg_indexes WHERE indexname = 'sign_number'") == [(0,)]
    assert migrate_alone(environment, "zero").returncode == 0


def test_the_steps_that_let_others_work_do_the_plain_thing_on_sqlite(planted, tmp_path):
    environment = planted(f"sqlite:///{tmp_path}/portal.sqlite3", *STEPS, settings=ALONE)

    done = migrate_alone(environment)
    undone = migrate_alone(environment, "zero")

    assert (done.returncode, done.stderr, undone.returncode, undone.stderr) == (0, "", 0, "")
