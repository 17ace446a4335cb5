"""Rows that every room needs."""

import time

from django.db import models, transaction


class EditionQuerySet(models.QuerySet):
    def bump(self, name):
        """Count one change of ``name``, in the caller's transaction."""
        row, _ = self.get_or_create(name=name)
        self.filter(pk=row.pk).update(number=models.F("number") + 1)
        _remembered.pop(name, None)
        transaction.on_commit(lambda: _remembered.pop(name, None))

    def current(self, name):
        """How often ``name`` has changed. Remembered for a second in this process, so it costs nothing per request."""
        now = time.monotonic()
        number, until = _remembered.get(name, (0, 0.0))
        if now >= until:
            number = self.filter(name=name).values_list("number", flat=True).first() or 0
            _remembered[name] = number, now + SECONDS_REMEMBERED
        return number


SECONDS_REMEMBERED = 1.0
_remembered: dict[str, tuple[int, float]] = {}


class Edition(models.Model):
    """A counter that says whether something kept in memory, the catalogue or the fact list, is still current."""

    name = models.CharField(max_length=40, primary_key=True)
    number = models.PositiveBigIntegerField(default=0)

    objects = EditionQuerySet.as_manager()

    def __str__(self):
        return f"{self.name} {self.number}"
