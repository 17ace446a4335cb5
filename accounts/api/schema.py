"""Tokens and one's own data over the API: what is sent, what is answered, and how a program shows its token."""

from typing import Annotated, Any, ClassVar, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from pydantic import ConfigDict, Field

from core.api import Answer, Body
from core.api.operation import operation_of
from core.api.spelling import Date, Instant, Text

from ..models import ApiClient


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.api.auth.BearerToken"
    name = "client"

    def get_security_definition(self, auto_schema) -> dict:
        flow = {"tokenUrl": "/api/v1/auth/token/", "scopes": dict(ApiClient.SCOPES)}
        return {
            "type": "oauth2",
            "description": "各部门和银行的程序。先领令牌，再放在 Authorization: Bearer 里。",
            "flows": {"clientCredentials": flow},
        }

    def get_security_requirement(self, auto_schema) -> dict:
        declared = operation_of(auto_schema.view, auto_schema.method)
        return {self.name: [declared.scope] if declared and declared.scope else []}


# Tokens


class _Form(Body):
    """A form of the toolkit's: what it does not know it ignores (RFC 6749 §3.2)."""

    model_config = ConfigDict(extra="ignore")


Id = Annotated[Text, Field(description="客户端编号。放在 HTTP Basic 里时不写。")]
Secret = Annotated[Text, Field(description="密钥。放在 HTTP Basic 里时不写。")]
_CREDENTIALS = {"client_id": "demo", "client_secret": "demo-secret"}


class TokenIn(_Form):
    """要一个令牌。"""

    grant_type: Literal["client_credentials"]
    scope: Annotated[Text, Field(description="要的范围，用空格分开。")] = None
    client_id: Id = None
    client_secret: Secret = None

    example: ClassVar[Any] = {
        "grant_type": "client_credentials",
        "scope": "businesses:read evaluations",
        **_CREDENTIALS,
    }


class TokenOut(Answer):
    """一个令牌。"""

    access_token: str
    expires_in: Annotated[int, Field(description="有效的秒数")]
    token_type: Literal["Bearer"]
    scope: Annotated[str, Field(description="得到的范围，用空格分开。")]

    example: ClassVar[Any] = {
        "access_token": "0Yx7Zp3b1uQe8sKc5TnW2dLf",
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": "businesses:read evaluations",
    }


class RevokeIn(_Form):
    """撤销一个令牌。"""

    token: Text
    token_type_hint: Annotated[Text, Field(description="可以不写，只认 access_token。")] = None
    client_id: Id = None
    client_secret: Secret = None

    example: ClassVar[Any] = {"token": "0Yx7Zp3b1uQe8sKc5TnW2dLf", **_CREDENTIALS}


class RevokeOut(Answer):
    """撤销了。"""

    example: ClassVar[Any] = {}


# One's own data


class OwnDataIn(Body):
    """身份证号后 6 位，绑定过店的要写。"""

    last_six: Text = ""

    example: ClassVar[Any] = {"last_six": "010012"}


class KeptRow(Answer):
    """按法律留下的一项。"""

    what: Annotated[str, Field(description="留下什么")]
    law: Annotated[str, Field(description="依据哪部法")]
    until: Annotated[Date | None, Field(description="留到哪一天；还定不下来是 null")]
    ends: Annotated[str, Field(description="留到什么时候，文字")]

    example: ClassVar[Any] = {
        "what": "申请和拨付记录",
        "law": "会计档案管理办法",
        "until": None,
        "ends": "办结后 30 年",
    }


Kept = Annotated[list[KeptRow], Field(description="按法律留下的")]


class KeptOut(Answer):
    """办好了，和按法律留下的。"""

    kept: Kept

    example: ClassVar[Any] = {"kept": [KeptRow.example]}


class OwnDataOut(Answer):
    """本人的全部信息：每个部分一个键。"""

    model_config = ConfigDict(extra="allow")

    made_at: Instant
    kept: Kept

    example: ClassVar[Any] = {"made_at": "2026-11-24T09:30:00+08:00", "kept": [KeptRow.example]}
