"""Legs over the API: what was sent to one's own institution, for its people and its programs."""

import django_filters
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import generics
from rest_framework.views import APIView

from accounts.access import record
from accounts.api.auth import MayAsk, acting, principal_of
from accounts.models import ApiClient
from cases.rights.recusal import of_cases
from core.addresses import whole_number
from core.api import StrictQueryMixin, operation
from core.errors import Fault, Invalid
from notifications.api import NewestFirst

from ..finance import tenders
from ..kinds import KINDS
from ..models import Leg
from ..permissions import may_answer
from .bodies import LegIn
from .json import leg_as_json
from .leg_answers import LEG_VERBS, LegOut
from .offerings import TAG

READ, WRITE = "legs:read", "legs:write"
NO_SUCH_LEG = "没有这一单，或者不是发给本单位的。请核对编号。"
RELATED = ("request__offering", "request__case", "sharing", "receiver", "receiver_user")


def legs_for(principal):
    """Those that ``principal`` may see, without the cases that somebody has to keep away from."""
    rows = Leg.objects.visible_to(principal).select_related(*RELATED)
    if isinstance(principal, ApiClient):
        return rows
    return rows.exclude(of_cases(principal, "request__case__"))


class LegFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=Leg.State.choices, label="状态")

    class Meta:
        model = Leg
        fields = []


class Legs(generics.ListAPIView):
    """GET what was sent to one's own institution, the newest first."""

    permission_classes = (MayAsk,)
    queryset = Leg.objects.none()
    pagination_class = NewestFirst
    filterset_class = LegFilter

    def get_queryset(self):
        return legs_for(principal_of(self.request)).order_by("-pk")

    @operation(
        TAG,
        "发给本单位的单子，新的在前",
        description="机构的程序看发给本机构的。只有店主写的话和填的内容，看不到同时问了谁。",
        scope=READ,
        answers={200: LegOut},
    )
    def get(self, request):
        principal = principal_of(request)
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([leg_as_json(row, principal) for row in page])


class OneLeg(StrictQueryMixin, APIView):
    """Another institution's leg is a 404, whatever was sent."""

    permission_classes = (MayAsk,)

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        self.principal = principal_of(request)
        self.leg = self._found(whole_number(kwargs["id"]))

    def _found(self, pk) -> Leg:
        row = legs_for(self.principal).filter(pk=pk or 0).first()
        if row is None:
            raise Http404(NO_SUCH_LEG)
        return row


class LegDetail(OneLeg):
    @operation(TAG, "发给本单位的一单", scope=READ, answers={200: LegOut})
    def get(self, request, id):
        if not isinstance(self.principal, ApiClient):
            record(self.principal, "see_leg", f"leg {self.leg.pk}")
        return leg_as_json(self.leg, self.principal)


class AnswerLeg(OneLeg):
    """POST: take it, decline it, be done with it, or say that nobody could be reached."""

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            self._admit(kwargs["verb"])

    def _admit(self, verb) -> None:
        if verb not in KINDS[self.leg.request.case.procedure].leg_verbs:
            raise Http404(f"这一单没有这个动作，能做的见 verbs：{'、'.join(LEG_VERBS)} 里的几个。")
        mine = Leg.objects.of_receiver(self.principal).filter(pk=self.leg.pk)
        if not may_answer(self.principal) or not mine.exists():
            raise PermissionDenied

    @operation(
        TAG,
        "接单、答复",
        description="take 是接单，decline 是不能办，done 是给出条件或答复。unreachable 是联系不上。能做的见 verbs。",
        scope=WRITE,
        body=LegIn,
        answers={200: LegOut},
        refuses=(409, 422),
        key=True,
    )
    def post(self, request, asked, id, verb):
        case = self.leg.request.case
        key = KINDS[case.procedure].leg_verbs[verb]
        typed = _typed(case.life.verbs[key].needs, asked.words)
        try:
            tenders.answer(self.leg, key, typed, expected_version=asked.version, **acting(self.principal))
        except Invalid as problem:
            raise Invalid([Fault("words", row.code, row.detail) for row in problem.faults]) from None
        return leg_as_json(self._found(self.leg.pk), self.principal)


def _typed(needs, words) -> dict:
    """What was written, for whatever the verb needs."""
    if words is not None and not needs:
        raise Invalid.because("words", "unknown_field", "这个动作不用写这一项，请去掉")
    return dict.fromkeys(needs, words or "")
