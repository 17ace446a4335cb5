"""Rows of the room: applications and evidence, money, remedies, the audit chain."""

from .audit import AuditEntry, AuditHead
from .bank import BankAnswer
from .cases import Application, CaseFile, Correction, Defect
from .evidence import Evidence
from .money import (
    Envelope,
    Grant,
    Instalment,
    LedgerEntry,
    Offer,
    OfferList,
    Payment,
    PaymentBatch,
    PublicNotice,
)
from .people import Interest, Part, Turn
from .remedies import Appeal, Rating, Recheck, RecheckPick
from .risks import RiskFlag

__all__ = [
    "Appeal",
    "Application",
    "AuditEntry",
    "AuditHead",
    "BankAnswer",
    "CaseFile",
    "Correction",
    "Defect",
    "Envelope",
    "Evidence",
    "Grant",
    "Instalment",
    "Interest",
    "LedgerEntry",
    "Offer",
    "OfferList",
    "Part",
    "Payment",
    "PaymentBatch",
    "PublicNotice",
    "Rating",
    "Recheck",
    "RecheckPick",
    "RiskFlag",
    "Turn",
]
