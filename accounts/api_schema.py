"""The OpenAPI shapes of tokens, and how a program shows one."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from core.schema import TEXT, FixedSchema, object_of

from .models import ApiClient


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.api_auth.BearerToken"
    name = "client"

    def get_security_definition(self, auto_schema):
        flow = {"tokenUrl": "/api/v1/auth/token/", "scopes": dict(ApiClient.SCOPES)}
        return {
            "type": "oauth2",
            "description": "各部门和银行的程序。先领令牌，再放在 Authorization: Bearer 里。",
            "flows": {"clientCredentials": flow},
        }

    def get_security_requirement(self, auto_schema):
        scope = getattr(auto_schema.view, "scopes", {}).get(auto_schema.method)
        return {self.name: [scope] if scope else []}


class _FormSchema(FixedSchema):
    tags = ("令牌",)
    request_type = "application/x-www-form-urlencoded"
    credentials = {
        "client_id": {**TEXT, "description": "客户端编号。放在 HTTP Basic 里时不写。"},
        "client_secret": {**TEXT, "description": "密钥。放在 HTTP Basic 里时不写。"},
    }

    def _problem_statuses(self):
        return [*super()._problem_statuses(), 401]


class TokenSchema(_FormSchema):
    summary = "领取令牌（OAuth2 client credentials）"
    description = (
        "编号和密钥用 HTTP Basic 或表单给，二选一。不写 scope 就是已开通的全部范围。"
        "出错时 code 和 error 是 RFC 6749 的代码。"
    )

    def request_shape(self):
        scopes = " ".join(name for name, _ in ApiClient.SCOPES)
        return {
            "type": "object",
            "required": ["grant_type"],
            "properties": {
                "grant_type": {**TEXT, "enum": ["client_credentials"]},
                "scope": {**TEXT, "description": "要的范围，用空格分开。", "example": scopes},
                **self.credentials,
            },
        }

    def answer_shape(self):
        return object_of(
            {
                "access_token": TEXT,
                "expires_in": {"type": "integer", "description": "有效的秒数"},
                "token_type": {"const": "Bearer"},
                "scope": {**TEXT, "description": "得到的范围，用空格分开。"},
            }
        )


class RevokeSchema(_FormSchema):
    summary = "撤销令牌，马上失效"
    description = "令牌不存在、已撤销或属于别的程序时，同样答 200（RFC 7009）。"

    def request_shape(self):
        return {
            "type": "object",
            "required": ["token"],
            "properties": {
                "token": TEXT,
                "token_type_hint": {**TEXT, "description": "可以不写，只认 access_token。"},
                **self.credentials,
            },
        }

    def answer_shape(self):
        return object_of({})
