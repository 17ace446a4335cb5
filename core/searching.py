"""What staff type into the search of a list. Addresses are logged by every server on the way, so a number that could be
somebody's, an identity, a phone, an account, is sent by POST, kept sealed in the session and named in the address by a
word that means nothing to others: ``?q=~3f9c2a61``.
"""

import re
import secrets
import unicodedata
from urllib.parse import urlencode

from django.contrib.admin.views.main import ChangeList
from django.http import HttpResponseRedirect

from core.encryption import Unreadable, decrypt, encrypt

SEARCHES = "searches"  # in the session: {word: sealed term}
_COLUMN = "session.searches"
_MARK = "~"
_MOST_KEPT = 20
_BETWEEN = re.compile(r"[\s\-‐-―_.·]+")
_NUMBER = re.compile("[0-9]{6}")


def holds_number(term: str) -> bool:
    """Whether six digits stand together, however they are typed: as many as the end of an identity number has."""
    return bool(_NUMBER.search(_BETWEEN.sub("", unicodedata.normalize("NFKC", term))))


def asked(request) -> HttpResponseRedirect:
    """Where the sent search is shown: the same list, with what else its form holds."""
    fields = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    term = fields.pop("q", "").strip()
    if holds_number(term):
        kept = request.session.get(SEARCHES, {})
        word = secrets.token_hex(4)
        request.session[SEARCHES] = dict([*kept.items(), (word, encrypt(term, _COLUMN))][-_MOST_KEPT:])
        term = f"{_MARK}{word}"
    query = urlencode({**fields, **({"q": term} if term else {})})
    return HttpResponseRedirect(f"{request.path}?{query}" if query else request.path)


def typed(request, term: str) -> str:
    """What was typed, of what stands in the address; a word that is not known here (any more) finds nothing."""
    sealed = request.session.get(SEARCHES, {}).get(term[1:]) if term.startswith(_MARK) else None
    try:
        return decrypt(sealed, _COLUMN) if sealed else term
    except Unreadable:
        return term


class OwnChangeList(ChangeList):
    """``typed``: what stands in the box, whatever the address says."""

    def __init__(self, request, *arguments) -> None:
        super().__init__(request, *arguments)
        self.typed = typed(request, self.query)
