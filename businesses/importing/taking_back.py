"""Undoing a run, chunk by chunk: newest changes first, then the shops and people it brought.

What the run's sources had said before is put back, unless the same source has spoken of the same shop since: in a
later import, by its program, or by a clerk who corrected the same fact.
Shops and people it brought are deleted, unless anything else leans on them by now. What is kept is reported.
"""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import bulk

from ..facts import SELF, STAFF
from ..models import (
    Business,
    BusinessRecord,
    Change,
    CreditRating,
    ImportIssue,
    ImportRun,
    Operator,
    OperatorRecord,
    RepairCase,
    TypeChange,
    TypeVerdict,
)
from ..register import Before, put_back
from ..signals import import_finished, shops_removed
from . import lease
from .runs import drop_file, forget_findings

CHUNK = 1_000
# Rows that the product itself derives from a shop's facts: no reason to keep it.
DERIVED_ROWS = {BusinessRecord, OperatorRecord, TypeVerdict, TypeChange, CreditRating, RepairCase, Change}


def take_back(run: ImportRun, *, tell=None) -> bool:
    """Undo the run from where an earlier worker stopped. False where somebody else is at it."""
    holder = lease.hold(run, "rolling_back")
    if holder is None:
        return False
    try:
        for step in (_changes, _shops, _people):
            while _one_chunk(run, holder, step):
                if tell:
                    tell(ImportRun.objects.get(pk=run.pk))
        with lease.beating(run, holder):
            import_finished.send(ImportRun, run=run)
        with transaction.atomic():
            row = lease.held(run, holder, "rolling_back")
            row.status, row.finished_at, row.holder = "rolled_back", timezone.now(), ""
            row.save(update_fields=["status", "finished_at", "holder"])
    except lease.Lost:
        return False
    finally:
        lease.release(run, holder)
    drop_file(run)
    return True


def _one_chunk(run, holder, step):
    """One transaction of one step; False where the step has come to its end."""
    with transaction.atomic():
        run = lease.held(run, holder, "rolling_back")
        if not run.checked["back"]:
            forget_findings(run)  # from here on they say what was kept
        back = {"restored": 0, "removed": 0, "kept": 0, **run.checked["back"]}
        going = step(run, back)
        run.checked = {**run.checked, "back": back}
        run.save(update_fields=["checked", "beat_at"])
    return going


def _changes(run, back) -> bool:
    rows = Change.objects.filter(run_id=run.pk).order_by("-pk")
    if "change" in back:
        rows = rows.filter(pk__lt=back["change"])
    rows = list(rows[:CHUNK])
    if not rows:
        return False
    back["change"] = rows[-1].pk
    shops = _restorable(run, rows, "business_id", Business, back)
    people = _restorable(run, rows, "operator_id", Operator, back)
    unbound = put_back(
        {pk: _before(changes, ("name", "address", "abnormal_reason")) for pk, changes in shops.items()},
        {pk: _before(changes, ("name",)) for pk, changes in people.items()},
        by=run.by,
    )
    _put_back_ratings(shops)
    RepairCase.objects.filter(run_id=run.pk, business__in=shops).delete()
    _report(run, Business, unbound, "unbound", "经营者恢复为导入前的人，后来的绑定和授权已解除", back, kept=0)
    back["restored"] += len(shops) + len(people)
    return True


def _restorable(run, rows, key, model, back):
    """``{id: its changes, newest first}`` of what was there before the run and no later import has spoken of."""
    found: dict[int, list] = {}
    for row in rows:
        if getattr(row, key) is not None:
            found.setdefault(getattr(row, key), []).append(row)
    own = model.objects.filter(pk__in=found, created_in=run.pk).values_list("pk", flat=True)
    for pk in own:  # deleted as a whole, or kept as a whole
        del found[pk]
    overtaken = _overtaken(run, rows[-1].pk, key, found)
    for pk in overtaken:
        del found[pk]
    _report(run, model, overtaken, "overtaken", "后来同一来源又说到它，没有撤回", back)
    return found


def _overtaken(run, since, key, found):
    """Which of ``found`` the sources that this run has put words into have spoken of since."""
    undone = ImportRun.objects.filter(status="rolled_back").values("pk")
    later = Change.objects.filter(pk__gt=since, **{f"{key}__in": found}).exclude(run_id=run.pk)
    later = later.filter(Q(run_id=None) | ~Q(run_id__in=undone))
    overtaken = set()
    for change in later.values_list("pk", key, "run_id", "source", "before", "facts", named=True):
        changes = found[getattr(change, key)]
        if change.pk > changes[0].pk and _speaks_again(change, changes):
            overtaken.add(getattr(change, key))
    return overtaken


def _speaks_again(later, changes) -> bool:
    """Whether a later change is the word of a source that ``changes`` of the run have replaced words of."""
    touched = {source for change in changes for source in change.before or {}}
    if later.run_id is not None:
        return not touched.isdisjoint(later.before or {})
    if later.source != STAFF:
        # Of a shop that goes back to whom it was taken from, the answers since are somebody else's.
        return later.source in touched and not (later.source == SELF and "operator" in touched)
    return not _corrected(later).isdisjoint(_corrections_touched(changes))


def _corrected(change) -> set:
    """The facts that stand by a correction after a change."""
    return {name for name, (_, _, _, source) in change.facts.items() if source == STAFF}


def _corrections_touched(changes) -> set:
    """The facts of which the run has stated corrections, or overtaken what staff had corrected."""
    return {
        name
        for change in changes
        for name, (_, was_from, _, is_from) in change.facts.items()
        if STAFF in (was_from, is_from)
    }


def _before(changes, names):
    """What stood before the earliest of these changes of one shop or person; ``changes`` are newest first."""
    before = Before({}, {})
    for change in changes:
        for name, value in (change.before or {}).items():
            if name == "operator":
                before.moved, before.operator_id = True, value
            elif name == "identity":
                before.unknown = True
            elif name != "credit":
                before.said[name] = value
        for name in names:
            if name in change.facts:
                was, _, became, _ = change.facts[name]
                newest = before.attributes.get(name, (None, became))[1]
                before.attributes[name] = (was, newest)
        before.corrected |= _corrected(change)
    return before


def _put_back_ratings(shops) -> None:
    earlier = [
        (pk, change.before["credit"])
        for pk, changes in shops.items()
        for change in changes
        if "credit" in (change.before or {})
    ]
    CreditRating.objects.filter(business__in=[pk for pk, rating in earlier if not rating]).delete()
    bulk.upsert(
        CreditRating,
        ("business_id", "rated", "on"),
        [(pk, rating["rated"], rating["on"]) for pk, rating in earlier if rating],
        key="business_id",
    )


def _shops(run, back):
    return _delete(run, Business, "business", back)


def _people(run, back):
    return _delete(run, Operator, "operator", back)


def _delete(run, model, name, back) -> bool:
    rows = model.objects.filter(created_in=run.pk, pk__gt=back.get(name, 0)).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:CHUNK])
    if not ids:
        return False
    back[name] = ids[-1]
    leaned_on = _leaned_on(run, model, name, ids)
    if model is Business:
        shops_removed.send(Business, shops=sorted(set(ids) - leaned_on))
    model.objects.filter(pk__in=set(ids) - leaned_on).delete()
    back["removed"] += len(ids) - len(leaned_on)
    _report(run, model, leaned_on, "leaned_on", "已有人绑定，或后来又有变化，保留下来", back)
    return True


def _leaned_on(run, model, name, ids):
    """Which of these anything refers to that the run did not write and the product did not derive."""
    changes = Change.objects.filter(**{f"{name}__in": ids}).exclude(run_id=run.pk)
    others = set(changes.values_list(f"{name}_id", flat=True))
    for relation in model._meta.related_objects:
        if relation.related_model not in DERIVED_ROWS:
            rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": ids})
            others |= set(rows.values_list(relation.field.attname, flat=True))
    return others


def _report(run, model, ids, code, detail, back, *, kept=1) -> None:
    """Say what was kept, or else ended with it; a shop by its code, a person without a number."""
    if not ids:
        return
    back["kept"] += kept * len(ids)
    if model is Business:
        names = Business.objects.filter(pk__in=ids).order_by("pk").values_list("credit_code", flat=True)
        what = [f"店铺 {code or ''}" for code in names]
    else:
        what = [f"经营者 {pk}" for pk in sorted(ids)]
    ImportIssue.objects.bulk_create(
        ImportIssue(run=run, row=0, line=0, code=code, detail=f"{subject}：{detail}") for subject in what
    )
