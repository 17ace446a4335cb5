"""manage.py measure_questionnaire N --seed S: how many pages of questions lie before a complete result."""

from collections.abc import Callable, Iterator
from datetime import date
from random import Random
from statistics import median

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from businesses import business_types
from businesses.models import Business
from businesses.register import said_of, take_in
from businesses.synthetic import generate_profile
from core.facts import Profile
from eligibility.evaluation import evaluate
from eligibility.pages.questions import page_of
from eligibility.questions import amount_companions, useful_facts
from eligibility.shop_facts import ShopFacts
from policies.catalogue import catalogue
from portal.city import City


class Command(BaseCommand):
    help = "数一数到完整结果要翻几页问题：没登录的人，和绑定了演示城市里一家店的人。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("count", nargs="?", type=int, default=1000)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *, count, seed, **options) -> None:
        today = timezone.localdate()
        if not catalogue().rules_on(today):
            raise CommandError("还没有载入措施，问什么也就没有定。先运行 manage.py load_measures。")
        self._tell("没登录的人", anonymous_pages(count, seed, today))
        self._tell("绑定了店的人", bound_pages(count, seed, today))

    def _tell(self, who, pages) -> None:
        ordered = sorted(pages)
        self.stdout.write(
            f"{who}（{len(ordered)} 位）：中位数 {median(ordered):g} 页，"
            f"九成不超过 {ordered[int(len(ordered) * 0.9)]} 页，最多 {ordered[-1]} 页"
        )


def anonymous_pages(count: int, seed: int, today: date) -> list[int]:
    """Pages of each of ``count`` made-up owners who know all their answers and of whom nothing is known."""
    random, registry = Random(seed), catalogue().registry

    def read(answers):
        return registry.read_profile(answers, as_of=today)

    owners = (generate_profile(random, today, unknown_share=0) for _ in range(count))
    return [_pages(read, {}, owner, today) for owner in owners]


def bound_pages(count: int, seed: int, today: date) -> list[int]:
    """Pages of each owner of the first ``count`` shops of a made-up city: what departments and they themselves have
    said is known, and they know what the city would have said if nobody had left anything out."""
    registry = catalogue().registry
    known, complete = _shops(City(seed, today), count), _shops(City(seed, today, leaves_out=False), count)
    return [
        _pages(
            lambda answers, shop=shop: shop.profile_of(answers, registry, today),
            dict(shop.answers),
            {name: _as_answer(best.value) for name, best in whole.found.items()},
            today,
        )
        for shop, whole in zip(known, complete, strict=True)
    ]


def _shops(city, count) -> list[ShopFacts]:
    """The city as the register would know it. Nothing of it stays."""
    arrivals = list(city.arrivals(count))
    with transaction.atomic():
        take_in(arrivals, on=city.today)
        business_types.recompute(today=city.today)
        codes = [arrival.credit_code for arrival in arrivals]
        rows = Business.objects.filter(credit_code__in=codes).select_related("operator", "type_verdict")
        shops = list(rows.order_by("credit_code"))
        said = said_of(shops)
        found = [ShopFacts(shop, said[shop.pk]) for shop in shops]
        transaction.set_rollback(True)
    return found


def _as_answer(value):
    return value["yes"] if isinstance(value, dict) else value


def _pages(read: Callable[[dict], Profile], answers: dict, owner: dict, today: date) -> int:
    """Pages until nothing useful is left to ask. ``owner``: all that they could answer; they answer all they are
    shown."""
    return sum(1 for _ in _asked(read, answers, owner, today))


def _asked(read, answers, owner, today) -> Iterator[str]:
    registry = catalogue().registry
    while True:
        evaluation = evaluate(read(answers), today)
        question = evaluation.next_question
        if question is None:
            return
        page = page_of(question)
        yield page.key
        shown = {fact.name for fact in useful_facts(evaluation.assessments, registry)}
        shown |= amount_companions(evaluation.assessments, registry)
        answers |= {name: owner.get(name) for name in page.facts if name in shown}
        if question.name == "registered_on" and owner.get("operating_status") == "not_registered":
            answers |= {"operating_status": "not_registered", "registered_on": None}
