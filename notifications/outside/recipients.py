"""Whether somebody is to be told of something outside the portal, as things stand now, and where.

Asked twice, when messages are gathered and once more before they are sent: in between consent may be taken back, a
policy withdrawn and an aid granted. Who hears at all is said in hearing.py; here is added whether it is still so.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from accounts.models import User
from core.encryption import Sealed
from core.models import forget_editions
from eligibility.holdings import in_the_way_of
from eligibility.models import Holding
from policies.catalogue import catalogue

from .. import hearing
from ..models import Change, ContactPoint, Notification
from ..truth import decisions_on, holds, nothing_can_be_had


class Recipients:
    """What decides on ``pairs`` of (user id, Notification) on ``channels``, read in a number of queries that does not
    grow."""

    def __init__(self, pairs: Iterable[tuple[int, Notification]], channels: Iterable[str]) -> None:
        pairs = list(pairs)
        self.reasons = hearing.reasons(((user, notification.pk) for user, notification in pairs), channels)
        self._read_truth(list({notification.pk: notification for _, notification in pairs}.values()))

    def _read_truth(self, notifications) -> None:
        forget_editions()
        self.known, self.today = catalogue(), timezone.localdate()
        self.benefits = {benefit.pk: benefit for benefit in self.known.benefits.values()}
        self.matches = decisions_on(notifications)
        benefits = {notification.benefit_id for notification in notifications}
        self.in_the_way = {benefit: in_the_way_of(benefit, self.today) for benefit in benefits}
        holding = Holding.objects.live(self.today).filter(
            benefit__any_of=set().union(*self.in_the_way.values())
        )
        shops = {notification.business_id for notification in notifications}
        operators = {notification.operator_id for notification in notifications}
        self.held_by_shop = set(holding.filter(business__any_of=shops).values_list("benefit", "business"))
        by_person = holding.filter(for_person=True, operator__any_of=operators)
        self.held_by_person = set(by_person.values_list("benefit", "operator"))

    def against(self, user_id: int, notification: Notification, channel: str) -> str:
        """Why this person is not told of it there (a key of hearing.REASONS); empty where nothing is against it."""
        # A message may be gone this moment: its shop was taken out of the register.
        return self.reasons.get((user_id, notification.pk, channel), "changed") or self.outdated(notification)

    def outdated(self, notification: Notification) -> str:
        """Why what a message says holds no more; empty where it does."""
        benefit = self.benefits.get(notification.benefit_id)
        has_ended = notification.kind == Change.ENDED
        if nothing_can_be_had(self.known, benefit, self.today):
            return "" if has_ended else "superseded"
        if benefit.in_force_on(self.today).pk != notification.version_id:
            return "superseded"
        if not has_ended and self._is_held(notification):
            return "held"
        if notification.kind == Change.REMINDER and notification.day < self.today:
            return "changed"
        match = self.matches.get((notification.benefit_id, notification.business_id))
        return "" if holds(notification.kind, match.state if match else None) else "changed"

    def _is_held(self, notification):
        """This benefit, or one that it excludes: what keeps a shop from being offered it (eligibility/holdings)."""
        return any(
            (benefit, notification.business_id) in self.held_by_shop
            or (benefit, notification.operator_id) in self.held_by_person
            for benefit in self.in_the_way[notification.benefit_id]
        )


class _Phone(NamedTuple):
    """The columns that a sealed phone is bound to, and itself."""

    pk: int
    phone: Sealed
    phone_index: str
    phone_verified_at: datetime


def addresses_of(users: Iterable[int], channel: str) -> dict[int, Sealed]:
    """``{user id: a phone or an e-mail address that has been proved}``, sealed; nobody who has none."""
    users = list(users)
    if channel == "sms":
        proved = User.objects.filter(pk__any_of=users, phone__isnull=False, phone_verified_at__isnull=False)
        people = map(_Phone._make, proved.values_list(*_Phone._fields))
        return {person.pk: person.phone.belonging_to(person) for person in people}
    reached = ContactPoint.objects.filter(user__any_of=users, channel=channel, address__isnull=False)
    return {reach.user_id: reach.address for reach in reached.exclude(confirmed_at=None)}
