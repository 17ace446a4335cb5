"""Accounts to try the portal with. They exist only where DEBUG is on."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Department, User

PASSWORD = "demo-2026"

CATALOGUE = ("policydocument", "topic", "measure", "benefit", "benefitversion", "addedfact", "department")
ROLES = {
    "政策专员": {
        "view": CATALOGUE,
        "change": ("benefitversion", "addedfact", "policydocument"),
        "add": ("addedfact",),
    },
    "查看目录": {"view": CATALOGUE},
}


@dataclass(frozen=True)
class Account:
    username: str
    department: str
    role: str
    does: str


ACCOUNTS = (
    Account("admin", "", "", "管理员，什么都能看"),
    Account("hr_policy", "hrss", "政策专员", "人社局政策专员：起草规则、添加事实、改文件状态"),
    Account("hr_policy_2", "hrss", "政策专员", "人社局第二位政策专员"),
    Account("auditor", "", "查看目录", "审计员：只看不改"),
)


class Command(BaseCommand):
    help = "建演示账户，只在 DEBUG 打开时能用。再运行一次不会改动已有账户。"

    def handle(self, **options):
        if not settings.DEBUG:
            raise CommandError("演示账户只能在 DEBUG 打开时建立。正式运行请用 manage.py createsuperuser。")
        with transaction.atomic():
            groups = {name: self._group(name, grants) for name, grants in ROLES.items()}
            for account in ACCOUNTS:
                self._account(account, groups)
        self.stdout.write(f"演示账户（工作人员，在 /admin/ 登录，密码都是 {PASSWORD}）：")
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.username:<12} {account.does}")

    def _group(self, name, grants):
        group, _ = Group.objects.get_or_create(name=name)
        codenames = [f"{verb}_{model}" for verb, models in grants.items() for model in models]
        group.permissions.set(Permission.objects.filter(codename__in=codenames))
        return group

    def _account(self, account, groups):
        user, created = User.objects.get_or_create(
            username=account.username,
            defaults={
                "is_staff": True,
                "is_superuser": account.username == "admin",
                "department": Department.objects.filter(code=account.department).first(),
            },
        )
        if created:
            user.set_password(PASSWORD)
            user.save()
        if account.role:
            user.groups.add(groups[account.role])
