"""Where facts come from, and the files they come in."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.principals import sees_all
from core.models import VisibleQuerySet

from ..importing.mapping import REGISTER


class SourceQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        return _of_own_department(self, principal, "businesses.view_source", "")


class Source(models.Model):
    """A department's data: what its files are called and how its columns are named. Created from data/sources.yaml.

    ``columns``: ``{heading in the file: field}``; a field is a fact, or one of importing/mapping.py's attributes.
    """

    code = models.SlugField("代码", primary_key=True, max_length=20)
    label = models.CharField("名称", max_length=40)
    department_code = models.SlugField("负责部门", max_length=40)
    columns = models.JSONField("列对应", default=dict)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = "数据来源"

    def __str__(self) -> str:
        return self.label


class ImportRunQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        return _of_own_department(self, principal, "businesses.view_importrun", "source__")


def _of_own_department(rows, principal, permission, path):
    """``path``: how to the source from a row. The full export speaks as every department, and is of none."""
    if not getattr(principal, "is_active", False) or not principal.is_staff:
        return rows.none()
    if sees_all(principal):
        return rows
    code = getattr(principal.department, "code", None)
    if not code or not principal.has_perm(permission):
        return rows.none()
    return rows.filter(**{f"{path}department_code": code}).exclude(**{f"{path}code": REGISTER})


class ImportRun(models.Model):
    """One file on its way into the register. ``row`` is how far it is: every row up to it is in, none after it."""

    STATUSES = (
        ("uploaded", "已上传"),
        ("checking", "正在检查"),
        ("checked", "已检查，等待确认"),
        ("applying", "正在导入"),
        ("paused", "已暂停"),
        ("done", "已完成"),
        ("rolling_back", "正在撤回"),
        ("rolled_back", "已撤回"),
        ("failed", "读不了这个文件"),
        ("cancelled", "已取消"),
    )
    # While in one of these a worker holds the run, and beats.
    WORKING = ("checking", "applying", "rolling_back")

    source = models.ForeignKey(Source, verbose_name="来源", on_delete=models.PROTECT, related_name="runs")
    columns = models.JSONField("列对应", default=dict)
    file_name = models.CharField("文件名", max_length=200)
    path = models.CharField(max_length=500, blank=True)
    sha256 = models.CharField("文件指纹", max_length=64)
    size = models.BigIntegerField("字节", default=0)
    as_of = models.DateField("数据日期")
    status = models.CharField("状态", max_length=20, choices=STATUSES, default="uploaded")
    problem = models.CharField("问题", max_length=300, blank=True)
    rows = models.PositiveIntegerField("总行数", null=True)
    row = models.PositiveIntegerField("已处理到", default=0)
    created = models.PositiveIntegerField("新增", default=0)
    updated = models.PositiveIntegerField("更新", default=0)
    unchanged = models.PositiveIntegerField("跳过（没有变化）", default=0)
    wrong = models.PositiveIntegerField("错误", default=0)
    checked = models.JSONField("检查结果", default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="导入人",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    uploaded_at = models.DateTimeField("上传于", auto_now_add=True)
    started_at = models.DateTimeField("开始于", null=True)
    finished_at = models.DateTimeField("结束于", null=True)
    beat_at = models.DateTimeField(null=True)
    holder = models.CharField(max_length=40, blank=True, default="")

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "导入"
        permissions = [("run_import", "导入数据")]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "sha256"],
                condition=~Q(status__in=("rolled_back", "failed", "cancelled")),
                name="one_standing_import_per_file",
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.file_name}"

    @property
    def share(self):
        """How much is done, 0 to 100, or None while the length is not known."""
        return min(100, self.row * 100 // self.rows) if self.rows else None


class ImportIssue(models.Model):
    """One thing wrong with one row. ``row`` counts from 1 without the heading; ``line`` is its place in the file."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="issues", db_index=False)
    row = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=30)
    detail = models.CharField(max_length=300)

    class Meta:
        ordering = ["run", "row", "id"]
        indexes = [models.Index(fields=["run", "row"], name="issue_by_run_and_row")]

    def __str__(self) -> str:
        return f"{self.line} {self.code}"


class ImportedKey(models.Model):
    """The keys met in a run so far: a second row with the same one is known without keeping all in memory."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=64)
    row = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="one_row_per_key_and_run")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.row}"
