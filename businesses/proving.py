"""Showing to be the person behind a shop, with the last six characters of the identity number."""

import hmac

from accounts.access import record
from core import limits
from core.errors import Refused
from core.limits import Limit

from .identifiers import fold_name
from .models import Business

_DAY = 24 * 60 * 60
# The digits that are asked for can be one of about 30,000. With these limits guessing one shop's takes years, and a
# stranger who spends a shop's tries keeps its owner waiting until the next day at most.
WRONG_TRIES_OF_A_PERSON = Limit("bind-person", 5, _DAY)
WRONG_TRIES_AT_A_SHOP = Limit("bind-shop", 10, _DAY)

DO_NOT_MATCH = "姓名或身份证后 6 位和登记的对不上。请对照营业执照和身份证再填。"
WRONG_DIGITS = "身份证后 6 位和登记的对不上。请对照经营者的身份证再填。"
NO_IDENTITY = "登记信息里缺少经营者的身份证号。请带身份证到登记窗口补登，再来绑定。"


def prove(
    user, business: Business, last_six: str, *, name: str | None = None, operator=None, refused: str
) -> None:
    """Refused unless ``last_six``, and where given ``name``, are those of ``operator``, by default of who stands behind
    ``business``.

    A wrong name and wrong digits are not told apart, and written down as ``refused``. Only wrong tries count against
    the limits. Call it outside of a transaction that a refusal would undo.
    """
    operator = operator or business.operator
    if operator is None or not operator.identity:
        raise Refused(NO_IDENTITY)
    counted = (
        (WRONG_TRIES_OF_A_PERSON, f"user {user.pk}"),
        (WRONG_TRIES_AT_A_SHOP, f"business {business.pk}"),
    )
    for limit, whom in counted:
        verdict = limits.try_once(limit, whom)
        if not verdict.allowed:
            hours = -(-verdict.wait // 3600)
            raise Refused(f"填错的次数太多，约 {hours} 小时后再试。着急就带身份证到登记窗口，或拨 12345。")
    same_name = name is None or _same(fold_name(name), fold_name(operator.name))
    same_digits = _same(last_six, operator.identity.reveal()[-6:])
    if not (same_name and same_digits):
        record(user, refused, f"business {business.pk}")
        raise Refused(WRONG_DIGITS if name is None else DO_NOT_MATCH)
    for limit, whom in counted:
        limits.give_back(limit, whom)


def _same(given, registered):
    return hmac.compare_digest(given.encode(), registered.encode())
