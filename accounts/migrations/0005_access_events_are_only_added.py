"""Rows of the access log are only ever added: the database itself refuses the rest."""

from django.db import migrations

TABLE = "accounts_accessevent"


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            """CREATE OR REPLACE FUNCTION accounts_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME; END $$""",
            params=None,
        )
        for name, when in {"append_only": "UPDATE OR DELETE", "no_truncate": "TRUNCATE"}.items():
            each = "STATEMENT" if when == "TRUNCATE" else "ROW"
            schema_editor.execute(
                f"CREATE TRIGGER {TABLE}_{name} BEFORE {when} ON {TABLE}"
                f" FOR EACH {each} EXECUTE FUNCTION accounts_append_only()"
            )
        return
    for verb in ("UPDATE", "DELETE"):
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_no_{verb.lower()} BEFORE {verb} ON {TABLE}"
            f" BEGIN SELECT RAISE(ABORT, 'rows of {TABLE} are only ever added'); END"
        )


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in ("append_only", "no_truncate"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_{name} ON {TABLE}")
        return
    for verb in ("update", "delete"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_no_{verb}")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_no_session_keys_in_clear")]
    operations = [migrations.RunPython(guard, unguard)]
