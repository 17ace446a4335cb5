"""Short messages and voice calls, through the provider that settings name. No number or text goes to a logger."""

import json
import sys
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from django.conf import settings
from django.core import checks

from core.models import DevelopmentMessage

SECONDS_TO_ANSWER = 8


class NotSent(Exception):
    """The provider did not take the message. What it says is for the log and never holds number or text."""


class Message(NamedTuple):
    """``id`` stays the same when a message is sent again, so that a gateway can drop the second one."""

    id: str
    to: str
    text: str
    voice: bool = False


class ConsoleProvider:
    """For development: shows the message instead of sending it. The number is masked even there."""

    def send(self, message: Message):
        if not settings.DEBUG:
            raise NotSent("SMS_PROVIDER=console sends nothing while DEBUG is off.")
        channel = "voice" if message.voice else "sms"
        to = f"{message.to[:3]}****{message.to[-4:]}"
        DevelopmentMessage.objects.create(channel=channel, to=to, text=message.text)
        print(f"{'语音' if message.voice else '短信'} {to}：{message.text}", file=sys.stdout, flush=True)


class _NoRedirect(HTTPRedirectHandler):
    """A redirect would carry token, number and code to an address nobody configured."""

    def redirect_request(self, *args, **kwargs):
        return None


class HttpProvider:
    """POSTs ``{id, to, text, voice}`` to settings.SMS_URL; any 2xx means taken."""

    # Proxies of the environment are left out: what is sent here is for the gateway alone.
    _opener = build_opener(ProxyHandler({}), _NoRedirect)

    def send(self, message: Message):
        if not is_usable_url(settings.SMS_URL):
            raise NotSent("SMS_URL has to be an https address.")
        request = Request(
            settings.SMS_URL,
            data=json.dumps(message._asdict()).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {settings.SMS_TOKEN}"},
            method="POST",
        )
        try:
            with self._opener.open(request, timeout=SECONDS_TO_ANSWER):
                pass
        except HTTPError as answer:
            answer.close()
            raise NotSent(f"The SMS gateway answered {answer.code}.") from None
        except (URLError, OSError, ValueError) as problem:
            raise NotSent(f"The SMS gateway cannot be reached ({type(problem).__name__}).") from None


PROVIDERS = {"console": ConsoleProvider, "http": HttpProvider}


def is_usable_url(url: str) -> bool:
    """https, save in development, where a gateway may run on the same machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and parts.scheme in (("https", "http") if settings.DEBUG else ("https",))


def send(message: Message):
    """Hand the message over and wait for the answer. Raises ``NotSent``. No transaction should be open."""
    PROVIDERS[settings.SMS_PROVIDER]().send(message)


def check_provider(app_configs, **kwargs):
    """For ``manage.py check --deploy``: can codes be sent at all?"""
    if settings.SMS_PROVIDER == "console":
        yield checks.Error(
            "SMS_PROVIDER 是 console，店主收不到验证码，登录不了。",
            hint="请设置 SMS_PROVIDER=http、SMS_URL 和 SMS_TOKEN。",
            id="sms.E001",
        )
    elif not is_usable_url(settings.SMS_URL):
        yield checks.Error(
            "SMS_PROVIDER 是 http，但 SMS_URL 不是 https 网址。",
            hint="例如 SMS_URL=https://sms.example.cn/send。",
            id="sms.E002",
        )
