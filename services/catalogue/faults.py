"""What is wrong with an offering, wherever it is written: the admin, a file, or a draft that is to be published."""

from accounts.models import Department
from businesses import sharing
from core.errors import Fault
from policies.criteria.tree import RuleError

from ..checklists.steps import EFFECTS
from ..kinds import KINDS
from ..models import Offering
from .offerings import check_rule
from .questions import Question
from .terms import LABELS

STEP = {"key", "title", "department", "needs", "sets", "effect"}
SETS = ("reviewer", "approver")


def faults_of(offering: Offering) -> list[Fault]:
    """Everything that keeps it from being asked for, by the name of its column."""
    if offering.kind not in KINDS:
        return [Fault("kind", "invalid_choice", f"种类只能是 {'、'.join(KINDS)}")]
    return [
        *_faults_of_rule(offering),
        *_faults_of_questions(offering.questions),
        *_faults_of_steps(offering),
        *_faults_of_shares(offering.shares),
        *_faults_of_terms(offering.terms),
    ]


def _faults_of_rule(offering) -> list[Fault]:
    try:
        check_rule(offering)
    except RuleError as problem:
        name = "relevance" if problem.part[:1] == ("relevance",) else "criteria"
        return [Fault(name, "rule", str(problem))]
    return []


def _faults_of_shares(shares) -> list[Fault]:
    if not isinstance(shares, list):
        return [Fault("shares", "invalid", "要写成一列信息的名称：[…, …]")]
    unknown = [str(name) for name in sharing.unknown(shares)]
    return [Fault("shares", "invalid", f"没有 {'、'.join(unknown)} 这样的信息")] if unknown else []


def _faults_of_terms(terms) -> list[Fault]:
    if not isinstance(terms, dict):
        return [Fault("terms", "invalid", '要写成名称和内容，例如 {"fee": 20}')]
    faults = [Fault("terms", "invalid", f"没有“{name}”这一项") for name in terms if name not in LABELS]
    if not isinstance(terms.get("limit_fen") or 0, int):
        faults.append(Fault("terms", "invalid", "limit_fen 要写整数，单位是分"))
    return faults


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
