"""Whether somebody is to be told of something outside the portal, as things stand now.

Asked twice, when messages are gathered and once more before they are sent: in between consent may be taken back, a
policy withdrawn and an aid granted.
"""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from accounts.actions import has_taken_back
from accounts.models import Consent, User
from businesses.models import Binding
from core.encryption import Sealed
from core.models import forget_editions
from eligibility.models import Holding
from policies.catalogue import catalogue

from ..models import Change, Choice, ContactPoint, Letter, Notification, OptOut
from ..truth import decisions_on, holds, nothing_can_be_had
from .delivery_terms import delivery_terms
from .preferences import BAD_ADDRESS

REASONS = {
    "closed": "账户已停用或注销",
    "left": "撤回了使用服务的同意",
    "no_consent": "没有同意推送",
    "unbound": "已解除绑定",
    "no_address": "没有可用的地址",
    "stopped": "停用了这个渠道",
    "not_wanted": "不想在这个渠道收这类消息",
    "dismissed": "不再提醒",
    "superseded": "政策已更新或撤回",
    "held": "已享受或办理中",
    "changed": "情况又有变化",
    "cap": "超过每月条数",
}
# What follows from the person's own settings is not counted as withheld.
OWN_WISH = frozenset({"no_address", "not_wanted"})


class _Person(NamedTuple):
    pk: int
    phone: Sealed | None
    phone_index: str | None
    phone_verified_at: datetime | None
    is_active: bool
    closed_at: datetime | None


class People:
    """Whether and where ``users`` (ids) can be reached, read in a number of queries that does not grow."""

    def __init__(self, users) -> None:
        rows = User.objects.filter(pk__any_of=users)
        rows = rows.values_list("pk", "phone", "phone_index", "phone_verified_at", "is_active", "closed_at")
        self.users = {row.pk: row for row in map(_Person._make, rows)}
        self.left = has_taken_back(users)
        bindings = Binding.objects.filter(user__any_of=users, ended_at=None)
        self.bound = set(bindings.values_list("user", "operator"))
        self.reaches = {
            (reach.user_id, reach.channel): reach for reach in ContactPoint.objects.filter(user__any_of=users)
        }

    def against_letter(self, user_id: int, letter: Letter, channel: str) -> str:
        """Why this person is not told of their case there (a key of REASONS). Who wants no pushes there is told."""
        if reason := self._unreachable(user_id, channel):
            return reason
        if (user_id, letter.operator_id) not in self.bound:
            return "unbound"
        reach = self.reaches.get((user_id, channel))
        return "stopped" if reach is not None and reach.stopped_because == BAD_ADDRESS else ""

    def _unreachable(self, user_id, channel) -> str:
        user = self.users.get(user_id)
        if not self.address(user_id, channel):
            return "no_address"
        if user_id in self.left:
            return "left"
        return "closed" if user is None or not user.is_active or user.closed_at else ""

    def address(self, user_id: int, channel: str):
        """Where to: a Sealed phone or e-mail address that has been proved; None where there is none."""
        if channel == "sms":
            user = self.users.get(user_id)
            return user.phone.belonging_to(user) if user and user.phone and user.phone_verified_at else None
        reach = self.reaches.get((user_id, channel))
        return reach.address if reach and reach.confirmed_at else None


class Recipients(People):
    """What decides on ``pairs`` of (user id, Notification), read in a number of queries that does not grow; ``users``:
    people asked about besides."""

    def __init__(self, pairs, users=()) -> None:
        pairs = list(pairs)
        users = {*users, *(user for user, _ in pairs)}
        super().__init__(users)
        self._read_wishes(users)
        self._read_truth(list({notification.pk: notification for _, notification in pairs}.values()))

    def _read_wishes(self, users) -> None:
        agreed = Consent.objects.filter(user__any_of=users, kind="push", withdrawn_at=None)
        self.agreed = set(agreed.values_list("user", flat=True))
        choices = Choice.objects.filter(user__any_of=users).values_list("user", "channel", "kind", "wanted")
        self.choices = {(user, channel, kind): wanted for user, channel, kind, wanted in choices}

    def _read_truth(self, notifications) -> None:
        forget_editions()
        self.known, self.today = catalogue(), timezone.localdate()
        self.benefits = {benefit.pk: benefit for benefit in self.known.benefits.values()}
        self.matches = decisions_on(notifications)
        operators = {notification.operator_id for notification in notifications}
        self.silences = defaultdict(set)
        silences = OptOut.objects.filter(operator__any_of=operators, ended_at=None)
        for operator, benefit, kind in silences.values_list("operator", "benefit", "kind"):
            self.silences[operator].add((benefit, kind))
        benefits = {notification.benefit_id for notification in notifications}
        held = Holding.objects.live(self.today).filter(benefit__any_of=benefits)
        shops = {notification.business_id for notification in notifications}
        self.held_by_shop = set(held.filter(business__any_of=shops).values_list("benefit", "business"))
        by_person = held.filter(for_person=True, operator__any_of=operators)
        self.held_by_person = set(by_person.values_list("benefit", "operator"))

    def against(self, user_id: int, notification: Notification, channel: str) -> str:
        """Why this person is not told of it there (a key of REASONS); empty where nothing is against it."""
        return self._against_person(user_id, notification, channel) or self.outdated(notification)

    def _against_person(self, user_id, notification, channel):
        if reason := self._unreachable(user_id, channel):
            return reason
        if user_id not in self.agreed:
            return "no_consent"
        if (user_id, notification.operator_id) not in self.bound:
            return "unbound"
        reach = self.reaches.get((user_id, channel))
        if reach is not None and reach.stopped_at:
            return "stopped"
        default = notification.kind in delivery_terms().channels[channel].by_default
        if not self.choices.get((user_id, channel, notification.kind), default):
            return "not_wanted"
        silences = self.silences.get(notification.operator_id, ())
        asked = {
            (benefit, kind)
            for benefit in (None, notification.benefit_id)
            for kind in (None, notification.kind)
        }
        return "" if asked.isdisjoint(silences) else "dismissed"

    def outdated(self, notification: Notification) -> str:
        """Why what a message says holds no more; empty where it does."""
        benefit = self.benefits.get(notification.benefit_id)
        has_ended = notification.kind == Change.ENDED
        if nothing_can_be_had(self.known, benefit, self.today):
            return "" if has_ended else "superseded"
        if benefit.in_force_on(self.today).pk != notification.version_id:
            return "superseded"
        of_shop = (notification.benefit_id, notification.business_id)
        of_person = (notification.benefit_id, notification.operator_id)
        if not has_ended and (of_shop in self.held_by_shop or of_person in self.held_by_person):
            return "held"
        if notification.kind == Change.REMINDER and notification.day < self.today:
            return "changed"
        match = self.matches.get(of_shop)
        return "" if holds(notification.kind, match.state if match else None) else "changed"
