"""What an owner fills in: answers, and files for materials."""

from django.db import transaction
from django.utils import timezone

from businesses.registry import business_registry
from businesses.rules import may_state
from core.errors import Fault, Invalid, Refused

from ..materials import to_upload
from ..models import Case, Evidence
from ..procedure import DRAFT
from ..transitions import change, locked, touch


def read_answers(answers: dict) -> None:
    """Check facts that an owner says for a case. Raises Invalid, each fault under ``answers.…``."""
    registry = business_registry()
    given = {name: value for name, value in answers.items() if value is not None}
    faults = []
    try:
        registry.read_profile(given, as_of=timezone.localdate(), path="answers", kept=True)
    except Invalid as problem:
        faults += problem.faults
    faults += [
        Fault(f"answers.{name}", "not_yours_to_state", f"{registry[name].label}：由部门提供，不能自己填")
        for name in given
        if name in registry and not may_state(registry[name])
    ]
    if faults:
        raise Invalid(faults)


def put_file(case: Case, material: str, evidence: Evidence) -> None:
    """Use a piece of evidence for a material of a locked case. Raises Invalid."""
    if material not in names_of_materials(case):
        raise Invalid.because("material", "unknown_material", "这一项不要这种材料，请按清单上传")
    mine = Evidence.objects.kept().filter(pk=evidence.pk, operator=case.operator_id)
    if not mine.select_for_update(of=("self",)).exists():
        raise Invalid.because("evidence", "not_found", "没有找到这份材料，请重新上传")
    if case.files.filter(removed_at=None).count() >= MOST_FILES:
        raise Refused(f"一件最多放 {MOST_FILES} 个文件。请先删掉用不着的。")
    case.files.get_or_create(material=material, evidence=evidence, removed_at=None)
    change(case, excused=without(case.excused, material))


@transaction.atomic
def put_in_draft(case: Case, material: str, evidence: Evidence) -> None:
    """The same while it is still being filled in; Refused once it is handed in."""
    found = locked(case)
    if found.phase != DRAFT:
        raise Refused("这一件已经提交了，不用再传。")
    put_file(found, material, evidence)
    touch(found)


def without(excused, material) -> dict:
    return {name: words for name, words in excused.items() if name != material}


def names_of_materials(case) -> set:
    return {row["name"] for row in to_upload(case.benefit_version)}


MOST_FILES = 20
