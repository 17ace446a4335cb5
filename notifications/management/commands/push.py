import subprocess
import sys

from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone

from core.background import wait_for_threads
from core.commands import DataCommand
from notifications.models import PushRun
from notifications.pushes import pushing, runs
from policies.catalogue import catalogue
from policies.models import BenefitVersion


class Command(DataCommand):
    help = "推送一个事项：把今天生效的版本再核对一遍，告诉情况有变的店主。告诉过的不会再告诉。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("benefit", help="事项编号，例如 M05a")
        parser.add_argument("--critical", action="store_true", help="紧急：不受安静时段和每月上限限制")
        parser.add_argument("--redrive", action="store_true", help="只把没做成的段再做一遍")
        parser.add_argument(
            "--one-by-one", action="store_true", help="和 --redrive 一起用：逐个经营者做，找出是谁做不成"
        )

    def handle(self, *, benefit, critical, redrive, one_by_one, **options) -> None:
        if one_by_one and not redrive:
            raise CommandError("--one-by-one 要和 --redrive 一起写。")
        if redrive:
            self._redrive(benefit, one_by_one)
        else:
            self._push(benefit, critical)

    def _push(self, benefit, critical) -> None:
        today = timezone.localdate()
        known = catalogue().benefits.get(benefit)
        version = known and known.in_force_on(today)
        if version is None:
            raise CommandError(f"没有今天生效的事项“{benefit}”。事项编号例如 M05a。")
        if not version.rule.is_pushed:
            raise CommandError(f"{benefit} 没有设为推送。请在版本的“基本信息”里打开“推送给符合的店主”。")
        with transaction.atomic():
            row = BenefitVersion.objects.get(pk=version.pk)
            scope = f"command {timezone.now():%H%M%S.%f}"
            run, _ = runs.begin(row, PushRun.Cause.POLICY, today, scope=scope, critical=critical)
        while not pushing.work(run.pk):
            run.refresh_from_db()
            if not pushing.may_go_on(run):
                raise CommandError("推送停下了：总开关已关、这一批被暂停，或者同一事项有更早的一批还没做完。")
        wait_for_threads()
        run.refresh_from_db()
        self.stdout.write(f"{run.get_status_display()}：符合 {run.matched} 户，写入消息 {run.told} 条。")

    def _redrive(self, benefit, one_by_one) -> None:
        failed = PushRun.objects.filter(version__benefit__code=benefit, status=PushRun.Status.FAILED)
        failed = failed.select_related("version").order_by("pk")
        if not failed:
            raise CommandError(f"{benefit} 没有没做成的推送批次。")
        for run in failed:
            self.stdout.write(f"批次 {run.pk}：重做 {runs.redrive(run, one_by_one=one_by_one)} 段。")
            self._work_apart(run)
            self._tell(run)

    def _work_apart(self, run) -> None:
        """In processes of their own: whatever kills one does not keep this command from going on."""
        command = [sys.executable, "manage.py", "relay"]
        run.refresh_from_db()
        while pushing.may_go_on(run):
            subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, check=False)
            run.refresh_from_db()

    def _tell(self, run) -> None:
        dead = list(run.chunks.filter(done_at=None).order_by("lo"))
        self.stdout.write(f"批次 {run.pk}：{run.get_status_display()}。")
        for chunk in dead:
            whom = f"经营者 {chunk.lo} 起" if chunk.hi is None else f"经营者 {chunk.lo} 到 {chunk.hi} 之前"
            self.stdout.write(f"  做不成：{whom}（{chunk.problem or pushing.WORKER_DIED}）")
        if dead:
            raise CommandError(f"还有 {len(dead)} 段做不成。")
