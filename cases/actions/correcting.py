"""补正: everything that is wrong is told at once, the clock stands still, and the owner mends it piece by piece."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from businesses.registry import business_registry
from cases.materials import to_upload
from core.errors import Fault, Invalid, Refused
from core.wording import day_text
from core.workdays import add_workdays

from ..assessment import asked_facts, filed_on, first_of, judge_filed, judged_columns
from ..models import Case, Correction, Defect, Evidence
from ..queue import for_review
from ..rights import permissions
from ..terms import terms_of
from ..transitions import locked, move, require, touch
from ..wording import kept_words
from .filling import put_file, read_answers

# The verbs of a procedure in which something may be mended.
REQUEST_CORRECTION, CORRECT = "request_correction", "correct"
NOT_ASKED = "这份材料不在补正的范围里，不能换"


@transaction.atomic
def request_correction(case: Case, defects: list[dict], *, by, expected_version: int | None = None) -> Case:
    """一次性告知: everything that is wrong, at once; the clock stands still until it is mended.

    ``defects``: ``[{"kind": "fact"|"material", "name", "reason", "sample"}]``. Raises Invalid naming every fault.
    """
    found = for_review(case, by, expected_version)
    require(found, REQUEST_CORRECTION, by=by)
    _refuse_bad_defects(found, defects)
    today = timezone.localdate()
    correction = Correction.objects.create(
        case=found,
        number=found.corrections.count() + 1,
        asked_by=by,
        due_on=add_workdays(today, terms_of(found.benefit_version).correction_working_days),
    )
    Defect.objects.bulk_create(
        Defect(
            correction=correction,
            kind=defect["kind"],
            name=defect["name"],
            reason=kept_words(defect["reason"])[:300],
            sample=kept_words(defect.get("sample", ""))[:300],
            before=_as_it_is(found, defect["kind"], defect["name"]),
        )
        for defect in defects
    )
    move(
        found,
        REQUEST_CORRECTION,
        by=by,
        told={"correction": correction},
        said={
            "correction": correction.number,
            "defects": [[defect["kind"], defect["name"]] for defect in defects],
        },
    )
    return found


def _refuse_bad_defects(found, defects) -> None:
    if not defects:
        raise Invalid.because("defects", "required", "请至少选一项要补正的内容")
    judged = judge_filed(found)
    names = {
        "fact": {fact.name for fact in asked_facts(judged)} | set(found.answers),
        "material": {row["name"] for row in to_upload(found.benefit_version)},
    }
    faults, seen = [], set()
    for place, defect in enumerate(defects):
        kind, name = defect.get("kind"), defect.get("name")
        if name not in names.get(kind, ()) or (kind, name) in seen:
            faults.append(Fault(f"defects.{place}.name", "invalid_choice", "没有这一项，或选了两次"))
        if len(str(defect.get("reason", "")).strip()) < 4:
            faults.append(Fault(f"defects.{place}.reason", "required", "请写明哪里不对，至少 4 个字"))
        seen.add((kind, name))
    if faults:
        raise Invalid(faults)


def _as_it_is(case, kind, name) -> object:
    if kind == "fact":
        return case.answers.get(name)
    files = case.files.filter(material=name, removed_at=None)
    return [str(pk) for pk in files.values_list("evidence__public_id", flat=True)]


def _for_correction(case, principal, expected_version=None) -> tuple[Case, Correction]:
    found = locked(case, expected_version)
    if not permissions.may_apply(principal, found.business):
        raise PermissionDenied
    correction = found.open_correction
    if correction is None:
        raise Refused("这一件现在不用补正。请刷新页面看最新情况。")
    if correction.due_on < timezone.localdate():  # the sweep, which ends it, may not have come by yet
        until = day_text(correction.due_on)
        raise Refused(f"补材料到 {until}为止，已经过了。这一件按撤回处理。传过的材料还在，您可以重新申请。")
    return found, correction


def _defect(correction, kind, name) -> Defect | None:
    return next((row for row in correction.defects.all() if (row.kind, row.name) == (kind, name)), None)


@transaction.atomic
def mend_fact(case: Case, name: str, value, *, by=None, client=None) -> Case:
    """The owner's new answer to a fact that was called wrong. Only those that were asked for can be changed."""
    found, correction = _for_correction(case, by or client)
    defect = _defect(correction, "fact", name)
    if defect is None:
        raise Invalid.because("fact", "not_asked", "这一项不在补正的范围里，不能改")
    if value is None:
        raise Invalid.because("fact", "required", f"{_label(name)}：请填写")
    read_answers({name: value})
    defect.after, defect.resolved_at = value, timezone.now()
    defect.save(update_fields=["after", "resolved_at"])
    touch(found, answers={**found.answers, name: value})
    return found


@transaction.atomic
def mend_material(case: Case, material: str, evidence: list[Evidence], *, by=None, client=None) -> Case:
    """New files for a material that was called wrong; the old ones stay to be compared."""
    found, correction = _for_correction(case, by or client)
    defect = _defect(correction, "material", material)
    if defect is None:
        raise Invalid.because("material", "not_asked", NOT_ASKED)
    if not evidence:
        raise Invalid.because("files", "required", "请先上传新的材料")
    fresh = {row.pk for row in evidence}
    found.files.filter(material=material, removed_at=None).exclude(evidence__in=fresh).update(
        removed_at=timezone.now()
    )
    for row in evidence:
        put_file(found, material, row)
    defect.after, defect.resolved_at = [str(row.public_id) for row in evidence], timezone.now()
    defect.save(update_fields=["after", "resolved_at"])
    touch(found)
    return found


@transaction.atomic
def correct(case: Case, *, by=None, client=None, expected_version: int | None = None) -> Case:
    """Everything is mended: back to review, and the clock goes on with what was left."""
    found, correction = _for_correction(case, by or client, expected_version)
    left = [row.name for row in correction.defects.filter(resolved_at=None)]
    if left:
        raise Refused(f"还有 {len(left)} 项没有补：{'、'.join(_label(name) for name in left)}。")
    if waiting := found.files.filter(removed_at=None).exclude(evidence__status=Evidence.Status.CLEAN).count():
        raise Refused(f"还有 {waiting} 个文件在检查，请过几分钟再提交。")
    correction.answered_at = timezone.now()
    correction.save(update_fields=["answered_at"])
    # What was mended is looked at again; the other verdicts stand.
    named = {row.name for row in correction.defects.all()}
    standing = {
        row["id"]: found.verdicts[row["id"]]
        for row in found.judged["criteria"]
        if row["id"] in found.verdicts
        and not named & set(row["facts"])
        and found.verdicts[row["id"]]["verdict"] == "pass"
    }
    move(
        found,
        CORRECT,
        by=by,
        client=client,
        said={"correction": correction.number},
        verdicts=standing,
        accepted_at=found.accepted_at or timezone.now(),
        **judged_columns(judge_filed(found), first_of(filed_on(found))),
    )
    return found


def _label(name) -> str:
    fact = business_registry().get(name)
    return fact.label if fact else name
