"""What a migration after a room's first may not do: lock or rewrite a table that grows with shops, people or cases, or
take away what the release before still uses. docs/migrations.md says what to do instead.

``faults(migration, state)`` gives a sentence for each; ``state`` is the project's before the migration.
"""

from collections.abc import Iterator

from django.db import connections, migrations
from django.db.models import CheckConstraint, Value
from django.db.models.fields import NOT_PROVIDED
from django.db.models.functions import Now

from core import operations as ours

# They grow with policies, staff and runs alone. A table that does not stand here counts as big.
SMALL = frozenset(
    f"{room}.{model}"
    for room, models in {
        "accounts": ("department", "apiclient"),
        "authoring": ("impactrun",),
        "businesses": ("addedfact", "importrun", "source", "typethresholds"),
        "cases": ("audithead",),
        "core": ("calendarday", "edition", "keycanary"),
        "eligibility": ("matchcoverage",),
        "notifications": ("channelstate", "killswitch", "pushrun", "webhookendpoint"),
        "policies": ("benefit", "benefitversion", "measure", "policydocument", "topic"),
        "subsidies": ("envelope", "offerlist", "paymentbatch", "publicnotice"),
    }.items()
    for model in models
)
LOOKED_AT = "looked_at"  # hints={"looked_at": "why it neither locks nor rewrites"}

RENAMED = (migrations.RenameField, migrations.RenameModel, migrations.AlterModelTable, migrations.RenameIndex)
KEYS = (migrations.AlterUniqueTogether, migrations.AlterOrderWithRespectTo)


def faults(migration, state) -> Iterator[str]:
    state = state.clone()
    steps = list(_in_the_database(migration.operations))
    if not migration.atomic and len(steps) > 1:
        yield "breaks off in the middle: a migration with atomic = False does one thing."
    for step in steps:
        if fault := _fault(step, migration, state):
            yield f"{step.describe()}: {fault}"
        step.state_forwards(migration.app_label, state)


def _in_the_database(steps):
    for step in steps:
        if isinstance(step, migrations.SeparateDatabaseAndState):
            yield from _in_the_database(step.database_operations)
        elif isinstance(step, ours.CreateModels):
            yield from step.creations
        else:
            yield step


def _fault(step, migration, state) -> str:
    if isinstance(step, migrations.RunPython | migrations.RunSQL):
        return _fault_of_program(step, migration)
    if isinstance(step, RENAMED):
        return "the release before uses the old name. Add the new one, copy, and take the old one away a release later."
    label = f"{migration.app_label}.{getattr(step, 'model_name', getattr(step, 'name', '')).lower()}"
    if isinstance(step, migrations.CreateModel | migrations.DeleteModel) or label in SMALL:
        return ""
    if isinstance(step, migrations.AddIndex) and not isinstance(step, ours.AddIndexConcurrently):
        return "nobody can write until the index is built. Use core.operations.AddIndexConcurrently."
    if isinstance(step, migrations.AddConstraint):
        return _fault_of_constraint(step)
    if isinstance(step, KEYS):
        return "builds its index while nobody can write. Use AddIndexConcurrently and a constraint that takes it."
    if isinstance(step, migrations.AddField):
        return _fault_of_new(step.field)
    if isinstance(step, migrations.AlterField):
        before = state.models[tuple(label.split("."))].fields[step.name]
        return _fault_of_changed(before, step.field)
    return ""


def _fault_of_program(step, migration) -> str:
    if step.hints.get(LOOKED_AT):
        return ""
    if not isinstance(step, ours.RunInBatches):
        return f'holds its locks to the end. Use core.operations.RunInBatches, or hints={{"{LOOKED_AT}": "why not"}}.'
    return "holds the locks of every batch to the end: set atomic = False." if migration.atomic else ""


def _fault_of_constraint(step) -> str:
    if not isinstance(step.constraint, CheckConstraint):
        return "builds its index while nobody can write. Build a unique index concurrently first."
    if not isinstance(step, ours.AddConstraintNotValid):
        return "reads the whole table while nobody can use it. Use AddConstraintNotValid, then ValidateConstraint."
    return ""


def _fault_of_new(field) -> str:
    default = field.db_default
    if field.generated:
        return "rewrites the table. Add a plain column and fill it in batches."
    if (
        default is not NOT_PROVIDED
        and not isinstance(default, Value | Now)
        and hasattr(default, "resolve_expression")
    ):
        return "a default that each row works out for itself rewrites the table. Add it empty and fill it in batches."
    if not field.null and not field.many_to_many and default is NOT_PROVIDED:
        return "the release before cannot add rows without it. Give it null=True or a db_default."
    return _fault_of_key(field)


def _fault_of_key(field) -> str:
    if field.unique or field.db_index:
        return "builds its index while nobody can write. Use db_index=False, then AddIndexConcurrently."
    if field.remote_field and not field.many_to_many and field.db_constraint:
        return "reads both tables while nobody can write. Use db_constraint=False; add it NOT VALID and validate it."
    return ""


def _fault_of_changed(before, after) -> str:
    server = connections["postgres"]  # asked what types are called, not connected to
    old, new = before.db_type(server), after.db_type(server)
    if after.generated or (old != new and not _is_wider(before, after, new)):
        return f"rewrites the table from {old} to {new}. Add a new column and fill it in batches."
    if before.null and not after.null:
        return (
            "reads the whole table while nobody can use it. Add a check of it NOT VALID, and validate that."
        )
    is_new_key = (after.unique, after.db_index) != (before.unique, before.db_index)
    return _fault_of_key(after) if is_new_key or (after.remote_field and not before.remote_field) else ""


def _is_wider(before, after, new) -> bool:
    """varchar grows, and becomes text, without a row being touched; so does numeric of the same scale."""
    names = {before.get_internal_type(), after.get_internal_type()}
    if names <= {"CharField", "SlugField", "TextField"}:
        return new == "text" or (after.max_length or 0) >= (before.max_length or float("inf"))
    if names == {"DecimalField"}:
        return after.decimal_places == before.decimal_places and after.max_digits >= before.max_digits
    return False
