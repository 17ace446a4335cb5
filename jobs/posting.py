"""What becomes of a post: published, changed, paused, opened, closed; held back where its words want reading."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, F, QuerySet
from django.utils import timezone

from accounts.access import record
from accounts.principals import is_program
from businesses.actions import may
from businesses.models import Business
from cases.transitions import CHANGED_SINCE
from core.errors import Refused

from . import telling
from .models import Contact, JobMatch, Post
from .pairs import matching
from .pairs.requirements import key_of
from .reading import read_post
from .settings import figure, said

State = Post.State
BEFORE = {
    "change": (State.OPEN, State.PAUSED, State.HELD),
    "pause": (State.OPEN,),
    "resume": (State.PAUSED,),
    "close": (State.OPEN, State.PAUSED, State.HELD),
}
MOST_POSTS = 30  # open of one shop
HELD = "里面有“{word}”这样的词，工作人员看过才会发布。"
SUSPENDED = "这家店现在不是正常经营，招工先停着。恢复经营后会接着招。"
MOST = "一家店最多同时招 {most} 样。请先结束招满的。"
OVER = "到了您写的最后一天。"
FULL = "有 {count} 个人问了还没有回。回了他们，就可以接着招。"


def publish(business: Business, raw: Mapping, *, by) -> Post:
    """A new post of a shop. Raises PermissionDenied, Invalid, Refused."""
    _require(by, business)
    values = read_post(raw)
    person, program = (None, {"client": by.client_id}) if is_program(by) else (by, {})
    with transaction.atomic():
        _require_room(business)
        post = Post(business=business, by=person, **values, **_where_it_stands(values))
        post.rule_key = key_of(post.requirements)
        post.save(force_insert=True)
        record(person, "post_published", post.subject, **program)
        match_after(post)
    return post


def _require_room(business) -> None:
    """The shop is open and takes on no more than it may; held, so that two at once are not both the last."""
    row = Business.objects.select_for_update(of=("self",)).get(pk=business.pk)
    if row.operating_status not in (None, "operating"):
        raise Refused(SUSPENDED)
    if Post.objects.open().filter(business=row).count() >= MOST_POSTS:
        raise Refused(MOST.format(most=MOST_POSTS))


def change(post: Post, raw: Mapping, *, by, expected_version: int | None = None) -> Post:
    """What a post says, anew. It is read again where it is held back or its words changed."""
    with transaction.atomic():
        row = _locked(post, by, expected_version)
        if row.state not in BEFORE["change"]:
            raise Refused("这条招工已经结束了。要再招，请另发一条。")
        values = read_post(raw)
        stands = _where_it_stands(values)
        if stands["state"] == State.OPEN and row.state in (State.PAUSED, State.HELD):
            stands = {}  # what held or paused it has not gone
        _save(row, **values, **stands, rule_key=key_of(values["requirements"]))
        match_after(row)
    return row


def _where_it_stands(values) -> dict:
    text = values["title"] + values["words"] + values["place"]
    word = next((word for word in said()["words"] if word in text), None)
    return (
        {"state": State.HELD, "because": HELD.format(word=word)}
        if word
        else {"state": State.OPEN, "because": ""}
    )


def pause(post: Post, *, by, expected_version: int | None = None) -> Post:
    """By whoever offers it, until they open it again."""
    return _go(post, by, expected_version, "pause", State.PAUSED, "您自己停的。")


def resume(post: Post, *, by, expected_version: int | None = None) -> Post:
    """Open again what was paused. Refused where the shop is not open, or too many wait for an answer."""
    _require(by, post.business)
    if (count := unanswered(post, timezone.localdate())) >= figure("most_asked"):
        raise Refused(FULL.format(count=count))
    if post.until_on < timezone.localdate():
        raise Refused("最后一天已经过了，请先改日子。")
    with transaction.atomic():
        _require_room(post.business)
        return _go(post, by, expected_version, "resume", State.OPEN, "")


def close(post: Post, *, by, expected_version: int | None = None) -> Post:
    """No more people are wanted. Who is being talked to stays."""
    return _go(post, by, expected_version, "close", State.CLOSED, "您自己结束的。")


def possible(post: Post) -> list[str]:
    """Which of these lead on from where a post stands."""
    return [verb for verb, before in BEFORE.items() if post.state in before]


def _go(post, by, expected_version, verb, to, because) -> Post:
    with transaction.atomic():
        row = _locked(post, by, expected_version)
        if row.state not in BEFORE[verb]:
            raise Refused(f"这条招工现在是“{row.get_state_display()}”，不能这样办。请刷新页面。")
        _save(row, state=to, because=because)
        match_after(row)
    return row


def _require(by, business) -> None:
    if not may(by, business, "apply"):
        raise PermissionDenied


def _locked(post, by, expected_version) -> Post:
    row = Post.objects.select_for_update(of=("self",)).select_related("business").get(pk=post.pk)
    _require(by, row.business)
    if expected_version is not None and row.version != expected_version:
        raise Refused(CHANGED_SINCE.replace("这一件", "这条招工"))
    return row


def _save(row, **values) -> None:
    for key, value in values.items():
        setattr(row, key, value)
    row.version += 1
    row.save()
    if row.state != State.OPEN:
        JobMatch.objects.filter(post=row).delete()


def match_after(post: Post) -> None:
    """Match it when what was written stands; a post that takes nobody on fits nobody."""
    transaction.on_commit(lambda: matching.match_post(post), robust=True)


# What time and others do


def unanswered(post: Post, today: date) -> int:
    """How many have asked for the work and wait for the shop longer than they should."""
    return _waiting(today).filter(post=post).count()


def _waiting(today) -> QuerySet:
    before = today - timedelta(days=figure("unanswered_days"))
    rows = Contact.objects.open().filter(asked_by=Contact.Side.WORKER, case__state="asked")
    return rows.filter(case__submitted_at__date__lte=before)


def stop_posts(rows, because: str) -> int:
    """Pause those of ``rows`` that are open."""
    posts = list(rows.filter(state=State.OPEN).values_list("pk", flat=True))
    Post.objects.filter(pk__in=posts).update(state=State.PAUSED, because=because, version=F("version") + 1)
    JobMatch.objects.filter(post__in=posts).delete()
    return len(posts)


def follow_shops(sender, changes, **more) -> None:
    """Receiver of facts_changed: posts of a shop that is no longer open wait until it is."""
    shops = [pk for pk, names in changes.items() if "operating_status" in names]
    if not shops:
        return
    closed = Business.objects.filter(pk__in=shops).exclude(operating_status="operating")
    stop_posts(Post.objects.filter(business__in=closed), SUSPENDED)
    again = Post.objects.filter(business__in=shops, business__operating_status="operating", because=SUSPENDED)
    for post in again.filter(state=State.PAUSED, until_on__gte=timezone.localdate()):
        Post.objects.filter(pk=post.pk).update(state=State.OPEN, because="", version=F("version") + 1)
        match_after(post)


def end_posts(today: date) -> int:
    """Those whose last day is over."""
    rows = Post.objects.filter(state__in=(State.OPEN, State.PAUSED), until_on__lt=today)
    JobMatch.objects.filter(post__in=rows).delete()
    return rows.update(state=State.CLOSED, because=OVER, version=F("version") + 1)


def pause_the_silent(today: date) -> int:
    """Those of shops that let people wait: nobody more asks until they have answered. Their shops are told."""
    late = _waiting(today).order_by().values("post").annotate(count=Count("pk"))
    late = late.filter(count__gte=figure("most_asked"), post__state=State.OPEN)
    return sum(_pause_silent(row["post"], row["count"]) for row in late)


@transaction.atomic
def _pause_silent(pk, count) -> bool:
    rows = Post.objects.select_for_update(of=("self",)).select_related("business__operator")
    post = rows.get(pk=pk)
    if post.state != State.OPEN:
        return False
    _save(post, state=State.PAUSED, because=FULL.format(count=count))
    telling.of_post(post, "先停了", post.because)
    return True
