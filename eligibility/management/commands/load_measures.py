from django.core.management.base import BaseCommand, CommandError

from core.background import wait_for_threads
from core.errors import Refused
from eligibility.loading import load_measures
from policies.measures_file import DEFAULT_PATH, BrokenFile


class Command(BaseCommand):
    help = "把措施文件载入政策目录。重复载入没有影响；文件有错时说明第几行，什么也不改。"

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "path", nargs="?", default=DEFAULT_PATH, help="措施文件，默认是随程序附带的 21 条措施"
        )

    def handle(self, *, path, **options) -> None:
        try:
            loaded = load_measures(path)
        except FileNotFoundError:
            raise CommandError(f"没有找到文件 {path}") from None
        except (BrokenFile, Refused) as problem:
            raise CommandError(str(problem)) from None
        wait_for_threads()  # who has become entitled is told before this ends
        self.stdout.write(
            f"已发布 {len(loaded.published)} 个事项的新版本，{len(loaded.unchanged)} 个没有变化。"
        )
