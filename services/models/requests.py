"""What somebody asked for: the columns that cases of services have besides."""

from django.db import models
from django.db.models import Q

from cases.models import Case

from .offerings import Offering, Slot


class ServiceCase(Case):
    """The cases of this room, whichever kind (services/kinds)."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "服务办件"
        default_permissions = ()


class Request(models.Model):
    """``said``: answers to the offering's questions, by their key; ``words``: the need itself. ``asker_key`` names
    whoever asks, the same for all of their requests. ``seat``: whether it holds a seat of the slot or waits for one,
    which follows the state; an offered seat is kept until ``offered_until``. ``until``: by when the owner is to
    supply what was asked for. ``topic``: what a need is about (needs/data/topics.yaml). ``same_as``: the request whose
    answer is this one's too. ``follows``: the case whose approval brought
    it about. ``ended_at``: when it was said to be solved, or taken for it; ``reminded_at``, ``checked_at``: when it was
    reminded of its slot, and asked whether it is really solved.
    """

    class Seat(models.TextChoices):
        HELD = "held", "占一个名额"
        QUEUED = "queued", "排队"
        NONE = "", "没有"

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="request")
    offering = models.ForeignKey(
        Offering, verbose_name="服务", on_delete=models.PROTECT, related_name="requests"
    )
    slot = models.ForeignKey(
        Slot, verbose_name="时间", null=True, on_delete=models.PROTECT, related_name="requests"
    )
    said = models.JSONField("填写的内容", default=dict)
    words = models.CharField("诉求", max_length=2_000, blank=True)
    topic = models.CharField("主题", max_length=40, blank=True)
    asker_key = models.CharField(max_length=24)
    seat = models.CharField(max_length=10, choices=Seat.choices, blank=True)
    offered_until = models.DateTimeField("名额留到", null=True)
    until = models.DateField("请在哪天前补充", null=True)
    same_as = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="alike")
    follows = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="followed_by")
    reopened = models.PositiveSmallIntegerField("重新办了几次", default=0)
    certificate = models.CharField("结业证编号", max_length=30, blank=True)
    ended_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "服务诉求"
        constraints = [
            models.UniqueConstraint(
                fields=["slot", "asker_key"], condition=~Q(seat=""), name="one_seat_in_a_slot_each"
            ),
            models.UniqueConstraint(fields=["offering", "follows"], name="followed_once_by_an_offering"),
            models.CheckConstraint(condition=Q(seat="") | Q(slot__isnull=False), name="a_seat_is_in_a_slot"),
        ]
        indexes = [
            models.Index(fields=["slot", "seat", "case"], name="queue_of_slot"),
            models.Index(fields=["offering", "asker_key"], name="requests_of_asker"),
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"
