"""The catalogue over the API: measures, benefits and their versions, departments, facts. The same for everybody."""

import django_filters
from django.db.models import Prefetch, Q
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Department
from businesses.registry import business_registry
from core.api import CodePagination, SequencePagination, StrictQueryMixin

from . import search
from .content import in_order
from .criteria.rules import DELIVERIES, KINDS
from .models import Benefit, BenefitVersion, Measure, Topic


class DepartmentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Department
        fields = ["code", "name"]


class TopicSerializer(serializers.ModelSerializer):
    class Meta:
        model = Topic
        fields = ["code", "name"]


class DocumentSerializer(serializers.Serializer):
    """The policy document a measure comes from, with its legal status."""

    code = serializers.CharField()
    title = serializers.CharField()
    number = serializers.CharField(help_text="文号；还没有文号时是空字符串。")
    issuer = serializers.CharField(help_text="发文机关；文件没有写明时是空字符串。")
    status = serializers.ChoiceField(choices=["consultation", "in_force", "suspended", "repealed"])
    dated_on = serializers.DateField()
    effective_from = serializers.DateField(allow_null=True)
    effective_to = serializers.DateField(allow_null=True)


class MeasureSerializer(serializers.ModelSerializer):
    document = DocumentSerializer()
    lead = DepartmentSerializer(source="leads", many=True)
    responsible = DepartmentSerializer(source="responsibles", many=True)
    topics = TopicSerializer(many=True)
    benefits = serializers.SlugRelatedField("code", many=True, read_only=True)

    class Meta:
        model = Measure
        fields = [
            *("code", "clause", "chapter", "title", "summary", "text"),
            *("lead", "responsible", "topics", "document", "benefits"),
        ]


class WindowSerializer(serializers.Serializer):
    opens_on = serializers.DateField(allow_null=True)
    closes_on = serializers.DateField(allow_null=True)


class BenefitSerializer(serializers.ModelSerializer):
    """A benefit with the version that decides today; version is null where none is in force yet."""

    measure = serializers.SlugRelatedField("code", read_only=True)
    topics = TopicSerializer(many=True)
    document_status = serializers.CharField(source="document.status")
    version = serializers.SerializerMethodField()
    window = serializers.SerializerMethodField()
    summary = serializers.SerializerMethodField()
    who = serializers.SerializerMethodField()
    excludes = serializers.SerializerMethodField()

    class Meta:
        model = Benefit
        fields = [
            *("code", "measure", "title", "summary", "who", "kind", "delivery", "topics"),
            *("version", "window", "excludes", "document_status"),
        ]

    def _content(self, benefit):
        return benefit.in_force[0].content if benefit.in_force else {}

    def get_version(self, benefit) -> int | None:
        return benefit.in_force[0].number if benefit.in_force else None

    @extend_schema_field(WindowSerializer)
    def get_window(self, benefit):
        window = self._content(benefit).get("window") or {}
        return {"opens_on": window.get("from"), "closes_on": window.get("to")}

    def get_summary(self, benefit) -> str:
        return self._content(benefit).get("summary", "")

    def get_who(self, benefit) -> str:
        return self._content(benefit).get("who", "")

    def get_excludes(self, benefit) -> list[str]:
        return self._content(benefit).get("excludes") or []


class BenefitDetailSerializer(BenefitSerializer):
    """Also the whole content of the version that decides today: rule, amount, materials, process, basis."""

    content = serializers.SerializerMethodField()

    class Meta(BenefitSerializer.Meta):
        fields = [*BenefitSerializer.Meta.fields, "content"]

    def get_content(self, benefit) -> dict:
        return in_order(self._content(benefit))


class BenefitVersionSerializer(serializers.ModelSerializer):
    version = serializers.IntegerField(source="number")
    content = serializers.SerializerMethodField()

    class Meta:
        model = BenefitVersion
        fields = ["version", "effective_from", "published_at", "content"]

    def get_content(self, version) -> dict:
        return in_order(version.content)


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
        return search.matching(queryset, value)


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


class MeasureViews(Public):
    queryset = Measure.objects.select_related("document").prefetch_related(
        "lead", "responsible", "topics", "benefits"
    )
    serializer_class = MeasureSerializer
    lookup_field = "code"


@extend_schema(summary="措施清单", tags=["政策目录"])
class MeasureList(MeasureViews, generics.ListAPIView):
    filterset_class = MeasureFilter


@extend_schema(summary="一条措施", tags=["政策目录"])
class MeasureDetail(MeasureViews, generics.RetrieveAPIView):
    pass


class BenefitViews(Public):
    serializer_class = BenefitSerializer
    lookup_field = "code"
    queryset = Benefit.objects.select_related("measure", "document").prefetch_related("topics")

    def get_queryset(self):
        in_force = BenefitVersion.objects.in_force_on(timezone.localdate())
        return self.queryset.prefetch_related(Prefetch("versions", queryset=in_force, to_attr="in_force"))


@extend_schema(summary="事项清单", tags=["政策目录"])
class BenefitList(BenefitViews, generics.ListAPIView):
    filterset_class = BenefitFilter


@extend_schema(summary="一个事项，含今天生效的规则全文", tags=["政策目录"])
class BenefitDetail(BenefitViews, generics.RetrieveAPIView):
    serializer_class = BenefitDetailSerializer


class VersionPagination(CodePagination):
    """Newest first."""

    ordering = "-number"

    def decode_cursor(self, request):
        cursor = super().decode_cursor(request)
        if cursor is not None and not (cursor.position or "0").isdecimal():
            raise self._bad_cursor()
        return cursor


@extend_schema(summary="一个事项的全部已发布版本", tags=["政策目录"])
class BenefitVersionList(Public, generics.ListAPIView):
    serializer_class = BenefitVersionSerializer
    queryset = BenefitVersion.objects.published()
    pagination_class = VersionPagination

    def get_queryset(self):
        benefit = generics.get_object_or_404(Benefit, code=self.kwargs["code"])
        return self.queryset.filter(benefit=benefit)


@extend_schema(summary="牵头和责任单位", tags=["政策目录"])
class DepartmentList(Public, generics.ListAPIView):
    queryset = Department.objects.filter(
        Q(leading_measures__isnull=False) | Q(responsible_measures__isnull=False)
    ).distinct()
    serializer_class = DepartmentSerializer


class ChoiceSerializer(serializers.Serializer):
    value = serializers.CharField()
    label = serializers.CharField()


class FactSerializer(serializers.Serializer):
    """A fact that rules are written in and that a profile may hold."""

    name = serializers.CharField()
    type = serializers.ChoiceField(choices=["date", "integer", "money", "bool", "choice", "code", "set"])
    label = serializers.CharField()
    question = serializers.CharField(help_text="向经营者提问时的问题；不提问时是空字符串。")
    ask = serializers.ChoiceField(choices=["question", "amount", "never"])
    scope = serializers.ChoiceField(choices=["business", "operator"])
    sources = serializers.ListField(child=serializers.CharField())
    unit = serializers.CharField()
    choices = ChoiceSerializer(many=True, allow_null=True)


class FactList(Public, StrictQueryMixin, APIView):
    """Every fact, built in or added by staff, in order."""

    pagination_class = SequencePagination
    query_parameters = ("cursor", "page_size")
    serializer_class = FactSerializer

    @extend_schema(
        summary="事实清单：规则用到的和可以填写的全部项目",
        tags=["政策目录"],
        responses=FactSerializer(many=True),
    )
    def get(self, request):
        facts = list(business_registry().values())
        page, links = SequencePagination().page(request, [fact.name for fact in facts])
        chosen = set(page)
        return Response({"results": [_as_json(fact) for fact in facts if fact.name in chosen], **links})


def _as_json(fact):
    return {
        **{key: getattr(fact, key) for key in ("name", "type", "label", "question", "ask", "scope")},
        "sources": list(fact.sources),
        "unit": fact.unit,
        "choices": [choice._asdict() for choice in fact.choices] if fact.choices else None,
    }
