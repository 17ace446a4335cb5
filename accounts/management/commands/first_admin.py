from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts import first_admin
from core.errors import Refused


class Command(BaseCommand):
    help = "建第一个管理员：打印一个网址，一小时内打开它，设好密码和第二重验证。已有管理员时不能用。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("name", help="登录名")

    def handle(self, *, name, **options) -> None:
        try:
            token = first_admin.begin(name)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(settings.SITE_URL.rstrip("/") + reverse("first-admin", args=[token]))
