"""Posts, cards and contacts as the API shows them. Of people there is the name they chose to show, never a phone."""

from datetime import date

from django.utils import timezone

from cases.actions import general
from cases.models import Case
from cases.pages.view import status_of
from core.money import yuan_of_json

from .. import posting
from ..facts import CERTIFICATES
from ..models import JobMatch, Post, Worker
from ..pairs import conditions
from ..pairs.requirements import sentences
from ..permissions import SHOP, may_agree, side_of
from .answers import ContactOut, ContactRow, MatchOut, PostOut, PostRow, ReasonOut, WorkerOut

AGREE = "agree"


def instant(moment):
    return moment and timezone.localtime(moment)


def _weekdays(mask: int) -> list[int]:
    return [place + 1 for place in range(7) if mask >> place & 1]


# Posts


def post_row(post: Post) -> PostRow:
    return PostRow.of_values(**_post(post))


def _post(post) -> dict:
    plain = ("title", "trade", "county", "place", "from_on", "until_on", "unit", "people", "state", "version")
    return {
        **{name: getattr(post, name) for name in plain},
        "id": str(post.public_id),
        "business": str(post.business.public_id),
        "shop": post.business.name,
        "pay": yuan_of_json(post.pay_fen),
        "day_pay": yuan_of_json(post.day_fen),
        "posted_at": instant(post.posted_at),
    }


def post_as_json(post: Post, is_own: bool) -> PostOut:
    plain = ("words", "hours", "pieces", "night", "meals", "lodging", "season", "requirements", "because")
    verbs = [verb for verb in posting.possible(post) if verb != "change"]  # which is a PUT
    return PostOut.of_values(
        **_post(post),
        **{name: getattr(post, name) for name in plain},
        days=_weekdays(post.days),
        asks=sentences(post.requirements, timezone.localdate()),
        verbs=verbs if is_own else [],
    )


def matches_as_json(post: Post, rows: list[JobMatch], contacts: dict) -> list[MatchOut]:
    """``contacts``: ids of those that are open, by worker."""
    today = timezone.localdate()
    return [
        MatchOut.of_values(
            worker=row.worker_id,
            name=row.worker.shown_name,
            reasons=reasons_as_json(post, row.worker, today),
            contact=contacts.get(row.worker_id),
        )
        for row in rows
    ]


def reasons_as_json(post: Post, worker: Worker, today: date) -> list[ReasonOut]:
    return [
        ReasonOut.of_values(key=reason.key, holds=reason.holds, sentence=reason.sentence)
        for reason in conditions.reasons(post, worker, today)
    ]


# Whoever looks for work


def worker_as_json(worker: Worker) -> WorkerOut:
    plain = (
        *("shown_name", "born_on", "trades", "counties", "from_on", "until_on", "hours", "experience"),
        *("has_tools", "needs_lodging", "only_season", "state", "looking_until", "version"),
    )
    held = worker.certificates_yes
    return WorkerOut.of_values(
        **{name: getattr(worker, name) for name in plain},
        days=_weekdays(worker.days),
        wants=yuan_of_json(worker.wants_fen),
        certificates=[choice.value for place, choice in enumerate(CERTIFICATES) if held >> place & 1],
    )


# Contacts


def contact_row(case: Case, principal) -> ContactRow:
    return ContactRow.of_values(**_contact(case, principal))


def _contact(case, principal) -> dict:
    plain, contact = ("number", "state", "phase", "version", "title"), case.contact
    return {
        **{name: getattr(case, name) for name in plain},
        "id": str(case.public_id),
        "post": str(contact.post.public_id),
        "business": str(case.business.public_id),
        "shop": case.business.name,
        "name": contact.worker.shown_name,
        "asked_by": contact.asked_by,
        "label": case.label_for(principal),
        "outcome": case.outcome or None,
        "until": contact.until,
        "submitted_at": instant(case.submitted_at),
        "decided_at": instant(case.decided_at),
    }


def contact_as_json(case: Case, principal) -> ContactOut:
    """The whole of one, with what ``principal`` can do now."""
    contact, today = case.contact, timezone.localdate()
    plain = ("words", "shop_agreed", "worker_agreed")
    return ContactOut.of_values(
        **_contact(case, principal),
        **{name: getattr(contact, name) for name in plain},
        sentence=status_of(case, today)["sentence"],
        reason=case.reason,
        reasons=reasons_as_json(contact.post, contact.worker, today),
        verbs=[
            {"verb": key, "name": verb.owner, "needs": list(verb.needs)}
            for key, verb in verbs_for(case, principal).items()
        ],
    )


def verbs_for(case: Case, principal) -> dict:
    """``{key: verb}`` of what ``principal`` may do now; nobody agrees by mandate, or twice."""
    found, contact = general.offered(principal, case, general.OWNER), case.contact
    has_agreed = contact.shop_agreed if side_of(principal, case) == SHOP else contact.worker_agreed
    if has_agreed or not may_agree(principal, case):
        found.pop(AGREE, None)
    return found
