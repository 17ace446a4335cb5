"""What becomes of a post: published, changed, paused, opened, closed; held back where its words want reading."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.access import record
from accounts.principals import is_program
from businesses.actions import may
from businesses.models import Business
from cases.transitions import CHANGED_SINCE
from core.errors import Refused

from .models import Contact, JobMatch, Post
from .pairs import matching
from .pairs.requirements import key_of, rewritten
from .reading import read_post
from .settings import figure, said

State = Post.State
BEFORE = {
    "change": (State.OPEN, State.PAUSED, State.HELD),
    "pause": (State.OPEN,),
    "resume": (State.PAUSED,),
    "close": (State.OPEN, State.PAUSED, State.HELD),
}
DONE = {"pause": "post_paused", "resume": "post_resumed", "close": "post_closed"}  # in the log
MOST_POSTS = 30  # open of one shop
HELD = "里面有“{word}”这样的词，工作人员看过才会发布。"
SUSPENDED = "这家店现在不是正常经营，招工先停着。恢复经营后会接着招。"
MOST = "一家店最多同时招 {most} 样。请先结束招满的。"
FULL = "有 {count} 个人问了还没有回。回了他们，就可以接着招。"


def publish(business: Business, raw: Mapping, *, by) -> Post:
    """A new post of a shop. Raises PermissionDenied, Invalid, Refused."""
    _require(by, business)
    values = read_post(raw)
    with transaction.atomic():
        _require_room(business)
        post = Post(
            business=business, by=None if is_program(by) else by, **values, **_where_it_stands(values)
        )
        post.rule_key = key_of(post.requirements)
        post.save(force_insert=True)
        write_down(by, "post_published", post)
        match_after(post)
    return post


def _require_room(business) -> None:
    """The shop is open and takes on no more than it may; held, so that two at once are not both the last."""
    row = Business.objects.select_for_update(of=("self",)).get(pk=business.pk)
    if row.operating_status not in (None, "operating"):
        raise Refused(SUSPENDED)
    if Post.objects.open().filter(business=row).count() >= MOST_POSTS:
        raise Refused(MOST.format(most=MOST_POSTS))


def change(post: Post, raw: Mapping, *, by, expected_version: int | None = None, by_form=False) -> Post:
    """What a post says, anew. It is read again where it is held back or its words changed. ``by_form``: what the form
    cannot draw of its rule stays."""
    with transaction.atomic():
        row = _locked(post, by, expected_version)
        if row.state not in BEFORE["change"]:
            raise Refused("这条招工已经结束了。要再招，请另发一条。")
        values = read_post(raw)
        if by_form:
            values["requirements"] = rewritten(row.requirements, values["requirements"])
        stands = _where_it_stands(values)
        if stands["state"] == State.OPEN and row.state in (State.PAUSED, State.HELD):
            stands = {}  # what held or paused it has not gone
        values |= {**stands, "rule_key": key_of(values["requirements"])}
        changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
        save(row, **values)
        write_down(by, "post_changed", row, fields=changed)
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
        save(row, state=to, because=because)
        write_down(by, DONE[verb], row)
        match_after(row)
    return row


def _require(by, business) -> None:
    if not may(by, business, "apply"):
        raise PermissionDenied


def held(post: Post) -> Post:
    """The post as it stands, held to the end of the transaction, and its shop before it: so does whoever writes to the
    register, whose posts follow."""
    hold_shops([post.business_id])
    return Post.objects.select_for_update(of=("self",)).select_related("business__operator").get(pk=post.pk)


def hold_shops(shops: Iterable[int]) -> None:
    """Until the end of the transaction; nobody waits who only names one of them in a row of theirs."""
    rows = Business.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=shops)
    list(rows.order_by("pk").values_list("pk"))


def _locked(post, by, expected_version) -> Post:
    row = held(post)
    _require(by, row.business)
    if expected_version is not None and row.version != expected_version:
        raise Refused(CHANGED_SINCE.replace("这一件", "这条招工"))
    return row


def save(row: Post, **values) -> None:
    """Set columns of a post that is held; whoever fits a post that takes nobody on is forgotten."""
    for key, value in values.items():
        setattr(row, key, value)
    row.version += 1
    row.save()
    if row.state != State.OPEN:
        JobMatch.objects.filter(post=row).delete()


def write_down(by, action: str, post: Post, **detail) -> None:
    """In the log: who did it, a person or a program; None for time and the register."""
    person, program = (None, {"client": by.client_id}) if is_program(by) else (by, {})
    record(person, action, post.subject, **program, **detail)


def match_after(post: Post) -> None:
    """Match it when what was written stands; a post that takes nobody on fits nobody."""
    transaction.on_commit(lambda: matching.match_post(post), robust=True)


def unanswered(post: Post, today: date) -> int:
    """How many have asked for the work and wait for the shop longer than they should."""
    return waiting(today).filter(post=post).count()


def waiting(today: date) -> QuerySet:
    """Of all posts, who has asked for so long and has no answer."""
    before = today - timedelta(days=figure("unanswered_days"))
    rows = Contact.objects.open().filter(asked_by=Contact.Side.WORKER, case__state="asked")
    return rows.filter(case__submitted_at__date__lte=before)
