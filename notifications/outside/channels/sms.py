"""Short messages, through the gateway that also sends sign-in codes (core/sms.py)."""

from django.conf import settings

from core import sms

from ..digests import LONGEST_SMS, letter_sms, sms_text
from .base import Channel, Message
from .gateways import send_each


class Sms(Channel):
    """No link: a short message with one looks like fraud."""

    name = "sms"
    max_text = LONGEST_SMS

    def is_set_up(self) -> bool:
        return settings.SMS_PROVIDER == "http" and bool(settings.SMS_URL)

    def message(self, key, to, said, *, name, stop_url):
        return self.check(Message(key, to, "", sms_text(said, name)))

    def letter(self, key, to, words, *, name):
        return Message(key, to, "", letter_sms(words.sms[0], name))

    def send(self, messages):
        return send_each(
            messages, lambda message: sms.send(sms.Message(message.key, message.to, message.text))
        )
