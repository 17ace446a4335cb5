"""What owners are told of their requests: a title, a sentence, a short message. Institutions are named, not people."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from cases.letters import Told, filled_in_by, title_of
from core.wording import day_text, moment_text

from . import links
from .legs import latest_end
from .slots.seats import instead_of

NEAR = timedelta(hours=12)  # what cannot wait until the morning
LATER = "请到“政策直通车”查看，或拨12345。"
OWN = "店主自己做的，不用再告诉一遍"


def _said(case, ending, sentence, **more) -> Told:
    return Told(f"“{title_of(case)}”{ending}", sentence, sms=f"“{title_of(case)}”{ending}。{LATER}", **more)


def _always(ending, sentence, **more) -> Callable:
    """What is told alike of every case; ``sentence`` may name parts of the ``case`` and its ``reason``."""

    def told(case, **details) -> Told:
        return _said(case, ending, sentence.format(case=case, reason=case.reason.rstrip("。")), **more)

    return told


def begun(case, **details) -> Told:
    """Also whoever had it filed by a clerk hears of it, and may take it back."""
    return _said(case, "已收到", f"已转给{case.department.name}。{filled_in_by(case)}")


taken = _always("有人接办了", "{case.department.name}正在办。")
referred = _always("转了单位", "这件事归{case.department.name}管，已经转过去，您不用再跑。")


def wants(case, **details) -> Told:
    return _said(
        case,
        "要您补充",
        f"{case.department.name}想再问几句，请在{day_text(case.request.until)}前补充。",
        label="去补充",
        needs_action=True,
        key=f"{case.subject} asks",
    )


def answered(case, **details) -> Told:
    return _said(
        case,
        "有答复了",
        f"{case.department.name}已经答复。解决没解决，请您说一声。",
        label="看答复",
        path=links.path_of(case, "solve"),
    )


declined = _always("不能办", "{case.department.name}说：{reason}。")
lost = _always("没联系上您", "没有联系上您，先放一放。您可以随时说“没解决”，接着办。")
reopened = _always("重新办", "已告诉{case.department.name}还没解决，接着办。")
settled = _always("按答复办结", "答复 28 天没有新的意见，先办结了。还没解决，60 天内可以再提。")
expired = _always("没有人接办", "催了几次没有单位接办，对不起。请拨 12345，报这个编号就行。")
sent_on = _always("转给了服务中心", "等了很久没有单位答复，对不起。已经转给市政务服务中心，由它来催、来答。")


def is_it_solved(case, **details) -> Told:
    """Four weeks later. ``case`` goes on to another version with what is told."""
    return _said(
        case,
        "真的解决了吗",
        "已经过了 4 周。解决了就不用理，没解决点一下，接着办。",
        label="没解决，重新办",
        path=links.path_of(case, "reopen"),
    )


# Several institutions


def tender_begun(case, **details) -> Told:
    """What came of an approval begins by itself, and nobody has agreed to anything yet."""
    if case.channel != "auto":
        return _said(case, "已发给机构", "已发给您选的机构，等它们接单。")
    return _said(
        case,
        "替您问了机构",
        "批准的事已经告诉能办的机构。要不要让它们看您的信息，请您定。",
        label="去看看",
        needs_action=True,
        key=f"{case.subject} consent",
    )


def sharing_changed(case, *, leg, **details) -> Told:
    """The institution may not read what is no longer as the owner saw it."""
    return _said(
        case,
        "要您再同意一次",
        f"店里的信息有变动，{leg.receiver_name}先不看了。请看一看现在的内容。",
        label="看一看",
        path=f"/cases/{case.public_id}/share/{leg.pk}/",
        needs_action=True,
        key=f"sharing {leg.sharing_id} changed",
    )


leg_taken = _always("有机构接单了", "机构会按您同意给它看的内容来看，看完在这里答复。")


def offered(case, **details) -> Told:
    leg = latest_end(case)
    who = leg.receiver_name if leg else case.department.name
    return _said(
        case,
        "有机构愿意办",
        f"{who}给出了条件，最后以它审批为准。要不要，请您定。",
        label="看条件",
        needs_action=True,
        key=f"{case.subject} offered",
    )


def leg_declined(case, **details) -> Told:
    leg = latest_end(case)
    who, why = (leg.receiver_name, leg.reason) if leg else (case.department.name, case.reason)
    return _said(
        case,
        "有一家没接成",
        f"{who}没接成：{why.rstrip('。')}。可以转给下一家。",
        label="转给下一家",
        needs_action=case.state == "unserved",
        key=f"{case.subject} declined {leg.pk if leg else 0}",
    )


def given_up(case, **details) -> Told:
    return _said(
        case,
        "先办结了",
        "一直没有再选机构，先办结了。还缺钱，可以看看创业担保贷款，或者提诉求。",
        label="提诉求",
        path="/needs/",
    )


# Seats


def booked(case, **details) -> Told | None:
    slot = case.request.slot
    if slot is None:
        return begun(case)
    if case.state == "waiting":
        return _said(case, "在排队", f"{slot.when} 这场满了，您在排队。有空位马上告诉您。")
    return _said(case, "约好了", f"{slot.when}，{place_of(case)}。来不了请提前一天请假。", label="看预约")


def seat_offered(case, **details) -> Told:
    request = case.request
    return _said(
        case,
        "有空位了",
        f"{request.slot.when} 这场空出一个名额，给您留到 {moment_text(request.offered_until)}。",
        label="确认要",
        needs_action=True,
        path=links.path_of(case, "confirm"),
        urgent=is_near(request.offered_until),
        key=offer_key(case),
    )


def offer_key(case) -> str:
    return f"{case.subject} offer"


def seat_confirmed(case, **details) -> Told:
    return replace(booked(case), settles=(offer_key(case),))


def seat_lapsed(case, **details) -> Told:
    return _other_times(case, "名额没有保住", "到时间没有确认，名额让给了下一位。")


def missed_out(case, **details) -> Told:
    return _other_times(case, "没有排上", f"{case.request.slot.when} 这场没有空出名额。")


unrecorded = _always("先办结了", "对方一直没有登记您到没到，先办结了。有话要说，请拨 12345。")


def _other_times(case, ending, why, **more) -> Told:
    """Whoever has no seat is told of the next times."""
    return _said(
        case,
        ending,
        f"{why}{instead_of(case.request.slot)}",
        label="约别的时间",
        path=page_of_offering(case),
        settles=(offer_key(case),),
        **more,
    )


def reminder(case, **details) -> Told:
    slot = case.request.slot
    return _said(case, "快到了", f"{slot.when}，{place_of(case)}。请准时来。", label="看预约")


def revoked(case, **details) -> Told:
    slot = case.request.slot
    why = f"{slot.when} 这场取消：{case.reason.rstrip('。')}。"
    return _other_times(case, "取消了", why, urgent=is_near(slot.starts_at))


def missed(case, **details) -> Told:
    return _said(
        case,
        "记了没有到",
        "这次记的是没有到。记错了请打电话说一声。",
        label="约别的时间",
        path=page_of_offering(case),
    )


attended = _always("已完成", "谢谢您来。用得上用不上，请评一评。")


def certified(case, **details) -> Told:
    return _said(case, "结业证好了", f"编号 {case.request.certificate}，打开这一件就能看。")


# Steps of a checklist


def step_done(case, **details) -> Told:
    leg = latest_end(case)
    return _said(case, "办完一步", f"“{leg.title}”办完了，{case_of_next(case)}")


step_back = _always("退回上一步", "{case.department.name}说：{reason}。")
listed = _always("已通过", "已经认定，可以看结果。")
helped = _always("办成了", "每一步都办完了。")
refused = _always("没有通过", "{reason}。")


def case_of_next(case) -> str:
    following = case.request.legs.filter(state__in=["sent", "taken"]).order_by("position").first()
    return f"现在到“{following.title}”，{following.receiver_name}在办。" if following else "就等最后认定。"


called = _always("已回电", "{case.department.name}已经给您回过电话。")


def place_of(case) -> str:
    request = case.request
    return request.slot.place or request.offering.place or "地点另行通知"


def page_of_offering(case) -> str:
    return f"/services/{case.request.offering.code}/"


def is_near(moment) -> bool:
    return moment - timezone.now() < NEAR


SENT_ON, IS_IT_SOLVED = "sent_on", "is_it_solved"
EVENTS = {"begin": begun, SENT_ON: sent_on, IS_IT_SOLVED: is_it_solved}
