"""What is told of new work and new people: at most one letter a day to each, in the sweep."""

from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cases.sweeping import AT_ONCE
from notifications import letters as inbox

from .models import JobMatch, Post, Worker


def tell_workers(today: date) -> int:
    """Those for whom there is work that was offered since they last heard; how many."""
    rows = _new(today, "worker__told_at", Q(post__posted_at__gt=F("worker__told_at")), for_worker=True)
    return _tell(rows, "worker", Worker.objects.select_related("user"), _to_worker, today)


def tell_shops(today: date) -> int:
    """Those for whose work there are people who wrote since they last heard; how many posts."""
    rows = _new(today, "post__told_at", Q(worker__said_at__gt=F("post__told_at")), for_post=True)
    return _tell(rows, "post", Post.objects.select_related("business__operator"), _to_shop, today)


def _new(today, told, is_new, **side) -> QuerySet:
    morning = timezone.make_aware(datetime.combine(today, time.min))
    open_now = Q(post__state=Post.State.OPEN, worker__state=Worker.State.LOOKING)
    heard_today = Q(**{f"{told}__gte": morning})
    never = Q(**{f"{told}__isnull": True})
    return JobMatch.objects.filter(open_now, never | is_new, **side).exclude(heard_today)


def _tell(matches, side, rows, write, today) -> int:
    counts = dict(matches.order_by().values_list(side).annotate(count=Count("*"))[:AT_ONCE])
    told = []
    for row in rows.filter(pk__in=counts).order_by("pk"):
        with transaction.atomic():
            write(row, counts[row.pk], today)
            type(row).objects.filter(pk=row.pk).update(told_at=timezone.now())
        told.append(row)
    return len(told)


def _to_worker(worker, count, today) -> None:
    inbox.write(
        user=worker.user,
        key=f"jobs for worker {worker.pk} {today}",
        title=f"有 {count} 份活适合您",
        sentence="按您会做的、愿意去的、想要的工钱排好了，合适在哪里都写着。",
        action_label="去看看",
        action_path=reverse("work"),
    )


def _to_shop(post, count, today) -> None:
    if post.business.operator is None:
        return
    inbox.write(
        operator=post.business.operator,
        business=post.business,
        key=f"people for post {post.pk} {today}",
        title=f"有 {count} 个人适合“{post.title}”",
        sentence="按要的工钱从低到高排好了，可以直接问来不来。",
        action_label="去看看",
        action_path=reverse("post", args=[post.public_id]),
    )
