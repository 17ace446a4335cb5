"""manage.py export_businesses FILE [--source register|registry|…] [--with-identity --reason 理由]."""

import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from businesses.export import REGISTER, export
from businesses.models import Source


class Command(BaseCommand):
    help = "把商户登记写成 CSV 文件。不加 --source 就是全部信息，import_businesses 能原样读回。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, metavar="文件")
        parser.add_argument("--source", default=REGISTER, help="只写一个来源，例如 registry；默认 register。")
        parser.add_argument("--with-identity", action="store_true", help="写出完整身份证号，会留下访问记录。")
        parser.add_argument("--reason", default="", help="要完整身份证号的理由。")

    def handle(self, *, file, source, with_identity, reason, **options) -> None:
        if with_identity and not reason.strip():
            raise CommandError("要写出完整身份证号，请用 --reason 写明理由，会记入访问记录。")
        begun = time.monotonic()
        try:
            count = export(file, source, with_identity=with_identity, reason=reason.strip())
        except Source.DoesNotExist:
            known = "、".join([REGISTER, *Source.objects.order_by("code").values_list("code", flat=True)])
            raise CommandError(f"没有来源 {source}。可以用：{known}。") from None
        except OSError as problem:
            raise CommandError(f"写不了 {file}：{problem.strerror}。请换一个能写的位置。") from None
        self.stdout.write(f"已写出 {count} 户，用时 {time.monotonic() - begun:.1f} 秒：{file}")
