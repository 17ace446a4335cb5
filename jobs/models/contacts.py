"""Two who may work together: the columns that cases of the labour market have besides."""

from typing import Self

from django.db import models
from django.db.models import Q

from cases.models import Case
from core.models import VisibleQuerySet

from .posts import Post
from .workers import Worker


class ContactCase(Case):
    """The cases of this room. ``asker`` is the worker, ``business`` the shop that has the work."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "用工对接"
        default_permissions = ()


class ContactQuerySet(VisibleQuerySet):
    def open(self) -> Self:
        return self.filter(is_open=True)

    def visible_to(self, principal) -> Self:
        return self.filter(case__in=ContactCase.objects.visible_to(principal).values("pk"))


class Contact(models.Model):
    """``asked_by``: which side began. ``is_open``: both may still come together, which follows the state. ``until``: by
    when an answer is wanted. ``shop_agreed``, ``worker_agreed``: who has said that it is settled."""

    class Side(models.TextChoices):
        SHOP = "shop", "店"
        WORKER = "worker", "找活的人"

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="contact")
    post = models.ForeignKey(Post, verbose_name="招工", on_delete=models.PROTECT, related_name="contacts")
    worker = models.ForeignKey(
        Worker, verbose_name="找活的人", on_delete=models.PROTECT, related_name="contacts"
    )
    asked_by = models.CharField("谁先问", max_length=10, choices=Side.choices)
    words = models.CharField("附言", max_length=200, blank=True)
    is_open = models.BooleanField(default=True)
    until = models.DateField("最晚答复")
    shop_agreed = models.BooleanField("店里说定了", default=False)
    worker_agreed = models.BooleanField("本人说定了", default=False)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "用工对接"
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["post", "worker"], condition=Q(is_open=True), name="one_open_contact_of_two"
            )
        ]
        indexes = [models.Index(fields=["is_open", "until"], name="contacts_by_last_day")]

    def __str__(self) -> str:
        return f"contact {self.pk}"
