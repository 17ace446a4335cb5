"""Services over the API: what there is, for everybody, and at which times."""

from datetime import datetime

import django_filters
from django.db.models import Count, Q
from django.utils import timezone
from rest_framework import generics
from rest_framework.permissions import AllowAny

from businesses.facts import BUILT_IN_REGISTRY
from core.api import CodePagination, operation
from core.errors import Invalid
from core.models import Edition
from policies.catalogue import catalogue, current_edition

from ..kinds import KINDS
from ..models import OFFERINGS_EDITION, Offering, Request, Slot
from .answers import OfferingOut, OfferingRow, SlotOut
from .json import offering_as_json, offering_row, slot_as_json

TAG = "services"
KIND_CHOICES = [(key, kind.title) for key, kind in KINDS.items()]
COUNTIES = [tuple(choice) for choice in BUILT_IN_REGISTRY["district"].choices]


def edition() -> tuple:
    """What the answers for everybody depend on besides their address."""
    return Edition.objects.current(OFFERINGS_EDITION), current_edition(), timezone.localdate()


class OfferingFilter(django_filters.FilterSet):
    benefit = django_filters.CharFilter(method="of_benefit", label="事项编号，例如 M02a")
    kind = django_filters.ChoiceFilter(choices=KIND_CHOICES, label="种类")
    district = django_filters.ChoiceFilter(
        method="in_district", choices=COUNTIES, label="这个县区能办的，含不限县区的"
    )
    q = django_filters.CharFilter(method="search", label="名称和说明里的字")

    class Meta:
        model = Offering
        fields = []

    def of_benefit(self, queryset, name, value):
        return queryset.filter(benefit=benefit_id(name, value))

    def in_district(self, queryset, name, value):
        return queryset.filter(district__in=["", value])

    def search(self, queryset, name, value):
        return queryset.filter(Q(title__icontains=value) | Q(summary__icontains=value))


def benefit_id(name: str, value: str) -> int:
    """Of the benefit with this code. Raises Invalid."""
    found = catalogue().benefits.get(value)
    if found is None:
        raise Invalid.because(name, "unknown_benefit", "没有这个事项，编号见 /api/v1/benefits/")
    return found.pk


class Public:
    """Read by anyone, the same for everyone: so no cookie is looked at."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class OfferingViews(Public):
    queryset = Offering.objects.select_related("benefit", "provider", "handler", "mentor")
    lookup_field = "code"


class OfferingList(OfferingViews, generics.ListAPIView):
    filterset_class = OfferingFilter

    def get_queryset(self):
        return self.queryset.all().shown()

    @operation(
        TAG,
        "能办的服务",
        description="找机构办的（tender）一家一项。同一事项的可以一起问，写它们的 provider。",
        answers={200: OfferingRow},
    )
    def get(self, request):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([offering_row(row) for row in page])


class OfferingDetail(OfferingViews, generics.GenericAPIView):
    def get_queryset(self):
        return self.queryset.all().known()

    @operation(TAG, "一项服务：要填什么、怎么办、多久、什么条件", answers={200: OfferingOut})
    def get(self, request, code):
        return offering_as_json(self.get_object())


class InOrderOfTime(CodePagination):
    """Pages from the next time on."""

    ordering = ("starts_at", "id")

    def decode_cursor(self, request):
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position and not _is_instant(cursor.position):
            raise self._bad_cursor()
        return cursor


def _is_instant(text) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


class Slots(Public, generics.ListAPIView):
    """GET the times ahead, as they are this moment."""

    queryset = Slot.objects.none()
    pagination_class = InOrderOfTime

    def get_queryset(self):
        offering = generics.get_object_or_404(Offering.objects.known(), code=self.kwargs["code"])
        queue = Count("requests", filter=Q(requests__seat=Request.Seat.QUEUED))
        return offering.slots.ahead().annotate(queue=queue)

    @operation(
        TAG,
        "还能约的时间",
        description="没有名额的也能约，排在队里，有人让出就按先后补上。",
        answers={200: SlotOut},
    )
    def get(self, request, code):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([slot_as_json(row) for row in page])
