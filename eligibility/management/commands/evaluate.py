import sys
from pathlib import Path

import orjson
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from businesses.registry import business_registry
from core.errors import Invalid, TooLarge
from core.facts import Misread, read_date
from core.strict_json import parse
from eligibility.evaluation import evaluate
from eligibility.spoken import spoken

LARGEST_FILE = 1_000_000
MOST_NODES = 10_000


class Command(BaseCommand):
    help = "按一份 JSON 事实给出答案，与网页和接口相同。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("profile", help="事实文件，- 表示标准输入")
        parser.add_argument("--as-of", help="按哪一天算，YYYY-MM-DD，默认今天")
        parser.add_argument("--words", action="store_true", help="不出 JSON，逐项读出状态、金额、日期和原因")

    def handle(self, *, profile, as_of, words, **options) -> None:
        try:
            body = sys.stdin.buffer.read() if profile == "-" else Path(profile).read_bytes()
            day = read_date(as_of) if as_of else timezone.localdate()
            facts = parse(body, max_bytes=LARGEST_FILE, max_nodes=MOST_NODES)
            answer = evaluate(business_registry().read_profile(facts, as_of=day), day)
        except OSError as problem:
            raise CommandError(f"读不了文件 {profile}：{problem.strerror}") from None
        except Misread as problem:
            raise CommandError(f"--as-of：{problem.detail}") from None
        except TooLarge as problem:
            raise CommandError(str(problem)) from None
        except Invalid as problem:
            lines = [f"{fault.field}：{fault.detail}" for fault in problem.faults]
            raise CommandError("\n".join(lines)) from None
        if words:
            self.stdout.write("\n".join(spoken(answer)))
        else:
            self.stdout.write(orjson.dumps(answer.as_json(), option=orjson.OPT_INDENT_2).decode())
