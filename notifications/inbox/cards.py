"""What somebody finds in their inbox: one card for each benefit, with its words, and whether what it said still holds,
and one for each letter about a case of their own.

The newest message on a benefit stands for it; older ones are under it. What somebody does not want to hear of again is
left out. Reading takes the same number of queries however many cards there are.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from heapq import merge
from itertools import groupby
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from businesses.models import Business
from core.prepared import prepared
from policies.catalogue import Catalogue, catalogue

from ..models import Change, Letter, Notification, OptOut
from ..models.inbox import Reader, reader
from ..truth import decisions_on, holds, nothing_can_be_had
from ..wording import of_many

TONES = {
    Change.NEW: "ok",
    Change.SOON: "soon",
    Change.AMOUNT: "ok",
    Change.ENDED: "no",
    Change.REMINDER: "may",
}
PAGE = 20
MOST_COUNTED = 99
MOST_OLDER = 10
# How a program reads what changed.
KINDS = {
    Change.NEW: "new",
    Change.SOON: "soon",
    Change.AMOUNT: "amount",
    Change.ENDED: "ended",
    Change.REMINDER: "reminder",
}


@dataclass
class Card:
    """One benefit in the inbox: its newest message, and those before it; or one letter.

    ``note``: what has become of it since, empty where it still holds. ``shop``: its name where there are several.
    ``is_mine``: it is for the reader and not for somebody they act for; only then is it read or not.
    """

    id: int
    url: str
    title: str
    sentence: str
    kind_label: str
    tone: str
    at: object
    shop: str
    is_mine: bool
    is_unread: bool
    amount_text: str = ""
    note: str = ""
    older: list = field(default_factory=list)
    is_letter: bool = False
    needs_action: bool = False

    @property
    def day(self) -> date:
        return timezone.localtime(self.at).date()


@dataclass
class Page:
    """Cards by day, newest first: ``[(day, [Card, …])]``. ``next``: where the page after it begins, or None."""

    days: list
    next: str | None

    @property
    def cards(self) -> list:
        return [card for _, cards in self.days for card in cards]


class Place(NamedTuple):
    """In the inbox: the ids of the last message and the last letter on the pages before; 0 where there was none."""

    message: int = 0
    letter: int = 0

    @classmethod
    def read(cls, text: str) -> "Place":
        """Raises ValueError."""
        if not re.fullmatch("[0-9]{1,18}-[0-9]{1,18}", text, re.ASCII):
            raise ValueError(text)
        return cls(*map(int, text.split("-")))

    def after(self, shown) -> str:
        """The place after the rows ``shown`` from here on."""
        letters = [row.pk for row in shown if isinstance(row, Letter)]
        messages = [row.pk for row in shown if not isinstance(row, Letter)]
        return f"{[self.message, *messages][-1]}-{[self.letter, *letters][-1]}"


def heads(rows):
    """Of ``rows`` the newest on each benefit of each person, without what the person does not want to hear of."""
    newer = rows.filter(operator=OuterRef("operator"), benefit=OuterRef("benefit"), pk__gt=OuterRef("pk"))
    unwanted = OptOut.objects.filter(operator=OuterRef("operator"), benefit=OuterRef("benefit"), kind=None)
    unwanted = unwanted.filter(ended_at=None)
    return rows.filter(~Exists(newer), ~Exists(unwanted))


def unread_count(user) -> int:
    """How many benefits have news, and letters there are, that the person has not opened; no further than
    MOST_COUNTED + 1."""
    return len(_unread(user.pk))


@prepared
def _unread(user):
    of_shops, own = Letter.objects.for_person(user), Letter.objects.to(user)
    news = heads(Notification.objects.for_person(user)), of_shops, own
    benefits, *letters = (rows.filter(opened_at=None).order_by().values_list("pk") for rows in news)
    return benefits.union(*letters, all=True)[: MOST_COUNTED + 1]


def unread_of(request) -> int:
    """The same for whoever is signed in; asked once for a request. Staff have no inbox."""
    if not hasattr(request, "unread_messages"):
        user = getattr(request, "user", None)
        has_inbox = user is not None and user.is_authenticated and not user.is_staff
        request.unread_messages = unread_count(user) if has_inbox else 0
    return request.unread_messages


def page_of(user, *, unread=False, before: str | None = None, size=PAGE) -> Page:
    """A page of the inbox of ``user``, the newest first; ``before``: ``next`` of the page before. Raises ValueError."""
    if not user.is_active or user.is_staff:
        return Page([], None)
    place, told = Place.read(before) if before is not None else Place(), reader(user)
    messages = _messages(size + 1, unread=unread)(*told, place.message or END)
    letters = _letters(size + 1, unread=unread)(*told, user.pk, place.letter or END)
    rows_from_here = list(merge(messages, letters, key=lambda row: row.created_at, reverse=True))[: size + 1]
    shown = rows_from_here[:size]
    cards = _cards(shown, Notification.objects.told_to(told), told.mine)
    days = [(day, list(group)) for day, group in groupby(cards, key=lambda card: card.day)]
    return Page(days, place.after(shown) if len(rows_from_here) > size else None)


END = 2**62  # an id beyond that of every row


@lru_cache
def _messages(most: int, *, unread: bool) -> Callable[..., list[Notification]]:
    """Those that a reader is shown, by ids, the newest first, below an id."""

    @prepared
    def rows(mine, people, shops, before):
        heading = heads(Notification.objects.told_to(Reader(mine, people, shops)))
        if unread:
            heading = heading.filter(operator__in=mine, opened_at=None)
        return heading.filter(pk__lt=before).order_by("-pk")[:most]

    return rows


@lru_cache
def _letters(most: int, *, unread: bool) -> Callable[..., list[Letter]]:
    """The same; ``user``: an id, of somebody who is told as a person."""

    @prepared
    def rows(mine, people, shops, user, before):
        letters = Letter.objects.told_to(Reader(mine, people, shops)) | Letter.objects.to(user)
        if unread:
            letters = letters.filter(Q(operator__in=mine) | Q(user=user), opened_at=None)
        return letters.filter(pk__lt=before).order_by("-pk")[:most]

    return rows


def newest(user, count: int) -> list[Card]:
    """The newest cards, for a page about something else."""
    return page_of(user, size=count).cards


def _older_of(rows, shown):
    """``{(operator, benefit): [Notification, …]}`` of those under the cards, newest first."""
    people, benefits = {row.operator_id for row in shown}, {row.benefit_id for row in shown}
    newest_of = {(row.operator_id, row.benefit_id): row.pk for row in shown}
    older = {}
    for row in rows.filter(operator__in=people, benefit__in=benefits).order_by("-pk"):
        key = row.operator_id, row.benefit_id
        under = older.setdefault(key, [])
        if row.pk < newest_of.get(key, 0) and len(under) < MOST_OLDER:
            under.append(row)
    return older


def _cards(shown, rows, mine) -> list:
    """Of messages, which are among ``rows``, and letters, in the order given."""
    messages, names = [row for row in shown if not isinstance(row, Letter)], _names(shown)
    cards = iter(_message_cards(messages, _older_of(rows, messages), mine, names))
    return [_letter_card(row, mine, names) if isinstance(row, Letter) else next(cards) for row in shown]


def _letter_card(row, mine, names):
    is_mine = row.user_id is not None or row.operator_id in mine
    return Card(
        id=row.pk,
        url=reverse("inbox-letter", args=[row.pk]),
        title=row.title,
        sentence=row.sentence,
        kind_label=Letter.LABEL,
        tone="soon",
        at=row.created_at,
        shop=names.get(row.business_id, ""),
        is_mine=is_mine,
        is_unread=is_mine and row.opened_at is None,
        is_letter=True,
        needs_action=row.needs_action,
    )


def _message_cards(shown, older, mine, names) -> list:
    every = [*shown, *(row for rows in older.values() for row in rows)]
    matches = decisions_on(every)
    words, notes = of_many(every, matches=matches), standing_of(shown, matches)
    return [
        Card(
            id=row.pk,
            url=reverse("inbox-message", args=[row.pk]),
            title=words[row.pk].title,
            sentence=words[row.pk].sentence,
            amount_text=_apart(words[row.pk]),
            kind_label=row.get_kind_display(),
            tone=TONES[row.kind],
            at=row.created_at,
            shop=names.get(row.business_id, ""),
            is_mine=row.operator_id in mine,
            is_unread=row.operator_id in mine and row.opened_at is None,
            note=notes[row.pk],
            older=[
                {
                    "id": before.pk,
                    "kind_label": before.get_kind_display(),
                    "sentence": words[before.pk].sentence,
                    "day": timezone.localtime(before.created_at).date(),
                }
                for before in older.get((row.operator_id, row.benefit_id), ())
            ],
        )
        for row in shown
    ]


def _apart(words):
    """The amount where the sentence does not say it already."""
    return "" if words.amount_text in words.sentence else words.amount_text


def _names(shown):
    """``{shop: name}`` where the page is about several shops, else nothing: the reader has only one."""
    shops = {row.business_id for row in shown} - {None}
    names = dict(Business.objects.filter(pk__in=shops).values_list("pk", "name")) if len(shops) > 1 else {}
    return names if len(names) > 1 else {}


# Whether a message still holds


WITHDRAWN = "政策已撤回"
SUSPENDED = "政策已暂停或废止"
CHANGED = "有变化，点开看现在的情况"
OVER = "日子已经过了"


def standing_of(notifications, matches) -> dict[int, str]:
    """``{id: what has become of it}``, empty where what a message said still holds by ``matches`` (decisions_on)."""
    known, today = catalogue(), timezone.localdate()
    by_id = {benefit.pk: benefit for benefit in known.benefits.values()}
    return {
        row.pk: taken_back(known, by_id.get(row.benefit_id), today)
        or _outdated(row, matches.get((row.benefit_id, row.business_id)), today)
        for row in notifications
    }


def taken_back(known: Catalogue, benefit, today) -> str:
    """Why nothing can be had of a benefit whoever asks, or empty."""
    if not nothing_can_be_had(known, benefit, today):
        return ""
    return WITHDRAWN if benefit is None or benefit.in_force_on(today) is None else SUSPENDED


def _outdated(row, match, today):
    if row.kind == Change.REMINDER and row.day < today:
        return OVER
    return "" if holds(row.kind, match.state if match else None) else CHANGED
