"""What becomes of an offering: written by one, published by a second person of a bureau, paused, opened, closed."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import Department
from businesses.registry import business_registry
from cases import audit
from core.errors import Fault, Invalid, NotYours, Refused
from core.wording import day_text
from policies.criteria.tree import RuleError

from ..checklists.steps import EFFECTS
from ..kinds import KINDS
from ..models import Offering
from .offerings import rule_of
from .questions import Question

Status = Offering.Status
OWN_DRAFT = "起草的人不能自己发布，请另一位同事看过再发布。"
STEP = {"key", "title", "department", "needs", "sets", "effect"}
SETS = ("reviewer", "approver")
LONGEST_REASON = Offering._meta.get_field("paused_because").max_length


def may_write(user, offering: Offering) -> bool:
    """Whoever offers what the own department gives or answers for."""
    own = user.is_superuser or user.department_id in (offering.provider_id, offering.handler_id)
    return user.has_perm("services.change_offering") and own


def may_publish(user, offering: Offering) -> bool:
    """Whoever publishes for a bureau: the one that answers for it, or one that leads its measure."""
    if not user.has_perm("services.publish_offering"):
        return False
    if user.is_superuser:
        return True
    bureau = user.department
    if bureau is None or bureau.kind != Department.Kind.BUREAU:
        return False
    return bureau.pk == offering.handler_id or offering.benefit.measure.lead.filter(pk=bureau.pk).exists()


# What is wrong with it


def faults_of(offering: Offering) -> list[Fault]:
    """Everything that keeps it from being asked for, by the name of its column."""
    return [
        *_faults_of_rule(offering),
        *_faults_of_questions(offering.questions),
        *_faults_of_steps(offering),
        *_faults_of_shares(offering.shares),
    ]


def _faults_of_rule(offering) -> list[Fault]:
    for name in ("criteria", "relevance"):
        alone = Offering(benefit=offering.benefit, **{name: getattr(offering, name)})
        try:
            rule_of(alone)
        except RuleError as problem:
            return [Fault(name, "rule", str(problem))]
    return []


def _faults_of_shares(shares) -> list[Fault]:
    if not isinstance(shares, list):
        return [Fault("shares", "invalid", "要写成一列信息的名称：[…, …]")]
    unknown = [str(name) for name in shares if name not in business_registry()]
    return [Fault("shares", "invalid", f"没有 {'、'.join(unknown)} 这样的信息")] if unknown else []


def _faults_of_questions(questions) -> list[Fault]:
    if not isinstance(questions, list):
        return [Fault("questions", "invalid", "要写成一列问题：[{…}, {…}]")]
    faults, keys = [], set()
    for line, raw in enumerate(questions, 1):
        try:
            question = Question.of(raw)
            if question.key in keys:
                raise ValueError(f"key {question.key} 用了两次")
            keys.add(question.key)
        except (ValueError, TypeError, AttributeError) as problem:
            words = str(problem) if isinstance(problem, ValueError) else "要写 key、type、label"
            faults.append(Fault("questions", "invalid", f"第 {line} 个问题：{words}"))
    return faults


def _faults_of_steps(offering) -> list[Fault]:
    steps, in_order = offering.steps, KINDS[offering.kind].legs == "in order"
    if not isinstance(steps, list):
        return [Fault("steps", "invalid", "要写成一列步骤：[{…}, {…}]")]
    if in_order and not steps:
        return [Fault("steps", "required", "逐项办的服务要写步骤")]
    codes = set(Department.objects.values_list("code", flat=True))
    found = [(line, _fault_of_step(step, codes)) for line, step in enumerate(steps, 1)]
    return [Fault("steps", "invalid", f"第 {line} 步：{words}") for line, words in found if words]


def _fault_of_step(step, codes) -> str:
    if not isinstance(step, dict) or not all(step.get(name) for name in ("key", "title", "department")):
        return "要写 key、title、department"
    if unknown := set(step) - STEP:
        return f"没有这样的写法：{'、'.join(sorted(unknown))}"
    if step["department"] not in codes:
        return f"没有代码是 {step['department']} 的部门"
    if step.get("sets") not in (None, "", *SETS):
        return f"sets 只能是 {'、'.join(SETS)}"
    if step.get("effect") not in (None, "", *EFFECTS):
        return f"没有 {step['effect']} 这个效果"
    return ""


# Verbs


@transaction.atomic
def publish_offering(offering: Offering, *, by) -> Offering:
    """From now on it can be asked for. Raises PermissionDenied, NotYours for whoever wrote it, and Invalid where it is
    not whole."""
    row = _locked(offering)
    if not may_publish(by, row):
        raise PermissionDenied
    if row.status != Status.DRAFT:
        raise Refused("只有草稿能发布。请刷新页面看最新情况。")
    if by.pk == row.prepared_by_id:
        raise NotYours(OWN_DRAFT)
    if faults := faults_of(row):
        raise Invalid(faults)
    return _written(row, "publish_offering", by, status=Status.PUBLISHED, published_by=by)


@transaction.atomic
def take_back(offering: Offering, *, by) -> Offering:
    """A published one becomes a draft again, to be changed; nobody asks for it meanwhile."""
    row = _writable(offering, by)
    if row.status == Status.DRAFT:
        raise Refused("这项服务现在就是草稿，可以直接改。")
    return _written(row, "take_back_offering", by, status=Status.DRAFT, published_by=None, prepared_by=by)


@transaction.atomic
def close(offering: Offering, *, by) -> Offering:
    """Nobody asks for it any more. What was asked for goes on."""
    row = _writable(offering, by)
    if row.status != Status.PUBLISHED:
        raise Refused("这项服务没有在办，不用停办。")
    return _written(row, "close_offering", by, status=Status.CLOSED)


@transaction.atomic
def pause(offering: Offering, until: date, reason: str, *, by) -> Offering:
    """Nobody asks for it before ``until``. Raises Invalid."""
    row = _writable(offering, by)
    if until <= timezone.localdate():
        raise Invalid.because("until", "past", "请写今天以后的日期")
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Invalid.because("reason", "required", f"请写为什么暂停，最多 {LONGEST_REASON} 个字")
    return _written(
        row,
        "pause_offering",
        by,
        note=f"到 {day_text(until)}：{reason}",
        paused_until=until,
        paused_because=reason,
    )


@transaction.atomic
def reopen(offering: Offering, *, by) -> Offering:
    """It can be asked for again before the day that was said."""
    row = _writable(offering, by)
    if row.paused_until is None:
        raise Refused("这项服务没有暂停。")
    return _written(row, "reopen_offering", by, paused_until=None, paused_because="")


def _locked(offering) -> Offering:
    rows = Offering.objects.select_for_update(of=("self",)).select_related("benefit__measure")
    return rows.get(pk=offering.pk)


def _writable(offering, by) -> Offering:
    row = _locked(offering)
    if not may_write(by, row) and not may_publish(by, row):
        raise PermissionDenied
    return row


def _written(row, verb, by, note="", **values) -> Offering:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
    audit.record(verb, f"offering {row.pk}", by=by, department_id=row.handler_id, note=note)
    return row
