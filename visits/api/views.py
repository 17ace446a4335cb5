"""GET POST /api/v1/visits/: the visits that one may see, and a new one in the plan of one's bureau."""

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from rest_framework import generics
from rest_framework.response import Response

from accounts.api.auth import MayAsk, acting, principal_of
from businesses.models import Business
from cases.models import Message
from cases.procedure import CLOSED, OPEN
from core.api import operation, refuse_odd_parameters
from core.errors import Invalid
from notifications.api import NewestFirst

from ..models import Visit, VisitCase
from ..permissions import may_plan
from ..planning import Plan, plan
from ..sight import visible_to
from .answers import STATES, VisitOut, visit_as_json
from .bodies import VisitIn

TAG = "visits"
READ, WRITE = "visits:read", "visits:write"
NOT_A_BUREAU = "只有政府部门安排检查的人和程序能列计划。请找管理员开通。"
NO_SUCH_SHOP = "登记里没有这家店，请核对信用代码"
RESULTS = Message.objects.filter(side=Message.Side.OFFICE).order_by("-pk")
RELATED = ("business", "department", "visit")


class VisitFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in STATES], label="状态")
    phase = django_filters.ChoiceFilter(choices=[(OPEN, "没有查完"), (CLOSED, "查完了")], label="阶段")

    class Meta:
        model = VisitCase
        fields = []


class Visits(generics.ListAPIView):
    """GET the visits one may see, the newest first; POST plans one."""

    permission_classes = (MayAsk,)
    queryset = VisitCase.objects.none()
    pagination_class = NewestFirst
    filterset_class = VisitFilter

    def get_queryset(self):
        rows = visible_to(principal_of(self.request)).select_related(*RELATED)
        return rows.prefetch_related(Prefetch("messages", queryset=RESULTS)).order_by("-pk")

    @operation(
        TAG,
        "您能看的检查计划，新的在前",
        description="店主看自己店的；有授权的人和程序看授权的那家店的；部门和它的程序看本部门的。",
        scope=READ,
        answers={200: VisitOut},
    )
    def get(self, request):
        principal = principal_of(request)
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([visit_as_json(row, principal) for row in page])

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and not may_plan(principal_of(request)):
            raise PermissionDenied(NOT_A_BUREAU)

    def admit(self, request) -> None:
        refuse_odd_parameters(request, ())

    @operation(
        TAG,
        "列一个检查计划",
        description="别的单位也要去同一家店，日子有重叠的，马上建议合成一次。"
        "定日期、同意合并、写结果由人在管理后台办。",
        scope=WRITE,
        body=VisitIn,
        answers={201: VisitOut},
        refuses=(409, 422),
        key=True,
    )
    def post(self, request, asked):
        principal = principal_of(request)
        shop = Business.objects.select_related("operator").filter(credit_code=asked.credit_code).first()
        if shop is None:
            raise Invalid.because("credit_code", "unknown_shop", NO_SUCH_SHOP)
        planned = Plan(
            tuple(asked.items),
            asked.from_on,
            asked.until_on,
            asked.because or Visit.Because.NORMAL,
            asked.note or "",
        )
        case = plan(shop, planned, **acting(principal))
        return Response(visit_as_json(case, principal), status=201)
