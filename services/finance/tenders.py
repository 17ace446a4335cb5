"""Asking several institutions: what the owner lets each of them see, whom they ask next, whose offer they take.

What an owner agrees to and the request it is for are written in one transaction. Without agreement an institution is
sent the words, and sees nothing of the shop.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from businesses import sharing
from businesses.models import Business, Sharing
from businesses.sharing import Line
from cases import letters
from cases.actions import general
from cases.models import Case
from cases.procedure import OPEN
from cases.rights.recusal import has_interest
from cases.transitions import CHANGED_SINCE, locked, move, require
from core.data_files import read_yaml
from core.errors import Refused

from .. import legs
from ..asking import Ask, ask_or_find, asker_key
from ..models import Leg, Offering, ServiceCase
from ..permissions import may_answer, own_leg
from .institutions import Institution, chosen, institutions_of

PATH = Path(__file__).parents[1] / "data" / "finance.yaml"
PASS_ON, ACCEPT, SHARE, TAKE = "pass_on", "accept", "share", "take"
State = Leg.State
READABLE = (State.SENT, State.TAKEN, State.DONE)
Agreed = Mapping[int, str]  # {id of a department: digest of the words that were agreed to}


@cache
def settings() -> dict:
    """``{sharing: {days, uses, keep_days}, follow_ups: [{procedure, benefit, outcome, ask}]}``."""
    return read_yaml(PATH)


# What is agreed to


@dataclass(frozen=True)
class Notice:
    """What an owner is asked to agree to for one institution: the words whole, and what it would read."""

    receiver: object
    lines: list[Line]
    words: str
    until: date
    uses: int
    keep_days: int

    @property
    def digest(self) -> str:
        return sharing.digest_of(self.words)


def notice_for(business: Business, one: Institution) -> Notice | None:
    """None where an institution reads nothing but the words."""
    if not one.offering.shares:
        return None
    terms, lines = terms_of(one.offering), sharing.preview(business, one.offering.shares)
    words = sharing.words_of(business, one.department, lines, **terms)
    more = {name: terms[name] for name in ("until", "uses", "keep_days")}
    return Notice(one.department, lines, words, **more)


def terms_of(offering: Offering) -> dict:
    """``{purpose, until, uses, keep_days}`` of what is shared for an offering."""
    usual = settings()["sharing"]
    until = timezone.localdate() + timedelta(days=usual["days"])
    purpose = f"办理“{offering.title}”"
    return {"purpose": purpose, "until": until, "uses": usual["uses"], "keep_days": usual["keep_days"]}


def _give(business, institutions, agreed: Agreed, *, by, is_fresh) -> dict[int, Sharing]:
    """By the id of the department, for each of which the owner has agreed."""
    return {
        one.pk: sharing.give(
            business,
            one.department,
            one.offering.shares,
            **terms_of(one.offering),
            by=by,
            is_fresh=is_fresh,
            seen=agreed[one.pk],
        )
        for one in institutions
        if one.pk in agreed and one.offering.shares
    }


# The owner's verbs


def standing_tender(offering: Offering, business: Business) -> Case | None:
    """What was asked for already, of the same benefit, and is not over."""
    rows = ServiceCase.objects.filter(procedure=offering.kind, request__asker_key=asker_key(business))
    return rows.filter(benefit=offering.benefit_id, standing=True).first()


@transaction.atomic
def ask_institutions(
    offering: Offering,
    business: Business,
    asked: Ask,
    receivers: Iterable[int],
    agreed: Agreed,
    *,
    by=None,
    is_fresh=False,
    client=None,
) -> tuple[Case, bool]:
    """Ask institutions (ids of departments), and let those in ``agreed`` read what was shown: the case, and whether it
    is new. Raises as ``asking.ask``, and as ``sharing.give``; then nothing is kept."""
    Business.objects.select_for_update(of=("self",)).get(
        pk=business.pk
    )  # of two at once the second finds the first's
    standing = standing_tender(offering, business)
    if standing is not None:
        return standing, False
    several = chosen(institutions_of(offering, business), receivers)
    shared = _give(business, several, agreed, by=by, is_fresh=is_fresh)
    full = Ask(
        **{**vars(asked), "receivers": tuple(one.department for one in several), "sharings": shared},
    )
    return ask_or_find(offering, business, full, by=by, client=client)


def next_institutions(case: Case) -> list[Institution]:
    """Those that can be asked and have not been."""
    asked = set(case.request.legs.values_list("receiver", flat=True))
    return [
        one
        for one in institutions_of(case.request.offering, case.business)
        if one.pk not in asked and one.may_be_asked
    ]


@transaction.atomic
def pass_on(
    case: Case,
    receivers: Iterable[int],
    agreed: Agreed,
    *,
    by=None,
    client=None,
    is_fresh=False,
    expected_version=None,
) -> Case:
    """Ask others besides, each with an agreement of its own or with the words alone."""
    row = locked(case, expected_version)
    require(row, PASS_ON, by=by, client=client)
    several = chosen(next_institutions(row), receivers)
    shared = _give(row.business, several, agreed, by=by, is_fresh=is_fresh)
    legs.send(row, [one.department for one in several], sharings=shared)
    names = "、".join(one.department.name for one in several)
    move(row, PASS_ON, by=by, client=client, note=names[:500])
    return row


@transaction.atomic
def accept(case: Case, leg: Leg, *, by, expected_version=None) -> Case:
    """Take what one institution offers; the others need not go on."""
    row = locked(case, expected_version)
    require(row, ACCEPT, by=by)
    offered = row.request.legs.select_related("receiver").filter(pk=leg.pk, state=State.DONE).first()
    if offered is None:
        raise Refused("这家机构还没有给出条件，不能选。请刷新页面看最新情况。")
    legs.accept(offered)
    move(row, ACCEPT, by=by, note=offered.receiver_name, decided_at=timezone.now())
    return row


def institution_of(leg: Leg) -> Institution | None:
    """By which offering somebody was asked, None where they offer it no longer."""
    rows = institutions_of(leg.request.offering, leg.request.case.business)
    return next((one for one in rows if one.pk == leg.receiver_id), None)


def waits_for_consent(leg: Leg) -> bool:
    """Whether whoever was asked works with the words alone, and might read more. Looks at the request's offering."""
    can_read = leg.state in READABLE and bool(leg.request.offering.shares)
    return can_read and (leg.sharing is None or bool(sharing.ended_because(leg.sharing)))


@transaction.atomic
def share(case: Case, leg: Leg, agreed: str, *, by, is_fresh=False, expected_version=None) -> Case:
    """Let an institution that was asked before read what was shown, anew or for the first time."""
    row = locked(case, expected_version)
    require(row, SHARE, by=by)
    asked = row.request.legs.filter(pk=leg.pk, state__in=READABLE).first()
    one = asked and institution_of(asked)
    if not one:
        raise Refused("这家机构不再看这一件了，不用授权。请刷新页面看最新情况。")
    if asked.sharing_id:
        sharing.end_all(pk=asked.sharing_id)
    given = _give(row.business, [one], {one.pk: agreed}, by=by, is_fresh=is_fresh)
    Leg.objects.filter(pk=asked.pk).update(sharing=given[one.pk])
    letters.settle(changed_key(asked))
    move(row, SHARE, row.state, by=by, note=one.department.name)
    return row


# The institution's


def may_read(user, leg: Leg) -> bool:
    """Whether there is something that ``user`` may look at for their work on this leg."""
    return _is_for(user, leg) and _is_readable(leg) and not sharing.ended_because(leg.sharing)


def _is_for(user, leg) -> bool:
    mine = leg.sharing_id and leg.receiver_id == user.department_id
    return bool(mine) and may_answer(user) and not has_interest(user, leg.request.case)


def _is_readable(leg) -> bool:
    """While it is worked on; afterwards by whom the owner has chosen."""
    is_open = Case.objects.filter(pk=leg.request_id, phase=OPEN).exists()
    return leg.state in READABLE and (leg.is_accepted or is_open)


def read_shared(leg: Leg, *, by) -> list[Line]:
    """What the owner lets the institution read, which counts as one use. Refused where it has ended; where something
    has changed the owner is told as well, and can agree anew."""
    if not _is_for(by, leg):
        raise PermissionDenied
    if not _is_readable(leg):
        raise Refused("这一件已经结束，不能再看。", code="ended")
    try:
        return sharing.read(leg.sharing, by=by)
    except Refused as refusal:
        if refusal.code == "changed":
            letters.tell(leg.request.case, "sharing_changed", leg=leg)
        raise


def changed_key(leg: Leg) -> str:
    """By which the owner is told that something has changed."""
    return f"sharing {leg.sharing_id} changed"


@transaction.atomic
def answer(
    leg: Leg, verb: str, typed: Mapping, *, by=None, client=None, expected_version: int | None = None
) -> Case:
    """Do ``verb`` of the procedure as whoever was asked, or their program. ``expected_version``: of the leg, since
    others who were asked change the case meanwhile, of which nobody learns here. PermissionDenied for anybody else's
    leg."""
    case = locked(leg.request.case)
    row = Leg.objects.select_related("taken_by").get(pk=leg.pk)
    if row.state in Leg.ENDED:
        raise Refused("这一单已经办结了。请刷新页面看最新情况。")
    if own_leg(by or client, case) != row:
        raise PermissionDenied
    if verb == TAKE and row.state == State.TAKEN:
        who = row.taken_by.shown_name if row.taken_by else "本单位的程序"
        raise Refused(f"{who} 已经接了这一单。", code="taken")
    if expected_version not in (None, row.version):
        raise Refused(CHANGED_SINCE)
    return general.do(case, verb, typed, by=by, client=client)
