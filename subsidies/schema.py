"""The OpenAPI shapes of applications."""

from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from cases.models import Evidence
from core.idempotency import HEADER
from core.schema import DATE, INSTANT, MONEY, TEXT, TEXTS, FixedSchema, nullable, object_of
from core.uploads import MEGABYTE, MOST_BYTES
from eligibility.schema import profile_shape, result_shape

from .actions.applying import LONGEST_EXCUSE, SHORTEST_EXCUSE
from .models import Instalment
from .procedure import State, Verb

TAGS = ("申请",)
ID = {**TEXT, "format": "uuid"}
CODE = {**TEXT, "pattern": "^[A-Z][0-9]{2}[a-z]$"}
VERSION = {"type": "integer", "minimum": 1, "description": "每次变动加 1。"}
STATE = {"enum": [state.value for state in State]}
NOT_HERE = "审批和拨付不在接口里办：工作人员在管理后台看过全部材料后办。"


def _key(required):
    words = "自己生成的编号，例如 UUID。重试时写同一个，只办一次。"
    return OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, required=required, description=words)


def row_shape():
    return object_of(_row())


def _row():
    return {
        "id": {**ID, "description": "这一件的编号，不会变。"},
        "number": nullable({**TEXT, "description": "办件编号，提交后才有"}),
        "benefit": CODE,
        "benefit_version": {"type": "integer", "description": "按第几版办"},
        "business": {**ID, "description": "哪家店"},
        "state": STATE,
        "version": VERSION,
        "total": nullable({**MONEY, "description": "一共多少元"}),
        "due_on": nullable({**DATE, "description": "部门最迟哪天办完；没有承诺时限的是 null"}),
        "submitted_at": nullable(INSTANT),
        "decided_at": nullable(INSTANT),
        "paid_at": nullable(INSTANT),
    }


def file_shape(**more):
    return object_of(
        {
            **more,
            "id": ID,
            "name": TEXT,
            "media_type": TEXT,
            "size": {"type": "integer"},
            "sha256": TEXT,
            "status": {"enum": Evidence.Status.values},
        }
    )


def _instalment():
    return object_of(
        {
            "number": {"type": "integer"},
            "from_month": nullable(DATE),
            "months": nullable({"type": "integer"}),
            "amount": MONEY,
            "status": {"enum": Instalment.Status.values},
            "paid_at": nullable(INSTANT),
        }
    )


def _correction():
    defect = object_of(
        {
            "kind": {"enum": ["fact", "material"]},
            "name": TEXT,
            "reason": TEXT,
            "sample": TEXT,
            "before": {},
            "after": {},
            "resolved": {"type": "boolean"},
        }
    )
    return object_of(
        {"number": {"type": "integer"}, "due_on": DATE, "defects": {"type": "array", "items": defect}}
    )


def application_shape():
    result = result_shape()["properties"]
    decision = object_of(
        {
            "state": {"enum": ["approved", "refused"]},
            "reason": TEXT,
            "failed": {**TEXTS, "description": "不符合的条件，是 criteria 里的 id"},
            "remedy_until": nullable({**DATE, "description": "最迟哪天申诉"}),
        }
    )
    material = object_of(
        {
            "name": TEXT,
            "required": {"type": "boolean", "description": "这一家要不要交；写了不用交的理由的是 false"},
            "files": {"type": "array", "items": file_shape()},
        }
    )
    return object_of(
        {
            **_row(),
            "answers": {"type": "object", "description": "为这一件填的信息"},
            "excused": {
                "type": "object",
                "additionalProperties": TEXT,
                "description": "材料名称：店主写的不用交的理由",
            },
            "criteria": {**result["criteria"], "description": "提交前按今天判断，提交后按提交那天"},
            "amount": result["amount"],
            "materials": {"type": "array", "items": material},
            "account": nullable(object_of({"bank": TEXT, "last_four": TEXT})),
            "promised_working_days": nullable({"type": "integer", "description": "null：时限待公布"}),
            "correction": nullable(_correction()),
            "decision": nullable(decision),
            "instalments": {"type": "array", "items": _instalment()},
            "unmet": {**TEXTS, "description": "还差什么才能提交；空的就可以提交"},
        }
    )


class ApplicationListSchema(FixedSchema):
    """GET lists, POST begins."""

    tags = TAGS

    @property
    def summary(self):
        return "您能看的申请，新的在前" if self.method == "GET" else "开始一件申请"

    @property
    def description(self):
        if self.method == "GET":
            return "店主看自己的；有“代办申请”授权的人和程序看授权的那家店的；部门看本部门收到的。" + NOT_HERE
        return "一家店的一个事项同时只有一件。已经有一件时答 200，给出那一件。"

    def get_override_parameters(self):
        return [] if self.method == "GET" else [_key(False)]

    def request_shape(self):
        if self.method == "GET":
            return None
        shape = {"business": ID, "benefit": CODE, "answers": profile_shape()}
        return object_of(shape, required=["business", "benefit"])

    def get_response_serializers(self):
        if self.method == "GET":
            return {200: row_shape()}
        return {200: application_shape(), 201: application_shape()}

    def get_examples(self):
        if self.method == "GET":
            return []
        body = {"business": "7f0c6c1e-5f0e-4f3a-9a53-3f1f1f0a2b11", "benefit": "M05c"}
        return [OpenApiExample("申请场地租金补贴", body, request_only=True)]


class _Fixed(FixedSchema):
    tags = TAGS
    key: bool | None = None  # whether Idempotency-Key is required; None where it is not read

    def get_override_parameters(self):
        return [] if self.key is None else [_key(self.key)]

    def answer_shape(self):
        return application_shape()


class ApplicationSchema(_Fixed):
    """GET shows, PATCH fills in."""

    @property
    def summary(self):
        return "一件申请的全部内容" if self.method == "GET" else "填写草稿"

    @property
    def description(self):
        if self.method == "GET":
            return "收款账户只给银行和后四位。" + NOT_HERE
        return (
            "answers 和 excused 至少写一个；没写的项不变，null 是收回。写上读到的 version，别人改过时答 409。"
        )

    def request_shape(self):
        if self.method == "GET":
            return None
        reason = nullable({**TEXT, "minLength": SHORTEST_EXCUSE, "maxLength": LONGEST_EXCUSE})
        words = "材料名称：为什么不用交；null 是收回"
        excused = {"type": "object", "additionalProperties": reason, "description": words}
        shape = {"version": VERSION, "answers": profile_shape(), "excused": excused}
        return object_of(shape, required=["version"])


class SubmitSchema(_Fixed):
    summary = "提交"
    description = "declared 写 true：店主承诺所填内容和材料真实。还差什么时答 409，detail 里逐条说明。"
    key = True

    def request_shape(self):
        return object_of({"version": VERSION, "declared": {"const": True}})


class WithdrawSchema(_Fixed):
    summary = "撤回"
    description = "批准以后、编入拨付批次以前也可以撤回；编入批次以后答 409。"
    key = True

    def request_shape(self):
        return object_of({"version": VERSION, "reason": {**TEXT, "maxLength": 500}}, required=[])


class CorrectSchema(_Fixed):
    summary = "补正并交回"
    description = "只能改通知里点名的信息和材料，全部补齐才能交回。材料先上传，这里写返回的编号。"
    key = False

    def request_shape(self):
        ids = {"type": "array", "items": ID, "minItems": 1}
        files = {"type": "object", "additionalProperties": ids, "description": "材料名称：材料编号"}
        return object_of({"version": VERSION, "facts": profile_shape(), "files": files}, required=[])


class AppealSchema(_Fixed):
    summary = "申诉"
    description = "不同意“未批准”的决定时，由没有办过这件的人重新看。期限见 decision.remedy_until。"
    key = True

    def request_shape(self):
        return object_of({"words": {**TEXT, "minLength": 1, "maxLength": 1000}})


class FilesSchema(_Fixed):
    summary = "上传一份材料"
    description = (
        f"照片或 PDF，最大 {MOST_BYTES // MEGABYTE} MB。草稿直接用上；补正期间先存着，交回时写编号。"
        "传过的同一份不会重复存。"
    )
    request_type = "multipart/form-data"
    answer_status = 201

    def request_shape(self):
        return object_of({"material": TEXT, "file": {**TEXT, "contentMediaType": "application/octet-stream"}})

    def answer_shape(self):
        return file_shape(material=TEXT)


class FileSchema(_Fixed):
    summary = "从草稿里拿掉一份材料"
    description = "材料还在店主的“我的材料”里，以后可以再用。"
    answer_status = 204

    def answer_shape(self):
        return None


class EventsSchema(FixedSchema):
    summary = "一件申请的经过，先发生的在前"
    description = "office 是办理的部门，店主自己做的是 null。"
    tags = TAGS

    def answer_shape(self):
        return object_of(
            {
                "at": INSTANT,
                "verb": {"enum": [verb.value for verb in Verb]},
                "from": {"enum": [*STATE["enum"], ""]},
                "to": STATE,
                "office": nullable(TEXT),
                "note": TEXT,
            }
        )
