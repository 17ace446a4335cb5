"""Four eyes means every part: who has judged a file, asked for a correction, sent it back or looked into a risk does
not decide on it and does not pay it, and who has decided does not review it.

A part is written down where what was done is written down (audit.record), so that no verb can forget it.
"""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from .enums import TO_APPROVE, Verb
from .models import Application, Part

Kind = Part.Kind
# What was done, by the word of the audit entry, and which part it is.
PARTS = {
    **dict.fromkeys((Verb.ACCEPT, Verb.REQUEST_CORRECTION, Verb.RECOMMEND, Verb.SEND_BACK), Kind.REVIEW),
    **dict.fromkeys(("save_verdicts", "clear_risk", "check_instalment", "refuse_instalment"), Kind.REVIEW),
    **dict.fromkeys((Verb.APPROVE, "confirm_risk"), Kind.DECIDE),
}


def kind_of(verb: str, before: str) -> str | None:
    """Which part somebody of the bureau has had who did ``verb`` in the state ``before``; None for none."""
    if verb == Verb.REFUSE:
        return Kind.DECIDE if before in TO_APPROVE else Kind.REVIEW
    return PARTS.get(verb)


def write(application: Application, user, kind: str):
    """``user`` has had this part; doing more of it changes nothing."""
    Part.objects.bulk_create([Part(application=application, user=user, kind=kind)], ignore_conflicts=True)


def had_by(user, application: Application) -> set[str]:
    """The kinds of part that ``user`` has had in a case, and ``undone`` where a decision of theirs was."""
    rows = Part.objects.filter(application=application, user=user).values_list("kind", "undone_at")
    return {word for kind, undone_at in rows for word in (kind, undone_at and "undone") if word}


def undo(application: Application):
    """A decision is undone after an appeal: whoever had a part in it neither reviews nor decides again."""
    application.parts.filter(undone_at=None).update(undone_at=timezone.now())


def of(user, *kinds, path="pk", **which):
    """Whether ``user`` has had a part in the application that ``path`` leads to, as a condition on rows."""
    rows = Part.objects.filter(application=OuterRef(path), user=user, **which)
    return Exists(rows.filter(kind__in=kinds) if kinds else rows)
