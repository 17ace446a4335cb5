"""The audit chain and the ledger cannot be emptied either."""

from django.db import migrations

TABLES = ("subsidies_auditentry", "subsidies_ledgerentry")


def guard(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":  # SQLite has no TRUNCATE
        return
    for table in TABLES:
        schema_editor.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION subsidies_append_only()"
        )


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table in TABLES:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}")


class Migration(migrations.Migration):
    dependencies = [("subsidies", "0004_parts_turns_and_interests")]
    operations = [migrations.RunPython(guard, unguard)]
