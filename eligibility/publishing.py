"""The verbs of those who write rules: add a benefit, start a draft, change it, propose it, publish it, take it back,
withdraw it.

Two people stand behind every version: whoever proposes it does not publish it. Every verb takes ``by=`` and raises
PermissionDenied (not you) or Refused (not now, with what to do).
"""

import json
import re
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from accounts.access import record
from businesses.registry import business_registry
from core.errors import Refused
from core.models import Edition
from policies.content import check_content, check_shape
from policies.criteria.rules import DELIVERIES, KINDS
from policies.measures_file import digest
from policies.models import CATALOGUE_EDITION, Benefit, BenefitVersion, Measure

from .completeness import cases_without_reason, rows_without_clause
from .golden_cases import Draft, failing_cases
from .loading import BENEFIT_HEAD
from .signals import version_published, version_withdrawn

Status = BenefitVersion.Status
CHANGED_MEANWHILE = "这一版刚刚有变动，请刷新页面，看过新的内容再办。"


def may_write(user, version: BenefitVersion) -> bool:
    """Whether ``user`` may write drafts of this benefit: an officer of a department responsible for its measure."""
    return may_add(user, version.benefit.measure_id)


def may_add(user, measure_id) -> bool:
    """Whether ``user`` may write benefits of this measure, new ones too."""
    return user.has_perm("policies.change_benefitversion") and _is_of(user, measure_id)


def may_publish(user, version: BenefitVersion) -> bool:
    """Whether ``user`` may publish and withdraw versions of this benefit, if it was not they who proposed it."""
    return user.has_perm("policies.publish_benefitversion") and _is_own(user, version)


def _is_own(user, version):
    return _is_of(user, version.benefit.measure_id)


def own_measures(user) -> QuerySet:
    """The measures of whose benefits ``user`` may write: those of the own department."""
    return Measure.objects.all() if user.is_superuser else Measure.objects.of_department(user.department_id)


def _is_of(user, measure_id):
    return user.is_active and own_measures(user).filter(pk=measure_id).exists()


def _require(allowed) -> None:
    if not allowed:
        raise PermissionDenied


@transaction.atomic
def add_benefit(measure: Measure, code, title, kind, delivery, *, by) -> BenefitVersion:
    """A new benefit of a measure, with a first draft that says as little as a draft may. Its code must be free."""
    _require(may_add(by, measure.pk))
    code, title = code.strip(), title.strip()
    if not re.fullmatch(rf"{re.escape(measure.code)}[a-z]", code):
        raise Refused(f"编号写成 {measure.code} 加一个小写字母，例如 {_free_code(measure)}。")
    if not title or kind not in KINDS or delivery not in DELIVERIES:
        raise Refused("请写名称，并选种类和办理方式。")
    Measure.objects.select_for_update(of=("self",)).get(pk=measure.pk)
    if Benefit.objects.filter(code=code).exists():
        raise Refused(f"编号 {code} 已经有了，请用 {_free_code(measure)}。")
    benefit = Benefit.objects.create(
        measure=measure,
        document=measure.document,
        code=code,
        title=title[:80],
        kind=kind,
        delivery=delivery,
    )
    record(by, "add_benefit", f"benefit {benefit.pk}")
    return BenefitVersion.objects.create(
        benefit=benefit,
        number=1,
        content=_first_content(benefit),
        effective_from=timezone.localdate(),
    )


def _free_code(measure):
    taken = set(measure.benefits.values_list("code", flat=True))
    letters = (f"{measure.code}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    return next((code for code in letters if code not in taken), f"{measure.code}z")


def _first_content(benefit) -> dict:
    measure = benefit.measure
    return {
        "title": benefit.title,
        "kind": benefit.kind,
        "delivery": benefit.delivery,
        "summary": benefit.title,
        "who": "待补充",
        "clause": measure.clause,
        "amount": {"none": {}},
        "criteria": {"all": []},
        "materials": [],
        "steps": [],
        "basis": [{"document": measure.document.title, "clause": measure.clause, "certainty": "source"}],
        "questions": [],
        "golden": [],
    }


@transaction.atomic
def start_draft(version: BenefitVersion, *, by, effective_from: date | None = None) -> BenefitVersion:
    """A draft with the content of ``version``, numbered next. Also how an older version is rolled back to."""
    _require(may_write(by, version))
    Benefit.objects.select_for_update().get(pk=version.benefit_id)
    last = version.benefit.versions.aggregate(last=Max("number"))["last"]
    return BenefitVersion.objects.create(
        benefit=version.benefit,
        number=last + 1,
        content=version.content,
        based_on=version,
        effective_from=effective_from or timezone.localdate(),
    )


@transaction.atomic
def change_draft(version: BenefitVersion, part: dict, *, by, keys, seen: str, **values) -> BenefitVersion:
    """Replace the ``keys`` of a draft's content by ``part``, and set fields of the version itself by ``values``.

    Without ``keys`` all of it is replaced. ``seen``: ``part_mark`` of what the writer had before them. Refused where
    another has saved it since, and where the whole would not be a rule any more.
    """
    _require(may_write(by, version))
    draft = _locked(version, Status.DRAFT)
    if seen != part_mark(draft.content, keys):
        raise Refused(
            "这一页刚刚被别人改过，没有保存。您填的还在下面，请另开一页看看新的内容，再决定怎么改。"
        )
    if not _storable(part):
        raise Refused("文字里有不能用的字符，请删掉后重新输入。")
    rest = {key: value for key, value in draft.content.items() if key not in keys} if keys else {}
    draft.content = {**rest, **part}
    faults = check_shape(draft.content, "benefit")
    if not faults:
        _, faults = check_content(draft.content, registry=business_registry(), code=draft.benefit.code)
    if faults:
        raise Refused("；".join(fault.detail for fault in faults))
    for name, value in values.items():
        setattr(draft, name, value)
    draft.save()
    return draft


def _storable(part) -> bool:
    """Whether both databases take it: no NUL, no half of a pair of characters, no number that is none."""
    try:
        text = json.dumps(part, ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError:
        return False
    return "\\u0000" not in text


def part_mark(content, keys) -> str:
    """A mark of some keys of a content, or of all: another one once somebody has saved them."""
    return digest({key: content.get(key) for key in keys} if keys else content)


@transaction.atomic
def propose(version: BenefitVersion, *, by) -> BenefitVersion:
    """Ask a second person to publish a draft. Refused where something is wrong with it."""
    _require(may_write(by, version))
    draft = _locked(version, Status.DRAFT)
    if problems := obstacles(draft):
        raise Refused("还不能提请发布：" + "；".join(problems))
    draft.status, draft.proposed_by, draft.proposed_at = Status.PROPOSED, by, timezone.now()
    draft.save()
    record(by, "propose_version", f"version {draft.pk}")
    return draft


@transaction.atomic
def take_back(version: BenefitVersion, *, by, reason="") -> BenefitVersion:
    """Make a proposal a draft again: by those who write, or by the second person who does not agree."""
    _require(may_write(by, version) or may_publish(by, version))
    draft = _locked(version, Status.PROPOSED)
    draft.status, draft.proposed_by, draft.proposed_at = Status.DRAFT, None, None
    draft.save()
    record(by, "take_back_version", f"version {draft.pk}", reason=reason[:200])
    return draft


@transaction.atomic
def publish(version: BenefitVersion, *, by) -> BenefitVersion:
    """Publish what another person has proposed. From the commit on it decides, from its effective day on.

    Whoever is to be told is told by the rooms that listen to ``version_published``, in this transaction.
    """
    _require(may_publish(by, version))
    draft = _locked(version, Status.PROPOSED)
    if draft.proposed_by_id == by.pk:
        raise Refused("这一版是您自己提请的，请另一位同事核对后发布。")
    if problems := obstacles(draft):
        raise Refused("还不能发布：" + "；".join(problems))
    draft.status = Status.PUBLISHED
    draft.publisher, draft.published_by, draft.published_at = by, by.get_username(), timezone.now()
    draft.save()
    benefit = draft.benefit
    for key in BENEFIT_HEAD:
        setattr(benefit, key, draft.content[key])
    benefit.save()
    record(by, "publish_version", f"version {draft.pk}")
    version_published.send(BenefitVersion, version=draft)
    return draft


@transaction.atomic
def withdraw(version: BenefitVersion, *, by, reason: str) -> BenefitVersion:
    """Take a published version out of force at once; the one before it decides again, if there is one."""
    _require(may_publish(by, version))
    if not (reason := reason.strip()):
        raise Refused("撤回会影响已经收到消息的店主，请写明原因。")
    locked = _locked(version, Status.PUBLISHED)
    values = {
        "status": Status.WITHDRAWN,
        "withdrawn_by": by,
        "withdrawn_at": timezone.now(),
        "withdrawn_because": reason[:300],
    }
    # Past the guard of BenefitVersion: the content stays as it was published, only its standing ends.
    models.QuerySet(BenefitVersion).filter(pk=locked.pk).update(**values)
    Edition.objects.bump(CATALOGUE_EDITION)
    locked.refresh_from_db()
    record(by, "withdraw_version", f"version {locked.pk}", reason=reason[:200])
    version_withdrawn.send(BenefitVersion, version=locked, by=by)
    return locked


def _locked(version, status):
    locked = (
        BenefitVersion.objects.select_for_update(of=("self",))
        .select_related("benefit__measure")
        .get(pk=version.pk)
    )
    if locked.status != status:
        raise Refused(CHANGED_MEANWHILE)
    return locked


def obstacles(version: BenefitVersion) -> list[str]:
    """Chinese sentences on what keeps a draft from being published; empty where nothing does."""
    content, benefit = version.content, version.benefit
    faults = check_shape(content, "benefit")
    rule = None
    if not faults:
        rule, faults = check_content(
            content,
            registry=business_registry(),
            code=benefit.code,
            measure=benefit.measure.code,
            number=version.number,
        )
    if faults:
        return [fault.detail for fault in faults]
    unmet = [
        f"条件 {row} 没有写条款，它外面的组和它用的公共条件也没有写" for row in rows_without_clause(content)
    ]
    unmet += [f"样例“{name}”和上一版不一样了，还没有写原因" for name in cases_without_reason(version)]
    if not content.get("basis"):
        unmet.append("没有写依据")
    if not benefit.measure.lead.exists():
        unmet.append("措施没有牵头单位")
    unmet += failing_cases(rule, Draft(version, content))
    if not content.get("golden"):
        unmet.append("没有样例，请至少写一个")
    return unmet
