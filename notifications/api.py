"""Messages over the API: those that are for somebody, and those about a shop one may view by mandate."""

import django_filters
from django.http import Http404
from django.utils import timezone
from rest_framework import generics
from rest_framework.response import Response

from accounts.api_auth import MayAsk, principal_of
from businesses.api import Body, InOrderOfArrival
from businesses.models import Business
from core.addresses import whole_number
from core.api import StrictQueryMixin
from core.errors import Invalid
from core.money import yuan_of_json
from eligibility.catalogue import catalogue
from policies.models import BenefitVersion

from . import schema
from .actions import open_message, require
from .inbox import KINDS, taken_back
from .models import Change, Notification
from .truth import decisions_on
from .wording import of_many

NO_SUCH_MESSAGE = "没有这条消息，或者您不能查看它。请核对编号。"


class NewestFirst(InOrderOfArrival):
    """Pages from the newest on: what comes meanwhile does not move them."""

    ordering = "-id"


class MessageFilter(django_filters.FilterSet):
    benefit = django_filters.CharFilter(method="of_benefit", label="事项编号，例如 M05a")
    kind = django_filters.ChoiceFilter(
        method="of_kind", choices=[(word, Change(kind).label) for kind, word in KINDS.items()], label="内容"
    )
    unread = django_filters.BooleanFilter(
        method="not_opened", label="true 只看没打开过的，false 只看打开过的"
    )

    class Meta:
        model = Notification
        fields = []

    def of_benefit(self, queryset, name, value):
        found = catalogue().benefits.get(value)
        if found is None:
            raise Invalid.because(name, "unknown_benefit", "没有这个事项，编号见 /api/v1/benefits/")
        return queryset.filter(benefit=found.pk)

    def of_kind(self, queryset, name, value):
        return queryset.filter(kind__in=[kind for kind, word in KINDS.items() if word == value])

    def not_opened(self, queryset, name, value):
        return queryset.filter(opened_at__isnull=value)


class Messages(generics.ListAPIView):
    """GET the messages one may see, the newest first. A message is what a shop can have, so the scope is that of
    evaluations."""

    schema = schema.MessageListSchema()
    permission_classes = (MayAsk,)
    scopes = {"GET": "evaluations"}
    queryset = Notification.objects.none()
    pagination_class = NewestFirst
    filterset_class = MessageFilter

    def get_queryset(self):
        return Notification.objects.visible_to(principal_of(self.request)).order_by("-pk")

    def list(self, request):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(as_json(page))


class ReadMessage(StrictQueryMixin, generics.GenericAPIView):
    """POST: the person it is for has read a message. No program reads for somebody."""

    schema = schema.ReadSchema()
    permission_classes = (MayAsk,)
    scopes = {}
    queryset = Notification.objects.none()
    pagination_class = None
    filter_backends = ()

    def post(self, request, id):
        rows = Notification.objects.visible_to(principal_of(request))
        row = rows.filter(pk=whole_number(id)).first()
        if row is None:
            raise Http404(NO_SUCH_MESSAGE)
        require(request.user, row)
        Body(request.data, ()).stop()
        open_message(row, by=request.user)
        return Response(as_json([row])[0])


def as_json(rows) -> list[dict]:
    """Messages with the dates and amounts of today's decisions; the same number of queries for one or a hundred."""
    known, today = catalogue(), timezone.localdate()
    benefits = {benefit.pk: benefit for benefit in known.benefits.values()}
    matches = decisions_on(rows)
    words = of_many(rows, matches=matches)
    shops = Business.objects.filter(pk__in={row.business_id for row in rows})
    public_ids = dict(shops.values_list("pk", "public_id"))
    numbers = BenefitVersion.objects.filter(pk__in={row.version_id for row in rows})
    numbers = dict(numbers.values_list("pk", "number"))

    def one(row):
        benefit = benefits[row.benefit_id]
        gone = taken_back(known, benefit, today)
        match = None if gone else matches.get((row.benefit_id, row.business_id))
        return {
            "id": row.pk,
            "business": str(public_ids[row.business_id]),
            "benefit": benefit.code,
            "version": numbers[row.version_id],
            "kind": KINDS[row.kind],
            "title": words[row.pk].title,
            "sentence": words[row.pk].sentence,
            "day": row.day,
            "eligible_from": match and match.eligible_from,
            "apply_before": match and match.apply_before,
            "amount": {
                "value": yuan_of_json(match and match.value_fen),
                "maximum": yuan_of_json(match and match.maximum_fen),
                "unit": _unit(benefit, today),
            },
            "created_at": timezone.localtime(row.created_at),
            "read": row.opened_at is not None,
        }

    return [one(row) for row in rows]


def _unit(benefit, day):
    version = benefit.in_force_on(day)
    return version.rule.amount.unit if version else None
