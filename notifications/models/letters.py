"""What an operator is told of the progress of their own case."""

from django.db import models
from django.utils import timezone

from businesses.models import Business, Operator
from eligibility.models import bare_key

from .inbox import ToldQuerySet


class Letter(models.Model):
    """办件进度: an inbox row whose words are written once, one per ``key``.

    It is no push: consent, silences and monthly caps do not hold it back. ``sms``: the short message, empty where none
    is sent. ``urgent``: neither do quiet hours. ``needs_action``: something is wanted of the owner, and not yet done.
    """

    LABEL = "办件进度"

    key = models.CharField(max_length=120, unique=True)
    operator = bare_key(Operator)
    business = bare_key(Business)
    title = models.CharField("标题", max_length=200)
    sentence = models.TextField("内容")
    action_label = models.CharField("按钮", max_length=40)
    action_path = models.CharField("去哪里", max_length=200)
    sms = models.CharField("短信", max_length=70, blank=True)
    urgent = models.BooleanField("紧急", default=False)
    needs_action = models.BooleanField("要您处理", default=False)
    created_at = models.DateTimeField("时间", default=timezone.now)
    opened_at = models.DateTimeField("打开于", null=True)
    acted_at = models.DateTimeField("去办于", null=True)

    objects = ToldQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "办件进度"
        indexes = [models.Index(fields=["operator", "-id"], name="letter_of_operator")]

    def __str__(self) -> str:
        return self.key
