"""Steps of a migration: those that let the portal serve while a big table changes (docs/migrations.md), and the first
of a room.

On PostgreSQL the former take no lock that anybody waits behind; SQLite, which has one writer anyway, does the plain
thing.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.postgres import operations as postgres
from django.db import migrations, transaction
from django.db.migrations.operations.base import Operation
from django.db.models import QuerySet


class CreateModels(Operation):
    """The models of a room, in one step. Django makes every model that has to do with a new one anew for each of them:
    one after the other that is half the time of migrating an empty database."""

    reversible = True

    def __init__(self, creations: list[migrations.CreateModel]) -> None:
        self.creations = creations

    def deconstruct(self) -> tuple:
        return type(self).__name__, [self.creations], {}

    def state_forwards(self, app_label, state) -> None:
        state.__dict__.pop("apps", None)  # made from the state when it is asked for next
        for creation in self.creations:
            creation.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        for creation in self.creations:
            creation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:
        for creation in reversed(self.creations):
            creation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create models {', '.join(creation.name for creation in self.creations)}"


class _Apart:
    """Django's operation for PostgreSQL; elsewhere ``plain``, or nothing."""

    plain: Any = None

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)  # type: ignore[misc]
        elif self.plain is not None:
            self.plain.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)  # type: ignore[misc]
        elif self.plain is not None:
            self.plain.database_backwards(self, app_label, schema_editor, from_state, to_state)


class AddIndexConcurrently(_Apart, postgres.AddIndexConcurrently):
    """In a migration of its own, with ``atomic = False``."""

    plain = migrations.AddIndex


class RemoveIndexConcurrently(_Apart, postgres.RemoveIndexConcurrently):
    """Likewise."""

    plain = migrations.RemoveIndex


class AddConstraintNotValid(_Apart, postgres.AddConstraintNotValid):
    """A check of what is written from now on; ``ValidateConstraint`` in the next migration looks at what is there."""

    plain = migrations.AddConstraint


class ValidateConstraint(_Apart, postgres.ValidateConstraint):
    pass


class RunInBatches(migrations.RunPython):
    """``change(rows)`` with the rows of a model, some at a time, each time in a transaction of its own. What is broken
    off begins anew, so ``change`` may meet rows that it has changed before. In a migration with ``atomic = False``."""

    def __init__(self, model: str, change: Callable[[QuerySet], object], *, size=1_000) -> None:
        self.model, self.change, self.size = model, change, size
        super().__init__(self._run, migrations.RunPython.noop)

    def deconstruct(self) -> tuple:
        return type(self).__name__, [self.model, self.change], {"size": self.size}

    def _run(self, apps, schema_editor) -> None:
        alias = schema_editor.connection.alias
        rows, last = apps.get_model(self.model)._base_manager.using(alias).order_by("pk"), None
        while True:
            left = rows if last is None else rows.filter(pk__gt=last)
            ids = list(left.values_list("pk", flat=True)[: self.size])
            if not ids:
                return
            with transaction.atomic(using=alias):
                self.change(rows.filter(pk__gte=ids[0], pk__lte=ids[-1]))
            last = ids[-1]
