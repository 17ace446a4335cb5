from django.core.management.base import BaseCommand, CommandError

from core import canary
from core.encryption import Unreadable, current_key, reencrypt_all


class Command(BaseCommand):
    help = (
        "用第一个密钥重新加密身份证号、手机号、账号和第二重验证。网站照常运行。"
        "换钥匙：先把新密钥写在最前面并重启。再运行本命令，最后去掉旧密钥。"
    )

    def handle(self, **options) -> None:
        try:
            for label, changed, is_all in reencrypt_all():
                if is_all:
                    self.stdout.write(f"{label}：换了 {changed} 个，现在都用密钥 {current_key()}")
                else:
                    self.stdout.write(f"{label}：已换 {changed} 个", ending="\r")
            canary.forget_old_keys()
        except Unreadable as problem:
            raise CommandError(f"{problem}请把旧密钥补进 ENCRYPTION_KEYS 后再运行。") from problem
