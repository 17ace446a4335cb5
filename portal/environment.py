"""Settings read from the environment: one table, and a sentence that helps when a value is wrong.

``SETTINGS`` is the single list of what can be set. ``python -m portal.environment`` prints it as docs/settings.md.
"""

import base64
import binascii
import hashlib
import os
import re
from dataclasses import dataclass
from datetime import time
from ipaddress import ip_network
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Setting:
    """One environment variable: how it is read, what stands when it is absent, and what it does."""

    name: str
    read: str
    default: object
    purpose: str
    allowed: tuple = ()


BOOLEAN = ("on", "off", "true", "false", "1", "0", "yes", "no")

SETTINGS = (
    Setting("DEBUG", "bool", False, "开发模式。make run 打开它；正式运行必须关闭。"),
    Setting("SECRET_KEY", "str", "", "签名密钥，至少 32 个字符。DEBUG 关闭时必填。"),
    Setting("ALLOWED_HOSTS", "list", [], "允许的域名，用逗号分开。DEBUG 关闭时必填。"),
    Setting("CSRF_TRUSTED_ORIGINS", "list", [], "反向代理后面的完整网址，例如 https://zc.example.cn。"),
    Setting(
        "DATABASE_URL",
        "str",
        f"sqlite:///{ROOT / 'db.sqlite3'}",
        "数据库地址：sqlite:///… 或 postgres://…。前面有按事务分配连接的连接池时，"
        "末尾加 ?disable_server_side_cursors=1。",
    ),
    Setting(
        "DATABASE_ROLES",
        "bool",
        True,
        "检查数据库用户不是超级用户、不拥有表、不能清空表，用户照 deploy/roles.sql 建。只有一个用户的小库可以关闭。",
    ),
    Setting("REDIS_URL", "str", "", "Redis 地址。空着时缓存在进程里。"),
    Setting("HTTPS", "bool", True, "正式运行时强制 HTTPS 和安全 Cookie。DEBUG 打开时不起作用。"),
    Setting(
        "TRUSTED_PROXY",
        "bool",
        False,
        "前面有可信的反向代理时打开，读取 X-Forwarded-Proto 和 X-Forwarded-For。HTTPS 打开时必须写明 on 或 off。",
    ),
    Setting("ANONYMOUS_REQUESTS_PER_SECOND", "int", 200, "同一地址每秒最多的匿名接口请求数，不能低于 100。"),
    Setting(
        "UNVERIFIED_PARAMETERS", "list", [], "要启用的待核实参数，例如 M01b.ratio。空着时只用已核实的数值。"
    ),
    Setting(
        "ENCRYPTION_KEYS",
        "list",
        [],
        "加密身份证号、手机号和账号的密钥，写成 名称:base64 的 32 字节，用逗号分开；第一个用来加密，其余只用来解密。"
        "DEBUG 关闭时必填。生成：openssl rand -base64 32。",
    ),
    Setting(
        "BLIND_INDEX_KEY",
        "str",
        "",
        "按身份证号、手机号查重用的密钥，base64 的 32 字节，定下后不能再换。DEBUG 关闭时必填。",
    ),
    Setting(
        "SMS_PROVIDER",
        "str",
        "console",
        "短信通道：console 打印在控制台（只供开发），http 调用下面的网址。",
        ("console", "http"),
    ),
    Setting("SMS_URL", "str", "", "短信网关的网址，以 https:// 开头。接收 JSON：id、to、text、voice。"),
    Setting("SMS_TOKEN", "str", "", "短信网关的令牌，放在 Authorization: Bearer 里。"),
    Setting(
        "SITE_URL",
        "str",
        "http://localhost:8000",
        "本站的完整网址，短信和邮件里的链接用它。DEBUG 关闭时必填，以 https:// 开头，域名在 ALLOWED_HOSTS 里。",
    ),
    Setting(
        "EMAIL_URL",
        "str",
        "",
        "发邮件的服务器，例如 smtp+tls://用户:密码@mail.example.cn:587。空着时不发邮件。",
    ),
    Setting("EMAIL_FROM", "str", "政策直通车 <no-reply@localhost>", "邮件的发件人。"),
    Setting(
        "QUIET_HOURS",
        "str",
        "21:00-08:00",
        "不打扰店主的时间，写成 开始-结束；紧急消息不受限制。写 off 表示没有。",
    ),
    Setting(
        "WEBHOOK_ALLOW_NETS",
        "list",
        [],
        "事件通知可以发往的内网网段，例如 10.20.0.0/16，用逗号分开。空着时只发公网地址。",
    ),
    Setting(
        "PUSH_CHUNK",
        "int",
        20_000,
        "推送时每一段的经营者编号数。一段写在同一个事务里，越大越快，越小越早让路。",
    ),
    Setting("RELAY_SECONDS", "int", 60, "celery beat 每隔几秒把没做完的推送找出来接着做。"),
    Setting("STAFF_SECOND_FACTOR", "bool", True, "工作人员必须有第二重验证。DEBUG 打开时只提示，不强制。"),
    Setting("IMPORT_FOLDER", "str", "", "各部门放数据文件的目录，下面每个来源一个子目录。空着时不轮询。"),
    Setting("PRIVATE_FOLDER", "str", str(ROOT / "private"), "上传文件存放的目录，不能由网页服务器直接提供。"),
    Setting(
        "UPLOAD_SCANNER",
        "str",
        "",
        "查病毒的 ClamAV：clamd://主机:3310 或 unix:///套接字的路径。连不上时文件先等着，不能用。空着时不查。",
    ),
    Setting(
        "METRICS_TOKEN",
        "str",
        "",
        "监控系统读 /metrics 的令牌，至少 32 个字符，放在 Authorization: Bearer 里。空着时没有这个网址。",
    ),
    Setting(
        "LOG_LEVEL",
        "str",
        "INFO",
        "日志级别：DEBUG、INFO、WARNING、ERROR。",
        ("debug", "info", "warning", "error"),
    ),
)

# Without any of these production does not start.
NEEDED = ("SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "TRUSTED_PROXY", "ENCRYPTION_KEYS", "BLIND_INDEX_KEY")

_environment = environ.Env()


def load_dotenv() -> None:
    """Read ``.env`` beside manage.py, where ``make run`` keeps this machine's key. The real environment wins."""
    if (ROOT / ".env").is_file():
        environ.Env.read_env(ROOT / ".env")


def setting(name):
    """The value of one setting, as its type; a wrong value stops the start with a sentence that says what to do."""
    row = next(row for row in SETTINGS if row.name == name)
    value = os.environ.get(name, "")
    if value == "":
        return row.default
    allowed = BOOLEAN if row.read == "bool" else row.allowed
    try:
        if allowed and value.lower() not in allowed:
            raise ValueError(f"{name} is not one of {allowed}")
        return getattr(_environment, row.read)(name)
    except ValueError as problem:
        choices = f"可以写 {'、'.join(allowed)}。" if allowed else ""
        raise ImproperlyConfigured(
            f"环境变量 {name} 的值“{value}”不对：{row.purpose}{choices}请改正后再启动。"
        ) from problem


def key_bytes(name, text):
    """A key of 32 bytes from its base64 spelling; anything else stops the start."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise ImproperlyConfigured(
            f"{name} 里的密钥不是 base64 的 32 字节。请用 openssl rand -base64 32 生成。"
        )
    return key


def encryption_keys(debug, secret_key):
    """(``{id: key}`` with the writing key first, the blind index key). In development both come from SECRET_KEY."""
    rows, index_key = setting("ENCRYPTION_KEYS"), setting("BLIND_INDEX_KEY")
    if debug and not rows and not index_key:
        derived = (hashlib.sha256(f"{use}:{secret_key}".encode()).digest() for use in ("encrypt", "index"))
        return {"development": next(derived)}, next(derived)
    if not rows or not index_key:
        raise ImproperlyConfigured(
            "ENCRYPTION_KEYS 和 BLIND_INDEX_KEY 要一起设置，身份证号、手机号和账号靠它们加密。"
            "例如 export ENCRYPTION_KEYS=k1:$(openssl rand -base64 32)；"
            "export BLIND_INDEX_KEY=$(openssl rand -base64 32)。请另外妥善备份。"
        )
    keys = {}
    for row in rows:
        key_id, separator, text = row.partition(":")
        if not separator or not re.fullmatch(r"[A-Za-z0-9_-]{1,20}", key_id) or key_id in keys:
            raise ImproperlyConfigured(
                "ENCRYPTION_KEYS 要写成 名称:base64，用逗号分开，名称不能重复，只含字母、数字、- 和 _。"
            )
        keys[key_id] = key_bytes("ENCRYPTION_KEYS", text)
    return keys, key_bytes("BLIND_INDEX_KEY", index_key)


def quiet_hours(text):
    """(from, until) as times of day, None for ``off``; anything else stops the start."""
    if text.lower() == "off":
        return None
    try:
        begins, ends = (time.fromisoformat(part.strip().zfill(5)) for part in text.split("-"))
    except ValueError:
        raise ImproperlyConfigured(
            f"QUIET_HOURS 的值“{text}”看不懂。写法：21:00-08:00；没有就写 off。"
        ) from None
    return (begins, ends) if begins != ends else None


def networks(name) -> list:
    """A list of networks; one that is none stops the start."""
    try:
        return [ip_network(text) for text in setting(name)]
    except ValueError as problem:
        raise ImproperlyConfigured(f"{name} 里有的不是网段：{problem}。写法：10.20.0.0/16。") from None


def table() -> str:
    """docs/settings.md: every setting, its type, what stands when it is absent, and what it does."""
    types = {"bool": "是/否（on、off）", "int": "整数", "str": "文字", "list": "列表"}
    rows = [
        f"| `{row.name}` | {types[row.read]} | {_shown(row.default)} | {row.purpose} |" for row in SETTINGS
    ]
    return "\n".join(
        [
            "# 设置",
            "",
            "每个设置都来自环境变量，或项目目录下的 `.env`（环境变量优先）。值不对时，启动会停下并说明怎么改。",
            "本表由 `python -m portal.environment > docs/settings.md` 生成。",
            "",
            "| 环境变量 | 类型 | 不写时 | 作用 |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _shown(default) -> str:
    if isinstance(default, bool):
        return "`on`" if default else "`off`"
    if default in ("", []):
        return "空"
    return f"`{default}`".replace(str(ROOT), "项目目录")


if __name__ == "__main__":
    print(table(), end="")
