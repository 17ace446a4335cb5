"""Applications over the API: what is answered. json.py makes these of rows. Amounts in yuan, two decimals."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from cases.models import Evidence
from core.api import Answer
from core.api.spelling import Date, Id, Instant, Money, Version
from eligibility.api.answers import Amount, Criterion, Result

from ..models import Instalment
from ..procedure import State, Verb

EXAMPLE_ID = "0b0f8a52-6a51-4a0e-8a53-8f1f1f0a2b12"
EXAMPLE_SHOP = "7f0c6c1e-5f0e-4f3a-9a53-3f1f1f0a2b11"

Benefit = Annotated[str, Field(pattern="^[A-Z][0-9]{2}[a-z]$")]
STATES = [state.value for state in State]
States = Literal[tuple(STATES)]


class ApplicationRow(Answer):
    """列表里的一件申请。"""

    id: Annotated[Id, Field(description="这一件的编号，不会变。")]
    number: Annotated[str | None, Field(description="办件编号，提交后才有")]
    benefit: Benefit
    benefit_version: Annotated[int, Field(description="按第几版办")]
    business: Annotated[Id, Field(description="哪家店")]
    state: States
    version: Version
    total: Annotated[Money | None, Field(description="一共多少元")]
    due_on: Annotated[Date | None, Field(description="部门最迟哪天办完；没有承诺时限的是 null")]
    submitted_at: Instant | None
    decided_at: Instant | None
    paid_at: Instant | None

    example: ClassVar[Any] = {
        "id": EXAMPLE_ID,
        "number": None,
        "benefit": "M05c",
        "benefit_version": 1,
        "business": EXAMPLE_SHOP,
        "state": State.DRAFT.value,
        "version": 2,
        "total": None,
        "due_on": None,
        "submitted_at": None,
        "decided_at": None,
        "paid_at": None,
    }


class StoredFile(Answer):
    """收下的一份文件。"""

    id: Id
    name: str
    media_type: str
    size: int
    sha256: str
    status: Literal[tuple(Evidence.Status.values)]

    example: ClassVar[Any] = {
        "id": "c3a7a1de-2b8e-4a35-9d07-1c7a6f1f7a10",
        "name": "合同.jpg",
        "media_type": "image/jpeg",
        "size": 184223,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "status": Evidence.Status.values[0],
    }


class FileOut(StoredFile):
    """上传的一份材料。"""

    material: str

    example: ClassVar[Any] = {"material": "租赁合同", **StoredFile.example}


class Material(Answer):
    """一种材料和交来的文件。"""

    name: str
    required: Annotated[bool, Field(description="这一家要不要交；写了不用交的理由的是 false")]
    files: list[StoredFile]


class Account(Answer):
    """收款账户。"""

    bank: str
    last_four: str


class Defect(Answer):
    """要补正的一处。"""

    kind: Literal["fact", "material"]
    name: str
    reason: str
    sample: str
    before: Any
    after: Any
    resolved: bool


class Correction(Answer):
    """补正通知。"""

    number: int
    due_on: Date
    defects: list[Defect]


class Decision(Answer):
    """决定。"""

    state: Literal["approved", "refused"]
    reason: str
    failed: Annotated[list[str], Field(description="不符合的条件，是 criteria 里的 id")]
    remedy_until: Annotated[Date | None, Field(description="最迟哪天申诉")]


class InstalmentOut(Answer):
    """一期拨付。"""

    number: int
    from_month: Date | None
    months: int | None
    amount: Money
    status: Literal[tuple(Instalment.Status.values)]
    paid_at: Instant | None


class ApplicationOut(ApplicationRow):
    """一件申请的全部内容。"""

    answers: Annotated[dict, Field(description="为这一件填的信息")]
    excused: Annotated[dict[str, str], Field(description="材料名称：店主写的不用交的理由")]
    criteria: Annotated[list[Criterion], Field(description="提交前按今天判断，提交后按提交那天")]
    amount: Amount
    materials: list[Material]
    account: Account | None
    promised_working_days: Annotated[int | None, Field(description="null：时限待公布")]
    correction: Correction | None
    decision: Decision | None
    instalments: list[InstalmentOut]
    unmet: Annotated[list[str], Field(description="还差什么才能提交；空的就可以提交")]

    example: ClassVar[Any] = {
        **ApplicationRow.example,
        "answers": {"monthly_rent": "700.00"},
        "excused": {},
        "criteria": Result.example["criteria"],
        "amount": Result.example["amount"],
        "materials": [{"name": "租赁合同", "required": True, "files": []}],
        "account": {"bank": "六盘水农商银行", "last_four": "1234"},
        "promised_working_days": None,
        "correction": None,
        "decision": None,
        "instalments": [],
        "unmet": ["还没有上传“租赁合同”。"],
    }


class EventOut(Answer):
    """办理经过里的一步。"""

    at: Instant
    verb: Literal[tuple(verb.value for verb in Verb)]
    from_: Annotated[Literal[(*STATES, "")], Field(alias="from")]
    to: States
    office: str | None
    note: str

    example: ClassVar[Any] = {
        "at": "2026-11-24T09:30:00+08:00",
        "verb": Verb.SUBMIT.value,
        "from": State.DRAFT.value,
        "to": State.SUBMITTED.value,
        "office": None,
        "note": "",
    }


class UnmetRow(Answer):
    """还差的一项。"""

    field: Annotated[str, Field(description="缺的是哪一项，例如 answers.monthly_rent；说的是整件的是空的")]
    code: Literal[
        "material_missing", "material_pending", "account_missing", "fact_missing", "not_declared",
        "criterion_failed", "too_early", "window_closed", "budget_exhausted", "already_standing", "excluded",
    ]  # fmt: skip
    detail: str


_UNMET = [
    {
        "field": "answers.monthly_rent",
        "code": "fact_missing",
        "detail": "还没有回答：每月房租多少？",
    },
    {"field": "materials.租赁合同", "code": "material_missing", "detail": "还没有上传“租赁合同”。"},
]


class RequirementsUnmet(Answer):
    """现在还不能提交：还差的一次说全，unmet 和 errors 相同；或者别的原因，那时没有 unmet。"""

    type: Literal["about:blank"]
    title: str
    status: Literal[409]
    detail: str
    code: str
    errors: list[UnmetRow]
    unmet: list[UnmetRow] = None

    example: ClassVar[Any] = {
        "type": "about:blank",
        "title": "现在不能这样做",
        "status": 409,
        "detail": "还没有回答：每月房租多少？ 还没有上传“租赁合同”。",
        "code": "requirements_unmet",
        "errors": _UNMET,
        "unmet": _UNMET,
    }
