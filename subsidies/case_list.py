"""The cases of an owner as lists show them: those that wait for them, how many these are, and a card for each."""

from datetime import date

from django.db.models import Case, Prefetch, When
from django.urls import reverse
from django.utils import timezone

from businesses.models import Business
from cases.models import people_of
from cases.pages.form_view import resume_url
from cases.procedure import CLOSED, DRAFT
from cases.wording import local_day
from core.money import yuan_text
from core.once import once
from core.prepared import prepared

from .actions.offering import offers_to
from .case_view import MONEY, amount_shown, status_of
from .headlines import has_account_to_mend, is_claimable, next_instalment
from .models import Application
from .returned import waits

# All that a list says of a shop, whose row is the widest there is.
NAME = Prefetch("business", Business.objects.only("name"))


def waiting_for(request) -> int:
    """How many cases wait for whoever is signed in; asked once for a request. Staff have none."""
    if not hasattr(request, "waiting_cases"):
        user = getattr(request, "user", None)
        has_cases = user is not None and user.is_authenticated and not user.is_staff
        request.waiting_cases = _count_waiting(user) if has_cases else 0
    return request.waiting_cases


def _count_waiting(user):
    return len(_waiting_cases(user)) + len(_offered(people_of(user)))


@once
def _waiting_cases(user) -> frozenset:
    """Ids of the cases that wait for ``user``, an owner or agent."""
    return frozenset(pk for (pk,) in _waiting(people_of(user)))


@prepared
def _waiting(operators):
    mine = Application.objects.of_people(operators).filter(
        Application.in_states(is_owners_turn=True) | waits()
    )
    return mine.order_by().values_list("pk")


@prepared
def _offered(operators):
    return offers_to(operators).order_by().values_list("pk")


def group_of(application: Application) -> str:
    """Where a case stands in the list: mine, running, finished or draft."""
    if application.phase == DRAFT:
        return "draft"
    if application.stage.is_owners_turn or has_account_to_mend(application):
        return "mine"
    if application.phase == CLOSED and (part := next_instalment(application)):
        return "mine" if is_claimable(part, timezone.localdate()) else "running"
    return "finished" if application.phase == CLOSED else "running"


def newest_cases(user, count: int) -> list[dict]:
    """Cards of the cases of ``user``, those that wait for them first, then the newest. Seven queries."""
    waiting = _waiting_cases(user)
    first = [Case(When(pk__in=waiting, then=0), default=1)] if waiting else []
    rows = Application.objects.visible_to(user).select_related("benefit_version")
    rows = rows.prefetch_related(NAME, "corrections", MONEY).order_by(*first, "-id")[:count]
    today = timezone.localdate()
    return [card_of(row, today) for row in rows]


def card_of(application: Application, today: date) -> dict:
    """A case in the list; its corrections and instalments are prefetched."""
    return {
        "public_id": application.public_id,
        "number": application.number,
        "title": application.benefit_version.content["title"],
        "shop": application.business.name,
        "status": status_of(application, today),
        "amount": amount_shown(application),
        "group": group_of(application),
        "todo": _todo(application, today),
        "submitted_on": local_day(application.submitted_at),
        "saved_at": application.saved_at,
    }


def _todo(application, today):
    """What the owner is to do, as a button: ``{label, url, posts}``; None where it is nothing."""
    if application.phase == DRAFT:
        return {"label": "接着填", "url": resume_url(application)}
    if application.open_correction is not None:
        return {"label": "去补材料", "url": reverse("case-correct", args=[application.public_id])}
    if has_account_to_mend(application):
        address = reverse("case-account", args=[application.public_id])
        return {"label": "改收款账户", "url": address, "posts": True}
    part = next_instalment(application)
    if application.phase == CLOSED and is_claimable(part, today):
        return {"label": "交房租凭证", "url": reverse("case-claim", args=[application.public_id, part.pk])}
    return None


def offer_card(row) -> dict:
    """An offer as the list shows it: ``{pk, title, shop, amount, department}``."""
    return {
        "pk": row.pk,
        "title": row.benefit.title,
        "shop": row.business.name,
        "amount": yuan_text(row.amount_fen),
        "department": row.offer_list.department.name,
    }
