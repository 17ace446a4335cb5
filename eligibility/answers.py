"""An owner's answers, in one of two books with the same interface.

``AnonymousBook``: a signed cookie for a day, nowhere else; the server stores nothing before login. ``ShopBook``: the
shop of somebody signed in. What departments know of it is the base; what is answered is kept as the owner's own word.
"""

from django.conf import settings
from django.core import signing

from businesses.actions import may, state_facts
from businesses.models import Assistance, Business, bound_by, shops_acted_for
from core.errors import Invalid
from core.facts import Profile
from core.once import once
from core.prepared import prepared

from .shop_facts import ShopFacts

COOKIE = "answers"
HOURS_KEPT = 24
DAYS_SHARED = 7
OTHER_SHOP = "刚才那一页是为另一家店打开的，没有保存。请先选好店，再办一次。"
_COOKIE_SALT = "eligibility.answers"
_SHARE_SALT = "eligibility.shared-answers"


def answers_of(request) -> dict:
    """Answers as the API would take them; None is 不清楚. Empty when there are none, or too old, or tampered with."""
    return _read(request.COOKIES.get(COOKIE, ""), _COOKIE_SALT, HOURS_KEPT * 3600)


def has_answers(request) -> bool:
    return bool(answers_of(request))


def keep(response, answers):
    """Put the answers into the response's cookie, for a day from now."""
    response.set_cookie(
        COOKIE,
        signing.dumps(answers, salt=_COOKIE_SALT, compress=True),
        max_age=HOURS_KEPT * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def forget(response):
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


def share_token(answers) -> str:
    """The answers as a signed piece of an address that works for a week. It holds no identity."""
    return signing.dumps(answers, salt=_SHARE_SALT, compress=True)


def shared_answers(token) -> dict:
    """What a shared address holds; empty when it is too old or altered."""
    return _read(token, _SHARE_SALT, DAYS_SHARED * 86400)


def _read(text, salt, seconds):
    try:
        held = signing.loads(text, salt=salt, max_age=seconds)
    except signing.BadSignature:
        return {}
    return held if isinstance(held, dict) else {}


def profile_of(answers, registry, day) -> Profile:
    """Answers as a Profile. An answer that no longer fits its fact is left out rather than breaking the page."""
    try:
        return registry.read_profile(answers, as_of=day)
    except Invalid as problem:
        unfit = {fault.field.split(".")[1] for fault in problem.faults}
        kept = {name: value for name, value in answers.items() if name not in unfit}
        return registry.read_profile(kept, as_of=day)


def book_of(request):
    """The book that this request reads and writes."""
    shop = shop_being_checked(request)
    return AnonymousBook(answers_of(request)) if shop is None else ShopBook(shop, request.user)


def shop_being_checked(request) -> Business | None:
    """The shop that the person signed in checks with, for as long as they may act for it: the one they chose, unless
    they would rather be asked as nobody, or have answered as nobody and said neither."""
    if not request.user.is_authenticated:
        return None
    checks_with_shop = request.session.get("checking_shop")
    if checks_with_shop is None:
        checks_with_shop = not answers_of(request)
    return chosen_shop(request) if checks_with_shop else None


@once
def shops_of(user) -> list[Business]:
    """The shops that a person may act for, those they have bound first. They act for nobody as staff."""
    bound = bound_by(user)
    return sorted(_shops(shops_acted_for(user)), key=lambda shop: shop.pk not in bound)


@prepared
def _shops(ids):
    rows = Business.objects.filter(pk__in=ids).select_related("operator", "type_verdict__thresholds")
    return rows.order_by("name", "pk")


def chosen_shop(request) -> Business | None:
    """Which of several shops the person signed in acts for: the one they chose, else the first.

    None also where they may no longer act for the one they chose: another never takes its place by itself.
    """
    shops = shops_of(request.user) if request.user.is_authenticated else []
    wanted = request.session.get("shop") if shops else None
    if wanted is None:
        return shops[0] if shops else None
    return next((shop for shop in shops if str(shop.public_id) == wanted), None)


def shop_to_apply_for(request) -> Business | None:
    """The chosen shop; for a clerk the shop of whoever is at the window or on the phone."""
    if request.user.is_authenticated and request.user.is_staff:
        row = (
            Assistance.objects.standing()
            .filter(clerk=request.user)
            .select_related("business__operator")
            .first()
        )
        return row and row.business
    return chosen_shop(request)


def has_lost_shop(request) -> bool:
    """Whether the person signed in chose a shop that they may no longer act for."""
    return request.user.is_authenticated and "shop" in request.session and chosen_shop(request) is None


def is_for(request, shop: Business | None) -> bool:
    """Whether the form that was sent was shown for this shop (None: for nobody's in particular)."""
    return request.POST.get("shop", "") == (str(shop.public_id) if shop else "")


class AnonymousBook:
    """Answers of somebody who need not say who they are."""

    shop = None
    may_answer = True

    def __init__(self, answers) -> None:
        self.answers = answers

    def profile_of(self, answers, registry, day):
        return profile_of(answers, registry, day)

    def held(self, day):
        """Codes of the benefits that count as held on ``day``: nothing is known of them here."""
        return frozenset()

    def known(self, name) -> None:
        """What departments know of a fact, as ``merge.Best``: nothing here."""
        return None

    def is_settled(self, fact) -> bool:
        return False

    def keep(self, response, answers):
        return keep(response, answers)


class ShopBook(ShopFacts):
    """A stored shop, answered for by somebody signed in."""

    def __init__(self, shop: Business, user) -> None:
        super().__init__(shop)
        self.user = user

    def keep(self, response, answers):
        """Write what a page was answered with into the register. Raises Refused, Invalid, PermissionDenied."""
        given = {name: answers[name] for name in answers if answers[name] != self.answers.get(name, _UNSAID)}
        withdrawn = [name for name in self.answers if name not in answers]
        state_facts(self.shop, given, by=self.user, withdraw=withdrawn)
        return response

    @property
    def may_answer(self):
        return may(self.user, self.shop, "answer")


_UNSAID = object()
