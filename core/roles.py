"""What the roles of PostgreSQL may do (operate.md): written after every migration by the owner, where the roles exist.

``deploy/roles.sql`` makes them. The application neither owns nor empties a table; rows that are only ever added
(core/guards.py) it does not change.
"""

from collections.abc import Iterator

from django.db import connections, transaction

from .guards import APPEND_ONLY

APPLICATION, READER = "zc_app", "zc_read"
# What opens doors: not for those who only read figures.
SECRETS = (
    "accounts_apiclient",
    "accounts_logincode",
    "core_keycanary",
    "core_idempotencykey",
    "django_session",
    "mfa_authenticator",
    "notifications_webhookendpoint",
    "oauth2_provider_accesstoken",
    "oauth2_provider_grant",
    "oauth2_provider_idtoken",
    "oauth2_provider_refreshtoken",
    "usersessions_usersession",
)


def write_grants(using="default", **kwargs) -> None:
    """For post_migrate. Nothing where the server has no such roles, or is none."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [[APPLICATION, READER]])
        for (role,) in cursor.fetchall():
            for statement in _grants(role, set(connection.introspection.table_names(cursor))):
                cursor.execute(statement)


def _grants(role, tables) -> Iterator[str]:
    yield f"GRANT USAGE ON SCHEMA public TO {role}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    if role == READER:
        yield f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
        for table in tables.intersection(SECRETS):
            yield f"REVOKE ALL ON {table} FROM {role}"
        return
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"
    for table in tables.intersection(APPEND_ONLY):
        yield f"REVOKE UPDATE, DELETE ON {table} FROM {role}"
