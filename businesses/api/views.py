"""The register over the API: shops that the asker may see, and what they may say of them."""

import re
import uuid
from dataclasses import asdict
from datetime import datetime

import django_filters
from django.core.exceptions import PermissionDenied
from django.core.validators import RegexValidator
from django.http import Http404
from rest_framework import generics
from rest_framework.response import Response

from accounts.api.auth import MayAsk, principal_of
from accounts.models import ApiClient
from core.api import CodePagination, StrictQueryMixin, operation, refuse_odd_parameters
from core.errors import Invalid
from core.facts import Misread

from ..actions import state_facts
from ..disclosure import without_effect
from ..facts import BUILT_IN_REGISTRY
from ..identifiers import read_credit_code
from ..models import Business
from ..providing import GIVES_NOTHING, provide_facts, register_business
from .answers import BusinessOut, BusinessRow, StatedOut
from .bodies import SOURCE, BusinessIn, StatementIn

TAG = "businesses"
STATING = (
    "店主和有“代填信息”授权的人写自己的回答，来源是 self。程序只能写本部门来源的信息。"
    "写上读到的 version，别人改过时答 409。没写的项不变。别的来源优先、没有起作用的，在 warnings 里。"
)
NO_SUCH_BUSINESS = "没有这家店，或者您不能查看它。请核对编号。"
_INSTANT = re.compile(
    r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)


def business_for(principal, public_id: str, *related) -> Business:
    """The shop of this id, where ``principal`` may see it. Raises Http404: what is not theirs is not told from none."""
    try:
        wanted = uuid.UUID(public_id)
    except ValueError:
        wanted = None
    if wanted is None or str(wanted) != public_id:
        raise Http404(NO_SUCH_BUSINESS)
    shops = Business.objects.visible_to(principal).select_related(*related)
    business = shops.filter(public_id=wanted).first()
    if business is None:
        raise Http404(NO_SUCH_BUSINESS)
    return business


# Lists


class InOrderOfArrival(CodePagination):
    """Pages in the order in which shops came into the register."""

    ordering = "id"

    def decode_cursor(self, request):
        cursor = super().decode_cursor(request)
        if cursor is not None and not re.fullmatch("[0-9]{1,18}", cursor.position or "0"):
            raise self._bad_cursor()
        return cursor


def _choice(name):
    fact = BUILT_IN_REGISTRY[name]
    return django_filters.ChoiceFilter(choices=[tuple(choice) for choice in fact.choices], label=fact.label)


class BusinessFilter(django_filters.FilterSet):
    district = _choice("district")
    operating_status = _choice("operating_status")
    business_type = _choice("business_type")
    industry = django_filters.CharFilter(
        lookup_expr="startswith",
        validators=[RegexValidator(r"\A[A-T][0-9]{0,4}\Z", "行业请写代码的开头，例如 F 或 F52。")],
        label="行业代码的开头，例如 F52",
    )
    registered_on_from = django_filters.DateFilter("registered_on", "gte", label="这天或以后登记")
    registered_on_to = django_filters.DateFilter("registered_on", "lte", label="这天或以前登记")
    updated_since = django_filters.CharFilter(
        method="since", label="这个时刻或以后更新，例如 2026-11-24T08:00:00Z"
    )
    credit_code = django_filters.CharFilter(method="of_code", label="统一社会信用代码，大小写和空格都可以")

    class Meta:
        model = Business
        fields = []

    def since(self, queryset, name, value):
        try:
            moment = datetime.fromisoformat(value) if _INSTANT.fullmatch(value) else None
        except ValueError:
            moment = None
        if moment is None:
            detail = "请写时刻和时区，例如 2026-11-24T08:00:00Z。网址里的加号要写成 %2B。"
            raise Invalid.because(name, "invalid", detail)
        return queryset.filter(updated_at__gte=moment)

    def of_code(self, queryset, name, value):
        try:
            return queryset.filter(credit_code=read_credit_code(value))
        except Misread as problem:
            raise Invalid.because(name, problem.code, problem.detail) from None


class Businesses(generics.ListAPIView):
    """GET the shops one may see; POST a new one, by the registry's program."""

    permission_classes = (MayAsk,)
    queryset = Business.objects.none()
    pagination_class = InOrderOfArrival
    filterset_class = BusinessFilter

    def get_queryset(self):
        fields = ("public_id", "name", "credit_code", "district", "operating_status", "version", "updated_at")
        return Business.objects.visible_to(principal_of(self.request)).only(*fields).order_by("pk")

    @operation(TAG, "您能看的商户", scope="businesses:read", answers={200: BusinessRow})
    def get(self, request):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([BusinessRow.of(row) for row in page])

    def admit(self, request) -> dict:
        refuse_odd_parameters(request, ())
        client = principal_of(request)
        if not isinstance(client, ApiClient):
            raise PermissionDenied("只有市场监管登记的客户端能新增商户。店主请在“我的”里绑定店铺。")
        return {SOURCE: client.source}

    @operation(
        TAG,
        "新增一家商户（市场监管登记的客户端）",
        scope="businesses:write",
        body=BusinessIn,
        answers={201: BusinessOut},
        refuses=(409,),
    )
    def post(self, request, asked):
        client = principal_of(request)
        business = register_business(
            credit_code=asked.credit_code,
            name=asked.name,
            operator_name=asked.operator_name,
            identity=asked.identity_number,
            address=asked.address,
            facts=asked.facts or {},
            by=client,
        )
        location = request.build_absolute_uri(f"{request.path}{business.public_id}/")
        return Response(BusinessOut.of(client, business), status=201, headers={"Location": location})


class BusinessDetail(StrictQueryMixin, generics.GenericAPIView):
    """GET one shop with the facts one may see; PATCH facts one may state."""

    permission_classes = (MayAsk,)
    queryset = Business.objects.none()
    pagination_class = None
    filter_backends = ()

    @operation(
        TAG,
        "一家商户和它的信息",
        description="每项信息带来源和日期。身份证号、手机号和账号从不返回。税额只给店主、税务部门和审计员。",
        scope="businesses:read",
        answers={200: BusinessOut},
    )
    def get(self, request, id):
        principal = principal_of(request)
        return BusinessOut.of(principal, business_for(principal, id, "operator", "type_verdict"))

    def admit(self, request, id) -> dict:
        principal = principal_of(request)
        self.business = business_for(principal, id)
        if not isinstance(principal, ApiClient):
            return {}
        if not principal.source:
            raise PermissionDenied(GIVES_NOTHING)
        return {SOURCE: principal.source}

    @operation(
        TAG,
        "填写或更新一家商户的信息",
        description=STATING,
        scope="businesses:write",
        body=StatementIn,
        answers={200: StatedOut},
        refuses=(409,),
    )
    def patch(self, request, asked, id):
        principal = principal_of(request)
        state = provide_facts if isinstance(principal, ApiClient) else state_facts
        business = state(self.business, asked.facts, by=principal, expected_version=asked.version)
        warnings = [asdict(warning) for warning in without_effect(business, asked.facts)]
        return StatedOut.of(principal, business, warnings=warnings)
