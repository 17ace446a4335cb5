"""The register over the API: shops that the asker may see, and what they may say of them."""

import re
import uuid
from dataclasses import asdict
from datetime import datetime

import django_filters
from django.core.exceptions import PermissionDenied
from django.core.validators import RegexValidator
from django.http import Http404
from django.utils import timezone
from rest_framework import generics, serializers
from rest_framework.response import Response

from accounts.api_auth import MayAsk, principal_of
from accounts.models import ApiClient
from core.api import CodePagination, StrictQueryMixin, refuse_odd_parameters
from core.errors import Fault, Invalid
from core.facts import Misread, read_integer
from core.strict_json import shown

from . import schema
from .actions import state_facts
from .disclosure import facts_as_json, without_effect
from .facts import BUILT_IN_REGISTRY
from .identifiers import read_credit_code, read_identity_number, read_name
from .models import Business
from .providing import GIVES_NOTHING, provide_facts, read_facts, register_business
from .registry import business_registry

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


# Reading bodies


class Body:
    """A JSON object read field by field; ``stop`` raises Invalid with every fault that was found."""

    def __init__(self, sent, known):
        self.sent, self.faults = sent, []
        for name in sent:
            if name not in known:
                detail = f"没有这一项，这里只能写 {'、'.join(known)}"
                self.faults.append(Fault(shown(name), "unknown_field", detail))

    def read(self, name, reader, *, required=True):
        """What ``reader`` makes of a field; None where it is absent or refused."""
        if name not in self.sent:
            if required:
                self.faults.append(Fault(name, "required", f"缺少 {name}，请补上"))
            return None
        try:
            return reader(self.sent[name])
        except Misread as problem:
            self.faults.append(Fault(name, problem.code, problem.detail))
        except Invalid as problem:
            self.faults += problem.faults
        return None

    def stop(self):
        if self.faults:
            raise Invalid(self.faults)


def _code(reader):
    """A code, however wide or small it was typed: it is the same one."""

    def read(raw):
        if not isinstance(raw, str):
            raise Misread("invalid_text", "请写文字，用双引号括起来")
        return reader(raw)

    return read


def _text(label, longest):
    def read(raw):
        if not isinstance(raw, str):
            raise Misread("invalid_text", "请写文字，用双引号括起来")
        value = read_name(raw, label=label, longest=longest)
        if value != raw:
            raise Misread("not_canonical", f"{label}前后不带空格，中间最多一个空格")
        return value

    return read


def _version(raw):
    value = read_integer(raw)
    if value < 1:
        raise Misread("out_of_range", "version 从 1 开始，请写读到的那个数")
    return value


def _own_words(raw):
    """An owner's facts in the spelling the register keeps. What cannot be read is left for the verb to refuse."""
    if not isinstance(raw, dict):
        raise Invalid.because("facts", "invalid_object", '请填对象，例如 {"monthly_rent": "800.00"}')
    registry = business_registry()
    words = {}
    for name, value in raw.items():
        try:
            words[name] = registry[name].write(registry[name].read(value)) if value is not None else None
        except (KeyError, Misread):
            words[name] = value
    return words


# Lists


class BusinessRow(serializers.ModelSerializer):
    """A shop in a list."""

    id = serializers.UUIDField(source="public_id")

    class Meta:
        model = Business
        fields = ["id", "name", "credit_code", "district", "operating_status", "version", "updated_at"]


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

    schema = schema.BusinessListSchema()
    permission_classes = (MayAsk,)
    scopes = {"GET": "businesses:read", "POST": "businesses:write"}
    problem_statuses = {"POST": (409,)}
    queryset = Business.objects.none()
    serializer_class = BusinessRow
    pagination_class = InOrderOfArrival
    filterset_class = BusinessFilter

    def get_queryset(self):
        fields = ("public_id", "name", "credit_code", "district", "operating_status", "version", "updated_at")
        return Business.objects.visible_to(principal_of(self.request)).only(*fields).order_by("pk")

    def post(self, request):
        refuse_odd_parameters(request, ())
        client = principal_of(request)
        if not isinstance(client, ApiClient):
            raise PermissionDenied("只有市场监管登记的客户端能新增商户。店主请在“我的”里绑定店铺。")
        body = Body(
            request.data, ("credit_code", "name", "operator_name", "identity_number", "address", "facts")
        )
        given = {
            "credit_code": body.read("credit_code", _code(read_credit_code)),
            "name": body.read("name", _text("名称", 120)),
            "operator_name": body.read("operator_name", _text("经营者姓名", 80)),
            "identity": body.read("identity_number", _code(read_identity_number), required=False),
            "address": body.read("address", _text("经营场所", 200), required=False),
            "facts": body.read("facts", lambda raw: read_facts(raw, client.source), required=False) or {},
        }
        body.stop()
        business = register_business(**given, by=client)
        location = request.build_absolute_uri(f"{request.path}{business.public_id}/")
        return Response(as_json(client, business), status=201, headers={"Location": location})


class BusinessDetail(StrictQueryMixin, generics.GenericAPIView):
    """GET one shop with the facts one may see; PATCH facts one may state."""

    schema = schema.BusinessDetailSchema()
    permission_classes = (MayAsk,)
    scopes = {"GET": "businesses:read", "PATCH": "businesses:write"}
    problem_statuses = {"PATCH": (409,)}
    queryset = Business.objects.none()
    pagination_class = None
    filter_backends = ()

    def get(self, request, id):
        principal = principal_of(request)
        return Response(as_json(principal, business_for(principal, id, "operator", "type_verdict")))

    def patch(self, request, id):
        principal = principal_of(request)
        business = business_for(principal, id)
        body = Body(request.data, ("version", "facts"))
        version = body.read("version", _version, required=False)
        if isinstance(principal, ApiClient):
            if not principal.source:
                raise PermissionDenied(GIVES_NOTHING)
            facts = body.read("facts", lambda raw: read_facts(raw, principal.source))
            body.stop()
            business = provide_facts(business, facts, by=principal, expected_version=version)
        else:
            facts = body.read("facts", _own_words)
            body.stop()
            business = state_facts(business, facts, by=principal, expected_version=version)
        warnings = [asdict(warning) for warning in without_effect(business, facts)]
        return Response({**as_json(principal, business), "warnings": warnings})


def as_json(principal, business: Business) -> dict:
    """One shop as ``principal`` may see it."""
    return {
        "id": str(business.public_id),
        "name": business.name,
        "credit_code": business.credit_code,
        "operator": business.operator and {"name": business.operator.name},
        "address": business.address,
        "version": business.version,
        "updated_at": timezone.localtime(business.updated_at),
        "facts": facts_as_json(principal, business),
    }
