"""The work on a run, chunk by chunk: looking a file over without writing, or taking it in.

A chunk is one transaction: its rows in the register, what is wrong with them, the keys met and how far the run is.
So a worker may be killed at any moment, and the next one goes on behind the last chunk.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from core import bulk
from core.background import ringing_at_the_end
from core.db_contention import passes
from core.errors import Refused

from ..identifiers import identity_index
from ..models import Business, Change, ImportedKey, ImportIssue, ImportRun
from ..register import take_in
from ..registry import business_registry
from ..signals import import_finished
from . import files, lease, taking_back
from .mapping import ATTRIBUTES, CREATING
from .rows import Problem, ReadRow, RowReader
from .runs import drop_file, forget_findings

CHUNK = 2_000
# A deadlock or a busy file passes; what comes a fourth time does not.
MOST_RETRIES = 3
COUNTERS = ("created", "updated", "unchanged", "wrong")


def go_on(run_id: int) -> None:
    """Do what the run's status asks for, if nobody is at it. Harmless to call twice."""
    run = ImportRun.objects.filter(pk=run_id).first()
    task = {"checking": check, "applying": work, "rolling_back": taking_back.take_back}.get(
        run.status if run else ""
    )
    if task:
        task(run)


def check(run: ImportRun, *, tell: Callable | None = None) -> bool:
    """Look the whole file over and count what would become of its rows; nothing is taken in.

    ``tell`` is called with the run after each chunk. False where somebody else has the run or stopped it.
    """
    holder = lease.hold(run, "checking")
    if holder is None:
        return False
    ImportRun.objects.filter(pk=run.pk).update(row=0, **dict.fromkeys(COUNTERS, 0))
    forget_findings(run)
    return _through_the_file(run, holder, "checking", _finish_check, tell)


def work(run: ImportRun, *, tell: Callable | None = None) -> bool:
    """Take the file in from where the run stands. False where somebody else has the run or stopped it."""
    holder = lease.hold(run, "applying")
    if holder is None:
        return False
    return _through_the_file(run, holder, "applying", _finish, tell)


@bulk.many_short_lived_objects()
@ringing_at_the_end()
def _through_the_file(run, holder, status, finish, tell) -> bool:
    try:
        run.refresh_from_db()
        for rows in _chunks(run, holder):
            run = _try(partial(_one_chunk, run, holder, status, rows))
            if tell:
                tell(run)
        finish(run, holder)
    except lease.Lost:
        return False
    except Refused as problem:
        _stop(run, holder, status, str(problem))
        return False
    finally:
        lease.release(run, holder)
    return True


def _chunks(run, holder) -> Iterator[list[ReadRow]]:
    path, form = Path(run.path), files.Form(*run.checked["form"])
    if not run.path or not path.exists():
        raise Refused("存下的文件不见了。请重新上传。")
    headings = run.checked["headings"]
    reader = RowReader(
        run.source_id, headings, run.columns, run.as_of, business_registry(), timezone.localdate()
    )
    table = files.read_table(path, form, len(headings), after=run.row)
    with lease.beating(run, holder):  # millions of rows may have to be passed over
        first = list(islice(table, 1))
    for rows in bulk.chunks(chain(first, table), CHUNK):
        yield [reader.read(row) for row in rows]


def _try(act):
    for tried in range(MOST_RETRIES + 1):
        try:
            return act()
        except OperationalError as problem:
            if tried == MOST_RETRIES or not passes(problem):
                raise
        except IntegrityError:  # another import was faster with the same shop or person, which is known now
            if tried:
                raise


def _one_chunk(run, holder, status, rows):
    with transaction.atomic():
        run = lease.held(run, holder, status)
        outcome = _take(run, rows, write=status == "applying")
        for name in COUNTERS:
            setattr(run, name, getattr(run, name) + outcome[name])
        run.row = rows[-1].number
        run.save(update_fields=["row", "beat_at", *COUNTERS])
    return run


def _take(run, rows, *, write) -> dict:
    """Rows into the register, or into thin air; ``{counter: rows}``."""
    problems = [problem for row in rows for problem in row.problems]
    good = [row for row in rows if not row.is_wrong]
    good = _first_of_each_key(run, good, problems)
    good = _of_the_right_people(run, good, problems)
    ratings = _drop_known_ratings(run, good)
    taken = take_in(
        [arrival for row in good for arrival in row.arrivals],
        on=run.as_of,
        by=run.by,
        run_id=run.pk if write else None,
        may_create=run.source_id in CREATING,
        write=write,
    )
    strangers = set(taken.strangers)
    problems += [_stranger(row) for row in good if row.number in strangers]
    doubtful = set(taken.doubtful)
    problems += [_doubtful(row) for row in good if row.number in doubtful]
    ratings = {number: rating for number, rating in ratings.items() if number not in doubtful}
    if write:
        _remember_ratings(run, ratings)
    _write_findings(run, good, problems)
    created, updated = set(taken.created), set(taken.updated) | ratings.keys()
    updated -= created | strangers | doubtful
    wrong = {problem.number for problem in problems if problem.grave}
    return {
        "created": len(created),
        "updated": len(updated),
        "unchanged": len({row.number for row in rows} - wrong - created - updated),
        "wrong": len(wrong),
    }


def _first_of_each_key(run, rows, problems):
    keys = [row.key for row in rows]
    met = dict(ImportedKey.objects.filter(run=run, key__in=keys).values_list("key", "row"))
    kept = []
    for row in rows:
        if row.key in met:
            detail = f"和第 {met[row.key]} 行数据说的是同一个，按先出现的那一行"
            problems.append(Problem(row.number, row.line, "", "repeated", detail))
        else:
            met[row.key] = row.number
            kept.append(row)
    return kept


def _of_the_right_people(run, rows, problems):
    """Where a bureau other than the registry names shop and person, the two have to be together in the register.

    Only the registry says who stands behind a shop, so the person's number is then left out.
    """
    both = [row for row in rows if row.arrivals[0].credit_code and row.arrivals[0].identity]
    if run.source_id in CREATING or not both:
        return rows
    codes = [row.arrivals[0].credit_code for row in both]
    behind = dict(
        Business.objects.filter(credit_code__in=codes).values_list("credit_code", "operator__identity_index")
    )
    others = set()
    for row in both:
        arrival = row.arrivals[0]
        known = behind.get(arrival.credit_code)
        if known and known != identity_index(arrival.identity):
            others.add(row.number)
            detail = "登记册里这家店的经营者不是这个身份证号，请核对是谁的店"
            problems.append(Problem(row.number, row.line, "", "other_operator", detail))
        arrival.identity = None
    return [row for row in rows if row.number not in others]


def _drop_known_ratings(run, rows):
    """Ratings that stand already, or are older than what stands, are no news; of the rest ``{row: what stood}``."""
    rated = [(row, arrival) for row in rows for arrival in row.arrivals if arrival.rated]
    if not rated:
        return {}
    codes = [arrival.credit_code for _, arrival in rated]
    standing = {
        code: (pk, rated, on and on.isoformat())
        for code, pk, rated, on in Business.objects.filter(credit_code__in=codes).values_list(
            "credit_code", "pk", "credit_rating__rated", "credit_rating__on"
        )
    }
    news = {}
    for row, arrival in rated:
        _, before, on = standing.get(arrival.credit_code, (None, None, None))
        day = arrival.day_of("credit_class", run.as_of.isoformat())
        if before and (day < on or (before, on) == (arrival.rated, day)):
            arrival.rated = None
        elif arrival.credit_code in standing or run.source_id in CREATING:
            news[row.number] = standing.get(arrival.credit_code)
    return news


def _remember_ratings(run, ratings) -> None:
    """What stood before, so that it can be put back. No fact has changed, and no page shows it."""
    Change.objects.bulk_create(
        Change(
            business_id=pk,
            source=run.source_id,
            by=run.by,
            run_id=run.pk,
            before={"credit": {"rated": rated, "on": on} if rated else None},
        )
        for pk, rated, on in filter(None, ratings.values())
    )


def _stranger(row):
    if row.arrivals[0].credit_code:
        detail = "登记册里没有这家店。请核对代码，或等登记数据先导入"
    else:
        detail = "登记册里没有这个人的店。请核对身份证号，或等登记数据先导入"
    return Problem(row.number, row.line, "", "not_in_register", detail)


def _doubtful(row):
    detail = "登记的经营者变了，请补上新经营者的身份证号"
    return Problem(row.number, row.line, ATTRIBUTES["identity_number"], "operator_changed", detail)


def _write_findings(run, good, problems) -> None:
    bulk.insert(ImportedKey, ("run_id", "key", "row"), ((run.pk, row.key, row.number) for row in good))
    bulk.insert(
        ImportIssue,
        ("run_id", "row", "line", "column", "code", "detail"),
        (
            (run.pk, row.number, row.line, row.column[:80], row.code, row.detail[:300])
            for row in sorted(problems, key=lambda row: row.number)
        ),
    )


def _finish_check(run, holder) -> None:
    with transaction.atomic():
        run = lease.held(run, holder, "checking")
        run.status, run.rows, run.holder = "checked", run.row, ""
        run.checked = {**run.checked, "mark": holder[-12:], "tries": {}}
        run.save(update_fields=["status", "rows", "holder", "checked"])


def _finish(run, holder) -> None:
    """Tell the rooms first: a worker killed in between tells them again, and hearing it twice is harmless."""
    with transaction.atomic():
        run = lease.held(run, holder, "applying")
        run.rows = run.row
        run.save(update_fields=["rows", "beat_at"])
    with lease.beating(run, holder):
        import_finished.send(ImportRun, run=run)
    with transaction.atomic():
        run = lease.held(run, holder, "applying")
        run.status, run.finished_at, run.holder = "done", timezone.now(), ""
        run.save(update_fields=["status", "finished_at", "holder"])
        ImportedKey.objects.filter(run=run)._raw_delete(using="default")
    drop_file(run)


def _stop(run, holder, status, problem) -> None:
    """The file turned out unreadable. What is in stays, and can be taken back; a dry run leaves nothing."""
    with transaction.atomic():
        try:
            run = lease.held(run, holder, status)
        except lease.Lost:
            return
        run.problem = problem[:300]
        run.status = "paused" if status == "applying" and run.row else "failed"
        run.finished_at = timezone.now() if run.status == "failed" else None
        run.save(update_fields=["problem", "status", "finished_at"])
        if run.status == "failed":
            forget_findings(run)
    if run.status == "failed":
        drop_file(run)
