import time
from pathlib import Path

from django.core.management.base import CommandError
from django.utils import timezone

from businesses.importing import runs, working
from businesses.models import Source
from core.background import wait_for_threads
from core.commands import DataCommand
from core.errors import Refused
from core.facts import Misread, read_date

SHOWN = 50


class Command(DataCommand):
    help = "导入一个部门的数据文件（CSV 或 XLSX）。中断后再运行一次，从停下的地方继续。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", help="数据文件")
        parser.add_argument("--source", default="registry", help="来源代码，默认 registry（市场监管登记）")
        parser.add_argument("--as-of", help="数据统计到哪一天，YYYY-MM-DD，默认今天")
        parser.add_argument("--dry-run", action="store_true", help="只检查，不导入")

    def handle(self, *, file, source, as_of, dry_run, **options) -> None:
        try:
            self._import(Path(file), self._source(source), read_date(as_of) if as_of else None, dry_run)
        except Misread as problem:
            raise CommandError(f"--as-of：{problem.detail}") from None
        except OSError as problem:
            raise CommandError(f"读不了文件 {file}：{problem.strerror}") from None
        except Refused as problem:
            raise CommandError(str(problem)) from None

    def _source(self, code):
        source = Source.objects.filter(code=code).first()
        if source is None:
            codes = "、".join(Source.objects.values_list("code", flat=True))
            raise CommandError(f"没有来源 {code}。可以用的有：{codes}。")
        return source

    def _import(self, path, source, as_of, dry_run) -> None:
        try:
            run = runs.receive(path, source, by=None, as_of=as_of or timezone.localdate(), name=path.name)
            ours = True
        except runs.AlreadyHere as known:
            run, ours = known.run, False
            self.stdout.write(str(known))
        if run.status == "done":
            self.stdout.write("没有改动任何数据。")
            return
        try:
            self._begin(run, dry_run)
        except Refused:
            if ours:  # nothing of it has been looked at
                runs.cancel(run, by=None)
            raise
        self._started, self._first = time.monotonic(), run.row
        act = working.check if run.status == "checking" else working.work
        finished = act(run, tell=self._tell)
        wait_for_threads()  # what other rooms make of it
        run.refresh_from_db()
        self._report(run, finished)

    def _begin(self, run, dry_run) -> None:
        if run.status in ("uploaded", "checked"):
            verb = runs.check_at_once if dry_run else runs.apply_at_once
            verb(run, by=None)
        elif run.status == "paused" and not dry_run:
            runs.resume_here(run, by=None)
        elif run.status == "checking" and not dry_run:
            raise Refused("这个文件还在检查。请等检查完再运行，或先取消那次导入。")
        elif run.status not in ("checking", "applying"):
            raise Refused(f"这次导入现在是“{run.get_status_display()}”，不能继续。")
        run.refresh_from_db()

    def _tell(self, run) -> None:
        seconds = max(time.monotonic() - self._started, 0.001)
        rate = (run.row - self._first) / seconds
        of = f" / {run.rows}" if run.rows else ""
        self.stdout.write(f"{run.row}{of} 行，每秒 {rate:,.0f} 行，错误 {run.wrong} 行")

    def _report(self, run, finished) -> None:
        if not finished:
            raise CommandError(run.problem or "另一个进程正在做这次导入，或者它被暂停了。请稍后再看。")
        verb = "检查完了" if run.status == "checked" else "导入完了"
        self.stdout.write(
            f"{verb}：新增 {run.created}，更新 {run.updated}，跳过 {run.unchanged}，错误 {run.wrong}。"
        )
        for issue in run.issues.order_by("row", "id")[:SHOWN]:
            where = f"，{issue.column}" if issue.column else ""
            self.stdout.write(f"  第 {issue.line} 行{where}：{issue.detail}")
        left = run.issues.count() - SHOWN
        if left > 0:
            self.stdout.write(f"  还有 {left} 条，在后台“导入”里下载。")
