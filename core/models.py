"""Rows that every room needs."""

import secrets
import time

from django.db import models, router, transaction

SECONDS_REMEMBERED = 1.0
_remembered: dict[str, tuple] = {}


class _Uncommitted:
    """Stands among the calls that wait for a commit, for as long as a change is neither committed nor rolled back."""

    def __call__(self):
        _remembered.clear()


class EditionQuerySet(models.QuerySet):
    def bump(self, name):
        """Say that ``name`` has changed, in the caller's transaction."""
        self.update_or_create(name=name, defaults={"token": secrets.randbits(62)})
        _remembered.pop(name, None)
        transaction.on_commit(_Uncommitted(), using=router.db_for_write(self.model))

    def current(self, name):
        """A number that is another after every change of ``name``; 0 before the first.

        Remembered for a second in this process, so it costs nothing per request. What was read in the middle of a
        change is forgotten when that is rolled back.
        """
        now, change = time.monotonic(), self._change_under_way()
        token, until, read_during = _remembered.get(name, (0, 0.0, None))
        if now >= until or read_during is not change:
            token = self.filter(name=name).values_list("token", flat=True).first() or 0
            _remembered[name] = token, now + SECONDS_REMEMBERED, change
        return token

    def _change_under_way(self):
        waiting = transaction.get_connection(router.db_for_write(self.model)).run_on_commit
        return next((call for _, call, _ in reversed(waiting) if isinstance(call, _Uncommitted)), None)


class Edition(models.Model):
    """Says whether something kept in memory, the catalogue or the fact list, is still current."""

    name = models.CharField(max_length=40, primary_key=True)
    token = models.PositiveBigIntegerField(default=0)

    objects = EditionQuerySet.as_manager()

    def __str__(self):
        return f"{self.name} {self.token}"
