"""Every page that owners are shown: who looks at it, and where it is, for the rows of tests/authz/world.py."""

import random
from dataclasses import dataclass
from itertools import islice

from django.conf import settings

from tests.authz import matrix
from tests.authz import world as made
from tests.pages.addresses import FOR_PROGRAMMERS, PAGES
from tests.pages.owners import answers_cookie, typical_owners

ANONYMOUS, ANSWERED, OWNER, OTHER_OWNER, MENTOR = "anonymous", "answered", "owner", "other", "helper"
# Errors that no address has: what is shown is rendered and stands in for the answer of this address.
BROKEN = {f"/broken/{status}/": status for status in (400, 500, 503)}
WITH_ANSWERS = ["/", "/policies/", "/policies/M05c/", "/policies/M01c/", "/check/results/"]
# In every run: a page of each kind, and every error.
ALWAYS = (
    *("/", "/policies/", "/policies/?q=房租", "/policies/M05/", "/policies/M05c/", "/check/q/identity/"),
    *("/check/results/", "/services/", "/ask/?q=房租 400 元能补多少", "/calc/tax/", "/help/", "/a11y/prefs/"),
    *("/login/", "/nothing/here/", "/login/inactive/", "/me/", "/cases/", "/inbox/", *BROKEN),
)
DRAWN = 8


@dataclass(frozen=True)
class Place:
    who: str
    path: str

    def __str__(self):
        return f"{self.who} {self.path}"


def places(rows):
    """All addresses at which there may be a page, by who looks."""
    own = {role: [matrix.filled(one, rows) for one in matrix.pages_of(role)] for role in (OWNER, MENTOR)}
    only_signed_in = sorted({*own[OWNER], "/"} - {*_everybodys(rows)})
    only_mentor = sorted({*own[MENTOR]} - {*own[OWNER]})
    return [
        *(Place(ANONYMOUS, path) for path in [*PAGES, *FOR_PROGRAMMERS, *BROKEN]),
        *(Place(ANSWERED, path) for path in WITH_ANSWERS),
        *(Place(OWNER, path) for path in [*only_signed_in, "/policies/M05c/", "/me/security/prove/factor/"]),
        *(Place(MENTOR, path) for path in only_mentor),
    ]


def pages_of(some_places, browsers):
    """Those of them that are pages, one after another."""
    return (
        place for place in some_places if place.path in BROKEN or _is_page(browsers[place.who], place.path)
    )


def _everybodys(rows):
    return {matrix.filled(one, rows) for one in matrix.pages_of(ANONYMOUS)}


def _is_page(browser, path):
    answer = browser.get(path)
    content = b"".join(answer)
    is_shown = not 300 <= answer.status_code < 400
    return is_shown and answer.headers.get("Content-Type", "").startswith("text/html") and b"<main" in content


def drawn(all_places, browsers, seed="old eyes"):
    """The pages of the short run."""
    always = [place for place in all_places if place.path in ALWAYS]
    others = [place for place in all_places if place.path not in ALWAYS]
    random.Random(seed).shuffle(others)
    return [*pages_of(always, browsers), *islice(pages_of(others, browsers), DRAWN)]


def browsers():
    """Clients of whoever looks, by who it is."""
    found = {who: made.browser(who) for who in (ANONYMOUS, OWNER, OTHER_OWNER, MENTOR)}
    found[ANSWERED] = made.browser(ANONYMOUS)
    found[ANSWERED].cookies["answers"] = answers_cookie(next(iter(typical_owners().values())))
    return found


def cookies_of(client):
    wanted = ("answers", settings.SESSION_COOKIE_NAME)
    return {name: morsel.value for name, morsel in client.cookies.items() if name in wanted}
