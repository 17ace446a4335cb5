"""政策直通车: what is to be told to whom, because of what, and how far that has come.

Rows written by the hundred thousand (Notification, Outbox) are narrow and without triggers.
"""

from .calendar import CalendarFeed
from .inbox import Change, Notification, OptOut
from .letters import Letter
from .outside import CHANNELS, ChannelState, Choice, ContactPoint, Delivery, DeliveryItem, Outbox, Withheld
from .pushes import EVERYBODY, WITHOUT_OPERATOR, KillSwitch, PushChunk, PushRun, Touched
from .webhooks import WebhookDelivery, WebhookEndpoint

__all__ = [
    "CHANNELS",
    "EVERYBODY",
    "WITHOUT_OPERATOR",
    "CalendarFeed",
    "Change",
    "ChannelState",
    "Choice",
    "ContactPoint",
    "Delivery",
    "DeliveryItem",
    "KillSwitch",
    "Letter",
    "Notification",
    "OptOut",
    "Outbox",
    "PushChunk",
    "PushRun",
    "Touched",
    "WebhookDelivery",
    "WebhookEndpoint",
    "Withheld",
]
