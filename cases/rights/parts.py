"""Four eyes means every part: who has judged a file, asked for a correction, sent it back or looked into a risk does
not decide on it and does not pay it, and who has decided does not review it.

A part is written down where what was done is written down (audit.record), so that no verb can forget it.
"""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from ..models import Case, Part


def kind_of(case: Case, verb: str, before: str) -> str | None:
    """Which part somebody of the bureau has had who did ``verb`` in the state ``before``; None for none."""
    known = case.life.verbs.get(verb)
    return known.part_after(before) if known else case.life.parts.get(verb)


def write(case: Case, user, kind: str) -> None:
    """``user`` has had this part; doing more of it changes nothing."""
    Part.objects.bulk_create([Part(case=case, user=user, kind=kind)], ignore_conflicts=True)


def had_by(user, case: Case) -> set[str]:
    """The kinds of part that ``user`` has had in a case, and ``undone`` where a decision of theirs was."""
    rows = Part.objects.filter(case=case, user=user).values_list("kind", "undone_at")
    return {word for kind, undone_at in rows for word in (kind, undone_at and "undone") if word}


def undo(case: Case) -> None:
    """A decision is undone after an appeal: whoever had a part in it neither reviews nor decides again."""
    case.parts.filter(undone_at=None).update(undone_at=timezone.now())


def of(user, *kinds, path="pk", **which) -> Exists:
    """Whether ``user`` has had a part in the case that ``path`` leads to, as a condition on rows."""
    rows = Part.objects.filter(case=OuterRef(path), user=user, **which)
    return Exists(rows.filter(kind__in=kinds) if kinds else rows)
