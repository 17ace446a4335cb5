"""Everybody else in the city: to every shop of the register an owner with a mandate, messages, a letter, a case and a
picture, each a copy of a row that is there. Written in SQL, for 300,000 shops as for 20."""

from contextlib import contextmanager

PEOPLE_FROM = 1_000_000_000  # ids of the owners made, by that of their shop


def crowd(rows):
    """An owner and their things for every shop that has none yet. ``rows``: one of each, as tests/authz/world.py makes
    them, by name."""
    from accounts.models import User

    owner, uuid = f"{PEOPLE_FROM} + shop.id", _uuid()
    names = {"id": owner, "username": "'crowd-' || shop.id", "phone_index": "'crowd-' || shop.id"}
    of_shop = {"business_id": "shop.id"}
    of_person = {"operator_id": "shop.operator_id"}
    told = of_shop | of_person
    case = told | {
        "public_id": uuid,
        "number": "'CROWD-' || shop.id",
        "person_index": "'crowd-' || shop.id",
        "submitter_id": owner,
    }
    picture = {"public_id": uuid, "stored_name": "'crowd-' || shop.id", "sha256": "'crowd-' || shop.id"}
    with _shops_without_owner() as shops:
        _spread(User.objects.get(pk=rows["user"].pk), shops, names)
        _spread(rows["mandate"], shops, of_shop | {"given_by_id": owner, "agent_id": owner})
        for message in ("message", "letter"):
            _spread(rows[message], shops, told)
        _spread(rows["silence"], shops, of_person | {"by_id": owner})
        _spread(rows["application"], shops, case)
        _spread(rows["evidence"], shops, of_person | picture | {"uploaded_by_id": owner})
        _spread(rows["binding"], shops, told | {"user_id": owner})


def _uuid():
    from django.db import connection

    return "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"


@contextmanager
def _shops_without_owner():
    """The name of a table with the ids and operators of shops that nobody has bound."""
    from django.db import connection

    from businesses.models import Binding, Business

    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE crowd_shop AS SELECT id, operator_id FROM {Business._meta.db_table} AS shop"
            " WHERE operator_id IS NOT NULL AND NOT EXISTS"
            f" (SELECT 1 FROM {Binding._meta.db_table} WHERE business_id = shop.id)"
        )
        yield "crowd_shop"
        cursor.execute("DROP TABLE crowd_shop")


def _spread(row, shops, fresh):
    """Copy ``row`` for each of ``shops``. ``fresh``: SQL of the columns that differ, in which ``shop`` is the shop."""
    from django.db import connection

    table, key = row._meta.db_table, row._meta.pk.column
    names = [field.column for field in row._meta.concrete_fields if field.column != key or key in fresh]
    into = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(fresh.get(name, f'one."{name}"') for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({into})'
            f' SELECT {values} FROM "{table}" AS one, {shops} AS shop WHERE one."{key}" = %s'
            " ORDER BY shop.id ON CONFLICT DO NOTHING",
            [row.pk],
        )
