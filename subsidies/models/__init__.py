"""Rows of the room: applications, money, rechecks, risks."""

from .application import Application
from .bank import BankAnswer
from .money import (
    COLUMNS,
    Envelope,
    Grant,
    Instalment,
    LedgerEntry,
    Offer,
    OfferList,
    Payment,
    PaymentBatch,
    Proof,
    PublicNotice,
)
from .rechecks import Recheck, RecheckPick
from .risks import RiskFlag

__all__ = [
    "COLUMNS",
    "Application",
    "BankAnswer",
    "Envelope",
    "Grant",
    "Instalment",
    "LedgerEntry",
    "Offer",
    "OfferList",
    "Payment",
    "PaymentBatch",
    "Proof",
    "PublicNotice",
    "Recheck",
    "RecheckPick",
    "RiskFlag",
]
