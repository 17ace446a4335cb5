"""Credit risk class and repair, as the owner meets them.

The class (A–D, 国市监信发〔2024〕72号) says how often the market regulator looks in. It is a tool of supervision: no
public label, no condition of any benefit; the owner sees what it means, in words.

信用修复，免申即享: a shop marked abnormal only for a missing annual report is unmarked by itself, in the transaction in
which the report is known to be filed. No application, no waiting: the law gives five working days
(《市场监督管理信用修复管理办法》, domain-facts §5).
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from core import bulk

from .actions import may
from .models import Business, CreditRating, RepairCase
from .register import Arrival, lock, take_in

# For the owner. ``checks``: how often someone comes; ``next``: what helps.
_GUIDANCE = {
    "A": {
        "checks": "抽查会比较少。",
        "next": "请继续按时报送年报，有变动及时变更登记。",
    },
    "B": {
        "checks": "按平常的比例抽查。",
        "next": "请按时报送年报，收到整改通知按期改好。",
    },
    "C": {
        "checks": "抽查会多一些。",
        "next": "请看有没有漏报的年报和没改好的问题。补报、改正以后，下次评定会重新计算。",
    },
    "D": {
        "checks": "会作为重点检查对象。",
        "next": "请先补报年报、改正问题、履行处罚决定，再申请信用修复，5 个工作日内有结果。",
    },
}
PURPOSE = "这是监管部门安排检查用的内部分类，不对外公布，也不影响您享受政策。"
REPAIRED = (
    "您补报了年报，经营异常标记已经自动取消，不用申请。"
    "按《市场监督管理信用修复管理办法》，原来要等 5 个工作日。"
)


def guidance(rating: CreditRating) -> dict:
    """What the class means for the owner: ``{"purpose", "checks", "next", "on"}``. The letter itself is not in it."""
    return {"purpose": PURPOSE, **_GUIDANCE[rating.rated], "on": rating.on}


def repair_the_reported(sender, changes, created, run_id, **_) -> None:
    """Receiver of facts_changed, also in an import: 免申即享 for those whose annual report has come in."""
    reported = [
        pk
        for pk, facts in changes.items()
        if "annual_report_filed" in facts and facts["annual_report_filed"][1] is True
    ]
    if reported:
        repair(reported, run_id=run_id)


@transaction.atomic
def repair(ids, *, run_id=None) -> int:
    """Unmark the shops among ``ids`` that are known to be marked for a missing annual report alone. Says how many.
    Again: none. Where nobody has said why a shop is marked, a person has to look.

    ``run_id``: the import that brought the reports; taking it back takes the case and the unmarking back too.
    """
    lock(ids)
    marked = list(
        Business.objects.filter(
            pk__in=ids,
            annual_report_filed=True,
            abnormal_listed=True,
            abnormal_reason="annual_report",
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if not marked:
        return 0
    now = timezone.now()
    RepairCase.objects.bulk_create(
        [RepairCase(business_id=pk, closed_at=now, result=REPAIRED, run_id=run_id) for pk in marked],
        batch_size=500,
    )
    for chunk in bulk.chunks(marked, 2_000):
        take_in(
            [
                Arrival(
                    {"staff": {"abnormal_listed": False}},
                    business_id=pk,
                    abnormal_reason="",
                    row=pk,
                    corrects=True,
                )
                for pk in chunk
            ],
            on=timezone.localdate(),
            run_id=run_id,
        )
    return len(marked)


def see_repairs(business, *, by) -> list:
    """The repair cases of a shop, newest first; those unread until now are marked as read."""
    if not may(by, business, "view"):
        raise PermissionDenied
    cases = list(business.repair_cases.all()[:10])
    if any(case.seen_at is None for case in cases):
        business.repair_cases.filter(seen_at=None).update(seen_at=timezone.now())
    return cases
