"""Who has to answer a request: a bureau, several banks, or one after the other."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Department
from accounts.principals import is_program, sees_all
from businesses.models import Sharing
from core.models import VisibleQuerySet

from .offerings import MENTOR
from .requests import Request

User = settings.AUTH_USER_MODEL


class LegQuerySet(VisibleQuerySet):
    def open(self) -> Self:
        """Those that somebody has to answer."""
        return self.filter(state__in=Leg.OPEN)

    def of_receiver(self, principal) -> Self:
        """Those sent to the institution of ``principal``, or to themselves."""
        mine = Q(pk__in=[]) if is_program(principal) else Q(receiver_user=principal)
        if principal.department_id:
            mine |= Q(receiver=principal.department_id)
        return self.filter(mine).exclude(state=Leg.State.WAITING)

    def visible_to(self, principal) -> Self:
        """Staff who answer, and programs: what their institution was sent. A mentor: their own. The auditor: all."""
        if is_program(principal):
            return self.of_receiver(principal) if "legs:read" in principal.allowed_scopes else self.none()
        if not getattr(principal, "is_active", False):
            return self.none()
        if not principal.is_staff:
            return self.filter(receiver_user=principal).exclude(state=Leg.State.WAITING)
        if not principal.has_perm("services.view_leg"):
            return self.none()
        return self if sees_all(principal) else self.of_receiver(principal)


class Leg(models.Model):
    """What one receiver is asked, ``receiver`` (a department of any kind) or ``receiver_user``. ``position``: in
    which order; ``step``: of a checklist, which. ``sharing``: what of the shop's facts the owner lets them read,
    nothing where there is none. ``waits_since``: from when on the receiver owes something, which every act of theirs
    begins anew; ``rung``: how often it has been chased since (data/ladder.yaml); ``is_last``: it went to the service
    centre after somebody gave no answer, and after it nobody else is asked. ``terms``: what they offer, in words.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "还没轮到"
        SENT = "sent", "待接单"
        TAKEN = "taken", "已接单"
        DONE = "done", "已办成"
        NO_HELP = "no_help", "没办成"
        UNREACHABLE = "unreachable", "联系不上"
        NOT_FOR_ME = "not_for_me", "不归本单位"
        NO_ANSWER = "no_answer", "没有回音"
        DROPPED = "dropped", "不用办了"

    OPEN = (State.SENT, State.TAKEN)
    ENDED = (State.DONE, State.NO_HELP, State.UNREACHABLE, State.NOT_FOR_ME, State.NO_ANSWER, State.DROPPED)

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="legs")
    receiver = models.ForeignKey(
        Department, verbose_name="接单单位", null=True, on_delete=models.PROTECT, related_name="legs"
    )
    receiver_user = models.ForeignKey(
        User, verbose_name="接单人", null=True, on_delete=models.PROTECT, related_name="legs"
    )
    position = models.PositiveSmallIntegerField("第几个")
    step = models.CharField("步骤", max_length=40, blank=True)
    title = models.CharField("要办什么", max_length=80, blank=True)
    state = models.CharField("状态", max_length=20, choices=State.choices, default=State.SENT)
    reason = models.CharField("给店主的理由", max_length=1_000, blank=True)
    terms = models.CharField("给出的条件", max_length=1_000, blank=True)
    sharing = models.ForeignKey(Sharing, null=True, on_delete=models.PROTECT, related_name="legs")
    due_on = models.DateField("最迟", null=True)
    sent_at = models.DateTimeField("发出于", null=True)
    taken_at = models.DateTimeField("接单于", null=True)
    taken_by = models.ForeignKey(
        User, verbose_name="谁接的", null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField("办结于", null=True)
    accepted_at = models.DateTimeField("被店主选中于", null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    rung = models.PositiveSmallIntegerField("催办次数", default=0)
    rung_at = models.DateTimeField("催办于", null=True)
    waits_since = models.DateTimeField("从何时起等着", default=timezone.now)
    is_last = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    objects = LegQuerySet.as_manager()

    class Meta:
        ordering = ["request", "position"]
        verbose_name = verbose_name_plural = "接单"
        permissions = [("answer_leg", "接单、答复")]
        constraints = [
            models.UniqueConstraint(fields=["request", "position"], name="leg_in_its_place"),
            models.UniqueConstraint(
                fields=["request", "receiver", "step"],
                condition=Q(state__in=["waiting", "sent", "taken"]),
                name="one_open_leg_for_a_receiver",
            ),
            models.CheckConstraint(
                condition=Q(receiver__isnull=False, receiver_user__isnull=True)
                | Q(receiver__isnull=True, receiver_user__isnull=False),
                name="leg_has_one_receiver",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=["done", "no_help", "unreachable", "not_for_me", "no_answer", "dropped"]
                )
                | Q(closed_at__isnull=False),
                name="ended_leg_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["no_help", "not_for_me"]) | ~Q(reason=""),
                name="leg_without_help_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["receiver", "state", "sent_at"], name="legs_of_receiver"),
            models.Index(fields=["state", "rung", "waits_since"], name="legs_to_chase"),
        ]

    def __str__(self) -> str:
        return f"leg {self.pk}"

    @property
    def is_accepted(self) -> bool:
        """Whether the owner has taken what it offers."""
        return self.accepted_at is not None

    @property
    def receiver_name(self) -> str:
        """Who it was sent to, as owners read it."""
        return self.receiver.name if self.receiver_id else MENTOR
