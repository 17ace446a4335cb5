"""A case as its owner reads it, as plain data: where it stands, what was decided, what is to be mended, its history.

Offices are named, never people. What stands here of days is what the bureau sees too.
"""

from datetime import date

from eligibility.pages import desks
from policies.catalogue import catalogue

from ..actions import rating
from ..actions.appealing import APPEAL, unmet_for_appeal
from ..letters import rating_path
from ..models import AuditEntry, Case, Message, Rating
from ..procedure import REFUSED
from ..terms import terms_of
from ..transitions import BEGIN, is_movable
from ..wording import due_words, marked
from .form_view import file_of, judged_rows, label_of, said_lines, said_text

# Where it stands


def status_of(case: Case, today: date, *, waits: bool = False) -> dict:
    """``{sentence, tone, label}``: the one sentence above everything else. Looks at prefetched rows. ``waits``: for
    whoever reads it."""
    stage = case.stage
    return {
        "sentence": _headline(case, today, waits),
        "tone": stage.tone(case) if callable(stage.tone) else stage.tone,
        "label": stage.owner,
    }


def _headline(case, today, waits) -> str:
    words = (waits and case.stage.yours) or case.stage.sentence
    if callable(words):
        return words(case, today)
    return words.format(due=due_words(case, today), department=case.department.name, reason=case.reason)


# What was decided


def decision_of(case: Case, today: date) -> dict | None:
    """Why it was refused, criterion by criterion, and what can be done about it; None where it was not."""
    if case.outcome != REFUSED:
        return None
    terms = terms_of(case.benefit_version)
    failed = [
        {**row, "result": "fail", "changeable": False}
        for row in judged_rows(case.judged)
        if row["id"] in case.failed
    ]
    here = APPEAL in case.life.verbs
    return {
        "reason": case.reason,
        "failed": failed,
        "until": case.remedy_until,
        "may_appeal": here and is_movable(case, APPEAL) and not unmet_for_appeal(case, today),
        "remedies": [
            *(["在这里申诉，由没有参与过的人重新看。"] if here else []),
            f"知道决定后 {terms.appeal_days} 日内{marked(terms, 'appeal_days')}申请行政复议。",
            f"知道决定后 {terms.litigation_months} 个月内{marked(terms, 'litigation_months')}到法院起诉。",
        ],
    }


MOST_PARTS = 2


def parts_shown(instalments) -> tuple[list, list]:
    """Of the parts of a grant those two at which it stands, and the others."""
    rows = list(instalments)
    paid = sum(row["is_paid"] for row in rows)
    first = max(min(paid - 1, len(rows) - MOST_PARTS), 0)
    return rows[first : first + MOST_PARTS], rows[:first] + rows[first + MOST_PARTS :]


def desks_of(case: Case) -> dict:
    """Where to go with it, of the department that has it."""
    benefit = catalogue().by_id.get(case.benefit_id)
    every = benefit.desks if benefit else ()
    own = [desk for desk in every if desk.department_id == case.department_id]
    return {**desks.shown(own, case.district), "missing": ()}  # what is not known is said on the guide


# Ratings


def ratings_of(case: Case) -> dict:
    """``{due, levels, given}``: the newest step that may be rated now, and those that were."""
    rows = list(case.ratings.order_by("pk"))
    due = [row for row in rows if row.level is None]
    return {
        "due": _rating(due[-1]) if due else None,
        "levels": [{"value": value, "label": label} for value, label in Rating.LEVELS],
        "given": [_rating(row) for row in rows if row.level is not None],
    }


def _rating(row) -> dict:
    return {
        "stage": rating.stage_text(row),
        "url": rating_path(row),
        "level": row.get_level_display() or "",
        "again": rating.may_rate_again(row),
    }


# Corrections, files, history


def defects_of(correction, files: dict) -> list[dict]:
    """``[{pk, kind, name, anchor, label, reason, sample, before, after, is_done}]``. ``files``: {evidence id: file}.

    ``before`` and ``after`` are text of a fact, and lists of files of a material.
    """
    return [
        {
            "pk": row.pk,
            "kind": row.kind,
            "name": row.name,
            "anchor": f"defect-{row.pk}",
            "label": label_of(row.name) if row.kind == "fact" else row.name,
            "reason": row.reason,
            "sample": row.sample,
            "before": _said(row, row.before, files),
            "after": _said(row, row.after, files) if row.resolved_at else None,
            "is_done": row.resolved_at is not None,
        }
        for row in correction.defects.all()
    ]


def _said(row, value, files) -> object:
    if row.kind == "fact":
        return said_text(row.name, value)
    return [files[key] for key in value or () if key in files]


def files_of(case: Case) -> tuple[list[dict], dict]:
    """The files in use by material, and all by their id, replaced ones included: ``([{name, files}], {id: file})``."""
    materials, every = {}, {}
    for use in case.files.select_related("evidence"):
        file = every[str(use.evidence.public_id)] = file_of(use.evidence)
        if use.removed_at is None:
            materials.setdefault(use.material, []).append(file)
    return [{"name": name, "files": files} for name, files in materials.items()], every


def answers_of(case: Case) -> list[dict]:
    """What the owner has said for this case: ``[{label, value}]``."""
    return said_lines(case.answers)


def history_of(case: Case, user) -> list[dict]:
    """What was done, the latest first: ``[{at, who, what}]``. The rows belong to a case that ``user`` may see."""
    done = {BEGIN: case.life.begun} | {key: verb.done for key, verb in case.life.verbs.items()}
    rows = AuditEntry.objects.filter(case=case.pk, verb__in=list(done)).order_by("-sequence")
    return [{"at": row.at, "who": _who(row, case, user), "what": done[row.verb]} for row in rows]


def thread_of(case: Case, files: dict) -> list[dict]:
    """What the two sides have said, the first first: ``[{who, is_own, words, files, at}]``. ``files``: by their id."""
    return [
        {
            "who": row.office or ("您" if row.side == Message.Side.OWNER else row.get_side_display()),
            "is_own": row.side == Message.Side.OWNER,
            "words": row.words,
            "files": [files[key] for key in row.files if key in files],
            "at": row.at,
        }
        for row in case.messages.all()
    ]


def _who(row, case, user) -> str:
    verb = case.life.verbs.get(row.verb)
    if verb is not None and not verb.owner:
        return case.department.name if row.actor or verb.staff else "系统"
    if row.actor == user.pk:
        return "您"
    if row.client:
        return "代办的程序"
    return "系统" if row.actor is None else "店主或代办人"
