"""Small views for tests/core: each shows one thing that every API view inherits."""

from decimal import Decimal

import django_filters
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpResponse
from django.urls import path, re_path
from rest_framework import exceptions, generics, serializers
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Department
from core.api import StrictQueryMixin
from core.errors import Fault, Invalid, Refused
from core.http_cache import cached_catalogue
from core.middleware import unknown_path


class Echo(StrictQueryMixin, APIView):
    """Sends back what it was sent."""

    permission_classes = (AllowAny,)
    throttle_classes = ()
    max_body_bytes = 2_000
    query_parameters = ("title",)

    def get(self, request):
        return Response({"title": request.query_params.get("title", "")})

    def post(self, request):
        return Response(request.data)


class Paced(APIView):
    permission_classes = (AllowAny,)

    def get(self, request):
        return Response({"rate": Decimal("0.10")})


class Private(APIView):
    permission_classes = (IsAuthenticated,)

    def get(self, request):
        return Response({})


RAISES = {
    "invalid": Invalid(
        [Fault("profile.registered_on", "invalid", "日期要写成 2026-01-31。"), Fault("a", "b", "丙。")]
    ),
    "refused": Refused("今天不受理，请下周再来。"),
    "missing": Http404("No Measure matches the given query."),
    "missing-in-chinese": Http404("没有 <b>M99</b> 这条措施。"),
    "forbidden": PermissionDenied(),
    "serializer": exceptions.ValidationError(
        {
            "items": [{}, {"amount": [exceptions.ErrorDetail("要大于 0。", "min_value")]}],
            "non_field_errors": ["English."],
        }
    ),
    "model": DjangoValidationError({"name": ["名称太长。"], "__all__": ["两个日期颠倒了。"]}),
    "suspicious": SuspiciousOperation("secret-detail"),
    "bug": RuntimeError("secret-detail"),
}


class Raising(APIView):
    permission_classes = (AllowAny,)

    def get(self, request, reason):
        raise RAISES[reason]


def plain_django(request, status):
    """A page of Django's, with the headers that must survive."""
    headers = {"Allow": "GET", "Retry-After": "7", "WWW-Authenticate": "Bearer", "Content-Language": "en"}
    return HttpResponse("<h1>secret-detail</h1>", status=status, headers=headers)


class DepartmentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Department
        fields = ("code", "name")


class DepartmentFilter(django_filters.FilterSet):
    has_staff = django_filters.BooleanFilter("staff", lookup_expr="isnull", exclude=True)
    staff_count = django_filters.NumberFilter("pk")
    kind = django_filters.ChoiceFilter("code", choices=[("tax", "税务"), ("hr", "人社")])

    class Meta:
        model = Department
        fields = ("name",)


class Departments(generics.ListAPIView):
    permission_classes = (AllowAny,)
    throttle_classes = ()
    queryset = Department.objects.all()
    serializer_class = DepartmentSerializer
    filterset_class = DepartmentFilter


class Catalogue(Departments):
    authentication_classes = ()


class OneDepartment(generics.RetrieveAPIView):
    permission_classes = (AllowAny,)
    throttle_classes = ()
    queryset = Department.objects.all()
    serializer_class = DepartmentSerializer
    filterset_class = DepartmentFilter
    lookup_field = "code"


catalogue_version = [1]

handler500 = "portal.views.server_error"
urlpatterns = [
    path("api/echo/", Echo.as_view()),
    path("api/paced/", Paced.as_view()),
    path("api/private/", Private.as_view()),
    path("api/raise/<slug:reason>/", Raising.as_view()),
    path("api/plain/<int:status>/", plain_django),
    path("api/departments/", Departments.as_view()),
    path("api/departments/<str:code>/", OneDepartment.as_view()),
    path("api/catalogue/", cached_catalogue(lambda: catalogue_version[0])(Catalogue.as_view())),
    re_path(r"^api/", unknown_path),
    path("page/<int:status>/", plain_django),
]


def error_page(request, *args, **kwargs):
    """The product's error pages link to addresses that this URLconf does not have."""
    return HttpResponse("<h1>secret-detail</h1>", status=400)


handler400 = error_page
