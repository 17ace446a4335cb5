"""The OpenAPI shapes of tokens, and how a program shows one."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from core.schema import DATE, INSTANT, TEXT, FixedSchema, nullable, object_of

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


def _kept_shape():
    row = object_of(
        {
            "what": {**TEXT, "description": "留下什么"},
            "law": {**TEXT, "description": "依据哪部法"},
            "until": {**nullable(DATE), "description": "留到哪一天；还定不下来是 null"},
            "ends": {**TEXT, "description": "留到什么时候，文字"},
        }
    )
    return {"type": "array", "items": row, "description": "按法律留下的"}


class OwnDataSchema(FixedSchema):
    tags = ("我的信息",)

    @property
    def summary(self):
        return "我的全部信息" if self.method == "POST" else "注销账户"

    @property
    def description(self):
        if self.method == "POST":
            return (
                "只给本人，10 分钟内要确认过身份；绑定过店的还要写身份证号后 6 位。"
                "每个部分一个键，kept 是注销后按法律留下的。"
            )
        return "清除没有法律要留的，封存要留的。不能恢复。只有本人能办，10 分钟内要确认过身份。"

    def request_shape(self):
        return object_of({"last_six": TEXT}, required=[]) if self.method == "POST" else None

    def answer_shape(self):
        if self.method == "DELETE":
            return object_of({"kept": _kept_shape()})
        return {
            "type": "object",
            "required": ["made_at", "kept"],
            "properties": {"made_at": INSTANT, "kept": _kept_shape()},
        }


class OwnConsentSchema(FixedSchema):
    summary = "撤回一项同意"
    description = (
        "kind 是 service、sensitive 或 push。撤回 sensitive 会清除收款账号，发过钱的封存。只有本人能办。"
    )
    tags = ("我的信息",)

    def answer_shape(self):
        return object_of({"kept": _kept_shape()})
