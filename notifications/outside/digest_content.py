"""What goes into the digests of a portion, looked at once more before they go out; letters go out beside them."""

import logging
from collections import Counter, defaultdict
from typing import Protocol
from uuid import UUID

from businesses.models import Operator

from .. import hearing
from ..hearing import OWN_WISH
from ..letters import words_of
from ..models import DeliveryItem, Letter, Notification
from ..wording import Context
from .channels.base import Channel, Message
from .digests import Said
from .preferences import stop_link
from .recipients import Recipients, addresses_of

logger = logging.getLogger(__name__)


class Outgoing(Protocol):
    """What is read of a Delivery to write it."""

    pk: int
    user_id: int
    letter_id: int | None
    channel: str
    key: UUID


class Digests:
    """Of ``deliveries``: ``ready`` with their ``messages`` by id, ``dropped`` with the reason (nothing is left to say),
    ``broken`` {id: problem}, whose words cannot be made. ``withheld``: messages left out, by channel and reason."""

    def __init__(self, channel: Channel, deliveries: list[Outgoing]) -> None:
        self.channel = channel
        self.ready: list[Outgoing] = []
        self.messages: dict[int, Message] = {}
        self.dropped: list[tuple[Outgoing, str]] = []
        self.broken: dict[int, str] = {}
        self.withheld: Counter = Counter()
        self._left_out: list[int] = []
        self._read(deliveries)
        for delivery in deliveries:
            self._sort(delivery)

    def _read(self, deliveries) -> None:
        waiting = [delivery.pk for delivery in deliveries]
        rows = DeliveryItem.objects.filter(delivery__any_of=waiting).order_by("pk")
        self.items = defaultdict(list)
        for item in rows:
            self.items[item.delivery_id].append(item)
        ids = {item.notification_id for item in rows}
        self.notifications = {row.pk: row for row in Notification.objects.filter(pk__any_of=ids)}
        known = [item for item in rows if item.notification_id in self.notifications]
        users = {row.pk: row.user_id for row in deliveries}
        pairs = [(users[item.delivery_id], self.notifications[item.notification_id]) for item in known]
        self.people = Recipients(pairs, [self.channel.name])
        self.letters = Letter.objects.in_bulk({row.letter_id for row in deliveries if row.letter_id})
        told = [(row.user_id, row.letter_id) for row in deliveries if row.letter_id in self.letters]
        self.against_letter = hearing.reasons(told, [self.channel.name], of=Letter)
        self.addresses = addresses_of(users.values(), self.channel.name)
        self.context = Context.of(list(self.notifications.values()), matches=self.people.matches)
        about = [*self.notifications.values(), *self.letters.values()]
        operators = {row.operator_id for row in about}
        self.names = dict(Operator.objects.filter(pk__any_of=operators).values_list("pk", "name"))

    def _sort(self, delivery) -> None:
        if delivery.user_id not in self.addresses:
            self.dropped.append((delivery, "no_address"))
        elif delivery.letter_id:
            self._sort_letter(delivery)
        else:
            self._sort_digest(delivery)

    def _sort_letter(self, delivery) -> None:
        letter, reason = self.letters.get(delivery.letter_id), "changed"
        if letter is not None:
            reason = self.against_letter.get((delivery.user_id, letter.pk, self.channel.name), "changed")
        if reason:
            self.dropped.append((delivery, reason))
        else:
            self._compose(delivery, lambda: self._letter(delivery, letter))

    def _sort_digest(self, delivery) -> None:
        kept, left_out, reason = [], [], ""
        for item in self.items[delivery.pk]:
            message = self.notifications.get(item.notification_id)
            reason = (
                self.people.against(delivery.user_id, message, self.channel.name) if message else "changed"
            )
            if not reason:
                kept.append(message)
                continue
            left_out.append((item.pk, reason))
        self.withheld.update((self.channel.name, reason) for _, reason in left_out if reason not in OWN_WISH)
        if not kept:
            self.dropped.append((delivery, left_out[-1][1] if left_out else ""))
            return
        self._left_out += [pk for pk, _ in left_out]
        self._compose(delivery, lambda: self._message(delivery, kept))

    def _compose(self, delivery, make) -> None:
        try:
            self.messages[delivery.pk] = make()
        except Exception as problem:  # one that cannot be written must not keep the others from arriving
            logger.exception("Delivery %s cannot be written.", delivery.pk)
            self.broken[delivery.pk] = f"内容生成不了（{type(problem).__name__}）"
        else:
            self.ready.append(delivery)

    def _message(self, delivery, notifications):
        said = [Said(row.kind, self.context.words(row)) for row in notifications]
        return self.channel.message(
            str(delivery.key),
            self.addresses[delivery.user_id].reveal(),
            said,
            name=self.names[notifications[0].operator_id],
            stop_url=stop_link(delivery),
        )

    def _letter(self, delivery, letter):
        address = self.addresses[delivery.user_id].reveal()
        return self.channel.letter(
            str(delivery.key), address, words_of(letter), name=self.names.get(letter.operator_id, "")
        )

    def forget_items(self) -> None:
        """What was left out of a digest that goes out is no part of it."""
        DeliveryItem.objects.filter(pk__any_of=self._left_out).delete()
