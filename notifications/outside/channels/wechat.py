"""WeChat, through a provider that takes ``{id, to, title, text, url}``; ``to`` is the id of a linked account."""

from django.conf import settings

from core import sms

from ..digests import card_text, subject
from ..site import site
from .base import Channel, Message
from .gateways import send_each

LONGEST_TITLE = 20


class WeChat(Channel):
    name = "wechat"
    max_text = 200

    def is_set_up(self) -> bool:
        return bool(settings.WECHAT_URL)

    def message(self, key, to, said, *, name, stop_url):
        path = said[0].words.action_url_path if len(said) == 1 else "/inbox/"
        title = subject(said)
        title = title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"
        return self.check(
            Message(key, to, title, card_text(said, self.max_text), url=f"{site()}{path}", stop_url=stop_url)
        )

    def send(self, messages):
        return send_each(messages, self._hand_over)

    def _hand_over(self, message) -> None:
        body = {
            "id": message.key,
            "to": message.to,
            "title": message.title,
            "text": message.text,
            "url": message.url,
        }
        sms.post("WECHAT", settings.WECHAT_URL, settings.WECHAT_TOKEN, body, key=message.key)
