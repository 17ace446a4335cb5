"""Migrations after a room's first lock and rewrite no big table; each rule is shown by one that breaks it."""

import pytest
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Now, Random

from core.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    CreateModels,
    RemoveIndexConcurrently,
    RunInBatches,
    ValidateConstraint,
)
from tests.settings import BASE_DIR

from .migration_rules import LOOKED_AT, SMALL, faults

OWN = {
    config.label
    for config in apps.get_app_configs()
    if config.path.startswith(f"{BASE_DIR}/") and "venv" not in config.path
}
SHOP = "business"


@pytest.fixture(scope="module")
def history():
    return MigrationLoader(None)


@pytest.fixture(scope="module")
def state(history):
    return history.project_state()


def test_no_migration_locks_or_rewrites_a_big_table(history):
    later = sorted(key for key in history.disk_migrations if key[0] in OWN and key[1] != "0001_initial")

    found = {
        key: list(faults(history.disk_migrations[key], history.project_state(key, at_end=False)))
        for key in later
    }

    assert {key: sentences for key, sentences in found.items() if sentences} == {}


def test_the_models_of_a_room_are_created_in_one_step(history):
    firsts = [history.disk_migrations[room, "0001_initial"].operations for room in OWN if room != "portal"]
    several = [steps for steps in firsts if not isinstance(steps[0], migrations.CreateModel)]

    assert [[type(step) for step in steps] for steps in several] == [[CreateModels]] * len(several)
    assert {len(steps) for steps in firsts} == {1}


@pytest.mark.django_db(transaction=True)
def test_what_is_created_in_one_step_is_taken_away_in_one(state):
    steps = CreateModels([sign("Sign"), sign("Mark")])
    after = state.clone()
    steps.state_forwards("businesses", after)

    with connection.schema_editor() as editor:
        steps.database_forwards("businesses", editor, state, after)
    made = {"businesses_sign", "businesses_mark"} & {*connection.introspection.table_names()}
    with connection.schema_editor() as editor:
        steps.database_backwards("businesses", editor, after, state)

    assert made == {"businesses_sign", "businesses_mark"}
    assert made & {*connection.introspection.table_names()} == set()
    assert steps.describe() == "Create models Sign, Mark"


def test_small_tables_are_those_that_there_are():
    assert {
        label for label in SMALL if label not in {model._meta.label_lower for model in apps.get_models()}
    } == set()


def sign(name):
    return migrations.CreateModel(name, [("id", models.BigAutoField(primary_key=True))])


def migration(*operations, app="businesses", atomic=True):
    made = migrations.Migration("0002_planted", app)
    made.operations, made.atomic = list(operations), atomic
    return made


def add(name, field):
    return migrations.AddField(SHOP, name, field)


def alter(name, **changed):
    """The field of a shop as it is, with something else."""
    from businesses.models import Business

    field = Business._meta.get_field(name).clone()
    _, _, arguments, options = field.deconstruct()
    kind = changed.pop("kind", type(field))
    return migrations.AlterField(SHOP, name, kind(*arguments, **{**options, **changed}))


def check(name):
    return models.CheckConstraint(condition=models.Q(version__gte=0), name=name)


INDEX = models.Index(fields=["district", "version"], name="shop_of_place")
REFUSED = {
    "an index built at once": (migration(migrations.AddIndex(SHOP, INDEX)), "AddIndexConcurrently"),
    "a unique constraint": (
        migration(migrations.AddConstraint(SHOP, models.UniqueConstraint(fields=["name"], name="one_name"))),
        "unique index concurrently",
    ),
    "unique together": (
        migration(migrations.AlterUniqueTogether(SHOP, {("name", "district")})),
        "builds its index",
    ),
    "a check of what is there": (
        migration(migrations.AddConstraint(SHOP, check("from_0"))),
        "AddConstraintNotValid",
    ),
    "a column that the release before cannot fill": (
        migration(add("stars", models.IntegerField(default=0))),
        "db_default",
    ),
    "a default of each row its own": (
        migration(add("lot", models.FloatField(db_default=Random()))),
        "fill it in batches",
    ),
    "a generated column": (
        migration(
            add(
                "next",
                models.GeneratedField(
                    expression=models.F("version") + 1, output_field=models.IntegerField(), db_persist=True
                ),
            )
        ),
        "rewrites the table",
    ),
    "a new column with an index": (
        migration(add("stars", models.IntegerField(null=True, db_index=True))),
        "db_index=False",
    ),
    "a new column without another of its value": (
        migration(add("stars", models.IntegerField(null=True, unique=True))),
        "builds its index",
    ),
    "a new foreign key": (
        migration(
            add("topic", models.ForeignKey("policies.topic", models.PROTECT, null=True, db_index=False))
        ),
        "db_constraint=False",
    ),
    "another type": (migration(alter("version", kind=models.TextField)), "rewrites the table"),
    "a shorter text": (migration(alter("name", max_length=5)), "rewrites the table"),
    "no empty value any more": (migration(alter("district", null=False)), "NOT VALID"),
    "an index by the way": (migration(alter("version", db_index=True)), "db_index=False"),
    "another name of a column": (migration(migrations.RenameField(SHOP, "name", "title")), "a release later"),
    "another name of a table": (migration(migrations.RenameModel("Business", "Shop")), "a release later"),
    "a table called otherwise": (migration(migrations.AlterModelTable(SHOP, "shops")), "a release later"),
    "a program over everything": (migration(migrations.RunPython(migrations.RunPython.noop)), "RunInBatches"),
    "batches in one transaction": (migration(RunInBatches("businesses.Business", print)), "atomic = False"),
    "SQL that nobody has looked at": (
        migration(migrations.RunSQL("UPDATE businesses_business SET version = 1")),
        LOOKED_AT,
    ),
    "two steps that do not belong together": (
        migration(
            AddIndexConcurrently(SHOP, INDEX), add("stars", models.IntegerField(null=True)), atomic=False
        ),
        "does one thing",
    ),
    "an index in what the database does beside the state": (
        migration(migrations.SeparateDatabaseAndState([migrations.AddIndex(SHOP, INDEX)], [])),
        "AddIndexConcurrently",
    ),
}
ALLOWED = {
    "an index beside the writing": migration(AddIndexConcurrently(SHOP, INDEX), atomic=False),
    "an index less": migration(RemoveIndexConcurrently(SHOP, "shop_of_place"), atomic=False),
    "a check of what is new": migration(AddConstraintNotValid(SHOP, check("from_0"))),
    "then of what is there": migration(ValidateConstraint(SHOP, "from_0")),
    "an empty column": migration(add("stars", models.IntegerField(null=True))),
    "a column with a default of the database": migration(add("stars", models.IntegerField(db_default=0))),
    "a column with the moment it was added": migration(
        add("seen_at", models.DateTimeField(db_default=Now()))
    ),
    "a reference without its promise": migration(
        add(
            "topic",
            models.ForeignKey(
                "policies.topic", models.PROTECT, null=True, db_index=False, db_constraint=False
            ),
        )
    ),
    "a longer text": migration(alter("name", max_length=500)),
    "text of any length": migration(alter("name", kind=models.TextField)),
    "other words for people": migration(alter("name", verbose_name="字号", help_text="照执照")),
    "an empty value": migration(alter("version", null=True)),
    "a column less, a release after the code left it": migration(migrations.RemoveField(SHOP, "name")),
    "a new table": migration(sign("Sign")),
    "new tables": migration(CreateModels([sign("Sign"), sign("Mark")])),
    "batches": migration(RunInBatches("businesses.Business", print), atomic=False),
    "SQL that somebody has looked at": migration(
        migrations.RunSQL("SELECT 1", hints={LOOKED_AT: "It reads one number."})
    ),
    "anything with a small table": migration(
        migrations.AddIndex("measure", models.Index(fields=["code"], name="by_code")),
        migrations.AddField("measure", "stars", models.IntegerField(default=0)),
        app="policies",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_locks_or_rewrites_is_refused_and_says_what_to_do(what, state):
    planted, advice = REFUSED[what]

    found = list(faults(planted, state))

    assert len(found) == 1
    assert advice in found[0]


@pytest.mark.parametrize("what", ALLOWED)
def test_what_lets_others_work_is_allowed(what, state):
    assert list(faults(ALLOWED[what], state)) == []
