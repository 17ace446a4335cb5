"""What owners are told of visits: when one is set, moved, made one with others, cancelled, over. Bureaus are named, not
people, and never what is noted."""

from cases.letters import LATER, Told, rating_of, rating_path
from core.wording import day_text

from .models import VisitCase

DAY = "visit"  # the step that owners rate
PATH = "/me/visits/"
LOOK = "看检查计划"
MOST_NAMED = 3


def _said(case, ending, sentence, **more) -> Told:
    return Told(
        f"{case.department.name}的检查{ending}",
        sentence,
        sms=f"{case.department.name}的检查{ending}。{LATER}",
        **{"label": LOOK, "path": PATH} | more,
    )


def fixed(case, **details) -> Told:
    return _said(case, "定了日子", f"{day_text(case.visit.on)}上门，看{items_of(case)}。到时请他们扫店铺码。")


def moved(case, **details) -> Told:
    return _said(case, "改了日子", f"改到 {day_text(case.visit.on)}，看{items_of(case)}。")


def reminder(case, **details) -> Told:
    """The day before, with those that come along."""
    others = VisitCase.objects.filter(visit__merged_into=case.pk, state="merged").order_by("pk")
    names = dict.fromkeys(others.values_list("department__name", flat=True))
    along = f"{'、'.join(names)}一起来，只上门一次。" if names else ""
    day = case.visit.on
    when = f"明天（{day.month} 月 {day.day} 日）上门，看{items_of(case)}。"
    return _said(case, "就在明天", f"{when}{along}到时请他们扫店铺码。")


def accepted(case, **details) -> Told:
    if case.state == "set":
        return fixed(case)
    host = VisitCase.objects.select_related("department").get(pk=case.visit.merged_into_id)
    words = f"和{host.department.name}同一天来，{day_text(case.visit.on)}，只上门一次。"
    return _said(case, "合成一次", words)


def dropped(case, *, before="", **details) -> Told | None:
    """What had no day yet is not waited for."""
    if before != "set":
        return None
    return _said(case, "取消了", f"这一天不来了：{case.reason.rstrip('。')}。")


def lapsed(case, *, before="", **details) -> Told | None:
    if before != "set":
        return None
    so = "来过，一直没有写结果" if case.visit.arrived_at else "定的日子过了很久，按没有来处理"
    return _said(case, "没有记录", f"{so}。不对请拨 12345。")


def done(case, **details) -> Told:
    """The one rating of it is asked for."""
    rating = rating_of(case, DAY)
    return _said(
        case,
        "结束了",
        "结果写在检查计划里。查得规范不规范，请您评一评。",
        label="打分",
        path=rating_path(rating),
    )


def items_of(case) -> str:
    """What is looked at, as short as a sentence takes it."""
    items = case.visit.items
    more = f"等 {len(items)} 项" if len(items) > MOST_NAMED else ""
    return "、".join(items[:MOST_NAMED]) + more
