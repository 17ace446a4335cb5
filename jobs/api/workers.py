"""The card of whoever looks for work, over the API: of the person signed in alone."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework.views import APIView

from accounts.api.auth import MayAsk
from core.api import StrictQueryMixin, operation
from core.errors import Invalid

from .. import working
from ..models import Worker
from .answers import WorkerOut
from .bodies import NothingMore, WorkerIn
from .json import worker_as_json
from .vocabularies import TAG

NO_CARD = "您还没有写找活信息。"
NOT_STAFF = "工作人员不在这里找活。"
VERSION = "您已经有找活信息了，请写上读到的 version"


class PeopleOnly(MayAsk):
    message = "找活信息要本人登录后写，程序不能替他看、写或停。"


class OwnCard(StrictQueryMixin, APIView):
    permission_classes = (PeopleOnly,)

    def admit(self, request) -> None:
        if request.user.is_staff:
            raise PermissionDenied(NOT_STAFF)

    def card(self) -> Worker:
        row = Worker.objects.visible_to(self.request.user).first()
        if row is None:
            raise Http404(NO_CARD)
        return row


class WorkerMe(OwnCard):
    @operation(TAG, "我的找活信息", answers={200: WorkerOut}, refuses=(404,))
    def get(self, request):
        return worker_as_json(self.card())

    @operation(
        TAG,
        "写或改我的找活信息",
        description="写了就是在找活，店里看得到称呼和理由，看不到电话。年满 16 周岁才能写。",
        body=WorkerIn,
        answers={200: WorkerOut},
        refuses=(409,),
    )
    def put(self, request, asked):
        if asked.version is None and Worker.objects.visible_to(request.user).exists():
            raise Invalid.because("version", "required", VERSION)
        row = working.look_for_work(request.user, asked.typed, expected_version=asked.version)
        return worker_as_json(row)


class StopLooking(OwnCard):
    """POST: nobody new sees them."""

    @operation(
        TAG,
        "不找活了",
        description="店里看不到您了，正在谈的不受影响。要接着找，再写一次找活信息。",
        body=NothingMore,
        answers={200: WorkerOut},
        refuses=(404, 409, 422),
        key=True,
    )
    def post(self, request, asked):
        working.stop(self.card())
        return worker_as_json(self.card())
