"""What stops a post besides its shop: time, people who wait, the register; and what lets it go on."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.access import record
from businesses.models import Binding, Business
from cases.sweeping import AT_ONCE

from . import telling
from .models import Post
from .posting import FULL, SUSPENDED, held, match_after, save, waiting
from .settings import figure

State = Post.State
OVER = "到了您写的最后一天。"
UNBOUND = "店主和这家店的绑定解除了。"
PASSED_ON = "这家店换了经营者。"
# Open, or open again as soon as its shop is.
RUNS = Q(state=State.OPEN) | Q(state=State.PAUSED, because=SUSPENDED)
DONE = {State.OPEN: "post_resumed", State.PAUSED: "post_paused", State.CLOSED: "post_closed"}  # in the log


@transaction.atomic
def put(rows: QuerySet, state: str, because: str = "") -> list[Post]:
    """Bring ``rows`` to where neither their shops nor staff have brought them; which those are."""
    posts = list(rows.select_for_update(of=("self",)).select_related("business__operator").order_by("pk"))
    for post in posts:
        save(post, state=state, because=because)
        record(None, DONE[state], post.subject, reason=because)
    return posts


def stop_posts(rows: QuerySet, because: str) -> int:
    """Pause those of ``rows`` that run."""
    return len(put(rows.filter(RUNS).exclude(because=because), State.PAUSED, because))


# The register


def follow_shops(sender, changes, **more) -> None:
    """Receiver of facts_changed: posts of a shop that is no longer open wait until it is."""
    shops = [pk for pk, names in changes.items() if "operating_status" in names]
    if not shops:
        return
    closed = Business.objects.filter(pk__in=shops).exclude(operating_status="operating")
    stop_posts(Post.objects.filter(business__in=closed), SUSPENDED)
    again = Post.objects.filter(business__in=shops, business__operating_status="operating")
    again = again.filter(state=State.PAUSED, because=SUSPENDED, until_on__gte=timezone.localdate())
    for post in put(again, State.OPEN):
        match_after(post)


def follow_owners(sender, shops: Iterable[int], passed_on: bool, **more) -> None:
    """Receiver of owner_left: nobody answers for what these shops offer. Whoever had them is told."""
    rows = Post.objects.filter(business__in=shops)
    if passed_on:
        stopped = put(rows.filter(state__in=(State.OPEN, State.PAUSED, State.HELD)), State.CLOSED, PASSED_ON)
    else:
        stopped = put(rows.filter(RUNS), State.PAUSED, UNBOUND)
    by_shop: dict[Business, list[Post]] = {}
    for post in stopped:
        by_shop.setdefault(post.business, []).append(post)
    for shop, posts in by_shop.items():
        had_it = (
            Binding.objects.filter(business=shop).select_related("user").order_by("-ended_at", "-pk").first()
        )
        if had_it is not None:
            telling.of_shop_left(had_it, len(posts), passed_on)


def is_left(business: Business) -> bool:
    """Whether somebody had this shop and nobody has it now."""
    ended = [row.ended_at for row in Binding.objects.filter(business=business)]
    return bool(ended) and all(ended)


# Time


def end_posts(today: date) -> int:
    """Those whose last day is over."""
    rows = Post.objects.filter(state__in=(State.OPEN, State.PAUSED), until_on__lt=today)
    some = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return len(put(rows.filter(pk__in=some), State.CLOSED, OVER)) if some else 0


def pause_the_silent(today: date) -> int:
    """Those of shops that let people wait: nobody more asks until they have answered. Their shops are told."""
    late = waiting(today).order_by().values("post").annotate(count=Count("pk"))
    late = late.filter(count__gte=figure("most_asked"), post__state=State.OPEN)
    return sum(_pause_silent(row["post"], row["count"]) for row in late)


@transaction.atomic
def _pause_silent(pk, count) -> bool:
    held(Post.objects.get(pk=pk))
    stopped = put(Post.objects.open().filter(pk=pk), State.PAUSED, FULL.format(count=count))
    for post in stopped:
        telling.of_post(post, "先停了", post.because)
    return bool(stopped)
