"""Messages over the API: those that are for somebody, and those about a shop one may view by mandate."""

from typing import Any, ClassVar

import django_filters
from django.http import Http404
from rest_framework import generics

from accounts.api.auth import MayAsk, principal_of
from businesses.api.views import InOrderOfArrival
from core.addresses import whole_number
from core.api import Body, StrictQueryMixin, operation
from core.errors import Invalid
from policies.catalogue import catalogue

from .actions import open_message, require
from .api_answers import MessageOut
from .inbox.cards import KINDS
from .models import Change, Notification

TAG = "notifications"
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
        benefit = catalogue().benefits.get(value)
        if benefit is None:
            raise Invalid.because(name, "unknown_benefit", "没有这个事项，编号见 /api/v1/benefits/")
        return queryset.filter(benefit=benefit.pk)

    def of_kind(self, queryset, name, value: str):
        return queryset.filter(kind__in=[kind for kind, word in KINDS.items() if word == value])

    def not_opened(self, queryset, name, value):
        return queryset.filter(opened_at__isnull=value)


class Messages(generics.ListAPIView):
    """GET the messages one may see, the newest first. A message is what a shop can have, so the scope is that of
    evaluations."""

    permission_classes = (MayAsk,)
    queryset = Notification.objects.none()
    pagination_class = NewestFirst
    filterset_class = MessageFilter

    def get_queryset(self):
        return Notification.objects.visible_to(principal_of(self.request)).order_by("-pk")

    @operation(
        TAG,
        "您能看的消息，新的在前",
        description="店主看自己的；有授权的人和程序只看授权的那家店的。日期和金额按今天的情况。",
        scope="evaluations",
        answers={200: MessageOut},
    )
    def get(self, request):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(MessageOut.of(page))


class Nothing(Body):
    """一个空对象。"""

    example: ClassVar[Any] = {}


class ReadMessage(StrictQueryMixin, generics.GenericAPIView):
    """POST: the person it is for has read a message. No program reads for somebody."""

    permission_classes = (MayAsk,)
    queryset = Notification.objects.none()
    pagination_class = None
    filter_backends = ()

    def admit(self, request, id) -> None:
        rows = Notification.objects.visible_to(principal_of(request))
        self.message = rows.filter(pk=whole_number(id)).first()
        if self.message is None:
            raise Http404(NO_SUCH_MESSAGE)
        require(request.user, self.message)

    @operation(
        TAG,
        "记下一条消息已经读过",
        description="只有店主本人能记。再记一次什么也不变。",
        body=Nothing,
        answers={200: MessageOut},
    )
    def post(self, request, asked, id):
        open_message(self.message, by=request.user)
        return MessageOut.of([self.message])[0]
