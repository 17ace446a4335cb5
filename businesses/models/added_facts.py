"""Facts that staff define without code."""

import re

from django.core.exceptions import ValidationError
from django.db import models

from core.models import Edition

from ..facts import BUILT_IN_REGISTRY, SOURCES

FACTS_EDITION = "facts"


class AddedFact(models.Model):
    """A fact that staff define without code. From then on rules, questions, SQL and the API know it."""

    TYPES = (
        ("bool", "是或否"),
        ("integer", "整数"),
        ("money", "金额（元）"),
        ("date", "日期"),
        ("choice", "单选"),
        ("set", "多选"),
    )
    SCOPES = (("business", "店"), ("operator", "经营者"))
    ASKS = (("question", "向经营者提问"), ("amount", "只影响金额，最后问"), ("never", "不提问，只由部门提供"))

    name = models.CharField(
        "英文名", max_length=40, unique=True, help_text="接口里用，小写英文、数字和下划线。"
    )
    type = models.CharField("类型", max_length=10, choices=TYPES)
    label = models.CharField("名称", max_length=40, help_text="条件句子里用，例如“有消防验收证明”。")
    no = models.CharField(
        "否定说法", max_length=60, blank=True, help_text="是或否时用，例如“没有消防验收证明”。"
    )
    question = models.CharField(
        "问题", max_length=60, blank=True, help_text="向经营者提问时用，例如“您有消防验收证明吗？”"
    )
    why = models.CharField("为什么问", max_length=120, blank=True)
    choices = models.TextField(
        "选项", blank=True, help_text="每行一个：英文值:中文名。只能在后面加，不能改顺序或删除。"
    )
    unit = models.CharField("单位", max_length=10, blank=True)
    scope = models.CharField("属于", max_length=10, choices=SCOPES, default="business")
    ask = models.CharField("怎么问", max_length=10, choices=ASKS, default="question")
    source = models.CharField(
        "来源",
        max_length=20,
        choices=[(key, label) for key, label in SOURCES.items() if key != "default"],
        default="self",
    )

    class Meta:
        ordering = ["name"]
        verbose_name = verbose_name_plural = "添加的事实"

    def __str__(self) -> str:
        return self.label

    def save(self, *args, **kwargs) -> None:
        super().save(*args, **kwargs)
        Edition.objects.bump(FACTS_EDITION)

    def delete(self, *args, **kwargs):
        deleted = super().delete(*args, **kwargs)
        Edition.objects.bump(FACTS_EDITION)
        return deleted

    def choice_pairs(self):
        """The choices as (value, label) pairs. Raises ValidationError naming the line."""
        pairs = []
        for number, line in enumerate(filter(None, map(str.strip, self.choices.splitlines())), 1):
            value, separator, label = line.replace("：", ":").partition(":")
            value, label = value.strip(), label.strip()
            if not separator or not label or not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", value):
                raise ValidationError(
                    {"choices": f"第 {number} 行请写成“英文值:中文名”，例如 yes_full:全部有。"}
                )
            pairs.append((value, label))
        if len({value for value, _ in pairs}) < len(pairs):
            raise ValidationError({"choices": "选项的英文值不能重复。"})
        return pairs

    def clean(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", self.name or ""):
            raise ValidationError(
                {"name": "请用小写英文字母开头，只含小写字母、数字和下划线，2 到 40 个字符。"}
            )
        if self.name in BUILT_IN_REGISTRY:
            raise ValidationError({"name": "已经有同名的内置事实，请换一个名字。"})
        if self.ask != "never" and not self.question:
            raise ValidationError({"question": "要向经营者提问，就得写出问题。"})
        pairs = self.choice_pairs()
        if self.type in ("choice", "set") and not 1 <= len(pairs) <= 60:
            raise ValidationError({"choices": "单选和多选要有 1 到 60 个选项。"})
        if self.pk:
            self._refuse_changes_to_stored_meaning(pairs)

    def _refuse_changes_to_stored_meaning(self, pairs) -> None:
        """Stored values and rules lean on name, type and the order of choices."""
        before = AddedFact.objects.get(pk=self.pk)
        if (before.name, before.type) != (self.name, self.type):
            raise ValidationError("英文名和类型定下后不能再改，已有的数据要靠它们。请另建一个事实。")
        kept = [value for value, _ in before.choice_pairs()]
        if [value for value, _ in pairs][: len(kept)] != kept:
            raise ValidationError({"choices": "已有选项的英文值和顺序不能改，只能在后面加。"})
