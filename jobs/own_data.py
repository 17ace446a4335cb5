"""What this room keeps of a person, for their own export and for closing their account (个人信息保护法 §45, §47)."""

from django.db import transaction
from django.db.models import Q

from businesses.models import Binding
from cases.transitions import locked, move
from core import own_data
from core.facts import EARLIEST
from core.money import yuan_of_json

from .models import Agreement, Availability, ContactCase, Post, Report, Worker
from .permissions import asker
from .posting import hold_shops
from .stopping import stop_posts
from .working import stop

LEFT = "对方注销了账户"
NOBODY = "已注销"
NOTHING_KNOWN = {
    "shown_name": NOBODY,
    "born_on": EARLIEST,
    "adult_on": EARLIEST,
    "trades": [],
    "counties": [],
    "experience": None,
    "certificates_yes": 0,
    "certificates_known": 0,
    "has_tools": None,
}


def register() -> None:
    """Called once when the site starts."""
    own_data.register("work", export, erase)


def export(user) -> dict:
    """The card of whoever looks for work, posts of their shops, and contacts of both, instants in ISO spelling."""
    posts = Post.objects.filter(business__in=_shops(user)).order_by("pk")
    return {
        "card": _card(Worker.objects.filter(user=user).first()),
        "posts": [_post(row) for row in posts],
        "contacts": [_contact(row) for row in _contacts(user)],
        "reports": [{"words": row.words, "at": row.at.isoformat()} for row in Report.objects.filter(by=user)],
    }


def _shops(user) -> list[int]:
    return list(Binding.objects.filter(user=user, ended_at=None).values_list("business", flat=True))


def _contacts(user):
    """Their own: not those of shops that somebody entrusted to them, nor of the bureau they work for."""
    own = ContactCase.objects.filter(Q(asker=user) | Q(business__in=_shops(user)))
    return own.select_related("contact__post", "contact__agreement").order_by("pk")


def _card(row) -> dict | None:
    if row is None:
        return None
    return {
        "shown_name": row.shown_name,
        "born_on": row.born_on.isoformat(),
        "trades": row.trade_labels,
        "counties": row.county_labels,
        "from_on": row.from_on.isoformat(),
        "until_on": row.until_on.isoformat(),
        "wants": yuan_of_json(row.wants_fen),
        "state": row.get_state_display(),
    }


def _post(row) -> dict:
    return {
        "title": row.title,
        "words": row.words,
        "trade": row.trade_label,
        "place": row.place_label,
        "pay": yuan_of_json(row.pay_fen),
        "unit": row.get_unit_display(),
        "state": row.get_state_display(),
        "posted_at": row.posted_at.isoformat(),
    }


def _contact(row) -> dict:
    agreement = Agreement.objects.filter(contact=row.pk).first()
    return {
        "number": row.number,
        "post": row.contact.post.title,
        "words": row.contact.words,
        "state": row.stage.owner,
        "agreement": agreement and str(agreement.public_id),
    }


@transaction.atomic
def erase(user) -> None:
    """Nobody finds them any more, what they are talked to about ends, and the card says nothing of them."""
    hold_shops(_shops(user))
    stop_posts(Post.objects.filter(business__in=_shops(user)), "店主注销了账户。")
    for case in _contacts(user).filter(contact__is_open=True):
        row = locked(case)
        verb = "withdraw" if row.state == "asked" and asker(user, row) else "refuse"
        move(row, verb, by=user, **({"reason": LEFT} if verb == "refuse" else {}))
    card = Worker.objects.filter(user=user).first()
    if card is not None:
        stop(card)
        Availability.objects.filter(worker=card).delete()
        Worker.objects.filter(pk=card.pk).update(**NOTHING_KNOWN)
    Report.objects.filter(by=user).delete()
