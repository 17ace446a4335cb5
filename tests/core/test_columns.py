"""A table laid out anew holds the same rows, under the same constraints and indexes, on both engines."""

import pytest
from django.db import IntegrityError, connections
from django.db.migrations.loader import MigrationLoader

from businesses.models import Business, Operator
from core.columns import ColumnsFirst

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.fixture
def lay_out(engine):
    """Lays the register out with these fields first; at the end it is as its migrations leave it."""
    connection = connections["default"]
    migrated = MigrationLoader(connection).project_state()
    usual = [field.name for field in migrated.apps.get_model("businesses", "Business")._meta.local_fields]

    def first(*names):
        operation, after = ColumnsFirst("Business", names), migrated.clone()
        operation.state_forwards("businesses", after)
        with connection.schema_editor() as editor:
            operation.database_forwards("businesses", editor, migrated, after)

    yield first
    first(*usual)


def described():
    """(columns with their types, whether they may be empty; constraints and indexes) of the register."""
    connection, table = connections["default"], Business._meta.db_table
    introspection = connection.introspection
    with connection.cursor() as cursor:
        columns = introspection.get_table_description(cursor, table)
        constraints = introspection.get_constraints(cursor, table)
        pointing = [
            introspection.get_relations(cursor, name)
            for name in introspection.table_names(cursor)
            if name != table
        ]
    kinds = sorted(
        (
            # An index over an expression names no column.
            *(tuple(name or "" for name in found["columns"] or ()), found["primary_key"], found["unique"]),
            found["index"],
            *(found["check"], found["foreign_key"]),
        )
        for found in constraints.values()
        if not found["check"] or connection.vendor == "postgresql"
    )
    rows = {column.name: (column.type_code, column.null_ok, column.internal_size) for column in columns}
    return rows, kinds, [target for found in pointing for target in found.values() if target[1] == table]


def names():
    connection = connections["default"]
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, Business._meta.db_table)
    return [column.name for column in found]


def test_the_rules_of_a_fresh_register_find_their_facts_first(engine):
    assert names()[:9] == [
        *("id", "operator_id", "version", "operating_status", "operator_groups_yes", "operator_groups_known"),
        *("entity_type", "registered_on", "unit_insured"),
    ]


def test_columns_move_and_rows_constraints_and_indexes_stay(lay_out):
    owner = Operator.objects.create(name="演示一")
    for place in range(3):
        Business.objects.create(
            name=f"店{place}", credit_code=f"9252020{place}", operator=owner, district="520201"
        )
    before, rows = described(), list(Business.objects.order_by("pk").values())

    lay_out("id", "district", "name")

    assert names()[:3] == ["id", "district", "name"]
    assert described() == before
    assert list(Business.objects.order_by("pk").values()) == rows


def test_a_new_shop_gets_a_fresh_id_and_a_code_is_still_taken_once(lay_out):
    last = Business.objects.create(name="老店", credit_code="92520201")

    lay_out("name")

    assert Business.objects.create(name="新店", credit_code="92520202").pk > last.pk
    with pytest.raises(IntegrityError):
        Business.objects.create(name="又一家", credit_code="92520201")
