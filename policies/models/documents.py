"""What the city offers: documents, their measures, and the benefits in them."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from accounts.models import Department
from core.models import Edition

from ..criteria.rules import DELIVERIES, KINDS

CATALOGUE_EDITION = "catalogue"


class PolicyDocument(models.Model):
    """政策文件. Its status is shown on every page derived from it."""

    class Status(models.TextChoices):
        CONSULTATION = "consultation", "征求意见稿"
        IN_FORCE = "in_force", "正式施行"
        SUSPENDED = "suspended", "暂停执行"
        REPEALED = "repealed", "已废止"

    code = models.SlugField("代码", max_length=60, unique=True)
    title = models.CharField("标题", max_length=200)
    number = models.CharField("文号", max_length=80, blank=True)
    issuer = models.CharField("发文机关", max_length=80, blank=True)
    status = models.CharField("状态", max_length=20, choices=Status.choices)
    dated_on = models.DateField("成文日期")
    effective_from = models.DateField("施行日期", null=True, blank=True)
    effective_to = models.DateField("失效日期", null=True, blank=True)
    preamble = models.TextField("引言", blank=True)
    content_digest = models.CharField(max_length=64, editable=False, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = "政策文件"

    def __str__(self) -> str:
        return self.title

    def save(self, *args, **kwargs) -> None:
        super().save(*args, **kwargs)
        Edition.objects.bump(CATALOGUE_EDITION)
        self.was_in_force = self.in_force

    def clean(self) -> None:
        first, last = self.in_force
        if first and last and first > last:
            raise ValidationError({"effective_to": "失效日期不能早于施行日期，请改其中一个。"})

    @classmethod
    def from_db(cls, db, field_names, values):
        document = super().from_db(db, field_names, values)
        if {"effective_from", "effective_to"} <= set(field_names):
            document.was_in_force = document.in_force  # so that whoever saves it can tell what has changed
        return document

    @property
    def in_force(self):
        """Its first and its last day, None where it has none: no benefit of it is open before or after."""
        return self.effective_from, self.effective_to

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be had under this document any more, or for now."""
        return self.status in (self.Status.SUSPENDED, self.Status.REPEALED)


class Topic(models.Model):
    """想解决什么: what an owner comes for."""

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=20)
    position = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        ordering = ["position"]
        verbose_name = verbose_name_plural = "主题"

    def __str__(self) -> str:
        return self.name


class MeasureQuerySet(models.QuerySet):
    def of_department(self, department_id):
        """Those that a department leads or is responsible for; none without a department."""
        if department_id is None:
            return self.none()
        return self.filter(Q(lead=department_id) | Q(responsible=department_id)).distinct()


class Measure(models.Model):
    """措施 M01…M21: one numbered paragraph of a document."""

    code = models.CharField("编号", max_length=10, unique=True)
    document = models.ForeignKey(
        PolicyDocument, verbose_name="政策文件", on_delete=models.PROTECT, related_name="measures"
    )
    clause = models.CharField("条款", max_length=40)
    chapter = models.CharField("章", max_length=120)
    title = models.CharField("标题", max_length=120)
    summary = models.CharField("白话说明", max_length=300)
    text = models.TextField("原文")
    lead = models.ManyToManyField(Department, verbose_name="牵头单位", related_name="leading_measures")
    responsible = models.ManyToManyField(
        Department, verbose_name="责任单位", related_name="responsible_measures", blank=True
    )
    topics = models.ManyToManyField(Topic, verbose_name="主题", related_name="measures", blank=True)
    # Codes of departments in the order in which the document names them: the first that leads is whom to ask.
    named = models.JSONField(default=list, blank=True, editable=False)
    keywords = models.JSONField("日常用词", default=list, blank=True)
    search_text = models.TextField(editable=False, blank=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = "措施"

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def save(self, *args, **kwargs) -> None:
        super().save(*args, **kwargs)
        Edition.objects.bump(CATALOGUE_EDITION)

    @property
    def leads(self) -> list[Department]:
        """Who leads, in the order of the document."""
        return self._in_order(self.lead)

    @property
    def responsibles(self) -> list[Department]:
        return self._in_order(self.responsible)

    def _in_order(self, departments) -> list:
        place = {code: number for number, code in enumerate(self.named)}
        return sorted(departments.all(), key=lambda row: (place.get(row.code, len(place)), row.pk))


class Benefit(models.Model):
    """事项 M05a…: one thing a person can get. What it is today stands in its version in force.

    ``document``: what it rests on, which need not be the document of its measure: a city lists what national law gives.
    Its status and its days are the benefit's. ``exhausted_on``: since when nothing can be had because this year's money
    is used up (eligibility/funds.py).
    """

    code = models.CharField("编号", max_length=10, unique=True)
    measure = models.ForeignKey(
        Measure, verbose_name="措施", on_delete=models.PROTECT, related_name="benefits"
    )
    document = models.ForeignKey(
        PolicyDocument, verbose_name="依据的文件", on_delete=models.PROTECT, related_name="benefits"
    )
    title = models.CharField("名称", max_length=80)
    kind = models.CharField("种类", max_length=20, choices=KINDS.items())
    delivery = models.CharField("办理方式", max_length=20, choices=DELIVERIES.items())
    topics = models.ManyToManyField(Topic, verbose_name="主题", related_name="benefits", blank=True)
    exhausted_on = models.DateField("资金用完于", null=True, blank=True, editable=False)

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = "事项"

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
