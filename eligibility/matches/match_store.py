"""Stored decisions brought up to date: for many shops at once, in the caller's transaction, by statements alone.

``decide`` works out what a version says of some shops (matching.py), compares it with what is stored, writes what
differs, and leaves on the connection which operators' decisions changed, so that the same transaction can tell them.
Whoever calls it holds ``lock``.
"""

import json
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet

from businesses.models import Business
from businesses.register.stored import stored_shops
from core.bulk import chunks, empty_tables
from core.money import in_fen
from core.sql import NOTHING, SQL, compiled, joined, name, names, sql
from policies.criteria.rules import Rule
from policies.criteria.states import Assessment, assess
from policies.criteria.when import TooManyCases, is_held

from ..holdings import held_where
from ..models import Match
from .affected import reads
from .amounts_sql import day_literal
from .matching import STATES, Written, condition_of, select

# What a change of decision means to its owner; QUIET changes are stored and not told.
QUIET, NEW, SOON, AMOUNT, ENDED = range(5)

# So few are sooner judged one by one than a statement about them is written and planned.
FEW = 200
ROWS_AT_ONCE = 500

_LOCK = 0x7A6874  # any number, the same everywhere
_DECISION = SQL(
    "facts_version integer, state smallint, eligible_from date, apply_before date, value_fen bigint,"
    " maximum_fen bigint"
)
_DECIDED = sql("business_id bigint, operator_id bigint, {decision}", decision=_DECISION)
_CHANGED = sql(
    "business_id bigint, operator_id bigint, match_id bigint, gone boolean, kind smallint, before_fen bigint,"
    " {decision}",
    decision=_DECISION,
)
_TABLES = {"decided": _DECIDED, "changed": _CHANGED, "looked_at": SQL("id bigint")}
_COMPARED = ("operator_id", "state", "eligible_from", "apply_before", "value_fen", "maximum_fen")
_COLUMNS = names(*_COMPARED, "facts_version")
_KINDS = {"QUIET": QUIET, "NEW": NEW, "SOON": SOON, "ENDED": ENDED}
# Written once: a decision on one shop must not take longer for them.
_PARTS = {
    "match": sql("{match}", match=Match),
    "columns": joined(", ", _COLUMNS),
    "stored": joined(", ", names(*_COMPARED, of="m")),
    "fresh": joined(", ", names(*_COMPARED, of="d")),
    "sets": joined(", ", [sql("{column} = c.{column}", column=column) for column in _COLUMNS]),
    "soon": sql("{soon}", soon=Match.State.SOON),
    **{kind: sql("{number}", number=number) for kind, number in _KINDS.items()},
}


@dataclass(frozen=True)
class Subject:
    """What is decided: a benefit by a version on a day. ``rule`` None: nothing is in force, so nobody fits."""

    benefit_id: int
    version_id: int
    rule: Rule | None
    day: date


@dataclass(frozen=True)
class Outcome:
    """``changes``: a SELECT of business_id, operator_id, kind, before_fen and day, good until the next decision.

    ``matched``: shops that fit now, of those looked at; ``changed``: decisions written; ``closed``: of them those that
    no longer stand.
    """

    changes: SQL
    matched: int
    changed: int
    closed: int = 0


def lock(*, alone=False, wait=True) -> bool:
    """Hold decisions until the end of this transaction: beside others who judge other shops, or ``alone``. Whether they
    are held: always, unless it is not to ``wait`` for others.

    Judging by facts that are about to change would store a decision that is wrong for good. So whoever follows a change
    of facts is alone: those before are done and seen, those after see the new facts. SQLite lets one write at a time.

    The commit does not wait for the disk, save for those after it that do: decisions and what is told of them are made
    from facts and versions, and with the ledger of what is done they are lost, and made again, or kept as one.
    """
    if connection.vendor != "postgresql":
        return True
    function = f"pg_{'' if wait else 'try_'}advisory_xact_lock{'' if alone else '_shared'}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s), set_config('synchronous_commit', 'off', true)", [_LOCK])
        return wait or cursor.fetchone()[0]


def decide(
    subject: Subject, shops: QuerySet | list[int], *, first=False, tell_amounts=True, overlapping=False
) -> Outcome:
    """Bring the decisions on ``shops`` (a queryset of Business, or ids where they are few) up to date.

    ``first``: none are stored for them, so they are only inserted; IntegrityError where some are. ``overlapping``:
    others may be inserting the same. ``tell_amounts``: another amount is told.
    """
    with connection.cursor() as cursor:
        empty_tables(cursor, _TABLES)
        among, day = _among(cursor, subject, shops), day_literal(subject.day)
        matched = _work_out(cursor, subject, among)
        if first:
            _insert(cursor, subject, SQL("SELECT * FROM decided"), overlapping)
            changes = sql(
                """SELECT business_id, operator_id, CASE WHEN state = {soon} THEN {SOON} ELSE {NEW} END AS kind,
                    CAST(NULL AS bigint) AS before_fen, {day} AS day FROM decided""",
                day=day,
                **_PARTS,
            )
            return Outcome(changes, matched, matched)
        _count(cursor, among, "decided")
        differing, closed = _compare(cursor, subject, tell_amounts), _close(cursor, subject, among)
        if differing or closed:
            _count(cursor, among, "changed")
        if differing:
            _write(cursor, subject, overlapping)
        if closed:
            _write_ends(cursor, subject)
        changes = sql(
            "SELECT business_id, operator_id, kind, before_fen, {day} AS day FROM changed WHERE kind <> {QUIET}",
            day=day,
            **_PARTS,
        )
        return Outcome(changes, matched, differing + closed, closed)


@dataclass(frozen=True)
class _Among:
    """The shops that are decided on. ``listed``: their ids stand in ``looked_at``; ``few``: so few that they are judged
    one by one. ``holds``: what is so of those that have the benefit, None where none has."""

    shops: QuerySet
    holds: Q | None
    listed: bool = False
    few: bool = False


def _among(cursor, subject, shops):
    holds = held_where(subject.benefit_id, subject.day)
    if not isinstance(shops, list):
        return _Among(shops, holds)
    if connection.vendor == "postgresql":
        cursor.execute("INSERT INTO looked_at SELECT unnest(%s::bigint[])", [shops])
    else:
        cursor.execute("INSERT INTO looked_at SELECT value FROM json_each(%s)", [json.dumps(shops)])
    listed = Business.objects.filter(
        Written(sql("{shop}.id IN (SELECT id FROM looked_at)", shop=Business), ())
    )
    among = _Among(listed, holds, listed=True, few=len(shops) <= FEW)
    _count(cursor, among, "looked_at")
    return among


def _count(cursor, among, table) -> None:
    """Let the planner know how long a table of ours is: for few rows it goes by indexes, as where it knows nothing, for
    many by whole tables."""
    if connection.vendor == "postgresql" and not among.few:
        cursor.execute(sql("ANALYZE {table}", table=name(table)))


def _work_out(cursor, subject, among):
    """Fill ``decided``; the number of shops that fit. What they have or have applied for is not offered to them."""
    if subject.rule is None:
        return 0
    candidates = among.shops if among.holds is None else among.shops.exclude(among.holds)
    if among.few:
        return _work_out_one_by_one(cursor, subject, candidates, few=True)
    try:
        statement = select(subject.rule, subject.day, candidates)
    except TooManyCases:  # dates too entangled for one statement
        return _work_out_one_by_one(cursor, subject, candidates)
    if statement is None:
        return 0
    cursor.execute(sql("INSERT INTO decided {found}", found=statement.sql), statement.parameters)
    return cursor.rowcount


def _work_out_one_by_one(cursor, subject, shops, *, few=False):
    done, rule, day = 0, subject.rule, subject.day
    stored = stored_shops(shops, reads(rule), few=few)
    assessed = ((shop, assess(rule, shop.profile, day)) for shop in stored)
    for rows in chunks((_row(shop, one) for shop, one in assessed if one.state in STATES), ROWS_AT_ONCE):
        place = sql("({marks})", marks=[SQL("%s")] * len(rows[0]))
        insert = sql("INSERT INTO decided VALUES {places}", places=[place] * len(rows))
        cursor.execute(insert, [value for row in rows for value in row])
        done += len(rows)
    return done


def _row(shop, assessment):
    days = [assessment.eligible_from, assessment.apply_before]
    if connection.vendor != "postgresql":
        days = [day and day.isoformat() for day in days]
    return (shop.pk, shop.operator_id, shop.version, STATES[assessment.state], *days, *amounts_of(assessment))


def amounts_of(assessment: Assessment) -> tuple[int | None, int | None]:
    """(value, maximum) of an assessment as they are stored, in fen; taxes are told when they are shown."""
    rule = assessment.rule
    if rule.is_tax or not rule.is_money:
        return None, None
    day = assessment.eligible_from if assessment.state == "soon" else assessment.day
    amount = rule.amount.on(assessment.profile, day, rule.title)
    value, maximum = (None if yuan is None else in_fen(yuan) for yuan in (amount.value, amount.maximum))
    return value, maximum


def _compare(cursor, subject, tell_amounts):
    """Fill ``changed`` with what differs from what is stored; how many."""
    statement = sql(
        """INSERT INTO changed
        SELECT d.business_id, d.operator_id, m.id, FALSE,
            CASE WHEN m.id IS NULL OR m.closed_on IS NOT NULL OR m.operator_id {differ} d.operator_id
                    OR (m.state = {soon}) <> (d.state = {soon})
                THEN CASE WHEN d.state = {soon} THEN {SOON} ELSE {NEW} END
                WHEN COALESCE(m.value_fen, m.maximum_fen) <> COALESCE(d.value_fen, d.maximum_fen) THEN {amount}
                ELSE {QUIET} END,
            COALESCE(m.value_fen, m.maximum_fen),
            d.facts_version, d.state, d.eligible_from, d.apply_before, d.value_fen, d.maximum_fen
        FROM decided d LEFT JOIN {match} m ON m.benefit_id = %s AND m.business_id = d.business_id
        WHERE m.id IS NULL OR m.closed_on IS NOT NULL OR ({stored}) {differ} ({fresh})""",
        amount=AMOUNT if tell_amounts else QUIET,
        differ=SQL("IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"),
        **_PARTS,
    )
    cursor.execute(statement, [subject.benefit_id])
    return cursor.rowcount


def _close(cursor, subject, among):
    """Add to ``changed`` the decisions that no longer stand; how many. Nothing has ended where the shop has it."""
    listed = SQL("m.business_id IN (SELECT id FROM looked_at)"), ()
    condition = listed if among.listed else condition_of(among.shops)
    if condition is None:
        return 0
    which, parameters = condition
    shops = NOTHING if among.listed else sql("JOIN {shop} ON {shop}.id = m.business_id", shop=Business)
    statement = sql(
        """INSERT INTO changed (business_id, operator_id, match_id, gone, kind, before_fen)
        SELECT m.business_id, m.operator_id, m.id, TRUE, {ENDED}, COALESCE(m.value_fen, m.maximum_fen)
        FROM {match} m {shops}
        WHERE m.benefit_id = %s AND m.closed_on IS NULL AND {which}
            AND NOT EXISTS (SELECT 1 FROM decided d WHERE d.business_id = m.business_id)""",
        shops=shops,
        which=which,
        **_PARTS,
    )
    cursor.execute(statement, [subject.benefit_id, *parameters])
    closed = cursor.rowcount
    by_facts = is_held(subject.rule, subject.day) if closed and subject.rule else None
    has = [condition for condition in (among.holds, by_facts) if condition]
    if closed and has:
        gone = sql("{shop}.id IN (SELECT business_id FROM changed WHERE gone)", shop=Business)
        shops = Business.objects.filter(Written(gone, ()), Q(*has, _connector=Q.OR))
        held, parameters = compiled(shops.values("pk"))
        quiet = sql(
            "UPDATE changed SET kind = {QUIET} WHERE gone AND business_id IN ({held})", held=held, **_PARTS
        )
        cursor.execute(quiet, parameters)
    return closed


def _write(cursor, subject, overlapping) -> None:
    statement = sql(
        """UPDATE {match} SET version_id = %s, decided_on = %s, closed_on = NULL, {sets} FROM changed c
        WHERE c.match_id = {match}.id AND NOT c.gone""",
        **_PARTS,
    )
    cursor.execute(statement, [subject.version_id, subject.day])
    _insert(cursor, subject, SQL("SELECT * FROM changed WHERE match_id IS NULL"), overlapping)


def _write_ends(cursor, subject) -> None:
    statement = sql(
        """UPDATE {match} SET closed_on = %s, version_id = %s FROM changed c
        WHERE c.match_id = {match}.id AND c.gone""",
        **_PARTS,
    )
    cursor.execute(statement, [subject.day, subject.version_id])


def _insert(cursor, subject, rows, overlapping) -> None:
    statement = sql(
        """INSERT INTO {match} (benefit_id, version_id, decided_on, business_id, {columns})
        SELECT %s, %s, {day}, business_id, {columns} FROM ({rows}) fresh{conflict}""",
        day=day_literal(subject.day),
        rows=rows,
        conflict=SQL(" WHERE TRUE ON CONFLICT DO NOTHING" if overlapping else ""),
        **_PARTS,
    )
    cursor.execute(statement, [subject.benefit_id, subject.version_id])


def differing(cursor, subject: Subject, shops: QuerySet) -> list[int]:
    """Ids of the shops among ``shops`` whose stored decision is not what it would be now. Stores nothing."""
    empty_tables(cursor, _TABLES)
    among = _Among(shops, held_where(subject.benefit_id, subject.day))
    _work_out(cursor, subject, among)
    _compare(cursor, subject, tell_amounts=True)
    _close(cursor, subject, among)
    cursor.execute("SELECT DISTINCT business_id FROM changed ORDER BY business_id")
    return [pk for (pk,) in cursor.fetchall()]
