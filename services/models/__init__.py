"""Rows of the room: what is offered, when, who asked for it, who has to answer, and what was answered to all."""

from .legs import Leg
from .offerings import OFFERINGS_EDITION, Offering, Slot
from .requests import Request, ServiceCase

__all__ = [
    "OFFERINGS_EDITION",
    "Leg",
    "Offering",
    "Request",
    "ServiceCase",
    "Slot",
]
