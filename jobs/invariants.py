"""What must always be so of the labour market, whoever wrote. Each finding names the row."""

from collections.abc import Iterator

from django.db.models import Q

from cases.procedure import CLOSED
from core.invariants import invariant

from .models import Availability, Contact, ContactCase, JobMatch, Post, Worker


@invariant("用工对接开着，正好是办件没有结束的时候")
def contacts_are_open_while_their_cases_are() -> Iterator[str]:
    rows = Contact.objects.filter(
        Q(is_open=True, case__phase=CLOSED) | Q(is_open=False) & ~Q(case__phase=CLOSED)
    )
    yield from (f"用工对接 {pk} 和办件的状态不一致" for pk in rows.order_by().values_list("pk", flat=True))


@invariant("每件用工对接都有对接的两方")
def every_contact_has_its_row() -> Iterator[str]:
    rows = ContactCase.objects.filter(contact=None)
    yield from (f"办件 {pk} 没有对接的两方" for pk in rows.order_by().values_list("pk", flat=True))


@invariant("下架的招工没有人在谈")
def nobody_talks_about_what_was_removed() -> Iterator[str]:
    rows = Contact.objects.open().filter(post__state=Post.State.REMOVED).exclude(case__state="agreed")
    yield from (f"用工对接 {pk} 的招工已经下架" for pk in rows.order_by().values_list("pk", flat=True))


@invariant("没有正常经营的店不在招人")
def only_open_shops_take_people_on() -> Iterator[str]:
    rows = (
        Post.objects.open()
        .exclude(business__operating_status=None)
        .exclude(business__operating_status="operating")
    )
    yield from (f"招工 {pk} 的店没有正常经营" for pk in rows.order_by().values_list("pk", flat=True))


@invariant("排出来的都还在招、还在找")
def only_what_is_open_is_matched() -> Iterator[str]:
    taking_on, looking = (
        Post.objects.filter(state=Post.State.OPEN),
        Worker.objects.filter(state=Worker.State.LOOKING),
    )
    rows = JobMatch.objects.exclude(
        post__in=taking_on, worker__in=looking
    )  # also where one is not there any more
    pairs = rows.order_by().values_list("post", "worker")
    yield from (f"招工 {post} 和找活的人 {worker} 还配着，一方已经停了" for post, worker in pairs)


@invariant("找活的人会做的活和愿去的地方，和查找用的一致")
def availability_follows_the_card() -> Iterator[str]:
    listed: dict[int, set] = {}
    for worker, trade, county in Availability.objects.values_list("worker", "trade", "county"):
        listed.setdefault(worker, set()).add((trade, county))
    for pk, trades, counties in (
        Worker.objects.values_list("pk", "trades", "counties").order_by("pk").iterator()
    ):
        if listed.get(pk, set()) != {(trade, county) for trade in trades for county in counties}:
            yield f"找活的人 {pk} 和查找用的不一致"
