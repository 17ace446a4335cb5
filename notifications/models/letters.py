"""What an operator is told of the progress of their own case, and a person of what waits for them."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.principals import is_program
from businesses.models import Business, Operator
from eligibility.models import bare_key

from .inbox import ToldQuerySet

User = settings.AUTH_USER_MODEL


class LetterQuerySet(ToldQuerySet):
    def to(self, user) -> Self:
        """Those told to a person and not to whoever stands behind a shop. ``user``: a User or an id."""
        return self.filter(user=user)

    def visible_to(self, principal) -> Self:
        """Besides what is about shops, what was told to the person themselves."""
        theirs = super().visible_to(principal)
        if is_program(principal) or not getattr(principal, "is_active", False) or principal.is_staff:
            return theirs
        # Both sides name ids and have an index: neither reads the whole table.
        return theirs | self.to(principal)


class Letter(models.Model):
    """办件进度: an inbox row whose words are written once, one per ``key``.

    It is told to an ``operator`` about a ``business``, or to a ``user`` who is asked for something as a person, a
    mentor. It is no push: consent, silences and monthly caps do not hold it back. ``rate_path``: where
    what was done may be rated, without signing in. ``sms``: the short message, empty where none is sent. ``urgent``:
    neither do quiet hours. ``needs_action``: something is wanted of the owner, and not yet done.
    """

    LABEL = "办件进度"

    key = models.CharField(max_length=120, unique=True)
    operator = bare_key(Operator, null=True)
    business = bare_key(Business, null=True)
    user = bare_key(User, null=True)
    title = models.CharField("标题", max_length=200)
    sentence = models.TextField("内容")
    action_label = models.CharField("按钮", max_length=40)
    action_path = models.CharField("去哪里", max_length=200)
    rate_path = models.CharField("去评价", max_length=200, blank=True)
    sms = models.CharField("短信", max_length=70, blank=True)
    urgent = models.BooleanField("紧急", default=False)
    needs_action = models.BooleanField("要您处理", default=False)
    created_at = models.DateTimeField("时间", default=timezone.now)
    opened_at = models.DateTimeField("打开于", null=True)
    acted_at = models.DateTimeField("去办于", null=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "办件进度"
        constraints = [
            models.CheckConstraint(
                condition=Q(operator__isnull=False, business__isnull=False, user=None)
                | Q(operator=None, business=None, user__isnull=False),
                name="letter_is_told_to_one",
            )
        ]
        indexes = [
            models.Index(fields=["operator", "-id"], name="letter_of_operator"),
            models.Index(fields=["user", "-id"], condition=Q(user__isnull=False), name="letter_of_user"),
        ]

    def __str__(self) -> str:
        return self.key
