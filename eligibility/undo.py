"""One step back for an owner who has changed, or cleared, their answers: kept in a signed cookie for a day."""

from django.conf import settings
from django.core import signing

from core.wording import value_text

COOKIE = "undo"
SECONDS_KEPT = 24 * 3600
_SALT = "eligibility.undo"


def remember(response, book, before: dict, after: dict):
    """Keep what ``after`` has changed of the answers ``before``, so that it can be put back. ``book``: whose."""
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    kept = {
        "shop": str(book.shop.public_id) if book.shop else "",
        "was": {name: before[name] for name in changed if name in before},
        "new": sorted(changed - before.keys()),
    }
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=_SALT, compress=True),
        max_age=SECONDS_KEPT,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def remembered(request, book) -> dict | None:
    """``{"was", "new"}`` of the last change of this book's answers; None where there is none, or it is too old."""
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=SECONDS_KEPT)
    except signing.BadSignature:
        return None
    return kept if kept["shop"] == (str(book.shop.public_id) if book.shop else "") else None


def put_back(answers: dict, kept: dict) -> dict:
    """``answers`` as they were before the change."""
    return {name: value for name, value in answers.items() if name not in kept["new"]} | kept["was"]


def forget(response):
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


def change_lines(kept: dict, answers: dict, registry) -> list[str]:
    """What was changed in words: “经营者身份：原来是农民工，现在是都不是”. Nothing is said of what was only added."""
    return [
        f"{registry[name].label}：原来是“{_text(registry[name], was)}”，"
        f"现在是“{_text(registry[name], answers.get(name))}”"
        for name, was in kept["was"].items()
        if name in registry and name != "operating_status"
    ]


def _text(fact, raw):
    return "不清楚" if raw is None else value_text(fact, fact.read(raw))
