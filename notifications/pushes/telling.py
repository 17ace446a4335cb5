"""Telling: whom a change of decision concerns finds it in the inbox, and is queued to be told outside."""

from django.db import connection
from django.utils import timezone

from businesses.models import Binding

from .. import hearing
from ..models import Notification, OptOut, Outbox, PushRun

_NOTIFICATION = Notification._meta.db_table


def tell(run: PushRun, benefit_id: int, changes: str, *, parameters=(), overlapping=False) -> int:
    """Write inbox rows, one per operator and kind of change, save for those who do not want them; how many.

    ``changes``: a SELECT of business_id, operator_id, kind, before_fen and day, with its ``parameters``.
    """
    conflict = " ON CONFLICT DO NOTHING" if overlapping else ""
    moment = timezone.now()
    if connection.vendor != "postgresql":
        moment = connection.ops.adapt_datetimefield_value(moment)
    with connection.cursor() as cursor:
        some_silent, some_bound = _has_listeners(cursor)
        wanted = f" AND NOT {hearing.silenced('c', str(benefit_id))}" if some_silent else ""
        cursor.execute(
            f"""INSERT INTO "{_NOTIFICATION}"
                (operator_id, business_id, benefit_id, version_id, run_id, kind, day, before_fen, created_at)
            SELECT operator_id, MIN(business_id), %s, %s, %s, kind, day, MIN(before_fen), %s
            FROM ({changes}) c WHERE operator_id IS NOT NULL{wanted}
            GROUP BY operator_id, kind, day ORDER BY operator_id{conflict}""",
            [benefit_id, run.version_id, run.pk, moment, *parameters],
        )
        told = cursor.rowcount
        if told and some_bound:
            _queue(cursor, run, moment)
    return told


def _has_listeners(cursor):
    """(whether anybody does not want to hear of something, whether anybody has bound a shop)."""
    tables = (OptOut._meta.db_table, Binding._meta.db_table)
    some = (f'EXISTS (SELECT 1 FROM "{table}" WHERE ended_at IS NULL)' for table in tables)
    cursor.execute(f"SELECT {', '.join(some)}")
    return cursor.fetchone()


def _queue(cursor, run, moment) -> None:
    """Those just told who have bound their shop and agreed to pushes are to be told outside as well."""
    cursor.execute(
        f"""INSERT INTO "{Outbox._meta.db_table}" (user_id, notification_id, critical)
        SELECT DISTINCT l.user_id, n.id, {"TRUE" if run.critical else "FALSE"}
        FROM ({hearing.LISTENERS}) l
        JOIN "{_NOTIFICATION}" n ON n.operator_id = l.operator_id AND n.version_id = %s
        WHERE n.run_id = %s AND n.created_at = %s""",
        [run.version_id, run.pk, moment],
    )
