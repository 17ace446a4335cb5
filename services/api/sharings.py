"""信息授权 over the API: what owners let institutions read. Only the operator, signed in, gives and takes back."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import generics
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.auth import MayAsk
from accounts.signing_in.sessions import is_fresh_owner
from businesses import sharing
from businesses.models import Sharing
from cases.models import Case
from cases.transitions import require_movable
from core.addresses import whole_number
from core.api import StrictQueryMixin, operation, refuse_odd_parameters
from core.errors import Refused
from notifications.api import NewestFirst

from ..finance import tenders
from ..models import Leg
from .bodies import NothingMore, SharingIn
from .json import sharing_as_json
from .leg_answers import SharingOut, SharingPreview
from .offerings import TAG

NO_SUCH_SHARING = "没有这个授权，或者不是您的。请核对编号。"
NO_SUCH_LEG = "没有问过这一家，或者不是您的办件。请核对编号。"
BY_OPERATOR = "给机构看店铺信息，要店主本人同意。"
NOTHING_SHARED = "这家机构只看您写的话，不看店铺信息，不用授权。"


class OperatorsOnly(MayAsk):
    message = "信息授权要店主本人登录后办，程序不能替他看、给或撤回。"


class Sharings(generics.ListAPIView):
    """GET one's own; POST lets an institution that was asked read what the words say."""

    permission_classes = (OperatorsOnly,)
    queryset = Sharing.objects.none()
    pagination_class = NewestFirst
    filter_backends = ()

    def get_queryset(self):
        rows = Sharing.objects.visible_to(self.request.user).select_related("receiver", "business")
        return rows.order_by("-pk")

    @operation(TAG, "我给机构的信息授权，新的在前", answers={200: SharingOut})
    def get(self, request):
        refuse_odd_parameters(request, ("cursor", "page_size"))
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response([sharing_as_json(row) for row in page])

    def admit(self, request) -> None:
        refuse_odd_parameters(request, ())

    @operation(
        TAG,
        "让机构看店铺信息",
        description="不写 notice 时答 200，给出要同意的原话，什么也不留下；照样写回 notice 就是同意，答 201。"
        "同意要店主本人，15 分钟内收过验证码。",
        body=SharingIn,
        answers={201: SharingOut, 200: SharingPreview},
        refuses=(409, 422),
        key=False,
    )
    def post(self, request, asked):
        leg = _leg(request.user, asked.leg)
        case = leg.request.case
        if not sharing.may_give(request.user, case.business):
            raise PermissionDenied(BY_OPERATOR)
        require_movable(case, tenders.SHARE, principal=request.user)
        preview = _preview(leg)
        if asked.notice is None:
            return Response(preview, status=200)
        tenders.share(case, leg, asked.notice, by=request.user, is_fresh=is_fresh_owner(request))
        given = self.get_queryset().get(legs=leg.pk)
        return Response(sharing_as_json(given), status=201)


def _leg(user, pk) -> Leg:
    """One that an institution was sent by a request that ``user`` may see. Raises Http404."""
    rows = Leg.objects.filter(request__case__in=Case.objects.visible_to(user), pk=pk)
    found = rows.select_related("receiver", "request__offering", "request__case__business").first()
    if found is None or tenders.SHARE not in found.request.case.life.verbs:
        raise Http404(NO_SUCH_LEG)
    return found


def _preview(leg) -> SharingPreview:
    one = tenders.institution_of(leg)
    notice = one and tenders.notice_for(leg.request.case.business, one)
    if notice is None:
        raise Refused(NOTHING_SHARED)
    plain = ("words", "until", "uses", "keep_days")
    return SharingPreview.of_values(**{name: getattr(notice, name) for name in plain}, notice=notice.digest)


class RevokeSharing(StrictQueryMixin, APIView):
    """POST: taken back at once."""

    permission_classes = (OperatorsOnly,)

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            self.sharing = self._found(request.user, whole_number(kwargs["id"]))

    def _found(self, user, pk) -> Sharing:
        rows = Sharing.objects.visible_to(user).select_related("receiver", "business")
        row = rows.filter(pk=pk or 0).first()
        if row is None:
            raise Http404(NO_SUCH_SHARING)
        return row

    @operation(
        TAG,
        "撤回一个信息授权",
        description="马上生效。看过的，机构要在 keep_days 天内删除。",
        body=NothingMore,
        answers={200: SharingOut},
        refuses=(409, 422),
        key=True,
    )
    def post(self, request, asked, id):
        sharing.revoke(self.sharing, by=request.user)
        self.sharing.refresh_from_db(fields=["revoked_at"])
        return sharing_as_json(self.sharing)
