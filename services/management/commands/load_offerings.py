"""Bring in the services that stand in a file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from core.errors import Invalid

from ...catalogue.loading import PATH, load_offerings


class Command(BaseCommand):
    help = "载入服务：services/data/offerings.yaml，或另一个文件。已经有的不动。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=PATH, help="文件，默认是随站点带的")
        parser.add_argument("--demo", action="store_true", help="也载入演示的服务")

    def handle(self, *args, file, demo, **options) -> None:
        try:
            done = load_offerings(file, demo=demo)
        except Invalid as problem:
            raise CommandError("\n".join(fault.detail for fault in problem.faults)) from None
        except FileNotFoundError:
            raise CommandError(f"没有这个文件：{file}") from None
        self.stdout.write(f"新载入 {len(done.new)} 项服务，{done.standing} 项已经有了。")
