"""Telling: whom a change of decision concerns finds it in the inbox, and is queued to be told outside."""

from django.db import connection
from django.utils import timezone

from businesses.models import Binding
from core.sql import NOTHING, SQL, sql

from .. import hearing
from ..models import Notification, OptOut, Outbox, PushRun


def tell(run: PushRun, benefit_id: int, changes: SQL, *, parameters=(), overlapping=False) -> int:
    """Write inbox rows, one per operator and kind of change, save for those who do not want them; how many.

    ``changes``: a SELECT of business_id, operator_id, kind, before_fen and day, with its ``parameters``.
    """
    conflict = SQL(" ON CONFLICT DO NOTHING") if overlapping else NOTHING
    moment = timezone.now()
    if connection.vendor != "postgresql":
        moment = connection.ops.adapt_datetimefield_value(moment)
    with connection.cursor() as cursor:
        some_silent, some_bound = _has_listeners(cursor)
        silent = hearing.silenced("c", benefit_id)
        wanted = sql(" AND NOT {silent}", silent=silent) if some_silent else NOTHING
        statement = sql(
            """INSERT INTO {notification}
                (operator_id, business_id, benefit_id, version_id, run_id, kind, day, before_fen, created_at)
            SELECT operator_id, MIN(business_id), %s, %s, %s, kind, day, MIN(before_fen), %s
            FROM ({changes}) c WHERE operator_id IS NOT NULL{wanted}
            GROUP BY operator_id, kind, day ORDER BY operator_id{conflict}""",
            notification=Notification,
            changes=changes,
            wanted=wanted,
            conflict=conflict,
        )
        cursor.execute(statement, [benefit_id, run.version_id, run.pk, moment, *parameters])
        told = cursor.rowcount
        if told and some_bound:
            _queue(cursor, run, moment)
    return told


def _has_listeners(cursor):
    """(whether anybody does not want to hear of something, whether anybody has bound a shop)."""
    some = [
        sql("EXISTS (SELECT 1 FROM {table} WHERE ended_at IS NULL)", table=table)
        for table in (OptOut, Binding)
    ]
    cursor.execute(sql("SELECT {some}", some=some))
    return cursor.fetchone()


def _queue(cursor, run, moment) -> None:
    """Those just told who have bound their shop and agreed to pushes are to be told outside as well."""
    statement = sql(
        """INSERT INTO {outbox} (user_id, notification_id, critical)
        SELECT DISTINCT l.user_id, n.id, {critical}
        FROM ({listeners}) l
        JOIN {notification} n ON n.operator_id = l.operator_id AND n.version_id = %s
        WHERE n.run_id = %s AND n.created_at = %s""",
        outbox=Outbox,
        critical=run.critical,
        listeners=hearing.LISTENERS,
        notification=Notification,
    )
    cursor.execute(statement, [run.version_id, run.pk, moment])
