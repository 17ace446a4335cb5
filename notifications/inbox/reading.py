"""One message as its page shows it: what it said, why it came, and what is so today. What no longer holds is said."""

from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse
from django.utils import timezone

from businesses.disclosure import profile_for
from businesses.models import Business, operators_of
from core.money import yuan_text
from core.wording import day_text
from eligibility import wording as eligibility_words
from eligibility.evaluation import evaluate
from eligibility.holdings import held_by
from eligibility.matches.matching import STATES
from policies.catalogue import benefit_url, catalogue
from policies.criteria.states import NEEDS_NOTHING

from ..models import Change, Notification, OptOut
from ..truth import holds
from ..wording import of_many
from .cards import OVER, SUSPENDED, TONES, WITHDRAWN, taken_back
from .reasons import About, Reason, profile_then, reason_of

SAYS_AGAIN = {
    WITHDRAWN: "这项政策已撤回，这条消息不再有效。",
    SUSPENDED: "这项政策已暂停或废止，现在不能办。",
    OVER: "消息里说的日子已经过了。",
}


@dataclass
class Amount:
    """``label``: {prefix, figure, unit} or None; ``working``: line by line; ``before``: what it was, in words."""

    label: dict | None = None
    working: list = field(default_factory=list)
    before: str = ""
    missing: list = field(default_factory=list)


@dataclass
class Reading:
    """``shop``: what the message is about, None where the reader may not see it today. ``changed``: what has become of
    the message since, empty where it holds. ``comes_on``: a day for the calendar, or None."""

    row: Notification
    words: object
    benefit_title: str
    measure_url: str
    is_mine: bool
    shop: Business | None
    shop_name: str
    reason: Reason | None = None
    amount: Amount | None = None
    when: list = field(default_factory=list)
    changed: str = ""
    state: str = ""
    state_label: str = ""
    comes_on: date | None = None
    calendar_title: str = ""
    action_label: str = ""
    action_url: str = ""
    dismissed: OptOut | None = None
    muted: OptOut | None = None

    @property
    def tone(self):
        return TONES[self.row.kind]


def read(row: Notification, user) -> Reading:
    """The message ``row`` as ``user``, who may see it, reads it today."""
    known, today = catalogue(), timezone.localdate()
    benefit = next((one for one in known.benefits.values() if one.pk == row.benefit_id), None)
    words = of_many([row])[row.pk]
    seen = Business.objects.acted_for_by(user).filter(pk=row.business_id, operator=row.operator_id).first()
    reading = Reading(
        row=row,
        words=words,
        benefit_title=words.title,
        measure_url=_measure_url(benefit),
        is_mine=row.operator_id in operators_of(user),
        shop=seen,
        shop_name=row.business.name,
        **_silences(row),
    )
    gone = taken_back(known, benefit, today)
    if benefit is not None and seen is not None:
        _judge(reading, known, benefit, user, today, gone)
    if gone:
        reading.changed = SAYS_AGAIN[gone]
    _set_action(reading, gone)
    return reading


def _measure_url(benefit):
    """The guide to the benefit, as long as there is one."""
    return benefit_url(benefit) if benefit else reverse("policy-list")


def _silences(row):
    silences = {"dismissed": None, "muted": None}
    for silence in OptOut.objects.filter(operator=row.operator_id, ended_at=None):
        if silence.benefit_id == row.benefit_id and silence.kind is None:
            silences["dismissed"] = silence
        if silence.benefit_id is None and silence.kind == row.kind:
            silences["muted"] = silence
    return silences


def _judge(reading, known, benefit, user, today, gone) -> None:
    """Fill in why it came and what is so today, from the facts of the shop that the reader may see."""
    row = reading.row
    profile = profile_for(user, reading.shop)
    version = next((version for version in benefit.versions if version.pk == row.version_id), None)
    then = profile_then(profile, reading.shop, row.created_at)
    reading.reason = reason_of(About(row, reading.shop, then, benefit, version))
    in_force = benefit.in_force_on(today)
    if in_force is None:
        return
    answer = evaluate(profile, today, held=held_by(reading.shop, today), known=known)
    assessment = next(assessment for assessment in answer.assessments if assessment.rule.code == benefit.code)
    reading.benefit_title = assessment.rule.title
    reading.state, reading.state_label = assessment.state, eligibility_words.state_label(assessment)
    if not gone:
        reading.changed = _changed(row, assessment, in_force, today)
    reading.amount = _amount(row, assessment, in_force.content, known.registry)
    reading.when, reading.comes_on, reading.calendar_title = _when(assessment, today)


def _changed(row, assessment, in_force, today):
    """What has become of the message since it was written; empty where it still holds."""
    if row.kind == Change.REMINDER and row.day < today:
        return SAYS_AGAIN[OVER]
    written = day_text(timezone.localtime(row.created_at).date())
    if assessment.state == "have" and row.kind != Change.ENDED:
        return "您已经享受这一项，或者正在办，不用再办。"
    if not holds(row.kind, STATES.get(assessment.state)):
        return f"消息写于 {written}，后来有更新。现在是：{eligibility_words.state_label(assessment)}。"
    if in_force.pk != row.version_id:
        return f"消息写于 {written}，后来政策有了第 {in_force.rule.number} 版。下面按新的一版写。"
    return ""


def _amount(row, assessment, content, registry):
    """What can be had today, with the sum worked out, and what it was where that is what changed."""
    if assessment.state not in STATES or not assessment.rule.is_money:
        return None
    before = ""
    if row.kind == Change.AMOUNT and row.before_fen is not None and assessment.amount.unit:
        unit = eligibility_words.UNITS[assessment.amount.unit]
        before = f"{yuan_text(row.before_fen)} {unit}"
    return Amount(
        label=eligibility_words.amount_label(assessment, content),
        working=eligibility_words.working(assessment.amount),
        before=before,
        missing=[registry[name].label for name in assessment.amount.missing if name in registry],
    )


def _when(assessment, today):
    """(sentences, the day for a calendar, what the calendar says)."""
    title, says = assessment.rule.title, []
    if assessment.state == "soon":
        says.append(
            f"{day_text(assessment.eligible_from)}起可以，还有 {(assessment.eligible_from - today).days} 天。"
        )
        if assessment.apply_before:
            says.append(f"最晚 {day_text(assessment.apply_before)}。")
        return says, assessment.eligible_from, f"{title}：从今天起可以了"
    if assessment.state not in ("now", "auto"):
        return [f"现在不能办：{eligibility_words.state_label(assessment)}。"], None, ""
    if assessment.rule.delivery in NEEDS_NOTHING:
        says.append("不用申请。")
    if assessment.apply_before is None:
        says.append("现在没有截止日期。")
        return says, None, ""
    left = (assessment.apply_before - today).days
    says.append(f"最晚 {day_text(assessment.apply_before)}，还有 {left} 天。" if left else "今天是最后一天。")
    return says, assessment.apply_before, f"{title}：今天是最后一天"


def _set_action(reading, gone) -> None:
    """One button: by what is so today, and by the message's own words as long as it holds."""
    if gone or reading.shop is None:
        reading.action_label, reading.action_url = "看看别的政策", reverse("policy-list")
    elif reading.state == "soon":
        reading.action_label = "加到日历"
        reading.action_url = reverse("inbox-calendar", args=[reading.row.pk])
    elif reading.state in ("now", "auto") and reading.row.kind in (
        Change.NEW,
        Change.AMOUNT,
        Change.REMINDER,
    ):
        reading.action_label = reading.words.action_label
        reading.action_url = reading.words.action_url_path
    else:
        reading.action_label, reading.action_url = "看这项政策", reading.measure_url
