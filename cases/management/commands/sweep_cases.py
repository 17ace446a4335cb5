from django.core.management.base import CommandError

from cases import sweeping
from core.commands import DataCommand
from core.facts import Misread, read_date


class Command(DataCommand):
    help = "办件的定时处理：补正过期、催办、清理草稿、到期提醒等。可以随时重复运行。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--date", help="按哪一天办，例如 2026-12-01。不填就是今天。")

    def handle(self, *, date=None, **options) -> None:
        try:
            today = read_date(date) if date else None
        except Misread as misread:
            raise CommandError(f"日期看不懂：{misread.detail}") from None
        try:
            done = sweeping.sweep(today)
        except sweeping.Unfinished as problem:
            raise CommandError(f"没有办完：{problem}。原因在日志里，其余的都已办。") from None
        for name, count in done.items():
            self.stdout.write(f"{name}：{count}")
