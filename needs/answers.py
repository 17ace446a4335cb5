"""答复公开: what one was answered helps others, once somebody has taken out of it whose it was, and another agrees."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from businesses.rules import refuse_numbers
from cases import audit
from cases.models import Case
from cases.wording import kept_words
from core.errors import Fault, Invalid, Refused

from . import similar
from .models import Answer

PREPARE, PUBLISH = "needs.add_answer", "needs.publish_answer"
SHORTEST, LONGEST_QUESTION, LONGEST_ANSWER = 4, 500, 2_000
# What became of the request by then, of its procedure: those may be shown with an answer.
ANSWERED = ("answered", "solved", "settled")
NOT_ANSWERED = "这一件还没有答复。只能先公开问题，让有同样问题的人一起等。"


def may_prepare(user, case: Case) -> bool:
    """Somebody of the department whose enquiry it is."""
    seen = Case.objects.visible_to(user).filter(pk=case.pk, request__offering__kind="enquiry")
    return getattr(user, "is_staff", False) and user.has_perm(PREPARE) and seen.exists()


@transaction.atomic
def prepare(case: Case, question: str, words: str, *, by, topic: str = "") -> Answer:
    """A draft. Without ``words`` it is a need that several have, of a request that waits. Raises PermissionDenied,
    Invalid naming every fault, Refused."""
    if not may_prepare(by, case):
        raise PermissionDenied
    row = Case.objects.select_related("business", "operator", "department", "request").get(pk=case.pk)
    question, words = _checked(row, question, words)
    if words and row.state not in ANSWERED:
        raise Refused(NOT_ANSWERED)
    answer = Answer.objects.create(
        question=question,
        answer=words,
        topic=topic or row.request.topic,
        benefit=row.benefit,
        request=row.request,
        office=row.department.name,
        prepared_by=by,
    )
    _write_down("prepare_answer", answer, by)
    return answer


def _checked(case, question, words) -> tuple[str, str]:
    """Both without blanks around. Raises Invalid where one is missing, too long, or tells whose it is."""
    question, words = kept_words(question), kept_words(words)
    faults = []
    if not SHORTEST <= len(question) <= LONGEST_QUESTION:
        faults.append(
            Fault(
                "question",
                "required",
                f"问题要写 {SHORTEST} 到 {LONGEST_QUESTION} 个字，您写了 {len(question)} 个",
            )
        )
    if len(words) > LONGEST_ANSWER:
        faults.append(Fault("answer", "too_long", f"答复最多 {LONGEST_ANSWER} 个字，您写了 {len(words)} 个"))
    for field, text in (("question", question), ("answer", words)):
        faults += _tells_whose(case, field, text)
    if faults:
        raise Invalid(faults)
    return question, words


def _tells_whose(case, field, text) -> list[Fault]:
    names = [case.business.name if case.business else "", case.operator.name if case.operator else ""]
    if any(name and name in text for name in names):
        return [Fault(field, "names_somebody", "公开的内容里有店名或店主姓名，请改掉再提交")]
    try:
        refuse_numbers(field, text)
    except Invalid as problem:
        return problem.faults
    return []


@transaction.atomic
def publish(answer: Answer, *, by) -> Answer:
    """From now on everybody reads it and finds it. Refused for whoever prepared it."""
    row = _locked(answer, by)
    if row.prepared_by_id == by.pk:
        raise Refused("公开要由起草人以外的人来办。请同事看过再公开。")
    if row.withdrawn_at:
        raise Refused("这一条已经撤下。要再公开，请重新起草。")
    if row.published_at:
        return row
    row.published_by, row.published_at = by, timezone.now()
    row.save(update_fields=["published_by", "published_at"])
    similar.remember_answer(row)
    _write_down("publish_answer", row, by)
    return row


@transaction.atomic
def withdraw(answer: Answer, *, by) -> Answer:
    """Nobody else reads it any more, whether it was published or not."""
    row = _locked(answer, by)
    if row.withdrawn_at:
        return row
    row.withdrawn_at = timezone.now()
    row.save(update_fields=["withdrawn_at"])
    similar.forget_answer(row)
    _write_down("withdraw_answer", row, by)
    return row


def _locked(answer, by) -> Answer:
    if not by.has_perm(PUBLISH):
        raise PermissionDenied
    return Answer.objects.select_for_update(of=("self",)).get(pk=answer.pk)


def helped(answer: Answer) -> None:
    """Somebody says that this is it, and asks nothing."""
    Answer.objects.published().filter(pk=answer.pk).update(helped=F("helped") + 1)


def _write_down(verb, answer, by) -> None:
    audit.record(verb, f"answer {answer.pk}", by=by, department_id=by.department_id)
