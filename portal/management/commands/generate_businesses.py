"""manage.py generate_businesses N --seed S [--today DATE]: a made-up city in the register."""

import time
from collections import Counter
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from businesses import business_types
from businesses.models import Business
from businesses.register import take_in
from core import bulk
from core.background import ringing_at_the_end, wait_for_threads
from portal.city import BLOCKS, LARGEST, City

CHUNK = 2_000


class Command(BaseCommand):
    help = "造一座演示城市：N 户虚构的个体工商户。种子和日期相同，城市就相同；再运行一次不会重复。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("count", type=int, metavar="N", help=f"户数，1 到 {LARGEST}。")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument(
            "--today", type=date.fromisoformat, metavar="DATE", help="按哪一天，写成 2026-11-24；默认今天。"
        )

    @bulk.many_short_lived_objects()
    def handle(self, *, count, seed, today, verbosity=1, **options) -> None:
        if not 1 <= count <= LARGEST:
            raise CommandError(f"户数请填 1 到 {LARGEST}。")
        if seed < 0:
            raise CommandError("种子请填 0 或更大的整数。")
        today = today or timezone.localdate()
        self._refuse_another_city(seed, today)
        counted, begun = Counter(), time.monotonic()
        with ringing_at_the_end():
            for chunk in bulk.chunks(City(seed, today).arrivals(count), CHUNK):
                taken = take_in(chunk, on=today)
                counted.update(new=len(taken.created), changed=len(taken.updated), same=len(taken.unchanged))
                if verbosity:
                    done = counted.total()
                    self._tell(done, f"{done} / {count} 户，每秒 {done / (time.monotonic() - begun):.0f} 户")
            taken_in, begun = time.monotonic() - begun, time.monotonic()
            moved = business_types.recompute(today=today)
        wait_for_threads()  # what other rooms make of it
        if verbosity:
            self.stdout.write(
                f"新增 {counted['new']} 户，更新 {counted['changed']} 户，没有变化 {counted['same']} 户，"
                f"用时 {taken_in:.0f} 秒。分型变动 {moved['changed']} 户，用时 {time.monotonic() - begun:.0f} 秒。"
            )

    def _tell(self, done, progress) -> None:
        """On a terminal in place, in a log now and then."""
        if self.stdout.isatty():
            self.stdout.write(f"\r{progress}\r", ending="")
            self.stdout.flush()
        elif done % (25 * CHUNK) == 0:
            self.stdout.write(progress)

    def _refuse_another_city(self, seed, today) -> None:
        """Seeds that are BLOCKS apart share their numbers: only one of them fits into a register."""
        first = next(City(seed, today).arrivals(1))
        organisation = first.credit_code[8:17]
        other = Business.objects.filter(credit_code__contains=organisation).exclude(
            credit_code=first.credit_code, name=first.name
        )
        if other.exists():
            raise CommandError(
                f"种子 {seed} 的代码已被另一座演示城市用了。请换一个种子（0 到 {BLOCKS - 1} 互不相撞）。"
            )
