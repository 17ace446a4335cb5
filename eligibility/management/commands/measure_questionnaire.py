from random import Random
from statistics import median

from django.core.management.base import BaseCommand
from django.utils import timezone

from businesses.synthetic import generate_profile
from eligibility.evaluation import evaluate
from eligibility.pages.questions import page_of
from eligibility.questions import amount_companions, useful_facts
from policies.catalogue import catalogue


class Command(BaseCommand):
    help = "用生成的经营者走一遍问卷，数到完整结果要翻几页。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("count", nargs="?", type=int, default=1000)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *, count, seed, **options) -> None:
        random, today = Random(seed), timezone.localdate()
        pages = [self._pages(generate_profile(random, today, unknown_share=0), today) for _ in range(count)]
        ordered = sorted(pages)
        self.stdout.write(
            f"{count} 位经营者：中位数 {median(ordered):g} 页，九成不超过 {ordered[int(count * 0.9)]} 页，"
            f"最多 {ordered[-1]} 页"
        )

    def _pages(self, owner, today):
        """Pages until nothing useful is left to ask. The owner knows everything and answers all that is shown."""
        registry = catalogue().registry
        answers, count = {}, 0
        while True:
            evaluation = evaluate(registry.read_profile(answers, as_of=today), today)
            question = evaluation.next_question
            if question is None:
                return count
            count += 1
            page = page_of(question)
            shown = {fact.name for fact in useful_facts(evaluation.assessments, registry)}
            shown |= amount_companions(evaluation.assessments, registry)
            for name in page.facts:
                if name in shown:
                    answers[name] = owner.get(name)
            if question.name == "registered_on" and owner.get("operating_status") == "not_registered":
                answers |= {"operating_status": "not_registered", "registered_on": None}
