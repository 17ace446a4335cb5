"""What must be so before an application is filed, recommended or approved; every reason at once, in words for the
person. The page lists them, the API returns the same."""

from collections.abc import Iterator
from datetime import date

from businesses.registry import business_registry
from cases import materials
from cases.assessment import Judged
from cases.models import Evidence
from core.errors import Fault
from eligibility.holdings import held_by

from ..models import Application
from ..money import budgets
from ..procedure import CLOSED_FOR_GOOD
from . import exclusive


class Unmet(str):
    """What is lacking, in words for the person; ``fault`` also has the word for programs and the field it is about."""

    def __new__(cls, words: str, code: str, field: str = ""):
        found = super().__new__(cls, words)
        found.fault = Fault(field, code, words)
        return found


NO_IDENTITY = "登记信息里缺少经营者的身份证号，暂时不能申请。请带身份证到登记窗口补登。"
NO_ACCOUNT = Unmet("还没有登记收款账户。请先登记经营者本人的账户。", "account_missing", "account")
NOT_DECLARED = Unmet("请先勾选承诺：所填内容和材料真实。", "not_declared", "declared")


def unmet_for_submission(application: Application, judged: Judged, *, today: date) -> Iterator[Unmet]:
    """Every reason why this cannot be filed yet; none means it can."""
    yield from _closed(application, judged, today)
    yield from _not_fitting(judged)
    yield from _missing_materials(application, judged)
    if judged.found.amount.category != "loan" and application.account_id is None:
        yield NO_ACCOUNT
    if application.declared_at is None:
        yield NOT_DECLARED


def _closed(application, judged, today):
    code = application.benefit.code
    if judged.found.rule.amount.category == "cash" and budgets.is_exhausted(
        application.benefit, today.year, application.district
    ):
        yield Unmet("今年这一项的资金已经用完。资金补充后会重新开放，您填的内容还在。", "budget_exhausted")
    elif judged.found.state == "closed":
        yield Unmet("这一项现在不在受理时间里，不能提交。您填的内容还在。", "window_closed")
    if judged.found.state == "have" or code in held_by(application.business):
        yield Unmet("您已经领过或正在办这一项，不能重复申请。", "already_standing")
    for title in exclusive.titles(exclusive.applied_beside(application, today)):
        yield Unmet(f"“{title}”和这一项只能领一个，您已经领了或正在办那一项。", "excluded")


def _not_fitting(judged):
    registry = business_registry()
    for name in judged.missing:
        words = f"还没有回答：{registry[name].question or registry[name].label}"
        yield Unmet(words, "fact_missing", f"answers.{name}")
    for row in judged.failing():
        yield Unmet(f"这一条不符合：{row['sentence']}。", "criterion_failed", f"criteria.{row['id']}")
    if judged.found.state == "soon":
        yield Unmet(f"要等到 {judged.found.eligible_from.isoformat()} 才能申请。", "too_early")


def _missing_materials(application, judged):
    """Materials without a file that can be used. Of several of which one does it is said once."""
    waiting = application.files.filter(removed_at=None, evidence__status=Evidence.Status.PENDING)
    for name in sorted(set(waiting.values_list("material", flat=True))):
        yield Unmet(f"“{name}”还在检查，请过几分钟再提交。", "material_pending", f"materials.{name}")
    said = set()
    for row in materials.missing(application, judged):
        if row.instead and row.instead not in said:
            said.add(row.instead)
            words = f"还没有上传证明身份的材料：{'、'.join(row.instead)}，交一样就行。"
            yield Unmet(words, "material_missing", "materials")
        elif not row.instead:
            yield Unmet(f"还没有上传“{row.name}”。", "material_missing", f"materials.{row.name}")


# Review


def results(application: Application, judged: Judged) -> list[dict]:
    """The criteria with the reviewer's word beside the machine's: ``verdict`` is pass, fail, correct or None."""
    return [
        {**row, "verdict": (application.verdicts.get(row["id"]) or {}).get("verdict"),
         "note": (application.verdicts.get(row["id"]) or {}).get("note", "")}
        for row in judged.criteria
    ]  # fmt: skip


def unmet_for_recommendation(application: Application, judged: Judged) -> Iterator[str]:
    """Every reason why a reviewer cannot recommend approval yet."""
    for row in results(application, judged):
        if row["verdict"] in ("fail", "correct"):
            yield f"“{row['sentence']}”您判的是不符合或要补正，不能建议批准。"
        elif row["result"] == "staff" and row["verdict"] is None:
            yield f"“{row['sentence']}”要人工核对，请先给出结论。"
        elif row["result"] in ("fail", "unknown", "wait") and row["verdict"] is None:
            yield f"“{row['sentence']}”自动核验没有通过，请核对后给出结论。"
    if application.business.operating_status in CLOSED_FOR_GOOD:
        yield "店已经注销或被吊销，不能建议批准。"
    if application.category != "loan" and application.account_id is None:
        yield "还没有收款账户。"
    if judged.money["amount_fen"] in (None, 0):
        yield "金额还算不出来，请先补齐要用的信息。"


def overridden(application: Application, judged: Judged) -> list[dict]:
    """Criteria that the reviewer passes and the machine does not: each needs a note and a second person's eye."""
    return [
        row
        for row in results(application, judged)
        if row["verdict"] == "pass" and row["result"] in ("fail", "unknown", "wait")
    ]


def is_clean(application: Application, judged: Judged) -> bool:
    """Whether every criterion is green by the machine or the reviewer, with nothing overridden."""
    return not any(unmet_for_recommendation(application, judged)) and not overridden(application, judged)
