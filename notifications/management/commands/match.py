from django.core.management.base import CommandError

from core.background import wait_for_threads
from core.commands import DataCommand
from eligibility import verifying
from notifications.pushes import calendar_run
from notifications.sweep import relay
from policies.catalogue import catalogue


class Command(DataCommand):
    help = "把每个事项的匹配结果算到今天。--verify 逐店核对存下的结果，不改动任何数据。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--verify", action="store_true", help="逐店重算一遍，和存下的结果比")

    def handle(self, *, verify, **options):
        if verify:
            return self._verify()
        begun = calendar_run.follow_the_day()
        relay()
        wait_for_threads()
        for run in begun:
            run.refresh_from_db()
            self.stdout.write(f"{run.version}：符合 {run.matched} 户，变动 {run.changed} 户。")
        if not begun:
            self.stdout.write("都已是今天的结果。")

    def _verify(self) -> None:
        codes = {benefit.pk: code for code, benefit in catalogue().benefits.items()}
        wrong = 0
        for subject in verifying.subjects():
            shops = list(verifying.wrong_one_by_one(subject))
            self.stdout.write(f"{codes[subject.benefit_id]}：{len(shops)} 户与逐店计算不同。")
            for pk in shops[:20]:
                self.stdout.write(f"  商户 {pk}")
            wrong += len(shops)
        if wrong:
            raise CommandError(
                f"{wrong} 户的匹配结果与逐店计算不同。请运行 manage.py check_invariants 看原因。"
            )
        self.stdout.write("存下的匹配结果与逐店计算一致。")
