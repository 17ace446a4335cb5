"""People and the departments they work for. Owners, roles and sign-in by code build on these rows."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Department(models.Model):
    """A bureau named in a policy as lead or responsible unit. ``code`` is the key in files and URLs."""

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=80, unique=True)

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = "部门"

    def __str__(self):
        return self.name


class User(AbstractUser):
    """Anyone who signs in. Staff belong to a department; an owner is known by phone. A shop is optional."""

    phone = models.CharField("手机号", max_length=11, unique=True, null=True, blank=True)
    department = models.ForeignKey(
        Department, verbose_name="部门", null=True, blank=True, on_delete=models.PROTECT, related_name="staff"
    )
