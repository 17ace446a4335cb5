"""All posts against all workers, as sets: for each post the 20 who ask the least, for each worker the 10 that pay most.

A trade at a time, posts and workers are laid out in narrow tables of their own whose key is the order asked for, so
that “the best” are the first rows of an index; each different rule of posts is judged once a worker into ``met``, a
string of 0 and 1 in which a pair looks up one character. What fits is said in conditions.py alone.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from django.db import connection, transaction
from django.db.models import Case, IntegerField, QuerySet, TextField, Value, When
from django.db.models.functions import Cast
from django.utils import timezone

from core.sql import SQL, compiled, joined, name, sql
from policies.criteria.sql import expression

from ..models import JobMatch, Post, Worker
from ..settings import figure
from . import conditions
from .requirements import rule_of

MOST_RULES = 200
WANTED = ("id", "county", "day_fen", "from_on", "until_on", "days", "hours", "lodging", "season", "is_hard")
OFFERED = ("county", "day_fen", "id", "from_on", "until_on", "days", "hours", "lodging", "season", "adult_on")
_TYPES = {
    "county": "varchar(6)",
    "from_on": "date",
    "until_on": "date",
    "adult_on": "date",
    "met": "text",
    "rule": "integer",
    "for_post": "smallint",
    "for_worker": "smallint",
}
FITS = SQL(f"w.county = p.county AND {conditions.SQL} AND (p.rule = 0 OR substr(w.met, p.rule, 1) = '1')")


def match_all(today: date | None = None) -> int:
    """Match everything anew; how many pairs there are. Readers see the old ones until the new ones are there."""
    today = today or timezone.localdate()
    _note_versions(today)
    _make("jobs_best", _BEST)
    for trade in list(_open(today).values_list("trade", flat=True).distinct()):
        for _ in _laid_out(trade, _open(today).filter(trade=trade), _looking(today), today):
            _collect(_best_for_posts(), for_post=1)
            _collect(_best_for_workers(), for_post=0)
    count = _keep_the_best()
    _replace()
    _match_what_has_changed(today)
    return count


@transaction.atomic
def match_post(post: Post, today: date | None = None) -> int:
    """Match one post; how many pairs are kept. Of workers it is among the best where fewer than ten pay as much."""
    posts = _open(today).filter(pk=post.pk)
    return _match_some(post.matches, [post.trade], posts, _looking(today), today, county=post.county)


@transaction.atomic
def match_worker(worker: Worker, today: date | None = None) -> int:
    """Match one worker; how many pairs are kept."""
    posts = _open(today).filter(county__in=worker.counties)
    return _match_some(
        worker.matches, worker.trades, posts, _looking(today).filter(pk=worker.pk), today, of_worker=True
    )


def _match_some(standing, its_trades, posts, workers, today, *, county="", of_worker=False) -> int:
    today = today or timezone.localdate()
    _make("jobs_best", _BEST)
    for trade in its_trades:
        for _ in _laid_out(trade, posts.filter(trade=trade), workers, today, county=county):
            pairs = sql("SELECT p.id AS post, w.id AS worker, w.day_fen AS wants_fen, p.day_fen AS day_fen "
                        "FROM jobs_wanted p JOIN jobs_offered w ON {fits}", fits=FITS)  # fmt: skip
            mine, theirs = _best_for_workers(), _best_for_posts()
            beats = sql("SELECT * FROM ({pairs}) found WHERE {room}", pairs=pairs, room=_room(of_worker))
            _collect(beats if of_worker else theirs, for_post=1)
            _collect(mine if of_worker else beats, for_post=0)
    count = _keep_the_best(of_worker=of_worker)
    standing.all().delete()
    _insert_what_is_new()
    return count


def _room(of_worker) -> SQL:
    """Whether a pair is among the best of its other side, as far as those are known."""
    if of_worker:
        return sql(
            "(SELECT COUNT(*) FROM (SELECT 1 FROM {match} m WHERE m.post_id = found.post AND m.for_post "
            "AND m.wants_fen <= found.wants_fen LIMIT {best}) b) < {best}",
            match=JobMatch,
            best=figure("best_workers"),
        )
    return sql(
        "(SELECT COUNT(*) FROM (SELECT 1 FROM {match} m WHERE m.worker_id = found.worker AND m.for_worker "
        "AND m.day_fen >= found.day_fen LIMIT {best}) b) < {best}",
        match=JobMatch,
        best=figure("best_posts"),
    )


def _open(today) -> QuerySet:
    return Post.objects.open().filter(until_on__gte=today or timezone.localdate()).order_by()


def _looking(today) -> QuerySet:
    return Worker.objects.looking().filter(looking_until__gte=today or timezone.localdate()).order_by()


# What changes while all is matched, and was matched by itself for pairs that are written over

_SEEN = ("id", "version")


def _note_versions(today) -> None:
    for table, rows in _matched(today).items():
        _make(table, _SEEN, key=("id",))
        _fill(table, _SEEN, rows)


def _match_what_has_changed(today) -> None:
    """Also what is open no longer, of which pairs may have been written again."""
    changed = {table: _changed(table, rows) for table, rows in _matched(today).items()}
    for post in Post.objects.filter(pk__in=changed["jobs_seen_posts"]):
        match_post(post, today)
    for worker in Worker.objects.filter(pk__in=changed["jobs_seen_workers"]):
        match_worker(worker, today)


def _matched(today) -> dict[str, QuerySet]:
    rows = {"jobs_seen_posts": _open(today), "jobs_seen_workers": _looking(today)}
    return {table: found.values_list("pk", "version") for table, found in rows.items()}


def _changed(table, rows) -> set[int]:
    """Ids of rows that were not among those noted, are no longer, or have another version."""
    query, parameters = compiled(rows)
    seen = sql("SELECT id, version FROM {table}", table=name(table))
    both_ways = sql(
        "SELECT * FROM ({query} EXCEPT {seen}) fresh UNION SELECT * FROM ({seen} EXCEPT {query}) gone",
        query=query,
        seen=seen,
    )
    with connection.cursor() as cursor:
        cursor.execute(both_ways, [*parameters, *parameters])
        return {pk for pk, _ in cursor.fetchall()}


# Laying out


def _laid_out(trade, posts, workers, today, *, county="") -> Iterator[None]:
    """Once for every 200 different rules of the posts of a trade, and for those without one."""
    trees = dict(posts.exclude(rule_key="").values_list("rule_key", "requirements"))
    keys = list(trees)
    for first in range(0, len(keys) or 1, MOST_RULES):
        some = keys[first : first + MOST_RULES]
        _lay_out_posts(posts.filter(rule_key__in=some if first else ["", *some]), some)
        place = {"availability__county": county} if county else {}
        _lay_out_workers(
            workers.filter(availability__trade=trade, **place), [trees[key] for key in some], today
        )
        yield


_BEST = ("post", "worker", "wants_fen", "day_fen", "for_post", "for_worker")
_COLUMNS = SQL(", ".join(_BEST))


def _lay_out_posts(posts, keys) -> None:
    numbers = [When(rule_key=key, then=Value(place)) for place, key in enumerate(keys, 1)]
    rule = Case(*numbers, default=Value(0), output_field=IntegerField()) if numbers else Value(0)
    flags = {f"as_{flag}": Cast(flag, IntegerField()) for flag in ("lodging", "season", "is_hard")}
    rows = posts.annotate(rule=rule, **flags).values_list(*WANTED[:7], *flags, "rule")
    _make("jobs_wanted", (*WANTED, "rule"), key=("county", "day_fen DESC", "id"))
    _fill("jobs_wanted", (*WANTED, "rule"), rows)


def _lay_out_workers(workers, trees, today) -> None:
    rules = [rule for tree in trees if (rule := rule_of(tree))]
    met = {
        f"met_{place}": Case(
            When(expression(rule.criteria, today), then=Value("1")),
            default=Value("0"),
            output_field=TextField(),
        )
        for place, rule in enumerate(rules)
    }
    flags = {
        "as_lodging": Cast("needs_lodging", IntegerField()),
        "as_season": Cast("only_season", IntegerField()),
    }
    rows = workers.annotate(**flags, **met).values_list(
        "availability__county", "availability__day_fen", *OFFERED[2:7], *flags, "adult_on", *met
    )
    _make("jobs_offered", (*OFFERED, "met"), key=("county", "day_fen", "id"))
    _fill("jobs_offered", (*OFFERED, "met"), rows, joined_from=len(OFFERED))


def _make(table, columns, *, key=()) -> None:
    """A table of this connection alone, anew. SQLite keeps its rows in the order of the key."""
    on_sqlite = connection.vendor == "sqlite"
    spelled = [SQL(f"{column} {_TYPES.get(column, 'bigint')}") for column in columns]
    if key and on_sqlite:
        spelled.append(SQL(f"PRIMARY KEY ({', '.join(key)})"))
    _run("DROP TABLE IF EXISTS {table}", table=name(table))
    _run(
        "CREATE TEMPORARY TABLE {table} ({columns}){rest}",
        table=name(table),
        columns=spelled,
        rest=SQL(" WITHOUT ROWID" if key and on_sqlite else ""),
    )
    _KEYS[table] = key


_KEYS: dict[str, tuple] = {}


def _fill(table, columns, rows, *, joined_from: int | None = None) -> None:
    """Put what a queryset finds into a table; its columns from ``joined_from`` on become one text."""
    query, parameters = compiled(rows)
    count = len(rows.query.values_select) + len(rows.query.annotation_select)
    places = [SQL(f"c{place}") for place in range(count)]
    chosen = places
    if joined_from is not None:
        chosen = [*places[:joined_from], joined(" || ", places[joined_from:]) or SQL("''")]
    _run(
        "INSERT INTO {table} ({columns}) WITH found ({places}) AS ({query}) SELECT {chosen} FROM found "
        "ORDER BY {key}",
        parameters,
        table=name(table),
        columns=[name(column) for column in columns],
        places=places,
        query=query,
        chosen=chosen,
        # Rows that are read one after the other lie beside each other.
        key=[places[columns.index(part.split()[0])] for part in _KEYS[table]],
    )
    if _KEYS[table] and connection.vendor == "postgresql":
        _run("CREATE INDEX ON {table} ({key})", table=name(table), key=[SQL(part) for part in _KEYS[table]])
        _run("ANALYZE {table}", table=name(table))


# The best


def _best_for_posts() -> SQL:
    return _first(SQL("jobs_wanted p"), SQL("jobs_offered w"), SQL("w.day_fen, w.id"), figure("best_workers"))


def _best_for_workers() -> SQL:
    return _first(
        SQL("jobs_offered w"), SQL("jobs_wanted p"), SQL("p.day_fen DESC, p.id"), figure("best_posts")
    )


def _first(outer, inner, order, most) -> SQL:
    """For each row of one side the first of the other, as (post, worker, wants_fen, day_fen)."""
    of_posts = outer.endswith(" p")
    if connection.vendor == "postgresql":
        side = SQL("w.id, w.day_fen" if of_posts else "p.id, p.day_fen")
        chosen = SQL("p.id, o.id, o.day_fen, p.day_fen" if of_posts else "o.id, w.id, w.day_fen, o.day_fen")
        return sql(
            "SELECT {chosen} FROM {outer} CROSS JOIN LATERAL "
            "(SELECT {side} FROM {inner} WHERE {fits} ORDER BY {order} LIMIT {most}) o",
            chosen=chosen, outer=outer, side=side, inner=inner, fits=FITS, order=order, most=most,
        )  # fmt: skip
    pair = SQL("json_array(w.id, w.day_fen) AS pair" if of_posts else "json_array(p.id, p.day_fen) AS pair")
    first, second = SQL("o.value ->> 0"), SQL("o.value ->> 1")
    chosen = (
        [SQL("p.id"), first, second, SQL("p.day_fen")]
        if of_posts
        else [first, SQL("w.id"), SQL("w.day_fen"), second]
    )
    return sql(
        "SELECT {chosen} FROM {outer}, json_each((SELECT json_group_array(json(pair)) FROM "
        "(SELECT {pair} FROM {inner} WHERE {fits} ORDER BY {order} LIMIT {most}))) o",
        chosen=chosen, outer=outer, pair=pair, inner=inner, fits=FITS, order=order, most=most,
    )  # fmt: skip


def _collect(pairs, *, for_post) -> None:
    _run(
        "INSERT INTO jobs_best ({columns}) SELECT found.*, {for_post}, {for_worker} FROM ({pairs}) found",
        columns=_COLUMNS,
        for_post=for_post,
        for_worker=1 - for_post,
        pairs=pairs,
    )


def _keep_the_best(*, of_worker=True) -> int:
    """One row a pair; how many. Of what was found for a worker in several trades and counties, the best ten."""
    _make("jobs_kept", _BEST, key=("post", "worker"))
    cut = sql(
        "SELECT {columns} FROM (SELECT {columns}, row_number() OVER "
        "(PARTITION BY worker ORDER BY day_fen DESC, post) AS place FROM jobs_best WHERE for_post = 0) found "
        "WHERE place <= {best}",
        columns=_COLUMNS,
        best=figure("best_posts"),
    )
    others = sql("SELECT {columns} FROM jobs_best WHERE for_post = 0", columns=_COLUMNS)
    return _run(
        "INSERT INTO jobs_kept ({columns}) SELECT post, worker, MIN(wants_fen), MIN(day_fen), MAX(for_post), "
        "MAX(for_worker) FROM (SELECT {columns} FROM jobs_best WHERE for_post = 1 UNION ALL {of_workers}) found "
        "GROUP BY post, worker",
        columns=_COLUMNS,
        of_workers=cut if of_worker else others,
    )


@transaction.atomic
def _replace() -> None:
    """Most pairs are those of yesterday, and are not written again."""
    _run(
        "DELETE FROM {match} WHERE NOT EXISTS (SELECT 1 FROM jobs_kept k WHERE k.post = {match}.post_id "
        "AND k.worker = {match}.worker_id AND k.wants_fen = {match}.wants_fen AND k.day_fen = {match}.day_fen "
        "AND (k.for_post = 1) = {match}.for_post AND (k.for_worker = 1) = {match}.for_worker)",
        match=JobMatch,
    )
    _insert_what_is_new()


def _insert_what_is_new() -> None:
    _run(
        "INSERT INTO {match} (post_id, worker_id, wants_fen, day_fen, for_post, for_worker) "
        "SELECT post, worker, wants_fen, day_fen, for_post = 1, for_worker = 1 FROM jobs_kept k WHERE NOT EXISTS "
        "(SELECT 1 FROM {match} m WHERE m.post_id = k.post AND m.worker_id = k.worker) ORDER BY post, worker",
        match=JobMatch,
    )


def _run(template, parameters: Iterable = (), **parts) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql(template, **parts), list(parameters))
        return cursor.rowcount
