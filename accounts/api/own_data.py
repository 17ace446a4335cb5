"""One's own data over the API: a copy, taking an agreement back, leaving. No program does any of it for somebody."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from rest_framework.views import APIView

from core import own_data
from core.api import StrictQueryMixin, operation

from .. import actions
from ..access import record
from ..models import Consent
from ..signing_in.sessions import proved_recently
from .auth import MayAsk
from .schema import KeptOut, OwnDataIn, OwnDataOut

TAG = "me"
EVERYTHING = (
    "只给本人，10 分钟内要确认过身份；绑定过店的还要写身份证号后 6 位。"
    "每个部分一个键，kept 是注销后按法律留下的。"
)
LEAVING = "清除没有法律要留的，封存要留的。不能恢复。只有本人能办，10 分钟内要确认过身份。"
TAKING_BACK = (
    "kind 是 service、sensitive 或 push。撤回 sensitive 会清除收款账号，发过钱的封存。只有本人能办。"
)
PROVE_FIRST = "要先确认是您本人。请在“登录与安全”里再收一次验证码，10 分钟内再办。"


class OwnData(StrictQueryMixin, APIView):
    """POST: everything held about oneself, for the end of one's identity number; DELETE: close one's account.

    Both want a proof of now. It is no GET, for nothing that is typed may stand in an address.
    """

    permission_classes = (MayAsk,)

    def admit(self, request) -> None:
        if not proved_recently(request):
            raise PermissionDenied(PROVE_FIRST)

    @operation(
        TAG, "我的全部信息", description=EVERYTHING, body=OwnDataIn, answers={200: OwnDataOut}, refuses=(409,)
    )
    def post(self, request, asked):
        own_data.check_identity(request.user, asked.last_six)
        record(request.user, "own_data_downloaded", f"user {request.user.pk}")
        return {"made_at": timezone.now()} | own_data.everything(request.user)

    @operation(TAG, "注销账户", description=LEAVING, answers={200: KeptOut}, refuses=(409,))
    def delete(self, request):
        return _kept(actions.close_account(request.user, by=request.user))


class OwnConsent(StrictQueryMixin, APIView):
    """DELETE: take an agreement back."""

    permission_classes = (MayAsk,)

    @operation(TAG, "撤回一项同意", description=TAKING_BACK, answers={200: KeptOut}, refuses=(409,))
    def delete(self, request, kind):
        if kind not in dict(Consent.KINDS):
            raise Http404("没有这一项同意。请写 service、sensitive 或 push。")
        return _kept(actions.withdraw(request.user, kind))


def _kept(rows):
    return KeptOut.of_values(kept=own_data.as_json(rows))
