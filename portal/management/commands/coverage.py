"""Which benefits can be had here, and which cannot."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ...coverage import rows_on


class Command(BaseCommand):
    help = "列出每个事项在这里怎么办、归谁管、哪些浏览器测试走过；有办不了的，退出码是 1。"

    def handle(self, *args, **options) -> None:
        rows = rows_on(timezone.localdate())
        for row in rows:
            door, tests = row.door or "还不能办", len(row.tests)
            self.stdout.write(f"{row.code}  {row.title}  {door}  {row.department}  浏览器测试 {tests} 个")
            for test in row.tests:
                self.stdout.write(f"      {test}")
        missing = [row.code for row in rows if not row.is_covered]
        measures = {row.code[:3] for row in rows}
        whole = measures - {code[:3] for code in missing}
        self.stdout.write(
            f"{len(rows) - len(missing)}/{len(rows)} 个事项，{len(whole)}/{len(measures)} 条措施"
        )
        if missing:
            raise CommandError(f"还不能办：{'、'.join(missing)}")
