"""What owners say for a benefit, what they were not helped with, and where somebody helps them."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from accounts.models import Department
from core.models import Edition

from ..search.folding import squeezed
from .documents import CATALOGUE_EDITION, Benefit


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
