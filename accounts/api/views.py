"""Tokens for programs: OAuth2 client credentials (RFC 6749 §4.4) and revocation (RFC 7009).

The protocol is the toolkit's; this door reads the form strictly, counts tries, and says what is wrong as a Chinese
problem whose ``code``, and ``error`` for OAuth libraries, is the one that the RFC names.
"""

import base64
import binascii
import json
from urllib.parse import parse_qsl, unquote_plus, urlencode

from django.http import HttpResponse
from django.utils import timezone
from oauth2_provider.models import get_access_token_model
from oauth2_provider.oauth2_backends import get_oauthlib_core
from rest_framework import exceptions
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from core import limits
from core.api import StrictQueryMixin, address, operation
from core.errors import Invalid
from core.problems import MEDIA_TYPE, dumps, problem
from core.strict_json import too_large

from .schema import RevokeIn, RevokeOut, TokenIn, TokenOut

TAG = "tokens"
FORM = "application/x-www-form-urlencoded"
# Counted for a program from one address: a stranger's wrong guesses elsewhere must not lock a bureau out. The
# secret has 128 random characters, so many addresses guess no better.
TRIES_OF_A_CLIENT = limits.Limit("api-client", 20, 15 * 60)
# A whole government network may come from one address.
TRIES_FROM_AN_ADDRESS = limits.Limit("api-address", 600, 15 * 60)

# What stands in ``detail``, by the RFC's code.
SAYINGS = {
    "invalid_request": "请求不完整。要用表单写 {fields}，每项只写一次。",
    "invalid_client": "客户端编号或密钥不对，或者已经停用。请核对，或找管理员重置密钥。",
    "unauthorized_client": "这个客户端不能用这种方式领取令牌。请找管理员核对。",
    "unsupported_grant_type": "只支持 client_credentials 这一种方式。请改正 grant_type。",
    "invalid_scope": "要的范围不存在，或者没有给这个客户端开通。请减少 scope，或找管理员开通。",
    "unsupported_token_type": "只能撤销 access_token。请改正或删掉 token_type_hint。",
}


class FormParser(BaseParser):
    """A form of a few short fields as ``{name: value}``. A field written twice is refused (RFC 6749 §3.2)."""

    media_type = FORM
    max_bytes = 10_000
    max_fields = 20

    def parse(self, stream, media_type=None, parser_context=None):
        body = stream.read(self.max_bytes + 1)
        if len(body) > self.max_bytes:
            raise too_large(self.max_bytes)
        try:
            pairs = parse_qsl(
                body.decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=self.max_fields,
            )
        except ValueError:
            detail = "表单读不出来。请用 UTF-8 和百分号编码，每项写成名称=值，用 & 连接。"
            raise Invalid.because("", "invalid_request", detail) from None
        form = dict(pairs)
        if len(form) < len(pairs) or not all(value.isprintable() for value in form.values()):
            raise Invalid.because("", "invalid_request", "每项只写一次，不要有换行和看不见的字符。")
        return form


class OAuthEndpoint(StrictQueryMixin, APIView):
    """One POST of a form, with the program's id and secret in it or, better, as HTTP Basic."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (FormParser,)
    fields = ()

    def give(self, request):
        form = {name: request.data[name] for name in (*self.fields, *CREDENTIALS) if name in request.data}
        header = request.META.get("HTTP_AUTHORIZATION", "")
        header = header if header[:6].lower() == "basic " else ""
        if header and "client_secret" in form:
            return self._refused(400, "invalid_request", "编号和密钥只用一种方式给：请求头或表单。")
        client_id = _client_id(header) or form.get("client_id", "")
        if wait := self._wait(request, client_id):
            raise exceptions.Throttled(wait)
        headers = {"HTTP_AUTHORIZATION": header} if header else {}
        found, status = self.ask(get_oauthlib_core().server, request.path, urlencode(form), headers)
        if status != 200:
            return self._refused(status, found.get("error", ""))
        limits.forget(TRIES_OF_A_CLIENT, _tried(request, client_id))
        return self.answer(found, client_id)

    def _wait(self, request, client_id):
        """Seconds to wait, where too much was tried from here; 0 otherwise."""
        for limit, whom in (
            (TRIES_FROM_AN_ADDRESS, address(request)),
            (TRIES_OF_A_CLIENT, _tried(request, client_id)),
        ):
            verdict = limits.try_once(limit, whom)
            if not verdict.allowed:
                return verdict.wait
        return 0

    def _refused(self, status, code, detail="") -> HttpResponse:
        """A problem that OAuth libraries understand too. Wrong credentials are a 401 that offers Basic."""
        detail = detail or SAYINGS.get(code, "").format(fields="、".join(self.needed))
        body = problem(status, code=code, detail=detail) | {"error": code}
        headers = {"Cache-Control": "no-store"}
        if status == 401:
            headers["WWW-Authenticate"] = 'Basic realm="api"'
        return HttpResponse(dumps(body), status=status, content_type=MEDIA_TYPE, headers=headers)

    def handle_exception(self, exc):
        if isinstance(exc, exceptions.UnsupportedMediaType):
            return self._refused(
                415, "unsupported_media_type", f"正文要是表单。请把 Content-Type 写成 {FORM}。"
            )
        if isinstance(exc, Invalid) and not exc.faults[0].field:
            return self._refused(400, exc.faults[0].code, exc.faults[0].detail)
        return super().handle_exception(exc)


CREDENTIALS = ("client_id", "client_secret")


def _client_id(header):
    """The program named in an HTTP Basic header, empty where there is none to read."""
    try:
        return unquote_plus(base64.b64decode(header[6:], validate=True).decode().partition(":")[0])
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _tried(request, client_id) -> str:
    return f"{client_id} {address(request)}"


class Token(OAuthEndpoint):
    """POST id and secret, get a token for an hour. Only its digest is kept."""

    fields = ("grant_type", "scope")
    needed = ("grant_type", "client_id", "client_secret")

    @operation(
        TAG,
        "领取令牌（OAuth2 client credentials）",
        description="编号和密钥用 HTTP Basic 或表单给，二选一。不写 scope 就是已开通的全部范围。"
        "出错时 code 和 error 是 RFC 6749 的代码。",
        form=TokenIn,
        media_type=FORM,
        answers={200: TokenOut},
        refuses=(401,),
    )
    def post(self, request):
        return self.give(request)

    def ask(self, server, uri, body, headers):
        _, text, status = server.create_token_response(uri, "POST", body, headers)
        return json.loads(text), status

    def answer(self, found, client_id):
        stale = get_access_token_model().objects.filter(application__client_id=client_id)
        stale.filter(expires__lte=timezone.now()).delete()
        return Response(found, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


class Revoke(OAuthEndpoint):
    """POST a token to end it at once. One that is unknown, or another program's, is answered the same."""

    fields = ("token", "token_type_hint")
    needed = ("token", "client_id", "client_secret")

    @operation(
        TAG,
        "撤销令牌，马上失效",
        description="令牌不存在、已撤销或属于别的程序时，同样答 200（RFC 7009）。",
        form=RevokeIn,
        media_type=FORM,
        answers={200: RevokeOut},
        refuses=(401,),
    )
    def post(self, request):
        return self.give(request)

    def ask(self, server, uri, body, headers):
        _, text, status = server.create_revocation_response(uri, "POST", body, headers)
        return json.loads(text or "{}"), status

    def answer(self, found, client_id):
        return Response({})
