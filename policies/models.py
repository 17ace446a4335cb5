"""What the city offers: documents, their measures, the benefits in them, and the versions of each benefit."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from accounts.models import Department
from accounts.principals import sees_all
from core.models import Edition, VisibleQuerySet

from .criteria.rules import DELIVERIES, KINDS
from .search.folding import squeezed

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


class ReadWithTheCatalogue(models.Model):
    """What the catalogue in memory holds too: it is read anew after each change."""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs) -> None:
        super().save(*args, **kwargs)
        Edition.objects.bump(CATALOGUE_EDITION)

    def delete(self, *args, **kwargs):
        deleted = super().delete(*args, **kwargs)
        Edition.objects.bump(CATALOGUE_EDITION)
        return deleted


class SearchWord(ReadWithTheCatalogue):
    """日常用词: what owners say for a benefit, a word or a way of asking.

    Those that ship with the catalogue are switched off rather than deleted: the next load would bring them back."""

    word = models.CharField("词或问法", max_length=40)
    benefit = models.ForeignKey(
        Benefit, verbose_name="事项", on_delete=models.CASCADE, related_name="search_words"
    )
    is_used = models.BooleanField("使用", default=True)

    class Meta:
        ordering = ["benefit__code", "word"]
        verbose_name = verbose_name_plural = "日常用词"
        constraints = [
            models.UniqueConstraint(
                fields=["word", "benefit"],
                name="search_word_once",
                violation_error_message="这个事项已经有这个词。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.word} → {self.benefit.code}"

    def clean(self) -> None:
        if len(squeezed(self.word)) < 2:
            raise ValidationError({"word": "请写两个字以上的词。一个字会找到太多。"})


class MissedSearchQuerySet(models.QuerySet):
    def newest_week(self):
        """The Monday of the last week of which anything is kept; None where nothing is."""
        return self.aggregate(models.Max("week"))["week__max"]


class MissedSearch(models.Model):
    """What people typed and were not helped with, and how often in a week: no person, no address, no hour
    (search/missed.py). ``benefit``: of which the answer was that missed the point, empty else; ``word`` is empty where
    the question was too long to be kept."""

    class Kind(models.TextChoices):
        SEARCH = "search", "搜索没找到"
        ASK = "ask", "问一问答不了"
        BESIDE = "beside", "没答到点子上"

    kind = models.CharField("怎么没帮上", max_length=10, choices=Kind.choices)
    word = models.CharField("词或问法", max_length=20, blank=True)
    benefit = models.CharField("当时答的事项", max_length=10, blank=True)
    week = models.DateField("从哪个星期一起")
    count = models.PositiveIntegerField("次数", default=0)

    objects = MissedSearchQuerySet.as_manager()

    class Meta:
        ordering = ["-week", "-count", "word"]
        verbose_name = verbose_name_plural = "没帮上的搜索"
        constraints = [
            models.UniqueConstraint(fields=["week", "kind", "word", "benefit"], name="missed_search_once")
        ]

    def __str__(self) -> str:
        return self.word or self.get_kind_display()


class Desk(ReadWithTheCatalogue):
    """办理窗口: where somebody can go and whom they can call, as the bureau has stated it. What it has not stated is
    empty, and the page says so. Without a benefit it holds for all that the department leads, without a district for
    the city."""

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.CASCADE, related_name="desks"
    )
    benefit = models.ForeignKey(
        Benefit,
        verbose_name="事项",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="desks",
        help_text="空着：这个部门牵头的事项都在这里办。",
    )
    district = models.CharField("县区", max_length=6, blank=True, help_text="空着：全市。")
    place = models.CharField("窗口在哪里", max_length=120, blank=True)
    phone = models.CharField(
        "电话",
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"\A[0-9][0-9-]{3,18}[0-9]\Z", "电话只写数字和短横，如 0858-1234567。")],
    )
    hours = models.CharField("几点开门", max_length=80, blank=True)
    source = models.CharField("出处", max_length=120, help_text="谁在哪天说的，或者哪个网页。店主看不到。")
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    class Meta:
        ordering = ["department__code", "benefit__code", "district"]
        verbose_name = verbose_name_plural = "办理窗口"
        constraints = [
            models.UniqueConstraint(
                fields=["department", "benefit", "district"],
                name="desk_of_a_benefit_once",
                violation_error_message="这个事项在这个县区已经有窗口。",
            ),
            models.UniqueConstraint(
                fields=["department", "district"],
                condition=Q(benefit=None),
                name="desk_of_a_department_once",
                violation_error_message="这个部门在这个县区已经有窗口。",
            ),
            models.CheckConstraint(
                condition=~Q(place="") | ~Q(phone="") | ~Q(hours=""),
                name="desk_says_something",
                violation_error_message="地点、电话、时间至少写一样。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.place or self.phone or self.hours}"


class BenefitVersionQuerySet(VisibleQuerySet):
    def published(self):
        """Those that decide on some day: published, and not withdrawn since."""
        return self.filter(status=BenefitVersion.Status.PUBLISHED)

    def fixed(self):
        """Those whose content never changes again."""
        return self.filter(status__in=[BenefitVersion.Status.PUBLISHED, BenefitVersion.Status.WITHDRAWN])

    def visible_to(self, principal):
        """Staff who read the catalogue: what is published, and the drafts of their own department's measures."""
        if not getattr(principal, "is_staff", False) or not principal.has_perm(
            "policies.view_benefitversion"
        ):
            return self.none()
        if sees_all(principal):
            return self
        own = Measure.objects.of_department(principal.department_id)
        fixed = [BenefitVersion.Status.PUBLISHED, BenefitVersion.Status.WITHDRAWN]
        return self.filter(Q(status__in=fixed) | Q(benefit__measure__in=own))

    def in_force_on(self, day):
        """The versions that decide on ``day``, at most one per benefit: the latest that is effective by then."""
        effective = Q(effective_from=None) | Q(effective_from__lte=day)
        by_then = self.published().filter(effective, benefit=models.OuterRef("benefit"))
        newest = by_then.order_by(models.F("effective_from").desc(nulls_last=True), "-number").values("pk")[
            :1
        ]
        return self.published().filter(pk=models.Subquery(newest))

    def update(self, **values):
        if self.fixed().exists():
            raise ValidationError("已经发布的版本不能修改，请另起一个新版本。")
        return super().update(**values)

    def delete(self):
        if self.fixed().exists():
            raise ValidationError("已经发布的版本不能删除。")
        return super().delete()


class BenefitVersion(models.Model):
    """One state of a benefit's content: rule, amount, window, materials, process, texts and golden cases.

    ``content`` has the shape of one benefit in data/measures.yaml, with the named conditions it uses. Immutable once
    published. ``effective_from``: the day from which it decides, None for ever since; ``content_digest`` is set on what
    ``load_measures`` published.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        PROPOSED = "proposed", "待第二人发布"
        PUBLISHED = "published", "已发布"
        WITHDRAWN = "withdrawn", "已撤回"

    benefit = models.ForeignKey(
        Benefit, verbose_name="事项", on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField("版本号")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    effective_from = models.DateField("生效日期", null=True, blank=True, help_text="空着表示一直有效。")
    content = models.JSONField("内容")
    content_digest = models.CharField(max_length=64, editable=False, blank=True)
    based_on = models.ForeignKey(
        "self",
        verbose_name="从哪一版起草",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    change_note = models.CharField("改了什么", max_length=300, blank=True)
    golden_reasons = models.JSONField(default=dict, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="提请人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    proposed_at = models.DateTimeField("提请时间", null=True, blank=True, editable=False)
    publisher = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    published_by = models.CharField("发布人", max_length=150, blank=True, editable=False)
    published_at = models.DateTimeField("发布时间", null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True, editable=False)
    withdrawn_because = models.CharField("撤回原因", max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)

    objects = BenefitVersionQuerySet.as_manager()

    class Meta:
        ordering = ["benefit__code", "-number"]
        verbose_name = verbose_name_plural = "事项版本"
        permissions = [("publish_benefitversion", "发布、撤回事项版本")]
        constraints = [
            models.UniqueConstraint(fields=["benefit", "number"], name="benefit_version_number_once"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "proposed"])
                | (Q(published_at__isnull=False) & ~Q(published_by="")),
                name="published_version_says_who_and_when",
                violation_error_message="发布的版本要有发布人和发布时间。",
            ),
            # Four eyes: whoever proposed a version does not publish it. The measures file is the system's.
            models.CheckConstraint(
                condition=Q(status__in=["draft", "proposed"])
                | Q(published_by="system")
                | Q(proposed_by__isnull=False, publisher__isnull=False)
                & ~Q(proposed_by=models.F("publisher")),
                name="version_published_by_a_second_person",
                violation_error_message="提请发布的人不能自己发布，请另一位同事发布。",
            ),
            models.CheckConstraint(
                condition=~Q(status="proposed") | Q(proposed_by__isnull=False, proposed_at__isnull=False),
                name="proposed_version_says_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(status="withdrawn")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_because="")),
                name="withdrawn_version_says_by_whom_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.benefit.code} 第 {self.number} 版"

    def save(self, *args, **kwargs) -> None:
        if self.pk and type(self).objects.fixed().filter(pk=self.pk).exists():
            raise ValidationError("已经发布的版本不能修改，请另起一个新版本。")
        super().save(*args, **kwargs)
        Edition.objects.bump(CATALOGUE_EDITION)

    def delete(self, *args, **kwargs):
        if type(self).objects.fixed().filter(pk=self.pk).exists():
            raise ValidationError("已经发布的版本不能删除。")
        return super().delete(*args, **kwargs)
