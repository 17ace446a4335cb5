"""Rows that every room needs."""

import secrets
import threading
import time
from typing import NamedTuple, Self

from django.conf import settings
from django.db import models, transaction


class _Uncommitted:
    """Stands among the calls that wait for a commit, for as long as a change is neither committed nor rolled back."""

    def __call__(self) -> None:
        forget_editions()


class _Remembered(NamedTuple):
    tokens: dict
    until: float
    during: _Uncommitted | None


_guard = threading.Lock()


def forget_editions() -> None:
    """Read them anew when next asked for. What another thread has read before, it does not remember after this."""
    with _guard:
        EditionManager.remembered = _Remembered({}, 0.0, None)


class EditionManager(models.Manager):
    """No QuerySet: every request asks it, and nearly always without a query."""

    remembered = _Remembered({}, 0.0, None)

    def bump(self, name) -> None:
        """Say that ``name`` has changed, in the caller's transaction."""
        row = self.model(name=name, token=secrets.randbits(62))
        self.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=["token"])
        forget_editions()
        transaction.on_commit(_Uncommitted())

    def current(self, name) -> int:
        """A number that is another after every change of ``name``; 0 before the first.

        Remembered in this process for settings.EDITION_SECONDS, so it costs nothing per request. What was read in the
        middle of a change is forgotten when that is rolled back.
        """
        before = EditionManager.remembered
        tokens, until, during = before
        waiting = transaction.get_connection().run_on_commit
        change = next((call for _, call, _ in reversed(waiting) if isinstance(call, _Uncommitted)), None)
        now = time.monotonic()
        if now >= until or during is not change:
            tokens = dict(self.values_list("name", "token"))
            with _guard:
                if EditionManager.remembered is before:
                    EditionManager.remembered = _Remembered(tokens, now + settings.EDITION_SECONDS, change)
        return tokens.get(name, 0)


class Edition(models.Model):
    """Says whether something kept in memory, the catalogue or the fact list, is still current."""

    name = models.CharField(max_length=40, primary_key=True)
    token = models.PositiveBigIntegerField(default=0)

    objects = EditionManager()

    def __str__(self) -> str:
        return f"{self.name} {self.token}"


class Attempts(models.Model):
    """Tries counted by core/limits.py. ``bucket`` names the limit and whom it counts, as a keyed hash."""

    bucket = models.CharField(max_length=80, primary_key=True)
    starts = models.BigIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        db_table = "core_attempts"

    def __str__(self) -> str:
        return self.bucket


UNREADABLE = "unreadable messages"  # in the queue (core/broker.py)


class TallyQuerySet(models.QuerySet):
    def add(self, name, count=1) -> None:
        with transaction.atomic():
            row, _ = self.select_for_update().get_or_create(name=name)
            self.filter(pk=row.pk).update(count=models.F("count") + count)

    def of(self, name) -> int:
        return self.filter(name=name).values_list("count", flat=True).first() or 0


class Tally(models.Model):
    """How often something has happened that leaves no row of its own, for those who watch the portal."""

    name = models.CharField(max_length=40, primary_key=True)
    count = models.PositiveBigIntegerField(default=0)

    objects = TallyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} {self.count}"


class Reckoning(models.Model):
    """What was reckoned once for every reader, because it takes longer than a page may. ``day``: as of when."""

    name = models.CharField(max_length=40, primary_key=True)
    day = models.DateField()
    content = models.JSONField()

    def __str__(self) -> str:
        return f"{self.name} {self.day}"


class KeyCanary(models.Model):
    """A known text under each key that the data need (core/canary.py): with other keys it does not open."""

    name = models.CharField(max_length=40, primary_key=True)
    text = models.TextField()

    def __str__(self) -> str:
        return self.name


class DevelopmentMessage(models.Model):
    """A text message that was shown on the console instead of being sent. Written only where DEBUG is on."""

    at = models.DateTimeField(auto_now_add=True)
    channel = models.CharField(max_length=10)
    to = models.CharField(max_length=40)
    text = models.TextField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.channel


WORKDAYS_EDITION = "workdays"


class CalendarDay(models.Model):
    """调休: what the city says of one day against the calendar of public holidays (core/workdays.py)."""

    day = models.DateField("日期", primary_key=True)
    is_workday = models.BooleanField("上班")
    note = models.CharField("说明", max_length=80, blank=True)

    class Meta:
        ordering = ["-day"]
        verbose_name = verbose_name_plural = "工作日调整"

    def __str__(self) -> str:
        return f"{self.day} {'上班' if self.is_workday else '放假'}"

    @transaction.atomic
    def save(self, *args, **kwargs) -> None:
        super().save(*args, **kwargs)
        Edition.objects.bump(WORKDAYS_EDITION)

    @transaction.atomic
    def delete(self, *args, **kwargs) -> tuple:
        found = super().delete(*args, **kwargs)
        Edition.objects.bump(WORKDAYS_EDITION)
        return found


class IdempotencyKey(models.Model):
    """What an Idempotency-Key stands for: who sent it where with which body, and what was answered
    (core/idempotency.py)."""

    principal = models.CharField(max_length=60)
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    body_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    content = models.BinaryField(null=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["principal", "route", "key"], name="idempotency_key_once")
        ]

    def __str__(self) -> str:
        return self.key


class VisibleQuerySet(models.QuerySet):
    """Rows somebody may see. Views, API and admin reach rows only through ``visible_to``."""

    def visible_to(self, principal) -> Self:
        """``principal``: a User, an ApiClient, or AnonymousUser. Nothing, unless the model says otherwise."""
        return self.none()


def as_admin_sees(queryset, user) -> models.QuerySet:
    """``queryset`` cut to what ``user`` may see, where its model knows about that."""
    return queryset.visible_to(user) if hasattr(queryset, "visible_to") else queryset
