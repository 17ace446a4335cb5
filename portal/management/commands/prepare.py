from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from portal import starting


class Command(BaseCommand):
    help = "建库、载入措施、建演示数据，再打开网站，都在一个进程里。make run 用它，只在 DEBUG 打开时能用。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("address", nargs="?", default="127.0.0.1:8000", help="在哪个地址打开。")

    def handle(self, *, address, **options) -> None:
        if not settings.DEBUG:
            raise CommandError("这个命令是试用的。正式运行请看 README.zh-CN.md。")
        starting.check_age()
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0)
        call_command("load_measures", stdout=self.stdout)
        call_command("demo", later=True, stdout=self.stdout)
        self.stdout.write(f"打开 http://{address}/ ，按 Ctrl+C 停止。")
        self.stdout.flush()
        call_command("runserver", address, use_reloader=False)
