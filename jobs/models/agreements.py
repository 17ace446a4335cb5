"""What two who talk put on paper."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models import Case
from core.models import VisibleQuerySet

from .contacts import Contact

User = settings.AUTH_USER_MODEL


class AgreementQuerySet(VisibleQuerySet):
    def visible_to(self, principal) -> Self:
        return self.filter(contact__in=Contact.objects.visible_to(principal))


class Agreement(models.Model):
    """A contract between the two of a contact. ``answers``: what the post does not say (data/contracts), as JSON;
    ``text``: the clauses as the first of the two confirmed them, ``[{key, heading, lines, plain, law, doubt}]``, empty
    while nobody has. Whoever changes something takes both confirmations back and makes another ``version``. ``filed``:
    the request to have it looked at. Only contracts/agreeing.py writes here."""

    class Form(models.TextChoices):
        LABOUR = "labour", "劳动合同"
        GIG = "gig", "零工协议"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    contact = models.OneToOneField(
        Contact, verbose_name="用工对接", on_delete=models.CASCADE, related_name="agreement"
    )
    form = models.CharField("哪一种", max_length=10, choices=Form.choices)
    answers = models.JSONField("两边填的", default=dict)
    text = models.JSONField("确认的条款", default=list)
    confirmed_by_shop = models.ForeignKey(
        User, verbose_name="店里谁确认", null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_by_shop_at = models.DateTimeField("店里确认于", null=True)
    confirmed_by_worker = models.ForeignKey(
        User, verbose_name="干活的人确认", null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_by_worker_at = models.DateTimeField("本人确认于", null=True)
    filed = models.OneToOneField(
        Case, verbose_name="审核备案", null=True, on_delete=models.PROTECT, related_name="agreement"
    )
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField("改于", auto_now=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "合同"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by_shop=None, confirmed_by_shop_at=None)
                | Q(confirmed_by_shop__isnull=False, confirmed_by_shop_at__isnull=False),
                name="shop_confirms_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by_worker=None, confirmed_by_worker_at=None)
                | Q(confirmed_by_worker__isnull=False, confirmed_by_worker_at__isnull=False),
                name="worker_confirms_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by_shop=None)
                | Q(confirmed_by_worker=None)
                | ~Q(confirmed_by_shop=F("confirmed_by_worker")),
                name="two_confirm_an_agreement",
            ),
            models.CheckConstraint(
                condition=Q(text=[], confirmed_by_shop=None, confirmed_by_worker=None)
                | (~Q(text=[]) & (Q(confirmed_by_shop__isnull=False) | Q(confirmed_by_worker__isnull=False))),
                name="what_is_confirmed_is_kept",
            ),
            models.CheckConstraint(
                condition=Q(filed=None)
                | Q(confirmed_by_shop__isnull=False, confirmed_by_worker__isnull=False),
                name="filed_when_both_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(form__in=("labour", "gig")), name="agreement_is_of_a_known_form"
            ),
        ]

    def __str__(self) -> str:
        return f"agreement {self.pk}"

    @property
    def subject(self) -> str:
        return f"agreement {self.pk}"

    @property
    def title(self) -> str:
        return self.get_form_display()

    @property
    def is_settled(self) -> bool:
        """Whether both have confirmed it."""
        return self.confirmed_by_shop_id is not None and self.confirmed_by_worker_id is not None

    @property
    def settled_at(self):
        """When the later of the two confirmed it; None before."""
        if not self.is_settled:
            return None
        return max(self.confirmed_by_shop_at, self.confirmed_by_worker_at)

    @property
    def number(self) -> str:
        """By which it is found again."""
        return f"HT-{self.pk:08d}"
