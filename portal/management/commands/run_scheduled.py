import logging

from django.conf import settings
from django.core.management.base import CommandError

from core.commands import DataCommand
from portal.celery import app

logger = logging.getLogger(__name__)


class Command(DataCommand):
    help = "把定时任务各运行一次：轮询导入目录、清理账户、重判分型等。没有 celery beat 时，请用 cron 每几分钟运行它。"

    def handle(self, **options) -> None:
        app.loader.import_default_modules()
        failed = []
        for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
            try:
                app.tasks[entry["task"]]()
            except Exception:  # told at the end, by the exit code; the tasks after it still run
                logger.exception("The scheduled task %s failed.", name)
                failed.append(name)
            else:
                self.stdout.write(f"已运行：{name}")
        if failed:
            raise CommandError(f"没有运行完：{'、'.join(failed)}。原因在日志里，其余的都已运行。")
