"""Rows of the room: cases, what proves them, who has a part in them, what comes after, the audit chain."""

from .audit import AuditEntry, AuditHead
from .case import Case, CaseFile, CaseManager, CaseQuerySet, different
from .corrections import Correction, Defect
from .evidence import Evidence, people_of
from .message import Message
from .people import Interest, Part, Turn
from .remedies import Appeal, Rating

__all__ = [
    "Appeal",
    "AuditEntry",
    "AuditHead",
    "Case",
    "CaseFile",
    "CaseManager",
    "CaseQuerySet",
    "Correction",
    "Defect",
    "Evidence",
    "Interest",
    "Message",
    "Part",
    "Rating",
    "Turn",
    "different",
    "people_of",
]
