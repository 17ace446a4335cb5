"""Where the portal is, for links in messages that are read elsewhere."""

from django.conf import settings
from django.core import checks


def site() -> str:
    """``https://zc.example.cn``, without a slash at the end."""
    return settings.SITE_URL.rstrip("/")


def check_site(app_configs, **kwargs):
    """For ``manage.py check --deploy``: do links in messages lead here?"""
    if settings.EMAIL_URL and not settings.SITE_URL.startswith("https://"):
        yield checks.Error(
            "SITE_URL 不是 https 网址，邮件里的链接打不开。",
            hint="例如 SITE_URL=https://zc.example.cn。",
            id="notifications.E001",
        )
