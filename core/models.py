"""Rows that every room needs."""

import secrets
import time
from typing import NamedTuple

from django.conf import settings
from django.db import models, transaction


class _Uncommitted:
    """Stands among the calls that wait for a commit, for as long as a change is neither committed nor rolled back."""

    def __call__(self):
        forget_editions()


class _Remembered(NamedTuple):
    tokens: dict
    until: float
    during: _Uncommitted | None


_NOTHING = _Remembered({}, 0.0, None)


def forget_editions():
    """Read them anew when next asked for."""
    EditionQuerySet.remembered = _NOTHING


class EditionQuerySet(models.QuerySet):
    remembered = _NOTHING

    def bump(self, name):
        """Say that ``name`` has changed, in the caller's transaction."""
        self.update_or_create(name=name, defaults={"token": secrets.randbits(62)})
        forget_editions()
        transaction.on_commit(_Uncommitted())

    def current(self, name):
        """A number that is another after every change of ``name``; 0 before the first.

        Remembered in this process for settings.EDITION_SECONDS, so it costs nothing per request. What was read in the
        middle of a change is forgotten when that is rolled back.
        """
        tokens, until, during = EditionQuerySet.remembered
        waiting = transaction.get_connection().run_on_commit
        change = next((call for _, call, _ in reversed(waiting) if isinstance(call, _Uncommitted)), None)
        now = time.monotonic()
        if now >= until or during is not change:
            tokens = dict(self.values_list("name", "token"))
            EditionQuerySet.remembered = _Remembered(tokens, now + settings.EDITION_SECONDS, change)
        return tokens.get(name, 0)


class Edition(models.Model):
    """Says whether something kept in memory, the catalogue or the fact list, is still current."""

    name = models.CharField(max_length=40, primary_key=True)
    token = models.PositiveBigIntegerField(default=0)

    objects = EditionQuerySet.as_manager()

    def __str__(self):
        return f"{self.name} {self.token}"
