"""What the room of a procedure adds to an owner's list and page of its cases."""

from datetime import date
from typing import NamedTuple

from django.db.models import Q
from django.urls import reverse

from ..actions import general
from ..models import Case


class Button(NamedTuple):
    """What the owner can do on the page. ``look``: a class of its own, empty for the one that stands out. ``posts``:
    it is done at once; else ``url`` is a page that asks for more."""

    label: str
    url: str
    look: str = "alt"
    posts: bool = False


class Panels:
    """Each room's own, made known by ``register``. By default nothing is added.

    ``joined``: the rows of its own, one of each, that lists and pages read with a case; ``prefetch``: those of which
    there are several. ``template``: what the page shows of it between where it stands and the thread;
    ``receipt_template``: its receipt; ``has_receipt``: whether there is one, for what the owner has handed in.
    """

    joined: tuple = ()
    prefetch: tuple = ()
    template = ""
    receipt_template = "cases/receipt.html"
    has_receipt = True

    def waits(self) -> Q:
        """Cases that wait for their owner though their state does not say so, as a condition."""
        return Q(pk__in=[])

    def waits_for_asker(self) -> Q:
        """Of cases that a person asks for themselves at a shop, those that wait for that person, as a condition."""
        return Q(pk__in=[])

    def count_offers(self, user) -> int:
        """How much waits for ``user`` of which no case has been made yet."""
        return 0

    def offers(self, user) -> list[dict]:
        """Cards of these."""
        return []

    def draft_page(self, case: Case) -> str:
        """Where a draft is filled in."""
        return reverse("cases")

    def group(self, case: Case, today: date) -> str:
        """Where it stands in the list, if not where its phase says: mine or running."""
        return ""

    def todo(self, case: Case, today: date) -> dict | None:
        """What the owner is to do, as a button: ``{label, url, posts}``."""
        return None

    def buttons(self, case: Case, user) -> list[Button]:
        """What ``user`` can do to it now."""
        offered = general.offered(user, case, general.OWNER)
        return [
            Button(verb.owner, reverse("case-do", args=[case.public_id, key]))
            for key, verb in offered.items()
        ]

    def amount(self, case: Case) -> str:
        """What it comes to, in words; empty where nothing is to be had."""
        return ""

    def steps(self, case: Case, today: date) -> list[dict] | None:
        """The whole timeline where it is not that of something applied for (timeline.py)."""
        return None

    def answers(self, case: Case) -> list[dict] | None:
        """What was said with it, ``[{label, value}]``, where these are no facts of the register."""
        return None

    def last_steps(self, case: Case) -> list[dict]:
        """The steps of the timeline after the decision."""
        return []

    def parts(self, case: Case, user, today: date) -> dict:
        """What the page says besides: ``{instalments, criteria, may_withdraw, must}``; ``must``: what ``user`` has to
        do before it goes on, as ``todo`` says it."""
        return {}

    def receipt(self, case: Case) -> dict:
        """What its receipt says besides."""
        return {}


PANELS: dict[str, Panels] = {}


def register(procedure: str, panels: Panels) -> None:
    """Make them known, in ``ready`` of the room."""
    PANELS[procedure] = panels


def joined() -> list[str]:
    """What any of them reads with a case."""
    return list(dict.fromkeys(name for panels in PANELS.values() for name in panels.joined))


def panels_of(case: Case) -> Panels:
    return PANELS.get(case.procedure) or Panels()
