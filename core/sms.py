"""Short messages and voice calls, through the provider that settings name. No number or text goes to a logger."""

import json
import sys
from collections.abc import Iterator
from http.client import HTTPException
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from django.conf import settings
from django.core import checks

from core.models import DevelopmentMessage

SECONDS_TO_ANSWER = 8


class NotSent(Exception):
    """The provider did not take the message. What it says is for the log and never holds number or text.

    ``status``: what it answered, None where it did not. ``maybe_sent``: it had the message and did not answer, so it
    may have taken it all the same.
    """

    def __init__(self, problem, *, status=None, maybe_sent=False) -> None:
        super().__init__(problem)
        self.status, self.maybe_sent = status, maybe_sent


class Message(NamedTuple):
    """``id`` stays the same when a message is sent again, so that a gateway can drop the second one."""

    id: str
    to: str
    text: str
    voice: bool = False


class ConsoleProvider:
    """For development: shows the message instead of sending it. The number is masked even there."""

    def send(self, message: Message) -> None:
        if not settings.DEBUG:
            raise NotSent("SMS_PROVIDER=console sends nothing while DEBUG is off.")
        channel = "voice" if message.voice else "sms"
        to = f"{message.to[:3]}****{message.to[-4:]}"
        DevelopmentMessage.objects.create(channel=channel, to=to, text=message.text)
        print(f"{'语音' if message.voice else '短信'} {to}：{message.text}", file=sys.stdout, flush=True)


class _NoRedirect(HTTPRedirectHandler):
    """A redirect would carry token, number and code to an address nobody configured."""

    def redirect_request(self, *args, **kwargs) -> None:
        return None


# Proxies of the environment are left out: what is sent here is for the gateway alone.
_opener = build_opener(ProxyHandler({}), _NoRedirect)


def post(name: str, url: str, token: str, body: dict, *, key: str) -> None:
    """POST ``body`` to the gateway ``name``; any 2xx means taken. Raises ``NotSent``.

    ``key``: the same on every try of the same message, so that the gateway can drop the second one.
    """
    if not is_usable_url(url):
        raise NotSent(f"{name}_URL has to be an https address.")
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": key,
    }
    request = Request(url, data=json.dumps(body).encode(), headers=headers, method="POST")  # noqa: S310 - https, above
    try:
        with _opener.open(request, timeout=SECONDS_TO_ANSWER):
            pass
    except HTTPError as answer:
        answer.close()
        raise NotSent(f"The {name} gateway answered {answer.code}.", status=answer.code) from None
    except (URLError, ValueError) as problem:  # before the whole message was written
        raise NotSent(f"The {name} gateway cannot be reached ({type(problem).__name__}).") from None
    except (OSError, HTTPException) as problem:
        said = f"The {name} gateway cannot be reached ({type(problem).__name__})."
        raise NotSent(said, maybe_sent=True) from None


class HttpProvider:
    """POSTs ``{id, to, text, voice}`` to settings.SMS_URL."""

    def send(self, message: Message) -> None:
        post("SMS", settings.SMS_URL, settings.SMS_TOKEN, message._asdict(), key=message.id)


PROVIDERS: dict[str, type[ConsoleProvider | HttpProvider]] = {
    "console": ConsoleProvider,
    "http": HttpProvider,
}


def is_usable_url(url: str) -> bool:
    """https, save in development, where a gateway may run on the same machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and parts.scheme in (("https", "http") if settings.DEBUG else ("https",))


def send(message: Message) -> None:
    """Hand the message over and wait for the answer. Raises ``NotSent``. No transaction should be open."""
    PROVIDERS[settings.SMS_PROVIDER]().send(message)


def check_provider(app_configs, **kwargs) -> Iterator:
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
