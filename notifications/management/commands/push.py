from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from core.background import wait_for_threads
from eligibility.catalogue import catalogue
from notifications import pushing, runs
from notifications.models import PushRun
from policies.models import BenefitVersion


class Command(BaseCommand):
    help = "推送一个事项：把今天生效的版本再核对一遍，告诉情况有变的店主。告诉过的不会再告诉。"

    def add_arguments(self, parser):
        parser.add_argument("benefit", help="事项编号，例如 M05a")
        parser.add_argument("--critical", action="store_true", help="紧急：不受安静时段和每月上限限制")

    def handle(self, *, benefit, critical, **options):
        today = timezone.localdate()
        found = catalogue().benefits.get(benefit)
        version = found and found.in_force_on(today)
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
