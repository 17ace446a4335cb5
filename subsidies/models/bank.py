"""What a bank said about a batch, as its file was taken in: worked off row by row, and kept with what came of it."""

from django.db import models
from django.utils import timezone

from accounts.models import User

from .money import PaymentBatch


class BankAnswer(models.Model):
    """One file. ``rows``: as ``bank_file.Answer``; ``outcomes``: as ``settling.Outcome``, of the first ``done`` rows.

    ``held_until``: while somebody works on it, nobody else begins.
    """

    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="answers")
    rows = models.JSONField(default=list)
    outcomes = models.JSONField(default=list)
    count = models.PositiveIntegerField("行数")
    done = models.PositiveIntegerField("已办", default=0)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("导入于", default=timezone.now)
    held_until = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField("办完于", null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "银行结果"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done__lte=models.F("count")), name="answer_is_done_row_by_row"
            )
        ]

    def __str__(self) -> str:
        return f"{self.batch} 第 {self.pk} 份结果"
