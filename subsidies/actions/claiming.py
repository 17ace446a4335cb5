"""Instalments of rent after the first: rent is paid first, so each is claimed on proof, checked, and then due."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiClient
from cases import audit, letters
from cases.materials import named_by_role
from cases.models import CaseFile, Evidence
from cases.procedure import GRANTED
from cases.rights import permissions
from cases.rights.recusal import of_cases
from cases.transitions import locked, touch
from cases.wording import kept_words
from core.errors import Invalid, Refused
from policies.content import RENT_PAYMENT

from .. import telling
from ..models import Application, Instalment, Proof
from ..money import budgets, grants

Status = Instalment.Status
MOST_FILES = 6


def proof_of(instalment: Instalment) -> str:
    """What proof of this instalment is called: the version's proof of rent, with the number of the part."""
    version = instalment.grant.application.benefit_version
    name = named_by_role(version, RENT_PAYMENT, "付款凭证")
    return f"{name} 第 {instalment.number} 期"


def proofs(instalment: Instalment):
    """The files handed in for an instalment."""
    files = CaseFile.objects.filter(proof__instalment=instalment, removed_at=None)
    return files.select_related("evidence")


def _held(instalment):
    """Its application, locked, and the instalment as it stands."""
    application = locked(Application.objects.get(grants__instalments=instalment))
    rows = Instalment.objects.select_related("grant__application__benefit_version", "envelope")
    return application, rows.get(pk=instalment.pk)


@transaction.atomic
def claim(
    instalment: Instalment, evidence: list[Evidence], *, by=None, client: ApiClient | None = None
) -> Instalment:
    """申领: the owner hands in proof that the rent of these months was paid."""
    application, found = _held(instalment)
    if not permissions.may_apply(by or client, application.business):
        raise PermissionDenied
    if found.status == Status.CLAIMED:
        raise Refused("这一期的凭证已经交了，正在核对。有结果会告诉您。")
    if found.status != Status.PLANNED or application.outcome != GRANTED:
        raise Refused(f"这一期现在是“{found.get_status_display()}”，不用再交凭证。")
    opens = grants.opens_on(found)
    if opens > timezone.localdate():
        raise Refused(f"这一期从 {opens.year} 年 {opens.month} 月 {opens.day} 日起可以领，请到时再交。")
    _refuse_bad_proof(application, found, evidence)
    _put(application, found, evidence)
    telling.settle_claim(found)
    found.status, found.claimed_by, found.claimed_at = Status.CLAIMED, by, timezone.now()
    found.checked_by, found.checked_at, found.problem = None, None, ""
    fields = ["status", "claimed_by", "claimed_at", "checked_by", "checked_at", "problem"]
    found.save(update_fields=fields)
    touch(application)
    audit.record(
        "claim_instalment",
        f"instalment {found.pk}",
        by=by,
        client=client,
        case=application,
        files=len(evidence),
    )
    return found


def _refuse_bad_proof(application, instalment, evidence) -> None:
    if not 1 <= len(evidence) <= MOST_FILES:
        raise Invalid.because("files", "required", f"请上传 1 到 {MOST_FILES} 份付款凭证")
    # Held, so that none of it is deleted from the wallet at the same moment.
    held = Evidence.objects.select_for_update(of=("self",)).filter(pk__in=[row.pk for row in evidence])
    evidence = list(held.order_by("pk"))
    if any(row.operator_id != application.operator_id or row.deleted_at for row in evidence):
        raise Invalid.because("files", "not_found", "没有找到这份材料，请重新上传")
    if any(row.status == Evidence.Status.PENDING for row in evidence):
        raise Refused("还有文件在检查，请过几分钟再提交。")
    if any(row.status != Evidence.Status.CLEAN for row in evidence):
        raise Invalid.because("files", "not_usable", "有文件不能用，请换一份上传")
    same = Q(evidence__in=evidence) | Q(evidence__sha256__in=[row.sha256 for row in evidence])
    rent = named_by_role(application.benefit_version, RENT_PAYMENT, "付款凭证")
    for_rent = Q(proof__isnull=False) | Q(material=rent)
    used = CaseFile.objects.filter(same, for_rent, case=application, removed_at=None)
    if used.exclude(proof__instalment=instalment).exists():
        raise Invalid.because("files", "used_before", "有一份凭证以前的分期用过了，请换成这几个月的")


def _put(application, instalment, evidence) -> None:
    """What was handed in before stays, with the day it went."""
    material, kept = proof_of(instalment), {row.pk for row in evidence}
    mine = proofs(instalment)
    mine.exclude(evidence__in=kept).update(removed_at=timezone.now())
    for pk in kept - set(mine.values_list("evidence", flat=True)):
        file = application.files.create(evidence_id=pk, material=material)
        Proof.objects.create(file=file, instalment=instalment)


def waiting_for(user):
    """Claims of the bureau that ``user`` need not keep away from, the longest waiting first."""
    seen = Application.objects.visible_to(user).exclude(of_cases(user))
    rows = Instalment.objects.filter(status=Status.CLAIMED, grant__application__in=seen)
    return rows.order_by("claimed_at")


@transaction.atomic
def check(instalment: Instalment, *, right: bool, by, problem="") -> Instalment:
    """核对: the proof is right and the instalment is due, or it is not and the owner is told what is wrong."""
    application, found = _held(instalment)
    if not permissions.may_review(by, application) or found.claimed_by_id == by.pk:
        raise PermissionDenied
    if found.status != Status.CLAIMED:
        raise Refused(f"这一期现在是“{found.get_status_display()}”，不用核对。请刷新页面。")
    problem = kept_words(problem)
    if not right and len(problem) < 4:
        raise Invalid.because("problem", "required", "请写明凭证哪里不对，至少 4 个字")
    if right:
        budgets.post(
            found.envelope_id,
            f"check instalment {found.pk}",
            application=application,
            by=by,
            reserved=-found.amount_fen,
            granted=found.amount_fen,
        )
    found.status, found.problem = (Status.DUE, "") if right else (Status.PLANNED, problem[:300])
    found.checked_by, found.checked_at = by, timezone.now()
    found.save(update_fields=["status", "problem", "checked_by", "checked_at"])
    if not right:
        touch(application)
        letters.tell(application, "claim_wrong", instalment=found)
    verb = "check_instalment" if right else "refuse_instalment"
    audit.record(verb, f"instalment {found.pk}", by=by, case=application, note=found.problem)
    return found
