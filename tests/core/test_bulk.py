"""Many rows at once mean the same on both engines, whatever is in them."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from businesses.models import Business, BusinessRecord
from core import bulk
from core.sql import SQL

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.every_engine("SQL")]
AWKWARD = ["a\tb", "line\nbreak", "back\\slash", "\\N", "䶮𬭎", "'quoted\"", "", "\r", "{}"]


def shops(names):
    ids = bulk.next_ids(Business, len(names))
    now = "2026-11-24 10:00:00+00:00"
    return [
        (pk, f"{pk:032x}", name, f"code{pk}", "", "", "{}", 1, now)
        for pk, name in zip(ids, names, strict=True)
    ]


COLUMNS = (
    *("id", "public_id", "name", "credit_code", "address", "abnormal_reason", "extra"),
    *("version", "updated_at"),
)


@pytest.mark.parametrize("count", [1, bulk.FEW + 30])
def test_any_text_comes_back_as_it_went_in_by_either_way(engine, count):
    names = [f"{AWKWARD[place % len(AWKWARD)]}{place}" for place in range(count)]

    with transaction.atomic():
        bulk.insert(Business, COLUMNS, shops(names))

    assert list(Business.objects.order_by("pk").values_list("name", flat=True)) == names


@pytest.mark.parametrize("count", [3, bulk.FEW + 30])
def test_upsert_replaces_what_is_there_and_adds_the_rest(engine, count):
    with transaction.atomic():
        rows = shops([f"{place}" for place in range(count)])
        bulk.insert(Business, COLUMNS, rows)
        ids = [row[0] for row in rows]
        bulk.upsert(BusinessRecord, ("business_id", "said"), [(ids[0], '["old"]')], key="business_id")

        bulk.upsert(
            BusinessRecord, ("business_id", "said"), [(pk, '["new"]') for pk in ids], key="business_id"
        )

    assert list(BusinessRecord.objects.values_list("said", flat=True)) == [["new"]] * count


def test_update_sets_the_columns_of_every_row_with_the_key(engine):
    with transaction.atomic():
        rows = shops([f"{place}" for place in range(40)])
        bulk.insert(Business, COLUMNS, rows)

        bulk.update(
            Business,
            ("id", "name", "district"),
            [(row[0], f"new {row[2]}", "520201") for row in rows[:30]],
            key="id",
            also=SQL('"version" = "version" + 1'),
        )

    found = list(Business.objects.order_by("pk").values_list("name", "district", "version"))
    assert found == [(f"new {place}", "520201", 2) for place in range(30)] + [
        (f"{place}", None, 1) for place in range(30, 40)
    ]


def test_a_constraint_stops_the_whole_chunk(engine):
    with pytest.raises(IntegrityError), transaction.atomic():
        rows = shops([f"{place}" for place in range(40)])
        bulk.insert(Business, COLUMNS, [*rows, rows[0]])

    assert Business.objects.count() == 0


def test_fresh_ids_are_not_given_twice_though_nothing_was_written_under_them(engine):
    with transaction.atomic():
        first = shops(["a", "b"])
        bulk.insert(Business, COLUMNS, first)
        Business.objects.all().delete()

        again = bulk.next_ids(Business, 2)

    assert not {row[0] for row in first} & set(again)


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_temporary_tables_are_refused_outside_of_a_transaction_where_they_would_be_empty(engine):
    with connection.cursor() as cursor, pytest.raises(TransactionManagementError):
        bulk.empty_tables(cursor, {"some": SQL("id bigint")})
