"""What stops a production start, with status 1 and one sentence that says what to do (operate.md).

Settings are looked at by every process as it begins; the database by the web server, workers, beat and commands, but by
none that the owner of the database runs to set it up.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.http.request import validate_host

OF_BEFORE = {
    "postgresql": "这个数据库是更早的版本建的，不能接着用；里面的内容没有动。"
    "请把 DATABASE_URL 指到一个空的数据库，再运行 manage.py migrate。",
    "sqlite": "这个数据库文件是更早的版本建的，不能接着用；文件没有动。"
    "请运行 make fresh：旧文件改名留着，再建一个新的。",
}
HERE = ("localhost", "127.0.0.1", "::1")
# Run by the owner, before there is a database or to change it.
BY_OWNER = frozenset({"migrate", "showmigrations", "sqlmigrate", "dbshell"})
WITHOUT_DATABASE = frozenset(
    {"makemigrations", "check", "collectstatic", "help", "version", "compilemessages"}
)
_MAY_TOO_MUCH = """SELECT rolsuper, EXISTS (
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
        AND (pg_has_role(c.relowner, 'MEMBER') OR has_table_privilege(c.oid, 'TRUNCATE')))
FROM pg_roles WHERE rolname = current_user"""


def check_settings() -> None:
    """Ends the process where a setting is wrong. Development may be set up any way."""
    if not settings.DEBUG:
        _stop_at(_problems_of_settings())


def check_database() -> None:
    """Ends the process where the database role may too much or the keys are other ones. A database that is away is no
    reason: it is waited for."""
    if settings.DEBUG:
        return
    try:
        _stop_at(_problems_of_database())
    except DatabaseError:
        pass
    finally:
        connections.close_all()  # whoever is forked from here opens its own


def check_before_command(arguments) -> None:
    """For manage.py."""
    name = arguments[1] if len(arguments) > 1 else "help"
    if name.startswith("-") or name in WITHOUT_DATABASE or name in BY_OWNER - {"migrate"}:
        return
    import django

    django.setup()
    if name == "migrate":
        check_age()
    else:
        check_database()


def check_age() -> None:
    """Ends the process where the database was made by steps that there are no more. It stays as it is."""
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError:  # migrating says it
        return
    rooms = {config.label: config.module.__name__ for config in apps.get_app_configs() if _is_ours(config)}
    for room, step in sorted(applied):
        if room in rooms and find_spec(f"{rooms[room]}.migrations.{step}") is None:
            sys.exit(OF_BEFORE[connection.vendor])


def _is_ours(config) -> bool:
    return Path(config.path).parent == settings.BASE_DIR


def _stop_at(problems) -> None:
    for problem in problems:
        sys.exit(problem)


def _problems_of_settings():
    yield from _problems_of_address()
    if settings.HTTPS and not os.environ.get("TRUSTED_PROXY"):
        yield (
            "没有写 TRUSTED_PROXY。前面有反向代理时写 on，由它接收 HTTPS；没有就写 off，不写会让每个网址不停地转。"
        )
    if settings.SMS_URL and not settings.SMS_URL.startswith("https://"):
        yield "SMS_URL 要以 https:// 开头，手机号和消息内容不能明着传。请改正后再启动。"
    if settings.EMAIL_URL and settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost"):
        yield "设了 EMAIL_URL，还要写 EMAIL_FROM，例如 政策直通车 <no-reply@zc.example.cn>，不然邮件会被退回。"
    yield from _problems_of_folder(Path(settings.PRIVATE_FOLDER).resolve())


def _problems_of_address():
    url = urlsplit(settings.SITE_URL)
    if not os.environ.get("SITE_URL"):
        yield "没有写 SITE_URL。请写本站的完整网址，例如 export SITE_URL=https://zc.example.cn。"
    elif url.hostname in HERE:
        yield f"SITE_URL 是 {settings.SITE_URL}，别人打不开。请写本站对外的网址，例如 https://zc.example.cn。"
    elif url.scheme != "https":
        yield f"SITE_URL 是 {settings.SITE_URL}，要以 https:// 开头。"
    elif not url.hostname or not validate_host(url.hostname, settings.ALLOWED_HOSTS):
        yield f"SITE_URL 的域名 {url.hostname} 不在 ALLOWED_HOSTS 里，消息里的链接会打不开。请补进去。"


def _problems_of_folder(folder):
    static = [Path(path).resolve() for path in (settings.STATIC_ROOT, *settings.STATICFILES_DIRS)]
    if any(folder.is_relative_to(path) for path in static):
        yield f"PRIVATE_FOLDER 是 {folder}，在网页文件的目录里，谁都能下载。请换一个目录。"
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        yield f"PRIVATE_FOLDER 是 {folder}，写不进去。请把这个目录给运行网站的用户。"


def _problems_of_database():
    from core import canary

    if connection.vendor == "postgresql" and settings.DATABASE_ROLES:
        with connection.cursor() as cursor:
            cursor.execute(_MAY_TOO_MUCH)
            is_superuser, owns = cursor.fetchone()
        if is_superuser or owns:
            yield (
                f"数据库用户 {settings.DATABASES['default']['USER']} 权限太大，能清空审计记录。"
                "请照 deploy/roles.sql 建用户，网站用 zc_web；确实要这样，写 DATABASE_ROLES=off。"
            )
    yield from canary.problems()
