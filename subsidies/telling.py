"""What the owner is told when a verb has been done, in the transaction of the verb: one message an event."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from core.money import yuan_text
from core.wording import day_text
from notifications import letters
from notifications.models import Letter

from .enums import State, Verb
from .models import Application, Correction, Instalment, Payment, Rating
from .wording import NO_PROMISE, amount_text, promise_text

LOOK = "看进度"
PAID_STAGE = "pay"  # a stage to be rated is this and the number of the instalment
ASK_FOR_RATING = "请给这次服务打分。"
LATER = "请到“政策直通车”查看，或拨12345。"


@dataclass(frozen=True)
class Told:
    """A message in the owner's words; ``sms`` without signature, empty where none is sent. ``path``: where the button
    leads, the page of the application by default."""

    title: str
    sentence: str
    label: str = LOOK
    path: str = ""
    sms: str = ""
    needs_action: bool = False
    urgent: bool = False


def tell(application: Application, verb: str, **details):
    """Write the message of ``verb``: a Verb, or a kind of event that moves nothing (``returned``, ``overdue`` …).

    Some verbs concern the bureau alone and tell the owner nothing. ``details`` are those that the event's words take.
    """
    words = WORDS.get(verb)
    told = words(application, **details) if words else None
    _settle(application, verb, details)
    if told is None:
        return None
    return letters.write(
        operator=application.operator,
        business=application.business,
        key=_key(application, verb, details),
        title=told.title,
        sentence=told.sentence,
        action_label=told.label,
        action_path=told.path or page_of(application),
        sms=told.sms,
        urgent=told.urgent,
        needs_action=told.needs_action,
    )


def _settle(application, verb, details):
    """What an earlier message wanted of the owner is done by now, or wanted no more."""
    if verb in (Verb.CORRECT, Verb.WITHDRAW):
        for number in application.corrections.values_list("number", flat=True):
            letters.settle(correction_key(application, number))
    if verb == Verb.PAY:
        instalment = details["instalment"]
        settle_claim(instalment)
        for payment in instalment.payments.filter(status=Payment.Status.RETURNED):
            letters.settle(returned_key(payment))
    if verb == "stopped":
        for instalment in Instalment.objects.filter(grant__application=application):
            settle_claim(instalment)


def correction_key(application: Application, number: int) -> str:
    return f"application {application.pk} correction {number}"


def returned_key(payment: Payment) -> str:
    return f"payment {payment.pk} returned"


def claim_key(instalment: Instalment) -> str:
    """Of one claim for an instalment: a second one that is wrong again is told again."""
    claimed = instalment.claimed_at.timestamp() if instalment.claimed_at else 0
    return f"instalment {instalment.pk} claim {claimed:.0f}"


def settle_claim(instalment: Instalment):
    """Proof is handed in again, so nothing is wanted any more. Call it before ``claimed_at`` changes."""
    letters.settle(claim_key(instalment))


def settle_recovery(application: Application):
    """Everything that was to come back has come back."""
    asked = Letter.objects.filter(key__startswith=f"application {application.pk} ", key__endswith=" recover")
    for key in asked.values_list("key", flat=True):
        letters.settle(key)


def _key(application, verb, details):
    """By what a message is told once: the version it is about, or what it is about besides."""
    if verb == Verb.REQUEST_CORRECTION:
        return correction_key(application, details["correction"].number)
    if verb == "returned":
        return returned_key(details["payment"])
    if verb == "claim_wrong":
        return claim_key(details["instalment"])
    part = details.get("instalment") or details.get("rating")
    about = f" {part._meta.model_name} {part.pk}" if part is not None else ""
    return f"application {application.pk} {application.version} {verb}{about}"


def page_of(application: Application) -> str:
    return f"/cases/{application.public_id}/"


def letter_path(application: Application, kind: str) -> str:
    return f"{page_of(application)}letter/{kind}/"


def rating_path(rating: Rating) -> str:
    return f"/rate/{rating.token}/"


def _title(application):
    return application.benefit_version.content["title"]


# The owner's own steps


def _submitted(application, **details):
    if application.lane == "confirm":
        return None  # confirmed and approved at once: APPROVE is told
    department = application.department.name
    until = promise_text(application)
    result = f"{until}。" if until == NO_PROMISE else f"{until}有结果。"
    return Told(
        f"“{_title(application)}”已提交",
        f"办件编号 {application.number}，由{department}办理。{result}",
        "看回执",
        letter_path(application, "receipt"),
        sms=f"申请已提交，编号{application.number}。{result}".replace(" ", ""),
    )


def _withdrawn(application, *, note="", **details):
    because = f"{note.rstrip('。')}。" if note else ""
    return Told(
        f"“{_title(application)}”已撤回",
        f"{because}这一件到此结束，还想办可以重新申请。",
        sms="您的申请已撤回。还想办，可以重新申请。",
    )


def _corrected(application, **details):
    return Told(
        f"“{_title(application)}”补正已收到",
        f"部门接着审核，{promise_text(application)}。",
        sms="补的材料已收到，部门接着审核。",
    )


def _appealed(application, *, appeal, **details):
    when = f"最迟 {day_text(appeal.due_on)}答复。" if appeal.due_on else f"答复{NO_PROMISE}。"
    return Told(
        f"“{_title(application)}”申诉已收到",
        f"由没有参与原来决定的人办理，{when}",
        sms=f"申诉已收到，{when}".replace(" ", ""),
    )


# Steps of the bureau


def _accepted(application, **details):
    return Told(
        f"“{_title(application)}”已受理",
        f"部门开始审核，{promise_text(application)}。",
        sms=f"申请已受理，{promise_text(application)}。".replace(" ", ""),
    )


def _correction_wanted(application, *, correction: Correction, **details):
    count, until = correction.defects.count(), day_text(correction.due_on)
    short = f"{correction.due_on.month}月{correction.due_on.day}日"
    return Told(
        f"“{_title(application)}”还要补 {count} 项",
        f"请在 {until}前补上，补正期间不计时。过期没有补，按撤回处理。",
        "去补",
        sms=f"申请还差{count}项，请于{short}前补上。{LATER}",
        needs_action=True,
    )


def _approved(application, **details):
    amount = amount_text(application)
    if application.category == "loan":
        return Told(
            f"“{_title(application)}”已通过",
            "请带上决定书，到银行办后面的手续。",
            "看决定书",
            letter_path(application, "decision"),
            sms=f"申请已通过。{LATER}",
        )
    return Told(
        f"“{_title(application)}”已通过",
        f"{amount}，会转到您登记的收款账户，到账再告诉您。",
        "看决定书",
        letter_path(application, "decision"),
        sms=f"已通过，{amount}，到账再告诉您。".replace(" ", ""),
    )


def _refused(application, **details):
    return Told(
        f"“{_title(application)}”未通过",
        f"原因和申诉办法都写在决定书里。不服可以在 {day_text(application.remedy_until)}前申诉。",
        "看原因",
        letter_path(application, "decision"),
        sms=f"未通过，原因和申诉办法{LATER}",
    )


def _sent_back(application, **details):
    """Between colleagues it is no news; what was approved and is not any more is."""
    if application.state != State.APPROVED:
        return None
    return Told(
        f"“{_title(application)}”要重新审核",
        f"批准以后内容有变动，部门要再看一遍，{promise_text(application)}。",
        sms=f"您的申请要重新审核。{LATER}",
    )


def _upheld(application, *, appeal, **details):
    if appeal.outcome == "withdrawn":
        return Told(
            f"“{_title(application)}”申诉已撤回",
            "原来的决定不变。",
            sms="申诉已撤回，原来的决定不变。",
        )
    return Told(
        f"“{_title(application)}”申诉结果：维持原决定",
        "理由写在办件里。仍不服，可以向法院提起行政诉讼。",
        "看理由",
        sms=f"申诉有结果了：维持原决定。{LATER}",
    )


def _reopened(application, **details):
    return Told(
        f"“{_title(application)}”重新审核",
        f"申诉成立，原决定已撤销，换人重新审核，{promise_text(application)}。",
        sms=f"申诉成立，换人重新审核。{LATER}",
    )


# Money


def _paid(application, *, instalment: Instalment, **details):
    paid = instalment.payments.select_related("account").get(status=Payment.Status.PAID)
    amount, end = yuan_text(instalment.amount_fen), paid.account.last_four
    rating = rating_of(application, f"{PAID_STAGE} {instalment.number}")
    return Told(
        f"“{_title(application)}”到账了",
        f"{amount} 元已转入尾号 {end} 账户。{ASK_FOR_RATING}",
        "打分",
        rating_path(rating),
        sms=f"{amount}元已转入尾号{end}账户。{ASK_FOR_RATING}",
    )


def rating_of(application: Application, stage: str) -> Rating:
    """The rating that is asked for at ``stage``, one for each."""
    rating, _ = Rating.objects.get_or_create(
        application=application, stage=stage, defaults={"department": application.department}
    )
    return rating


def _returned(application, *, payment: Payment, **details):
    because = f"银行说：{payment.reason.rstrip('。')}。" if payment.reason else ""
    return Told(
        f"“{_title(application)}”的钱退回来了",
        f"{because}请核对收款账户，改好后会再转一次。",
        "改收款账户",
        sms=f"补贴没有转成，请核对收款账户。{LATER}",
        needs_action=True,
    )


def _claim_wrong(application, *, instalment: Instalment, **details):
    return Told(
        f"“{_title(application)}”第 {instalment.number} 期凭证要重交",
        f"{instalment.problem.rstrip('。')}。请重新上传。",
        "去上传",
        sms=f"房租凭证要重新上传。{LATER}",
        needs_action=True,
    )


def _stopped(application, *, because="", **details):
    why = f"原因：{because.rstrip('。')}。" if because else ""
    return Told(
        f"“{_title(application)}”停发",
        f"{why}已经到账的不受影响，多发的会另行通知。",
        sms=f"补贴已停发。{LATER}",
    )


def _recover(application, *, amount_fen: int = 0, because="", **details):
    amount = f"{yuan_text(amount_fen)} 元" if amount_fen else "一部分"
    why = f"原因：{because.rstrip('。')}。" if because else ""
    return Told(
        f"“{_title(application)}”要退回{amount}",
        f"{why}怎么退，请拨 12345 问承办部门。",
        sms=f"有补贴需要退回。{LATER}",
        needs_action=True,
    )


# The clock, ratings


def _overdue(application, *, today: date | None = None, **details):
    days = ((today or timezone.localdate()) - application.due_on).days
    return Told(
        f"“{_title(application)}”超过承诺时限了",
        f"已超过 {days} 天，已自动催办。您也可以拨 12345 催问。",
        sms="您的申请已超过承诺时限，已自动催办。您也可以拨12345催问。",
    )


def _mended(application, *, rating: Rating, **details):
    return Told(
        "您的评价有回复了",
        f"{rating.mended_how.rstrip('。')}。您可以再评一次。",
        "再评一次",
        rating_path(rating),
        sms=f"您的评价有回复了。{LATER}",
    )


WORDS = {
    Verb.SUBMIT: _submitted,
    Verb.ACCEPT: _accepted,
    Verb.REQUEST_CORRECTION: _correction_wanted,
    Verb.CORRECT: _corrected,
    Verb.APPROVE: _approved,
    Verb.REFUSE: _refused,
    Verb.WITHDRAW: _withdrawn,
    Verb.SEND_BACK: _sent_back,
    Verb.PAY: _paid,
    Verb.APPEAL: _appealed,
    Verb.UPHOLD: _upheld,
    Verb.REOPEN: _reopened,
    "returned": _returned,
    "claim_wrong": _claim_wrong,
    "stopped": _stopped,
    "recover": _recover,
    "overdue": _overdue,
    "mended": _mended,
}
