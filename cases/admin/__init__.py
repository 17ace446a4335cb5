"""What belongs to every case, in the admin: appeals, ratings, interests, the audit chain."""

from . import audit, interests, remedies

__all__ = ["audit", "interests", "remedies"]
