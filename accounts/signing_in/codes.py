"""Sign-in codes: sent to a phone, tried in the browser session that asked.

allauth has such codes too, but keeps code and phone readable in the session and counts tries there, where parallel
tries are not seen. Ours are rows: only a keyed hash is kept, and a try is claimed before it is looked at.
"""

import logging
import secrets
import unicodedata

from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from core import sms
from core.encryption import blind_index
from core.errors import Refused

from ..models import LoginCode, User
from . import limits

logger = logging.getLogger(__name__)

DIGITS = 6
TEXT = "验证码{digits}，5分钟内有效。工作人员不会向您要验证码。"


def send_code(phone, request, *, voice=False) -> LoginCode:
    """Send a code to ``phone`` and return the row whose id the session has to keep. Raises ``Refused``.

    A number without an account gets one that has proved nothing yet: known and unknown numbers are not told apart.
    """
    limits.count_code_request(phone, request)
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    code = LoginCode(user=User.objects.begin_with_phone(phone))
    code.digest = _digest(code, digits)
    code.save()
    try:
        sms.send(sms.Message(str(code.pk), phone, TEXT.format(digits=digits), voice))
    except sms.NotSent as problem:
        logger.error("A sign-in code was not sent. %s", problem)
        code.delete()
        limits.code_was_not_sent(phone, request)
        raise Refused("短信暂时发不出去，请过几分钟再试，或拨 12345") from None
    return code


def check_code(code_id, text, request) -> User:
    """Whose code this is; the phone counts as proved from now on. Raises ``Refused`` with what to do.

    The code works once. A try is counted before it is compared, in one statement, so that no number of parallel tries
    gets more than LoginCode.TRIES comparisons.
    """
    digits = "".join(unicodedata.normalize("NFKC", text).split())
    if not digits:
        raise Refused("请填写验证码")
    if not (digits.isascii() and digits.isdigit() and len(digits) == DIGITS):
        raise Refused(f"验证码是 {DIGITS} 位数字，请看短信")
    code = LoginCode.objects.select_related("user").filter(pk=code_id).first()
    if code is None or not code.is_fresh:
        raise Refused("验证码过期了，请重新获取")
    limits.count_code_try(code.user, request)
    tried = LoginCode.objects.filter(pk=code.pk, used_at=None, tries__lt=LoginCode.TRIES)
    if not tried.update(tries=F("tries") + 1):
        raise Refused(f"已经试了 {LoginCode.TRIES} 次，请重新获取验证码")
    if not constant_time_compare(code.digest, _digest(code, digits)):
        code.refresh_from_db(fields=["tries"])
        left = LoginCode.TRIES - code.tries
        raise Refused(f"验证码不对，还可以试 {left} 次" if left else "验证码不对，请重新获取")
    now = timezone.now()
    if not LoginCode.objects.filter(pk=code.pk, used_at=None).update(used_at=now):
        raise Refused("验证码用过了，请重新获取")
    User.objects.filter(pk=code.user_id, phone_verified_at=None).update(phone_verified_at=now)
    limits.code_was_right(code.user, request)
    code.user.refresh_from_db()
    return code.user


def _digest(code, digits):
    return blind_index(f"{code.pk} {digits}", "login code")
