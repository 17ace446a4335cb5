from django.conf import settings
from django.core.management.base import BaseCommand

from portal.celery import app


class Command(BaseCommand):
    help = "把定时任务各运行一次：轮询导入目录、清理账户、重判分型等。没有 celery beat 时，请用 cron 每几分钟运行它。"

    def handle(self, **options):
        app.loader.import_default_modules()
        for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
            app.tasks[entry["task"]]()
            self.stdout.write(f"已运行：{name}")
