from businesses.importing import folder, runs
from core.background import wait_for_threads
from core.commands import DataCommand


class Command(DataCommand):
    help = "看一遍 IMPORT_FOLDER 里的新文件并导入，再接着做停下的导入。平时由定时任务每分钟运行。"

    def handle(self, **options) -> None:
        folder.poll()
        runs.sweep()
        wait_for_threads()
