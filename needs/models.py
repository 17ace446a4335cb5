"""Answers that everybody may read, and the word pairs by which a like need finds them."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.procedure import OPEN
from core.models import VisibleQuerySet
from policies.models import Benefit
from services.models.legs import Leg
from services.models.requests import Request

User = settings.AUTH_USER_MODEL


class AnswerQuerySet(VisibleQuerySet):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False, withdrawn_at=None)

    def answered(self) -> Self:
        """Those that say something; the others are needs that several have."""
        return self.exclude(answer="")

    def shared_needs(self) -> Self:
        """Needs whose answer is still to come: whoever has the same waits for it too."""
        waits = Q(request__case__phase=OPEN, request__same_as=None, request__legs__state__in=Leg.OPEN)
        return self.filter(waits, answer="").distinct()

    def visible_to(self, principal) -> Self:
        """Staff who may publish: all of them. Anybody else: what is published."""
        if getattr(principal, "is_staff", False) and principal.has_perm("needs.view_answer"):
            return self
        return self.published()


class Answer(models.Model):
    """A need and its answer, written anew without a word that tells whose it was. Whoever prepares it does not publish
    it. Without an answer it is a need that several have, and ``request`` is the one whose answer all of them wait for.
    """

    question = models.CharField("问题", max_length=500)
    answer = models.TextField("答复", max_length=2_000, blank=True)
    topic = models.CharField("主题", max_length=40, blank=True)
    benefit = models.ForeignKey(
        Benefit, verbose_name="事项", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    request = models.ForeignKey(
        Request, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="answers"
    )
    office = models.CharField("答复单位", max_length=80, blank=True)
    helped = models.PositiveIntegerField("说“就是这个”的人数", default=0, editable=False)
    prepared_by = models.ForeignKey(
        User, verbose_name="起草人", null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    published_by = models.ForeignKey(
        User, verbose_name="公开人", null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    prepared_at = models.DateTimeField("起草于", auto_now_add=True)
    published_at = models.DateTimeField("公开于", null=True, editable=False)
    withdrawn_at = models.DateTimeField("撤下于", null=True, editable=False)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-id"]
        verbose_name = verbose_name_plural = "答复公开"
        permissions = [("publish_answer", "公开答复")]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_by=None) | Q(prepared_by=None) | ~Q(published_by=F("prepared_by")),
                name="answer_published_by_another",
                violation_error_message="公开要由起草人以外的人来办。",
            )
        ]

    def __str__(self) -> str:
        return self.question[:30]


class Gram(models.Model):
    """Two characters that follow each other in a published question, or in the words of an open request. ``size``: how
    many different ones there are in it."""

    gram = models.CharField(max_length=2)
    answer = models.ForeignKey(Answer, null=True, on_delete=models.CASCADE, related_name="grams")
    request = models.ForeignKey(Request, null=True, on_delete=models.CASCADE, related_name="grams")
    size = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            # The size stands in it so that counting looks at this index and at no row.
            models.UniqueConstraint(fields=["gram", "answer", "size"], name="gram_of_answer_once"),
            models.UniqueConstraint(fields=["gram", "request", "size"], name="gram_of_request_once"),
            models.CheckConstraint(
                condition=Q(answer__isnull=False, request__isnull=True)
                | Q(answer__isnull=True, request__isnull=False),
                name="gram_is_of_one",
            ),
        ]

    def __str__(self) -> str:
        return self.gram
