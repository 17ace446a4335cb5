from django.core.management.base import CommandError

from core.commands import DataCommand
from core.invariants import broken


class Command(DataCommand):
    help = "核对必须一直成立的事：登记册各列等于各来源的合并结果，等等。有一条不成立就以错误结束。"

    def handle(self, **options) -> None:
        failed = 0
        for name, sentences in broken():
            self.stdout.write(f"{'不成立' if sentences else '成立'}  {name}")
            for sentence in sentences:
                self.stdout.write(f"        {sentence}")
            failed += bool(sentences)
        if failed:
            raise CommandError(f"有 {failed} 条不成立。")
