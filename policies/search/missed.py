"""Searches and questions that did not help, counted so that officers can add the words that people use.

Kept is what was typed, folded, and how often in a week. Not kept: who typed it, from where, at what hour; numbers by
which somebody could be known are cut out before anything else. After a year all of it goes.
"""

import re
import unicodedata
from contextlib import suppress
from datetime import date, timedelta

from django.db import OperationalError
from django.db.models import F
from django.utils import timezone

from core.limits import Limit, try_once

from ..models import MissedSearch
from .folding import squeezed

SHORTEST, LONGEST = 2, 20
KEPT = timedelta(days=366)
# A whole market stands behind one address; a program that fills the list by itself is stopped here.
FROM_AN_ADDRESS = Limit("missed-address", 60, 3600)
MOST_A_WEEK = 5_000  # different ones; those that are there go on being counted
_SPOKEN = "零〇○一二三四五六七八九幺两"
# Of phones, identities, accounts: six digits or more, in the groups people write them in, also as Chinese characters;
# codes of shops; mail addresses.
_OF_SOMEBODY = re.compile(
    r"[^\s@]+@[^\s@]+"
    r"|[0-9A-Za-z]*[0-9](?:[ \-‐-―_.·]*[0-9A-Za-z]){5,}"
    rf"|[{_SPOKEN}]{{6,}}"
)


def plain(typed: str) -> str:
    """What is kept of it: folded, without anybody's numbers; empty where that is too short or too long."""
    word = squeezed(_OF_SOMEBODY.sub(" ", unicodedata.normalize("NFKC", typed)))
    return word if SHORTEST <= len(word) <= LONGEST and not word.isdigit() else ""


def note(kind: str, typed: str, *, place: str, benefit: str = "", day: date | None = None) -> None:
    """Count it. ``place``: from where, only for the limit. ``benefit``: code of that which was answered with; its count
    is kept where the words are not. A list that cannot be written keeps nobody from their page."""
    word = plain(typed)
    if not word and not benefit:
        return
    day = day or timezone.localdate()
    week = day - timedelta(days=day.weekday())
    with suppress(OperationalError):
        if try_once(FROM_AN_ADDRESS, place).allowed:
            _count({"kind": kind, "word": word, "benefit": benefit, "week": week})


def _count(row) -> None:
    """Two at once count two: the row is made where it is missing, and counted by the database."""
    rows = MissedSearch.objects.filter(**row)
    if rows.update(count=F("count") + 1):
        return
    if MissedSearch.objects.filter(week=row["week"]).count() >= MOST_A_WEEK:
        return
    MissedSearch.objects.bulk_create([MissedSearch(**row)], ignore_conflicts=True)
    rows.update(count=F("count") + 1)


def forget(day: date | None = None) -> int:
    """What is older than a year goes; how many rows did."""
    gone, _ = MissedSearch.objects.filter(week__lt=(day or timezone.localdate()) - KEPT).delete()
    return gone
