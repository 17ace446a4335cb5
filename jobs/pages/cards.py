"""Posts and workers as lists show them. No name of a person, no phone."""

from datetime import date

from django.urls import reverse

from core.money import yuan_text

from ..models import Post, Worker
from ..pairs import conditions
from ..settings import said


def pay_of(post: Post) -> str:
    return f"{said()['pay'][post.unit]['label']} {yuan_text(post.pay_fen)} 元"


def dates_of(row) -> str:
    first, last = row.from_on, row.until_on
    end = f"{last.month} 月 {last.day} 日"
    year = "" if first.year == last.year else f"{last.year} 年 "
    return f"{first.month} 月 {first.day} 日到 {year}{end}"


def post_card(post: Post, worker: Worker | None, today: date) -> dict:
    """``{url, title, trade, place, when, pay, extras, people, shop, lacks, fits}``; the last two where somebody
    looks."""
    lacks = conditions.lacking(conditions.reasons(post, worker, today)) if worker else ""
    extras = [
        words
        for words, there in (("包吃", post.meals), ("包住", post.lodging), ("夜班", post.night))
        if there
    ]
    return {
        "url": reverse("post", args=[post.public_id]),
        "title": post.title,
        "trade": post.trade_label,
        "place": post.place_label,
        "when": dates_of(post),
        "pay": pay_of(post),
        "extras": "、".join(extras),
        "people": post.people,
        "shop": post.business.name,
        "state": post.get_state_display(),
        "because": post.because,
        "lacks": lacks,
        "fits": worker is not None and not lacks,
    }


def worker_card(worker: Worker, post: Post, today: date) -> dict:
    """Somebody who fits a post, as its shop sees them: ``{pk, name, lines}``."""
    found = conditions.reasons(post, worker, today)
    return {
        "pk": worker.pk,
        "name": worker.shown_name,
        "wants": yuan_text(worker.wants_fen),
        "experience": worker.experience or 0,
        "reasons": [reason.sentence for reason in found if reason.key in ("dates", "days", "rule")],
    }
