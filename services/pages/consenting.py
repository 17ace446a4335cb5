"""What the pages have in common on which an owner agrees that an institution reads what is known of the shop."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.signing_in.pages import with_next
from accounts.signing_in.sessions import is_fresh_owner
from businesses import sharing
from cases.pages.owners import errors_of
from core.addresses import whole_number

from ..finance import tenders


def ids_in(raw: Iterable[str]) -> list[int]:
    """The ids among what was sent."""
    return [pk for text in raw if (pk := whole_number(text))]


def agreed_in(request, several) -> dict[int, str]:
    """``{id: digest of the words}`` of the boxes that were ticked."""
    sent = {one.pk: request.POST.get(f"agree-{one.pk}", "")[:64] for one in several}
    return {pk: digest for pk, digest in sent.items() if digest}


def must_prove(request, agreed) -> bool:
    return bool(agreed) and not is_fresh_owner(request)


def prove(request, back) -> HttpResponse:
    messages.info(request, "要给机构看您的信息，先收一次验证码。填的、选的都还在。")
    return redirect(with_next("prove", back))


def consents(request, shop, several, agreed, problem=None) -> dict:
    """What the pages on which somebody agrees have in common."""
    return {
        "boxes": [_box(shop, one, agreed) for one in several],
        "may_give": sharing.may_give(request.user, shop),
        "must_prove": not is_fresh_owner(request),
        "errors": errors_of(problem),
    }


def _box(shop, one, agreed) -> dict:
    notice = tenders.notice_for(shop, one)
    digest = notice.digest if notice else ""
    return {
        "pk": str(one.pk),
        "name": one.department.name,
        "title": one.offering.title,
        "notice": notice,
        "checked": bool(digest) and agreed.get(str(one.pk)) == digest,
    }
