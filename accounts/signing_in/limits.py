"""How often people may ask for a code, try one, or try a password.

A whole market stands behind one address, and so does a bureau: an address alone is only held to numbers that a crowd
does not reach. What is counted for a person is answered alike whether or not that person has an account.
"""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.utils import timezone

from core.encryption import blind_index
from core.errors import Refused
from core.limits import Limit, forget, give_back, try_once

from ..models import AccessEvent, User

CODES_OF_ADDRESS = Limit("code-address", 600, 3600)
# For one phone from one address; over all addresses; and tries of codes for one phone from one address.
CODES_IN_A_MINUTE = Limit("code-minute", 1, 60)
CODES_IN_AN_HOUR = Limit("code-hour", 5, 3600)
CODES_IN_A_DAY = Limit("code-day", 10, 86400)
CODES_OF_PHONE = Limit("code-phone", 20, 86400)
CODE_TRIES = Limit("code-tries", 15, 3600)
PASSWORDS_FROM_ADDRESS = Limit("password-address", 5, 15 * 60)
PASSWORDS_OF_NAME = Limit("password-name", 30, 3600)
# Wrong passwords over all names from one address; beyond them one try in so many seconds is still looked at.
FAILURES_OF_ADDRESS = Limit("password-failures", 20, 3600)
SLOWED_ADDRESS = Limit("password-slowed", 1, 30)
SECOND_FACTORS = Limit("second-factor", 5, 15 * 60)
SECOND_FACTOR_CODE = Limit("second-factor-code", 1, 86400)
# For how long an address from which somebody has signed in counts as theirs.
OWN_ADDRESS = timedelta(days=90)


def place(request) -> str:
    """The client's address, an IPv6 one as its /64: whoever has one of those has all of them."""
    from core.api import (
        address,  # REST framework and core.api load each other: not while apps are still starting
    )

    try:
        found = ip_address(address(request).partition("%")[0])
    except ValueError:
        return "unknown"
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def place_index(request) -> str:
    """How access events remember an address: recognised again, not readable."""
    return blind_index(place(request), "address")[:32]


def count_code_request(phone, request) -> None:
    """Raises ``Refused`` where one more code would be too many. A refused request does not use up the next limit.

    A stranger elsewhere cannot use up what an owner has at their own address; the limit over all addresses, which
    keeps a phone from being rung all day, does not bind an address its owner has signed in from before.
    """
    if not try_once(CODES_OF_ADDRESS, place(request)).allowed:
        raise Refused("现在登录的人太多，请过几分钟再试")
    here = f"{phone} {place(request)}"
    verdict = try_once(CODES_IN_A_MINUTE, here)
    if not verdict.allowed:
        raise Refused(f"{verdict.wait} 秒后可以再发一次")
    anywhere = "" if _is_own_address(User.objects.with_phone(phone), request) else phone
    for limit, whom in ((CODES_IN_AN_HOUR, here), (CODES_IN_A_DAY, here), (CODES_OF_PHONE, anywhere)):
        if whom and not (verdict := try_once(limit, whom)).allowed:
            raise Refused(f"这个号码要的验证码太多，请过 {_long(verdict.wait)}再试")


def code_was_not_sent(phone, request) -> None:
    """It may be asked for again at once."""
    forget(CODES_IN_A_MINUTE, f"{phone} {place(request)}")


def count_code_try(user, request) -> None:
    """Raises ``Refused`` once the codes of this phone have been tried too often from here."""
    verdict = try_once(CODE_TRIES, f"{user.phone_index} {place(request)}")
    if not verdict.allowed:
        raise Refused(f"试的次数太多，请过 {_long(verdict.wait)}再试")


def code_was_right(user, request) -> None:
    forget(CODE_TRIES, f"{user.phone_index} {place(request)}")


def count_password_try(name, request) -> None:
    """Raises ``Refused`` when this name was tried too often, from here or from anywhere, or when too many names were
    tried from here: one password over all of them.

    The limit over all addresses does not bind an address its owner has signed in from before: otherwise a stranger
    who guesses from many places would keep staff out of their own office. And names that have signed in from an
    address are counted apart there from those that have not, so that guesses at foreign names do not slow its own.
    """
    name = name.strip().lower()
    own = _is_own(name, request)
    for limit, whom in (
        (PASSWORDS_FROM_ADDRESS, f"{name} {place(request)}"),
        (PASSWORDS_OF_NAME, "" if own else name),
    ):
        if whom and not (verdict := try_once(limit, whom)).allowed:
            raise Refused(f"试的次数太多，请过 {_long(verdict.wait)}再试")
    crowd = _crowd(own, request)
    if not try_once(FAILURES_OF_ADDRESS, crowd).allowed and not try_once(SLOWED_ADDRESS, crowd).allowed:
        raise Refused(f"从这里试的次数太多，请过 {SLOWED_ADDRESS.seconds} 秒再试")


def password_was_right(name, request) -> None:
    """Only failures count."""
    name = name.strip().lower()
    forget(PASSWORDS_FROM_ADDRESS, f"{name} {place(request)}")
    give_back(FAILURES_OF_ADDRESS, _crowd(_is_own(name, request), request))


def _is_own(name, request):
    return _is_own_address(User.objects.filter(username__iexact=name).only("pk").first(), request)


def _crowd(own, request) -> str:
    """The names of an address that have signed in there, or those that have not."""
    return f"{'own' if own else 'foreign'} {place(request)}"


def count_second_factor_try(user) -> None:
    verdict = try_once(SECOND_FACTORS, f"user {user.pk}")
    if not verdict.allowed:
        raise Refused(f"试的次数太多，请过 {_long(verdict.wait)}再试")


def second_factor_was_right(user, code) -> None:
    """Raises ``Refused`` when this very code has been used: it is good for one sign-in, whatever process sees it."""
    if not try_once(SECOND_FACTOR_CODE, f"user {user.pk} {code}").allowed:
        raise Refused("这个验证码用过了，请等下一个")
    forget(SECOND_FACTORS, f"user {user.pk}")


def _is_own_address(user, request) -> bool:
    # Where there is no such user it is looked up as well, so that both take equally long.
    return AccessEvent.objects.filter(
        subject=f"user {user.pk if user else 0}",
        action="signed_in",
        at__gte=timezone.now() - OWN_ADDRESS,
        detail__place=place_index(request),
    ).exists()


def _long(seconds) -> str:
    minutes = -(-seconds // 60)
    return f"{minutes} 分钟" if minutes < 60 else f"{-(-minutes // 60)} 小时"
