"""/f/<token>/: one paper for one draft, sent in by whoever has the address, for a day and without signing in.

The owner gives it to somebody who has the paper at hand. It says which paper and nothing of the owner or the draft, and
ends once the paper is there.
"""

from datetime import timedelta
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.access import record
from core import uploads
from core.errors import Invalid, Refused

from ..actions.filling import put_in_draft
from ..assessment import judge_draft
from ..materials import Wanted, missing
from ..models import Case
from ..pages.owners import status_for, words_of
from ..procedure import DRAFT
from ..rights import permissions
from . import wallet

HOURS = 24
_SALT = "cases.family"
FORGED = "这个链接不完整或不对。请让家人重新发一次。"
OLD = f"这个链接过了 {HOURS} 小时，不能用了。请让家人重新发一次。"
DONE = "这一份已经有了，不用再传。"


class Unusable(Exception):
    """``words``: why, for whoever opened it; ``status``: of the answer."""

    def __init__(self, words: str, status=410) -> None:
        super().__init__(words)
        self.words, self.status = words, status


class Asked(NamedTuple):
    """A paper that ``user`` has asked somebody at home for."""

    case: Case
    material: Wanted
    user: object


def token_of(case: Case, material: str, user) -> str:
    return signing.dumps([case.pk, material, user.pk], salt=_SALT)


def asked_for(request, case: Case, rows: list[dict]) -> dict | None:
    """The address to send on for the material that ``family`` names by its place, while that is missing. ``rows``: as
    form_view.materials_of gives them."""
    row = next(
        (row for row in rows if str(row["place"]) == request.GET.get("family") and row["is_missing"]), None
    )
    if row is None:
        return None
    address = reverse("family", args=[token_of(case, row["name"], request.user)])
    return {"name": row["name"], "url": request.build_absolute_uri(address), "hours": HOURS}


def read(token: str) -> Asked:
    """What an address asks for. Raises Unusable."""
    try:
        pk, name, user = signing.loads(token, salt=_SALT, max_age=timedelta(hours=HOURS))
    except signing.SignatureExpired:
        raise Unusable(OLD) from None
    except signing.BadSignature:
        raise Unusable(FORGED, status=404) from None
    rows = Case.objects.select_related("benefit_version__benefit", "business__operator", "operator")
    case = rows.filter(pk=pk, phase=DRAFT).first()
    person = get_user_model().objects.filter(pk=user, is_active=True).first()
    if case is None or not permissions.may_apply(person, case.business):
        raise Unusable(DONE)
    lacking = missing(case, judge_draft(case, timezone.localdate()))
    material = next((row for row in lacking if row.name == name), None)
    if material is None:
        raise Unusable(DONE)
    return Asked(case, material, person)


@uploads.takes_files
@never_cache
def family(request, token) -> HttpResponse:
    """GET says which paper; POST takes it, once."""
    try:
        asked = read(token)
    except Unusable as problem:
        response = render(request, "links/family.html", {"words": problem.words}, status=problem.status)
    else:
        response = _sent(request, token, asked) if request.method == "POST" else _page(request, token, asked)
    # As of a rating: the address is the key, and goes into no index and to no other site.
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _sent(request, token, asked) -> HttpResponse:
    case, name = asked.case, asked.material.name
    try:
        row = wallet.keep(case.operator, name, uploads.sent(request), by=asked.user)
        put_in_draft(case, name, row)
    except (Invalid, Refused) as problem:
        return _page(request, token, asked, problem)
    record(asked.user, "upload_by_link", f"evidence {row.pk}")
    return render(request, "links/family.html", {"sent": name})


def _page(request, token, asked, problem=None) -> HttpResponse:
    said = words_of(problem)
    context = {
        "token": token,
        "material": asked.material,
        "accept": uploads.ACCEPT,
        "most_megabytes": uploads.MOST_BYTES // uploads.MEGABYTE,
        "error": said,
        "errors": [{"anchor": "family-file", "message": said}] if problem else [],
    }
    return render(request, "links/family.html", context, status=status_for(problem))


urlpatterns = [path("f/<str:token>/", family, name="family")]
