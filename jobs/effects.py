"""What verbs change besides the state of a contact."""

from datetime import timedelta

from django.utils import timezone

from cases.transitions import change
from core.errors import Refused
from notifications import letters as inbox

from .contracts.telling import settle
from .models import Agreement, Post
from .permissions import SHOP, WORKER, may_agree, side_of
from .settings import figure

AGREED = "您已经说定了，等对方也说一声。"
BY_THEMSELVES = "说定要店主本人来定，替他办事的人不能定。请店主自己点。"


def _settle(case) -> None:
    """Nobody is asked any more for what earlier letters wanted."""
    events = ("begin", "asked worker", "accept", "accept worker", "agree", "agree worker")
    inbox.settle(
        *(f"{case.subject} {version} {event}" for version in range(1, case.version + 1) for event in events)
    )


def talks(case, **more) -> None:
    """From now on both have so many days to agree."""
    _settle(case)
    change(case, until=timezone.localdate() + timedelta(days=figure("talking_days")))


def where_it_leads(case, principal) -> str:
    """Agreed once both have said so."""
    if not may_agree(principal, case):
        raise Refused(BY_THEMSELVES)
    contact, is_shop = case.contact, side_of(principal, case) == SHOP
    own, other = contact.shop_agreed, contact.worker_agreed
    if not is_shop:
        own, other = other, own
    if own:
        raise Refused(AGREED)
    return "agreed" if other else "talking"


def agrees(case, *, by=None, client=None, **more) -> None:
    column = "shop_agreed" if side_of(by or client, case) == SHOP else "worker_agreed"
    change(case, **{column: True})
    if case.contact.shop_agreed and case.contact.worker_agreed:
        _settle(case)


def fills(case, **more) -> None:
    """The shop has whom it wanted."""
    ends(case)
    change(case, reason="店里已经招满了")


def drops(case, **more) -> None:
    """What it is about may not stand any more."""
    ends(case)
    is_removed = case.contact.post.state == Post.State.REMOVED
    change(case, reason="这条招工已经下架" if is_removed else "这家店换了经营者，不再招了")


def ends(case, **more) -> None:
    """The two may find together anew; nobody waits for their contract any more."""
    change(case, is_open=False)
    _settle(case)
    agreement = Agreement.objects.filter(contact=case.pk).first()
    if agreement is not None:
        settle(agreement, SHOP, WORKER)
