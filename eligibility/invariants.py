"""What always holds of stored decisions and holdings."""

from django.db.models import Count, Exists, F, OuterRef, Q

from businesses.models import Business, Operator
from core.invariants import invariant
from policies.models import Benefit, BenefitVersion

from . import verifying
from .models import Holding, Match


@invariant("存下的每个匹配结果，重新计算还是它自己")
def every_match_evaluates_to_itself():
    for subject in verifying.subjects():
        for business_id in verifying.wrong_by_statement(subject):
            yield f"事项 {subject.benefit_id}，商户 {business_id}"


@invariant("每家店每个事项只有一个匹配结果")
def one_match_for_shop_and_benefit():
    twice = Match.objects.values("benefit", "business").annotate(count=Count("pk")).filter(count__gt=1)
    for row in twice.order_by():
        yield f"事项 {row['benefit']}，商户 {row['business']}：{row['count']} 个"


@invariant("匹配结果所指的商户、经营者、事项和版本都在")
def no_match_is_an_orphan():
    for name, model in (("business", Business), ("benefit", Benefit), ("version", BenefitVersion)):
        for pk in orphans(Match.objects.all(), name, model):
            yield f"匹配结果 {pk} 的 {name}"
    people = orphans(Match.objects.filter(operator__isnull=False), "operator", Operator)
    for pk in people:
        yield f"匹配结果 {pk} 的 operator"


def orphans(rows, name, model):
    """Ids of ``rows`` whose ``name`` leads to no row of ``model``: such keys have no constraint."""
    there = model.objects.filter(pk=OuterRef(f"{name}_id"))
    return rows.exclude(Exists(there)).values_list("pk", flat=True)


@invariant("已经在办或已享受的事项，不再列为可以享受")
def nothing_is_offered_that_is_held():
    live = Holding.objects.live().filter(benefit=OuterRef("benefit"))
    mine = Q(business=OuterRef("business")) | Q(for_person=True, operator=OuterRef("operator"))
    for pk in Match.objects.open().filter(Exists(live.filter(mine))).values_list("pk", flat=True):
        yield f"匹配结果 {pk}"


@invariant("已办事项记在这家店现在的经营者名下")
def holdings_are_of_an_operator():
    lost = Holding.objects.filter(for_person=True, operator=None).values_list("pk", flat=True)
    for pk in lost:
        yield f"已办事项 {pk}"


@invariant("关闭的匹配结果，关闭日不早于决定日")
def nothing_ends_before_it_begins():
    for pk in Match.objects.filter(closed_on__lt=F("decided_on")).values_list("pk", flat=True):
        yield f"匹配结果 {pk}"
