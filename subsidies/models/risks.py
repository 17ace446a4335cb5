"""What has to be looked into before a case goes on: who else may be the same, and what has changed since."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from .application import Application

User = settings.AUTH_USER_MODEL


class RiskFlag(models.Model):
    """One thing about a case that a person has to look at. Found by subsidies/checks/risks.py, once by ``kind`` and
    ``other``.

    ``other``: what it is about besides, such as ``application 12`` or ``operator 5 account 9``; ``other_case``: the
    case there is to look at. ``stands``: whether it is still so. ``outcome``: what came of looking, by kind
    (risks.KINDS), with a note. ``confirmed_by``: the second person, where the kind wants one.
    """

    class Kind(models.TextChoices):
        ACCOUNT = "account", "同一账户"
        ADDRESS = "address", "同址"
        PERSON = "person", "同一个人"
        CHANGED = "changed", "提交后变了"

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="risks")
    kind = models.CharField("种类", max_length=10, choices=Kind.choices)
    other = models.CharField(max_length=60)
    other_case = models.ForeignKey(
        Application, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name="另一件"
    )
    stands = models.BooleanField("现在还是这样", default=True)
    found_at = models.DateTimeField("发现于", auto_now_add=True)
    outcome = models.CharField("结论", max_length=20, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    cleared_by = models.ForeignKey(
        User, verbose_name="核对人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    cleared_at = models.DateTimeField("核对于", null=True)
    confirmed_by = models.ForeignKey(
        User, verbose_name="复核人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField("复核于", null=True)

    class Meta:
        ordering = ["application", "kind", "other"]
        verbose_name = verbose_name_plural = "风险提示"
        constraints = [
            models.UniqueConstraint(fields=["application", "kind", "other"], name="risk_found_once"),
            models.CheckConstraint(
                condition=Q(cleared_at=None, cleared_by=None, outcome="")
                | Q(cleared_at__isnull=False, cleared_by__isnull=False) & ~Q(outcome="") & ~Q(note=""),
                name="risk_cleared_by_somebody_who_says_why",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None)
                | Q(cleared_by__isnull=False, confirmed_at__isnull=False)
                & ~Q(confirmed_by=models.F("cleared_by")),
                name="risk_confirmed_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.other}"

    @property
    def is_open(self) -> bool:
        return self.cleared_at is None
