"""What the two sides say to each other about a case."""

from django.conf import settings
from django.db import models

from .case import Case
from .remedies import OfCases

User = settings.AUTH_USER_MODEL
LONGEST = 2_000


class Message(models.Model):
    """One line of the thread of a case; never changed. ``side`` is whose it is: owners see which office speaks, never
    who. ``files``: ids of the pieces of evidence that came with it, which are files of the case as well.
    """

    class Side(models.TextChoices):
        OWNER = "owner", "店主"
        OFFICE = "office", "承办单位"
        SYSTEM = "system", "系统"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    side = models.CharField("哪一方", max_length=10, choices=Side.choices)
    office = models.CharField("哪个单位", max_length=80, blank=True)
    words = models.CharField("内容", max_length=LONGEST)
    files = models.JSONField("附件", default=list)
    at = models.DateTimeField("时间", auto_now_add=True)

    objects = OfCases.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "往来"

    def __str__(self) -> str:
        return f"{self.case_id} {self.side}"
