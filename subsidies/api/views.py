"""Applications over the API: for the people they are of, and for programs with a mandate to apply.

Whoever may see a shop's application reads it; writing takes the right to apply. Approving and paying is not offered
here: staff do that in the admin, with the whole file before their eyes.
"""

import django_filters
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from rest_framework import exceptions, generics
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response

from accounts.api.auth import MayAsk, acting, principal_of
from cases.actions import appealing, correcting
from cases.api import CaseFilter, Cases, OneCase, business_to_apply_for, case_in
from cases.evidence import wallet
from cases.materials import to_upload
from cases.models import AuditEntry, Evidence
from cases.procedure import DRAFT
from cases.rights import permissions
from cases.transitions import locked
from core import uploads
from core.api import operation
from core.api.spelling import read_uuid
from core.errors import Invalid, Refused
from notifications.api import NewestFirst
from policies.catalogue import catalogue

from ..actions import applying
from ..models import Application
from ..procedure import STATES
from .answers import ApplicationOut, ApplicationRow, EventOut, FileOut, RequirementsUnmet
from .bodies import (
    AppealIn,
    ApplicationIn,
    CorrectionIn,
    DraftIn,
    FileIn,
    SubmissionIn,
    WithdrawalIn,
)
from .json import application_as_json, event_as_json, file_values, row_as_json

TAG = "applications"
NOT_HERE = "审批和拨付不在接口里办：工作人员在管理后台看过全部材料后办。"
UPLOADING = (
    f"照片或 PDF，最大 {uploads.MOST_BYTES // uploads.MEGABYTE} MB。草稿直接用上；补正期间先存着，交回时写编号。"
    "传过的同一份不会重复存。"
)
NO_SUCH_APPLICATION = "没有这一件，或者您不能查看它。请核对编号。"
NO_SUCH_FILE = "这一件里没有这份材料。请核对编号。"
NOT_YOURS_TO_APPLY = "您不能替这家店办申请。要办，请店主在“授权”里给您“代办申请”。"
READ, WRITE = "applications:read", "applications:write"
STATE_CHOICES = [(state.value, says.staff) for state, says in STATES.items()]


def application_for(principal, public_id: str, *related) -> Application:
    """The application of this id, where ``principal`` may see it. Raises Http404."""
    rows = Application.objects.visible_to(principal).select_related(*related)
    return case_in(rows, public_id, NO_SUCH_APPLICATION)


# The list


class ApplicationFilter(CaseFilter):
    state = django_filters.ChoiceFilter(choices=STATE_CHOICES, label="状态")
    benefit = django_filters.CharFilter(method="of_benefit", label="事项编号，例如 M05c")

    class Meta:
        model = Application
        fields = []

    def of_benefit(self, queryset, name, value):
        found = catalogue().benefits.get(value)
        if found is None:
            raise Invalid.because(name, "unknown_benefit", "没有这个事项，编号见 /api/v1/benefits/")
        return queryset.filter(benefit=found.pk)


class Applications(Cases):
    """GET the applications one may see; POST begins one."""

    queryset = Application.objects.none()
    filterset_class = ApplicationFilter

    def get_queryset(self):
        rows = Application.objects.visible_to(principal_of(self.request))
        return rows.select_related("benefit", "business", "benefit_version").order_by("-pk")

    @operation(
        TAG,
        "您能看的申请，新的在前",
        description="店主看自己的；有“代办申请”授权的人和程序看授权的那家店的；部门看本部门收到的。"
        + NOT_HERE,
        scope=READ,
        answers={200: ApplicationRow},
    )
    def get(self, request):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([row_as_json(row) for row in page])

    @operation(
        TAG,
        "开始一件申请",
        description="一家店的一个事项同时只有一件。已经有一件时答 200，给出那一件。",
        scope=WRITE,
        body=ApplicationIn,
        answers={201: ApplicationOut, 200: ApplicationOut},
        refuses=(404, 409, 422),  # 404: the shop that the body names
        key=False,
    )
    def post(self, request, asked):
        principal = principal_of(request)
        business = business_to_apply_for(principal, asked.business, NOT_YOURS_TO_APPLY)
        with transaction.atomic():
            found, is_new = applying.begin_or_find(business, asked.benefit, **acting(principal))
            if asked.answers:
                found = applying.save(found, asked.answers, **acting(principal))
        return self.begun(request, found, application_as_json(principal, found), is_new=is_new)


# One application


class OneApplication(OneCase):
    """Whoever writes may apply for the shop."""

    def found(self, principal, id) -> Application:
        return application_for(principal, id, "business", "benefit_version")

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        writes = request.method in self.allowed_methods and request.method not in SAFE_METHODS
        if writes and not permissions.may_apply(self.principal, self.case.business):
            raise PermissionDenied(NOT_YOURS_TO_APPLY)

    def answer(self) -> ApplicationOut:
        return application_as_json(self.principal, self.case)


class ApplicationDetail(OneApplication):
    """GET the whole of it; PATCH answers of a draft, and why a material is not handed in."""

    @operation(
        TAG,
        "一件申请的全部内容",
        description="收款账户只给银行和后四位。" + NOT_HERE,
        scope=READ,
        answers={200: ApplicationOut},
    )
    def get(self, request, id):
        return self.answer()

    @operation(
        TAG,
        "填写草稿",
        description="answers 和 excused 至少写一个；没写的项不变，null 是收回。"
        "写上读到的 version，别人改过时答 409。",
        scope=WRITE,
        body=DraftIn,
        answers={200: ApplicationOut},
        refuses=(409,),
    )
    def patch(self, request, asked, id):
        with transaction.atomic():
            found = locked(self.case, asked.version)
            if asked.answers is not None:
                found = applying.save(found, asked.answers, **self.hand)
            for material, reason in (asked.excused or {}).items():
                found = applying.excuse(found, material, reason, **self.hand)
        return self.answer()


class Submit(OneApplication):
    """POST: the owner stands for what is said, and it is handed in."""

    @operation(
        TAG,
        "提交",
        description="declared 写 true：店主承诺所填内容和材料真实。还差什么时答 409，unmet 里逐条说明。",
        scope=WRITE,
        body=SubmissionIn,
        answers={200: ApplicationOut},
        refuses=(409, 422),
        problems={409: RequirementsUnmet},
        key=True,
    )
    def post(self, request, asked, id):
        with transaction.atomic():
            # Declaring is a change of its own; what was seen is compared before it.
            found = applying.declare(locked(self.case, asked.version), **self.hand)
            applying.submit(found, **self.hand)
        return self.answer()


class Withdraw(OneApplication):
    """POST: taken back before it is paid."""

    @operation(
        TAG,
        "撤回",
        description="批准以后、编入拨付批次以前也可以撤回；编入批次以后答 409。",
        scope=WRITE,
        body=WithdrawalIn,
        answers={200: ApplicationOut},
        refuses=(409, 422),
        key=True,
    )
    def post(self, request, asked, id):
        note = (asked.reason or "")[:500]
        applying.withdraw(self.case, expected_version=asked.version, note=note, **self.hand)
        return self.answer()


class Correct(OneApplication):
    """POST: everything that was called wrong, mended and handed in at once."""

    @operation(
        TAG,
        "补正并交回",
        description="只能改通知里点名的信息和材料，全部补齐才能交回。材料先上传，这里写返回的编号。",
        scope=WRITE,
        body=CorrectionIn,
        answers={200: ApplicationOut},
        refuses=(409, 422),
        key=False,
    )
    def post(self, request, asked, id):
        files = asked.files or {}
        with transaction.atomic():
            found = locked(self.case, asked.version)
            for name, value in (asked.facts or {}).items():
                correcting.mend_fact(found, name, value, **self.hand)
            pieces = self._pieces(files)
            for material, ids in files.items():
                correcting.mend_material(found, material, [pieces[one] for one in ids], **self.hand)
            correcting.correct(found, **self.hand)
        return self.answer()

    def _pieces(self, files):
        """{id: Evidence} of the operator's own; whoever may apply for a shop may use them."""
        wanted = {one for ids in files.values() for one in ids}
        rows = Evidence.objects.kept().filter(operator=self.case.operator_id, public_id__in=wanted)
        found = {str(row.public_id): row for row in rows}
        if wanted - found.keys():
            raise Invalid.because("files", "not_found", "有材料编号找不到。请先上传，再写返回的编号")
        return found


class Appeal(OneApplication):
    """POST: the owner does not agree with a refusal; other staff look at it again."""

    @operation(
        TAG,
        "申诉",
        description="不同意“未批准”的决定时，由没有办过这件的人重新看。期限见 decision.remedy_until。",
        scope=WRITE,
        body=AppealIn,
        answers={200: ApplicationOut},
        refuses=(409, 422),
        key=True,
    )
    def post(self, request, asked, id):
        appealing.appeal(self.case, asked.words, **self.hand)
        return self.answer()


# Files


class Files(OneApplication):
    """POST a file for a material: put to the draft, or kept for a correction."""

    parser_classes = (MultiPartParser,)

    def initialize_request(self, request, *args, **kwargs):
        request.upload_handlers.insert(0, uploads.UpToTheLimit(request))  # before anything reads the form
        return super().initialize_request(request, *args, **kwargs)

    @operation(
        TAG,
        "上传一份材料",
        description=UPLOADING,
        scope=WRITE,
        form=FileIn,
        media_type="multipart/form-data",
        answers={201: FileOut},
        refuses=(409,),
    )
    def post(self, request, id):
        material, file = self._sent(request)
        is_draft = self.case.phase == DRAFT
        if not is_draft and self.case.open_correction is None:
            raise Refused("这一件现在不收材料。要改就先撤回，或等通知补正。")
        if material not in {row["name"] for row in to_upload(self.case.benefit_version)}:
            raise Invalid.because("material", "unknown_material", "这一项不要这种材料，请按清单上传")
        piece = wallet.keep(self.case.operator, material, file, **self.hand)
        if is_draft:
            applying.use(self.case, material, piece, **self.hand)
        return Response({"material": material, **file_values(piece)}, status=201)

    def _sent(self, request):
        """(material, file). An upload that is over the limit or broken off is one that was not sent."""
        try:
            form = request.data
        except exceptions.ParseError:
            raise Invalid.because("file", "cut_off", uploads.CUT_OFF) from None
        values = {name: form.get(name) for name in form if name not in request.FILES}
        asked = FileIn.read({**values, **dict.fromkeys(request.FILES)})
        return asked.material, uploads.sent(request._request)


class File(OneApplication):
    """DELETE: a file taken out of the draft. It stays in the owner's wallet."""

    @operation(
        TAG,
        "从草稿里拿掉一份材料",
        description="材料还在店主的“我的材料”里，以后可以再用。",
        scope=WRITE,
        answers={204: None},
        refuses=(409,),
    )
    def delete(self, request, id, file):
        wanted = read_uuid(file)
        rows = self.case.files.filter(removed_at=None).select_related("evidence")
        used = rows.filter(evidence__public_id=wanted).first() if wanted else None
        if used is None:
            raise Http404(NO_SUCH_FILE)
        applying.drop(self.case, used.evidence, **self.hand)
        return Response(status=204)


# What happened


class InTimeOrder(NewestFirst):
    """Pages from the first event on."""

    ordering = "sequence"


class Events(generics.ListAPIView):
    """GET what moved the application, in time order. Offices, never members of staff."""

    permission_classes = (MayAsk,)
    queryset = AuditEntry.objects.none()
    pagination_class = InTimeOrder

    @operation(
        TAG,
        "一件申请的经过，先发生的在前",
        description="office 是办理的部门，店主自己做的是 null。",
        scope=READ,
        answers={200: EventOut},
    )
    def get(self, request, id):
        found = application_for(principal_of(request), id)
        # Reached through the application: who may see it may know what became of it.
        rows = AuditEntry.objects.filter(case=found.pk).exclude(after="").select_related("department")
        page = self.paginate_queryset(self.filter_queryset(rows.order_by("sequence")))
        return self.get_paginated_response([event_as_json(row) for row in page])
