from django.core.management.base import BaseCommand

from accounts.purging import purge


class Command(BaseCommand):
    help = "清除一天内没有验证手机号的账户、旧验证码和过期的登录。可以随时再运行。"

    def handle(self, **options) -> None:
        gone = purge()
        self.stdout.write(
            f"已清除：账户 {gone['accounts']} 个，验证码 {gone['codes']} 个，登录 {gone['sessions']} 处。"
        )
