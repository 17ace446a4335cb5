"""Where a person can be reached outside the portal: their e-mail address, proved by a code sent to it."""

import logging
import secrets
import time
import unicodedata
from dataclasses import dataclass
from smtplib import SMTPException

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from core.encryption import blind_index
from core.errors import Invalid, Refused
from core.limits import Limit, try_once
from core.models import DevelopmentMessage

from ..models import CHANNELS, ContactPoint

logger = logging.getLogger(__name__)

CHANNEL = "email"
DIGITS, MINUTES = 6, 30
LONGEST = 254
CODES_OF_PERSON = Limit("email-code-person", 5, 3600)
CODES_OF_ADDRESS = Limit("email-code-address", 5, 86400)
TRIES = Limit("email-code-tries", 10, 3600)
SUBJECT = "政策直通车：确认邮箱"
TEXT = (
    "验证码 {digits}，{minutes} 分钟内有效。\n\n"
    "有人在“六盘水政策直通车”填了这个邮箱，用来接收政策消息。不是您填的，不用理会，我们不会再发。\n"
)


def email_of(user) -> ContactPoint | None:
    """The person's row for e-mail, confirmed or not."""
    return ContactPoint.objects.filter(user=user, channel=CHANNEL, address__isnull=False).first()


@dataclass(frozen=True)
class Place:
    """Where one channel leads for a person. ``where``: masked, empty where nothing is known; ``is_reachable``: it has
    been proved to be theirs."""

    channel: str
    label: str
    where: str
    is_reachable: bool
    stopped: bool


def places_of(user) -> list[Place]:
    """Every channel in the order of CHANNELS."""
    reaches = {row.channel: row for row in ContactPoint.objects.filter(user=user)}
    return [_place(user, channel, label, reaches.get(channel)) for channel, label in CHANNELS]


def _place(user, channel, label, reach):
    if channel == "sms":
        where, proved = user.masked_phone, bool(user.phone and user.phone_verified_at)
    else:
        known = reach is not None and reach.address is not None
        shown = masked(reach.address.reveal()) if known and channel == CHANNEL else "已绑定"
        where, proved = shown if known else "", known and reach.confirmed_at is not None
    return Place(channel, label, where, proved, bool(reach and reach.stopped_at))


def masked(address: str) -> str:
    """z***@example.cn: enough for its owner to know it again."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}***@{domain}"


def ask_for_code(user, raw: str) -> dict:
    """Remember an address as not yet confirmed and send a code to it; what the session has to keep.

    The address before it is forgotten at once. Raises Invalid or Refused.
    """
    address = _read(raw)
    if not try_once(CODES_OF_PERSON, f"user {user.pk}").allowed:
        raise Refused("发的验证码太多，请过 1 小时再试")
    if not try_once(CODES_OF_ADDRESS, address.lower()).allowed:
        raise Refused("这个邮箱今天收到的验证码太多，请明天再试")
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    ContactPoint.objects.update_or_create(
        user=user,
        channel=CHANNEL,
        defaults={"address": address, "confirmed_at": None, "stopped_at": None, "stopped_because": ""},
    )
    _send(address, TEXT.format(digits=digits, minutes=MINUTES))
    return {"digest": _digest(user, address, digits), "at": int(time.time())}


def _read(raw):
    address = unicodedata.normalize("NFKC", raw).strip()
    if not address:
        raise Invalid.because("email", "required", "请填写邮箱，例如 name@example.cn")
    if not address.isascii():  # а of another script looks like our a, and leads elsewhere
        raise Invalid.because(
            "email", "invalid_email", "邮箱只能用英文字母、数字和符号，例如 name@example.cn"
        )
    try:
        if len(address) > LONGEST:
            raise ValidationError("too long")
        validate_email(address)
    except ValidationError:
        raise Invalid.because("email", "invalid_email", "邮箱写得不对，例如 name@example.cn") from None
    return address


def _send(address, text) -> None:
    try:
        if settings.DEBUG:  # shown in /dev/outbox/ as well: nothing has to be set up to try it
            DevelopmentMessage.objects.create(channel=CHANNEL, to=masked(address), text=text)
        send_mail(SUBJECT, text, None, [address])
    except (SMTPException, OSError) as problem:
        if settings.DEBUG:
            return
        logger.error("A code for an e-mail address was not sent (%s).", type(problem).__name__)
        raise Refused("邮件暂时发不出去，请过几分钟再试") from None


def _digest(user, address, digits):
    return blind_index(f"{user.pk} {address} {digits}", "email code")


@transaction.atomic
def confirm(user, asked: dict | None, raw: str) -> ContactPoint:
    """The code was right: from now on mail may go there. ``asked``: what the session kept. Raises Refused."""
    digits = "".join(unicodedata.normalize("NFKC", raw).split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == DIGITS):
        raise Refused(f"验证码是 {DIGITS} 位数字，请看邮件")
    reach = ContactPoint.objects.select_for_update().filter(user=user, channel=CHANNEL).first()
    if reach is None or reach.address is None or not asked or time.time() - asked["at"] > MINUTES * 60:
        raise Refused("验证码过期了，请重新获取")
    if not constant_time_compare(asked["digest"], _digest(user, reach.address.reveal(), digits)):
        raise Refused("验证码不对，请看清楚再填")
    reach.confirmed_at = timezone.now()
    reach.save(update_fields=["confirmed_at"])
    return reach


def count_try(user) -> None:
    """Outside the transaction of what is tried, which is rolled back. Raises Refused."""
    if not try_once(TRIES, f"user {user.pk}").allowed:
        raise Refused("试的次数太多，请过 1 小时再试")


def forget(user) -> None:
    """Take the address out; whoever wants mail again gives it anew."""
    ContactPoint.objects.filter(user=user, channel=CHANNEL).delete()
