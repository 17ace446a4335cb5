"""One's own data over the API: a copy, taking an agreement back, leaving. No program does any of it for somebody."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.views import APIView

from core import own_data
from core.api import StrictQueryMixin
from core.errors import Invalid
from core.strict_json import shown

from . import actions, api_schema
from .access import record
from .api_auth import MayAsk
from .models import Consent
from .sessions import proved_recently

PROVE_FIRST = "要先确认是您本人。请在“登录与安全”里再收一次验证码，10 分钟内再办。"


def _require_proof(request):
    if not proved_recently(request):
        raise PermissionDenied(PROVE_FIRST)


class OwnData(StrictQueryMixin, APIView):
    """POST: everything held about oneself, for the end of one's identity number; DELETE: close one's account.

    Both want a proof of now. It is no GET, for nothing that is typed may stand in an address.
    """

    schema = api_schema.OwnDataSchema()
    permission_classes = (MayAsk,)
    scopes = {}
    problem_statuses = {"POST": (409,), "DELETE": (409,)}

    def post(self, request):
        _require_proof(request)
        own_data.check_identity(request.user, _last_six(request.data))
        record(request.user, "own_data_downloaded", f"user {request.user.pk}")
        return Response({"made_at": timezone.now()} | own_data.everything(request.user))

    def delete(self, request):
        _require_proof(request)
        return Response(_answer(actions.close_account(request.user, by=request.user)))


class OwnConsent(StrictQueryMixin, APIView):
    """DELETE: take an agreement back."""

    schema = api_schema.OwnConsentSchema()
    permission_classes = (MayAsk,)
    scopes = {}
    problem_statuses = {"DELETE": (409,)}

    def delete(self, request, kind):
        if kind not in dict(Consent.KINDS):
            raise Http404("没有这一项同意。请写 service、sensitive 或 push。")
        return Response(_answer(actions.withdraw(request.user, kind)))


def _last_six(sent):
    if strangers := sorted(sent.keys() - {"last_six"}):
        raise Invalid.because(shown(strangers[0]), "unknown_field", "没有这一项，这里只能写 last_six")
    value = sent.get("last_six", "")
    if not isinstance(value, str):
        raise Invalid.because("last_six", "invalid_text", "请写文字，用双引号括起来")
    return value


def _answer(kept):
    return {"kept": own_data.as_json(kept)}
