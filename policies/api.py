"""The catalogue over the API: measures, benefits and their versions, departments, facts. The same for everybody."""

import django_filters
from django.db.models import Prefetch, Q
from django.utils import timezone
from rest_framework import generics
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from accounts.models import Department
from businesses.registry import business_registry
from core.api import CodePagination, SequencePagination, StrictQueryMixin, operation

from .api_answers import BenefitOut, BenefitRow, FactOut, MeasureOut, NamedCode, VersionOut
from .criteria.rules import DELIVERIES, KINDS
from .models import Benefit, BenefitVersion, Measure, Topic
from .search.measures import matching

TAG = "catalogue"


class MeasureFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label="日常用词、官方用词或拼音")
    topic = django_filters.ModelChoiceFilter("topics", to_field_name="code", queryset=Topic.objects.all())
    lead = django_filters.ModelChoiceFilter(to_field_name="code", queryset=Department.objects.all())
    status = django_filters.ChoiceFilter(
        "document__status", choices=Measure.document.field.related_model.Status.choices
    )

    class Meta:
        model = Measure
        fields = ["q", "topic", "lead", "status"]

    def search(self, queryset, name, value):
        return matching(queryset, value)


class BenefitFilter(django_filters.FilterSet):
    measure = django_filters.CharFilter("measure__code")
    kind = django_filters.ChoiceFilter(choices=list(KINDS.items()))
    delivery = django_filters.ChoiceFilter(choices=list(DELIVERIES.items()))
    topic = django_filters.ModelChoiceFilter("topics", to_field_name="code", queryset=Topic.objects.all())

    class Meta:
        model = Benefit
        fields = ["measure", "kind", "delivery", "topic"]


class Public:
    """Read by anyone, the same for everyone: so no cookie is looked at, and the answer can be kept."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class ListOf(Public, generics.ListAPIView):
    """A list of rows, each as ``row_answer`` shows it."""

    row_answer = None

    def rows(self):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([self.row_answer.of(row) for row in page])


class MeasureViews(Public):
    queryset = Measure.objects.select_related("document").prefetch_related(
        "lead", "responsible", "topics", "benefits"
    )
    lookup_field = "code"


class MeasureList(MeasureViews, ListOf):
    row_answer = MeasureOut
    filterset_class = MeasureFilter

    @operation(TAG, "措施清单", answers={200: MeasureOut})
    def get(self, request):
        return self.rows()


class MeasureDetail(MeasureViews, generics.GenericAPIView):
    @operation(TAG, "一条措施", answers={200: MeasureOut})
    def get(self, request, code):
        return MeasureOut.of(self.get_object())


class BenefitViews(Public):
    lookup_field = "code"
    queryset = Benefit.objects.select_related("measure", "document").prefetch_related("topics")

    def get_queryset(self):
        in_force = BenefitVersion.objects.in_force_on(timezone.localdate())
        return self.queryset.prefetch_related(Prefetch("versions", queryset=in_force, to_attr="in_force"))


class BenefitList(BenefitViews, ListOf):
    row_answer = BenefitRow
    filterset_class = BenefitFilter

    @operation(TAG, "事项清单", answers={200: BenefitRow})
    def get(self, request):
        return self.rows()


class BenefitDetail(BenefitViews, generics.GenericAPIView):
    @operation(TAG, "一个事项，含今天生效的规则全文", answers={200: BenefitOut})
    def get(self, request, code):
        return BenefitOut.of(self.get_object())


class VersionPagination(CodePagination):
    """Newest first."""

    ordering = "-number"

    def decode_cursor(self, request):
        cursor = super().decode_cursor(request)
        if cursor is not None and not (cursor.position or "0").isdecimal():
            raise self._bad_cursor()
        return cursor


class BenefitVersionList(ListOf):
    row_answer = VersionOut
    queryset = BenefitVersion.objects.published()
    pagination_class = VersionPagination

    def get_queryset(self):
        benefit = generics.get_object_or_404(Benefit, code=self.kwargs["code"])
        return self.queryset.filter(benefit=benefit)

    @operation(TAG, "一个事项的全部已发布版本", answers={200: VersionOut})
    def get(self, request, code):
        return self.rows()


class DepartmentList(ListOf):
    row_answer = NamedCode
    queryset = Department.objects.filter(
        Q(leading_measures__isnull=False) | Q(responsible_measures__isnull=False)
    ).distinct()

    @operation(TAG, "牵头和责任单位", answers={200: NamedCode})
    def get(self, request):
        return self.rows()


class FactList(Public, StrictQueryMixin, generics.ListAPIView):
    """Every fact, built in or added by staff, in order."""

    pagination_class = SequencePagination
    query_parameters = ("cursor", "page_size")
    filter_backends = ()

    @operation(TAG, "事实清单：规则用到的和可以填写的全部项目", answers={200: FactOut})
    def get(self, request):
        facts = list(business_registry().values())
        page, links = SequencePagination().page(request, [fact.name for fact in facts])
        chosen = set(page)
        return Response({"results": [FactOut.of(fact) for fact in facts if fact.name in chosen], **links})
