"""One tap: a signed address by which a person does one verb to one case without signing in, once, for some days.

It names the version of the case that it was written for, so it works until anything else has happened. Looking at it
changes nothing: programs open addresses before people do.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.core import signing
from django.urls import reverse

from cases.letters import page_of
from cases.models import Case

from .deadlines import days

_SALT = "services.links"
FORGED = "这个链接不完整或不对。请从消息里重新打开，或者登录后看“我的办件”。"
OLD = "这个链接过了期限，不能用了。请登录后到“我的办件”里办。"
USED = "这一步已经办过，或者办件有了新进展。请登录后到“我的办件”看最新情况。"


class Unusable(Exception):
    """A link that leads nowhere. ``words``: why, for whoever opened it; ``is_forged``: it is none of ours."""

    def __init__(self, words: str, *, is_forged=False) -> None:
        super().__init__(words)
        self.words, self.is_forged = words, is_forged


@dataclass(frozen=True)
class Link:
    """``user`` does ``verb`` to ``case``, which is as it was when the link was written."""

    case: Case
    verb: str
    user: object


def token_of(case: Case, verb: str, user, *, version: int | None = None) -> str:
    """``version``: of the case when it is opened, by default what it is now. ValueError for verbs that may not."""
    if not case.life.verbs[verb].by_link:
        raise ValueError(f"{verb!r} is not done by a link")
    return signing.dumps([case.pk, verb, version or case.version, user.pk], salt=_SALT)


def path_of(case: Case, verb: str) -> str:
    """For a letter that is written while the case goes on to its next version: the link of whoever has bound the shop,
    else the page of the case."""
    bindings = case.business.bindings.filter(ended_at=None, operator=case.operator_id)
    binding = bindings.select_related("user").first()
    if binding is None:
        return page_of(case)
    return reverse("one-tap", args=[token_of(case, verb, binding.user, version=case.version + 1)])


def read(token: str) -> Link:
    """What a link says. Raises Unusable."""
    try:
        pk, verb, version, user = signing.loads(token, salt=_SALT, max_age=timedelta(days=days("link")))
    except signing.SignatureExpired:
        raise Unusable(OLD) from None
    except signing.BadSignature:
        raise Unusable(FORGED, is_forged=True) from None
    rows = Case.objects.select_related("benefit_version", "business__operator", "department", "operator")
    case = rows.filter(pk=pk).first()
    person = get_user_model().objects.filter(pk=user, is_active=True).first()
    if case is None or person is None or case.version != version or not _may(case, verb, person):
        raise Unusable(USED)
    return Link(case, verb, person)


def _may(case, key, person) -> bool:
    verb = case.life.verbs.get(key)
    return verb is not None and verb.by_link and case.state in verb.moves and verb.who(person, case)
