"""What the owner of an application is told: the words of each verb and event, as cases/letters.py sends them."""

from cases.letters import (
    LATER,
    Told,
    correction_key,
    corrections_of,
    filled_in_by,
    paper_path,
    rating_of,
    rating_path,
    settle,
    title_of,
)
from cases.models import Correction
from cases.procedure import GRANTED
from cases.wording import NO_PROMISE, promise_text
from core.money import yuan_text
from core.wording import day_text
from notifications.models import Letter

from .models import Application, Instalment, Payment
from .permissions import is_to_be_paid
from .wording import amount_text

DECIDED_STAGE = "decide"
PAID_STAGE = "pay"  # a stage to be rated is this and the number of the instalment
ASK_FOR_RATING = "请给这次服务打分。"


def returned_key(payment: Payment) -> str:
    return f"payment {payment.pk} returned"


def claim_key(instalment: Instalment) -> str:
    """Of one claim for an instalment: a second one that is wrong again is told again."""
    claimed = instalment.claimed_at.timestamp() if instalment.claimed_at else 0
    return f"instalment {instalment.pk} claim {claimed:.0f}"


def settle_claim(instalment: Instalment) -> None:
    """Proof is handed in again, so nothing is wanted any more. Call it before ``claimed_at`` changes."""
    settle(claim_key(instalment))


def settle_recovery(application: Application) -> None:
    """Everything that was to come back has come back."""
    asked = Letter.objects.filter(key__startswith=f"{application.subject} ", key__endswith=" recover")
    for key in asked.values_list("key", flat=True):
        settle(key)


# The owner's own steps


def submitted(application, **details):
    if application.outcome == GRANTED:
        return approved(application)  # confirmed and approved at once
    if application.lane == "confirm":
        return None
    department = application.department.name
    until = promise_text(application)
    result = f"{until}。" if until == NO_PROMISE else f"{until}有结果。"
    return Told(
        f"“{title_of(application)}”已提交",
        f"办件编号 {application.number}，由{department}办理。{result}{filled_in_by(application)}",
        "看回执",
        paper_path(application, "receipt"),
        sms=f"申请已提交，编号{application.number}。{result}".replace(" ", ""),
    )


def withdrawn(application, *, note="", **details):
    because = f"{note.rstrip('。')}。" if note else ""
    return Told(
        f"“{title_of(application)}”已撤回",
        f"{because}这一件到此结束，还想办可以重新申请。",
        sms="您的申请已撤回。还想办，可以重新申请。",
        settles=corrections_of(application),
    )


def corrected(application, **details):
    return Told(
        f"“{title_of(application)}”补正已收到",
        f"部门接着审核，{promise_text(application)}。",
        sms="补的材料已收到，部门接着审核。",
        settles=corrections_of(application),
    )


def appealed(application, *, appeal, **details):
    when = f"最迟 {day_text(appeal.due_on)}答复。" if appeal.due_on else f"答复{NO_PROMISE}。"
    return Told(
        f"“{title_of(application)}”申诉已收到",
        f"由没有参与原来决定的人办理，{when}",
        sms=f"申诉已收到，{when}".replace(" ", ""),
    )


# Steps of the bureau


def accepted(application, **details):
    return Told(
        f"“{title_of(application)}”已受理",
        f"部门开始审核，{promise_text(application)}。",
        sms=f"申请已受理，{promise_text(application)}。".replace(" ", ""),
    )


def correction_wanted(application, *, correction: Correction, **details):
    count, until = correction.defects.count(), day_text(correction.due_on)
    short = f"{correction.due_on.month}月{correction.due_on.day}日"
    return Told(
        f"“{title_of(application)}”还要补 {count} 项",
        f"请在 {until}前补上，补正期间不计时。过期没有补，按撤回处理。",
        "去补",
        sms=f"申请还差{count}项，请于{short}前补上。{LATER}",
        needs_action=True,
        key=correction_key(application, correction.number),
    )


def approved(application, **details):
    if not is_to_be_paid(application):
        return None  # a second person countersigns first
    amount = amount_text(application)
    if application.category == "loan":
        return Told(
            f"“{title_of(application)}”已通过",
            "请带上决定书，到银行办后面的手续。",
            "看决定书",
            paper_path(application, "decision"),
            sms=f"申请已通过。{LATER}",
        )
    return Told(
        f"“{title_of(application)}”已通过",
        f"{amount}，会转到您登记的收款账户，到账再告诉您。",
        "看决定书",
        paper_path(application, "decision"),
        sms=f"已通过，{amount}，到账再告诉您。".replace(" ", ""),
    )


def refused(application, **details):
    return Told(
        f"“{title_of(application)}”未通过",
        f"原因和申诉办法都写在决定书里。不服可以在 {day_text(application.remedy_until)}前申诉。",
        "看原因",
        paper_path(application, "decision"),
        sms=f"未通过，原因和申诉办法{LATER}",
    )


def sent_back(application, *, before="", **details):
    """Between colleagues it is no news; what was approved and is not any more is."""
    if application.life.states[before].outcome != GRANTED:
        return None
    return Told(
        f"“{title_of(application)}”要重新审核",
        f"批准以后内容有变动，部门要再看一遍，{promise_text(application)}。",
        sms=f"您的申请要重新审核。{LATER}",
    )


def upheld(application, *, appeal, **details):
    if appeal.outcome == "withdrawn":
        return Told(
            f"“{title_of(application)}”申诉已撤回",
            "原来的决定不变。",
            sms="申诉已撤回，原来的决定不变。",
        )
    return Told(
        f"“{title_of(application)}”申诉结果：维持原决定",
        "理由写在办件里。仍不服，可以向法院提起行政诉讼。",
        "看理由",
        sms=f"申诉有结果了：维持原决定。{LATER}",
    )


def reopened(application, **details):
    return Told(
        f"“{title_of(application)}”重新审核",
        f"申诉成立，原决定已撤销，换人重新审核，{promise_text(application)}。",
        sms=f"申诉成立，换人重新审核。{LATER}",
    )


# Money


def paid(application, *, instalment: Instalment, **details):
    payment = instalment.payments.select_related("account").get(status=Payment.Status.PAID)
    amount, end = yuan_text(instalment.amount_fen), payment.account.last_four
    rating = rating_of(application, f"{PAID_STAGE} {instalment.number}")
    came_back = instalment.payments.filter(status=Payment.Status.RETURNED)
    return Told(
        f"“{title_of(application)}”到账了",
        f"{amount} 元已转入尾号 {end} 账户。{ASK_FOR_RATING}",
        "打分",
        rating_path(rating),
        sms=f"{amount}元已转入尾号{end}账户。{ASK_FOR_RATING}",
        settles=(claim_key(instalment), *map(returned_key, came_back)),
    )


def returned(application, *, payment: Payment, **details):
    because = f"银行说：{payment.reason.rstrip('。')}。" if payment.reason else ""
    return Told(
        f"“{title_of(application)}”的钱退回来了",
        f"{because}请核对收款账户，改好后会再转一次。",
        "改收款账户",
        sms=f"补贴没有转成，请核对收款账户。{LATER}",
        needs_action=True,
        key=returned_key(payment),
    )


def claim_wrong(application, *, instalment: Instalment, **details):
    return Told(
        f"“{title_of(application)}”第 {instalment.number} 期凭证要重交",
        f"{instalment.problem.rstrip('。')}。请重新上传。",
        "去上传",
        sms=f"房租凭证要重新上传。{LATER}",
        needs_action=True,
        key=claim_key(instalment),
    )


def stopped(application, *, because="", **details):
    why = f"原因：{because.rstrip('。')}。" if because else ""
    claims = Instalment.objects.filter(grant__application=application)
    return Told(
        f"“{title_of(application)}”停发",
        f"{why}已经到账的不受影响，多发的会另行通知。",
        sms=f"补贴已停发。{LATER}",
        settles=tuple(map(claim_key, claims)),
    )


def recover(application, *, amount_fen: int = 0, because="", **details):
    amount = f"{yuan_text(amount_fen)} 元" if amount_fen else "一部分"
    why = f"原因：{because.rstrip('。')}。" if because else ""
    return Told(
        f"“{title_of(application)}”要退回{amount}",
        f"{why}怎么退，请拨 12345 问承办部门。",
        sms=f"有补贴需要退回。{LATER}",
        needs_action=True,
    )
